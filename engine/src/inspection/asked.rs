//! A network that is asked about scene after scene.

use crate::data::{DataError, Dataset};
use crate::evaluation::{
    EvaluationError, MeanImage, Missing, StandIns, modality_indices, predict_scene, same_classes, scene_images,
};
use crate::network::Model;
use crate::recipe::catalogue::evaluation;

/// A network, the data set as it reads it, and the sensors that it must do without.
#[derive(Debug)]
pub struct Asked<'a> {
    pub(super) model: &'a Model,
    pub(super) dataset: &'a Dataset,
    /// Where its sensors stand in the data set.
    places: Vec<usize>,
    present: Vec<bool>,
    stand_ins: StandIns,
}

/// What it says of a scene.
pub(super) struct Answer {
    /// A class id a pixel, row by row, of the head that counts.
    pub(super) ids: Vec<u8>,
    /// The scene's labels, where it has some and they are of the network's classes.
    pub(super) truth: Option<Vec<u8>>,
}

impl<'a> Asked<'a> {
    /// Fails where the data set lacks one of the network's sensors. `means` holds their mean images where
    /// `evaluation.missing` is `mean` and one is dropped; it is not looked at otherwise.
    pub fn new(
        model: &'a Model,
        dataset: &'a Dataset,
        dropped: &[String],
        means: Vec<MeanImage>,
    ) -> Result<Self, DataError> {
        let places = modality_indices(model, dataset)?;
        let missing: Missing = model.recipe.get(evaluation::MISSING);
        let present = model.sensors.iter().map(|sensor| !dropped.contains(&sensor.name)).collect();
        let stand_ins = StandIns::new(missing, model.normalisations.clone(), means);
        Ok(Self { model, dataset, places, present, stand_ins })
    }

    /// Whether the labels are of the classes that the network learned.
    pub(super) fn is_scored(&self) -> bool {
        !self.dataset.classes.is_empty() && same_classes(self.model, self.dataset).is_ok()
    }

    /// What the network says of a scene.
    pub(super) fn answer(&self, split: &str, index: usize) -> Result<Answer, EvaluationError> {
        let (mut sample, images) = scene_images(self.model, self.dataset, split, index, &self.places)?;
        let inputs = self.stand_ins.fill(&images, &self.present);
        let predictions = predict_scene(self.model, &inputs, sample.height, sample.width)?;
        let prediction = predictions.into_iter().next().ok_or(EvaluationError::NoHead)?;
        let truth = sample.label.take().filter(|_| self.is_scored());
        Ok(Answer { ids: prediction.ids, truth })
    }

    /// The names of the sensors that it sees.
    pub(super) fn sensors(&self) -> Vec<String> {
        let sensors = self.model.sensors.iter().zip(&self.present);
        sensors.filter(|&(_, &present)| present).map(|(sensor, _)| sensor.name.clone()).collect()
    }
}
