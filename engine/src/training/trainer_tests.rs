//! The loop's promises: same seed, same bits; resuming changes nothing; a bad step is not taken.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, TensorData};
use tempfile::TempDir;

use super::checkpoint::Checkpoint;
use super::{Environment, LossScale, RunFolder, TrainError, Trainer, export_model, open_model};
use crate::data::Dataset;
use crate::evaluation::{modality_indices, predict_scene, scene_images};
use crate::fixtures::{TinyData, open_tiny_data, tiny_recipe, write_tiny_data};
use crate::network::to_tensors;
use crate::progress::unwatched;
use crate::protocol::{Phase, StepReport};
use crate::recipe::catalogue::training::{PRECISION, Precision};
use crate::recipe::{Recipe, Value};

fn data() -> (TempDir, Arc<Dataset>) {
    let folder = tempfile::tempdir().unwrap();
    write_tiny_data(folder.path(), &TinyData::default()).unwrap();
    let dataset = Arc::new(open_tiny_data(folder.path()).unwrap());
    (folder, dataset)
}

fn cpu() -> (Device, String) {
    (Device::flex(), "CPU".to_owned())
}

fn trainer(recipe: &Recipe, dataset: &Arc<Dataset>) -> Trainer {
    Trainer::new(recipe, dataset, cpu(), &mut unwatched).unwrap()
}

fn resumed(checkpoint: &Checkpoint, dataset: &Arc<Dataset>) -> Trainer {
    Trainer::resume(checkpoint, dataset, cpu(), Path::new("run"), &mut unwatched).unwrap()
}

/// Step, phase, learning rate and terms: everything in a report but the wall time.
type Bits = (u64, Phase, u64, Vec<(String, u32)>);

fn bits(report: &StepReport) -> Bits {
    let terms = report.terms.iter().map(|term| (term.name.clone(), term.value.to_bits())).collect();
    (report.step, report.phase, report.learning_rate.to_bits(), terms)
}

fn rest(trainer: &mut Trainer) -> Vec<Bits> {
    let mut trace = Vec::new();
    while !trainer.is_done() {
        trace.push(bits(&trainer.step().unwrap()));
    }
    trace
}

fn bytes(tensors: &BTreeMap<String, TensorData>) -> BTreeMap<&str, &[u8]> {
    tensors.iter().map(|(name, data)| (name.as_str(), data.as_bytes())).collect()
}

#[track_caller]
fn assert_same_network(left: &Checkpoint, right: &Checkpoint) {
    assert!(bytes(&left.network) == bytes(&right.network), "parameters or running statistics differ");
    assert!(bytes(&left.optimiser) == bytes(&right.optimiser), "the optimisers differ");
}

#[test]
fn between_the_halves_of_a_step_the_network_answers_as_before_it_and_the_run_stays_the_same() {
    let (_folder, dataset) = data();
    let recipe = tiny_recipe().unwrap();
    let (mut asked, mut other) = (trainer(&recipe, &dataset), trainer(&recipe, &dataset));
    let stands = |trainer: &Trainer| to_tensors(&trainer.model().network);
    for _ in 0..4 {
        let before = stands(&asked);
        asked.begin_step(&mut unwatched).unwrap();
        let model = asked.model();
        assert!(bytes(&stands(&asked)) == bytes(&before), "the forward pass has moved running statistics");
        let places = modality_indices(&model, &dataset).unwrap();
        let (sample, images) = scene_images(&model, &dataset, "val", 0, &places).unwrap();
        let inputs: Vec<_> = images.into_iter().map(Some).collect();
        predict_scene(&model, &inputs, sample.height, sample.width).unwrap();
        asked.begin_step(&mut unwatched).unwrap();
        assert_eq!(bits(&asked.step().unwrap()), bits(&other.step().unwrap()));
        assert!(bytes(&stands(&asked)) != bytes(&before), "a step was taken");
    }
    assert_same_network(&asked.checkpoint(), &other.checkpoint());
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    let (_folder, dataset) = data();
    let mut recipe = tiny_recipe().unwrap();
    let (mut first, mut second) = (trainer(&recipe, &dataset), trainer(&recipe, &dataset));
    let trace = rest(&mut first);
    assert_eq!(trace, rest(&mut second));
    assert_same_network(&first.checkpoint(), &second.checkpoint());
    assert_eq!(trace.iter().map(|(_, phase, ..)| *phase).collect::<Vec<_>>()[1..3], [Phase::Teacher, Phase::Student]);
    recipe.set("training.seed", Value::Integer(1)).unwrap();
    assert_ne!(trace, rest(&mut trainer(&recipe, &dataset)));
}

#[test]
fn a_resumed_run_continues_the_undisturbed_trace_bit_for_bit() {
    let (_folder, dataset) = data();
    let runs = tempfile::tempdir().unwrap();
    for optimiser in ["sgd", "adamw"] {
        let mut recipe = tiny_recipe().unwrap();
        recipe.set_text("training.optimiser", optimiser).unwrap();
        let mut undisturbed = trainer(&recipe, &dataset);
        let expected = rest(&mut undisturbed);
        // Before the first step, within the teacher, at the change of phase, within the student, at the end.
        for stop in [0, 1, 2, 4, 6] {
            let mut interrupted = trainer(&recipe, &dataset);
            let mut folder = RunFolder::create(runs.path(), interrupted.recipe(), &Environment::default()).unwrap();
            let mut trace: Vec<_> = (0..stop).map(|_| bits(&interrupted.step().unwrap())).collect();
            folder.save_checkpoint(&interrupted.checkpoint(), 2).unwrap();
            drop(interrupted);
            let (checkpoint, _) = folder.newest_checkpoint().unwrap();
            let mut again = resumed(&checkpoint.unwrap(), &dataset);
            trace.extend(rest(&mut again));
            assert_eq!(trace, expected, "{optimiser}, stopped after step {stop}");
            assert_same_network(&again.checkpoint(), &undisturbed.checkpoint());
        }
    }
}

#[test]
fn a_loss_that_is_no_number_names_its_term_and_leaves_the_run_as_it_was() {
    let (_folder, dataset) = data();
    let mut healthy = trainer(&tiny_recipe().unwrap(), &dataset);
    for _ in 0..3 {
        healthy.step().unwrap();
    }
    let good = healthy.checkpoint();
    let mut poisoned = good.clone();
    let (name, data) = poisoned.network.iter().find(|(name, _)| name.starts_with("encoder.")).unwrap();
    let (name, shape) = (name.clone(), data.shape().to_vec());
    let count = data.num_elements();
    poisoned.network.insert(name, TensorData::new(vec![f32::NAN; count], shape));
    let mut trainer = resumed(&poisoned, &dataset);
    let before = trainer.checkpoint();
    for _ in 0..2 {
        let error = trainer.step().unwrap_err();
        assert!(error.run_is_intact());
        assert!(
            matches!(&error, TrainError::NotFinite { step: 4, term, .. } if term == "segmentation.fused"),
            "{error}"
        );
    }
    assert_eq!(trainer.steps_done(), 3);
    assert_same_network(&trainer.checkpoint(), &before);
    // The batch of the step that was not taken is not skipped.
    let mut again = resumed(&good, &dataset);
    assert_eq!(bits(&again.step().unwrap()), bits(&healthy.step().unwrap()));
}

/// With a scale of the loss, and in mixed precision.
fn mixed(checkpoint: &Checkpoint, factor: f64) -> Checkpoint {
    let mut asked = Recipe::from_toml(&checkpoint.state.recipe, "r").unwrap();
    asked.put(PRECISION, Precision::Mixed).unwrap();
    let mut checkpoint = checkpoint.clone();
    checkpoint.state.recipe = asked.to_toml();
    checkpoint.state.loss_scale = LossScale::starting_at(factor);
    checkpoint
}

#[test]
fn a_step_whose_gradients_overflow_in_16_bits_is_taken_again_and_is_that_of_the_last_scale() {
    let (_folder, dataset) = data();
    let mut full = trainer(&tiny_recipe().unwrap(), &dataset);
    // A student begins with a scale of its own.
    while full.phase() == Phase::Teacher {
        full.step().unwrap();
    }
    let before = full.checkpoint();
    let mut many = resumed(&mixed(&before, f64::powi(2.0, 60)), &dataset);
    let report = many.step().unwrap();
    let factor = f64::from(report.term("loss_scale").unwrap());
    assert!(factor < f64::powi(2.0, 40) && report.step == before.state.step + 1, "{factor}");
    assert_eq!(many.checkpoint().state.loss_scale.factor(), factor);
    let mut once = resumed(&mixed(&before, factor), &dataset);
    assert_eq!(bits(&once.step().unwrap()), bits(&report));
    assert_same_network(&once.checkpoint(), &many.checkpoint());
    // Nor is the batch after it another one, nor what a resumed run does.
    let mut again = resumed(&many.checkpoint(), &dataset);
    let next = bits(&many.step().unwrap());
    assert_eq!(next, bits(&once.step().unwrap()));
    assert_eq!(next, bits(&again.step().unwrap()));
    let (full, mixed) = (bits(&full.step().unwrap()).3, bits(&report).3);
    assert!(full.iter().all(|(name, _)| name != "loss_scale") && full[0] != mixed[0], "{full:?}");
}

#[test]
fn gradients_that_no_scale_makes_finite_leave_the_scale_as_it_was() {
    let (_folder, dataset) = data();
    let mut full = trainer(&tiny_recipe().unwrap(), &dataset);
    full.step().unwrap();
    // Of activations beyond what 16 bits hold.
    let mut broken = mixed(&full.checkpoint(), 4096.0);
    for (name, data) in &mut broken.network {
        if name.starts_with("encoder.") && data.shape().len() == 1 && !name.contains("running") {
            *data = TensorData::new(vec![1e6_f32; data.num_elements()], data.shape().to_vec());
        }
    }
    let mut trainer = resumed(&broken, &dataset);
    let before = trainer.checkpoint();
    let error = trainer.step().unwrap_err();
    assert!(error.run_is_intact() && error.to_string().contains("set `training.precision` to `fp32`"), "{error}");
    assert_same_network(&trainer.checkpoint(), &before);
    assert_eq!(trainer.checkpoint().state.loss_scale, before.state.loss_scale);
}

#[test]
fn a_live_switch_holds_from_the_next_step_on_and_a_structural_one_is_refused() {
    let (_folder, dataset) = data();
    let mut trainer = trainer(&tiny_recipe().unwrap(), &dataset);
    let has = |report: &StepReport, name: &str| report.term(name).is_some();
    while trainer.phase() == Phase::Teacher {
        trainer.step().unwrap();
    }
    let report = trainer.step().unwrap();
    assert!(
        has(&report, "contrast") && has(&report, "relation") && has(&report, "exchange.channel.share"),
        "{report:?}"
    );
    trainer.set("objective.contrast.weight", &Value::Number(0.0)).unwrap();
    trainer.set("objective.relation.enabled", &Value::Switch(false)).unwrap();
    trainer.set("exchange.channel.enabled", &Value::Switch(false)).unwrap();
    let report = trainer.step().unwrap();
    assert!(
        !has(&report, "contrast") && !has(&report, "relation") && !has(&report, "exchange.channel.share"),
        "{report:?}"
    );
    let message = trainer.set("encoder.family", &Value::Text("nano".to_owned())).unwrap_err().to_string();
    assert!(message.contains("encoder.family"), "{message}");
}

#[test]
fn distillation_cannot_be_switched_on_without_a_teacher() {
    let (_folder, dataset) = data();
    let mut recipe = tiny_recipe().unwrap();
    for key in ["objective.relation", "objective.feature"] {
        recipe.set_text(key, "off").unwrap();
    }
    let mut trainer = trainer(&recipe, &dataset);
    assert_eq!(trainer.phase(), Phase::Student);
    let message = trainer.set("objective.relation.enabled", &Value::Switch(true)).unwrap_err().to_string();
    assert!(message.contains("teacher"), "{message}");
}

#[test]
fn a_teacher_is_taken_from_another_run() {
    let (_folder, dataset) = data();
    let runs = tempfile::tempdir().unwrap();
    let mut first = trainer(&tiny_recipe().unwrap(), &dataset);
    while first.phase() == Phase::Teacher {
        first.step().unwrap();
    }
    let mut folder = RunFolder::create(runs.path(), first.recipe(), &Environment::default()).unwrap();
    folder.save_checkpoint(&first.checkpoint(), 1).unwrap();
    let mut recipe = tiny_recipe().unwrap();
    recipe.set("teacher.run", Value::Text(folder.path().to_string_lossy().into_owned())).unwrap();
    let mut second = trainer(&recipe, &dataset);
    assert_eq!(second.phase(), Phase::Student);
    let taken = second.checkpoint().teacher.unwrap().1;
    assert!(bytes(&taken) == bytes(&first.checkpoint().teacher.unwrap().1));
    assert!(second.step().unwrap().term("relation").is_some());
    recipe.set_text("decoder.channels", "16").unwrap();
    let message = Trainer::new(&recipe, &dataset, cpu(), &mut unwatched).err().unwrap().to_string();
    assert!(message.contains("teacher.run"), "{message}");
}

#[test]
fn a_packed_model_predicts_as_its_run_does_in_half_the_space() {
    let (_folder, dataset) = data();
    let runs = tempfile::tempdir().unwrap();
    let mut trainer = trainer(&tiny_recipe().unwrap(), &dataset);
    rest(&mut trainer);
    let mut folder = RunFolder::create(runs.path(), trainer.recipe(), &Environment::default()).unwrap();
    folder.save_checkpoint(&trainer.checkpoint(), 1).unwrap();
    let predict = |path: &Path| {
        let (model, warnings) = open_model(path, &Device::flex()).unwrap();
        assert!(warnings.is_empty());
        assert_eq!((model.step, model.classes.len(), model.sensors.len()), (6, 3, 2));
        let places = modality_indices(&model, &dataset).unwrap();
        let (sample, images) = scene_images(&model, &dataset, "val", 0, &places).unwrap();
        let inputs: Vec<_> = images.into_iter().map(Some).collect();
        predict_scene(&model, &inputs, sample.height, sample.width).unwrap()
    };
    let (whole, half) = (runs.path().join("whole.safetensors"), runs.path().join("half.safetensors"));
    export_model(folder.path(), &whole, false).unwrap();
    export_model(folder.path(), &half, true).unwrap();
    let expected = predict(folder.path());
    assert_eq!(predict(&whole), expected);
    let length = |path: &Path| std::fs::metadata(path).unwrap().len() as f64;
    assert!(length(&half) < 0.7 * length(&whole));
    for (found, expected) in predict(&half).iter().zip(&expected) {
        let same = found.ids.iter().zip(&expected.ids).filter(|(found, expected)| found == expected).count();
        assert!(same as f64 > 0.98 * expected.ids.len() as f64, "{same} of {}", expected.ids.len());
    }
    std::fs::write(&half, b"not a model").unwrap();
    let message = open_model(&half, &Device::flex()).unwrap_err().to_string();
    assert!(message.contains("half.safetensors"), "{message}");
}

#[test]
fn a_run_on_other_classes_is_refused() {
    let (_folder, dataset) = data();
    let mut trainer = trainer(&tiny_recipe().unwrap(), &dataset);
    trainer.step().unwrap();
    let mut other = Dataset::clone(&dataset);
    other.classes.push("extra".to_owned());
    let found = Trainer::resume(&trainer.checkpoint(), &Arc::new(other), cpu(), Path::new("run"), &mut unwatched);
    let message = found.err().unwrap().to_string();
    assert!(message.contains("3 classes") && message.contains('4'), "{message}");
}
