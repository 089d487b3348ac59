//! Engines on other machines, by the system's own SSH: its configuration, keys and agent, and no port of ours.

mod hosts;
mod refused;
mod remote;

pub use self::hosts::hosts;
pub use self::remote::{PROGRAM, Remote};
