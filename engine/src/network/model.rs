//! A network with everything that is needed to use it: its recipe, its sensors and its classes.

use burn::module::Module as _;
use burn::tensor::{Device, Tensor, activation};

use super::assembly::Network;
use super::contract::{Inputs, Mode};
use super::probes::Probes;
use crate::data::{Modality, Normalisation};
use crate::recipe::Recipe;

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
    /// The step that its weights are from.
    pub step: u64,
    /// Where it runs.
    pub device: Device,
}

impl Model {
    /// Class probabilities `[batch, classes, height, width]` by head, for normalised images `[batch, 3, height, width]`, one a
    /// sensor, `None` where it is dropped. Running statistics, no gradients; empty where every sensor is dropped.
    pub fn predict(&self, images: &[Option<Tensor<4>>], probes: &mut Probes) -> Vec<(String, Tensor<4>)> {
        let plain = |image: &Option<Tensor<4>>| image.clone().map(Tensor::without_autodiff);
        let inputs = Inputs::new(images.iter().map(plain).collect());
        let output = self.network.valid().forward(&inputs, &self.recipe, Mode::Infer, probes);
        output.heads.into_iter().map(|(head, logits)| (head, activation::softmax(logits, 1))).collect()
    }
}
