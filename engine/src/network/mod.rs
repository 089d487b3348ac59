//! Encoders, interaction between sensors, fusion, decoders, and their assembly into one network.

mod assembly;
mod contract;
pub mod decoders;
pub mod encoders;
mod error;
pub mod fusion;
pub mod interaction;
pub mod layers;
mod model;
mod parameters;
mod pretrained;

pub use self::assembly::{FUSED, Network};
pub use self::contract::{Inputs, Mode, Output, Probes};
pub use self::error::NetworkError;
pub use self::model::Model;
pub use self::parameters::{Named, ParameterKind, from_tensors, named_parameters, to_tensors};
pub use self::pretrained::load_pretrained;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
