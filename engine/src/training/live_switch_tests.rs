//! What a lecturer sees: a switch that is thrown while a demo trains changes what its card says to watch, by more than
//! chance.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;

use super::Trainer;
use super::checkpoint::Checkpoint;
use crate::data::Dataset;
use crate::inspection::scene_view;
use crate::progress::unwatched;
use crate::protocol::{Content, EXPLANATION, Phase, Pixels, SceneView, StepReport, Tile, ViewKind, ViewRequest};
use crate::recipe::catalogue::objective::mutual;
use crate::recipe::catalogue::training;
use crate::recipe::{Change, Component, Recipe, Setting, Value, catalogue, preset};

/// After how many steps with the switch thrown one looks. What is done to the features shows at once, what is done to
/// the losses a little later, before chance has grown as large; a lecture waits no longer than 50.
const MOMENTS: [usize; 3] = [4, 12, 24];

/// Scenes of the test split that are looked at.
const SCENES: [usize; 4] = [1, 4, 7, 10];

/// The sample data, which the demos are made for.
fn data(recipe: &Recipe) -> Arc<Dataset> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets-sample");
    Arc::new(Dataset::open_for(&sample, recipe, &mut unwatched).unwrap())
}

/// A demo, a moment after a phase of it has begun.
struct Lesson {
    recipe: Recipe,
    dataset: Arc<Dataset>,
    checkpoint: Checkpoint,
}

/// What can be seen after some steps.
struct Seen {
    scenes: Vec<SceneView>,
    reports: Vec<StepReport>,
}

/// How far what a card names is away from what it was without the change, by name.
type Apart = BTreeMap<String, f64>;

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
        Self { checkpoint: trainer.checkpoint(), recipe, dataset }
    }

    /// Goes on from the same moment with one setting changed.
    fn go_on(&self, key: &str, value: &Value) -> [Seen; MOMENTS.len()] {
        let device = (Device::flex(), "CPU".to_owned());
        let mut trainer =
            Trainer::resume(&self.checkpoint, &self.dataset, device, Path::new("lesson"), &mut unwatched).unwrap();
        trainer.set(key, value).unwrap();
        let mut steps = 0;
        MOMENTS.map(|moment| {
            let reports = (steps..moment).map(|_| trainer.step().unwrap()).collect();
            steps = moment;
            Seen { scenes: self.look(&trainer), reports }
        })
    }

    /// The scenes as the network sees them now.
    fn look(&self, trainer: &Trainer) -> Vec<SceneView> {
        let model = trainer.model();
        let look = |index| {
            let request = ViewRequest { split: "test".to_owned(), index, ..ViewRequest::default() };
            let mut watched = scene_view(Some(&model), &self.dataset, &request, &[]).unwrap().offered;
            for name in &watched {
                assert!(ViewKind::of(name).is_some(), "the catalogue of views lacks {name}");
            }
            // They ask the network many times.
            watched.retain(|name| !name.starts_with(EXPLANATION));
            scene_view(Some(&model), &self.dataset, &ViewRequest { watched, ..request }, &[]).unwrap()
        };
        SCENES.map(look).into()
    }
}

impl Seen {
    /// How far two ends lie apart in what a card names and both have: its curve, its maps, and the predictions; by name.
    /// A map or a curve that only one of them has tells that the switch was thrown, not what that does.
    fn apart(&self, other: &Self, component: &Component) -> Apart {
        let mut apart = Apart::new();
        for (scene, other) in self.scenes.iter().zip(&other.scenes) {
            for (tile, name) in scene.tiles.iter().filter_map(|tile| Some((tile, name_of(tile, component)?))) {
                if let Some(same) = other.tiles.iter().find(|other| other.content == tile.content) {
                    let far = difference(&tile.frame.pixels, &same.frame.pixels);
                    *apart.entry(name).or_default() += far / SCENES.len() as f64;
                }
            }
        }
        let mean = |seen: &Self| {
            let values: Vec<f64> =
                seen.reports.iter().filter_map(|report| report.term(component.curve)).map(f64::from).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        if let (Some(left), Some(right)) = (mean(self), mean(other)) {
            apart.insert(component.curve.to_owned(), (left - right).abs() / left.abs().max(1e-6));
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
        (
            Pixels::Labels { ids: left, .. } | Pixels::Categories { ids: left, .. } | Pixels::Errors(left),
            Pixels::Labels { ids: right, .. } | Pixels::Categories { ids: right, .. } | Pixels::Errors(right),
        ) => mean(&mut left.iter().zip(right).map(|(left, right)| f64::from(u8::from(left != right)))),
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

/// Switches that do nothing to training, with the reason.
const APART: &[(&str, &str)] = &[("evaluation.further", "says what evaluations count")];

/// What a live setting that acts is thrown to: off, or the word that stands for it.
fn thrown(setting: &Setting, recipe: &Recipe) -> Option<Value> {
    let value = match recipe.value(setting.key)? {
        Value::Switch(true) => Value::Switch(false),
        Value::Text(word) if setting.key == mutual::MASKS.id() && word != "none" => Value::Text("none".to_owned()),
        _ => return None,
    };
    let is_apart = APART.iter().any(|(key, _)| *key == setting.key);
    // Without it the recipe may ask for what cannot be.
    let is_refused = || {
        let mut without = recipe.clone();
        without.set_text(setting.key, &value.to_string()).and_then(|()| without.check()).is_err()
    };
    (setting.change == Change::Live && !is_apart && !is_refused()).then_some(value)
}

/// Throws every live switch that is on in a demo, one after the other, each from the same moment of a phase. What its card
/// names, or the predictions, must move by more than chance.
fn assert_seen(demo: &str, phase: Phase, settings: &[(&str, &str)]) {
    let lesson = Lesson::begin(demo, phase, settings);
    let recipe = &lesson.recipe;
    let rate = recipe.get(training::LEARNING_RATE);
    let go_on = |rate: f64| lesson.go_on(training::LEARNING_RATE.id(), &Value::Number(rate));
    // Chance: what a change in the fourth digit of the learning rate grows to.
    let (plain, nearly) = (go_on(rate), [0.9998, 1.0002].map(|factor| go_on(rate * factor)));
    let mut unseen = Vec::new();
    for component in catalogue().iter().filter(|component| recipe.uses(component)) {
        for setting in component.settings {
            let Some(value) = thrown(setting, recipe) else { continue };
            let thrown = lesson.go_on(setting.key, &value);
            let mut told = Vec::new();
            for (moment, (plain, thrown)) in plain.iter().zip(&thrown).enumerate() {
                let chance = nearly.each_ref().map(|nearly| plain.apart(&nearly[moment], component));
                for (name, effect) in plain.apart(thrown, component) {
                    let chance = chance.iter().filter_map(|chance| chance.get(&name)).copied().fold(0.0, f64::max);
                    told.push((MOMENTS[moment], name, effect, chance));
                }
            }
            if !told.iter().any(|(_, _, effect, chance)| *effect > 0.01 && *effect > 2.0 * chance) {
                unseen.push(format!("{demo}: nothing tells that `{}` was thrown: {told:?}", setting.key));
            }
        }
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
}

#[test]
fn switches_of_ogp_net_are_seen() {
    assert_seen("ogp-net-demo", Phase::Student, &[]);
}

#[test]
fn switches_of_any2seg_are_seen() {
    assert_seen("any2seg-demo", Phase::Student, &[]);
}

#[test]
fn switches_of_smmcl_are_seen() {
    assert_seen("smmcl-demo", Phase::Student, &[]);
}

#[test]
fn switches_of_amdanet_are_seen() {
    assert_seen("amdanet-demo", Phase::Student, &[]);
}

#[test]
fn switches_of_cross_spectral_adaptation_are_seen() {
    // Prototypes cannot go while self-supervision compares with them.
    assert_seen("cross-spectral-uda-demo", Phase::Student, &[("objective.self_supervision", "off")]);
    assert_seen("cross-spectral-uda-demo", Phase::Adaptation, &[]);
}
