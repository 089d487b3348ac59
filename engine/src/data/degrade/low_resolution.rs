//! Fewer and larger pixels.

use super::image::Image;
use crate::data::align::{Size, is_smooth, plane_at};
use crate::data::sample::{ModalityKind, Plane};

/// The side of a pixel at severity 1.
const SIDE_PX: f32 = 16.0;

/// The image in fewer pixels, at its own size.
pub(super) fn low_resolution(image: &mut Image, severity: f32) {
    let side = 1.0 + severity * (SIDE_PX - 1.0);
    let size = image.size;
    let less = |length: usize| ((length as f32 / side).round() as usize).clamp(1, length);
    let small = Size::new(less(size.height), less(size.width));
    if small == size {
        return;
    }
    if image.kind == ModalityKind::Event {
        return strongest(image, small);
    }
    let there_and_back = |values: Vec<f32>| {
        let plane = plane_at(&Plane { channels: image.channels, values }, image.kind, size, small);
        plane_at(&plane, image.kind, small, size).values
    };
    if !is_smooth(image.kind) {
        image.values = there_and_back(image.values.clone());
        return;
    }
    // Means over what is measured alone.
    let sums = there_and_back(image.values.iter().map(|value| if value.is_nan() { 0.0 } else { *value }).collect());
    let shares = there_and_back(image.values.iter().map(|value| f32::from(u8::from(!value.is_nan()))).collect());
    for ((value, sum), share) in image.values.iter_mut().zip(sums).zip(shares) {
        *value = if share < 0.5 { f32::NAN } else { sum / share };
    }
}

/// Each block as its event that is farthest from none.
fn strongest(image: &mut Image, small: Size) {
    let Size { height, width } = image.size;
    for channel in image.values.chunks_mut((height * width).max(1)) {
        let none = Image::quantile(channel, 0.5);
        let block = |pixel: usize| {
            let (row, column) = (pixel / width * small.height / height, pixel % width * small.width / width);
            row * small.width + column
        };
        let mut found = vec![none; small.area()];
        for (pixel, &value) in channel.iter().enumerate() {
            let own = &mut found[block(pixel)];
            if (value - none).abs() > (*own - none).abs() {
                *own = value;
            }
        }
        for (pixel, value) in channel.iter_mut().enumerate() {
            *value = found[block(pixel)];
        }
    }
}
