//! Encoders, interaction between sensors, fusion, decoders, and their assembly into one network.

mod contract;

pub use self::contract::{Inputs, Mode, Output, Probes};
