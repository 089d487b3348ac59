//! Cones, street lamps, signs and traffic lights.

use super::{part, turned};
use crate::data::scene::arithmetic::Dice;
use crate::data::scene::class::Class;
use crate::data::scene::material::Skin;
use crate::data::scene::shape::{Plane, Shape};
use crate::data::scene::vector::{Vec3, v};
use crate::data::scene::world::{Contact, Lamp, Object, World};

/// Adds a traffic cone.
pub fn add_cone(world: &mut World, at: Vec3, dice: &mut Dice) {
    let height = dice.range(0.62, 0.9);
    let cone = Shape::Frustum { base: v(0.0, 0.03, 0.0), height, radius_low: height * 0.25, radius_high: 0.035 };
    let foot = height * 0.3;
    let base = Shape::Block { low: v(-foot, 0.0, -foot), high: v(foot, 0.05, foot) };
    let black = Skin::Metal { albedo: v(0.05, 0.045, 0.045) };
    let parts = vec![part(Class::Cone, Skin::Cone { height }, cone), part(Class::Cone, black, base)];
    let forward = turned(v(0.0, 0.0, 1.0), dice.range(-0.4, 0.4));
    world.contacts.push(Contact {
        position: at,
        velocity: Vec3::default(),
        forward,
        half: (foot, foot),
        shade: 0.45,
        heat: 0.0,
    });
    world.objects.push(Object::new(at, forward, Vec3::default(), parts));
}

/// Adds a street lamp at the kerb; `inwards` points over the road.
pub fn add_street_lamp(world: &mut World, at: Vec3, inwards: Vec3, warm: bool, dice: &mut Dice) {
    let height = dice.range(5.4, 6.2);
    let grey = Skin::Metal { albedo: Vec3::all(dice.pick(&[0.07, 0.16, 0.3])) };
    let colour = if warm { v(1.0, 0.58, 0.20) } else { v(0.92, 0.95, 1.0) };
    let head = v(0.0, height, 1.25);
    let glow = Skin::Glow { colour: colour * 3.5, off: Vec3::all(0.5), always: false };
    let pole = Class::Pole;
    let parts = vec![
        part(pole, grey, Shape::Frustum { base: Vec3::default(), height, radius_low: 0.10, radius_high: 0.065 }),
        part(pole, grey, Shape::Capsule { from: v(0.0, height - 0.05, 0.0), to: head, radius: 0.055 }),
        part(pole, grey, Shape::Ellipsoid { centre: head, radii: v(0.16, 0.09, 0.36) }),
        part(pole, glow, Shape::Ellipsoid { centre: head - v(0.0, 0.06, 0.0), radii: v(0.12, 0.06, 0.28) }),
    ];
    if world.weather.night {
        let position = at + inwards * 1.25 + v(0.0, height - 0.14, 0.0);
        let strength = dice.range(3.5, 6.5);
        world.lamps.push(Lamp {
            position,
            colour: colour * strength,
            beam: None,
            velocity: Vec3::default(),
            glare: 0.16,
        });
    }
    world.contacts.push(Contact {
        position: at,
        velocity: Vec3::default(),
        forward: inwards,
        half: (0.05, 0.05),
        shade: 0.3,
        heat: 0.0,
    });
    world.objects.push(Object::new(at, inwards, Vec3::default(), parts));
}

/// Adds a traffic sign whose face looks along `facing`.
pub fn add_sign(world: &mut World, at: Vec3, facing: Vec3, dice: &mut Dice) {
    let grey = Skin::Metal { albedo: Vec3::all(0.26) };
    let mut parts = vec![part(
        Class::Pole,
        grey,
        Shape::Frustum { base: Vec3::default(), height: 2.5, radius_low: 0.05, radius_high: 0.05 },
    )];
    let (white, red, blue, yellow) = (Vec3::all(0.85), v(0.55, 0.02, 0.02), v(0.02, 0.10, 0.45), v(0.85, 0.55, 0.02));
    let boards = if dice.chance(0.25) { 2 } else { 1 };
    for board in 0..boards {
        let radius = dice.range(0.34, 0.46);
        let centre = v(0.07, 2.45 - 0.92 * board as f32, 0.0);
        let kind = dice.count(0, 5);
        let (face, rim, symbol) = match kind {
            0 => (white, red, 0),
            1 => (red, white, 1),
            2 => (blue, white, 2),
            3 => (white, red, 3),
            4 => (blue, white, 4),
            _ => (yellow, v(0.03, 0.03, 0.03), 4),
        };
        let shape = match kind {
            0..=2 => Shape::Axle { centre, half_width: 0.02, radius, inner: 0.0 },
            3 => triangle(centre, radius),
            _ => Shape::Block { low: centre - v(0.02, radius, radius), high: centre + v(0.02, radius, radius) },
        };
        parts.push(part(Class::Pole, Skin::Sign { face, rim, symbol, radius, centre }, shape));
    }
    // The plate looks along the local x axis.
    let forward = v(-facing.z, 0.0, facing.x);
    world.objects.push(Object::new(at, forward, Vec3::default(), parts));
}

fn triangle(centre: Vec3, radius: f32) -> Shape {
    let planes = [
        (v(0.02, 0.0, 0.0), v(1.0, 0.0, 0.0)),
        (v(-0.02, 0.0, 0.0), v(-1.0, 0.0, 0.0)),
        (v(0.0, -0.55 * radius, 0.0), v(0.0, -1.0, 0.0)),
        (v(0.0, radius, 0.0), v(0.0, 0.5, 0.866)),
        (v(0.0, radius, 0.0), v(0.0, 0.5, -0.866)),
    ];
    let planes = planes.map(|(point, normal)| Plane::through(centre + point, normal)).to_vec();
    Shape::Convex { planes, low: centre - v(0.02, radius, radius), high: centre + v(0.02, radius, radius) }
}

/// Adds a traffic light whose lamps look along `facing`.
#[allow(clippy::approx_constant, reason = "3.14 m is the height of the upper lamp")]
pub fn add_traffic_light(world: &mut World, at: Vec3, facing: Vec3, dice: &mut Dice) {
    let dark = Skin::Metal { albedo: Vec3::all(0.04) };
    let mut parts = vec![
        part(
            Class::Pole,
            dark,
            Shape::Frustum { base: Vec3::default(), height: 2.6, radius_low: 0.07, radius_high: 0.06 },
        ),
        part(Class::Pole, dark, Shape::Block { low: v(-0.14, 2.3, -0.17), high: v(0.14, 3.3, 0.17) }),
    ];
    let lit = dice.count(0, 2);
    for (number, colour) in [v(1.6, 0.06, 0.04), v(1.5, 0.75, 0.04), v(0.08, 1.5, 0.45)].into_iter().enumerate() {
        let centre = v(0.15, 3.14 - 0.32 * number as f32, 0.0);
        let glow = if number as u32 == lit { colour } else { colour * 0.01 };
        let skin = Skin::Glow { colour: glow, off: colour * 0.05, always: true };
        parts.push(part(Class::Pole, skin, Shape::Axle { centre, half_width: 0.02, radius: 0.12, inner: 0.0 }));
        if number as u32 == lit && world.weather.night {
            let position = at + facing * 0.2 + v(0.0, centre.y, 0.0);
            let lamp =
                Lamp { position, colour: colour * 0.25, beam: Some(facing), velocity: Vec3::default(), glare: 0.05 };
            world.lamps.push(lamp);
        }
    }
    let forward = v(-facing.z, 0.0, facing.x);
    world.objects.push(Object::new(at, forward, Vec3::default(), parts));
}
