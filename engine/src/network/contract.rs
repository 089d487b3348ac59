//! What goes into a network and what comes out, whatever its parts.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

/// The sensors' images for one batch.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// One entry a sensor, in the network's order: `[batch, 3, height, width]`, or `None` where the sensor is dropped.
    pub images: Vec<Option<Tensor<4>>>,
}

/// Whether batch norms use the batch's statistics (and learn running ones) or the running ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Batch statistics; running ones are updated.
    Train,
    /// Running statistics.
    Infer,
}

/// Everything that losses and inspection may need of one forward pass.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// Logits `[batch, classes, height, width]` at the input's size, by head: `fused` first where there is one, then one a
    /// present sensor by its name.
    pub heads: Vec<(String, Tensor<4>)>,
    /// Logits of the auxiliary head on stage 4, one a present sensor: `[batch, classes, height/16, width/16]`.
    pub auxiliary: Vec<Tensor<4>>,
    /// Encoder stages 1 to 5 of each present sensor, after exchange: `stages[sensor][stage]`.
    pub stages: Vec<Vec<Tensor<4>>>,
    /// Decoder maps `[batch, channels, height/4, width/4]`, one a present sensor.
    pub decoded: Vec<Tensor<4>>,
    /// L2-normalised embeddings of the projection head: `embeddings[stage][sensor]`, `[batch, width, h, w]`. Made in
    /// [`Mode::Train`] only.
    pub embeddings: Vec<Vec<Tensor<4>>>,
    /// Differentiable penalties that the network itself raises (`exchange.channel.sparsity`), each `[1]`, unweighted.
    pub penalties: Vec<(String, Tensor<1>)>,
    /// Plain figures for the curves, such as `exchange.channel.share`.
    pub figures: Vec<(String, f32)>,
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

/// Maps recorded during a forward pass, only while someone watches.
#[derive(Clone, Debug, Default)]
pub struct Probes {
    watching: bool,
    maps: BTreeMap<String, Tensor<4>>,
}

impl Probes {
    /// Records nothing and costs nothing.
    pub fn off() -> Self {
        Self::default()
    }

    /// Records every map that is offered.
    pub fn on() -> Self {
        Self { watching: true, maps: BTreeMap::new() }
    }

    /// Offers a map `[batch, channels, h, w]`; it is computed only when someone watches.
    pub fn record(&mut self, name: &str, map: impl FnOnce() -> Tensor<4>) {
        if self.watching {
            self.maps.insert(name.to_owned(), map());
        }
    }

    /// What was recorded, by probe name.
    pub fn maps(&self) -> &BTreeMap<String, Tensor<4>> {
        &self.maps
    }
}
