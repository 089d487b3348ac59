//! The depth camera: stereo matching with quantised disparity, occlusion shadows and missed matches.

use super::arithmetic::{Dice, noise2};

/// Metres in one stored step; a stored 0 is a hole.
pub const SCALE: f32 = 1.0 / 256.0;
/// Farthest distance that is stored, metres.
pub const FARTHEST: f32 = 80.0;
/// Distance between the two cameras, metres.
const BASELINE: f32 = 0.5;
/// Disparity steps in a pixel.
const STEPS: f32 = 16.0;

/// Turns distances along the viewing direction (0 where there is nothing) into stored values.
///
/// `texture` says how well each pixel can be matched, 0 to 1.
pub fn develop(distances: &[f32], texture: &[f32], width: usize, focal: f32, dice: &mut Dice) -> Vec<u16> {
    let product = BASELINE * focal;
    let disparity: Vec<f32> = distances.iter().map(|&d| if d > 0.0 { product / d } else { 0.0 }).collect();
    let salt = dice.salt();
    let height = distances.len() / width;
    let mut stored = Vec::with_capacity(distances.len());
    for y in 0..height {
        for x in 0..width {
            let index = y * width + x;
            let own = disparity[index];
            let bad_match = noise2(x as f32 * 0.45, y as f32 * 0.45, salt) > 0.80 + 0.2 * texture[index];
            let missed = dice.chance(0.004) || own <= product / FARTHEST || bad_match;
            if missed || is_hidden(&disparity[y * width..(y + 1) * width], x) {
                stored.push(0);
                continue;
            }
            // Matching errors are smooth over a few pixels and grow where there is little texture.
            let wobble = (noise2(x as f32 * 0.2, y as f32 * 0.2, salt ^ 1) - 0.5) * (1.6 - texture[index]) * 0.16;
            let steps = ((own + wobble) * STEPS + 0.5).floor().max(1.0);
            let metres = (product * STEPS / steps).min(FARTHEST);
            stored.push((metres / SCALE + 0.5) as u16);
        }
    }
    stored
}

/// Whether something nearer hides the pixel from the second camera, which stands to the right.
fn is_hidden(row: &[f32], x: usize) -> bool {
    let seen_at = x as f32 - row[x];
    // What lies to the right and is nearer lands farther left.
    let reach = (x + 40).min(row.len());
    (x + 1..reach).any(|other| {
        let lands = other as f32 - row[other];
        row[other] > row[x] + 0.7 && lands <= seen_at + 0.5 && lands > seen_at - 1.5
    })
}
