//! AMDANet trains: both variants of every part, live switches, and a checkpoint in the middle.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;
use tempfile::TempDir;

use super::Trainer;
use crate::data::Dataset;
use crate::fixtures::{TinyData, open_tiny_data, write_tiny_data};
use crate::progress::unwatched;
use crate::protocol::StepReport;
use crate::recipe::{Recipe, Value, preset};

fn data() -> (TempDir, Arc<Dataset>) {
    let folder = tempfile::tempdir().unwrap();
    write_tiny_data(folder.path(), &TinyData::default()).unwrap();
    let dataset = Arc::new(open_tiny_data(folder.path()).unwrap());
    (folder, dataset)
}

/// The demo preset for six steps on the tiny data's own sensors.
fn recipe(dataset: &Dataset, changes: &[(&str, &str)]) -> Recipe {
    let mut recipe = preset("amdanet-demo").unwrap();
    let sensors = dataset.modalities.iter().take(2).map(|modality| modality.name.clone()).collect();
    recipe.set("sensors.use", Value::Texts(sensors)).unwrap();
    let short =
        [("training.steps", "6"), ("data.batch_size", "2"), ("decoder.channels", "8"), ("fusion_image.channels", "2")];
    for (key, value) in short.iter().chain(changes) {
        recipe.set_text(key, value).unwrap();
    }
    recipe
}

fn trainer(recipe: &Recipe, dataset: &Arc<Dataset>) -> Trainer {
    Trainer::new(recipe, dataset, (Device::flex(), "CPU".to_owned()), &mut unwatched).unwrap()
}

fn terms(report: &StepReport) -> Vec<(String, u32)> {
    report.terms.iter().map(|term| (term.name.clone(), term.value.to_bits())).collect()
}

fn lambda(trainer: &Trainer) -> Vec<f32> {
    let tensors = trainer.checkpoint().network;
    let name = "interactions.sci.level1.lambda";
    tensors.get(name).expect("λ by its name").clone().try_to_vec().unwrap()
}

#[test]
fn every_variant_trains_and_lambda_moves_only_where_it_is_learned() {
    let (_folder, dataset) = data();
    for (part, variant) in [
        ("sci", "paper"),
        ("sci", "code"),
        ("fdam.local", "paper"),
        ("mfml", "paper"),
        ("objective.consistency", "paper"),
        ("objective.fusion_image", "paper"),
    ] {
        let changes = [(format!("{part}.variant"), variant.to_owned()), ("sci.threshold".to_owned(), "1".to_owned())];
        let changes: Vec<(&str, &str)> = changes.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let mut trainer = trainer(&recipe(&dataset, &changes), &dataset);
        assert_eq!(lambda(&trainer), [0.5]);
        for _ in 0..3 {
            let report = trainer.step().unwrap();
            assert!(report.terms.iter().all(|term| term.value.is_finite()), "{part} {variant}: {report:?}");
        }
        assert_eq!(lambda(&trainer) != [0.5], (part, variant) != ("sci", "code"), "{part} {variant}");
    }
}

#[test]
fn live_settings_hold_from_the_next_step_on() {
    let (_folder, dataset) = data();
    for (key, value) in [
        ("sci.active", "off"),
        ("sci.position", "output"),
        ("sci.gate", "batch"),
        ("sci.threshold", "1"),
        ("fdam.local.active", "off"),
        ("fusion.dropout", "0.5"),
        ("mfml.enabled", "off"),
        ("mfml.target", "sensor"),
        ("mfml.ratio", "0.9"),
        ("objective.consistency.enabled", "off"),
        ("objective.fusion_image.enabled", "off"),
    ] {
        // The features of colour and thermal start out far more alike than 0.15.
        let begin = match key {
            "sci.threshold" => "-1",
            "sci.gate" => "0.15",
            _ => "1",
        };
        let recipe = recipe(&dataset, &[("sci.threshold", begin)]);
        let mut plain = trainer(&recipe, &dataset);
        let mut changed = trainer(&recipe, &dataset);
        assert_eq!(terms(&plain.step().unwrap()), terms(&changed.step().unwrap()));
        let mut other = changed.recipe().clone();
        other.set_text(key, value).unwrap();
        changed.set(key, other.value(key).unwrap()).unwrap();
        // Which of two things is masked is drawn each step, so a change may show a step later.
        let differs = (0..4).any(|_| terms(&plain.step().unwrap()) != terms(&changed.step().unwrap()));
        assert!(differs, "{key} = {value} changed nothing");
    }
}

#[test]
fn a_resumed_run_draws_the_masks_that_it_would_have_drawn() {
    let (_folder, dataset) = data();
    let recipe = recipe(&dataset, &[]);
    let mut undisturbed = trainer(&recipe, &dataset);
    let expected: Vec<_> = (0..6).map(|_| terms(&undisturbed.step().unwrap())).collect();
    let mut first = trainer(&recipe, &dataset);
    let mut found: Vec<_> = (0..3).map(|_| terms(&first.step().unwrap())).collect();
    let cpu = (Device::flex(), "CPU".to_owned());
    let mut second = Trainer::resume(&first.checkpoint(), &dataset, cpu, Path::new("run"), &mut unwatched).unwrap();
    found.extend((0..3).map(|_| terms(&second.step().unwrap())));
    assert_eq!(found, expected);
}
