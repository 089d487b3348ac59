//! Degradations: how a sensor's images become worse, one file a kind, on values in the unit range.
//!
//! What a kind is called, does and fits stands with [`Degradation`](crate::protocol::Degradation); `apply` knows which
//! file carries it out. One definition serves training, evaluation and pictures.

mod apply;
mod around;
mod beams;
mod blackout;
mod dead_lines;
mod defocus;
mod degrader;
mod degrading;
mod depth_holes;
mod depth_quantisation;
mod elements;
mod event_noise;
mod exposure;
mod fog;
mod glare;
mod image;
mod low_resolution;
mod misregistration;
mod motion_blur;
mod noise;
mod occlusion;
mod patches;
mod rain;
mod step;
mod thermal_crossover;
mod thermal_drift;

pub(super) use self::around::Around;
pub use self::degrader::{DEGRADATION_SEED, Degrader};
pub(super) use self::degrading::Degrading;
pub use self::elements::{add_gauss, lose_elements};

#[cfg(test)]
mod amounts_tests;
#[cfg(test)]
mod places_tests;
#[cfg(test)]
mod severity_tests;
#[cfg(test)]
mod tests;
