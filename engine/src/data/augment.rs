//! Random changes to training scenes: geometry alike for every sensor and the label, colour for colour images alone.

use std::ops::Range;

use rand_chacha::ChaCha8Rng;

use super::align::{Size, nearest_in, plane_in, resized};
use super::batch::checked_scene;
use super::error::DataError;
use super::sample::{IGNORE, Modality, ModalityKind, Plane, Sample, Window};
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
            Some(size) if (sample.height, sample.width) != (size.height, size.width) => {
                resized(&sample, sensors, size.height, size.width)
            }
            _ => sample,
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
        let cut = Cut::new(self, large, target);
        let label = sample.label.as_ref().map(|label| cut.placed(&nearest_in(label, from, large, &cut.window), IGNORE));
        let planes = sample.planes.iter().zip(sensors).map(|(plane, sensor)| {
            let part = plane_in(plane, sensor.kind, from, large, &cut.window);
            let mut values = Vec::with_capacity(plane.channels * target.area());
            for channel in 0..plane.channels {
                let area = part.values.len() / plane.channels;
                values.extend(cut.placed(&part.values[channel * area..(channel + 1) * area], sensor.low));
            }
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
            valid: cut.valid(),
        }
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

/// A window of a scaled image, mirrored or not, and where it lies in what is cut from there.
struct Cut {
    /// What of the image is seen.
    window: Window,
    mirrored: bool,
    /// Rows above the image.
    above: usize,
    /// Columns left of it.
    before: usize,
    target: Size,
}

impl Cut {
    fn new(draw: &Draw, from: Size, target: Size) -> Self {
        let (above, rows) = seen(from.height, target.height, offset(from.height, target.height, draw.down));
        let (before, columns) = seen(from.width, target.width, offset(from.width, target.width, draw.across));
        let columns = if draw.mirrored { from.width - columns.end..from.width - columns.start } else { columns };
        Self { window: Window { rows, columns }, mirrored: draw.mirrored, above, before, target }
    }

    /// Where the window lies in what is cut; it is mirrored before it is placed.
    fn valid(&self) -> Window {
        let Window { rows, columns } = &self.window;
        Window { rows: self.above..self.above + rows.len(), columns: self.before..self.before + columns.len() }
    }

    /// The window's values, mirrored, within what lies outside of the image.
    fn placed<T: Copy>(&self, window: &[T], fill: T) -> Vec<T> {
        let width = self.target.width;
        let mut placed = Vec::with_capacity(self.target.area());
        placed.resize(self.above * width, fill);
        let across = self.window.columns.len();
        for row in window.chunks_exact(across.max(1)) {
            placed.resize(placed.len() + self.before, fill);
            if self.mirrored {
                placed.extend(row.iter().rev());
            } else {
                placed.extend_from_slice(row);
            }
            placed.resize(placed.len() + width - self.before - across, fill);
        }
        placed.resize(self.target.area(), fill);
        placed
    }
}

/// How much of a side lies before the image, and what of the image is seen.
fn seen(from: usize, target: usize, begin: i64) -> (usize, Range<usize>) {
    let before = (-begin).max(0) as usize;
    let first = (begin.max(0) as usize).min(from);
    (before.min(target), first..(first + target.saturating_sub(before)).min(from))
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
    let contrasted = |value: f32| mean + (value - mean) * contrast;
    if plane.channels != 3 {
        plane.values.iter_mut().for_each(|value| *value = contrasted(*value).clamp(0.0, 1.0));
        return;
    }
    let (red, others) = plane.values.split_at_mut(area);
    let (green, blue) = others.split_at_mut(area);
    for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
        let [r, g, b] = [*red, *green, *blue].map(contrasted);
        let grey = 0.299 * r + 0.587 * g + 0.114 * b;
        let saturated = |value: f32| (grey + (value - grey) * saturation).clamp(0.0, 1.0);
        (*red, *green, *blue) = (saturated(r), saturated(g), saturated(b));
    }
}

/// 3 × 3 binomial filter; beyond the border lies the border's value.
fn blur(values: &mut [f32], size: Size) {
    let mixed = |before: f32, own: f32, after: f32| 0.25 * before + 0.5 * own + 0.25 * after;
    let mut across = Vec::with_capacity(values.len());
    for row in values.chunks(size.width) {
        let at = |x: usize| row[x.min(row.len() - 1)];
        across.push(mixed(at(0), at(0), at(1)));
        across.extend(row.windows(3).map(|three| mixed(three[0], three[1], three[2])));
        if let [.., before, last] = *row {
            across.push(mixed(before, last, last));
        }
    }
    let line = |y: usize| &across[y * size.width..(y + 1) * size.width];
    for (y, row) in values.chunks_mut(size.width).enumerate() {
        let (before, own, after) = (line(y.saturating_sub(1)), line(y), line((y + 1).min(size.height - 1)));
        for (((value, before), own), after) in row.iter_mut().zip(before).zip(own).zip(after) {
            *value = mixed(*before, *own, *after);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(channels: usize, area: usize) -> Plane {
        let value = |at: usize| ((at * 7919) % 1000) as f32 / 999.0;
        Plane { channels, values: (0..channels * area).map(value).collect() }
    }

    fn bits(plane: &Plane) -> Vec<u32> {
        plane.values.iter().map(|value| value.to_bits()).collect()
    }

    /// The same, pixel by pixel as it is defined.
    fn jittered_plainly(plane: &mut Plane, area: usize, [brightness, contrast, saturation]: [f32; 3]) {
        plane.values.iter_mut().for_each(|value| *value *= brightness);
        let mean = plane.values.iter().sum::<f32>() / plane.values.len() as f32;
        plane.values.iter_mut().for_each(|value| *value = mean + (*value - mean) * contrast);
        for pixel in (0..area).filter(|_| plane.channels == 3) {
            let [r, g, b] = [0, 1, 2].map(|channel| plane.values[channel * area + pixel]);
            let grey = 0.299 * r + 0.587 * g + 0.114 * b;
            for (channel, value) in [r, g, b].into_iter().enumerate() {
                plane.values[channel * area + pixel] = grey + (value - grey) * saturation;
            }
        }
        plane.values.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0));
    }

    fn blurred_plainly(values: &mut [f32], size: Size) {
        let mixed = |values: &[f32], step: usize, at: usize, end: usize, place: usize| {
            let before = if at > 0 { values[place - step] } else { values[place] };
            let after = if at + 1 < end { values[place + step] } else { values[place] };
            0.25 * before + 0.5 * values[place] + 0.25 * after
        };
        let across: Vec<f32> =
            (0..values.len()).map(|place| mixed(values, 1, place % size.width, size.width, place)).collect();
        for (place, value) in values.iter_mut().enumerate() {
            *value = mixed(&across, size.width, place / size.width, size.height, place);
        }
    }

    #[test]
    fn colours_change_bit_for_bit_as_they_are_defined() {
        for (height, width) in [(1, 1), (1, 2), (2, 1), (3, 2), (5, 7)] {
            let size = Size::new(height, width);
            for channels in [1, 3] {
                let (mut ours, mut plain) = (plane(channels, size.area()), plane(channels, size.area()));
                let factors = [1.3, 0.6, 1.4];
                jitter(&mut ours, size.area(), factors[0], factors[1], factors[2]);
                jittered_plainly(&mut plain, size.area(), factors);
                assert_eq!(bits(&ours), bits(&plain), "{size:?}, {channels} channels");
                ours.values.chunks_mut(size.area()).for_each(|values| blur(values, size));
                plain.values.chunks_mut(size.area()).for_each(|values| blurred_plainly(values, size));
                assert_eq!(bits(&ours), bits(&plain), "{size:?}, {channels} channels");
            }
        }
    }
}
