//! Pictures of scenes, and the features that layouts are made of.

use burn::tensor::Device;

use super::{Workshop, no_model};
use crate::data::Dataset;
use crate::evaluation::{EvaluationError, MeanImage, mean_images, modality_indices};
use crate::inspection::{FeatureRequest, gather, scene_view_from, takes_means};
use crate::network::Model;
use crate::protocol::{EmbeddingRequest, SceneView, ViewRequest};
use crate::recipe::catalogue::data;
use crate::session::engine::{Count, Gathered};
use crate::session::halt::Halt;
use crate::training::open_model_watched;

impl Workshop {
    pub(super) fn viewed(&self, request: &ViewRequest, progress: &mut Count<'_>) -> Result<SceneView, Halt> {
        let dataset = self.dataset()?;
        let model = self.current_model();
        let now = |progress: &mut Count<'_>| -> Result<SceneView, Halt> {
            let means = match &model {
                Some(model) => self.means_where_asked(model, dataset, takes_means(model, request), progress)?,
                None => Vec::new(),
            };
            let memory = &mut self.memory.borrow_mut();
            Ok(scene_view_from(model.as_ref(), dataset, request, &means, memory, progress)?)
        };
        let view = if request.at.or(request.since).is_some() {
            self.viewed_in_time(model.as_ref(), dataset, request, || now(progress))?
        } else {
            now(progress)?
        };
        self.viewed_beside(view, model.as_ref(), progress)
    }

    /// The mean images of a network's sensors, where a what-if replaces one by its own; else none.
    pub(super) fn means_where_asked(
        &self,
        model: &Model,
        dataset: &Dataset,
        takes_means: bool,
        progress: &mut Count<'_>,
    ) -> Result<Vec<MeanImage>, EvaluationError> {
        let is_asked = takes_means && model.sensors.len() > 1;
        if is_asked && modality_indices(model, dataset).is_ok() {
            self.means_for(model, dataset, progress)
        } else {
            Ok(Vec::new())
        }
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
        if let Some((_, means)) = self.means.borrow().iter().find(|(known, _)| *known == of) {
            return Ok(means.clone());
        }
        let (means, _) = mean_images(model, dataset, progress)?;
        let mut kept = self.means.borrow_mut();
        kept.insert(0, (of, means.clone()));
        kept.truncate(2);
        Ok(means)
    }
}
