//! The houses along a street and at its end.

use super::{Character, Houses};
use crate::data::scene::actors::add_tree;
use crate::data::scene::arithmetic::Dice;
use crate::data::scene::class::Class;
use crate::data::scene::material::{Facade, Skin};
use crate::data::scene::shape::{Plane, Shape};
use crate::data::scene::vector::{Vec3, v};
use crate::data::scene::world::{Object, Part, World};

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

pub(super) fn line_with_houses(world: &mut World, character: &Character, side: usize, dice: &mut Dice) {
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
pub(super) fn close_the_view(world: &mut World, dice: &mut Dice) {
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
