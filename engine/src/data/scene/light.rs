//! How much light a point sends to the camera: sun, sky, lamps, headlights, reflections and haze.

use super::arithmetic::power;
use super::vector::{Vec3, v};
use super::world::{Gaze, Hit, Lamp, Ray, World};

/// Linear radiance along `ray`; daylight white is about 1. `focal` is in pixels.
pub fn radiance(world: &World, ray: Ray, candidates: &[u16], focal: f32) -> Vec3 {
    let Some(hit) = world.closest(ray, Gaze::Light, candidates) else {
        return world.weather.sky(ray.direction);
    };
    let surface = surface_light(world, ray, &hit, focal);
    surface.mix(world.weather.horizon, world.weather.haze_before(hit.t))
}

/// Whether direct sunlight reaches a hit.
pub fn is_sunlit(world: &World, ray: Ray, hit: &Hit) -> bool {
    if world.weather.sunlight.x <= 0.0 || hit.normal.dot(world.weather.sun) <= 0.0 {
        return false;
    }
    let origin = ray.origin + ray.direction * hit.t + hit.normal * 0.02;
    !world.is_blocked(Ray { origin, direction: world.weather.sun, time: ray.time }, 60.0)
}

fn surface_light(world: &World, ray: Ray, hit: &Hit, focal: f32) -> Vec3 {
    let weather = &world.weather;
    let point = ray.origin + ray.direction * hit.t;
    let (albedo, emission, gloss) = match hit.part {
        Some(address) => {
            let look = world.part(address).skin.look(hit.local, hit.local_normal, weather);
            (look.albedo, look.emission, look.gloss)
        }
        None => (world.ground.albedo(point.x, point.z, hit.t / focal), Vec3::default(), 0.0),
    };
    let (contact, _) = world.contact(point, ray.time);
    let near_ground = if hit.part.is_none() { contact } else { 1.0 };
    let openness = 0.62 + 0.38 * hit.normal.y;
    let mut light = weather.skylight * (openness * near_ground);
    // Light that the sunlit ground throws back on what stands on it.
    light = light + weather.sunlight * (0.055 * (1.0 - hit.normal.y));
    let facing = hit.normal.dot(weather.sun);
    if facing > 0.0 && is_sunlit(world, ray, hit) {
        light = light + weather.sunlight * facing;
    }
    for lamp in &world.lamps {
        light = light + lamp_light(lamp, point, hit.normal, ray.time);
    }
    let mut colour = albedo.times(light) + emission;
    if gloss > 0.0 {
        let cosine = -ray.direction.dot(hit.normal);
        let mirrored = (ray.direction + hit.normal * (2.0 * cosine)).unit();
        let share = gloss * (0.25 + 0.75 * power(1.0 - cosine.clamp(0.0, 1.0), 3.0));
        let seen = if mirrored.y > 0.02 { weather.sky(mirrored) } else { weather.skylight * 0.18 };
        // Across a street there is another row of houses: low reflections are darker.
        let open = if mirrored.y > 0.45 { 1.0 } else { 0.35 + 1.4 * mirrored.y.max(0.0) };
        colour = colour.mix(seen * open, share);
    }
    colour
}

/// The light of one lamp on a surface.
fn lamp_light(lamp: &Lamp, point: Vec3, normal: Vec3, time: f32) -> Vec3 {
    let away = point - (lamp.position + lamp.velocity * time);
    let square = away.dot(away);
    if square > 3600.0 {
        return Vec3::default();
    }
    let distance = square.sqrt();
    let direction = away * (1.0 / distance);
    let facing = -direction.dot(normal);
    // Foliage and cloth pass a little light on; nothing is black just beyond the terminator.
    let facing = (facing + 0.08).max(0.0) / 1.08;
    if facing <= 0.0 {
        return Vec3::default();
    }
    lamp.colour * (facing * beam(lamp, direction) / square.max(0.09))
}

/// The share of a lamp's strength that goes in a direction.
pub fn beam(lamp: &Lamp, direction: Vec3) -> f32 {
    let Some(axis) = lamp.beam else {
        // A street lamp's shade: mostly down.
        let down = -direction.y;
        return if down < 0.0 { 0.02 } else { (0.1 + 1.5 * down).min(1.0) };
    };
    let ahead = direction.dot(axis);
    if ahead < 0.05 {
        return 0.0;
    }
    let side = (direction.x * axis.z - direction.z * axis.x) / ahead;
    let rise = direction.y / ahead;
    let spread = side * side / 0.11;
    let cut = if rise > 0.0 { 0.05 + 0.95 / (1.0 + 4000.0 * rise * rise) } else { 1.0 / (1.0 + 9.0 * rise * rise) };
    cut / (1.0 + spread * spread)
}

/// The camera car's own low beam.
pub fn own_headlights(origin: Vec3, forward: Vec3, velocity: Vec3) -> [Lamp; 2] {
    let right = v(forward.z, 0.0, -forward.x);
    let low = v(origin.x, 0.68, origin.z);
    [-0.65, 0.65].map(|side| Lamp {
        position: low + right * side + forward * 0.6,
        colour: v(30.0, 28.5, 25.0),
        beam: Some(forward),
        velocity,
        glare: 0.0,
    })
}
