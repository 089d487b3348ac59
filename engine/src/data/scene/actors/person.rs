//! People on foot.

use super::part;
use crate::data::scene::arithmetic::Dice;
use crate::data::scene::class::Class;
use crate::data::scene::material::Skin;
use crate::data::scene::shape::Shape;
use crate::data::scene::vector::{Vec3, v};
use crate::data::scene::weather::Weather;
use crate::data::scene::world::{Contact, Object, Part, World};

pub(super) fn clothes(dice: &mut Dice, night: bool) -> Vec3 {
    if dice.chance(if night { 0.86 } else { 0.45 }) {
        return dice.pick(&[
            v(0.018, 0.018, 0.022),
            v(0.03, 0.03, 0.05),
            v(0.05, 0.045, 0.04),
            v(0.06, 0.06, 0.065),
            v(0.025, 0.04, 0.03),
        ]);
    }
    dice.pick(&[
        v(0.50, 0.06, 0.05),
        v(0.08, 0.16, 0.45),
        v(0.62, 0.60, 0.55),
        v(0.60, 0.42, 0.06),
        v(0.08, 0.32, 0.14),
        v(0.42, 0.16, 0.34),
        v(0.25, 0.30, 0.38),
        v(0.30, 0.22, 0.14),
    ])
}

/// Parts of a person who stands or walks; `stride` is half the distance between the feet.
pub(super) fn person_parts(dice: &mut Dice, weather: &Weather, height: f32, stride: f32) -> Vec<Part> {
    let cold = weather.air < 12.0;
    let warmth = dice.range(0.48, 0.72) - if cold { 0.06 } else { 0.0 };
    let (top, legs) = (clothes(dice, weather.night), clothes(dice, weather.night));
    let skin = dice.pick(&[v(0.62, 0.40, 0.29), v(0.48, 0.29, 0.19), v(0.28, 0.16, 0.10), v(0.14, 0.08, 0.05)]);
    let hair = dice.pick(&[v(0.02, 0.016, 0.013), v(0.09, 0.05, 0.03), v(0.32, 0.22, 0.10), v(0.35, 0.34, 0.33)]);
    let bare = !cold && dice.chance(0.35);
    let s = height / 1.75;
    let coat = dice.chance(if cold { 0.5 } else { 0.15 });
    let (hip, shoulder, head) = (0.86 * s, 1.40 * s, 1.61 * s);
    let swing = stride * 0.7;
    let cloth = |albedo| Skin::Cloth { albedo, warmth };
    let rod = |from, to, radius| Shape::Capsule { from, to, radius };
    let lower = if bare { Skin::Bare { skin } } else { cloth(legs) };
    let person = Class::Person;
    let middle = v(0.0, head, 0.02);
    let mut parts = vec![
        part(
            person,
            Skin::Head { skin, hair, middle },
            Shape::Ellipsoid { centre: middle, radii: v(0.105, 0.135, 0.115) * s },
        ),
        part(person, cloth(top), Shape::Ellipsoid { centre: v(0.0, 1.15 * s, 0.0), radii: v(0.225, 0.36, 0.15) * s }),
        part(
            person,
            cloth(if coat { top } else { legs }),
            rod(v(-0.05 * s, hip, 0.0), v(0.05 * s, hip, 0.0), 0.155 * s),
        ),
    ];
    if coat {
        let shape =
            Shape::Frustum { base: v(0.0, 0.5 * s, 0.0), height: 0.6 * s, radius_low: 0.25 * s, radius_high: 0.17 * s };
        parts.push(part(person, cloth(top), shape));
    }
    for side in [-1.0, 1.0] {
        let step = side * stride;
        let (x, knee) = (side * 0.09 * s, v(side * 0.095 * s, 0.47 * s, step * 0.55 + 0.03));
        let foot = v(side * 0.1 * s, 0.06, step);
        parts.push(part(person, cloth(legs), rod(v(x, hip, 0.0), knee, 0.085 * s)));
        parts.push(part(person, lower, rod(knee, foot, 0.062 * s)));
        let shoe = Skin::Plain { albedo: Vec3::all(0.05), gloss: 0.02, warmth: 2.5 };
        parts.push(part(person, shoe, rod(foot, foot + v(0.0, -0.01, 0.12), 0.055)));
        let elbow = v(side * 0.27 * s, 1.12 * s, -step * 0.3);
        let hand = v(side * 0.26 * s, 0.88 * s, -side * swing + 0.08);
        parts.push(part(person, cloth(top), rod(v(side * 0.2 * s, shoulder - 0.06, 0.0), elbow, 0.06 * s)));
        parts.push(part(person, cloth(top), rod(elbow, hand, 0.05 * s)));
        parts.push(part(person, Skin::Bare { skin }, Shape::Ellipsoid { centre: hand, radii: Vec3::all(0.055 * s) }));
    }
    if dice.chance(0.25) {
        let pack = Shape::Block { low: v(-0.15, 1.0, -0.3) * s, high: v(0.15, 1.38, -0.1) * s };
        let albedo = clothes(dice, false);
        parts.push(part(person, Skin::Cloth { albedo, warmth: warmth * 0.45 }, pack));
    }
    parts
}

/// Adds somebody on foot.
pub fn add_person(world: &mut World, at: Vec3, forward: Vec3, speed: f32, dice: &mut Dice) {
    let height = if dice.chance(0.12) { dice.range(1.15, 1.4) } else { dice.range(1.58, 1.92) };
    let stride = if speed > 0.0 { dice.range(0.12, 0.3) } else { dice.range(0.0, 0.06) };
    let parts = person_parts(dice, &world.weather, height, stride);
    world.contacts.push(Contact {
        position: at,
        velocity: forward * speed,
        forward,
        half: (0.08, 0.08),
        shade: 0.5,
        heat: 0.0,
    });
    world.objects.push(Object::new(at, forward, forward * speed, parts));
}
