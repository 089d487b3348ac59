//! The shapes in which data travels through the engine.

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use crate::protocol::ModalityKind;

/// The label of pixels that no loss and no metric counts.
pub const IGNORE: u8 = 255;

/// The most sensors that a data set may have.
pub const MAX_SENSORS: usize = 16;

/// The most classes that a data set may have: ids up to 253, for 255 means none and 254 what is out of range.
pub const MAX_CLASSES: usize = 254;

/// The longest name of a class, a sensor, a split or a tag, in letters.
pub const MAX_NAME_LETTERS: usize = 200;

/// The most splits, tags or class maps of a data set.
pub(crate) const MAX_RULES: usize = 256;

/// How values in `0..=1` (value range mapped to the unit interval) become network input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalisation {
    /// ImageNet's mean and deviation, channel by channel.
    Imagenet,
    /// As they are, 0 to 1.
    Unit,
    /// (x − 127) / 128 on the 0 to 255 scale: what EfficientNet-Lite was trained with.
    Lite,
    /// A mean and a deviation per channel, on the 0 to 1 scale.
    MeanStd {
        /// Three means.
        mean: [f32; 3],
        /// Three deviations.
        std: [f32; 3],
    },
}

impl Normalisation {
    /// Mean and deviation of each of the three input channels, on the 0 to 1 scale.
    pub fn mean_std(&self) -> ([f32; 3], [f32; 3]) {
        match self {
            Self::Imagenet => ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
            Self::Unit => ([0.0; 3], [1.0; 3]),
            Self::Lite => ([127.0 / 255.0; 3], [128.0 / 255.0; 3]),
            Self::MeanStd { mean, std } => (*mean, *std),
        }
    }
}

/// One sensor of a data set, as its manifest describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Modality {
    /// The name that recipes and the window use, for example `thermal`.
    pub name: String,
    /// The kind of sensor.
    pub kind: ModalityKind,
    /// Channels in the file that are used: 1 or 3.
    pub channels: usize,
    /// The unit of its values; empty for photographs.
    pub unit: String,
    /// The value that maps to 0 in the network's unit interval and in pictures.
    pub low: f32,
    /// The value that maps to 1.
    pub high: f32,
    /// From the unit interval to network input.
    pub normalisation: Normalisation,
}

/// One sensor's image, decoded: `channels × height × width` values in the modality's unit (photographs: 0 to 1).
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// 1 or 3.
    pub channels: usize,
    /// Channel by channel, row by row.
    pub values: Vec<f32>,
}

/// A part of an image, in pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// From the upper border on.
    pub rows: Range<usize>,
    /// From the left border on.
    pub columns: Range<usize>,
}

/// One scene, decoded and aligned: all planes and the label have the same height and width.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The sample's id, unique in its split.
    pub id: String,
    /// Condition tags such as `night`.
    pub tags: Vec<String>,
    /// Height in pixels.
    pub height: usize,
    /// Width in pixels.
    pub width: usize,
    /// One plane a modality, in the order asked for.
    pub planes: Vec<Plane>,
    /// One class id a pixel, [`IGNORE`] where there is none; `None` for unlabelled scenes.
    pub label: Option<Vec<u8>>,
    /// What shows the scene: all but the padding around what was cut.
    pub valid: Window,
}

/// Several scenes of one size, normalised for the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The position of this batch in the endless order of its split.
    pub index: u64,
    /// Sample ids.
    pub ids: Vec<String>,
    /// Each sample's condition tags.
    pub tags: Vec<Vec<String>>,
    /// Height in pixels.
    pub height: usize,
    /// Width in pixels.
    pub width: usize,
    /// One buffer a modality: `[batch, 3, height, width]`, single channels replicated.
    pub images: Vec<Vec<f32>>,
    /// `[batch, height, width]` class ids, [`IGNORE`] where there is none.
    pub labels: Vec<u8>,
    /// What of each sample shows its scene: all but the padding around what was cut.
    pub valid: Vec<Window>,
}
