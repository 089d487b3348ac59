//! What stands, drives and walks in a street: cars, people, bicycles, poles and signs, trees, cones.

use super::arithmetic::Dice;
use super::class::Class;
use super::material::{CarPaint, Skin};
use super::shape::{Plane, Shape};
use super::vector::{Vec3, v};
use super::weather::Weather;
use super::world::{Contact, Lamp, Object, Part, World};

fn part(class: Class, skin: Skin, shape: Shape) -> Part {
    Part { shape, skin, class }
}

/// The level direction `heading` turned by the angle whose half has the tangent `half_tangent`.
pub fn turned(heading: Vec3, half_tangent: f32) -> Vec3 {
    let square = half_tangent * half_tangent;
    let (cosine, sine) = ((1.0 - square) / (1.0 + square), 2.0 * half_tangent / (1.0 + square));
    v(heading.x * cosine + heading.z * sine, 0.0, heading.z * cosine - heading.x * sine).unit()
}

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

fn clothes(dice: &mut Dice, night: bool) -> Vec3 {
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
fn person_parts(dice: &mut Dice, weather: &Weather, height: f32, stride: f32) -> Vec<Part> {
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
