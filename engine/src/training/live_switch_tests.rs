//! What a lecturer sees: a switch that is thrown while a demo trains changes what its card says to watch, by more than
//! chance.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use super::Trainer;
use super::checkpoint::Checkpoint;
use crate::data::Dataset;
use crate::inspection::scene_view;
use crate::progress::unwatched;
use crate::protocol::{Content, EXPLANATION, Phase, Pixels, SceneView, StepReport, Tile, ViewKind, ViewRequest};
use crate::recipe::catalogue::training;
use crate::recipe::{Component, Recipe, Value, catalogue, preset};

/// Steps that are taken with the switch thrown. A lecture waits no longer than 50.
const STEPS: usize = 16;

/// The sample data, which the demos are made for.
fn data(recipe: &Recipe) -> Arc<Dataset> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets-sample");
    Arc::new(Dataset::open_for(&sample, recipe, &mut unwatched).unwrap())
}

/// A demo, a moment after a phase of it has begun.
struct Lesson {
    dataset: Arc<Dataset>,
    checkpoint: Checkpoint,
}

/// What can be seen at the end of the steps.
struct Seen {
    view: SceneView,
    reports: Vec<StepReport>,
}

impl Lesson {
    fn begin(demo: &str, phase: Phase, settings: &[(&str, &str)]) -> Self {
        let mut recipe = preset(demo).unwrap();
        for (key, text) in settings {
            recipe.set_text(key, text).unwrap();
        }
        for (key, steps) in [("teacher.steps", "4"), ("training.steps", "60"), ("adaptation.steps", "60")] {
            if recipe.value(key).is_some_and(|value| *value != Value::Integer(0)) {
                recipe.set_text(key, steps).unwrap();
            }
        }
        if phase == Phase::Adaptation {
            recipe.set_text("training.steps", "8").unwrap();
        }
        let dataset = data(&recipe);
        let device = (Device::flex(), "CPU".to_owned());
        let mut trainer = Trainer::new(&recipe, &dataset, device, &mut unwatched).unwrap();
        while trainer.phase() != phase || trainer.phase_steps_done() < 8 {
            trainer.step().unwrap();
        }
        Self { checkpoint: trainer.checkpoint(), dataset }
    }

    /// Goes on from the same moment with one setting changed.
    fn go_on(&self, key: &str, value: &Value) -> Seen {
        let device = (Device::flex(), "CPU".to_owned());
        let mut trainer =
            Trainer::resume(&self.checkpoint, &self.dataset, device, Path::new("lesson"), &mut unwatched).unwrap();
        trainer.set(key, value).unwrap();
        let reports = (0..STEPS).map(|_| trainer.step().unwrap()).collect();
        let model = trainer.model();
        let request = ViewRequest { split: "test".to_owned(), index: 1, ..ViewRequest::default() };
        let mut watched = scene_view(Some(&model), &self.dataset, &request, &[]).unwrap().offered;
        for name in &watched {
            assert!(ViewKind::of(name).is_some(), "the catalogue of views lacks {name}");
        }
        // They ask the network many times.
        watched.retain(|name| !name.starts_with(EXPLANATION));
        let request = ViewRequest { watched, ..request };
        Seen { view: scene_view(Some(&model), &self.dataset, &request, &[]).unwrap(), reports }
    }
}

impl Seen {
    /// How far two ends lie apart in everything that a card names: its curve, its maps, and the predictions; by name.
    fn apart(&self, other: &Self, component: &Component) -> Vec<(String, f64)> {
        let mut apart = Vec::new();
        for (tile, name) in self.view.tiles.iter().filter_map(|tile| Some((tile, name_of(tile, component)?))) {
            let same = other.view.tiles.iter().find(|other| other.content == tile.content);
            // A map that is there no more is as far away as can be.
            apart.push((name, same.map_or(1.0, |same| difference(&tile.frame.pixels, &same.frame.pixels))));
        }
        if !component.curve.is_empty() {
            let mean = |seen: &Self| {
                let values: Vec<f64> =
                    seen.reports.iter().filter_map(|report| report.term(component.curve)).map(f64::from).collect();
                (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
            };
            let far = match (mean(self), mean(other)) {
                (Some(left), Some(right)) => (left - right).abs() / left.abs().max(1e-6),
                (None, None) => 0.0,
                _ => 1.0,
            };
            apart.push((component.curve.to_owned(), far));
        }
        apart
    }
}

/// The name of a picture that a card is about.
fn name_of(tile: &Tile, component: &Component) -> Option<String> {
    let fits = |name: &str, pattern: &str| match pattern.split_once('*') {
        Some((before, after)) => name.starts_with(before) && name.ends_with(after),
        None => name == pattern,
    };
    match &tile.content {
        Content::Prediction(head) => Some(format!("prediction.{head}")),
        Content::Probe(name) => component.probes.iter().any(|pattern| fits(name, pattern)).then(|| name.clone()),
        _ => None,
    }
}

/// Of classes the share that is another one; of values the mean distance, against all that a byte can say.
fn difference(left: &Pixels, right: &Pixels) -> f64 {
    let mean = |pairs: &mut dyn Iterator<Item = f64>| {
        let (sum, count) = pairs.fold((0.0, 0_usize), |(sum, count), far| (sum + far, count + 1));
        sum / count.max(1) as f64
    };
    match (left, right) {
        (Pixels::Labels { ids: left, .. }, Pixels::Labels { ids: right, .. }) => {
            mean(&mut left.iter().zip(right).map(|(left, right)| f64::from(u8::from(left != right))))
        }
        (
            Pixels::Scalar { values: left, low, high, .. },
            Pixels::Scalar { values: right, low: other_low, high: other_high, .. },
        ) => {
            let range = f64::from(high.max(*other_high) - low.min(*other_low)).max(1e-9);
            let value = |byte: u8, low: f32, high: f32| f64::from(low + (high - low) * f32::from(byte) / 255.0);
            let far = |(left, right): (&u8, &u8)| {
                (value(*left, *low, *high) - value(*right, *other_low, *other_high)).abs() / range
            };
            mean(&mut left.iter().zip(right).map(far))
        }
        (Pixels::Rgba(left), Pixels::Rgba(right)) => {
            mean(&mut left.iter().zip(right).map(|(left, right)| f64::from(left.abs_diff(*right)) / 255.0))
        }
        _ => 1.0,
    }
}

/// Throws switches of one demo, one after the other, each from the same moment.
fn assert_seen(demo: &str, phase: Phase, settings: &[(&str, &str)], switches: &[(&str, Value)]) {
    let lesson = Lesson::begin(demo, phase, settings);
    let rate = preset(demo).unwrap().get(training::LEARNING_RATE);
    let key = training::LEARNING_RATE.id();
    let plain = lesson.go_on(key, &Value::Number(rate));
    // Chance: what a change in the fourth digit of the learning rate grows to.
    let nearly = lesson.go_on(key, &Value::Number(rate * 1.0002));
    for (switch, value) in switches {
        let is_of = |component: &&Component| component.settings.iter().any(|setting| setting.key == *switch);
        let component = catalogue().iter().find(is_of).unwrap();
        let thrown = lesson.go_on(switch, value);
        let (effects, noise) = (plain.apart(&thrown, component), plain.apart(&nearly, component));
        let seen: Vec<String> = effects
            .iter()
            .zip(&noise)
            .filter(|((_, effect), (_, noise))| *effect > 0.01 && *effect > 2.0 * noise)
            .map(|((name, effect), (_, noise))| format!("{name} {effect:.3} ({noise:.3})"))
            .collect();
        assert!(!seen.is_empty(), "{demo}: nothing tells that `{switch}` was thrown: {effects:?}, by chance {noise:?}");
    }
}

#[test]
fn exchange_is_seen() {
    let off = Value::Switch(false);
    assert_seen(
        "ogp-net-demo",
        Phase::Student,
        &[],
        &[("exchange.channel.enabled", off.clone()), ("exchange.spatial.enabled", off.clone())],
    );
}

#[test]
fn parts_of_the_selection_are_seen() {
    let off = Value::Switch(false);
    assert_seen(
        "any2seg-demo",
        Phase::Student,
        &[],
        &[("mff.reweight", off.clone()), ("mff.selection", off.clone()), ("mff.residual", off)],
    );
}

#[test]
fn coefficients_and_contrast_are_seen() {
    let off = Value::Switch(false);
    assert_seen(
        "smmcl-demo",
        Phase::Student,
        &[],
        &[
            ("coefficients.spatial", off.clone()),
            ("coefficients.channel", off.clone()),
            ("objective.multimodal_contrast.cross", off),
        ],
    );
}

#[test]
fn interaction_alignment_and_masking_are_seen() {
    let off = Value::Switch(false);
    assert_seen(
        "amdanet-demo",
        Phase::Student,
        &[],
        &[("sci.active", off.clone()), ("fdam.local.active", off.clone()), ("mfml.enabled", off)],
    );
}

#[test]
fn masks_and_prototypes_are_seen() {
    let (demo, off) = ("cross-spectral-uda-demo", Value::Switch(false));
    let masks = ("objective.mutual.masks", Value::Text("none".to_owned()));
    // Prototypes cannot go while self-supervision compares with them.
    let alone = [("objective.self_supervision", "off")];
    assert_seen(demo, Phase::Student, &alone, &[masks, ("objective.prototype.enabled", off.clone())]);
    assert_seen(demo, Phase::Adaptation, &[], &[("objective.self_supervision.enabled", off)]);
}
