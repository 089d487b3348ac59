//! Adding up the values of one sensor's files.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::values::SensorValues;
use crate::data::decode::Raster;
use crate::data::error::DataError;
use crate::data::manifest::ModalityFiles;
use crate::protocol::SensorSpread;

/// Steps of the range in which values are counted.
const BINS: usize = 1024;

/// The share of values at either end that does not count as use of the range: dead and hot pixels.
const OUTLIERS: f64 = 1e-4;

/// Channels that differ by more than this share of the largest value, on average, hold colours.
const COLOUR_DIFFERENCE: f32 = 0.02;

/// Pixels of a file that are looked at for colours.
const COLOUR_PIXELS: usize = 4096;

/// What some files of one sensor hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ValueTally {
    files: u64,
    values: u64,
    measured: u64,
    not_finite: u64,
    clamped: u64,
    sum: f64,
    #[serde(with = "bits")]
    min: f32,
    #[serde(with = "bits")]
    max: f32,
    bins: Vec<u64>,
    constant_files: u64,
    averaged_files: u64,
}

impl Default for ValueTally {
    fn default() -> Self {
        Self {
            files: 0,
            values: 0,
            measured: 0,
            not_finite: 0,
            clamped: 0,
            sum: 0.0,
            min: f32::INFINITY,
            max: f32::NEG_INFINITY,
            bins: vec![0; BINS],
            constant_files: 0,
            averaged_files: 0,
        }
    }
}

impl ValueTally {
    /// Adds a file; the error says why it cannot be read as this sensor's.
    pub(crate) fn add(&mut self, raster: &Raster, files: &ModalityFiles, path: &Path) -> Result<(), DataError> {
        let sensor = files.modality();
        let hole = files.hole();
        let span = sensor.high - sensor.low;
        let (mut min, mut max) = (f32::INFINITY, f32::NEG_INFINITY);
        raster.occurrences(files, path, f32::NAN, &mut |value, times| {
            self.values += times;
            if value.is_nan() {
                self.not_finite += times;
                return;
            }
            if hole == Some(value) {
                return;
            }
            self.measured += times;
            self.sum += f64::from(value) * times as f64;
            (min, max) = (min.min(value), max.max(value));
            let place = (value - sensor.low) / span;
            // Values that a rounding apart from the end are not clamped to speak of.
            self.clamped += if (-1e-5..=1.0 + 1e-5).contains(&place) { 0 } else { times };
            self.bins[((place * BINS as f32) as usize).min(BINS - 1)] += times;
        })?;
        self.files += 1;
        self.constant_files += u64::from(min == max);
        self.averaged_files += u64::from(is_average_of_colours(raster, files));
        (self.min, self.max) = (self.min.min(min), self.max.max(max));
        Ok(())
    }

    pub(crate) fn join(&mut self, other: &Self) {
        self.files += other.files;
        self.values += other.values;
        self.measured += other.measured;
        self.not_finite += other.not_finite;
        self.clamped += other.clamped;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.bins.iter_mut().zip(&other.bins).for_each(|(sum, count)| *sum += count);
        self.constant_files += other.constant_files;
        self.averaged_files += other.averaged_files;
    }

    /// The numbers of a sensor; `None` where no file was read.
    pub(crate) fn values(&self, files: &ModalityFiles) -> Option<SensorValues> {
        if self.files == 0 {
            return None;
        }
        let sensor = files.modality();
        let share = |part: u64, all: u64| if all == 0 { 0.0 } else { (part as f64 / all as f64) as f32 };
        let is_measured = self.measured > 0;
        let unmeasured = if files.hole().is_some() { self.values - self.measured } else { self.not_finite };
        Some(SensorValues {
            sensor: sensor.name,
            unit: sensor.unit,
            low: sensor.low,
            high: sensor.high,
            files: self.files,
            min: if is_measured { self.min } else { 0.0 },
            max: if is_measured { self.max } else { 0.0 },
            mean: if is_measured { (self.sum / self.measured as f64) as f32 } else { 0.0 },
            clamped: share(self.clamped, self.measured),
            unmeasured: share(unmeasured, self.values),
            not_finite: share(self.not_finite, self.values),
            used: self.used(),
            constant_files: self.constant_files,
            averaged_files: self.averaged_files,
        })
    }

    /// How often values occur.
    pub(crate) fn spread(&self, files: &ModalityFiles) -> SensorSpread {
        let sensor = files.modality();
        let seen = self.values(files).unwrap_or_default();
        SensorSpread {
            name: sensor.name,
            unit: sensor.unit,
            low: sensor.low,
            high: sensor.high,
            bins: self.bins.chunks(BINS / SensorSpread::BINS).map(|bins| bins.iter().sum()).collect(),
            min: seen.min,
            max: seen.max,
            mean: seen.mean,
            clamped: seen.clamped,
            unmeasured: seen.unmeasured,
        }
    }

    /// The share of the range between the outermost bins that hold more than outliers.
    fn used(&self) -> f32 {
        let spared = (self.measured as f64 * OUTLIERS) as u64;
        let is_outermost = || {
            let mut sum = 0;
            move |&count: &u64| {
                sum += count;
                sum > spared
            }
        };
        match (self.bins.iter().position(is_outermost()), self.bins.iter().rev().position(is_outermost())) {
            (Some(below), Some(above)) => (BINS.saturating_sub(below + above)) as f32 / BINS as f32,
            _ => 0.0,
        }
    }
}

/// Numbers in JSON as their bits, since infinity has no other form there.
mod bits {
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over the field as it is")]
    pub(super) fn serialize<S: Serializer>(number: &f32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(number.to_bits())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
        u32::deserialize(deserializer).map(f32::from_bits)
    }
}

/// Whether a file of colours is read as one channel by their mean.
fn is_average_of_colours(raster: &Raster, files: &ModalityFiles) -> bool {
    if files.first_channel.is_some() || files.modality().channels != 1 || raster.stored_channels() < 3 {
        return false;
    }
    let area = raster.width * raster.height;
    let step = area.div_ceil(COLOUR_PIXELS).max(1);
    let (mut difference, mut top, mut count) = (0.0_f64, 0.0_f32, 0_usize);
    for pixel in (0..area).step_by(step) {
        let [red, green, blue] = [0, 1, 2].map(|channel| raster.channel(pixel, channel));
        top = top.max(red.abs()).max(green.abs()).max(blue.abs());
        difference += f64::from((red - green).abs().max((green - blue).abs()));
        count += 1;
    }
    difference / count.max(1) as f64 > f64::from(COLOUR_DIFFERENCE * top)
}
