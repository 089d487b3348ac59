//! What goes into a network and what comes out, whatever its parts.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use super::late_figures::LateFigures;
use super::noise::Noise;
use crate::data::{Normalisation, Window};
use crate::protocol::Figure;
use crate::recipe::Key;

/// What is carried from step to step beside weights, by name: detached, and saved with every checkpoint.
pub type Carried = BTreeMap<String, Tensor<4>>;

/// What one pass through a network starts from.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// One entry a sensor, in the network's order: `[batch, 3, height, width]`, or `None` where the sensor is dropped.
    pub images: Vec<Option<Tensor<4>>>,
    /// The pass's random numbers.
    pub noise: Noise,
    /// What the step before left behind; empty in inference.
    pub carried: Carried,
    /// How each sensor's image was normalised, in the network's order; where nothing is said, it is 0 to 1 as it is.
    pub normalisations: Vec<Normalisation>,
    /// What of each image is no padding; where nothing is said, all of it.
    pub valid: Vec<Window>,
}

impl Inputs {
    /// For inference: nothing is random, nothing is carried.
    pub fn new(images: Vec<Option<Tensor<4>>>) -> Self {
        Self { images, noise: Noise::off(), carried: Carried::new(), normalisations: Vec::new(), valid: Vec::new() }
    }

    /// With images that were normalised so.
    #[must_use]
    pub fn normalised_by(self, normalisations: &[Normalisation]) -> Self {
        Self { normalisations: normalisations.to_vec(), ..self }
    }

    /// The present sensors' images as they were before normalisation, `[batch, 3, height, width]`, 0 to 1, without a
    /// graph.
    pub fn unit_images(&self) -> Vec<Tensor<4>> {
        let unit = |(sensor, image): (usize, &Option<Tensor<4>>)| {
            let image = image.clone()?.inner();
            let Some((means, stds)) = self.normalisations.get(sensor).map(Normalisation::mean_std) else {
                return Some(image);
            };
            let row = |values: [f32; 3]| Tensor::<1>::from_floats(values, &image.device()).reshape([1, 3, 1, 1]);
            Some((image.clone() * row(stds) + row(means)).clamp(0.0, 1.0))
        };
        self.images.iter().enumerate().filter_map(unit).collect()
    }
}

/// Whether batch norms use the batch's statistics (and learn running ones) or the running ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Batch statistics; running ones are updated.
    Train,
    /// Running statistics.
    Infer,
}

/// One forward pass: what it predicts, the maps on the way, and what only training asks for.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// Logits `[batch, classes, height, width]` at the input's size, by head: `fused` first where there is one, then
    /// one a present sensor by its name.
    pub heads: Vec<(String, Tensor<4>)>,
    /// The fusion image `[batch, 3, height, width]`, 0 to 1.
    pub image: Option<Tensor<4>>,
    /// The maps on the way.
    pub features: Features,
    /// What training asks for.
    pub training: Training,
}

/// The maps on the way to a prediction: for inspection, and for losses that compare them.
#[derive(Clone, Debug, Default)]
pub struct Features {
    /// Encoder stages of each present sensor, after all interaction: `stages[sensor][stage]`.
    pub stages: Vec<Vec<Tensor<4>>>,
    /// The four levels of each present sensor before the sensors meet there: `raw[sensor][level]`.
    pub raw: Vec<Vec<Tensor<4>>>,
    /// The four levels of each present sensor before columns change places behind them: `own[sensor][level]`. Empty
    /// unless a loss asks for them.
    pub own: Vec<Vec<Tensor<4>>>,
    /// The fused map of each of the four levels, where levels are fused.
    pub levels: Vec<Tensor<4>>,
    /// Decoder maps `[batch, channels, height/4, width/4]`: one a present sensor, or one of the fused levels.
    pub decoded: Vec<Tensor<4>>,
    /// The modality-agnostic map `[batch, channels, h, w]` that [`Training::correlations`] led to; without
    /// modality-agnostic fusion, the class scores that count.
    pub agnostic: Option<Tensor<4>>,
}

/// What losses need beside predictions and maps, what the next step shall find, and figures for the curves.
#[derive(Clone, Debug, Default)]
pub struct Training {
    /// Logits of the auxiliary head on stage 4, one a present sensor: `[batch, classes, height/16, width/16]`.
    pub auxiliary: Vec<Tensor<4>>,
    /// L2-normalised embeddings of the projection head: `embeddings[stage][sensor]`, `[batch, width, h, w]`. Made in
    /// [`Mode::Train`], else only while probes watch.
    pub embeddings: Vec<Vec<Tensor<4>>>,
    /// Embeddings of the deepest level by a projector a sensor, `[batch, width, h, w]`, of any length. Made in
    /// [`Mode::Train`], else only while probes watch.
    pub projected: Vec<Tensor<4>>,
    /// Similarity of each present sensor's map to the anchor, `[batch, sensors]`.
    pub correlations: Option<Tensor<2>>,
    /// Logits of a pass over masked features, by head. Made in [`Mode::Train`] only.
    pub masked: Vec<(String, Tensor<4>)>,
    /// The fusion image made from masked features. Made in [`Mode::Train`] only.
    pub masked_image: Option<Tensor<4>>,
    /// Differentiable penalties that the network itself raises, each `[1]` and unweighted, with the setting that weighs
    /// it.
    pub penalties: Vec<(Key<f64>, Tensor<1>)>,
    /// What the next step shall find in [`Inputs::carried`].
    pub carried: Carried,
    /// Plain figures for the curves, such as `exchange.channel.share`.
    pub figures: Vec<Figure>,
    /// Further ones whose numbers are on the device.
    pub late: Vec<LateFigures>,
}

impl Output {
    /// The logits of a head.
    pub fn head(&self, name: &str) -> Option<&Tensor<4>> {
        self.heads.iter().find(|(head, _)| head == name).map(|(_, logits)| logits)
    }

    /// The logits that count as the prediction: the fused head, else the only one.
    pub fn main_head(&self) -> Option<&(String, Tensor<4>)> {
        self.heads.first()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::testing::{assert_close, values, wave};

    #[test]
    fn unit_images_undo_the_normalisation_of_each_present_sensor() {
        let device = Device::flex();
        let unit = wave([2, 3, 2, 3], 0.2, &device) * 0.5 + 0.5;
        let scaled = |normalisation: &Normalisation| {
            let (means, stds) = normalisation.mean_std();
            let row = |values: [f32; 3]| Tensor::<1>::from_floats(values, &device).reshape([1, 3, 1, 1]);
            (unit.clone() - row(means)) / row(stds)
        };
        let normalisations = [Normalisation::Imagenet, Normalisation::Lite, Normalisation::Unit];
        let images = normalisations.iter().enumerate().map(|(sensor, of)| (sensor != 1).then(|| scaled(of)));
        let found = Inputs::new(images.collect()).normalised_by(&normalisations).unit_images();
        assert_eq!(found.len(), 2);
        for image in found {
            assert_close(&values(image), &values(unit.clone()), 1e-6);
        }
        let plain = Inputs::new(vec![Some(unit.clone())]).unit_images();
        assert_eq!(values(plain[0].clone()), values(unit));
    }
}
