//! The paint, lamps and glass of cars, and where they are warm.

use super::{CarPaint, Heat, Look, matt, surroundings};
use crate::data::scene::arithmetic::{mix, smooth};
use crate::data::scene::vector::{Vec3, v};
use crate::data::scene::weather::Weather;

pub(super) fn body_look(car: &CarPaint, p: Vec3, n: Vec3, weather: &Weather) -> Look {
    let near_axle = |axle: f32| {
        let (y, z) = (p.y - car.wheel, p.z - axle);
        y * y + z * z < (car.wheel + 0.07) * (car.wheel + 0.07)
    };
    if n.x.abs() > 0.6 && (near_axle(car.axles.0) || near_axle(car.axles.1)) || p.y < 0.32 {
        return matt(Vec3::all(0.015));
    }
    let lamp_height = (0.54..0.74).contains(&p.y) && p.x.abs() > car.half_width * 0.58;
    if n.z > 0.5 {
        if lamp_height {
            let lit = weather.night && car.running;
            let emission = if lit { v(9.0, 8.6, 7.6) } else { Vec3::default() };
            return Look { albedo: Vec3::all(0.75), emission, gloss: 0.3 };
        }
        if p.x.abs() < car.half_width * 0.5 && (0.42..0.70).contains(&p.y) {
            let plate = p.x.abs() < 0.26 && p.y < 0.54;
            return matt(Vec3::all(if plate { 0.65 } else { 0.03 }));
        }
    }
    if n.z < -0.5 {
        if (0.62..0.88).contains(&p.y) && p.x.abs() > car.half_width * 0.66 {
            let lit = weather.night && car.running;
            let emission = if lit { v(0.9, 0.03, 0.02) } else { Vec3::default() };
            return Look { albedo: v(0.42, 0.015, 0.015), emission, gloss: 0.1 };
        }
        if p.x.abs() < 0.26 && (0.5..0.62).contains(&p.y) {
            return matt(v(0.7, 0.66, 0.4));
        }
        if p.y < 0.46 {
            return matt(Vec3::all(0.04));
        }
    }
    let seam = n.x.abs() > 0.6 && ((p.z - 0.75).abs() < 0.02 || (p.z + 0.3).abs() < 0.02 || (p.z + 1.1).abs() < 0.02);
    let sill = if n.x.abs() > 0.6 && p.y < 0.42 { 0.5 } else { 1.0 };
    Look { gloss: 0.16, ..matt(car.colour * if seam { 0.45 } else { sill }) }
}

/// Whether a point of the cabin is a window, not a pillar or the roof.
pub(super) fn is_car_glass(car: &CarPaint, p: Vec3, n: Vec3) -> bool {
    if n.y > 0.85 || p.y < car.belt + 0.04 {
        return false;
    }
    if n.x.abs() > 0.6 {
        return (p.z + 0.32).abs() > 0.05 && (p.z - 0.9).abs() > 0.03;
    }
    p.x.abs() < car.half_width * 0.86
}

pub(super) fn cabin_look(car: &CarPaint, p: Vec3, n: Vec3) -> Look {
    if is_car_glass(car, p, n) {
        return Look { gloss: 0.45, ..matt(v(0.022, 0.026, 0.03)) };
    }
    Look { gloss: 0.16, ..matt(car.colour) }
}

pub(super) fn body_heat(car: &CarPaint, p: Vec3, n: Vec3, weather: &Weather) -> Heat {
    let front = p.z / car.half_length;
    if !car.running {
        let celsius = if p.y < 0.6 { mix(weather.air, surroundings(weather), 0.7) } else { weather.air - 0.4 };
        return Heat { celsius, emissivity: 0.9, absorption: 0.5 };
    }
    let engine = smooth(0.15, 0.75, front) * 17.0;
    let grille = if n.z > 0.5 && p.y < 0.75 { 9.0 } else { 0.0 };
    let exhaust = if n.z < -0.5 && p.y < 0.5 { 14.0 } else { 0.0 };
    let arch = [car.axles.0, car.axles.1].map(|axle| smooth(0.75, 0.3, (p.z - axle).abs()) * smooth(0.9, 0.5, p.y));
    let celsius = weather.air + 3.5 + engine + grille + exhaust + 5.0 * (arch[0] + arch[1]);
    Heat { celsius, emissivity: 0.93, absorption: 0.4 }
}
