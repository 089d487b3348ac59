//! Kinds of sensors.

use serde::{Deserialize, Serialize};

/// What kind of sensor made an image; decides its hue in the window and the default normalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModalityKind {
    /// A colour camera.
    Colour,
    /// Long-wave infrared.
    Thermal,
    /// Distance.
    Depth,
    /// Stereo disparity.
    Disparity,
    /// Near infrared.
    NearInfrared,
    /// Projected LiDAR returns.
    Lidar,
    /// Brightness changes of an event camera.
    Event,
    /// Angle or degree of polarisation.
    Polarisation,
    /// Anything else.
    Other,
}

impl ModalityKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Colour,
        Self::Thermal,
        Self::Depth,
        Self::Disparity,
        Self::NearInfrared,
        Self::Lidar,
        Self::Event,
        Self::Polarisation,
        Self::Other,
    ];

    /// The kind of that word.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The word used in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Colour => "colour",
            Self::Thermal => "thermal",
            Self::Depth => "depth",
            Self::Disparity => "disparity",
            Self::NearInfrared => "near-infrared",
            Self::Lidar => "lidar",
            Self::Event => "event",
            Self::Polarisation => "polarisation",
            Self::Other => "other",
        }
    }
}
