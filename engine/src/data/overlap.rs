//! Scenes that stand in more than one split.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::protocol::Severity;

/// A split's scenes: ids and the first sensor's files.
pub(super) struct Scenes<'a> {
    pub(super) split: &'a str,
    pub(super) scenes: Vec<(&'a str, PathBuf)>,
}

/// A sentence for each pair of splits that share scenes, told apart by the first sensor's file: a split may use the
/// names of another for images of its own. What is trained on and scored as well is a warning; other pairs are worth
/// knowing.
pub(super) fn overlaps(splits: &[Scenes<'_>]) -> Vec<(Option<Severity>, String)> {
    let files: Vec<HashSet<&Path>> =
        splits.iter().map(|split| split.scenes.iter().map(|(_, file)| file.as_path()).collect()).collect();
    let mut sentences = Vec::new();
    for (at, (split, own)) in splits.iter().zip(&files).enumerate() {
        for (other, theirs) in splits.iter().zip(&files).skip(at + 1) {
            let shared = own.intersection(theirs).count();
            let Some((example, _)) = split.scenes.iter().find(|(_, file)| theirs.contains(file.as_path())) else {
                continue;
            };
            let trains = split.split == "train" || other.split == "train";
            let what = if trains { ": what is scored there has been trained on" } else { "" };
            let text = format!(
                "splits `{}` and `{}` share {shared} scenes, such as {example}, of {} and {}{what}",
                split.split,
                other.split,
                split.scenes.len(),
                other.scenes.len()
            );
            sentences.push((trains.then_some(Severity::Warning), text));
        }
    }
    sentences
}
