//! Figures that a lesson speaks of, as the program shows them now.

use serde::Deserialize;

/// Where a figure comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// Mean IoU of the newest evaluation, in per cent.
    Miou {
        /// The sensors that are present; empty for all.
        #[serde(default)]
        sensors: Vec<String>,
        /// The condition tag; empty for the whole split.
        #[serde(default)]
        tag: String,
    },
    /// The mean of that over all subsets of the sensors, in per cent.
    MeanOfSubsets,
    /// IoU of one class in the newest evaluation, in per cent.
    ClassIou {
        /// The class's name.
        class: String,
        /// The sensors that are present; empty for all.
        #[serde(default)]
        sensors: Vec<String>,
        /// The condition tag; empty for the whole split.
        #[serde(default)]
        tag: String,
    },
    /// Mean IoU of the scene in view with all sensors, in per cent, where one is dropped and the difference is shown.
    SceneBefore,
    /// The same without the dropped sensors.
    SceneAfter,
    /// The share of the scene's pixels that the dropped sensors change, in per cent.
    SceneChanged,
    /// The newest value of a curve, by its name.
    Curve(String),
    /// The same as a share in per cent.
    CurveShare(String),
    /// Of the layout in view: how many of ten nearest neighbours are of the same class, in per cent.
    Neighbours,
}

/// A figure by name, and the range that it is in when the lesson is followed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// What it is called.
    pub name: String,
    /// Where it comes from.
    pub of: Figure,
    /// Least and most, both included, in the unit in which it is shown.
    pub between: [f64; 2],
}

impl Figure {
    /// Whether it is a share, shown in per cent.
    pub fn is_per_cent(&self) -> bool {
        !matches!(self, Self::Curve(_))
    }
}
