//! The event camera: the sign and number of brightness steps between two moments.

use super::arithmetic::{Dice, log2};

/// The stored value of a pixel without events.
pub const NONE: u8 = 128;
/// Stored steps an event.
pub const STEP: i32 = 42;
/// Seconds between the two moments.
pub const INTERVAL_SECS: f32 = 0.04;

/// Events between two pictures of linear brightness, one byte a pixel: 128 for none, more for brighter, less for
/// darker.
pub fn develop(before: &[f32], after: &[f32], night: bool, dice: &mut Dice) -> Vec<u8> {
    // The dark current hides what is too dim.
    let (dark, threshold, noise) = if night { (0.0015, 0.42, 0.006) } else { (0.02, 0.30, 0.0015) };
    let pairs = before.iter().zip(after);
    let stored = pairs.map(|(&first, &second)| {
        let change = log2((second + dark) / (first + dark));
        let sensitivity = threshold * (1.0 + 0.08 * dice.normal());
        let mut events = (change / sensitivity) as i32;
        if dice.chance(noise) {
            events += if dice.chance(0.5) { 1 } else { -1 };
        }
        (i32::from(NONE) + events.clamp(-3, 3) * STEP).clamp(0, 255) as u8
    });
    stored.collect()
}
