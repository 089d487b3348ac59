//! Composes a street: plan, houses, trees, lamps, traffic and people, all thrown from one stream.

mod character;
mod houses;
mod traffic;

use self::character::{Character, Houses};
use self::houses::{close_the_view, line_with_houses};
use self::traffic::{bicycles, drive, park, people, roadworks};
use super::actors::{add_hedge, add_sign, add_street_lamp, add_traffic_light, add_tree, turned};
use super::arithmetic::Dice;
use super::camera::Camera;
use super::ground::{Ground, Verge};
use super::vector::v;
use super::weather::Weather;
use super::world::World;

/// Throws a whole scene and the camera that looks at it.
pub fn compose(night: bool, dice: &mut Dice) -> (World, Camera) {
    let weather = Weather::throw(night, dice);
    let (ground, character) = plan(dice);
    let mut world = World { ground, objects: Vec::new(), lamps: Vec::new(), contacts: Vec::new(), weather };
    let camera = place_camera(&world, dice);
    for side in 0..2 {
        line_with_houses(&mut world, &character, side, dice);
        plant(&mut world, &character, side, dice);
        furnish(&mut world, side, dice);
        park(&mut world, side, dice);
    }
    close_the_view(&mut world, dice);
    drive(&mut world, &camera, dice);
    people(&mut world, &camera, dice);
    bicycles(&mut world, &camera, dice);
    roadworks(&mut world, &camera, dice);
    (world, camera)
}

fn plan(dice: &mut Dice) -> (Ground, Character) {
    let style = dice.count(0, 3);
    let (houses, verge): ([Houses; 2], [Verge; 2]) = match style {
        0 | 1 => ([Houses::Terraced; 2], [Verge::Paved; 2]),
        2 => ([Houses::Detached; 2], [Verge::Grass; 2]),
        _ => ([Houses::Terraced, Houses::None], [Verge::Paved, Verge::Grass]),
    };
    let swap = dice.chance(0.5);
    let order = |pair: [usize; 2]| if swap { [pair[1], pair[0]] } else { pair };
    let order = order([0, 1]);
    let bays = if dice.chance(0.45) { 2.1 } else { 0.0 };
    let half_road = dice.range(3.0, 4.2) + bays;
    let side_street = dice.chance(0.4).then(|| (dice.range(17.0, 38.0), dice.range(2.8, 4.0)));
    let pavement = dice.range(2.0, 4.0);
    let mut zebras = Vec::new();
    if dice.chance(0.5) {
        zebras.push(side_street.map_or_else(|| dice.range(7.0, 20.0), |(middle, half)| middle - half - 4.5));
    }
    let asphalt = v(0.105, 0.105, 0.112) * dice.range(0.65, 1.35);
    let slabs = dice.pick(&[v(0.36, 0.34, 0.31), v(0.40, 0.32, 0.26), v(0.31, 0.31, 0.33), v(0.42, 0.39, 0.33)]);
    let grass = dice.pick(&[v(0.10, 0.19, 0.035), v(0.13, 0.21, 0.05), v(0.09, 0.15, 0.04)]);
    let ground = Ground {
        bend: dice.range(-0.0035, 0.0035),
        half_road,
        pavement,
        verges: [verge[order[0]], verge[order[1]]],
        side_street,
        zebras,
        lines: (dice.chance(0.75), dice.chance(0.4)),
        bays,
        paints: [asphalt, slabs * dice.range(0.85, 1.1), grass],
        slab: dice.range(0.5, 1.1),
        salt: dice.salt(),
    };
    let houses = [houses[order[0]], houses[order[1]]];
    let setback = houses.map(|kind| if kind == Houses::Detached { dice.range(4.0, 7.0) } else { 0.0 });
    let trees = houses.map(|kind| match kind {
        Houses::Terraced => dice.pick(&[0.0, 0.35, 0.7]),
        Houses::Detached => dice.range(0.4, 0.8),
        Houses::None => dice.range(0.7, 1.0),
    });
    (ground, Character { houses, setback, trees })
}

fn place_camera(world: &World, dice: &mut Dice) -> Camera {
    let ground = &world.ground;
    let lane = (ground.half_road - ground.bays) * 0.5;
    let u = match dice.count(0, 9) {
        0 => ground.half_road + ground.pavement * 0.4,
        1 => -ground.half_road - ground.pavement * 0.4,
        2 => -lane,
        _ => lane + dice.range(-0.5, 0.3),
    };
    let yaw = if u.abs() > ground.half_road { u * -0.012 } else { 0.0 } + dice.range(-0.05, 0.05);
    let origin = v(u, dice.range(1.3, 1.85), 0.0);
    let speed = if u.abs() > ground.half_road { dice.range(0.6, 1.6) } else { dice.range(2.0, 11.0) };
    Camera::new(origin, turned(v(0.0, 0.0, 1.0), yaw), dice.range(-0.07, 0.015), speed, dice.range(-0.12, 0.12))
}

fn plant(world: &mut World, character: &Character, side: usize, dice: &mut Dice) {
    let sign = side as f32 * 2.0 - 1.0;
    let edge = world.ground.half_road + world.ground.pavement;
    let kind = character.houses[side];
    let mut z = dice.range(4.0, 12.0);
    while z < 75.0 {
        if dice.chance(character.trees[side]) && !world.ground.is_open(z, 1.0) {
            let u = match kind {
                Houses::Terraced => world.ground.half_road + 0.7,
                Houses::Detached => edge + dice.range(1.0, 3.5),
                Houses::None => edge + dice.range(0.8, 9.0),
            };
            let at = world.ground.point(sign * u, z);
            add_tree(world, at, dice);
        }
        if kind != Houses::Terraced && !world.ground.is_open(z, 4.0) {
            if dice.chance(0.45) {
                let (at, heading) = (world.ground.point(sign * (edge + 0.5), z + 2.0), world.ground.heading(z));
                let length = dice.range(2.5, 5.5);
                add_hedge(world, at, heading, length, dice);
            } else if dice.chance(0.5) {
                let at = world.ground.point(sign * (edge + dice.range(1.0, 6.0)), z + 1.0);
                add_hedge(world, at, v(0.0, 0.0, 1.0), 0.0, dice);
            }
        }
        z += dice.range(6.0, 11.0) * if kind == Houses::None { 0.6 } else { 1.0 };
    }
    // A park ends in a row of trees.
    if kind == Houses::None {
        for step in 0..12 {
            let at = world.ground.point(sign * (edge + dice.range(13.0, 24.0)), 8.0 + step as f32 * 8.0);
            add_tree(world, at, dice);
        }
    }
}

fn furnish(world: &mut World, side: usize, dice: &mut Dice) {
    let sign = side as f32 * 2.0 - 1.0;
    let kerb = world.ground.half_road + 0.45;
    let warm = world.ground.salt.is_multiple_of(3);
    let spacing = dice.range(17.0, 25.0);
    let mut z = dice.range(5.0, 16.0) + if side == 0 { spacing * 0.5 } else { 0.0 };
    while z < 90.0 {
        if !world.ground.is_open(z, -1.5) {
            let (at, heading) = (world.ground.point(sign * kerb, z), world.ground.heading(z));
            let inwards = v(-sign * heading.z, 0.0, sign * heading.x);
            add_street_lamp(world, at, inwards, warm, dice);
        }
        z += spacing;
    }
    for _ in 0..dice.count(1, 3) {
        let z = dice.range(6.0, 32.0);
        if world.ground.is_open(z, -1.0) {
            continue;
        }
        let at = world.ground.point(sign * (kerb + dice.range(0.0, 0.4)), z);
        let facing = world.ground.heading(z) * if sign > 0.0 || dice.chance(0.6) { -1.0 } else { 1.0 };
        add_sign(world, at, turned(facing, dice.range(-0.08, 0.08)), dice);
    }
    if let Some((middle, half)) = world.ground.side_street
        && dice.chance(0.6)
    {
        let z = middle - half - 0.9;
        let at = world.ground.point(sign * kerb, z);
        let facing = world.ground.heading(z) * -1.0;
        add_traffic_light(world, at, facing, dice);
    }
}
