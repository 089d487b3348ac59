//! From files as they lie to the pictures that values are read from: cut, joined from several, brought to 8 bits.

use std::path::Path;

use super::align::Size;
use super::crop::{cropped, nothing_left};
use super::dataset::Dataset;
use super::decode::{self, Header, Raster, is_measured};
use super::entry::SampleEntry;
use super::error::DataError;
use super::hha::hha;
use super::manifest::ModalityFiles;
use super::sample::IGNORE;

impl Dataset {
    /// A sensor's picture of a scene, out of its first file and those that the manifest joins to it.
    pub(super) fn prepared(&self, first: Raster, entry: &SampleEntry, place: usize) -> Result<Raster, DataError> {
        let files = &self.manifest.modalities[place];
        let path = &entry.file(place).unwrap_or_default();
        let what = || format!("sensor `{}`", files.name);
        let first = cropped(first, &files.crop, what, path)?;
        let mut others = entry.joined(place).peekable();
        let raster = if others.peek().is_none() {
            first
        } else {
            let channel = files.first_channel.unwrap_or(0);
            let mut parts = vec![channel_of(&first, channel, what, path)?];
            for other in others {
                let raster = cropped(decode::read(&other)?, &files.crop, what, &other)?;
                parts.push(channel_of(&raster, channel, what, &other)?);
                if let [one, .., other_one] = parts.as_slice()
                    && (one.width, one.height, one.bits()) != (other_one.width, other_one.height, other_one.bits())
                {
                    let words = |raster: &Raster| {
                        let Raster { width, height, .. } = raster;
                        format!("{width} × {height} of {} bits", raster.bits())
                    };
                    let (expected, found) = (words(one), words(other_one));
                    let reason = format!("files that are joined are alike: expected {expected}, found {found}");
                    return Err(DataError::unprepared(what(), reason, &other));
                }
            }
            let differ = || DataError::unprepared(what(), "files that are joined differ".to_owned(), path);
            Raster::joined(&parts).ok_or_else(differ)?
        };
        match (files.percentiles, &files.hha) {
            (None, None) => Ok(raster),
            (Some(percentiles), _) => stretched(&raster, percentiles, files, path),
            (None, Some(camera)) => {
                // The depth alone: what `prepared` describes is what comes out.
                let depth = ModalityFiles { hha: None, channels: Some(1), ..files.clone() };
                let plane = raster.plane(&depth, path)?;
                let centre = [camera.cx - files.crop.left as f32, camera.cy - files.crop.top as f32];
                let values = hha(&plane.values, raster.width, [camera.fx, camera.fy], centre, depth.hole());
                Ok(Raster::of_bytes(raster.width, raster.height, 3, values))
            }
        }
    }

    /// Whether a file that two sensors share is one picture for both.
    pub(super) fn are_prepared_alike(&self, left: usize, right: usize) -> bool {
        let [left, right] = [left, right].map(|place| &self.manifest.modalities[place]);
        let is_plain =
            |files: &ModalityFiles| files.join.is_empty() && files.percentiles.is_none() && files.hha.is_none();
        left.crop == right.crop && is_plain(left) && is_plain(right)
    }

    /// The size of the first sensor's picture, from its file's header.
    pub(super) fn size_of_first(&self, path: &Path) -> Result<Size, DataError> {
        let files = &self.manifest.modalities[0];
        let Header { width, height, .. } = decode::read_header(path)?;
        let size = files.crop.of(width, height).map(|(width, height)| Size::new(height, width));
        size.ok_or_else(|| nothing_left(format!("sensor `{}`", files.name), &files.crop, (width, height), path))
    }

    /// Sets class ids to none where a scene's mask says so. `ids` has `width` columns.
    pub(super) fn masked(&self, entry: &SampleEntry, width: usize, ids: &mut [u8]) -> Result<(), DataError> {
        let (Some(mask), Some(labels)) = (&entry.mask(), &self.manifest.labels) else { return Ok(()) };
        let raster = cropped(decode::read(mask)?, &labels.crop, || "the label's mask".to_owned(), mask)?;
        if raster.width != width || raster.width * raster.height != ids.len() {
            let (height, found) = (ids.len() / width.max(1), format!("{} × {}", raster.width, raster.height));
            let reason = format!("it has the label's size: expected {width} × {height}, found {found}");
            return Err(DataError::unprepared("the label's mask", reason, mask));
        }
        for (pixel, id) in ids.iter_mut().enumerate() {
            if raster.channel(pixel, 0) != 0.0 {
                *id = IGNORE;
            }
        }
        Ok(())
    }
}

fn channel_of(raster: &Raster, channel: usize, what: impl Fn() -> String, path: &Path) -> Result<Raster, DataError> {
    if channel >= raster.channels {
        let (expected, found) = (channel + 1, raster.channels);
        return Err(DataError::Channels { what: what(), expected, found, path: path.to_owned() });
    }
    Ok(raster.single(channel))
}

/// One channel in 8 bits: 0 at the lower percentile of the image's measured values, 255 at the upper, rounded to the
/// nearest step and clamped. Percentiles are interpolated between the two nearest values, as numpy does. Where the
/// sensor has holes they become 0 and the darkest measured value is 1. An image of one value becomes 0 (1 with holes).
fn stretched(raster: &Raster, percentiles: [f32; 2], files: &ModalityFiles, path: &Path) -> Result<Raster, DataError> {
    // Bits and channels are looked at as for any sensor.
    let stored = ModalityFiles { percentiles: None, scale: Some(1.0), offset: 0.0, channels: Some(1), ..files.clone() };
    let values: Vec<f32> = raster.readings(&stored, path, f32::NAN)?.collect();
    let hole = files.stored_hole();
    let is_value = |value: f32| is_measured(value) && value.is_finite() && hole != Some(value);
    let mut sorted: Vec<f32> = values.iter().copied().filter(|&value| is_value(value)).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let ends = percentiles.map(|percentile| percentile_of(&sorted, f64::from(percentile)));
    let darkest = if hole.is_some() { 1.0 } else { 0.0 };
    let step = |value: f32| {
        if !is_value(value) {
            return 0;
        }
        let span = ends[1] - ends[0];
        let share = if span > 0.0 { (f64::from(value) - ends[0]) / span } else { 0.0 };
        (255.0 * share).round().clamp(darkest, 255.0) as u8
    };
    let bytes = values.iter().map(|&value| step(value)).collect();
    Ok(Raster::of_bytes(raster.width, raster.height, 1, bytes))
}

/// A percentile of sorted values; 0 of none.
fn percentile_of(sorted: &[f32], percentile: f64) -> f64 {
    let place = percentile / 100.0 * sorted.len().saturating_sub(1) as f64;
    let at = |place: f64| sorted.get(place as usize).copied().map_or(0.0, f64::from);
    let (below, above) = (at(place.floor()), at(place.ceil()));
    below + (above - below) * place.fract()
}
