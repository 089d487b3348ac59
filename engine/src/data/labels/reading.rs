//! Which channel or colour of a label file says the class of a pixel.
//!
//! A file of one channel holds ids. One of several holds them where its channels agree, or in its first where nothing
//! speaks against it (DELIVER, CARLA: the others are empty or number the instances), or colours that the manifest
//! names. Everything else is refused by its channels, for the first channel of a picture in colours reads as ids of
//! some other class.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::refused::Refused;
use super::table::{LabelTable, REFUSED};
use crate::data::align::Size;
use crate::data::crop::cropped;
use crate::data::decode::{self, Raster, Values};
use crate::data::error::DataError;
use crate::data::sample::IGNORE;

/// Different colours without a class that are told apart: a photograph has as many as pixels.
const MAX_COLOURS_KEPT: usize = 4096;

/// With more classes than this a channel of colours passes for ids too easily.
const MAX_CLASSES_BESIDE_INSTANCES: usize = 64;

/// Class ids of one file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DecodedLabel {
    pub(crate) size: Size,
    pub(crate) ids: Vec<u8>,
    /// What was out of range and reads as ignored.
    pub(crate) refused: Refused,
}

impl LabelTable {
    /// Class ids of the file at `path`, with what is out of range counted and ignored.
    pub(crate) fn read(&self, path: &Path) -> Result<DecodedLabel, DataError> {
        decode::visit_label(path, |raster| {
            self.decode(&cropped(raster, &self.crop, || "label".to_owned(), path)?, path)
        })
    }

    /// Class ids of the file at `path`, or the error that names what is out of range.
    pub(crate) fn read_strict(&self, path: &Path) -> Result<DecodedLabel, DataError> {
        let label = self.read(path)?;
        self.refusal(&label, path).map_or(Ok(label), Err)
    }

    /// The error that names what is out of range in a file.
    pub(crate) fn refusal(&self, label: &DecodedLabel, path: &Path) -> Option<DataError> {
        label.refused.error(self, path)
    }

    /// Class ids of a decoded file.
    pub(crate) fn decode(&self, raster: &Raster, path: &Path) -> Result<DecodedLabel, DataError> {
        if self.by_colour {
            return self.by_colour(raster, path);
        }
        if let Some(channel) = self.channel {
            return if channel < raster.channels {
                Ok(self.by_ids(raster, channel))
            } else {
                let (what, expected) = ("label".to_owned(), channel + 1);
                Err(DataError::Channels { what, expected, found: raster.channels, path: path.to_owned() })
            };
        }
        if let Some(planes) = one_hot(raster) {
            let reason = format!(
                "expected one class id a pixel, found {planes} planes with a single 1 at each pixel (one plane a class); save \
                 the number of that plane instead (`argmax` over the planes)"
            );
            return Err(DataError::label(reason, path));
        }
        let ids = self.by_ids(raster, 0);
        if raster.channels == 1 && (raster.palette.is_none() || self.colours.is_empty()) {
            return Ok(ids);
        }
        let holds_ids = ids.refused.pixels == 0;
        let coloured = if self.colours.is_empty() { None } else { self.by_colour(raster, path).ok() };
        let (agrees, first_alone) = (channels_agree(raster), self.may_hold_ids(raster, &ids));
        match coloured {
            Some(coloured) if !(holds_ids && (agrees || first_alone)) => Ok(coloured),
            Some(coloured) if coloured.ids != ids.ids => {
                let reason = "its values are ids of some classes and the colours of others; say which they are by \
                              `labels.channel = 0` for ids or `labels.by_colour = true`";
                Err(DataError::label(reason, path))
            }
            _ if agrees || (first_alone && holds_ids) => Ok(ids),
            _ => Err(self.channels_error(raster, path)),
        }
    }

    /// Ids as one channel holds them.
    fn by_ids(&self, raster: &Raster, channel: usize) -> DecodedLabel {
        let mut refused = Refused::default();
        let ids = (0..raster.width * raster.height).map(|pixel| {
            let stored = raster.values.get(pixel * raster.channels + channel);
            match self.meaning_of(stored) {
                REFUSED => {
                    refused.add(stored);
                    IGNORE
                }
                id => id,
            }
        });
        DecodedLabel { ids: ids.collect(), size: Size::new(raster.height, raster.width), refused }
    }

    /// Ids by the colours that the manifest names; the error names one that it does not.
    fn by_colour(&self, raster: &Raster, path: &Path) -> Result<DecodedLabel, DataError> {
        let mut unnamed: BTreeMap<[u8; 3], usize> = BTreeMap::new();
        let mut ids = Vec::with_capacity(raster.width * raster.height);
        let mut last: Option<([u8; 3], Option<u8>)> = None;
        for pixel in 0..raster.width * raster.height {
            let Some(colour) = colour_of(raster, pixel) else {
                let reason =
                    format!("expected 8-bit colours, found {} channels of {} bits", raster.channels, raster.bits());
                return Err(DataError::label(reason, path));
            };
            // Neighbours mostly share their colour.
            if last.is_none_or(|(known, _)| known != colour) {
                last = Some((colour, self.colours.get(&colour).copied()));
            }
            let id = last.and_then(|(_, id)| id);
            if id.is_none() && (unnamed.len() < MAX_COLOURS_KEPT || unnamed.contains_key(&colour)) {
                *unnamed.entry(colour).or_default() += 1;
            }
            ids.push(id.unwrap_or(IGNORE));
        }
        let Some(([red, green, blue], pixels)) = unnamed.iter().next() else {
            let size = Size::new(raster.height, raster.width);
            return Ok(DecodedLabel { ids, size, refused: Refused::default() });
        };
        let more = if unnamed.len() > 1 { format!(" and {} other colours", unnamed.len() - 1) } else { String::new() };
        let reason = format!(
            "`labels.colours` has no colour [{red}, {green}, {blue}], found in {pixels} px{more}; add it there, or to \
             `labels.ignore_colours` if it means no class"
        );
        Err(DataError::label(reason, path))
    }

    /// Whether the first channel of several may hold ids: the others are empty, or number the instances of several
    /// classes.
    fn may_hold_ids(&self, raster: &Raster, ids: &DecodedLabel) -> bool {
        let mut is_found = [false; 256];
        ids.ids.iter().for_each(|&id| is_found[usize::from(id)] = true);
        let found: Vec<u8> = (0..IGNORE).filter(|&id| is_found[usize::from(id)]).collect();
        let others: Vec<usize> = (1..body(raster)).collect();
        let is_empty = |&channel: &usize| constant(raster, channel) == Some(0.0);
        if others.iter().all(is_empty) {
            return found.len() > 1 || found.iter().any(|&id| id != 0);
        }
        let are_constant = others.iter().all(|&channel| constant(raster, channel).is_some());
        found.len() > 1 && (are_constant || self.classes <= MAX_CLASSES_BESIDE_INSTANCES)
    }

    fn channels_error(&self, raster: &Raster, path: &Path) -> DataError {
        let pixel = (0..raster.width * raster.height).find(|&pixel| {
            let value = |channel| raster.values.get(pixel * raster.channels + channel);
            (1..body(raster)).any(|channel| value(channel) != value(0))
        });
        let pixel = pixel.unwrap_or(0) * raster.channels;
        let example: Vec<String> =
            (0..raster.channels).map(|channel| raster.values.get(pixel + channel).to_string()).collect();
        let colours = if self.colours.is_empty() {
            "if they are colours, give each class its own in `labels.colours`"
        } else {
            "if they are colours, `labels.colours` lacks some (and `labels.ignore_colours` takes those of no class)"
        };
        DataError::label(
            format!(
                "expected class ids in one channel, or in channels that agree, found {} channels that differ (such as [{}]); \
                 {colours}; if one channel holds the ids, name it by `labels.channel`, counted from 0",
                raster.channels,
                example.join(", ")
            ),
            path,
        )
    }
}

/// Channels without an alpha that says nothing.
fn body(raster: &Raster) -> usize {
    let has_alpha = matches!(raster.channels, 2 | 4) && constant(raster, raster.channels - 1).is_some();
    raster.channels - usize::from(has_alpha)
}

/// A channel's value where all its pixels share it.
fn constant(raster: &Raster, channel: usize) -> Option<f32> {
    let value = |pixel: usize| raster.values.get(pixel * raster.channels + channel);
    let first = value(0);
    (1..raster.width * raster.height).all(|pixel| value(pixel) == first).then_some(first)
}

fn channels_agree(raster: &Raster) -> bool {
    let (channels, body) = (raster.channels, body(raster));
    (0..raster.width * raster.height).all(|pixel| {
        let first = raster.values.get(pixel * channels);
        (1..body).all(|channel| raster.values.get(pixel * channels + channel) == first)
    })
}

/// How many planes there are, where each pixel has a 1 in exactly one of them and more than one of them is used.
fn one_hot(raster: &Raster) -> Option<usize> {
    let channels = raster.channels;
    if channels < 2 {
        return None;
    }
    let mut used = BTreeSet::new();
    for pixel in 0..raster.width * raster.height {
        let mut hot = None;
        for channel in 0..channels {
            let value = raster.values.get(pixel * channels + channel);
            if value == 1.0 && hot.is_none() {
                hot = Some(channel);
            } else if value != 0.0 {
                return None;
            }
        }
        used.insert(hot?);
    }
    (used.len() > 1).then_some(channels)
}

/// A pixel's colour, where the file is 8-bit and has colours.
fn colour_of(raster: &Raster, pixel: usize) -> Option<[u8; 3]> {
    let Values::Bytes(values) = &raster.values else { return None };
    match (&raster.palette, raster.channels) {
        (Some(palette), _) => palette.get(values[pixel] as usize).copied(),
        (None, 3 | 4) => values[pixel * raster.channels..].first_chunk().copied(),
        (None, _) => None,
    }
}
