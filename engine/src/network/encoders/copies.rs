//! What the sensors share in an encoder.

use crate::recipe::catalogue::encoder::Sharing;

/// How many copies of convolutions and norms there are: 1 where sensors share them, else one a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copies {
    /// Of every convolution.
    pub convolutions: usize,
    /// Of every batch norm.
    pub norms: usize,
}

impl Sharing {
    pub(super) fn copies(self, sensors: usize) -> Copies {
        match self {
            Self::Separate => Copies { convolutions: sensors, norms: sensors },
            Self::Convolutions => Copies { convolutions: 1, norms: sensors },
            Self::All => Copies { convolutions: 1, norms: 1 },
        }
    }
}
