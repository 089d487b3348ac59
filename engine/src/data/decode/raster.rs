//! Stored values of an image, and what they become under a manifest.

use std::path::Path;

use crate::data::error::DataError;
use crate::data::manifest::ModalityFiles;
use crate::data::sample::Plane;
use crate::data::source::{Crop, Expression};

/// Stored values, pixel by pixel with the channels together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
    Floats(Vec<f32>),
}

/// A decoded image.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Raster {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Stored channels; 1 where there is a palette.
    pub(crate) channels: usize,
    pub(crate) values: Values,
    /// The largest value that the stored bits can hold where they are fewer than 8, else 255.
    pub(crate) top: u8,
    /// Colours that the values are indices of.
    pub(crate) palette: Option<Vec<[u8; 3]>>,
}

impl Values {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Bytes(values) => values.len(),
            Self::Words(values) => values.len(),
            Self::Floats(values) => values.len(),
        }
    }

    /// A value, exact but for whole numbers beyond 2^24.
    pub(crate) fn get(&self, index: usize) -> f32 {
        match self {
            Self::Bytes(values) => f32::from(values[index]),
            Self::Words(values) => f32::from(values[index]),
            Self::Floats(values) => values[index],
        }
    }
}

impl Raster {
    /// 8, 16 or 32.
    pub(crate) fn bits(&self) -> u8 {
        match self.values {
            Values::Bytes(_) => 8,
            Values::Words(_) => 16,
            Values::Floats(_) => 32,
        }
    }

    /// Bytes that the values take.
    pub(crate) fn size_bytes(&self) -> usize {
        self.values.len() * (self.bits() as usize / 8)
    }

    /// The sensor's values in its unit, channel by channel, at the file's size. A value that is not finite reads as a
    /// hole where the sensor has holes, else as `low`.
    pub(crate) fn plane(&self, files: &ModalityFiles, path: &Path) -> Result<Plane, DataError> {
        let odd = files.hole().unwrap_or(files.modality().low);
        let channels = files.modality().channels;
        let mut values = Vec::with_capacity(self.width * self.height * channels);
        if let Some((bytes, places)) = self.bytes_of(files) {
            // A byte says it all, so that what becomes of each is computed once.
            for (channel, place) in places.into_iter().enumerate() {
                let table = self.conversion(files, path, odd)?.table(files.expression.get(channel).copied());
                values.extend(bytes.chunks_exact(self.channels).map(|pixel| table[usize::from(pixel[place])]));
            }
        } else {
            values.extend(self.readings(files, path, odd)?);
        }
        Ok(Plane { channels, values })
    }

    /// The values of [`Raster::readings`] and how often each occurs, in no order; a value may come several times.
    pub(crate) fn occurrences(
        &self,
        files: &ModalityFiles,
        path: &Path,
        odd: f32,
        each: &mut dyn FnMut(f32, u64),
    ) -> Result<(), DataError> {
        let Some((bytes, places)) = self.bytes_of(files) else {
            self.readings(files, path, odd)?.for_each(|value| each(value, 1));
            return Ok(());
        };
        for (channel, place) in places.into_iter().enumerate() {
            let table = self.conversion(files, path, odd)?.table(files.expression.get(channel).copied());
            let mut counts = [0_u64; 256];
            bytes.chunks_exact(self.channels).for_each(|pixel| counts[usize::from(pixel[place])] += 1);
            table.into_iter().zip(counts).filter(|&(_, count)| count > 0).for_each(|(value, count)| each(value, count));
        }
        Ok(())
    }

    /// The stored bytes and, by the sensor's channel, which of a pixel's it is read from; `None` where values are read
    /// from more than a byte.
    fn bytes_of(&self, files: &ModalityFiles) -> Option<(&[u8], Vec<usize>)> {
        let (Values::Bytes(bytes), None) = (&self.values, &self.palette) else { return None };
        let (channels, stored) = (files.modality().channels, self.channels);
        let first = match files.first_channel {
            Some(first) if first + channels <= stored => first,
            None if stored < 3 => return Some((bytes, vec![0; channels])),
            None if channels == 3 => 0,
            _ => return None,
        };
        Some((bytes, (first..first + channels).collect()))
    }

    /// The values of [`Raster::plane`] one by one, with another number in place of those that are not finite.
    pub(crate) fn readings(
        &self,
        files: &ModalityFiles,
        path: &Path,
        odd: f32,
    ) -> Result<impl Iterator<Item = f32>, DataError> {
        let conversion = self.conversion(files, path, odd)?;
        let (first, stored) = (files.first_channel, self.stored_channels());
        let expression = files.expression.clone();
        let (area, channels) = (self.width * self.height, files.modality().channels);
        Ok((0..channels).flat_map(move |channel| {
            let expression = expression.get(channel).copied();
            (0..area).map(move |pixel| {
                let stored_value = match first {
                    Some(first) => self.channel(pixel, first + channel),
                    // Grey (with or without alpha) stands for each of three channels.
                    None if stored < 3 => self.channel(pixel, 0),
                    None if channels == 3 => self.channel(pixel, channel),
                    None => (self.channel(pixel, 0) + self.channel(pixel, 1) + self.channel(pixel, 2)) / 3.0,
                };
                conversion.of(stored_value, expression)
            })
        }))
    }

    /// What becomes of stored values; the error says why they are not this sensor's.
    fn conversion(&self, files: &ModalityFiles, path: &Path, odd: f32) -> Result<Conversion, DataError> {
        let modality = files.modality();
        if self.bits() != files.bit_depth {
            return Err(DataError::BitDepth {
                modality: modality.name,
                expected: files.bit_depth,
                found: self.bits(),
                path: path.to_owned(),
            });
        }
        let stored = self.stored_channels();
        let first = files.first_channel;
        if first.is_some_and(|first| first + modality.channels > stored) {
            return Err(DataError::Channels {
                what: format!("sensor `{}`", modality.name),
                expected: first.unwrap_or(0) + modality.channels,
                found: stored,
                path: path.to_owned(),
            });
        }
        let stretch = if self.palette.is_none() { 255.0 / f64::from(self.top) } else { 1.0 };
        let to_radians = if files.unit == "rad" { 1.0 } else { std::f32::consts::PI / 180.0 };
        Ok(Conversion { scale: files.scale() * stretch, offset: f64::from(files.offset), to_radians, odd })
    }

    /// What is left of the picture under a cut; `None` where that is nothing.
    pub(crate) fn cropped(self, crop: &Crop) -> Option<Self> {
        if crop.is_empty() {
            return Some(self);
        }
        let (width, height) = crop.of(self.width, self.height)?;
        let (channels, across) = (self.channels, self.width * self.channels);
        let rows = (crop.top..crop.top + height).map(|row| row * across + crop.left * channels);
        let values = match &self.values {
            Values::Bytes(values) => Values::Bytes(cut(values, rows, width * channels)),
            Values::Words(values) => Values::Words(cut(values, rows, width * channels)),
            Values::Floats(values) => Values::Floats(cut(values, rows, width * channels)),
        };
        Some(Self { width, height, values, ..self })
    }

    /// One channel alone, of the stored values.
    pub(crate) fn single(&self, channel: usize) -> Self {
        let places = (0..self.width * self.height).map(|pixel| pixel * self.channels + channel);
        let values = match &self.values {
            Values::Bytes(values) => Values::Bytes(places.map(|place| values[place]).collect()),
            Values::Words(values) => Values::Words(places.map(|place| values[place]).collect()),
            Values::Floats(values) => Values::Floats(places.map(|place| values[place]).collect()),
        };
        Self { channels: 1, values, palette: None, ..*self }
    }

    /// Pictures of one channel as the channels of one; `None` where they differ in size or bits.
    pub(crate) fn joined(parts: &[Self]) -> Option<Self> {
        let first = parts.first()?;
        let alike = |part: &Self| {
            (part.width, part.height, part.bits(), part.channels) == (first.width, first.height, first.bits(), 1)
        };
        if !parts.iter().all(alike) {
            return None;
        }
        let (area, channels) = (first.width * first.height, parts.len());
        let places = (0..area).flat_map(|pixel| parts.iter().map(move |part| (part, pixel)));
        let values = match first.bits() {
            8 => Values::Bytes(places.map(|(part, pixel)| part.values.get(pixel) as u8).collect()),
            16 => Values::Words(places.map(|(part, pixel)| part.values.get(pixel) as u16).collect()),
            _ => Values::Floats(places.map(|(part, pixel)| part.values.get(pixel)).collect()),
        };
        Some(Self { channels, values, palette: None, ..*first })
    }

    /// An 8-bit picture.
    pub(crate) fn of_bytes(width: usize, height: usize, channels: usize, values: Vec<u8>) -> Self {
        Self { width, height, channels, values: Values::Bytes(values), top: 255, palette: None }
    }

    /// Channels that can be used: those of the palette where there is one.
    pub(crate) fn stored_channels(&self) -> usize {
        if self.palette.is_some() { 3 } else { self.channels }
    }

    /// A stored value, looked up where there is a palette.
    pub(crate) fn channel(&self, pixel: usize, channel: usize) -> f32 {
        match (&self.palette, &self.values) {
            (Some(palette), Values::Bytes(indices)) => {
                palette.get(indices[pixel] as usize).map_or(0.0, |colour| f32::from(colour[channel.min(2)]))
            }
            _ => self.values.get(pixel * self.channels + channel),
        }
    }
}

/// From stored values to those of a sensor.
#[derive(Clone, Copy)]
struct Conversion {
    scale: f64,
    offset: f64,
    to_radians: f32,
    /// What stands for values that are not finite.
    odd: f32,
}

impl Conversion {
    /// What becomes of each byte.
    fn table(self, expression: Option<Expression>) -> [f32; 256] {
        std::array::from_fn(|byte| self.of(byte as f32, expression))
    }

    fn of(&self, stored: f32, expression: Option<Expression>) -> f32 {
        let value = (f64::from(stored) * self.scale + self.offset) as f32;
        match expression {
            _ if !(is_measured(stored) && value.is_finite()) => self.odd,
            None => value,
            Some(expression) => expression.of(value * self.to_radians),
        }
    }
}

fn cut<T: Copy>(values: &[T], rows: impl Iterator<Item = usize>, length: usize) -> Vec<T> {
    rows.flat_map(|start| values[start..start + length].iter().copied()).collect()
}

/// Whether a stored value is one: NaN, infinities and the outermost floating-point numbers stand for places without
/// any.
pub(crate) fn is_measured(stored: f32) -> bool {
    stored.abs() < 3.4e38
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ModalityKind;

    #[test]
    fn bytes_are_looked_up_to_the_bits_that_they_are_computed_to() {
        let path = Path::new("a.png");
        let of = |kind, first_channel| ModalityFiles { first_channel, ..ModalityFiles::new("s", kind, "{id}.png") };
        for channels in 1..=4 {
            for top in [255, 15] {
                let values =
                    (0..=255_u8).flat_map(|byte| (0..channels).map(move |at| byte.wrapping_add(at as u8 * 50)));
                let raster = Raster { top, ..Raster::of_bytes(16, 16, channels, values.collect()) };
                for kind in [ModalityKind::Colour, ModalityKind::Thermal, ModalityKind::Depth] {
                    let wide = kind == ModalityKind::Colour;
                    for first in [None, Some(0), Some(1)] {
                        if first.is_some_and(|first| first + if wide { 3 } else { 1 } > channels) {
                            continue;
                        }
                        for scale in [None, Some(0.37)] {
                            let files = ModalityFiles { scale, offset: -3.5, ..of(kind, first) };
                            let odd = files.hole().unwrap_or(files.modality().low);
                            let plain: Vec<u32> =
                                raster.readings(&files, path, odd).unwrap().map(f32::to_bits).collect();
                            let ours: Vec<u32> = raster
                                .plane(&files, path)
                                .unwrap()
                                .values
                                .iter()
                                .map(|value| value.to_bits())
                                .collect();
                            assert_eq!(ours, plain, "{channels} {top} {kind:?} {first:?}");
                            let mut counted = Vec::new();
                            let mut each = |value: f32, times: u64| {
                                counted.extend(std::iter::repeat_n(value.to_bits(), times as usize));
                            };
                            raster.occurrences(&files, path, odd, &mut each).unwrap();
                            counted.sort_unstable();
                            let mut plain = plain;
                            plain.sort_unstable();
                            assert_eq!(counted, plain, "{channels} {top} {kind:?} {first:?}");
                        }
                    }
                }
            }
        }
    }
}
