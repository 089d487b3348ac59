//! A network with everything that is needed to use it: its recipe, its sensors and its classes.

use burn::module::Module as _;
use burn::tensor::{Device, Tensor, activation};

use super::assembly::{Kept, Network};
use super::contract::{Carried, Inputs, Mode, Output};
use super::probes::Probes;
use super::taps::{Tapped, Taps};
use crate::data::{Modality, Normalisation};
use crate::protocol::{LiveChange, Phase};
use crate::recipe::Recipe;
use crate::recipe::catalogue::objective;

/// A trained, or half trained, network ready to predict.
#[derive(Clone, Debug)]
pub struct Model {
    /// The recipe it was built and trained with.
    pub recipe: Recipe,
    /// The sensors in the network's order.
    pub sensors: Vec<Modality>,
    /// How each sensor's unit range becomes network input.
    pub normalisations: Vec<Normalisation>,
    /// Class names.
    pub classes: Vec<String>,
    /// Class colours, red, green, blue.
    pub colours: Vec<[u8; 3]>,
    /// The network.
    pub network: Network,
    /// What its training carried from step to step beside weights, for pictures of it.
    pub carried: Carried,
    /// The phase that it was trained in: a teacher is another network than its student.
    pub phase: Phase,
    /// The step that its weights are from.
    pub step: u64,
    /// The frozen teacher that it distilled from, where it did and that is at hand.
    pub teacher: Option<Box<Self>>,
    /// The settings that are no longer what its run began with: changed while it trained, or since.
    pub changed: Vec<LiveChange>,
    /// Where it runs.
    pub device: Device,
}

impl Model {
    /// Asks the network by another recipe, which differs in settings that need no other network. Those that say
    /// something to a network which is only asked are noted in [`Model::changed`].
    pub fn ask_by(&mut self, recipe: Recipe) {
        let is_of_training = |key: &str| key.starts_with("objective.") || key.starts_with("training.");
        for changed in recipe.differences(&self.recipe).into_iter().filter(|changed| !is_of_training(changed.key)) {
            let (key, old, new) = (changed.key.to_owned(), changed.theirs, changed.ours);
            LiveChange { key, old, new, step: self.step }.note(&mut self.changed);
        }
        self.recipe = recipe;
    }

    /// Whether it is one that learns from a teacher's answers.
    pub fn distils(&self) -> bool {
        let asks = self.recipe.get(objective::relation::ENABLED) || self.recipe.get(objective::feature::ENABLED);
        asks && self.phase != Phase::Teacher && (self.sensors.len() > 1 || self.teacher.is_some())
    }

    /// The present sensors' images as they were before normalisation, 0 to 1.
    pub fn unit_images(&self, images: &[Option<Tensor<4>>]) -> Vec<Tensor<4>> {
        Inputs::new(images.to_vec()).normalised_by(&self.normalisations).unit_images()
    }

    /// One pass over normalised images `[batch, 3, height, width]`, one a sensor, `None` where it is dropped. Running
    /// statistics, no gradients; without heads where every sensor is dropped.
    pub fn run(&self, images: &[Option<Tensor<4>>], probes: &mut Probes) -> Output {
        let plain = |image: &Option<Tensor<4>>| image.clone().map(Tensor::without_autodiff);
        let inputs = Inputs::new(images.iter().map(plain).collect()).normalised_by(&self.normalisations);
        self.network.valid().forward(&inputs, &self.recipe, Mode::Infer, probes)
    }

    /// The same pass of a subset of a scene's sensors, bit for bit: branches that do not look at each other are taken from
    /// `kept`, which must be of the same images, and added to it.
    pub fn run_keeping(&self, images: &[Option<Tensor<4>>], kept: &mut Kept) -> Output {
        let plain = |image: &Option<Tensor<4>>| image.clone().map(Tensor::without_autodiff);
        let inputs = Inputs::new(images.iter().map(plain).collect()).normalised_by(&self.normalisations);
        self.network.valid().forward_keeping(&inputs, &self.recipe, kept)
    }

    /// The same pass, of which gradients can be asked by the maps at these places; the weights get none.
    pub fn tapped(&self, images: &[Option<Tensor<4>>], taps: Taps) -> (Output, Vec<Tapped>) {
        let tracked = |image: &Option<Tensor<4>>| image.clone().map(|image| image.without_autodiff().autodiff());
        let inputs = Inputs::new(images.iter().map(tracked).collect()).normalised_by(&self.normalisations);
        let mut probes = Probes::tapping(taps);
        let network = self.network.valid().train().no_grad();
        let output = network.forward(&inputs, &self.recipe, Mode::Infer, &mut probes);
        (output, probes.tapped().to_vec())
    }

    /// Class probabilities `[batch, classes, height, width]` by head, of what [`Model::run`] answers.
    pub fn predict(&self, images: &[Option<Tensor<4>>]) -> Vec<(String, Tensor<4>)> {
        probabilities(&self.run(images, &mut Probes::off()))
    }
}

/// Class probabilities by head.
pub fn probabilities(output: &Output) -> Vec<(String, Tensor<4>)> {
    output.heads.iter().map(|(head, logits)| (head.clone(), activation::softmax(logits.clone(), 1))).collect()
}
