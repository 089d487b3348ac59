//! Finished pictures as bytes. Palette, range and overlay are the app's business.

use serde::{Deserialize, Serialize};

/// One picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The pixels, row by row from the top left.
    pub pixels: Pixels,
}

/// What a picture's bytes mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Pixels {
    /// A photograph: four bytes a pixel, red, green, blue, opaque alpha.
    Rgba(#[serde(with = "serde_bytes")] Vec<u8>),
    /// A label map: one class id a pixel, 255 for none.
    Labels {
        /// The ids.
        #[serde(with = "serde_bytes")]
        ids: Vec<u8>,
        /// The probability of that class, 0 to 255; empty for ground truth.
        #[serde(with = "serde_bytes")]
        confidence: Vec<u8>,
    },
    /// A scalar map: one byte a pixel, 0 standing for `low` and 255 for `high`; where `has_holes` is set, 0 stands for
    /// no value and 1 for `low`.
    Scalar {
        /// The values.
        #[serde(with = "serde_bytes")]
        values: Vec<u8>,
        /// What 0 stands for.
        low: f32,
        /// What 255 stands for.
        high: f32,
        /// The unit; may be empty.
        unit: String,
        /// Whether pixels of value 0 were not measured.
        #[serde(default)]
        has_holes: bool,
    },
    /// One of a few words at every pixel.
    Categories {
        /// Indices into the legend.
        #[serde(with = "serde_bytes")]
        ids: Vec<u8>,
        /// The words, for example the sensors' names.
        legend: Vec<String>,
    },
    /// Right and wrong: 0 right, 1 wrong, 255 ignored.
    Errors(#[serde(with = "serde_bytes")] Vec<u8>),
}
