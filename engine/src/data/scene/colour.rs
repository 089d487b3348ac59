//! The colour camera: optics with glare, exposure, shot and read noise, tone curve.

use super::arithmetic::{Dice, power};
use super::camera::View;
use super::light::beam;
use super::vector::Vec3;
use super::world::{Ray, World};

/// Turns linear radiance (row by row) into 8-bit RGB.
pub fn develop(world: &World, view: &View, radiance: &[Vec3], width: usize, dice: &mut Dice) -> Vec<u8> {
    let night = world.weather.night;
    let mut light = radiance.to_vec();
    add_glare(world, view, &mut light, width);
    // Lamps in the picture must not darken it.
    let ceiling = if night { 0.1 } else { 2.0 };
    let mean = light.iter().map(|c| c.luminance().min(ceiling)).sum::<f32>() / light.len() as f32;
    // Automatic exposure: by night the gain runs into its limit, so the picture stays dark.
    let aim = if night { 0.075 } else { 0.36 };
    let exposure = (aim / mean.max(1e-4)).min(if night { 7.0 } else { 3.0 }) * dice.range(0.82, 1.22);
    let (shot, read) = if night { (0.0008, 0.0042) } else { (0.000_07, 0.0012) };
    // At high gain the lowest bits are all noise: the camera stores 6 of 8 bits by night and 7 by day.
    let step = if night { 4 } else { 2 };
    let height = light.len() / width;
    let mut bytes = Vec::with_capacity(light.len() * 3);
    for (index, linear) in light.iter().enumerate() {
        let (x, y) = ((index % width) as f32 / width as f32 - 0.5, (index / width) as f32 / height as f32 - 0.5);
        let vignette = 1.0 - 0.35 * (x * x + y * y);
        let exposed = *linear * (exposure * vignette);
        // The camera's own noise reduction leaves little colour noise beside the brightness noise.
        let grain = dice.normal();
        for value in [exposed.x, exposed.y, exposed.z] {
            let noise = (shot * value.min(1.5) + read * read).sqrt() * (0.9 * grain + 0.3 * dice.normal());
            bytes.push(tone((value + noise).max(0.0), step));
        }
    }
    bytes
}

/// Linear exposure to a display value in multiples of `step`, with soft highlights.
fn tone(value: f32, step: u32) -> u8 {
    let soft = value * (1.0 + value * 0.11) / (1.0 + value * 0.55) * 1.1;
    // The sRGB curve: linear near black, so that the gain there stays finite.
    let display = if soft < 0.003_13 { 12.92 * soft } else { 1.055 * power(soft.min(1.0), 1.0 / 2.4) - 0.055 };
    let levels = 256 / step - 1;
    let level = (display * levels as f32 + 0.5) as u32;
    // Spread so that black stays 0 and white 255.
    (level * 255 / levels) as u8
}

/// Light scattered in the lens by lamps that look into the camera.
fn add_glare(world: &World, view: &View, light: &mut [Vec3], width: usize) {
    let scale = width as f32 / 160.0;
    for lamp in &world.lamps {
        if lamp.glare <= 0.0 {
            continue;
        }
        let Some((x, y, _)) = view.project(lamp.position) else { continue };
        let height = (light.len() / width) as f32;
        if x < -20.0 || y < -20.0 || x > width as f32 + 20.0 || y > height + 20.0 {
            continue;
        }
        let start = view.ray(x, y);
        let reach = (lamp.position - start.origin).length();
        if world.is_blocked(Ray { ..start }, reach - 0.25) {
            continue;
        }
        let towards_camera = start.direction * -1.0;
        let strength = if lamp.beam.is_some() { beam(lamp, towards_camera).max(0.02) * 8.0 } else { 0.5 };
        let strength = lamp.glare * strength / (1.0 + reach * 0.02);
        let hue = lamp.colour * (1.0 / lamp.colour.luminance().max(0.05));
        for (index, pixel) in light.iter_mut().enumerate() {
            let (dx, dy) = (((index % width) as f32 + 0.5 - x) / scale, ((index / width) as f32 + 0.5 - y) / scale);
            let square = dx * dx + dy * dy;
            let halo = 0.16 / (1.0 + square * 0.14) + 0.02 / (1.0 + square * 0.006) - 0.0016;
            let streak = 0.05 / ((1.0 + dy * dy * 2.5) * (1.0 + dx * dx * 0.02));
            *pixel = *pixel + hue * (strength * (halo.max(0.0) + streak));
        }
    }
}
