//! Bicycles, with and without riders.

use super::part;
use super::person::{clothes, person_parts};
use crate::data::scene::arithmetic::Dice;
use crate::data::scene::class::Class;
use crate::data::scene::material::Skin;
use crate::data::scene::shape::Shape;
use crate::data::scene::vector::{Vec3, v};
use crate::data::scene::world::{Contact, Lamp, Object, World};

/// Adds a bicycle, with a rider if it moves.
pub fn add_bicycle(world: &mut World, at: Vec3, forward: Vec3, speed: f32, dice: &mut Dice) {
    let albedo = dice.pick(&[
        v(0.03, 0.03, 0.035),
        v(0.40, 0.04, 0.03),
        v(0.05, 0.14, 0.36),
        v(0.05, 0.24, 0.16),
        v(0.5, 0.5, 0.5),
        v(0.42, 0.30, 0.05),
        v(0.10, 0.32, 0.34),
    ]);
    let frame = Skin::Metal { albedo };
    let black = Skin::Metal { albedo: Vec3::all(0.025) };
    let rod = |from, to, radius| Shape::Capsule { from, to, radius };
    let bike = Class::Bicycle;
    let (hub, r) = (0.52, 0.34);
    let (saddle, bars, crank) = (v(0.0, 0.92, -0.22), v(0.0, 0.98, 0.36), v(0.0, 0.30, -0.02));
    let mut parts = Vec::new();
    for z in [-hub, hub] {
        let centre = v(0.0, r, z);
        parts.push(part(bike, black, Shape::Axle { centre, half_width: 0.026, radius: r, inner: r - 0.05 }));
        parts.push(part(bike, Skin::Spokes, Shape::Axle { centre, half_width: 0.008, radius: r - 0.05, inner: 0.0 }));
    }
    for (from, to) in [
        (crank, saddle),
        (crank, v(0.0, 0.72, 0.38)),
        (v(0.0, 0.74, -0.17), v(0.0, 0.80, 0.37)),
        (crank, v(0.0, r, -hub)),
        (v(0.0, 0.72, -0.17), v(0.0, r, -hub)),
        (bars, v(0.0, r, hub)),
    ] {
        parts.push(part(bike, frame, rod(from, to, 0.03)));
    }
    parts.push(part(bike, black, rod(bars + v(-0.27, 0.02, -0.04), bars + v(0.27, 0.02, -0.04), 0.025)));
    parts.push(part(
        bike,
        black,
        Shape::Ellipsoid { centre: saddle + v(0.0, 0.03, -0.03), radii: v(0.08, 0.05, 0.14) },
    ));
    parts.push(part(bike, black, Shape::Ellipsoid { centre: crank, radii: v(0.06, 0.09, 0.09) }));
    if dice.chance(0.35) {
        let low = v(-0.15, 0.80, 0.42);
        let basket = Skin::Metal { albedo: v(0.22, 0.15, 0.08) };
        parts.push(part(bike, basket, Shape::Block { low, high: low + v(0.3, 0.22, 0.26) }));
    }
    if dice.chance(0.3) {
        let bags = Skin::Metal { albedo: clothes(dice, false) };
        parts.push(part(bike, bags, Shape::Block { low: v(-0.18, 0.42, -0.68), high: v(0.18, 0.72, -0.38) }));
    }
    let velocity = forward * speed;
    world.contacts.push(Contact { position: at, velocity, forward, half: (0.03, 0.7), shade: 0.35, heat: 0.0 });
    world.objects.push(Object::new(at, forward, velocity, parts));
    if speed <= 0.0 {
        return;
    }
    let height = dice.range(1.6, 1.9);
    let mut rider = person_parts(dice, &world.weather, height, 0.0);
    // Sits on the saddle, leaning forward: the upright figure's parts give way to a seated one's.
    let skins: Vec<Skin> = rider.iter().map(|p| p.skin).collect();
    rider.clear();
    let (neck, hip) = (v(0.0, 1.46, 0.12), v(0.0, 1.0, -0.2));
    let middle = v(0.0, 1.66, 0.2);
    let head = match skins[0] {
        Skin::Head { skin, hair, .. } => Skin::Head { skin, hair, middle },
        other => other,
    };
    let person = Class::Person;
    rider.push(part(person, head, Shape::Ellipsoid { centre: middle, radii: v(0.11, 0.14, 0.12) }));
    rider.push(part(person, skins[1], rod(hip + v(0.0, 0.06, 0.0), neck, 0.17)));
    for side in [-1.0_f32, 1.0] {
        let x = side * 0.11;
        let knee = v(x, 0.74 + side * 0.1, 0.16);
        rider.push(part(person, skins[2], rod(hip + v(x, 0.0, 0.0), knee, 0.085)));
        rider.push(part(person, skins[2], rod(knee, v(x, 0.34 + side * 0.12, 0.0), 0.06)));
        rider.push(part(
            person,
            skins[1],
            rod(neck + v(side * 0.19, -0.06, 0.0), bars + v(side * 0.24, 0.06, -0.04), 0.055),
        ));
    }
    if world.weather.night {
        let position = at + forward * 0.6 + v(0.0, 0.85, 0.0);
        let lamp = Lamp { position, colour: v(1.6, 1.5, 1.3), beam: Some(forward), velocity, glare: 0.12 };
        if dice.chance(0.6) {
            world.lamps.push(lamp);
        }
    }
    world.objects.push(Object::new(at, forward, velocity, rider));
}
