//! The LiDAR: a few scan lines, projected into the image, with dropouts.

use super::arithmetic::Dice;
use super::camera::Camera;
use super::vector::v;
use super::world::{Gaze, Ray, World};

/// Metres in one stored step; a stored 0 is no return.
pub const SCALE: f32 = 1.0 / 256.0;
/// Farthest return, metres.
pub const FARTHEST: f32 = 80.0;
const LINES: usize = 28;
const STEP: f32 = 0.0085;

/// Ranges (metres from the sensor) at the pixels where returns fall, 0 elsewhere, in stored values.
pub fn scan(world: &World, camera: &Camera, width: usize, height: usize, dice: &mut Dice) -> Vec<u16> {
    let view = camera.view(width, height, 0.0);
    let mut stored = vec![0_u16; width * height];
    let everything: Vec<u16> = (0..world.objects.len() as u16).collect();
    let forward = camera.forward;
    let right = v(forward.z, 0.0, -forward.x);
    let columns = (1.5 / STEP) as usize;
    for line in 0..LINES {
        let rise = 0.14 - 0.021 * line as f32;
        for column in 0..columns {
            let side = (column as f32 - columns as f32 * 0.5) * STEP;
            let direction = (forward + right * side + v(0.0, rise, 0.0)).unit();
            let ray = Ray { origin: camera.origin, direction, time: 0.0 };
            let Some((x, y, _)) = view.project(camera.origin + direction * 10.0) else { continue };
            if x < 0.0 || y < 0.0 || x >= width as f32 || y >= height as f32 {
                continue;
            }
            let luck = dice.unit();
            let error = dice.normal();
            let Some(hit) = world.closest(ray, Gaze::Light, &everything) else { continue };
            // Weak returns are lost: far away, at grazing angles, on glass and on dark paint.
            let (albedo, gloss) = match hit.part {
                Some(address) => {
                    let look = world.part(address).skin.look(hit.local, hit.local_normal, &world.weather);
                    (look.albedo.luminance(), look.gloss)
                }
                None => (0.2, 0.0),
            };
            let cosine = -direction.dot(hit.normal);
            let matt = if gloss > 0.3 { 0.12 } else { 1.0 };
            let echo = (0.1 + albedo) * matt * (0.25 + 0.75 * cosine) * 900.0 / (hit.t * hit.t);
            if hit.t > FARTHEST || luck < 0.03 || echo < 0.12 + luck * 0.5 {
                continue;
            }
            // Reported in steps of 3 cm.
            let metres = ((hit.t + 0.02 * error) * 32.0 + 0.5).floor().max(1.0) / 32.0;
            stored[y as usize * width + x as usize] = (metres / SCALE) as u16;
        }
    }
    stored
}
