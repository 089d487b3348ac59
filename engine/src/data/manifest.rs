//! `dataset.toml`: what a data set's folder holds, in whatever structure it lies.

use serde::{Deserialize, Serialize};

use super::sample::{Modality, ModalityKind, Normalisation};
use super::source::{Camera, Crop, Expression};
use crate::protocol::Proposal;

/// The manifest's file name, in the root of the data set.
pub const MANIFEST_NAME: &str = "dataset.toml";

/// The newest manifest version that this program reads and the one it writes.
pub const MANIFEST_VERSION: i64 = 1;

/// A data set's description. Unknown keys are refused; paths are relative to the manifest's folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`].
    pub version: i64,
    /// The data set's name.
    pub name: String,
    /// The class map that is used unless a recipe names another; empty for the labels' own classes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub class_map: String,
    /// The sensors, the guiding (optical) one first.
    pub modalities: Vec<ModalityFiles>,
    /// The labels; left out by data sets without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelFiles>,
    /// The splits.
    pub splits: Vec<SplitSource>,
    /// Condition tags such as `night`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagRule>,
    /// Ways of joining classes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_maps: Vec<ClassMap>,
    /// Settings that papers take on this data; shown, never applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proposals: Vec<Proposal>,
}

/// One sensor's files: `value = stored · scale + offset`, in `unit`.
///
/// In depth, disparity and LiDAR images a stored 0, and what is not finite, means that nothing was measured there. What
/// is done to the files comes in this order: `crop`, `join`, then `percentiles` or `hha`, which leave 8 bits, then
/// scale and offset, then `expression`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModalityFiles {
    /// The name that recipes and the window use.
    pub name: String,
    /// The kind of sensor.
    pub kind: ModalityKind,
    /// Where its files lie: `{id}` is the sample's id, `{split}` the split's name (or its `folder`), any other `{word}`
    /// a further part of the id; a closing `.*` takes any image format. A variable of many pictures in a file of MATLAB's
    /// version 7.3 is a folder: `FILE.mat/VARIABLE/{id}`, counted from 0.
    pub pattern: String,
    /// Where further files lie, each of which gives a channel beside that of `pattern`: with two, the sensor has three.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub join: Vec<String>,
    /// Whether its images are stretched to the scene's size whatever their shape; else those of another shape are
    /// refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any_shape: bool,
    /// Channels used, 1 or 3; left out: 3 for colour, else 1 and one more for each file of `join`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<usize>,
    /// The first channel used, counted from 0; left out: 0, where one channel of a three-channel file is the mean of
    /// the three.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_channel: Option<usize>,
    /// Bits of a stored value: 8, 16, or 32 for floating point.
    #[serde(default = "eight")]
    pub bit_depth: u8,
    /// Units in one stored step; left out: 1 / 255 or 1 / 65535 for values without a unit, else 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<f32>,
    /// The value of a stored 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub offset: f32,
    /// The stored value that means that nothing was measured; left out: 0 in depth, disparity and LiDAR images, none
    /// in others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hole: Option<f32>,
    /// The unit; left out for photographs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Two percentiles of each image's own measured values, which become 0 and 255 of an 8-bit image, as numpy finds
    /// them; what lies between is rounded. Where there are holes they become 0, and the darkest measured value 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percentiles: Option<[f32; 2]>,
    /// What each channel is of an angle; left out: the value itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expression: Vec<Expression>,
    /// The value shown darkest, and 0 to the network; left out: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f32>,
    /// The value shown brightest, and 1 to the network; left out: that of the largest stored value, or 1 for floating
    /// point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f32>,
    /// From the unit interval to network input; left out: `imagenet` for colour, else `unit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalisation: Option<Normalisation>,
    /// What is cut off its files.
    #[serde(default, skip_serializing_if = "Crop::is_empty")]
    pub crop: Crop,
    /// The camera of a depth image in metres, which is then given as HHA: disparity, height and angle to gravity, 8
    /// bits each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hha: Option<Camera>,
}

/// The labels: `id = map(stored)`, else `stored + offset`; ids in `ignore`, and 255, count nowhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelFiles {
    /// Where the files lie, as in [`ModalityFiles::pattern`].
    pub pattern: String,
    /// Where pictures lie of which every value but 0 means that the pixel counts nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
    /// Added to stored ids that `map` does not name.
    #[serde(default, skip_serializing_if = "is_zero_id")]
    pub offset: i32,
    /// Stored ids that mean no class. 255 is always one of them unless `map` names it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<i32>,
    /// Pairs of a stored id and the class id that it means; 255 for none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub map: Vec<[i32; 2]>,
    /// The channel that holds the ids, counted from 0, in files of several that differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<usize>,
    /// Class names by id.
    pub names: Vec<String>,
    /// Class colours by id, red, green, blue; left out: chosen by the program. Files that hold these colours are read
    /// by them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub colours: Vec<[u8; 3]>,
    /// Colours that mean no class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore_colours: Vec<[u8; 3]>,
    /// Whether the files hold colours, also where their values could be ids.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_colour: bool,
    /// What is cut off its files, and off those of `mask`.
    #[serde(default, skip_serializing_if = "Crop::is_empty")]
    pub crop: Crop,
}

/// One split and where its ids come from. With none of `list`, `files`, `ids`, `from` the first sensor's pattern finds
/// them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitSource {
    /// The name: `train`, `val`, `test`, or any other.
    pub name: String,
    /// What `{split}` stands for, where it is not the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// A text file with one id a line; folder, extension and further columns are dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// How a line of `list` is put together, for example `{set}_{video}_{id}.png`; left out: the parts of the id,
    /// joined by `/`. A line that names some of the parts, such as `{video}`, stands for all samples of these, which
    /// `files`, or the first sensor's pattern, finds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// A pattern whose files are the split's samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<String>,
    /// The ids themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
    /// The split out of which `fraction` is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The share of `from` that moves here, chosen by a hash of the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fraction: Option<f64>,
}

/// When a sample carries a condition tag: by exactly one of the ways.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagRule {
    /// The tag.
    pub name: String,
    /// Ids that end like this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    /// Ids, or paths of the first sensor's file, that contain this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// Ids in this text file, one a line, or steps of ids, such as the name of a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
}

/// A way of joining classes, for example the 40 of NYUDv2 to 13.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassMap {
    /// The name that `data.class_map` takes.
    pub name: String,
    /// The new id of each class, by old id; 255 for none.
    pub map: Vec<u8>,
    /// Names of the new classes.
    pub names: Vec<String>,
    /// Their colours; left out: chosen by the program.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub colours: Vec<[u8; 3]>,
}

impl ModalityFiles {
    /// A sensor whose every optional key is left out.
    pub fn new(name: &str, kind: ModalityKind, pattern: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            pattern: pattern.to_owned(),
            join: Vec::new(),
            crop: Crop::default(),
            any_shape: false,
            channels: None,
            first_channel: None,
            bit_depth: 8,
            scale: None,
            offset: 0.0,
            hole: None,
            unit: String::new(),
            percentiles: None,
            hha: None,
            expression: Vec::new(),
            low: None,
            high: None,
            normalisation: None,
        }
    }

    /// The largest stored value.
    fn stored_max(&self) -> f32 {
        match self.bit_depth {
            8 => 255.0,
            16 => 65535.0,
            _ => 1.0,
        }
    }

    /// Units in one stored step; double precision, so that photographs read as exactly `stored / 255`.
    pub fn scale(&self) -> f64 {
        match self.scale {
            Some(scale) => f64::from(scale),
            None if self.unit.is_empty() => 1.0 / f64::from(self.stored_max()),
            None => 1.0,
        }
    }

    /// The stored value of places where nothing was measured: 0 in depth, disparity and LiDAR images.
    pub(crate) fn stored_hole(&self) -> Option<f32> {
        let has_holes = matches!(self.kind, ModalityKind::Depth | ModalityKind::Disparity | ModalityKind::Lidar);
        self.hole.or(has_holes.then_some(0.0))
    }

    /// The value of places where nothing was measured.
    pub(crate) fn hole(&self) -> Option<f32> {
        self.stored_hole().map(|stored| (f64::from(stored) * self.scale() + f64::from(self.offset)) as f32)
    }

    /// The sensor's pictures as [`Dataset`](super::Dataset) hands them on once its files are cut, joined and brought to
    /// 8 bits, where they are.
    pub(crate) fn prepared(&self) -> Self {
        if self.percentiles.is_some() || self.hha.is_some() {
            let Self { any_shape, normalisation, .. } = self.clone();
            let channels = Some(if self.hha.is_some() { 3 } else { 1 });
            let hole = self.stored_hole().map(|_| 0.0);
            let own = Self::new(&self.name, self.kind, &self.pattern);
            return Self { any_shape, channels, hole, normalisation, ..own };
        }
        let mut prepared = Self { join: Vec::new(), crop: Crop::default(), ..self.clone() };
        if !self.join.is_empty() {
            prepared.channels = Some(self.modality().channels);
            prepared.first_channel = Some(0);
        }
        prepared
    }

    /// The sensor as the rest of the engine knows it, with every left-out key filled in.
    pub fn modality(&self) -> Modality {
        if self.percentiles.is_some() || self.hha.is_some() {
            return self.prepared().modality();
        }
        let colour = self.kind == ModalityKind::Colour;
        let is_angle = !self.expression.is_empty();
        let channels = if colour { 3 } else { (1 + self.join.len()).max(self.expression.len()) };
        let top = || (f64::from(self.stored_max()) * self.scale()) as f32 + self.offset;
        Modality {
            name: self.name.clone(),
            kind: self.kind,
            channels: self.channels.unwrap_or(channels),
            unit: if is_angle { String::new() } else { self.unit.clone() },
            low: self.low.unwrap_or(if is_angle { -1.0 } else { 0.0 }),
            high: self.high.unwrap_or_else(|| if is_angle { 1.0 } else { top() }),
            normalisation: self.normalisation.clone().unwrap_or(if colour {
                Normalisation::Imagenet
            } else {
                Normalisation::Unit
            }),
        }
    }
}

impl SplitSource {
    /// A split whose ids stand in a text file.
    pub fn listed(name: &str, list: &str) -> Self {
        Self { name: name.to_owned(), list: Some(list.to_owned()), ..Self::default() }
    }

    /// A split whose ids are found by the first sensor's pattern.
    pub fn found(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

impl TagRule {
    /// A tag for ids that end in `suffix`.
    pub fn by_suffix(name: &str, suffix: &str) -> Self {
        Self { name: name.to_owned(), suffix: Some(suffix.to_owned()), ..Self::default() }
    }
}

fn eight() -> u8 {
    8
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(value: &f32) -> bool {
    *value == 0.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero_id(value: &i32) -> bool {
    *value == 0
}
