//! The engine of Fusionscope: trains, evaluates and takes apart multi-modal segmentation networks.
//!
//! The invariant of this crate: it never draws. What it has to say leaves it as plain data (see [`protocol`]), and
//! everything random in it follows from one seed (see [`random`]).
//!
//! From a folder of images to figures of every subset of the sensors:
//!
//! ```
//! use std::ops::ControlFlow;
//! use std::sync::Arc;
//!
//! use fusionscope_engine::data::Dataset;
//! use fusionscope_engine::data::scene::{SceneSettings, write_dataset};
//! use fusionscope_engine::device::{DeviceChoice, choose};
//! use fusionscope_engine::evaluation::evaluate;
//! use fusionscope_engine::progress::unwatched;
//! use fusionscope_engine::recipe::preset;
//! use fusionscope_engine::training::Trainer;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A few small scenes by day and by night; any folder of a known layout, or with a `dataset.toml`, will do.
//! let folder = tempfile::tempdir()?;
//! let scenes = SceneSettings { train: 4, val: 2, test: 0, width: 48, height: 32, ..SceneSettings::default() };
//! write_dataset(folder.path(), &scenes, &mut |_done, _total| ControlFlow::Continue(()))?;
//!
//! let mut recipe = preset("baseline-demo")?;
//! recipe.set_text("training.steps", "2")?;
//! let dataset = Arc::new(Dataset::open_for(folder.path(), &recipe, &mut unwatched)?);
//! let mut trainer = Trainer::new(&recipe, &dataset, choose(DeviceChoice::Cpu)?, &mut unwatched)?;
//! while !trainer.is_done() {
//!     let report = trainer.step()?;
//!     assert!(report.terms.iter().all(|figure| figure.value.is_finite()));
//! }
//!
//! let evaluated = evaluate(&trainer.model(), &dataset, "val", &mut |_done, _total| ControlFlow::Continue(()))?;
//! for sensors in [&["colour", "thermal"] as &[&str], &["colour"], &["thermal"]] {
//!     assert!(evaluated.report.subset(sensors).is_some_and(|scores| scores.miou.is_some()));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`session::Session`] does the same on a thread of its own, on command, with a run folder and pictures.

pub mod data;
pub mod description;
pub mod device;
pub mod drawing;
pub mod embedding;
pub mod evaluation;
pub mod failure;
pub mod files;
#[cfg(any(test, feature = "fixtures"))]
#[doc(hidden)]
pub mod fixtures;
pub mod gallery;
mod half;
pub mod inspection;
pub mod kernels;
pub mod memory;
pub mod network;
pub mod objective;
pub mod places;
pub mod plate;
pub mod progress;
pub mod protocol;
pub mod random;
pub mod readback;
pub mod recipe;
pub mod robustness;
pub mod session;
pub mod signals;
pub mod stopwatch;
pub mod study;
pub mod tally;
pub mod training;
pub mod wire;
