//! SMMCL's terms: contrast across sensors and within each (§3.2, §3.3).

use burn::tensor::Tensor;

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
    let [batch, _, height, width] = map.dims();
    let labels = scene.labels.nearest(height, width);
    let most = match recipe.get(multimodal_contrast::GROUP) {
        0 => batch,
        images => images.min(batch),
    };
    let sample = |begin: usize| {
        let images = begin..batch.min(begin + most);
        let of_group = |map: &Tensor<4>| map.clone().narrow(0, begin, images.len());
        let maps: Vec<Tensor<4>> =
            if most == batch { projected.clone() } else { projected.iter().map(of_group).collect() };
        let drawn = Drawn::of(&labels.of_scenes(images), projected.len(), entries(recipe), &mut random)?;
        Some((embeddings(&maps, &drawn), drawn))
    };
    let groups: Vec<Option<(Vec<Tensor<2>>, Drawn)>> = (0..batch).step_by(most.max(1)).map(sample).collect();
    let temperature = recipe.get(multimodal_contrast::TEMPERATURE);
    for (pairs, weight) in weights {
        let name = match pairs {
            Pairs::Across => "cross",
            Pairs::Visible => "visible",
            Pairs::Auxiliary => "auxiliary",
        };
        sum.add(&format!("multimodal_contrast.{name}"), weight, || {
            let term = |(embedded, drawn): &(Vec<Tensor<2>>, Drawn)| {
                let classes = &drawn.classes;
                match pairs {
                    Pairs::Across => across(embedded, classes, temperature),
                    Pairs::Visible => within(&embedded[..1], classes, temperature),
                    Pairs::Auxiliary => within(&embedded[1..], classes, temperature),
                }
            };
            // As GPUs' gradients are averaged: a group without entries counts as 0.
            let terms = groups.iter().flatten().filter_map(term).reduce(|sum, term| sum + term)?;
            Some(if groups.len() > 1 { terms / groups.len() as f32 } else { terms })
        });
    }
    let drawn = || groups.iter().flatten().map(|(_, drawn)| drawn);
    let entries: usize = drawn().map(|drawn| drawn.entries).sum();
    let pixels = drawn().map(|drawn| drawn.each).sum::<usize>() as f32 / drawn().count().max(1) as f32;
    let figures = [("multimodal_contrast.entries", entries as f32), ("multimodal_contrast.pixels", pixels)];
    sum.figures.extend(figures.map(|(name, size)| Figure::new(name, Quantity::Count, size)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Inputs, Noise, Output, Training};
    use crate::objective::check::{close, scalar, wave_tensor};
    use crate::objective::{Labels, evaluate};
    use crate::protocol::Phase;
    use crate::random::Streams;

    /// The term across sensors, and how many entries there were, of a batch made of these images.
    fn across_of(images: std::ops::Range<usize>, group: &str) -> (f32, f32) {
        let mut recipe = Recipe::defaults("r");
        for (key, value) in [
            ("objective.multimodal_contrast", "on"),
            ("objective.multimodal_contrast.smallest", "1"),
            ("objective.multimodal_contrast.group", group),
        ] {
            recipe.set_text(key, value).unwrap();
        }
        let maps = [0.3, 2.1].map(|phase| wave_tensor([4, 3, 2, 4], phase).narrow(0, images.start, images.len()));
        let ids = (0..4 * 8).map(|place| [0, 1, 1, 2, 0, 1, 2][place % 7]).collect();
        let labels = Labels { ids, batch: 4, height: 2, width: 4 }.of_scenes(images);
        let output =
            Output { training: Training { projected: maps.into(), ..Training::default() }, ..Output::default() };
        let inputs = Inputs { noise: Noise::of(Streams::new(3), 0), ..Inputs::new(Vec::new()) };
        let scene = Scene {
            phase: Phase::Student,
            inputs: &inputs,
            output: &output,
            teacher: None,
            labels: &labels,
            ids: &[],
            tags: &[],
            classes: &[],
            vectors: None,
        };
        let found = evaluate(&recipe, &scene, &mut Streams::new(1).stream("sampling", 0));
        let term = found.terms.iter().find(|(name, _)| name == "multimodal_contrast.cross").unwrap();
        (scalar(&term.1), found.figures[0].value)
    }

    #[test]
    fn groups_of_images_are_contrasted_by_themselves_and_averaged() {
        let (whole, entries) = across_of(0..4, "0");
        assert_eq!(across_of(0..4, "4"), (whole, entries));
        assert_eq!(across_of(0..4, "100"), (whole, entries));
        let (halves, as_many) = across_of(0..4, "2");
        assert_eq!(as_many, entries, "every class of every image is an entry, whichever group it is in");
        assert_ne!(halves, whole);
        // The first group draws what a batch of those images alone would draw.
        let (first, _) = across_of(0..2, "0");
        let (with_nothing_else, _) = across_of(0..2, "2");
        close(first, with_nothing_else, 0.0);
        // Of three images the last makes a group of one.
        let (odd, of_three) = across_of(0..3, "2");
        assert!(odd.is_finite() && of_three < entries);
    }
}
