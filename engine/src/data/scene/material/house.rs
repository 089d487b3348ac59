//! Walls, windows, shops and roofs.

use super::{Facade, Heat, Look, matt};
use crate::data::scene::arithmetic::{lattice, noise2};
use crate::data::scene::vector::{Vec3, v};
use crate::data::scene::weather::Weather;

/// What a window-covered wall shows at one point.
enum Wall {
    Roof,
    Plain,
    Trim,
    Glass { room: u32, high: f32 },
    ShopGlass { room: u32 },
    ShopSign,
}

fn wall_at(facade: &Facade, p: Vec3, n: Vec3) -> Wall {
    if n.y > 0.3 || p.y > facade.eaves + 0.02 {
        return Wall::Roof;
    }
    let side = if n.x.abs() > n.z.abs() { p.z } else { p.x + 3.3 } + 400.0;
    let column = (side / facade.bay).floor();
    let a = side / facade.bay - column;
    let first = if facade.shop.is_some() { 3.7 } else { 0.4 };
    if p.y > facade.eaves - 0.35 {
        return Wall::Trim;
    }
    let room = |level: i32| (lattice(column as i32, level, 0, facade.salt) * 65_536.0) as u32;
    if p.y < first {
        if facade.shop.is_none() {
            return Wall::Trim;
        }
        let shop = (side / (facade.bay * 2.0)).floor();
        let b = side / (facade.bay * 2.0) - shop;
        let room = (lattice(shop as i32, 900, 0, facade.salt) * 65_536.0) as u32;
        return if p.y > 2.75 && p.y < 3.45 && b > 0.06 && b < 0.94 {
            Wall::ShopSign
        } else if p.y > 0.45 && p.y < 2.6 && b > 0.08 && b < 0.92 && (b - 0.62).abs() > 0.02 {
            Wall::ShopGlass { room }
        } else {
            Wall::Trim
        };
    }
    let level = ((p.y - first) / facade.storey).floor();
    let b = (p.y - first) / facade.storey - level;
    let (wide, high) = facade.window;
    let (da, db) = ((a - 0.5).abs() - wide * 0.5, (b - 0.52).abs() - high * 0.5);
    if da < 0.0 && db < 0.0 && (level + 1.0) * facade.storey + first < facade.eaves {
        let bar = (a - 0.5).abs() < 0.018 || da > -0.025 || db > -0.03;
        return if bar { Wall::Trim } else { Wall::Glass { room: room(level as i32), high: b } };
    }
    if db > 0.0 && db < 0.05 && da < 0.03 && b < 0.5 {
        return Wall::Trim;
    }
    Wall::Plain
}

fn lit_colour(room: u32) -> Vec3 {
    match room % 5 {
        0 => v(0.17, 0.15, 0.12),
        1 => v(0.10, 0.12, 0.15),
        _ => v(0.20, 0.135, 0.06),
    }
}

pub(super) fn house_look(facade: &Facade, p: Vec3, n: Vec3, weather: &Weather) -> Look {
    let stain = noise2(p.y * 0.5 + p.z * 0.13, (p.x + p.z) * 0.4, facade.salt);
    match wall_at(facade, p, n) {
        Wall::Roof => {
            let rows = if (p.y * 3.0 + 90.0) % 1.0 < 0.3 && n.y < 0.95 { 0.82 } else { 1.0 };
            matt(facade.roof * (0.85 + 0.3 * stain) * rows)
        }
        Wall::Plain => {
            let mut tone = 0.86 + 0.26 * stain;
            if facade.brick {
                let row = (p.y / 0.22).floor();
                let brick = ((p.x + p.z + row * 0.3) / 0.6).floor();
                tone *= 0.82 + 0.32 * lattice(brick as i32, row as i32, 8, facade.salt);
            }
            matt(facade.wall * tone)
        }
        Wall::Trim => matt(facade.trim),
        Wall::Glass { room, high } => {
            let curtain = room % 3 == 0 && high > 0.4;
            let albedo = if curtain { Vec3::all(0.42) } else { v(0.035, 0.045, 0.055) };
            let lit = weather.night && (room as f32) < facade.lit * 65_536.0;
            let emission = if lit { lit_colour(room / 7) * if curtain { 0.6 } else { 1.0 } } else { Vec3::default() };
            Look { albedo, emission, gloss: 0.5 }
        }
        Wall::ShopGlass { room } => {
            let lit = weather.night && room % 10 < 6;
            let goods = noise2(p.y * 2.4, (p.x + p.z) * 1.6, facade.salt ^ 0x15);
            let emission = if lit { lit_colour(room / 7) * (0.4 + 1.2 * goods) } else { Vec3::default() };
            Look { albedo: Vec3::all(0.03 + 0.12 * goods * goods), emission, gloss: 0.4 }
        }
        Wall::ShopSign => {
            let colour = facade.shop.unwrap_or_default();
            let letters =
                (p.y - 3.1).abs() < 0.17 && lattice(((p.x + p.z) * 3.2).floor() as i32, 0, 5, facade.salt) > 0.45;
            let albedo = if letters { Vec3::all(0.8) } else { colour };
            let glows = weather.night && !facade.salt.is_multiple_of(3);
            Look { albedo, emission: if glows { albedo * 0.12 } else { Vec3::default() }, gloss: 0.03 }
        }
    }
}

pub(super) fn house_heat(facade: &Facade, p: Vec3, n: Vec3, weather: &Weather) -> Heat {
    let base = weather.air + facade.warmth;
    match wall_at(facade, p, n) {
        Wall::Roof => Heat { celsius: weather.air - 1.0, emissivity: 0.92, absorption: 0.8 },
        Wall::Glass { room, .. } => {
            let heated = if (room as f32) < facade.lit * 65_536.0 { 2.4 } else { 0.6 };
            Heat { celsius: base + heated, emissivity: 0.87, absorption: 0.1 }
        }
        Wall::ShopGlass { .. } => Heat { celsius: base + 2.2, emissivity: 0.87, absorption: 0.1 },
        Wall::Plain | Wall::Trim | Wall::ShopSign => {
            let damp = noise2(p.y * 0.4, (p.x + p.z) * 0.3, facade.salt ^ 0x1f) - 0.5;
            Heat { celsius: base + 1.2 * damp, emissivity: 0.94, absorption: 0.55 }
        }
    }
}
