//! Maps that come from the losses, for the scene in view.

use burn::tensor::activation::log_softmax;

use super::labels::Targets;
use super::total::Scene;
use crate::network::{Probes, Range};
use crate::recipe::Recipe;

/// Records what the terms of a recipe see in a scene: `loss.<head>`, the cross-entropy of each pixel, in nats.
pub fn probes(_recipe: &Recipe, scene: &Scene<'_>, probes: &mut Probes) {
    for (head, logits) in &scene.output.heads {
        let range = Range { low: 0.0, high: 4.0, unit: "nat".to_owned() };
        probes.record_scalar(&format!("loss.{head}"), range, || {
            let targets = Targets::for_logits(scene.labels, logits);
            (log_softmax(logits.clone(), 1) * targets.one_hot()).sum_dim(1).neg()
        });
    }
}
