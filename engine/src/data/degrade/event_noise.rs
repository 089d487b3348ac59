//! Events where nothing changed, and changes without an event.

use rand_chacha::ChaCha8Rng;

use super::image::Image;
use crate::random::unit;

/// At severity 1: the share of pixels that fire, and of events that are missing.
const FIRED: f32 = 0.25;
const MISSED: f32 = 0.5;

/// The value that most pixels have is no event; one that fires is at the end of the range that is farther away, at
/// either where none lies in the middle.
pub(super) fn event_noise(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    for channel in image.values.chunks_mut(image.size.area().max(1)) {
        let none = Image::quantile(channel, 0.5);
        for value in channel {
            let (missed, fired, is_brighter) = (unit(random), unit(random), unit(random) < 0.5);
            if missed < severity * MISSED && !value.is_nan() {
                *value = none;
            }
            if fired < severity * FIRED && !value.is_nan() {
                *value = match none {
                    none if none < 0.25 => 1.0,
                    none if none > 0.75 => 0.0,
                    _ => f32::from(u8::from(is_brighter)),
                };
            }
        }
    }
}
