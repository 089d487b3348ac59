//! Robustness protocols: one network asked again and again about one split, each time with something else done to its
//! images.
//!
//! EMM, RMM and NM are those of Liao et al., "Benchmarking Multi-modal Semantic Segmentation under Sensor Failures",
//! CVPR 2025 workshops (arXiv 2503.18445). Where their script draws from one generator, every draw here is of a named
//! stream of the scene's own, so that figures repeat; and largest and smallest values are those of an image, not of a
//! batch.

mod asked;
mod inputs;
mod plan;
mod run;
mod stand_in;
mod text;

pub use self::asked::{Asked, Predicted};
pub use self::plan::{SEVERITIES, SHARES};
pub use self::run::run_protocol;
pub use self::text::{protocol_csv, protocol_table};

#[cfg(test)]
mod tests;
