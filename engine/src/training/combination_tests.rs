//! Every preset and random recipes, from the catalogue alone, so that a new component is covered by its entries.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use burn::module::{Module as _, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

use super::Trainer;
use super::error::TrainError;
use crate::data::Dataset;
use crate::fixtures::{TinyData, open_tiny_data, write_tiny_data};
use crate::network::stored_name;
use crate::progress::unwatched;
use crate::protocol::StepReport;
use crate::random::Streams;
use crate::readback;
use crate::recipe::catalogue::encoder::{self, Blocks, Family};
use crate::recipe::catalogue::sci::{self, Lambda};
use crate::recipe::catalogue::{adaptation, sensors};
use crate::recipe::{
    Change, Component, Kind, Recipe, RecipeError, Setting, Value, catalogue, preset, presets, setting,
};

/// Groups whose settings say what is trained on and for how long: fixed by [`BASE`].
const OUTSIDE: [&str; 4] = ["Sensors", "Data", "Training", "Evaluation"];
/// What every recipe here has in common.
const BASE: [(&str, &str); 14] = [
    ("data.batch_size", "2"),
    ("data.crop", "0"),
    ("data.height", "0"),
    ("data.width", "0"),
    ("data.scale_min", "1"),
    ("data.scale_max", "1"),
    ("encoder.pretrained", ""),
    ("teacher.steps", "1"),
    ("training.steps", "3"),
    ("training.optimiser", "adamw"),
    ("training.learning_rate", "1e-3"),
    ("training.warmup_steps", "0"),
    ("training.clip_norm", "5"),
    ("decoder.rates", "1,2,3"),
];
/// The largest whole number of a setting that sizes the network or a sample.
const SMALL: i64 = 16;

pub(super) fn data() -> (TempDir, Arc<Dataset>) {
    let folder = tempfile::tempdir().unwrap();
    write_tiny_data(folder.path(), &TinyData { width: 48, height: 32, train: 6, val: 2, test: 0 }).unwrap();
    // Adaptation needs scenes by day and by night.
    let manifest = folder.path().join(crate::data::MANIFEST_NAME);
    let text = std::fs::read_to_string(&manifest).unwrap() + "\n[[tags]]\nname = \"day\"\nsuffix = \"D\"\n";
    std::fs::write(&manifest, text).unwrap();
    let dataset = Arc::new(open_tiny_data(folder.path()).unwrap());
    (folder, dataset)
}

pub(super) fn trainer(recipe: &Recipe, dataset: &Arc<Dataset>) -> Result<Trainer, TrainError> {
    Trainer::new(recipe, dataset, (Device::flex(), "CPU".to_owned()), &mut unwatched)
}

pub(super) fn settings() -> impl Iterator<Item = (&'static Component, &'static Setting)> {
    catalogue().iter().flat_map(|component| component.settings.iter().map(move |setting| (component, setting)))
}

/// The same components, as small as they get.
pub(super) fn shrunk(mut recipe: Recipe) -> Recipe {
    for (_, setting) in inside() {
        if let (Kind::Integer { min, .. }, Some(&Value::Integer(found))) = (setting.kind, recipe.value(setting.key)) {
            recipe.set(setting.key, Value::Integer(found.min(SMALL.max(min)))).unwrap();
        }
    }
    let smallest = match recipe.get(encoder::FAMILY).facts().blocks {
        Blocks::Convolutional => Family::Nano,
        Blocks::MixTransformer => Family::MitNano,
        Blocks::Mscan => Family::MscanNano,
    };
    recipe.put(encoder::FAMILY, smallest).unwrap();
    for (key, text) in BASE {
        recipe.set_text(key, text).unwrap();
    }
    let known = |sensor: &String| ["colour", "thermal"].contains(&sensor.as_str());
    let used = recipe.get(sensors::USE).iter().filter(|&sensor| known(sensor)).cloned().collect();
    recipe.put(sensors::USE, used).unwrap();
    for length in [adaptation::EPOCHS, adaptation::STEPS] {
        recipe.put(length, u64::from(recipe.get(length) > 0)).unwrap();
    }
    recipe
}

/// A random value of a setting, small where it sizes something.
fn drawn(setting: &Setting, random: &mut ChaCha8Rng) -> Value {
    let mut below = |limit: u64| random.random_range(0..limit.max(1));
    match setting.kind {
        Kind::Switch(_) => Value::Switch(below(2) == 1),
        Kind::Integer { min, max, .. } => {
            let highest = max.min(min.max(SMALL));
            Value::Integer(min + below((highest - min + 1) as u64) as i64)
        }
        Kind::Number { default, min, max } => {
            let highest = max.min(if default > min { 2.0 * default } else { min + 1.0 });
            Value::Number(min + (highest - min) * below(101) as f64 / 100.0)
        }
        Kind::Choice { options, .. } => {
            let is_family = setting.key == "encoder.family";
            let fitting: Vec<_> = options.iter().filter(|option| !is_family || option.id.ends_with("nano")).collect();
            Value::Text(fitting[below(fitting.len() as u64) as usize].id.to_owned())
        }
        Kind::Integers { min, max, .. } if max - min < SMALL => {
            let mut chosen: Vec<i64> = (min..=max).filter(|_| below(2) == 1).collect();
            if chosen.is_empty() {
                chosen.push(max);
            }
            Value::Integers(chosen)
        }
        kind @ (Kind::Integers { .. } | Kind::Text(_) | Kind::Texts(_)) => kind.default_value(),
    }
}

/// With every live switch on and no live weight 0, so that every parameter has something to do.
fn awake(mut recipe: Recipe) -> Recipe {
    for (_, setting) in inside().filter(|(_, setting)| setting.change == Change::Live) {
        match (setting.kind, recipe.value(setting.key)) {
            (Kind::Switch(_), _) => {
                let freezes = setting.key.contains("freeze");
                recipe.set(setting.key, Value::Switch(!freezes)).unwrap();
            }
            (Kind::Number { default, .. }, Some(&Value::Number(0.0))) if default > 0.0 => {
                recipe.set(setting.key, Value::Number(default)).unwrap();
            }
            _ => {}
        }
    }
    // What trains less than everything, or less often.
    for (key, text) in [
        ("sci.lambda", "trained"),
        ("objective.multimodal_contrast.entries", "image"),
        ("objective.multimodal_contrast.smallest", "1"),
    ] {
        recipe.set_text(key, text).unwrap();
    }
    recipe
}

fn inside() -> impl Iterator<Item = (&'static Component, &'static Setting)> {
    settings().filter(|(component, _)| !OUTSIDE.contains(&component.group))
}

/// What a refusal names; anything else than a refusal with a setting and a reason fails.
#[track_caller]
fn refused(error: &TrainError) -> String {
    let message = error.to_string();
    let key = message.split('`').nth(1).unwrap_or_default().to_owned();
    assert!(setting(&key).is_some() && message.len() > key.len() + 20, "a refusal without key or reason: {message}");
    key
}

/// A trainer of the recipe, or of the nearest that is not refused: what a refusal names goes back to its default or,
/// where it has it, is switched off. `None` where that does not help.
fn accepted(mut recipe: Recipe, dataset: &Arc<Dataset>) -> Option<(Recipe, Trainer)> {
    for _ in 0..20 {
        let error = match trainer(&recipe, dataset) {
            Ok(trainer) => return Some((recipe, trainer)),
            Err(error) => error,
        };
        let key = refused(&error);
        let default = setting(&key)?.kind.default_value();
        let value = if recipe.value(&key) == Some(&default) { Value::Switch(false) } else { default };
        recipe.set(&key, value).ok()?;
    }
    None
}

/// Term by term, as bits.
fn bits(report: &StepReport) -> Vec<(String, u32)> {
    report.terms.iter().map(|term| (term.name.clone(), term.value.to_bits())).collect()
}

/// Takes all steps, resuming from a checkpoint before the last: finite, and the same either way. Returns the names of
/// all terms that were not 0 in all steps.
fn trains(trainer: &mut Trainer, dataset: &Arc<Dataset>) -> Result<BTreeSet<String>, String> {
    let (mut last, mut counted) = (None, BTreeSet::new());
    while !trainer.is_done() {
        let (checkpoint, waits) = readback::counted(|| trainer.checkpoint());
        // The network, its teacher, its optimiser, and what it carries.
        if waits > 4 {
            return Err(format!("a checkpoint waits {waits} times for the device"));
        }
        let report = trainer.step().map_err(|error| error.to_string())?;
        if let Some(term) = report.terms.iter().find(|term| !term.value.is_finite()) {
            return Err(format!("{} is {}", term.name, term.value));
        }
        counted.extend(report.terms.iter().filter(|term| term.value != 0.0).map(|term| term.name.clone()));
        last = Some((checkpoint, bits(&report)));
    }
    let (checkpoint, expected) = last.ok_or("there was no step")?;
    let device = (Device::flex(), "CPU".to_owned());
    let resumed = Trainer::resume(&checkpoint, dataset, device, Path::new("run"), &mut unwatched);
    let mut resumed = resumed.map_err(|error| error.to_string())?;
    if bits(&resumed.step().map_err(|error| error.to_string())?) != expected {
        return Err("a resumed run differs".to_owned());
    }
    let (found, expected) = (resumed.checkpoint(), trainer.checkpoint());
    let same = [
        ("parameters", found.network == expected.network),
        ("the optimiser", found.optimiser == expected.optimiser),
        ("what is carried", found.carried == expected.carried),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((what, _)) => Err(format!("{what} differ after resuming")),
        None => Ok(counted),
    }
}

/// Trained parameters that no gradient reached in any step: the optimiser has no moments for them. Parameters of a head
/// whose term found nothing to compare in this data may rest, and what is frozen does.
fn unreached(trainer: &Trainer, counted: &BTreeSet<String>) -> Vec<String> {
    let moments = trainer.checkpoint().optimiser;
    let reached: BTreeSet<&str> = moments.keys().filter_map(|key| key.split_once('/')).map(|(_, name)| name).collect();
    let mut trained = Trained::default();
    trainer.model().network.visit(&mut trained);
    let may_rest = |name: &String| {
        let is_still = |term: &str| !counted.iter().any(|name| name.starts_with(term));
        (name.starts_with("projection.") && is_still("contrast"))
            || (name.starts_with("projectors.") && is_still("multimodal_contrast.cross"))
            || (name.ends_with("lambda") && trainer.recipe().get(sci::LAMBDA) == Lambda::Frozen)
    };
    trained.names.into_iter().filter(|name| !reached.contains(name.as_str()) && !may_rest(name)).collect()
}

/// The names of all parameters that want a gradient, as the optimiser calls them.
#[derive(Default)]
struct Trained {
    path: Vec<String>,
    names: Vec<String>,
}

impl ModuleVisitor for Trained {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let is_running = self.path.iter().any(|part| part.starts_with("running"));
        if param.val().is_require_grad() && !is_running {
            self.names.push(stored_name(&self.path));
        }
    }
}

/// What differs from the defaults, for messages.
fn words(recipe: &Recipe) -> String {
    let differences = Recipe::defaults("").differences(recipe);
    differences.iter().map(|difference| format!("{}={} ", difference.key, difference.theirs)).collect()
}

/// Trains a recipe; what is wrong with it, if anything.
fn fault(trainer: &mut Trainer, dataset: &Arc<Dataset>, reaches_all: bool) -> Option<String> {
    match trains(trainer, dataset) {
        Err(fault) => Some(fault),
        Ok(counted) => {
            let mut missed = unreached(trainer, &counted);
            // A stage of one or two pixels has no pairs to contrast.
            missed.retain(|name| !name.starts_with("projection.adapters."));
            (reaches_all && !missed.is_empty()).then(|| format!("no gradient reaches {}", missed.join(", ")))
        }
    }
}

#[test]
fn every_preset_trains_reaches_its_parameters_and_resumes_exactly() {
    let (_folder, dataset) = data();
    let mut faults = Vec::new();
    for shipped in presets() {
        let recipe = shrunk(preset(shipped.name).unwrap());
        let mut trainer = trainer(&recipe, &dataset).unwrap_or_else(|error| panic!("{}: {error}", shipped.name));
        faults.extend(fault(&mut trainer, &dataset, true).map(|fault| format!("{}: {fault}", shipped.name)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn weighted_fusion_trains_reaches_its_parameters_and_resumes_exactly_at_every_level() {
    let (_folder, dataset) = data();
    let mut faults = Vec::new();
    for level in ["logits", "decoder", "levels"] {
        let mut recipe = shrunk(preset("baseline-demo").unwrap());
        recipe.set_text("fusion.kind", "weighted").unwrap();
        recipe.set_text("fusion.level", level).unwrap();
        let mut trainer = trainer(&recipe, &dataset).unwrap();
        faults.extend(fault(&mut trainer, &dataset, true).map(|fault| format!("{level}: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn fifty_random_recipes_train_or_are_refused_with_key_and_reason() {
    let (_folder, dataset) = data();
    let (mut taken, mut faults) = (0, Vec::new());
    for index in 0..150 {
        let mut random = Streams::new(11).stream("recipe", index);
        let mut recipe = shrunk(Recipe::defaults("random"));
        for (_, setting) in inside().filter(|(_, setting)| BASE.iter().all(|(key, _)| *key != setting.key)) {
            recipe.set(setting.key, drawn(setting, &mut random)).unwrap();
        }
        let is_awake = index % 2 == 0;
        let recipe = if is_awake { awake(recipe) } else { recipe };
        let Some((recipe, mut trainer)) = accepted(recipe, &dataset) else { continue };
        let found = fault(&mut trainer, &dataset, is_awake);
        faults.extend(found.map(|fault| format!("recipe {index}: {fault}\n    {}", words(&recipe))));
        taken += 1;
        if taken == 50 {
            break;
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(taken, 50, "too many are refused");
}

#[test]
fn a_component_that_is_built_but_out_of_use_equals_the_baseline_bit_for_bit() {
    let (_folder, dataset) = data();
    let mut plain = shrunk(preset("smmcl-baseline-demo").unwrap());
    plain.set_text("coefficients", "off").unwrap();
    let trace = |recipe: &Recipe| {
        let mut trainer = trainer(recipe, &dataset).unwrap();
        let parameters = trainer.summary().parameters;
        let mut totals = Vec::new();
        while !trainer.is_done() {
            totals.push(
                bits(&trainer.step().unwrap()).into_iter().filter(|(name, _)| name == "total").collect::<Vec<_>>(),
            );
        }
        (totals, parameters)
    };
    let (expected, parameters) = trace(&plain);
    let mut found = 0;
    for component in catalogue().iter().filter(|component| !OUTSIDE.contains(&component.group)) {
        let enabled = format!("{}.enabled", component.id);
        let is_built = setting(&enabled).is_some_and(|setting| setting.change == Change::Structural);
        if !is_built {
            continue;
        }
        let mut recipe = plain.clone();
        recipe.set(&enabled, Value::Switch(true)).unwrap();
        for setting in component.settings.iter().filter(|setting| setting.change == Change::Live) {
            match setting.kind {
                Kind::Switch(_) => recipe.set(setting.key, Value::Switch(false)).unwrap(),
                Kind::Number { .. } if setting.key.ends_with("weight") => {
                    recipe.set(setting.key, Value::Number(0.0)).unwrap();
                }
                _ => {}
            }
        }
        let (totals, more) = trace(&recipe);
        assert_eq!(totals, expected, "{}", component.id);
        found += usize::from(more > parameters);
    }
    assert!(found >= 3, "only {found} components build something");
}

#[test]
fn every_live_setting_can_change_between_two_steps() {
    let (_folder, dataset) = data();
    for level in ["decoder", "levels"] {
        let mut recipe = shrunk(preset("ogp-net-demo").unwrap());
        recipe.set_text("fusion.level", level).unwrap();
        recipe.set_text("training.steps", "100000").unwrap();
        // All that can stand together.
        for (_, setting) in inside().filter(|(_, setting)| setting.key.ends_with(".enabled")) {
            let mut more = recipe.clone();
            more.set(setting.key, Value::Switch(true)).unwrap();
            if trainer(&more, &dataset).is_ok() {
                recipe = more;
            }
        }
        let mut trainer = trainer(&recipe, &dataset).unwrap();
        while trainer.steps_done() < 2 {
            trainer.step().unwrap();
        }
        for (_, setting) in settings().filter(|(_, setting)| setting.change == Change::Live) {
            let before = trainer.recipe().value(setting.key).unwrap().clone();
            for value in others(setting, &before) {
                match trainer.set(setting.key, &value) {
                    Ok(()) => assert_eq!(trainer.recipe().value(setting.key), Some(&value)),
                    Err(error) => {
                        refused(&error);
                        continue;
                    }
                }
                let report = trainer.step().unwrap_or_else(|error| panic!("{} = {value}: {error}", setting.key));
                assert!(report.terms.iter().all(|term| term.value.is_finite()), "{} = {value}", setting.key);
            }
            trainer.set(setting.key, &before).unwrap();
        }
        trainer.step().unwrap();
    }
}

/// Other values that a live setting may be changed to.
fn others(setting: &Setting, now: &Value) -> Vec<Value> {
    match (setting.kind, now) {
        (Kind::Switch(_), &Value::Switch(on)) => vec![Value::Switch(!on)],
        (Kind::Number { min, max, .. }, &Value::Number(now)) => {
            vec![Value::Number(if now > min { min } else { max.min(min + 0.1) })]
        }
        (Kind::Integer { min, .. }, &Value::Integer(now)) => {
            vec![Value::Integer(if now > min { min } else { now + 1 })]
        }
        (Kind::Choice { options, .. }, Value::Text(now)) => {
            options.iter().filter(|option| option.id != now).map(|option| Value::Text(option.id.to_owned())).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn what_no_network_can_be_is_refused_before_anything_is_built() {
    for (changes, key) in [
        (&[("fusion.kind", "average"), ("fusion.level", "logits")][..], "fusion.level"),
        (&[("encoder.family", "mit-nano"), ("exchange.channel", "on")], "exchange.channel.enabled"),
    ] {
        let mut recipe = Recipe::defaults("r");
        for (key, text) in changes {
            recipe.set_text(key, text).unwrap();
        }
        assert!(matches!(recipe.check(), Err(RecipeError::Impossible { key: found, .. }) if found == key));
    }
}
