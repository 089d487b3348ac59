//! Composes a street: plan, houses, trees, lamps, traffic and people, all thrown from one stream.

use super::actors::{
    add_bicycle, add_car, add_cone, add_hedge, add_person, add_sign, add_street_lamp, add_traffic_light, add_tree,
    turned,
};
use super::arithmetic::Dice;
use super::camera::Camera;
use super::class::Class;
use super::ground::{Ground, Verge};
use super::material::{Facade, Skin};
use super::shape::{Plane, Shape};
use super::vector::{Vec3, v};
use super::weather::Weather;
use super::world::{Object, Part, World};

/// What a street is like, beside its plan.
struct Character {
    /// Left and right.
    houses: [Houses; 2],
    /// Metres from the pavement to the walls.
    setback: [f32; 2],
    /// Chance of a tree at each place for one.
    trees: [f32; 2],
}

#[derive(Clone, Copy, PartialEq)]
enum Houses {
    Terraced,
    Detached,
    None,
}

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

fn facade(dice: &mut Dice, storeys: f32, terraced: bool, night: bool) -> Facade {
    let wall = dice.pick(&[
        v(0.46, 0.19, 0.12),
        v(0.36, 0.15, 0.10),
        v(0.66, 0.60, 0.48),
        v(0.70, 0.68, 0.64),
        v(0.60, 0.46, 0.26),
        v(0.40, 0.41, 0.43),
        v(0.62, 0.44, 0.36),
        v(0.44, 0.50, 0.50),
        v(0.52, 0.52, 0.40),
        v(0.28, 0.25, 0.23),
    ]);
    let storey = dice.range(2.8, 3.4);
    let shop = (terraced && dice.chance(0.5)).then(|| {
        dice.pick(&[
            v(0.5, 0.05, 0.04),
            v(0.03, 0.16, 0.34),
            v(0.04, 0.26, 0.12),
            v(0.55, 0.35, 0.04),
            v(0.05, 0.05, 0.06),
        ])
    });
    let modern = terraced && dice.chance(0.2);
    Facade {
        wall,
        trim: dice.pick(&[v(0.62, 0.60, 0.56), v(0.34, 0.32, 0.30), v(0.20, 0.19, 0.19), v(0.72, 0.71, 0.68)]),
        roof: dice.pick(&[v(0.26, 0.10, 0.07), v(0.12, 0.12, 0.13), v(0.20, 0.17, 0.15), v(0.30, 0.14, 0.09)]),
        bay: if modern { dice.range(1.6, 2.2) } else { dice.range(2.2, 3.4) },
        storey,
        window: if modern { (0.88, 0.66) } else { (dice.range(0.38, 0.58), dice.range(0.48, 0.66)) },
        shop,
        brick: wall.x > wall.y * 2.0,
        lit: if night { dice.range(0.1, 0.45) } else { 0.3 },
        eaves: storeys * storey + if shop.is_some() { 3.7 } else { 0.8 },
        warmth: dice.range(0.2, 2.2),
        salt: dice.salt(),
    }
}

/// Adds a house whose street front lies `near` metres from the street's middle line.
#[allow(clippy::too_many_arguments, reason = "each is one throw of the street; a struct would only rename them")]
fn add_house(
    world: &mut World,
    side: f32,
    near: f32,
    z: f32,
    length: f32,
    facade: Facade,
    gable: bool,
    dice: &mut Dice,
) {
    let depth = if gable { 8.0 } else { 11.0 };
    let at = world.ground.point(side * (near + depth * 0.5), z);
    let forward = world.ground.heading(z);
    let (x, half) = (depth * 0.5, length * 0.5);
    let house = |shape| Part { shape, skin: Skin::House(facade), class: Class::Building };
    let mut parts = vec![house(Shape::Block { low: v(-x, 0.0, -half), high: v(x, facade.eaves, half) })];
    if gable {
        let ridge = facade.eaves + depth * dice.range(0.28, 0.42);
        let eaves = facade.eaves;
        let slope = ridge - eaves;
        // The ridge runs along the street; the roof hangs over a little.
        let planes = vec![
            Plane::through(v(x + 0.3, eaves, 0.0), v(slope, x + 0.3, 0.0)),
            Plane::through(v(-x - 0.3, eaves, 0.0), v(-slope, x + 0.3, 0.0)),
            Plane::through(v(0.0, eaves, 0.0), v(0.0, -1.0, 0.0)),
            Plane::through(v(0.0, 0.0, half + 0.2), v(0.0, 0.0, 1.0)),
            Plane::through(v(0.0, 0.0, -half - 0.2), v(0.0, 0.0, -1.0)),
        ];
        let (low, high) = (v(-x - 0.3, eaves, -half - 0.2), v(x + 0.3, ridge, half + 0.2));
        parts.push(house(Shape::Convex { planes, low, high }));
        let chimney = v(dice.range(-0.5, 0.5) * x, ridge - 0.6, dice.range(-0.6, 0.6) * half);
        let brick = Skin::Plain { albedo: v(0.30, 0.12, 0.09), gloss: 0.0, warmth: 4.0 };
        let shape = Shape::Block { low: chimney - v(0.3, 1.0, 0.3), high: chimney + v(0.3, 1.1, 0.3) };
        parts.push(Part { shape, skin: brick, class: Class::Building });
    } else {
        let ledge = Skin::Plain { albedo: facade.trim, gloss: 0.0, warmth: 0.0 };
        let low = v(-x - 0.22, facade.eaves - 0.3, -half);
        let high = v(x + 0.22, facade.eaves + 0.12, half);
        parts.push(Part { shape: Shape::Block { low, high }, skin: ledge, class: Class::Building });
    }
    world.objects.push(Object::new(at, forward, Vec3::default(), parts));
}

fn line_with_houses(world: &mut World, character: &Character, side: usize, dice: &mut Dice) {
    let kind = character.houses[side];
    if kind == Houses::None {
        return;
    }
    let sign = side as f32 * 2.0 - 1.0;
    let near = world.ground.half_road + world.ground.pavement + character.setback[side];
    let night = world.weather.night;
    let mut z = -14.0 + dice.range(0.0, 5.0);
    while z < 105.0 {
        let terraced = kind == Houses::Terraced;
        let length = if terraced { dice.range(9.0, 17.0) } else { dice.range(8.0, 12.0) };
        let middle = z + length * 0.5;
        let blocked = world.ground.is_open(z, 1.0)
            || world.ground.is_open(middle, length * 0.5 + 0.5)
            || world.ground.is_open(z + length, 1.0);
        let storeys = if terraced { dice.count(2, 6) as f32 } else { dice.count(1, 2) as f32 };
        let look = facade(dice, storeys, terraced, night);
        let gable = !terraced || (storeys < 3.5 && dice.chance(0.5));
        let gap = if terraced { if dice.chance(0.12) { 3.0 } else { 0.0 } } else { dice.range(3.0, 7.0) };
        if blocked {
            z += 2.0;
            continue;
        }
        add_house(world, sign, near, middle, length, look, gable, dice);
        z += length + gap;
    }
}

/// Houses, trees and hills far down the street, so that it does not end in nothing.
fn close_the_view(world: &mut World, dice: &mut Dice) {
    let night = world.weather.night;
    for _ in 0..10 {
        let z = dice.range(108.0, 150.0);
        let u = dice.range(-75.0, 75.0);
        let storeys = dice.count(2, 7) as f32;
        let look = facade(dice, storeys, true, night);
        let length = dice.range(10.0, 22.0);
        add_house(world, if u < 0.0 { -1.0 } else { 1.0 }, u.abs(), z, length, look, storeys < 4.0, dice);
    }
    for _ in 0..6 {
        let (u, z) = (dice.range(-60.0, 60.0), dice.range(85.0, 120.0));
        if u.abs() > world.ground.half_road + 1.5 {
            let at = world.ground.point(u, z);
            add_tree(world, at, dice);
        }
    }
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

fn park(world: &mut World, side: usize, dice: &mut Dice) {
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

fn drive(world: &mut World, camera: &Camera, dice: &mut Dice) {
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

fn people(world: &mut World, camera: &Camera, dice: &mut Dice) {
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

fn bicycles(world: &mut World, camera: &Camera, dice: &mut Dice) {
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

fn roadworks(world: &mut World, camera: &Camera, dice: &mut Dice) {
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
