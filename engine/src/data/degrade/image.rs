//! One sensor's image while something happens to it.

use rand_chacha::ChaCha8Rng;

use crate::data::align::{Size, is_smooth};
use crate::data::sample::{Modality, ModalityKind, Plane};
use crate::random::unit;

/// A sensor's image in the unit range.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Image {
    pub(super) kind: ModalityKind,
    pub(super) channels: usize,
    pub(super) size: Size,
    /// Channel by channel, row by row; NaN where nothing was measured, which arithmetic leaves as it is.
    pub(super) values: Vec<f32>,
    /// Whether the sensor knows places without a measurement.
    pub(super) has_holes: bool,
}

impl Image {
    /// A plane's values on the way from `low` to `high`.
    pub(super) fn of(plane: &Plane, sensor: &Modality, hole: Option<f32>, size: Size) -> Self {
        let span = sensor.high - sensor.low;
        let of_value = |&value: &f32| {
            if hole == Some(value) { f32::NAN } else { ((value - sensor.low) / span).clamp(0.0, 1.0) }
        };
        let values = plane.values.iter().map(of_value).collect();
        Self { kind: sensor.kind, channels: plane.channels, size, values, has_holes: hole.is_some() }
    }

    /// Puts what has changed since `before` into the plane that `before` was made of; every other value keeps its bits.
    pub(super) fn put(&self, before: &Self, plane: &mut Plane, sensor: &Modality, hole: Option<f32>) {
        let span = sensor.high - sensor.low;
        for ((value, &now), &then) in plane.values.iter_mut().zip(&self.values).zip(&before.values) {
            if now == then || (now.is_nan() && then.is_nan()) {
                continue;
            }
            *value = if now.is_nan() { hole.unwrap_or(sensor.low) } else { sensor.low + now.clamp(0.0, 1.0) * span };
        }
    }

    /// What a place without an answer reads: a hole where the sensor knows such, else black.
    pub(super) fn nothing(&self) -> f32 {
        if self.has_holes { f32::NAN } else { 0.0 }
    }

    /// Changes every value by its pixel's place, `[row, column]`, alike in all channels.
    pub(super) fn change(&mut self, change: impl Fn([usize; 2], f32) -> f32) {
        let Size { width, .. } = self.size;
        for channel in self.values.chunks_mut(self.size.area().max(1)) {
            for (pixel, value) in channel.iter_mut().enumerate() {
                *value = change([pixel / width, pixel % width], *value);
            }
        }
    }

    /// The mean of a channel's measured values; 0 of none.
    pub(super) fn mean_of(channel: &[f32]) -> f32 {
        let (mut sum, mut count) = (0.0, 0_u32);
        for value in channel.iter().filter(|value| !value.is_nan()) {
            sum += f64::from(*value);
            count += 1;
        }
        if count == 0 { 0.0 } else { (sum / f64::from(count)) as f32 }
    }

    /// The value that this share of all measured ones does not pass; 0 of none.
    pub(super) fn quantile(values: &[f32], share: f32) -> f32 {
        let mut measured: Vec<f32> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        if measured.is_empty() {
            return 0.0;
        }
        let place = ((measured.len() - 1) as f32 * share).round() as usize;
        *measured.select_nth_unstable_by(place, f32::total_cmp).1
    }

    /// The image as another grid of points sees it: `from` gives the column and the row that each pixel (row, column)
    /// looks at. Photographs are interpolated over what is measured, everything else takes the nearest pixel; beyond an
    /// edge lies what stands there.
    pub(super) fn warped(&self, from: impl Fn(usize, usize) -> (f32, f32)) -> Self {
        let Size { height, width } = self.size;
        let area = self.size.area();
        let mut values = vec![0.0; self.values.len()];
        for row in 0..height {
            for column in 0..width {
                let (x, y) = from(row, column);
                for channel in 0..self.channels {
                    let own = &self.values[channel * area..(channel + 1) * area];
                    values[channel * area + row * width + column] = self.at(own, x, y);
                }
            }
        }
        Self { values, ..self.clone() }
    }

    /// A channel's value at a place between its pixels.
    pub(super) fn at(&self, channel: &[f32], x: f32, y: f32) -> f32 {
        let Size { height, width } = self.size;
        let (x, y) = (x.clamp(0.0, (width - 1) as f32), y.clamp(0.0, (height - 1) as f32));
        if !is_smooth(self.kind) {
            return channel[y.round() as usize * width + x.round() as usize];
        }
        let (left, top) = (x as usize, y as usize);
        let (right, below) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
        let (across, down) = (x - left as f32, y - top as f32);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (row, share) in [(top, 1.0 - down), (below, down)] {
            for (column, weight) in [(left, share * (1.0 - across)), (right, share * across)] {
                let value = channel[row * width + column];
                if weight > 0.0 && !value.is_nan() {
                    sum += weight * value;
                    weights += weight;
                }
            }
        }
        // A place whose greater part is a hole is one.
        if weights < 0.5 { f32::NAN } else { sum / weights }
    }
}

/// A number of a normal distribution, by Box and Muller: always two draws.
pub(super) fn normal(random: &mut ChaCha8Rng) -> f32 {
    let (radius, angle) = (1.0 - unit(random), std::f32::consts::TAU * unit(random));
    (-2.0 * radius.ln()).sqrt() * angle.cos()
}

/// -1 or 1.
pub(super) fn sign(random: &mut ChaCha8Rng) -> f32 {
    if unit(random) < 0.5 { -1.0 } else { 1.0 }
}
