//! What a manifest may ask of files before they are a sensor's values: a cut, a function of an angle, a camera.

use serde::{Deserialize, Serialize};

/// What is cut off a picture, in pixels of its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Crop {
    /// Columns at the left.
    #[serde(skip_serializing_if = "is_none")]
    pub left: usize,
    /// Rows at the top.
    #[serde(skip_serializing_if = "is_none")]
    pub top: usize,
    /// Columns at the right.
    #[serde(skip_serializing_if = "is_none")]
    pub right: usize,
    /// Rows at the bottom.
    #[serde(skip_serializing_if = "is_none")]
    pub bottom: usize,
}

impl Crop {
    /// A cut of columns at the left.
    pub fn left(columns: usize) -> Self {
        Self { left: columns, ..Self::default() }
    }

    /// Whether nothing is cut off.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Width and height of what is left; `None` where that is nothing.
    pub fn of(&self, width: usize, height: usize) -> Option<(usize, usize)> {
        let left = |side: usize, before: usize, after: usize| {
            side.checked_sub(before.checked_add(after)?).filter(|&left| left > 0)
        };
        Some((left(width, self.left, self.right)?, left(height, self.top, self.bottom)?))
    }
}

/// What a channel is of a sensor's value, which is an angle in degrees (`unit = "deg"`) or radians (`rad`).
///
/// An angle of polarisation φ comes round after half a turn: its sine and cosine are those of 2φ
/// (`sin-twice`, `cos-twice`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expression {
    /// sin φ.
    Sin,
    /// cos φ.
    Cos,
    /// sin 2φ.
    SinTwice,
    /// cos 2φ.
    CosTwice,
}

impl Expression {
    /// The channel's value at an angle in radians, −1 to 1.
    pub fn of(self, radians: f32) -> f32 {
        match self {
            Self::Sin => radians.sin(),
            Self::Cos => radians.cos(),
            Self::SinTwice => (2.0 * radians).sin(),
            Self::CosTwice => (2.0 * radians).cos(),
        }
    }
}

/// A pinhole camera, in pixels of the files that it made; the first pixel's centre lies at 1, as in the tables of
/// NYUDv2.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    /// Focal length across.
    pub fx: f32,
    /// Focal length down.
    pub fy: f32,
    /// The optical axis' column.
    pub cx: f32,
    /// The optical axis' row.
    pub cy: f32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_none(pixels: &usize) -> bool {
    *pixels == 0
}
