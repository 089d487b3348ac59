//! SMMCL's terms: contrast across sensors and within each (§3.2, §3.3).

use super::{Scene, Sum};
use crate::objective::entries::{Drawn, Entries};
use crate::objective::multimodal_contrast::{across, embeddings, within};
use crate::protocol::{Figure, Quantity};
use crate::recipe::Recipe;
use crate::recipe::catalogue::objective::multimodal_contrast;

/// What pixels multi-modal contrast draws.
pub(in crate::objective) fn entries(recipe: &Recipe) -> Entries {
    Entries {
        of: recipe.get(multimodal_contrast::ENTRIES),
        smallest: recipe.get(multimodal_contrast::SMALLEST),
        most: recipe.get(multimodal_contrast::MOST),
        anchors: recipe.get(multimodal_contrast::ANCHORS),
    }
}

/// What one of the terms contrasts.
#[derive(Clone, Copy)]
enum Pairs {
    /// The visible sensor's embeddings with the others'.
    Across,
    /// The visible sensor's with each other.
    Visible,
    /// The other sensors' with each other.
    Auxiliary,
}

/// SMMCL's three terms, which share their sample and the embeddings.
pub(super) fn multimodal_terms(recipe: &Recipe, scene: &Scene<'_>, sum: &mut Sum) {
    let weights = [
        (Pairs::Across, multimodal_contrast::CROSS, multimodal_contrast::CROSS_WEIGHT),
        (Pairs::Visible, multimodal_contrast::VISIBLE, multimodal_contrast::VISIBLE_WEIGHT),
        (Pairs::Auxiliary, multimodal_contrast::AUXILIARY, multimodal_contrast::AUXILIARY_WEIGHT),
    ];
    let weights =
        weights.map(|(pairs, switch, weight)| (pairs, if recipe.get(switch) { recipe.get(weight) } else { 0.0 }));
    let projected = &scene.output.training.projected;
    let (Some(map), Some(mut random)) = (projected.first(), scene.inputs.noise.rng("multimodal_contrast")) else {
        return;
    };
    let is_on = recipe.get(multimodal_contrast::ENABLED);
    if !is_on || weights.iter().all(|(_, weight)| *weight == 0.0) {
        return;
    }
    let [_, _, height, width] = map.dims();
    let labels = scene.labels.nearest(height, width);
    let drawn = Drawn::of(&labels, projected.len(), entries(recipe), &mut random);
    let embedded = drawn.as_ref().map(|drawn| embeddings(projected, drawn)).unwrap_or_default();
    let temperature = recipe.get(multimodal_contrast::TEMPERATURE);
    for (pairs, weight) in weights {
        let name = match pairs {
            Pairs::Across => "cross",
            Pairs::Visible => "visible",
            Pairs::Auxiliary => "auxiliary",
        };
        sum.add(&format!("multimodal_contrast.{name}"), weight, || {
            let classes = &drawn.as_ref()?.classes;
            match pairs {
                Pairs::Across => across(&embedded, classes, temperature),
                Pairs::Visible => within(&embedded[..1], classes, temperature),
                Pairs::Auxiliary => within(&embedded[1..], classes, temperature),
            }
        });
    }
    let sizes = drawn.map_or([0, 0], |drawn| [drawn.entries, drawn.each]);
    let figures = [("multimodal_contrast.entries", sizes[0]), ("multimodal_contrast.pixels", sizes[1])];
    sum.figures.extend(figures.map(|(name, size)| Figure::new(name, Quantity::Count, size as f32)));
}
