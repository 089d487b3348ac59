//! AMDANet's terms beside the segmentation loss: mask consistency and image fusion (Eqs. 13, 15 and 16).

use super::{Scene, Sum};
use crate::objective::consistency::consistency;
use crate::objective::fusion_image::{FusionLoss, Sources, colour, salient};
use crate::objective::labels::Targets;
use crate::objective::segmentation::{SegmentationWeights, segmentation};
use crate::recipe::Recipe;
use crate::recipe::catalogue::objective::{self, consistency::Target, fusion_image};

/// Adds `consistency`, `consistency.dice`, `fusion_image.salient`, `fusion_image.colour` and `fusion_image.masked`
/// where the recipe weighs them and the network made what they compare.
pub(super) fn amdanet_terms(recipe: &Recipe, scene: &Scene<'_>, targets: Option<&Targets>, sum: &mut Sum) {
    if let Some(targets) = targets.filter(|_| recipe.get(objective::consistency::ENABLED)) {
        consistency_terms(recipe, scene, targets, sum);
    }
    if recipe.get(fusion_image::ENABLED) {
        image_terms(recipe, scene, sum);
    }
}

fn consistency_terms(recipe: &Recipe, scene: &Scene<'_>, targets: &Targets, sum: &mut Sum) {
    let [cross_entropy, dice] =
        [(1.0, 0.0), (0.0, 1.0)].map(|(cross_entropy, dice)| SegmentationWeights { cross_entropy, dice });
    for (name, masked) in &scene.output.training.masked {
        let Some(clean) = scene.output.head(name) else { continue };
        sum.add("consistency", recipe.get(objective::consistency::WEIGHT), || {
            Some(match recipe.get(objective::consistency::TARGET) {
                Target::Labels => segmentation(masked, targets, cross_entropy),
                Target::Clean => consistency(masked, clean, targets),
            })
        });
        sum.add("consistency.dice", recipe.get(objective::consistency::DICE), || {
            Some(segmentation(masked, targets, dice))
        });
    }
}

fn image_terms(recipe: &Recipe, scene: &Scene<'_>, sum: &mut Sum) {
    let Some(image) = &scene.output.image else { return };
    let settings = FusionLoss {
        intensity: recipe.get(fusion_image::INTENSITY),
        gradient: recipe.get(fusion_image::GRADIENT),
        target: recipe.get(fusion_image::GRADIENT_TARGET),
        gamma: recipe.get(fusion_image::GAMMA),
        contrast: recipe.get(fusion_image::CONTRAST),
        valid: recipe.get(fusion_image::VALID),
    };
    let Some(sources) = Sources::new(&scene.inputs.unit_images(), &scene.inputs.valid, settings) else { return };
    let (weight, of_colour) = (recipe.get(fusion_image::WEIGHT), recipe.get(fusion_image::COLOUR));
    sum.add("fusion_image.salient", weight, || Some(salient(image, &sources, settings)));
    sum.add("fusion_image.colour", weight * of_colour, || Some(colour(image, &sources)));
    if let Some(masked) = &scene.output.training.masked_image {
        sum.add("fusion_image.masked", recipe.get(fusion_image::MASKED), || {
            Some(salient(masked, &sources, settings) + colour(masked, &sources) * of_colour)
        });
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Tensor;

    use super::*;
    use crate::data::Window;
    use crate::network::{Inputs, Output, Training};
    use crate::objective::check::{close, drawn, scalar};
    use crate::objective::{Labels, Terms, evaluate};
    use crate::protocol::Phase;
    use crate::random::Streams;

    const ON: [(&str, &str); 4] = [
        ("objective.consistency", "on"),
        ("objective.fusion_image", "on"),
        ("objective.auxiliary", "off"),
        ("objective.contrast", "off"),
    ];

    /// What two sensors and a network with every part of AMDANet would say.
    fn output() -> Output {
        let logits = |seed| drawn([2, 3, 4, 6], seed) * 4.0 - 2.0;
        Output {
            heads: vec![("fused".to_owned(), logits(1))],
            image: Some(drawn([2, 3, 4, 6], 3)),
            training: Training {
                masked: vec![("fused".to_owned(), logits(2))],
                masked_image: Some(drawn([2, 3, 4, 6], 4)),
                ..Training::default()
            },
            ..Output::default()
        }
    }

    fn terms(settings: &[(&str, &str)], phase: Phase, output: &Output) -> Terms {
        let mut recipe = Recipe::defaults("r");
        for (key, value) in ON.iter().chain(settings) {
            recipe.set_text(key, value).unwrap();
        }
        let images = [5, 6].map(|seed| Some(drawn([2, 3, 4, 6], seed)));
        let labels = Labels { ids: (0..48).map(|pixel| pixel % 3).collect(), batch: 2, height: 4, width: 6 };
        let inputs = Inputs { valid: vec![Window { rows: 0..4, columns: 0..5 }; 2], ..Inputs::new(images.into()) };
        let scene = Scene {
            phase,
            inputs: &inputs,
            output,
            teacher: None,
            labels: &labels,
            ids: &[],
            tags: &[],
            classes: &[],
            vectors: None,
        };
        evaluate(&recipe, &scene, &mut Streams::new(1).stream("sampling", 0))
    }

    fn term(terms: &Terms, name: &str) -> f32 {
        scalar(&terms.terms.iter().find(|(found, _)| found == name).expect("a term of that name").1)
    }

    #[test]
    fn the_total_weighs_the_terms_as_the_code_does() {
        let found = terms(&[("objective.segmentation.dice", "2")], Phase::Student, &output());
        let weights = [
            ("segmentation.fused", 1.0),
            ("consistency", 0.25),
            ("consistency.dice", 0.5),
            ("fusion_image.salient", 0.5),
            ("fusion_image.colour", 0.5),
            ("fusion_image.masked", 0.25),
        ];
        let names: Vec<&str> = found.terms.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, weights.map(|(name, _)| name));
        let sum = weights.iter().map(|(name, weight)| weight * term(&found, name)).sum::<f32>();
        close(scalar(&found.total), sum, 1e-5);
    }

    #[test]
    fn nothing_is_added_where_nothing_was_made_or_asked_for() {
        let plain = Output { image: None, training: Training::default(), ..output() };
        assert_eq!(terms(&[], Phase::Student, &plain).terms.len(), 1);
        let off = [("objective.consistency", "off"), ("objective.fusion_image", "off")];
        assert_eq!(terms(&off, Phase::Student, &output()).terms.len(), 1);
        assert_eq!(terms(&[], Phase::Teacher, &output()).terms.len(), 1);
    }

    #[test]
    fn every_setting_changes_the_total() {
        let usual = scalar(&terms(&[], Phase::Student, &output()).total);
        for (key, value) in [
            ("objective.consistency.weight", "1"),
            ("objective.consistency.dice", "0"),
            ("objective.consistency.target", "clean"),
            ("objective.fusion_image.weight", "1"),
            ("objective.fusion_image.masked", "0"),
            ("objective.fusion_image.intensity", "0"),
            ("objective.fusion_image.gradient", "0"),
            ("objective.fusion_image.colour", "0"),
            ("objective.fusion_image.gradient_target", "maximum"),
            ("objective.fusion_image.valid", "sources"),
            ("objective.fusion_image.gamma", "1"),
            ("objective.fusion_image.contrast", "1.7"),
        ] {
            assert_ne!(scalar(&terms(&[(key, value)], Phase::Student, &output()).total), usual, "{key} = {value}");
        }
    }

    #[test]
    fn the_clean_prediction_is_spared_where_it_is_the_target() {
        let mut output = output();
        let clean = output.heads[0].1.clone().detach().require_grad();
        output.heads[0].1 = clean.clone();
        let quiet = [
            ("objective.consistency.target", "clean"),
            ("objective.consistency.dice", "0"),
            ("objective.fusion_image", "off"),
            ("objective.segmentation.fused", "0"),
        ];
        let total: Tensor<1> = terms(&quiet, Phase::Student, &output).total;
        assert!(scalar(&total) > 0.0 && !total.is_tracked());
    }
}
