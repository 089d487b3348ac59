//! A lens out of focus.

use super::image::Image;
use crate::data::align::Size;

/// The disc's radius at severity 1, of the longer side.
const RADIUS: f32 = 0.03;

/// The mean over a disc, row by row of running sums; beyond the edges lies nothing.
pub(super) fn defocus(image: &mut Image, severity: f32) {
    let Size { height, width } = image.size;
    let radius = severity * RADIUS * height.max(width) as f32;
    let reach = radius.floor() as i64;
    for channel in image.values.chunks_mut((height * width).max(1)) {
        let sums = running(channel, width, |value| if value.is_nan() { 0.0 } else { f64::from(value) });
        let counts = running(channel, width, |value| f64::from(u8::from(!value.is_nan())));
        for row in 0..height {
            for column in 0..width {
                let (mut sum, mut count) = (0.0, 0.0);
                for step in -reach..=reach {
                    let line = row as i64 + step;
                    if line < 0 || line >= height as i64 {
                        continue;
                    }
                    let half = f64::from((radius * radius - (step * step) as f32).max(0.0).sqrt());
                    // A pixel reaches half a pixel to either side of its centre.
                    let [from, to] = [column as f64 + 0.5 - half, column as f64 + 0.5 + half];
                    let line = line as usize * (width + 1);
                    sum += upto(&sums[line..=line + width], to) - upto(&sums[line..=line + width], from);
                    count += upto(&counts[line..=line + width], to) - upto(&counts[line..=line + width], from);
                }
                let value = &mut channel[row * width + column];
                if !value.is_nan() && count > 1e-6 {
                    *value = (sum / count) as f32;
                }
            }
        }
    }
}

/// Sums of each row's values before each place, `width + 1` a row.
fn running(values: &[f32], width: usize, of: impl Fn(f32) -> f64) -> Vec<f64> {
    let mut sums = Vec::with_capacity(values.len() + values.len() / width.max(1));
    for row in values.chunks(width.max(1)) {
        let mut sum = 0.0;
        sums.push(sum);
        for &value in row {
            sum += of(value);
            sums.push(sum);
        }
    }
    sums
}

/// A running sum at a place between two pixels.
fn upto(sums: &[f64], place: f64) -> f64 {
    let place = place.clamp(0.0, (sums.len() - 1) as f64);
    let before = (place as usize).min(sums.len() - 2);
    sums[before] + (sums[before + 1] - sums[before]) * (place - before as f64)
}
