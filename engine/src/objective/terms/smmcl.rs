//! SMMCL's terms: contrast across sensors and within each (§3.2, §3.3).

use super::{Scene, Sum};
use crate::objective::entries::{Drawn, Entries, EntryKind};
use crate::objective::multimodal_contrast::{across, embeddings, within};
use crate::protocol::{Figure, Quantity};
use crate::recipe::Recipe;

/// What pixels multi-modal contrast draws.
pub(in crate::objective) fn entries(recipe: &Recipe) -> Entries {
    Entries {
        of: match recipe.text("objective.multimodal_contrast.entries") {
            "batch" => EntryKind::Batch,
            _ => EntryKind::Image,
        },
        smallest: recipe.integer("objective.multimodal_contrast.smallest"),
        most: recipe.integer("objective.multimodal_contrast.most"),
        anchors: recipe.integer("objective.multimodal_contrast.anchors"),
    }
}

/// SMMCL's three terms, which share their sample and the embeddings.
pub(super) fn multimodal_terms(recipe: &Recipe, scene: &Scene<'_>, sum: &mut Sum) {
    let weight = |name: &str| {
        let key = |suffix: &str| format!("objective.multimodal_contrast.{name}{suffix}");
        if recipe.switch(&key("")) { recipe.number(&key("_weight")) } else { 0.0 }
    };
    let weights = ["cross", "visible", "auxiliary"].map(|name| (name, weight(name)));
    let projected = &scene.output.training.projected;
    let (Some(map), Some(mut random)) = (projected.first(), scene.inputs.noise.rng("multimodal_contrast")) else {
        return;
    };
    let is_on = recipe.switch("objective.multimodal_contrast.enabled");
    if !is_on || weights.iter().all(|(_, weight)| *weight == 0.0) {
        return;
    }
    let [_, _, height, width] = map.dims();
    let labels = scene.labels.nearest(height, width);
    let drawn = Drawn::of(&labels, projected.len(), entries(recipe), &mut random);
    let embedded = drawn.as_ref().map(|drawn| embeddings(projected, drawn)).unwrap_or_default();
    let temperature = recipe.number("objective.multimodal_contrast.temperature");
    for (name, weight) in weights {
        sum.add(&format!("multimodal_contrast.{name}"), weight, || {
            let classes = &drawn.as_ref()?.classes;
            match name {
                "cross" => across(&embedded, classes, temperature),
                "visible" => within(&embedded[..1], classes, temperature),
                _ => within(&embedded[1..], classes, temperature),
            }
        });
    }
    let sizes = drawn.map_or([0, 0], |drawn| [drawn.entries, drawn.each]);
    let figures = [("multimodal_contrast.entries", sizes[0]), ("multimodal_contrast.pixels", sizes[1])];
    sum.figures.extend(figures.map(|(name, size)| Figure::new(name, Quantity::Count, size as f32)));
}
