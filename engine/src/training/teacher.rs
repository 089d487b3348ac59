//! The network on the guiding sensor that a student distils from (OGP-Net Eq. 1).

use std::path::Path;

use burn::tensor::Tensor;

use super::error::{RunError, TrainError};
use super::model_card::ModelCard;
use super::run_folder::RunFolder;
use super::setup::Setup;
use super::tensor_file::Tensors;
use crate::network::{Inputs, Mode, Network, Output, Probes, from_tensors, to_tensors};
use crate::progress::Progress;
use crate::protocol::Phase;
use crate::recipe::catalogue::{fusion_image, mfml, objective};
use crate::recipe::{Key, Recipe};

/// A frozen teacher: running statistics, no gradients.
pub(super) struct Teacher {
    pub(super) card: ModelCard,
    pub(super) recipe: Recipe,
    pub(super) network: Network,
}

/// Whether the recipe distils: some distillation is on and there is a sensor besides the guiding one.
pub(super) fn needs_teacher(recipe: &Recipe, sensors: usize) -> bool {
    sensors > 1 && distils(recipe)
}

/// Whether any distillation term is switched on.
pub(crate) fn distils(recipe: &Recipe) -> bool {
    recipe.get(objective::relation::ENABLED) || recipe.get(objective::feature::ENABLED)
}

/// What a teacher has no use for: the projection head of the contrast, which Eq. 1 lacks, the fusion image of several
/// sensors, and passes over masked features.
const STUDENT_ONLY: [Key<bool>; 3] = [objective::contrast::ENABLED, fusion_image::ENABLED, mfml::ENABLED];

/// The recipe as the teacher's network sees it.
pub(super) fn teacher_recipe(recipe: &Recipe) -> Recipe {
    let mut recipe = recipe.clone();
    for switch in STUDENT_ONLY {
        recipe.turn(switch, false);
    }
    recipe
}

impl Teacher {
    /// Freezes a trained network.
    pub(super) fn freeze(setup: &Setup, recipe: &Recipe, trained: &Network, step: u64) -> Result<Self, TrainError> {
        let card = setup.card(recipe, Phase::Teacher, step);
        Self::from_tensors(setup, recipe, card, &to_tensors(trained))
    }

    /// Fills a fresh teacher's network.
    pub(super) fn from_tensors(
        setup: &Setup,
        recipe: &Recipe,
        card: ModelCard,
        tensors: &Tensors,
    ) -> Result<Self, TrainError> {
        let network = from_tensors(setup.build(recipe, Phase::Teacher, &setup.device)?, tensors)?;
        Ok(Self { card, recipe: recipe.clone(), network })
    }

    /// The teacher of another run: its frozen one, or the network itself where that is one on the guiding sensor alone.
    pub(super) fn from_run(
        setup: &Setup,
        recipe: &Recipe,
        path: &Path,
        progress: &mut Progress<'_>,
    ) -> Result<(Self, Vec<String>), TrainError> {
        let unfit = |reason: String| TrainError::Run(RunError::Unfit { reason, path: path.to_owned() });
        let (found, warnings) = RunFolder::open(path)?.newest_checkpoint_watched(progress)?;
        let Some(checkpoint) = found else {
            return Err(RunError::NoCheckpoint { warnings, path: path.to_owned() }.into());
        };
        let guiding = &setup.sensors[0].name;
        let (card, tensors) = match checkpoint.teacher {
            Some(teacher) => teacher,
            None if checkpoint.card.sensors.len() == 1 => (checkpoint.card, checkpoint.network),
            None => {
                let reason = "`teacher.run` names a run without a teacher: expected one that distilled, or one on the \
                              guiding sensor alone";
                return Err(unfit(reason.to_owned()));
            }
        };
        if card.sensors[0].name != *guiding {
            let found = &card.sensors[0].name;
            return Err(unfit(format!(
                "`teacher.run` names a teacher on `{found}`, and this run is guided by `{guiding}`"
            )));
        }
        // A single-sensor run may have trained parts that a teacher does not have.
        let own = setup.build(recipe, Phase::Teacher, &setup.device)?;
        let known: std::collections::BTreeSet<String> =
            crate::network::named_parameters(&own).into_iter().map(|parameter| parameter.name).collect();
        let tensors: Tensors = tensors.into_iter().filter(|(name, _)| known.contains(name)).collect();
        let teacher = Self::from_tensors(setup, recipe, card, &tensors).map_err(|error| {
            unfit(format!("the teacher that `teacher.run` names does not fit this recipe: {error}"))
        })?;
        Ok((teacher, warnings))
    }

    /// What the teacher says to the guiding sensor's images.
    pub(super) fn output(&self, images: &Tensor<4>) -> Output {
        let inputs = Inputs::new(vec![Some(images.clone().without_autodiff())]);
        self.network.forward(&inputs, &self.recipe, Mode::Infer, &mut Probes::off())
    }

    pub(super) fn tensors(&self) -> Tensors {
        to_tensors(&self.network)
    }
}
