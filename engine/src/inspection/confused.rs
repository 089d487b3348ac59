//! What a network takes for what, scene by scene.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::ControlFlow;

use super::asked::Asked;
use super::error::InspectionError;
use super::left_out::LeftOut;
use crate::data::Dataset;
use crate::evaluation::{ConfusionMatrix, same_classes};
use crate::protocol::{ConfusedScenes, Confusion, CountedFrom, CountedScene, SceneCounts};

/// Predicts every labelled scene of a split and counts what was taken for what in it; and a sentence for what was left
/// out.
///
/// `progress` is told how many scenes are done, of how many, and may stop it. Fails where the labels are of other classes
/// than the network's, and where no scene can be used.
pub fn count_scenes(
    asked: &Asked<'_>,
    split: &str,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<(SceneCounts, Vec<String>), InspectionError> {
    same_classes(asked.model, asked.dataset).map_err(|error| InspectionError::Apart { reason: error.to_string() })?;
    let scenes = &asked.dataset.split(split)?.samples;
    let classes = &asked.model.classes;
    let mut counts = SceneCounts::new(classes, [asked.sensors()]);
    let mut left_out = LeftOut::default();
    for (index, scene) in scenes.iter().enumerate() {
        if progress(index as u64, scenes.len() as u64).is_break() {
            return Err(InspectionError::Stopped);
        }
        let answer = match asked.answer(split, index) {
            Ok(answer) => answer,
            Err(error) => {
                left_out.add(scene.id(), &error.to_string());
                continue;
            }
        };
        let Some(truth) = answer.truth else {
            left_out.add(scene.id(), "it has no label");
            continue;
        };
        let mut matrix = ConfusionMatrix::new(classes.len());
        matrix.add(&truth, &answer.ids);
        counts.subsets[0].push(matrix.cells());
        counts.scenes.push(CountedScene { id: scene.id().to_owned(), tags: scene.tags().to_vec(), fusion_image: None });
    }
    if counts.scenes.is_empty() {
        let first = left_out.first().unwrap_or("it has none").to_owned();
        return Err(InspectionError::NothingUsable { split: split.to_owned(), first });
    }
    Ok((counts, left_out.finish()))
}

/// The scenes that have the pixels of `of`, most pixels first; `None` where these sensors were not counted.
pub fn confused_scenes(
    counts: &SceneCounts,
    sensors: &[String],
    dataset: &Dataset,
    of: &Confusion,
) -> Option<ConfusedScenes> {
    let subset = counts.subset(sensors)?;
    let samples = &dataset.split(&of.split).ok()?.samples;
    let places: HashMap<&str, usize> = samples.iter().enumerate().map(|(place, sample)| (sample.id(), place)).collect();
    let mut found = ConfusedScenes { of: of.clone(), from: CountedFrom::Evaluations, ..ConfusedScenes::default() };
    let mut missing = LeftOut::default();
    for (place, scene) in counts.scenes.iter().enumerate() {
        if !of.tag.is_empty() && !scene.tags.contains(&of.tag) {
            continue;
        }
        found.looked_at += 1;
        let cell = subset.scene(place).iter().find(|cell| (cell.truth, cell.predicted) == (of.truth, of.predicted));
        let Some(cell) = cell else { continue };
        match places.get(scene.id.as_str()) {
            Some(&index) => found.scenes.push((index, u64::from(cell.pixels))),
            None => missing.add(&scene.id, "the open data set has it no longer"),
        }
    }
    found.scenes.sort_by_key(|&(index, pixels)| (Reverse(pixels), index));
    found.warnings = missing.finish();
    Some(found)
}
