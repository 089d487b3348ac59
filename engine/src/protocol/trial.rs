//! One thing that a protocol asks a network: what was done to its images, and which of its answers was taken.

use serde::{Deserialize, Serialize};

use super::degraded::Degraded;
use super::words::share;

/// What was done to the images before a network was asked, and which answer was scored.
///
/// Sensors are named as the network names them, shares and severities lie between 0 and 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trial {
    /// Nothing: all sensors as they are, and the answer that counts.
    #[default]
    Clean,
    /// All sensors as they are, and this sensor's own answer.
    Head(String),
    /// One sensor alone.
    Alone {
        /// The sensor.
        sensor: String,
        /// What a network for two did with its image, as in `inference.single`; empty where that does not arise.
        single: String,
    },
    /// The frozen teacher that the network learned from, on its own sensor as it is.
    Teacher,
    /// The labels that the network was trained on in place of the truth, beside the truth.
    PseudoLabels,
    /// These sensors fail as a whole; the report says what stands in their place.
    Missing {
        /// The failing sensors, in the network's order.
        sensors: Vec<String>,
    },
    /// Single elements of these sensors' normalised images are 0, each by its own draw (RMM).
    Holed {
        /// The failing sensors, in the network's order.
        sensors: Vec<String>,
        /// The probability of an element to be 0.
        share: f64,
    },
    /// Salt and pepper, then Gaussian noise, on all sensors at once (NM).
    Noisy(NoiseLevel),
    /// One sensor is degraded, the others are as they are.
    Degraded(Degraded),
}

/// How much noise NM puts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoiseLevel {
    /// 5 % salt and pepper, deviation 0.1.
    Low,
    /// 10 %, 0.2.
    Mid,
    /// 20 %, 0.5.
    High,
}

impl NoiseLevel {
    /// The three of the protocol.
    pub const ALL: [Self; 3] = [Self::Low, Self::Mid, Self::High];

    /// As the protocol names it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Mid => "mid",
            Self::High => "high",
        }
    }

    /// The share of elements that become salt or pepper, half of them each.
    pub fn salt_and_pepper(self) -> f64 {
        match self {
            Self::Low => 0.05,
            Self::Mid => 0.1,
            Self::High => 0.2,
        }
    }

    /// The deviation of the Gaussian noise on the normalised image.
    pub fn deviation(self) -> f64 {
        match self {
            Self::Low => 0.1,
            Self::Mid => 0.2,
            Self::High => 0.5,
        }
    }
}

impl Trial {
    /// `thermal fog 0.6`, `without colour + depth`.
    pub fn words(&self) -> String {
        match self {
            Self::Clean => "all sensors".to_owned(),
            Self::Head(sensor) => format!("own answer of {sensor}, all sensors"),
            Self::Alone { sensor, single } if single.is_empty() => format!("{sensor} alone"),
            Self::Alone { sensor, single } => format!("{sensor} alone, {single}"),
            Self::Teacher => "teacher".to_owned(),
            Self::PseudoLabels => "pseudo-labels".to_owned(),
            Self::Missing { sensors } => format!("without {}", sensors.join(" + ")),
            Self::Holed { sensors, share: holed } => format!("{} of {} at 0", share(*holed), sensors.join(" + ")),
            Self::Noisy(level) => format!("{} noise on all sensors", level.word()),
            Self::Degraded(Degraded { sensor, kind, severity }) => format!("{sensor} {} {severity}", kind.word()),
        }
    }

    /// The sensors that were not as they are; `None` where the question does not arise.
    pub fn failing(&self) -> Option<&[String]> {
        match self {
            Self::Clean => Some(&[]),
            Self::Missing { sensors } | Self::Holed { sensors, .. } => Some(sensors),
            Self::Degraded(degraded) => Some(std::slice::from_ref(&degraded.sensor)),
            Self::Head(_) | Self::Alone { .. } | Self::Teacher | Self::PseudoLabels | Self::Noisy(_) => None,
        }
    }
}
