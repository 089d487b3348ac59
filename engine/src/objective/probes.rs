//! Maps that come from the losses, for the scene in view.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};

use super::entries::Drawn;
use super::labels::Targets;
use super::language::class_likeness;
use super::multimodal_contrast::similarity;
use super::terms::smmcl::entries;
use super::terms::{Scene, Seen, adaptation, taught};
use crate::network::decoders::SIMILARITY;
use crate::network::fusion::SELECTION;
use crate::network::{Features, Output, Probes, Range, Recorded, Shown, Training};
use crate::random::Streams;
use crate::recipe::Recipe;
use crate::recipe::catalogue::objective;

/// Records what the terms of a recipe see in a scene: `loss.<head>`, the cross-entropy of each pixel, in nats;
/// `objective.intra_modal.features` and `.names`, how like classes are; `multimodal_contrast.similarity`, the cosines
/// between its embeddings, with `.entries` (T) and `.pixels` (n) as numbers; the masks of cross-spectral adaptation.
pub fn probes(recipe: &Recipe, scene: &Scene<'_>, probes: &mut Probes) {
    for (head, logits) in &scene.output.heads {
        let range = Range { low: 0.0, high: 4.0, unit: "nat".to_owned() };
        probes.record_scalar(&format!("loss.{head}"), range, || {
            let targets = Targets::for_logits(scene.labels, logits);
            (log_softmax(logits.clone(), 1) * targets.one_hot()).sum_dim(1).neg()
        });
    }
    multimodal_contrast(recipe, scene, probes);
    adaptation::probes(recipe, scene, probes);
    intra_modal(recipe, scene, probes);
    selection_shares(scene, probes);
}

/// Records what needs no label: prototypes and self-supervision of cross-spectral adaptation, and what a student has of its
/// teacher.
pub fn seen_probes(recipe: &Recipe, seen: &Seen<'_>, probes: &mut Probes) {
    adaptation::seen_probes(recipe, seen, probes);
    taught::seen_probes(recipe, seen, probes);
}

/// Which sensor MFF takes how often within each true class, where its selection was recorded:
/// `mff.selection.share.CLASS.SENSOR` (Any2Seg Fig. 3).
fn selection_shares(scene: &Scene<'_>, probes: &mut Probes) {
    let Some(Recorded { map, shown: Shown::Classes(sensors) }) = probes.maps().get(SELECTION).cloned() else { return };
    let [_, _, height, width] = map.dims();
    let chosen = map.into_data_as::<f32>();
    let labels = scene.labels.nearest(height, width);
    for (class, name) in scene.classes.iter().enumerate() {
        let here = labels.ids.iter().zip(chosen.as_slice::<f32>().unwrap_or_default());
        let here: Vec<usize> = here.filter(|&(&id, _)| usize::from(id) == class).map(|(_, &at)| at as usize).collect();
        for (place, sensor) in sensors.iter().enumerate().filter(|_| !here.is_empty()) {
            let count = here.iter().filter(|&&at| at == place).count();
            probes.fact(&format!("{SELECTION}.share.{name}.{sensor}"), || count as f32 / here.len() as f32);
        }
    }
}

/// Tables of cosines between classes, `[1, 1, classes, classes]`: of their mean features, and of their names.
fn intra_modal(recipe: &Recipe, scene: &Scene<'_>, probes: &mut Probes) {
    let main = scene.output.main_head();
    let (Some(map), Some((_, logits))) = (&scene.output.features.agnostic, main) else { return };
    if !recipe.get(objective::intra_modal::ENABLED) {
        return;
    }
    let classes = logits.dims()[1];
    let range = || Range::plain(-1.0, 1.0);
    probes.record_scalar("objective.intra_modal.features", range(), || {
        class_likeness(map, scene.labels, classes).0.reshape([1, 1, classes, classes])
    });
    if let Some(names) = scene.vectors.and_then(|vectors| vectors.likeness.as_ref()) {
        let names: Vec<f32> = names.iter().map(|&cosine| cosine as f32).collect();
        let table = || Tensor::from_data(TensorData::new(names, [1, 1, classes, classes]), &Device::flex());
        probes.record_scalar("objective.intra_modal.names", range(), table);
    }
}

fn multimodal_contrast(recipe: &Recipe, scene: &Scene<'_>, probes: &mut Probes) {
    if !recipe.get(objective::multimodal_contrast::ENABLED) || scene.output.features.raw.len() < 2 {
        return;
    }
    let Output { features: Features { raw, .. }, training: Training { projected, .. }, .. } = scene.output;
    let drawn = raw[0].last().and_then(|deepest| {
        let [_, _, height, width] = deepest.dims();
        // Nothing is random in inference: every picture of a scene shows the same pixels.
        let mut random = Streams::new(0).stream("multimodal_contrast", 0);
        Drawn::of(&scene.labels.nearest(height, width), raw.len(), entries(recipe), &mut random)
    });
    let nothing = || Tensor::zeros([1, 1, 1, 1], &Device::flex());
    probes.record_scalar(SIMILARITY, Range::plain(-1.0, 1.0), || {
        // The projectors work only where this is watched.
        drawn.as_ref().filter(|_| !projected.is_empty()).map_or_else(nothing, |drawn| similarity(projected, drawn))
    });
    if let Some(drawn) = &drawn {
        probes.fact("multimodal_contrast.entries", || drawn.entries as f32);
        probes.fact("multimodal_contrast.pixels", || drawn.each as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::testing::{inputs, network, recipe};
    use crate::network::{Inputs, Mode};
    use crate::objective::{Labels, LanguageVectors};
    use crate::protocol::Phase;

    #[test]
    fn the_likeness_of_classes_is_shown_beside_that_of_their_names() {
        let recipe = recipe(&[("objective.intra_modal", "on")]);
        let inputs = inputs(&[true, true], [16, 24], &Device::flex());
        let output = network(&recipe, 2, &Device::flex()).forward(&inputs, &recipe, Mode::Infer, &mut Probes::off());
        let labels = Labels {
            ids: (0..2 * 16 * 24).map(|pixel| (pixel / 7 % 3) as u8).collect(),
            batch: 2,
            height: 16,
            width: 24,
        };
        let vectors = LanguageVectors { likeness: Some(vec![0.5; 16]), ..LanguageVectors::default() };
        let mut found = Probes::on();
        let scene = Scene {
            phase: Phase::Student,
            inputs: &inputs,
            output: &output,
            teacher: None,
            labels: &labels,
            ids: &[],
            tags: &[],
            classes: &[],
            vectors: Some(&vectors),
        };
        probes(&recipe, &scene, &mut found);
        let table = found.maps()["objective.intra_modal.features"].map.clone().into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(table.len(), 16);
        assert!((table[0] - 1.0).abs() < 1e-5 && table[15] == 0.0, "the fourth class is absent: {table:?}");
        let names = found.maps()["objective.intra_modal.names"].map.clone().into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(names, vec![0.5; 16]);
    }

    #[test]
    fn the_selection_is_told_class_by_class_and_sums_to_one() {
        let settings = [("fusion.kind", "mff"), ("fusion.level", "logits"), ("decoder.sharing", "shared")];
        let plain = [("exchange.channel", "off"), ("exchange.spatial", "off"), ("objective.contrast", "off")];
        let recipe = recipe(&[&settings[..], &plain, &[("encoder.sharing", "shared")]].concat());
        let network = network(&recipe, 3, &Device::flex());
        let labels = Labels {
            ids: (0..32 * 32).map(|pixel| [0, 2, 255][pixel / 400]).collect(),
            batch: 1,
            height: 32,
            width: 32,
        };
        let images: Inputs = inputs(&[true; 3], [32, 32], &Device::flex());
        let inputs =
            Inputs::new(images.images.iter().map(|image| image.clone().map(|map| map.narrow(0, 0, 1))).collect());
        let mut found = Probes::watching([SELECTION, "figures"].map(str::to_owned));
        let output = network.forward(&inputs, &recipe, Mode::Infer, &mut found);
        let classes = ["road", "sky", "car", "cone"].map(str::to_owned);
        let scene = Scene {
            phase: Phase::Student,
            inputs: &inputs,
            output: &output,
            teacher: None,
            labels: &labels,
            ids: &[],
            tags: &[],
            classes: &classes,
            vectors: None,
        };
        probes(&recipe, &scene, &mut found);
        let of = |class: &str| -> Vec<f32> {
            let prefix = format!("{SELECTION}.share.{class}.");
            found.facts().iter().filter(|(name, _)| name.starts_with(&prefix)).map(|(_, &share)| share).collect()
        };
        for class in ["road", "car"] {
            assert_eq!(of(class).len(), 3, "{:?}", found.facts());
            assert!((of(class).iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
        assert!(of("sky").is_empty() && of("cone").is_empty(), "they have no pixels");
    }

    #[test]
    fn similarities_are_shown_by_class_where_they_are_watched_and_named_where_not() {
        let recipe =
            recipe(&[("objective.multimodal_contrast", "on"), ("objective.multimodal_contrast.smallest", "1")]);
        let network = network(&recipe, 2, &Device::flex());
        let ids = (0..2 * 64 * 64).map(|pixel| (pixel / 32 % 3) as u8).collect();
        let labels = Labels { ids, batch: 2, height: 64, width: 64 };
        let inputs: Inputs = inputs(&[true, true], [64, 64], &Device::flex());
        let shown = |watched: &[&str]| {
            let mut probes = Probes::watching(watched.iter().map(ToString::to_string));
            let output = network.forward(&inputs, &recipe, Mode::Infer, &mut probes);
            let phase = Phase::Student;
            let scene = Scene {
                phase,
                inputs: &inputs,
                output: &output,
                teacher: None,
                labels: &labels,
                ids: &[],
                tags: &[],
                classes: &[],
                vectors: None,
            };
            super::probes(&recipe, &scene, &mut probes);
            (probes, output.training.projected.len())
        };
        let (probes, projected) = shown(&["loss.fused"]);
        assert!(probes.offered().contains(SIMILARITY) && projected == 0);
        let (probes, _) = shown(&[SIMILARITY, "figures"]);
        let map = &probes.maps()[SIMILARITY].map;
        let [_, _, rows, columns] = map.dims();
        let (entries, each) =
            (probes.facts()["multimodal_contrast.entries"], probes.facts()["multimodal_contrast.pixels"]);
        assert!(rows == columns && rows as f32 == 2.0 * entries * each && entries > 2.0);
        let cosines = crate::network::testing::values(map.clone());
        assert!(cosines.iter().all(|cosine| (-1.001..=1.001).contains(cosine)));
        assert!((0..rows).all(|row| (cosines[row * rows + row] - 1.0).abs() < 1e-3));
    }
}
