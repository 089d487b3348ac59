//! The thermal sensor: apparent temperature, soft optics at half resolution, noise.

use super::arithmetic::{Dice, mix};
use super::class::Class;
use super::light::is_sunlit;
use super::world::{Hit, Ray, World};

/// Degrees Celsius of a stored 0.
pub const OFFSET: f32 = -20.0;
/// Degrees Celsius in one stored step.
pub const SCALE: f32 = 0.25;

/// Apparent temperature along `ray`, °C.
pub fn apparent(world: &World, ray: Ray, hit: Option<&Hit>) -> f32 {
    let weather = &world.weather;
    let Some(hit) = hit else { return weather.sky_temperature(ray.direction) };
    let point = ray.origin + ray.direction * hit.t;
    let sun = if is_sunlit(world, ray, hit) { weather.solar * hit.normal.dot(weather.sun).max(0.0) } else { 0.0 };
    let (celsius, emissivity) = if let Some(address) = hit.part {
        let heat = world.part(address).skin.heat(hit.local, hit.local_normal, weather);
        (heat.celsius + sun * heat.absorption, heat.emissivity)
    } else {
        let (contact, warmed) = world.contact(point, ray.time);
        // Asphalt and slabs store the day's heat alike, grass does not; shade passes too quickly to cool them much.
        let (stored, absorption) =
            if world.ground.class(point.x, point.z) == Class::Vegetation { (0.1, 0.15) } else { (1.0, 0.55) };
        let shade = if weather.night { 0.0 } else { -1.5 * (1.0 - contact) };
        (weather.air + weather.ground * stored + sun * absorption + shade + warmed, 0.95)
    };
    let cosine = -ray.direction.dot(hit.normal);
    let mirrored = ray.direction + hit.normal * (2.0 * cosine);
    let around = if mirrored.y > 0.1 { weather.sky_temperature(mirrored) } else { weather.air + weather.ground * 0.5 };
    let leaving = mix(around, celsius, emissivity);
    mix(leaving, weather.air, 1.0 - super::arithmetic::exp(-hit.t / 700.0))
}

/// Turns apparent temperatures (row by row) into stored bytes.
pub fn develop(temperatures: &[f32], width: usize, dice: &mut Dice) -> Vec<u8> {
    let height = temperatures.len() / width;
    // The detector has half as many pixels each way; its optics blur over about one of them.
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let mut detector = vec![0.0; half_width * half_height];
    for y in 0..half_height {
        for x in 0..half_width {
            let (right, below) = ((2 * x + 1).min(width - 1), (2 * y + 1).min(height - 1));
            let sum = temperatures[2 * y * width + 2 * x]
                + temperatures[2 * y * width + right]
                + temperatures[below * width + 2 * x]
                + temperatures[below * width + right];
            detector[y * half_width + x] = sum * 0.25;
        }
    }
    let mut detector = blurred(&detector, half_width, half_height);
    let drift: Vec<f32> = (0..half_width).map(|_| 0.05 * dice.normal()).collect();
    for (index, value) in detector.iter_mut().enumerate() {
        *value += 0.10 * dice.normal() + drift[index % half_width];
    }
    let mut bytes = Vec::with_capacity(temperatures.len());
    for y in 0..height {
        for x in 0..width {
            let celsius = enlarged(&detector, half_width, half_height, x, y);
            bytes.push(((celsius - OFFSET) / SCALE + 0.5).clamp(0.0, 255.0) as u8);
        }
    }
    bytes
}

/// A 3 × 3 binomial blur.
fn blurred(values: &[f32], width: usize, height: usize) -> Vec<f32> {
    let across = |values: &[f32], x: usize, y: usize, dx: usize, dy: usize| {
        let before = y.saturating_sub(dy) * width + x.saturating_sub(dx);
        let after = (y + dy).min(height - 1) * width + (x + dx).min(width - 1);
        0.2 * values[before] + 0.6 * values[y * width + x] + 0.2 * values[after]
    };
    let index = |i: usize| (i % width, i / width);
    let rows: Vec<f32> = (0..values.len()).map(|i| across(values, index(i).0, index(i).1, 1, 0)).collect();
    (0..values.len()).map(|i| across(&rows, index(i).0, index(i).1, 0, 1)).collect()
}

/// Bilinear enlargement by two, read at one pixel.
fn enlarged(values: &[f32], width: usize, height: usize, x: usize, y: usize) -> f32 {
    let axis = |position: usize, count: usize| {
        let near = position / 2;
        let other = if position.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(count - 1) };
        (near, other)
    };
    let ((x0, x1), (y0, y1)) = (axis(x, width), axis(y, height));
    let row = |y: usize| 0.75 * values[y * width + x0] + 0.25 * values[y * width + x1];
    0.75 * row(y0) + 0.25 * row(y1)
}
