//! Trees, bushes and hedges.

use super::part;
use crate::data::scene::arithmetic::Dice;
use crate::data::scene::class::Class;
use crate::data::scene::material::Skin;
use crate::data::scene::shape::Shape;
use crate::data::scene::vector::{Vec3, v};
use crate::data::scene::weather::Weather;
use crate::data::scene::world::{Contact, Object, World};

/// Linear colour of foliage in this season.
fn foliage(weather: &Weather, dice: &mut Dice) -> Vec3 {
    let green = dice.pick(&[v(0.10, 0.20, 0.04), v(0.07, 0.16, 0.04), v(0.14, 0.23, 0.05), v(0.06, 0.14, 0.06)]);
    let autumn = dice.pick(&[v(0.42, 0.22, 0.03), v(0.36, 0.11, 0.03), v(0.40, 0.32, 0.05)]);
    green.mix(autumn, weather.autumn * dice.unit())
}

/// Adds a broad-leaved tree or a conifer.
pub fn add_tree(world: &mut World, at: Vec3, dice: &mut Dice) {
    let albedo = foliage(&world.weather, dice);
    let size = dice.range(0.75, 1.25);
    let bark = Skin::Plain { albedo: v(0.10, 0.075, 0.055), gloss: 0.0, warmth: 0.3 };
    let plant = Class::Vegetation;
    let trunk = dice.range(2.0, 2.8) * size;
    let mut parts = vec![part(
        plant,
        bark,
        Shape::Frustum {
            base: Vec3::default(),
            height: trunk + 1.2,
            radius_low: 0.19 * size,
            radius_high: 0.11 * size,
        },
    )];
    if dice.chance(0.2) {
        for layer in 0..3 {
            let step = layer as f32;
            let base = v(0.0, (1.0 + 1.6 * step) * size, 0.0);
            let skin = Skin::Leaves { albedo: albedo * 0.6, gaps: 0.2, salt: dice.salt() };
            let (radius_low, radius_high) = ((1.7 - 0.42 * step) * size, 0.1);
            parts.push(part(plant, skin, Shape::Frustum { base, height: 2.6 * size, radius_low, radius_high }));
        }
    } else {
        for _ in 0..dice.count(5, 8) {
            let radius = dice.range(0.85, 1.5) * size;
            let centre =
                v(dice.range(-1.2, 1.2) * size, trunk + dice.range(0.5, 2.8) * size, dice.range(-1.2, 1.2) * size);
            let skin = Skin::Leaves { albedo: albedo * dice.range(0.85, 1.15), gaps: 0.34, salt: dice.salt() };
            parts.push(part(plant, skin, Shape::Ellipsoid { centre, radii: v(radius, radius * 0.8, radius) }));
        }
    }
    let forward = v(0.0, 0.0, 1.0);
    world.contacts.push(Contact {
        position: at,
        velocity: Vec3::default(),
        forward,
        half: (0.3, 0.3),
        shade: 0.35,
        heat: 0.0,
    });
    world.objects.push(Object::new(at, forward, Vec3::default(), parts));
}

/// Adds a bush, or with `length` a hedge along `forward`.
pub fn add_hedge(world: &mut World, at: Vec3, forward: Vec3, length: f32, dice: &mut Dice) {
    let albedo = foliage(&world.weather, dice) * 0.9;
    let (height, depth) = (dice.range(0.7, 1.5), dice.range(0.35, 0.6));
    let skin = |dice: &mut Dice| Skin::Leaves { albedo, gaps: 0.16, salt: dice.salt() };
    let mut parts = Vec::new();
    if length > 0.0 {
        let shape = Shape::Block { low: v(-depth, 0.0, -length * 0.5), high: v(depth, height, length * 0.5) };
        parts.push(part(Class::Vegetation, skin(dice), shape));
    } else {
        for _ in 0..3 {
            let centre = v(dice.range(-0.5, 0.5), height * 0.45, dice.range(-0.5, 0.5));
            let radii = v(dice.range(0.5, 0.9), height * 0.55, dice.range(0.5, 0.9));
            parts.push(part(Class::Vegetation, skin(dice), Shape::Ellipsoid { centre, radii }));
        }
    }
    let half = if length > 0.0 { (depth, length * 0.5) } else { (0.7, 0.7) };
    world.contacts.push(Contact { position: at, velocity: Vec3::default(), forward, half, shade: 0.5, heat: 0.0 });
    world.objects.push(Object::new(at, forward, Vec3::default(), parts));
}
