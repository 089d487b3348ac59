//! Exchange between two sensors.

pub mod channel;
pub mod spatial;
