//! Pictures of scenes, and the features that layouts are made of.

use burn::tensor::Device;

use super::{Workshop, no_model};
use crate::data::Dataset;
use crate::evaluation::{EvaluationError, MeanImage, Missing, mean_images, modality_indices};
use crate::inspection::{FeatureRequest, gather, scene_view};
use crate::network::Model;
use crate::protocol::{EmbeddingRequest, SceneView, ViewRequest};
use crate::recipe::catalogue::data;
use crate::recipe::catalogue::evaluation::MISSING;
use crate::session::engine::{Count, Gathered};
use crate::session::halt::Halt;
use crate::training::open_model_watched;

impl Workshop {
    pub(super) fn viewed(&self, request: &ViewRequest, progress: &mut Count<'_>) -> Result<SceneView, Halt> {
        let dataset = self.dataset()?;
        let model = self.current_model();
        let wants_means = |model: &&Model| {
            !request.dropped.is_empty() && model.recipe.get(MISSING) == Missing::Mean && model.sensors.len() > 1
        };
        let fits = |model: &&Model| modality_indices(model, dataset).is_ok();
        let means = match model.as_ref().filter(wants_means).filter(fits) {
            Some(model) => self.means_for(model, dataset, progress)?,
            None => Vec::new(),
        };
        Ok(scene_view(model.as_ref(), dataset, request, &means)?)
    }

    pub(super) fn gathered(&self, request: &EmbeddingRequest, progress: &mut Count<'_>) -> Result<Gathered, Halt> {
        let dataset = self.dataset()?;
        let model = match &request.run {
            Some(path) => {
                let device = self.device.as_ref().map_or_else(Device::flex, |(device, _)| device.clone());
                open_model_watched(path, &device, &mut |_, _, _| progress(0, 0))?.0
            }
            None => self.current_model().ok_or_else(no_model)?,
        };
        let wanted = FeatureRequest {
            features: request.features.clone(),
            split: request.split.clone(),
            scenes: request.scenes.clone(),
            points: request.points,
            seed: request.seed,
            dropped: request.dropped.clone(),
        };
        let table = gather(&model, dataset, &wanted, progress)?;
        Ok(Gathered { table, step: Some(model.step) })
    }

    fn means_for(
        &self,
        model: &Model,
        dataset: &Dataset,
        progress: &mut Count<'_>,
    ) -> Result<Vec<MeanImage>, EvaluationError> {
        let of = (
            dataset.root.clone(),
            model.sensors.iter().map(|sensor| sensor.name.clone()).collect(),
            model.recipe.get(data::HEIGHT),
            model.recipe.get(data::WIDTH),
        );
        if let Some((_, means)) = self.means.borrow().as_ref().filter(|(known, _)| *known == of) {
            return Ok(means.clone());
        }
        let (means, _) = mean_images(model, dataset, progress)?;
        *self.means.borrow_mut() = Some((of, means.clone()));
        Ok(means)
    }
}
