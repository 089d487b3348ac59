//! From a data set's scenes to a network's input.

use std::ops::ControlFlow;

use burn::tensor::Tensor;

use super::error::EvaluationError;
use super::missing::{MeanImage, MeanImageSum};
use super::prediction::images_of;
use crate::data::{Batch, DataError, Dataset, Sample, batch_of, resized};
use crate::network::Model;
use crate::protocol::counted;
use crate::recipe::catalogue::data;

/// The split whose images make the mean image.
const TRAIN: &str = "train";

/// Where the network's sensors stand in the data set.
pub fn modality_indices(model: &Model, dataset: &Dataset) -> Result<Vec<usize>, DataError> {
    model.sensors.iter().map(|sensor| dataset.modality_index(&sensor.name)).collect()
}

/// Where the network's sensors stand in the data set, if its answers can be compared with the labels: every sensor has
/// to be there, and the classes have to be those that the network learned.
pub fn fitting_sensors(model: &Model, dataset: &Dataset) -> Result<Vec<usize>, EvaluationError> {
    let places = modality_indices(model, dataset)?;
    same_classes(model, dataset)?;
    Ok(places)
}

/// Whether the data set's classes are those that the network learned; the error says where they differ. A data set
/// without classes contradicts nothing.
pub fn same_classes(model: &Model, dataset: &Dataset) -> Result<(), EvaluationError> {
    let (expected, found) = (&model.classes, &dataset.classes);
    if found.is_empty() {
        return Ok(());
    }
    if expected.len() != found.len() {
        let (expected, found, dataset) = (expected.len(), found.len(), dataset.name.clone());
        return Err(EvaluationError::Classes { expected, found, dataset });
    }
    match expected.iter().zip(found).position(|(expected, found)| !expected.eq_ignore_ascii_case(found)) {
        None => Ok(()),
        Some(id) => Err(EvaluationError::ClassNames {
            id,
            expected: expected[id].clone(),
            found: found[id].clone(),
            dataset: dataset.name.clone(),
        }),
    }
}

/// One scene of a split as the network's input: the sample, and one `[1, 3, height, width]` a sensor.
///
/// `modalities` is what [`modality_indices`] found.
pub fn scene_images(
    model: &Model,
    dataset: &Dataset,
    split: &str,
    index: usize,
    modalities: &[usize],
) -> Result<(Sample, Vec<Tensor<4>>), DataError> {
    let sample = dataset.sample(split, index, modalities)?;
    let images = input_from_sample(model, &sample, index)?;
    Ok((sample, images))
}

/// A decoded scene as the network's input, one `[1, 3, height, width]` a sensor; its planes are the network's sensors
/// in order.
pub fn input_from_sample(model: &Model, sample: &Sample, index: usize) -> Result<Vec<Tensor<4>>, DataError> {
    Ok(images_of(&network_input(model, sample, index)?, &model.device))
}

/// A scene as the network sees it in training: at the recipe's size (`data.height`, `data.width`; 0 keeps the file's),
/// normalised.
pub(super) fn network_input(model: &Model, sample: &Sample, index: usize) -> Result<Batch, DataError> {
    let (height, width) = (model.recipe.get(data::HEIGHT), model.recipe.get(data::WIDTH));
    let batch =
        |sample: &Sample| batch_of(std::slice::from_ref(sample), &model.sensors, &model.normalisations, index as u64);
    if height == 0 || width == 0 {
        return batch(sample);
    }
    batch(&resized(sample, &model.sensors, height, width))
}

/// Scenes that are named where they are left out of a mean image; others are counted.
const LEFT_OUT: usize = 20;

/// How many scenes the mean image is made of.
pub(super) fn training_scenes(dataset: &Dataset) -> Result<usize, EvaluationError> {
    let scenes = dataset.split(TRAIN).map_or(0, |split| split.samples.len());
    if scenes == 0 {
        return Err(EvaluationError::NoTrainingSplit { dataset: dataset.name.clone() });
    }
    Ok(scenes)
}

/// Each sensor's mean network input over the training split, in the size of its first readable scene, and a sentence
/// for each scene that was left out.
///
/// `progress` is told how many scenes are done, of how many, and may stop.
pub fn mean_images(
    model: &Model,
    dataset: &Dataset,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<(Vec<MeanImage>, Vec<String>), EvaluationError> {
    let scenes = training_scenes(dataset)?;
    let modalities = modality_indices(model, dataset)?;
    let mut sums: Vec<MeanImageSum> = Vec::new();
    let (mut left_out, mut further) = (Vec::new(), 0);
    for index in 0..scenes {
        match dataset.sample(TRAIN, index, &modalities).and_then(|sample| network_input(model, &sample, index)) {
            Ok(batch) => {
                if sums.is_empty() {
                    sums.extend(batch.images.iter().map(|_| MeanImageSum::new(batch.height, batch.width)));
                }
                for (sum, image) in sums.iter_mut().zip(&batch.images) {
                    sum.add(image, batch.height, batch.width);
                }
            }
            Err(error) if left_out.len() < LEFT_OUT => {
                left_out.push(format!("a training scene was left out of the mean image: {error}"));
            }
            Err(_) => further += 1,
        }
        if progress(index as u64 + 1, scenes as u64).is_break() {
            return Err(EvaluationError::Stopped);
        }
    }
    if further > 0 {
        left_out.push(format!(
            "{} left out of the mean image",
            counted(further, "further training scene was/further training scenes were")
        ));
    }
    let means: Vec<MeanImage> = sums.into_iter().filter_map(MeanImageSum::finish).collect();
    if means.len() == modalities.len() {
        return Ok((means, left_out));
    }
    Err(EvaluationError::NothingUsable {
        split: TRAIN.to_owned(),
        scenes,
        first: left_out.into_iter().next().unwrap_or_default(),
    })
}
