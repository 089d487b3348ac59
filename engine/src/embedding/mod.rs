//! Points of many dimensions in two: principal components and t-SNE, on the CPU or a graphics card.
//!
//! Nothing here knows of networks or tensors: it takes rows of numbers and gives places, so it is of use on its own.

mod align;
mod choice;
pub mod cpu;
mod desk;
mod eigen;
mod engine;
mod error;
mod file;
mod gpu;
mod graph;
pub mod measures;
mod nearest;
mod optimiser;
mod pca;
mod perplexity;
mod place;
mod points;
mod prepared;
mod request;
mod schedule;
mod snapshot;
mod start;
#[cfg(test)]
mod tests;
mod text_table;
mod worker;
#[cfg(test)]
mod worker_tests;
mod working;

pub use self::align::{align, movement};
pub use self::choice::engine_for;
pub use self::cpu::{CpuEngine, Repulsion};
pub use self::engine::{Engine, Stats};
pub use self::error::EmbeddingError;
pub use self::file::{is_text, read_points, write_places, write_points};
pub use self::gpu::GpuEngine;
pub use self::graph::Graph;
pub use self::nearest::{Neighbours, Report};
pub use self::optimiser::Optimiser;
pub use self::pca::{Pca, reduced};
pub use self::place::{Placing, place};
pub use self::points::Points;
pub use self::prepared::Prepared;
pub use self::request::{Course, Request};
pub use self::schedule::{Schedule, Step};
pub use self::snapshot::{Snapshot, Stage};
pub use self::start::{Start, projection};
pub use self::worker::Worker;
