//! Cars, from the hatchback to the van.

use super::part;
use crate::data::scene::arithmetic::Dice;
use crate::data::scene::class::Class;
use crate::data::scene::material::{CarPaint, Skin};
use crate::data::scene::shape::Shape;
use crate::data::scene::vector::{Vec3, v};
use crate::data::scene::world::{Contact, Lamp, Object, World};

/// Adds a car.
pub fn add_car(world: &mut World, at: Vec3, forward: Vec3, speed: f32, running: bool, dice: &mut Dice) {
    let colour = dice.pick(&[
        v(0.72, 0.73, 0.74),
        v(0.80, 0.80, 0.78),
        v(0.38, 0.40, 0.42),
        v(0.16, 0.17, 0.19),
        v(0.025, 0.026, 0.03),
        v(0.04, 0.045, 0.05),
        v(0.45, 0.03, 0.03),
        v(0.04, 0.09, 0.33),
        v(0.08, 0.24, 0.42),
        v(0.05, 0.17, 0.11),
        v(0.50, 0.36, 0.08),
        v(0.28, 0.20, 0.14),
    ]);
    let kind = dice.count(0, 9);
    let (length, width, height, belt, cabin) = match kind {
        // Estate and hatchback, saloon, off-roader, van.
        0..=3 => (4.2, 1.78, 1.48, 0.95, [(-2.02, 0.0), (0.95, 0.0), (0.15, 1.0), (-1.72, 1.0)]),
        4..=6 => (4.6, 1.82, 1.44, 0.93, [(-1.75, 0.0), (1.05, 0.0), (0.25, 1.0), (-1.05, 1.0)]),
        7..=8 => (4.5, 1.90, 1.72, 1.08, [(-2.15, 0.0), (1.0, 0.0), (0.35, 1.0), (-1.95, 1.0)]),
        _ => (4.9, 1.95, 2.05, 1.15, [(-2.42, 0.0), (1.6, 0.0), (1.0, 1.0), (-2.40, 1.0)]),
    };
    let (half_length, half_width) = (length * 0.5, width * 0.5);
    let wheel = if kind >= 7 { 0.36 } else { 0.32 };
    let axles = (half_length * 0.63, half_length * -0.6);
    let paint = CarPaint { colour, half_length, half_width, belt, axles, wheel, running };
    let body = [
        (-half_length + 0.04, 0.24),
        (half_length - 0.05, 0.24),
        (half_length, 0.45),
        (half_length - 0.06, belt - 0.22),
        (cabin[1].0 - 0.1, belt + 0.01),
        (-half_length + 0.12, belt + 0.02),
        (-half_length, belt - 0.15),
    ];
    let roof = cabin.map(|(z, share)| (z, belt - 0.02 + share * (height - belt + 0.02)));
    let taper = if kind == 9 { 0.08 } else { 0.34 };
    let mut parts = vec![
        part(Class::Car, Skin::Body(paint), Shape::extruded(&body, half_width, 0.06)),
        part(Class::Car, Skin::Cabin(paint), Shape::extruded(&roof, half_width - 0.04, taper)),
    ];
    for axle in [axles.0, axles.1] {
        let centre = v(0.0, wheel, axle);
        let shape = Shape::Axle { centre, half_width: half_width + 0.01, radius: wheel, inner: 0.0 };
        parts.push(part(Class::Car, Skin::Tyre { running, radius: wheel }, shape));
    }
    for side in [-1.0, 1.0] {
        let centre = v(side * (half_width + 0.08), belt + 0.08, cabin[1].0 - 0.25);
        let shape = Shape::Ellipsoid { centre, radii: v(0.11, 0.08, 0.07) };
        parts.push(part(Class::Car, Skin::Plain { albedo: colour * 0.7, gloss: 0.1, warmth: 0.0 }, shape));
    }
    let velocity = forward * speed;
    let heat = if running { 4.0 } else { 0.0 };
    world.contacts.push(Contact {
        position: at,
        velocity,
        forward,
        half: (half_width - 0.15, half_length - 0.2),
        shade: 0.85,
        heat,
    });
    if world.weather.night && running {
        let right = v(forward.z, 0.0, -forward.x);
        for side in [-0.62, 0.62] {
            let ahead = at + forward * (half_length + 0.03) + right * side + v(0.0, 0.64, 0.0);
            let colour = v(26.0, 25.0, 22.5);
            world.lamps.push(Lamp { position: ahead, colour, beam: Some(forward), velocity, glare: 1.0 });
            let behind = at - forward * (half_length + 0.03) + right * side + v(0.0, 0.75, 0.0);
            let red = v(0.30, 0.012, 0.008);
            world.lamps.push(Lamp { position: behind, colour: red, beam: Some(forward * -1.0), velocity, glare: 0.12 });
        }
    }
    world.objects.push(Object::new(at, forward, velocity, parts));
}
