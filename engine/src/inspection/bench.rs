//! What tests of this room look at.

use std::path::Path;

use burn::tensor::Device;

use crate::data::Dataset;
use crate::fixtures::{TinyData, open_tiny_data, write_tiny_data};
use crate::network::Model;
use crate::training::open_model;

/// A tiny data set with labels of three classes, and the demo network, which knows ten.
pub(super) fn bench() -> (tempfile::TempDir, Dataset, Model) {
    let folder = tempfile::tempdir().unwrap();
    write_tiny_data(folder.path(), &TinyData::default()).unwrap();
    let dataset = open_tiny_data(folder.path()).unwrap();
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/demo.safetensors");
    let (model, _) = open_model(Path::new(demo), &Device::flex()).unwrap();
    (folder, dataset, model)
}

/// The same network, taken for one that has learned the classes of the data set.
pub(super) fn fitting_bench() -> (tempfile::TempDir, Dataset, Model) {
    let (folder, dataset, model) = bench();
    let classes = dataset.classes.clone();
    (folder, dataset, Model { classes, ..model })
}
