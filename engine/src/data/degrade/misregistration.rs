//! A sensor that does not look where the others look.

use rand_chacha::ChaCha8Rng;

use super::image::{Image, sign};
use crate::data::align::shifted;
use crate::data::sample::Plane;
use crate::random::unit;

/// At severity 1: a shift, of the longer side.
const SHIFT: f32 = 0.1;
/// A change of scale.
const SCALE: f32 = 0.25;
/// An angle in degrees.
const ROTATION: f32 = 15.0;
/// A shift of the nearest things, of the width, and how near they are, of the range.
const PARALLAX: f32 = 0.08;
const NEAR: f32 = 0.1;

/// By whole pixels in the scene's direction, as `data.misregistration` does.
pub(super) fn shift(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let (down, across) = (std::f32::consts::TAU * unit(random)).sin_cos();
    let length = severity * SHIFT * image.size.height.max(image.size.width) as f32;
    let plane = Plane { channels: image.channels, values: std::mem::take(&mut image.values) };
    let [right, down] = [length * across, length * down].map(|by| by.round() as i64);
    image.values = shifted(&plane, image.size, right, down).values;
}

/// About the middle, larger or smaller by the scene's draw.
pub(super) fn scale(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let factor = (1.0 + SCALE * severity).powf(sign(random));
    *image = about_the_middle(image, [factor, 0.0]);
}

/// About the middle, either way by the scene's draw.
pub(super) fn rotation(image: &mut Image, severity: f32, random: &mut ChaCha8Rng) {
    let (sine, cosine) = (severity * ROTATION * sign(random)).to_radians().sin_cos();
    *image = about_the_middle(image, [cosine, sine]);
}

/// Near things farther to one side. `distances` has a value a pixel, 0 near to 1 far.
pub(super) fn parallax(image: &mut Image, severity: f32, distances: &[f32], random: &mut ChaCha8Rng) {
    let width = image.size.width;
    let most = severity * PARALLAX * width as f32 * sign(random);
    *image = image.warped(|row, column| {
        let nearness = NEAR / distances[row * width + column].max(NEAR);
        (column as f32 + most * nearness, row as f32)
    });
}

/// A turn and a change of scale about the middle, by the first row of their matrix.
fn about_the_middle(image: &Image, [along, beside]: [f32; 2]) -> Image {
    let middle = [image.size.height, image.size.width].map(|side| (side as f32 - 1.0) / 2.0);
    image.warped(|row, column| {
        let (y, x) = (row as f32 - middle[0], column as f32 - middle[1]);
        (along * x - beside * y + middle[1], beside * x + along * y + middle[0])
    })
}
