//! What lies along the axis on which runs are laid over each other.

use serde::{Deserialize, Serialize};

use super::{Listed, Trace};
use crate::look;

/// Places on axes of seconds and epochs are whole thousandths, since curves count in whole numbers.
const THOUSANDTH: f64 = 1000.0;

/// What lies along the axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Along {
    /// Steps.
    #[default]
    Steps,
    /// Passes over the training scenes.
    Epochs,
    /// Seconds of training, without evaluations and pauses.
    Seconds,
}

impl Along {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Steps, Self::Epochs, Self::Seconds];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Epochs => "epochs",
            Self::Seconds => "time",
        }
    }

    /// A place on the axis in words.
    pub fn label(self, place: f64) -> String {
        match self {
            Self::Steps => look::count(place.max(0.0) as u64),
            Self::Epochs => format!("{}", (place / THOUSANDTH * 100.0).round() / 100.0),
            Self::Seconds => look::clock(place / THOUSANDTH),
        }
    }

    /// The same in a sentence: `step 412`.
    pub fn sentence(self, place: f64) -> String {
        match self {
            Self::Steps => format!("step {}", self.label(place)),
            Self::Epochs => format!("epoch {}", self.label(place)),
            Self::Seconds => format!("{} of training", self.label(place)),
        }
    }

    /// The head of a table's column of places.
    pub fn column(self) -> &'static str {
        match self {
            Self::Steps => "step",
            Self::Epochs => "epoch",
            Self::Seconds => "seconds",
        }
    }

    /// A place on the axis as the number that it stands for.
    pub fn number(self, place: u64) -> f64 {
        match self {
            Self::Steps => place as f64,
            Self::Epochs | Self::Seconds => place as f64 / THOUSANDTH,
        }
    }

    /// The smallest distance of two marks on the axis, in its own unit.
    pub fn least_step(self) -> f64 {
        match self {
            Self::Steps => 1.0,
            Self::Epochs => 10.0,
            Self::Seconds => THOUSANDTH,
        }
    }

    /// Where a step of a run lies; `None` where that is not known.
    pub(super) fn place(self, step: u64, trace: &Trace, run: &Listed) -> Option<f64> {
        match self {
            Self::Steps => Some(step as f64),
            Self::Epochs => Some(THOUSANDTH * trace.epochs_at(step, &run.card)?),
            Self::Seconds => Some(THOUSANDTH * trace.secs_at(step)?),
        }
    }
}
