//! Who uses a street: parked and moving cars, people, bicycles, roadworks.

use crate::data::scene::actors::{add_bicycle, add_car, add_cone, add_person, turned};
use crate::data::scene::arithmetic::Dice;
use crate::data::scene::camera::Camera;
use crate::data::scene::vector::{Vec3, v};
use crate::data::scene::world::World;

pub(super) fn park(world: &mut World, side: usize, dice: &mut Dice) {
    let sign = side as f32 * 2.0 - 1.0;
    let density = if world.ground.bays > 0.0 { dice.range(0.4, 0.85) } else { dice.range(0.0, 0.3) };
    let u = world.ground.half_road - 1.05;
    let mut z = dice.range(5.0, 11.0);
    while z < 70.0 {
        let at_zebra = world.ground.zebras.iter().any(|&start| (z - start - 1.0).abs() < 6.5);
        if dice.chance(density) && !world.ground.is_open(z, 2.0) && !at_zebra {
            let at = world.ground.point(sign * (u + dice.range(-0.12, 0.12)), z);
            let heading = turned(world.ground.heading(z), dice.range(-0.015, 0.015));
            let forward = heading * if sign > 0.0 || dice.chance(0.2) { 1.0 } else { -1.0 };
            add_car(world, at, forward, 0.0, false, dice);
        }
        z += dice.range(5.7, 6.6);
    }
}

pub(super) fn drive(world: &mut World, camera: &Camera, dice: &mut Dice) {
    let lane = (world.ground.half_road - world.ground.bays) * 0.5;
    let mut z = camera.origin.z + dice.range(9.0, 16.0);
    for _ in 0..dice.count(0, 2) {
        let at = world.ground.point(lane + dice.range(-0.2, 0.2), z);
        let forward = world.ground.heading(z);
        let speed = dice.range(0.0, 12.0);
        add_car(world, at, forward, speed, true, dice);
        z += dice.range(10.0, 22.0);
    }
    let mut z = dice.range(9.0, 26.0);
    for _ in 0..dice.count(0, 2) {
        let at = world.ground.point(-lane + dice.range(-0.2, 0.2), z);
        let forward = world.ground.heading(z) * -1.0;
        let speed = dice.range(0.0, 12.0);
        let blocks_view = (at.x - camera.origin.x).abs() < 1.6 && z < 14.0;
        if !blocks_view {
            add_car(world, at, forward, speed, true, dice);
        }
        z += dice.range(11.0, 22.0);
    }
    if let Some((middle, half)) = world.ground.side_street
        && dice.chance(0.6)
    {
        let way = dice.sign();
        let at = world.ground.point(dice.range(-9.0, 9.0), middle - way * half * 0.5);
        let speed = dice.range(0.0, 9.0);
        add_car(world, at, v(way, 0.0, 0.0), speed, true, dice);
    }
}

/// A distance ahead where things are neither huge nor too small to see.
fn ahead(dice: &mut Dice, near: f32, far: f32) -> f32 {
    let share = dice.unit();
    near + (far - near) * share * share
}

fn is_free(world: &World, at: Vec3, reach: f32) -> bool {
    world.contacts.iter().all(|contact| {
        let away = at - contact.position;
        let f = contact.forward;
        let side = (away.x * f.z - away.z * f.x).abs();
        let along = (away.x * f.x + away.z * f.z).abs();
        side > contact.half.0 + reach || along > contact.half.1 + reach
    })
}

pub(super) fn people(world: &mut World, camera: &Camera, dice: &mut Dice) {
    let ground = world.ground.clone();
    for _ in 0..dice.count(3, 8) {
        let z = camera.origin.z + ahead(dice, 4.5, 27.0);
        let crossing = ground.zebras.first().filter(|_| dice.chance(0.5)).copied();
        let (u, z, forward) = if let Some(start) = crossing {
            let way = dice.sign();
            (dice.range(-1.0, 1.0) * ground.half_road, start + dice.range(0.5, 2.5), v(way, 0.0, 0.0))
        } else if dice.chance(0.16) {
            (dice.range(-1.0, 1.0) * ground.half_road, z, v(dice.sign(), 0.0, 0.0))
        } else {
            let u = dice.sign() * (ground.half_road + dice.range(0.5, ground.pavement - 0.2));
            (u, z, ground.heading(z) * dice.sign())
        };
        let forward = turned(forward, dice.range(-0.15, 0.15));
        let at = ground.point(u, z);
        let speed = if dice.chance(0.75) { dice.range(0.8, 1.7) } else { 0.0 };
        if !is_free(world, at, 0.35) {
            continue;
        }
        add_person(world, at, forward, speed, dice);
        if dice.chance(0.3) {
            let beside = at + v(forward.z, 0.0, -forward.x) * 0.62;
            add_person(world, beside, forward, speed, dice);
        }
    }
}

pub(super) fn bicycles(world: &mut World, camera: &Camera, dice: &mut Dice) {
    let ground = world.ground.clone();
    for _ in 0..dice.count(1, 3) {
        let z = camera.origin.z + ahead(dice, 4.5, 17.0);
        let side = dice.sign();
        // Parked: in a row at the kerb or along the wall, mostly seen from the side.
        let u = side * (ground.half_road + if dice.chance(0.5) { 0.7 } else { ground.pavement - 0.5 });
        let across = dice.chance(0.6);
        let heading = ground.heading(z);
        let forward = if across { v(heading.z, 0.0, -heading.x) * side } else { heading * dice.sign() };
        for number in 0..dice.count(1, 3) {
            let shift = if across { 0.75 } else { 1.9 } * number as f32;
            let at = ground.point(u, z + shift);
            if is_free(world, at, 0.3) {
                add_bicycle(world, at, turned(forward, dice.range(-0.2, 0.2)), 0.0, dice);
            }
        }
    }
    if dice.chance(0.55) {
        let z = camera.origin.z + ahead(dice, 6.0, 18.0);
        let (u, forward) = if dice.chance(0.5) {
            (dice.range(-1.0, 1.0) * ground.half_road, v(dice.sign(), 0.0, dice.range(-0.3, 0.3)).unit())
        } else {
            let side = dice.sign();
            (side * (ground.half_road - ground.bays - 0.8), ground.heading(z) * side)
        };
        let at = ground.point(u, z);
        if is_free(world, at, 0.5) {
            let speed = dice.range(2.5, 5.5);
            add_bicycle(world, at, forward, speed, dice);
        }
    }
}

pub(super) fn roadworks(world: &mut World, camera: &Camera, dice: &mut Dice) {
    if !dice.chance(0.62) {
        return;
    }
    let ground = world.ground.clone();
    let count = dice.count(3, 7);
    let mut z = camera.origin.z + dice.range(4.5, 9.0);
    let side = dice.sign();
    let mut u = side * (ground.half_road - dice.range(0.3, 1.0));
    let lean = -side * dice.range(0.0, 0.35);
    for _ in 0..count {
        let at = ground.point(u, z);
        if is_free(world, at, 0.3) {
            add_cone(world, at, dice);
        }
        z += dice.range(1.3, 2.6);
        u += lean;
    }
}
