//! Encoders, interaction between sensors, fusion, decoders, and their assembly into one network.

mod assembly;
mod contract;
pub mod decoders;
pub mod encoders;
mod error;
mod feeding;
pub mod fusion;
pub mod interaction;
mod late_figures;
pub mod layers;
mod model;
mod noise;
mod parameters;
mod pretrained;
mod probes;
mod stored_names;
mod switches;
mod taps;

pub use self::assembly::{FUSED, Kept, Network};
pub use self::contract::{Carried, Features, Inputs, Mode, Output, Training};
pub use self::error::NetworkError;
pub use self::late_figures::{Late, LateFigures};
pub use self::model::{Model, probabilities};
pub use self::noise::Noise;
pub(crate) use self::parameters::replace;
pub use self::parameters::{Named, ParameterKind, from_tensors, named_parameters, to_tensors};
pub use self::pretrained::{LoadReport, file_and_prefix, load_pretrained, load_shipped};
pub use self::probes::{Probes, Range, Recorded, Shown};
pub use self::stored_names::stored_name;
pub use self::taps::{TapSite, Tapped, Taps};

#[cfg(test)]
mod amdanet_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
