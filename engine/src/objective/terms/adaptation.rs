//! The terms of cross-spectral adaptation, as a recipe asks for them: mutual learning, prototypes, self-supervision.

use std::cell::LazyCell;

use burn::tensor::{Int, Tensor, TensorData};

use super::{Scene, Seen, Sum, sensor_heads};
use crate::data::Domain;
use crate::network::{Carried, Output, Probes, Range};
use crate::objective::labels::Targets;
use crate::objective::mutual::{MaskMode, Masks, Mutual, mutual, uncertainty};
use crate::objective::prototype::{
    Prototypes, Prototyping, class_means, joined, likeness, nearest_prototype, prototype,
};
use crate::objective::self_supervision::{answers, divergence, self_supervision};
use crate::protocol::Phase;
use crate::recipe::Recipe;
use crate::recipe::catalogue::objective::mutual::Distillation;
use crate::recipe::catalogue::objective::prototype::Maps;
use crate::recipe::catalogue::{adaptation, objective};

/// Under which name prototypes are carried: `[1, 1, classes, channels]`.
pub const PROTOTYPES: &str = "prototypes";
/// Under which name their ages are carried: `[1, 1, classes, 1]`.
pub const PROTOTYPES_AGE: &str = "prototypes.age";

/// Adds the terms that are on.
pub(super) fn terms(recipe: &Recipe, scene: &Scene<'_>, targets: Option<&Targets>, sum: &mut Sum) {
    if recipe.get(objective::mutual::ENABLED)
        && let (Some(pair), Some(targets)) = (pair(recipe, scene.output), targets)
    {
        let weight = recipe.get(objective::mutual::WEIGHT);
        let heads = pair.map(|(_, logits)| logits);
        let settings = mutual_settings(recipe);
        let each = (weight != 0.0).then(|| mutual(heads, targets, settings));
        for place in (0..2).filter(|&place| settings.learns[place]) {
            let (name, _) = pair[place];
            sum.add(&format!("mutual.{name}"), weight, || each.as_ref().map(|each| each[place].clone()));
        }
    }
    prototype_terms(recipe, scene, sum);
}

/// The two heads that learn from each other: those that are named, else those of the first two sensors.
fn pair<'a>(recipe: &Recipe, output: &'a Output) -> Option<[&'a (String, Tensor<4>); 2]> {
    let named = recipe.get(objective::mutual::HEADS);
    if let [first, second] = named {
        let find = |name: &String| output.heads.iter().find(|(head, _)| head == name);
        return Some([find(first)?, find(second)?]);
    }
    match sensor_heads(output) {
        [first, second, ..] => Some([first, second]),
        _ => None,
    }
}

/// The head that learns from another head in place of labels, where there is one.
pub(super) fn learns_without_labels<'a>(recipe: &Recipe, output: &'a Output) -> Option<&'a str> {
    if !recipe.get(objective::mutual::ENABLED) {
        return None;
    }
    match recipe.get(objective::mutual::DISTILLATION) {
        Distillation::TwoWay => None,
        Distillation::OneWay => pair(recipe, output).map(|[_, (name, _)]| name.as_str()),
    }
}

fn mutual_settings(recipe: &Recipe) -> Mutual {
    Mutual {
        masks: match recipe.get(objective::mutual::MASKS) {
            objective::mutual::Masks::None => Masks::None,
            objective::mutual::Masks::Intra => Masks::Intra,
            objective::mutual::Masks::Inter => Masks::Inter,
            objective::mutual::Masks::Both => Masks::Both,
        },
        mode: match recipe.get(objective::mutual::MODE) {
            objective::mutual::Mode::Logits => MaskMode::Logits,
            objective::mutual::Mode::LossWeight => MaskMode::LossWeight,
        },
        learns: match recipe.get(objective::mutual::DISTILLATION) {
            Distillation::TwoWay => [true; 2],
            Distillation::OneWay => [false, true],
        },
    }
}

fn prototype_settings(recipe: &Recipe) -> Prototyping {
    Prototyping {
        confidence: recipe.get(objective::prototype::CONFIDENCE) as f32,
        momentum: recipe.get(objective::prototype::MOMENTUM) as f32,
        absent: recipe.get(objective::prototype::ABSENT),
        average: recipe.get(objective::prototype::AVERAGE),
    }
}

/// Each map that prototypes live in, with the head that speaks for it: the sensor's own, or the fused one where the
/// maps are fused already.
fn maps<'a>(recipe: &Recipe, output: &'a Output) -> Vec<(&'a str, &'a Tensor<4>, &'a Tensor<4>)> {
    let heads = sensor_heads(output);
    let heads = if heads.is_empty() { output.heads.as_slice() } else { heads };
    let features = &output.features;
    let maps: Vec<&Tensor<4>> = match recipe.get(objective::prototype::MAPS) {
        Maps::Decoded => features.decoded.iter().collect(),
        // Levels that are fused are read as one.
        Maps::Deepest if !features.levels.is_empty() => features.levels.last().into_iter().collect(),
        Maps::Deepest => features.stages.iter().filter_map(|stages| stages.last()).collect(),
    };
    heads.iter().zip(maps).map(|((name, logits), map)| (name.as_str(), logits, map)).collect()
}

fn prototype_terms(recipe: &Recipe, scene: &Scene<'_>, sum: &mut Sum) {
    let Scene { output, labels, inputs, .. } = *scene;
    if !recipe.get(objective::prototype::ENABLED) {
        // Switched off for a while they stay as they are.
        let kept = inputs.carried.iter().filter(|(name, _)| [PROTOTYPES, PROTOTYPES_AGE].contains(&name.as_str()));
        sum.carried.extend(kept.map(|(name, tensor)| (name.clone(), tensor.clone())));
        return;
    }
    let maps = maps(recipe, output);
    let Some(&(_, logits, map)) = maps.first() else { return };
    let settings = prototype_settings(recipe);
    let before = from_carried(&inputs.carried).unwrap_or_else(|| Prototypes::unseen(logits.dims()[1], map));
    let means: Vec<_> = maps.iter().map(|(_, logits, map)| class_means(map, logits, labels, settings)).collect();
    let prototypes = joined(&means).map_or_else(|| before.clone(), |batch| before.renewed(&batch, settings));
    let temperature = recipe.get(objective::prototype::TEMPERATURE);
    for (name, _, map) in maps {
        sum.add(&format!("prototype.{name}"), recipe.get(objective::prototype::WEIGHT), || {
            Some(prototype(map, &prototypes, labels, temperature))
        });
    }
    if scene.phase == Phase::Adaptation && recipe.get(objective::self_supervision::ENABLED) {
        sum.add("self_supervision", recipe.get(objective::self_supervision::WEIGHT), || {
            on_target(recipe, scene, &prototypes)
        });
    }
    into_carried(prototypes, &mut sum.carried);
}

/// L_PSL on the batch's scenes of the target domain; `None` where it has none.
fn on_target(recipe: &Recipe, scene: &Scene<'_>, prototypes: &Prototypes) -> Option<Tensor<1>> {
    let of_target = |tags: &[String]| Domain::of(tags, recipe) == Some(Domain::Target);
    let rows: Vec<i64> = (0_i64..).zip(scene.tags).filter(|(_, tags)| of_target(tags)).map(|(row, _)| row).collect();
    if rows.is_empty() {
        return None;
    }
    let (_, logits, map) = adapted(recipe, scene.output)?;
    let rows = TensorData::new(rows.clone(), [rows.len()]);
    let rows = Tensor::<1, Int>::from_data(rows, &map.device());
    let normalised = recipe.get(objective::self_supervision::SOFTMAX);
    let (map, logits) = (map.clone().select(0, rows.clone()), logits.clone().inner().select(0, rows.inner()));
    let temperature = recipe.get(objective::self_supervision::TEMPERATURE);
    Some(self_supervision(&map, &logits, prototypes, (normalised, temperature)))
}

/// The sensor that adapts, what its head answers, and the map that its prototypes live in.
fn adapted<'a>(recipe: &Recipe, output: &'a Output) -> Option<(&'a str, &'a Tensor<4>, &'a Tensor<4>)> {
    let wanted = recipe.get(adaptation::SENSOR);
    let maps = maps(recipe, output);
    maps.iter().find(|(name, ..)| *name == wanted).or(maps.last()).copied()
}

fn from_carried(carried: &Carried) -> Option<Prototypes> {
    let (vectors, age) = (carried.get(PROTOTYPES)?, carried.get(PROTOTYPES_AGE)?);
    let [_, _, classes, channels] = vectors.dims();
    Some(Prototypes { vectors: vectors.clone().reshape([classes, channels]), age: age.clone().reshape([classes, 1]) })
}

fn into_carried(prototypes: Prototypes, carried: &mut Carried) {
    carried.insert(PROTOTYPES.to_owned(), prototypes.vectors.unsqueeze());
    carried.insert(PROTOTYPES_AGE.to_owned(), prototypes.age.unsqueeze());
}

/// Maps that these terms are made of, for a labelled scene that is looked at: uncertainty masks.
pub(in crate::objective) fn probes(recipe: &Recipe, scene: &Scene<'_>, probes: &mut Probes) {
    if probes.is_on()
        && recipe.get(objective::mutual::ENABLED)
        && let Some(pair) = pair(recipe, scene.output)
    {
        mutual_probes(recipe, scene, pair, probes);
    }
}

/// Maps for which no label is needed: where prototypes see which class and how like each other they are; the two answers
/// that self-supervision compares, `psl.prototypes.SENSOR` and `psl.decoder.SENSOR`, and the divergence of each pixel,
/// `psl.loss.SENSOR`, in nats.
pub(in crate::objective) fn seen_probes(recipe: &Recipe, seen: &Seen<'_>, probes: &mut Probes) {
    if !probes.is_on() || !recipe.get(objective::prototype::ENABLED) {
        return;
    }
    let Some(prototypes) = from_carried(seen.carried) else { return };
    for (name, _, map) in maps(recipe, seen.output) {
        probes
            .record_classes(&format!("prototype.argmax.{name}"), seen.classes, || nearest_prototype(map, &prototypes));
    }
    probes.record_scalar("prototype.cosines", Range::plain(-1.0, 1.0), || likeness(&prototypes));
    if recipe.get(objective::self_supervision::ENABLED)
        && let Some((name, logits, map)) = adapted(recipe, seen.output)
    {
        let temperature = recipe.get(objective::self_supervision::TEMPERATURE);
        let answers = LazyCell::new(|| answers(&map.clone().inner(), logits, &prototypes, temperature));
        let first = |answer: &Tensor<4>| answer.clone().argmax(1).float();
        probes.record_classes(&format!("psl.prototypes.{name}"), seen.classes, || first(&answers.student));
        probes.record_classes(&format!("psl.decoder.{name}"), seen.classes, || first(&answers.target));
        let loss = LazyCell::new(|| divergence(&answers, recipe.get(objective::self_supervision::SOFTMAX)).sum_dim(1));
        probes.record(&format!("psl.loss.{name}"), || loss.clone());
        probes.fact(&format!("psl.loss.{name}"), || loss.clone().mean().into_scalar());
    }
    let columns = LazyCell::new(|| {
        let column = |tensor: Tensor<2>| tensor.into_data().iter::<f32>().collect::<Vec<f32>>();
        [column(prototypes.vectors.clone().square().sum_dim(1).sqrt()), column(prototypes.age.clone())]
    });
    for (class, name) in seen.classes.iter().enumerate() {
        for (figure, of) in ["norm", "age"].into_iter().enumerate() {
            let value = || columns[figure].get(class).copied().unwrap_or(f32::NAN);
            probes.fact(&format!("prototype.{of}.{name}"), value);
        }
    }
}

fn mutual_probes(recipe: &Recipe, scene: &Scene<'_>, pair: [&(String, Tensor<4>); 2], probes: &mut Probes) {
    let targets = Targets::for_logits(scene.labels, &pair[0].1);
    let masks = mutual_settings(recipe).masks;
    let maps = LazyCell::new(|| uncertainty(pair.map(|(_, logits)| logits), &targets, masks));
    for (place, (name, _)) in pair.into_iter().enumerate() {
        let nats = Range { low: 0.0, high: 4.0, unit: "nat".to_owned() };
        probes.record_scalar(&format!("mml.loss.{name}"), nats, || maps.loss[place].clone());
        probes.record(&format!("mml.mask.intra.{name}"), || maps.intra[place].clone());
        probes.record(&format!("mml.mask.inter.{name}"), || maps.inter[place].clone());
        probes.record(&format!("mml.mask.{name}"), || maps.mask[place].clone());
    }
    let [first, second] = pair.map(|(name, _)| name);
    probes.fact(&format!("mml.mask.{first} > {second}"), || {
        let wins = maps.mask[0].clone().greater(maps.mask[1].clone()).float() * targets.valid();
        wins.sum().into_scalar::<f32>() / targets.counted().max(1) as f32
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Features, Inputs};
    use crate::objective::check::{close, device, labels, logits, wave_tensor};
    use crate::random::Streams;

    fn recipe(settings: &[(&str, &str)]) -> Recipe {
        let mut recipe = Recipe::defaults("r");
        let on = [("objective.mutual", "on"), ("objective.prototype", "on"), ("objective.self_supervision", "on")];
        for (key, value) in on.iter().chain(settings) {
            recipe.set_text(key, value).unwrap();
        }
        recipe
    }

    /// Two sensors without a fused head.
    fn output(root: &Tensor<4>) -> Output {
        Output {
            heads: vec![
                ("colour".to_owned(), logits() * root.clone()),
                ("thermal".to_owned(), wave_tensor([2, 4, 2, 3], 2.1) * root.clone()),
            ],
            features: Features {
                decoded: vec![0.4, 1.4]
                    .into_iter()
                    .map(|phase| wave_tensor([2, 3, 1, 2], phase) * root.clone())
                    .collect(),
                ..Features::default()
            },
            ..Output::default()
        }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn masks_and_prototypes_are_shown_as_they_are_used() {
        let (recipe, root) = (recipe(&[]), Tensor::ones([1, 1, 1, 1], &device()));
        let (output, labels, classes) = (output(&root), labels(), words(&["road", "car", "person", "sky"]));
        let mut inputs = Inputs::new(Vec::new());
        let vectors = wave_tensor([1, 1, 4, 3], 0.7).inner();
        inputs.carried.insert(PROTOTYPES_AGE.to_owned(), Tensor::zeros([1, 1, 4, 1], &vectors.device()));
        inputs.carried.insert(PROTOTYPES.to_owned(), vectors);
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
        let mut shown = Probes::on();
        probes(&recipe, &scene, &mut shown);
        let seen = Seen { carried: &inputs.carried, output: &output, classes: &classes, labels: None, teacher: None };
        seen_probes(&recipe, &seen, &mut shown);
        let numbers = |name: &str| shown.maps()[name].map.to_data().try_to_vec::<f32>().unwrap();
        let (colour, thermal) = (numbers("mml.mask.colour"), numbers("mml.mask.thermal"));
        let factors = numbers("mml.mask.intra.colour").into_iter().zip(numbers("mml.mask.inter.colour"));
        for (mask, (intra, inter)) in colour.iter().zip(factors) {
            close(*mask, intra * inter, 1e-6);
        }
        let counted = |pixel: &usize| usize::from(labels.ids[*pixel]) < 4;
        let wins = (0..12).filter(counted).filter(|&pixel| colour[pixel] > thermal[pixel]).count();
        close(shown.facts()["mml.mask.colour > thermal"], wins as f32 / 10.0, 1e-6);
        assert!(numbers("prototype.argmax.thermal").iter().all(|&id| id < 4.0));
        assert_eq!(shown.facts()["prototype.age.sky"], 0.0);
        let cosines = numbers("prototype.cosines");
        for (one, other) in (0..4).flat_map(|one| (0..4).map(move |other| (one, other))) {
            close(cosines[one * 4 + other], cosines[other * 4 + one], 1e-6);
            assert!(cosines[one * 4 + other].abs() <= 1.0 + 1e-5);
        }
        close(cosines[5], 1.0, 1e-5);
        // What is shown of self-supervision is what it costs, whoever the scene belongs to.
        let loss = numbers("psl.loss.thermal");
        let (map, logits) = (&output.features.decoded[1], &output.heads[1].1);
        let prototypes = from_carried(&inputs.carried).unwrap();
        let (softmax, temperature) =
            (recipe.get(objective::self_supervision::SOFTMAX), recipe.get(objective::self_supervision::TEMPERATURE));
        let cost = self_supervision(map, logits, &prototypes, (softmax, temperature));
        close(loss.iter().sum::<f32>() / loss.len() as f32, crate::objective::check::scalar(&cost), 1e-5);
        close(shown.facts()["psl.loss.thermal"], crate::objective::check::scalar(&cost), 1e-5);
        assert!(["psl.decoder.thermal", "psl.prototypes.thermal"].iter().all(|name| shown.maps().contains_key(*name)));
        assert!(shown.maps().contains_key("mml.loss.thermal") && shown.facts().contains_key("prototype.norm.car"));
        let mut off = Probes::off();
        probes(&recipe, &scene, &mut off);
        seen_probes(&recipe, &seen, &mut off);
        assert!(off.maps().is_empty() && off.facts().is_empty());
    }

    #[test]
    fn one_way_the_second_head_learns_from_the_first_in_place_of_labels() {
        let names = |settings: &[(&str, &str)]| {
            let root = Tensor::ones([1, 1, 1, 1], &device()).require_grad();
            let (output, inputs) = (output(&root), Inputs::new(Vec::new()));
            let scene = Scene {
                phase: Phase::Student,
                inputs: &inputs,
                output: &output,
                teacher: None,
                labels: &labels(),
                ids: &[],
                tags: &[],
                classes: &[],
                vectors: None,
            };
            let mut random = Streams::new(1).stream("sampling", 0);
            let terms = crate::objective::evaluate(&recipe(settings), &scene, &mut random).terms;
            let of_interest = |name: &String| name.starts_with("segmentation.") || name.starts_with("mutual.");
            terms.into_iter().map(|(name, _)| name).filter(of_interest).collect::<Vec<_>>()
        };
        let both = ["segmentation.colour", "segmentation.thermal", "mutual.colour", "mutual.thermal"];
        assert_eq!(names(&[]), both);
        let one_way = ("objective.mutual.distillation", "one-way");
        assert_eq!(names(&[one_way]), ["segmentation.colour", "mutual.thermal"]);
        let turned = ("objective.mutual.heads", "thermal,colour");
        assert_eq!(names(&[one_way, turned]), ["segmentation.thermal", "mutual.colour"]);
        assert_eq!(names(&[one_way, ("objective.mutual", "off")]), both[..2]);
    }

    #[test]
    fn prototypes_live_in_the_maps_that_the_recipe_names() {
        let mut output = output(&Tensor::ones([1, 1, 1, 1], &device()));
        output.features.stages = vec![vec![wave_tensor([2, 5, 1, 1], 0.1)], vec![wave_tensor([2, 5, 1, 1], 0.2)]];
        let channels = |settings: &[(&str, &str)], output: &Output| {
            let maps = maps(&recipe(settings), output);
            maps.iter().map(|(name, _, map)| (name.to_string(), map.dims()[1])).collect::<Vec<_>>()
        };
        let named = |channels| vec![("colour".to_owned(), channels), ("thermal".to_owned(), channels)];
        assert_eq!(channels(&[], &output), named(3));
        let deepest = [("objective.prototype.maps", "deepest")];
        assert_eq!(channels(&deepest, &output), named(5));
        output.features.levels = vec![wave_tensor([2, 7, 1, 1], 0.3)];
        output.heads = vec![("fused".to_owned(), logits())];
        assert_eq!(channels(&deepest, &output), [("fused".to_owned(), 7)]);
    }

    #[test]
    fn self_supervision_sees_the_target_domain_alone() {
        let classes = words(&["a", "b", "c", "d"]);
        let value = |phase, tags: [&str; 2], shift: f32| {
            let root = Tensor::ones([1, 1, 1, 1], &device()).require_grad();
            // The first scene is of the source: what its maps hold shall not matter.
            let mut output = output(&root);
            let first = Tensor::<4>::from_floats([[[[1.0]]], [[[0.0]]]], &device()) * shift;
            output.heads[1].1 = output.heads[1].1.clone() + first * wave_tensor([2, 4, 2, 3], 5.0);
            let tags: Vec<Vec<String>> = tags.iter().map(|&tag| words(&[tag])).collect();
            let inputs = Inputs::new(Vec::new());
            let scene = Scene {
                phase,
                inputs: &inputs,
                output: &output,
                teacher: None,
                labels: &labels(),
                ids: &[],
                tags: &tags,
                classes: &classes,
                vectors: None,
            };
            let mut random = Streams::new(1).stream("sampling", 0);
            let terms = crate::objective::evaluate(&recipe(&[]), &scene, &mut random).terms;
            let found = terms.into_iter().find(|(name, _)| name == "self_supervision");
            found.map(|(_, value)| value.into_scalar::<f32>())
        };
        let usual = value(Phase::Adaptation, ["day", "night"], 0.0);
        assert!(usual.is_some_and(|value| value > 0.0));
        assert_eq!(value(Phase::Adaptation, ["day", "night"], 1.0), usual);
        assert_ne!(value(Phase::Adaptation, ["night", "night"], 1.0), usual);
        assert_eq!(value(Phase::Adaptation, ["day", "day"], 0.0), Some(0.0));
        assert_eq!(value(Phase::Student, ["day", "night"], 0.0), None);
    }
}
