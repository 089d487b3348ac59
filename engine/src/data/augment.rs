//! Random changes to training scenes: geometry alike for every sensor and the label, colour for colour images alone.

use rand_chacha::ChaCha8Rng;

use super::align::{Size, nearest, plane_at, resized};
use super::batch::checked_scene;
use super::error::DataError;
use super::sample::{IGNORE, Modality, ModalityKind, Plane, Sample};
use crate::random::unit;
use crate::recipe::catalogue::data;
use crate::recipe::{Key, Recipe};

/// The recipe's `data.*` settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Augmentation {
    /// The size that samples are resized to first; `None` keeps the file's.
    size: Option<Size>,
    /// Height and width; 0 crops nothing.
    crop: Size,
    flip: f32,
    scale: [f32; 2],
    jitter: f32,
    blur: f32,
}

/// What was drawn for one sample: always the same count of random numbers, whatever is switched on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Draw {
    mirrored: bool,
    scale: f32,
    /// Where the crop lies, 0 to 1 of the room there is.
    across: f32,
    down: f32,
    /// Factors of brightness, contrast and saturation.
    jitter: Option<[f32; 3]>,
    blurred: bool,
}

impl Augmentation {
    pub(crate) fn from_recipe(recipe: &Recipe) -> Self {
        let number = |key: Key<f64>| recipe.get(key) as f32;
        let size = Size::new(recipe.get(data::HEIGHT), recipe.get(data::WIDTH));
        Self {
            size: (size.area() > 0).then_some(size),
            crop: match (recipe.get(data::CROP_HEIGHT), recipe.get(data::CROP)) {
                (0, side) => Size::new(side, side),
                (height, width) => Size::new(height, width),
            },
            flip: number(data::FLIP),
            scale: [number(data::SCALE_MIN), number(data::SCALE_MAX)],
            jitter: number(data::JITTER),
            blur: number(data::BLUR),
        }
    }

    pub(crate) fn draw(&self, random: &mut ChaCha8Rng) -> Draw {
        let mirrored = unit(random) < self.flip;
        let scale = self.scale[0] + (self.scale[1] - self.scale[0]) * unit(random);
        let (across, down) = (unit(random), unit(random));
        let jittered = unit(random) < self.jitter;
        let factors = [(); 3].map(|()| 0.5 + unit(random));
        let blurred = unit(random) < self.blur;
        Draw { mirrored, scale, across, down, jitter: jittered.then_some(factors), blurred }
    }

    /// The sample at `data.height` × `data.width`.
    pub(crate) fn sized(&self, sample: Sample, sensors: &[Modality]) -> Sample {
        match self.size {
            Some(size) => resized(&sample, sensors, size.height, size.width),
            None => sample,
        }
    }

    /// The size that this sample alone makes sure all of its batch are cut to, whatever the others' sizes.
    pub(crate) fn sure_target(&self, sample: &Sample) -> Option<Size> {
        (self.crop.area() > 0 && self.target([sample]) == self.crop).then_some(self.crop)
    }

    /// The sample, unless it is neither cut nor small enough for a network.
    pub(crate) fn fitting(&self, sample: Sample) -> Result<Sample, DataError> {
        if self.crop.area() == 0 && self.size.is_none() {
            checked_scene(&sample)?;
        }
        Ok(sample)
    }

    /// The size that all samples of a batch are cut or padded to: the crop's, else the smallest of both sides among
    /// them.
    ///
    /// A crop never reaches beyond the largest sample at the largest scale, where it could hold nothing but padding.
    pub(crate) fn target<'a>(&self, samples: impl IntoIterator<Item = &'a Sample>) -> Size {
        let samples: Vec<&Sample> = samples.into_iter().collect();
        let [height, width]: [fn(&Sample) -> usize; 2] = [|sample| sample.height, |sample| sample.width];
        if self.crop.area() > 0 {
            let most = |crop: usize, side: fn(&Sample) -> usize| {
                let largest = samples.iter().map(|sample| side(sample)).max().unwrap_or(1);
                crop.min((largest as f32 * self.scale[1]).round() as usize).max(1)
            };
            return Size::new(most(self.crop.height, height), most(self.crop.width, width));
        }
        let least = |side: fn(&Sample) -> usize| samples.iter().map(|sample| side(sample)).min().unwrap_or(1);
        Size::new(least(height), least(width))
    }
}

impl Draw {
    /// Scale, mirror, cut (or pad with `low` and the ignore label), then change the colours.
    pub(crate) fn apply(&self, sample: Sample, sensors: &[Modality], target: Size) -> Sample {
        let from = Size::new(sample.height, sample.width);
        let scaled = |side: usize| ((side as f32 * self.scale).round() as usize).max(1);
        let large = Size::new(scaled(from.height), scaled(from.width));
        let label = sample.label.as_ref().map(|label| {
            let label = if large == from { label.clone() } else { nearest(label, from, large) };
            self.cut(&label, large, target, IGNORE)
        });
        let planes = sample.planes.iter().zip(sensors).map(|(plane, sensor)| {
            let plane = plane_at(plane, sensor.kind, from, large);
            let cut = |values: &[f32]| self.cut(values, large, target, sensor.low);
            let values = plane.values.chunks(large.area()).flat_map(cut).collect();
            let mut plane = Plane { channels: plane.channels, values };
            if sensor.kind == ModalityKind::Colour {
                self.recolour(&mut plane, target);
            }
            plane
        });
        Sample {
            planes: planes.collect(),
            label,
            height: target.height,
            width: target.width,
            id: sample.id,
            tags: sample.tags,
        }
    }

    /// Mirrors, then takes a window of `target`, filling what lies outside.
    fn cut<T: Copy>(&self, values: &[T], from: Size, target: Size, fill: T) -> Vec<T> {
        let top = offset(from.height, target.height, self.down);
        let left = offset(from.width, target.width, self.across);
        let mut window = Vec::with_capacity(target.area());
        for y in 0..target.height as i64 {
            let row = y + top;
            for x in 0..target.width as i64 {
                let column = x + left;
                let inside = (0..from.height as i64).contains(&row) && (0..from.width as i64).contains(&column);
                window.push(if inside {
                    let column = if self.mirrored { from.width as i64 - 1 - column } else { column };
                    values[row as usize * from.width + column as usize]
                } else {
                    fill
                });
            }
        }
        window
    }

    fn recolour(&self, plane: &mut Plane, size: Size) {
        if let Some([brightness, contrast, saturation]) = self.jitter {
            jitter(plane, size.area(), brightness, contrast, saturation);
        }
        if self.blurred {
            for values in plane.values.chunks_mut(size.area()) {
                blur(values, size);
            }
        }
    }
}

/// Where the window starts: within the image where that is larger, before its start where it is smaller.
fn offset(from: usize, target: usize, share: f32) -> i64 {
    let room = from as i64 - target as i64;
    let steps = (share * (room.unsigned_abs() + 1) as f32) as i64;
    let steps = steps.min(room.abs());
    if room >= 0 { steps } else { -steps }
}

/// Brightness scales all values, contrast moves them from their mean, saturation from their grey.
fn jitter(plane: &mut Plane, area: usize, brightness: f32, contrast: f32, saturation: f32) {
    plane.values.iter_mut().for_each(|value| *value *= brightness);
    let mean = plane.values.iter().sum::<f32>() / plane.values.len().max(1) as f32;
    plane.values.iter_mut().for_each(|value| *value = mean + (*value - mean) * contrast);
    if plane.channels == 3 {
        for pixel in 0..area {
            let [r, g, b] = [0, 1, 2].map(|channel| plane.values[channel * area + pixel]);
            let grey = 0.299 * r + 0.587 * g + 0.114 * b;
            for (channel, value) in [r, g, b].into_iter().enumerate() {
                plane.values[channel * area + pixel] = grey + (value - grey) * saturation;
            }
        }
    }
    plane.values.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0));
}

/// 3 × 3 binomial filter; beyond the border lies the border's value.
fn blur(values: &mut [f32], size: Size) {
    let pass = |values: &[f32], step: usize, at: usize, end: usize, place: usize| {
        let before = if at > 0 { values[place - step] } else { values[place] };
        let after = if at + 1 < end { values[place + step] } else { values[place] };
        0.25 * before + 0.5 * values[place] + 0.25 * after
    };
    let across: Vec<f32> =
        (0..values.len()).map(|place| pass(values, 1, place % size.width, size.width, place)).collect();
    for (place, value) in values.iter_mut().enumerate() {
        *value = pass(&across, size.width, place / size.width, size.height, place);
    }
}
