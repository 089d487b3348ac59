use std::fs::File;

use burn::tensor::TensorData;
use proptest::prelude::*;

use super::lines::MAX_UNSAVED_BYTES;
use super::*;
use crate::data::{Modality, ModalityKind, Normalisation};
use crate::protocol::{
    CountedCell, CountedScene, Evaluated, EvaluationReport, Figure, Quantity, SceneCounts, StepReport, SubsetScores,
};
use crate::training::checkpoint::{Checkpoint, CheckpointState};
use crate::training::model_card::ModelCard;
use crate::training::tensor_file::Tensors;

mod damage;
#[cfg(unix)]
mod links;
mod protocols;
#[cfg(unix)]
mod removals;
mod scenes;
mod writers;

fn recipe() -> Recipe {
    Recipe::defaults("a run: ünïcode / slash")
}

fn run(folder: &Path) -> RunFolder {
    RunFolder::create(folder, &recipe(), &Environment::default()).unwrap()
}

fn checkpoint(step: u64) -> Checkpoint {
    let modality = Modality {
        name: "colour".to_owned(),
        kind: ModalityKind::Colour,
        channels: 3,
        unit: String::new(),
        low: 0.0,
        high: 1.0,
        normalisation: Normalisation::Unit,
    };
    let card = ModelCard {
        classes: vec!["road".to_owned()],
        colours: vec![[0; 3]],
        ..ModelCard::new(&recipe(), &[modality], &[Normalisation::Unit])
    };
    let tensors = Tensors::from([("a".to_owned(), TensorData::new(vec![step as f32; 64], [64]))]);
    let state = CheckpointState { step, recipe: recipe().to_toml(), ..CheckpointState::default() };
    Checkpoint { state, card, network: tensors.clone(), teacher: None, optimiser: tensors.clone(), carried: tensors }
}

fn report(step: u64) -> StepReport {
    let total = Figure::new("total", Quantity::Loss, 1.0 / (step as f32 + 0.7));
    StepReport { step, terms: vec![total], ..StepReport::default() }
}

/// An evaluation of two scenes with one sensor, counted.
fn counted(step: u64) -> Evaluated {
    let (classes, sensors) = (vec!["road".to_owned(), "tree".to_owned()], vec!["colour".to_owned()]);
    let mut scenes = SceneCounts::new(&classes, [sensors.clone()]);
    for pixels in [step as u32 + 1, 7] {
        scenes.scenes.push(CountedScene { id: pixels.to_string(), tags: Vec::new(), fusion_image: None });
        scenes.subsets[0].push([CountedCell { truth: 1, predicted: 0, pixels }]);
    }
    let scores = SubsetScores { sensors, confusion: scenes.subsets[0].sum(2), ..SubsetScores::default() };
    let report = EvaluationReport { step, classes, subsets: vec![scores], ..EvaluationReport::default() };
    Evaluated { report, scenes: Some(scenes) }
}

#[test]
fn checkpoints_come_back_and_old_ones_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    for step in [10, 20, 30, 30] {
        run.save_checkpoint(&checkpoint(step), 2).unwrap();
    }
    assert_eq!(run.checkpoints().iter().map(|(step, _)| *step).collect::<Vec<_>>(), [30, 20]);
    let (found, warnings) = RunFolder::open(run.path()).unwrap().newest_checkpoint().unwrap();
    assert_eq!(found.unwrap().network["a"].as_bytes(), checkpoint(30).network["a"].as_bytes());
    assert!(warnings.is_empty());
}

#[test]
fn a_truncated_checkpoint_is_ignored_with_a_warning_and_the_one_before_is_used() {
    for name in ["state.json", "weights.safetensors", "optimiser.safetensors"] {
        let folder = tempfile::tempdir().unwrap();
        let mut run = run(folder.path());
        run.save_checkpoint(&checkpoint(10), 5).unwrap();
        let newest = run.save_checkpoint(&checkpoint(20), 5).unwrap();
        let whole = fs::read(newest.join(name)).unwrap();
        for length in [0, 1, whole.len() / 2, whole.len() - 1] {
            fs::write(newest.join(name), &whole[..length]).unwrap();
            let (found, warnings) = run.newest_checkpoint().unwrap();
            assert_eq!(found.unwrap().state.step, 10, "{name} cut to {length}");
            assert!(warnings[0].contains("step-20"), "{warnings:?}");
        }
        fs::remove_file(newest.join(name)).unwrap();
        assert_eq!(run.newest_checkpoint().unwrap().0.unwrap().state.step, 10);
    }
}

#[test]
fn a_half_written_checkpoint_is_never_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    let place = run.save_checkpoint(&checkpoint(10), 2).unwrap();
    fs::rename(place, run.path().join("checkpoints/.step-10.partial")).unwrap();
    assert!(run.newest_checkpoint().unwrap().0.is_none());
    run.save_checkpoint(&checkpoint(10), 2).unwrap();
    assert_eq!(run.newest_checkpoint().unwrap().0.unwrap().state.step, 10);
}

#[test]
fn a_checkpoint_of_another_recipe_or_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    let mut other = checkpoint(10);
    other.state.recipe = Recipe::from_toml("encoder.family = \"nano\"", "x").unwrap().to_toml();
    let place = run.save_checkpoint(&other, 2).unwrap();
    let message = run.newest_checkpoint().unwrap_err().to_string();
    assert!(message.contains("encoder.family") && message.contains("nano"), "{message}");
    fs::write(place.join("state.json"), r#"{"version": 99, "shape": "unknown"}"#).unwrap();
    let message = run.newest_checkpoint().unwrap_err().to_string();
    assert!(message.contains("99") && message.contains("Update"), "{message}");
}

#[test]
fn live_changes_do_not_make_it_another_recipe() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    let mut changed = checkpoint(10);
    changed.state.recipe = Recipe::from_toml("exchange.channel.enabled = false", "x").unwrap().to_toml();
    run.save_checkpoint(&changed, 2).unwrap();
    assert_eq!(run.newest_checkpoint().unwrap().0.unwrap().state.step, 10);
}

#[test]
fn metrics_are_cut_to_the_resumed_step_and_torn_lines_are_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    for step in 1..=5 {
        run.append_step(&report(step)).unwrap();
    }
    let path = run.path().join("metrics.jsonl");
    let mut text = fs::read(&path).unwrap();
    text.extend(b"{\"phase\":\"stud");
    fs::write(&path, text).unwrap();
    let mut run = RunFolder::open(run.path()).unwrap();
    assert_eq!(run.steps().unwrap().len(), 5);
    let kept = run.truncate_steps(3).unwrap();
    assert_eq!((kept.steps.last(), kept.warnings.len()), (Some(&report(3)), 0));
    assert!(!run.path().join("metrics.unreadable.jsonl").exists(), "the end of a killed run's file is no loss");
    run.append_step(&report(4)).unwrap();
    assert_eq!(run.steps().unwrap(), (1..=4).map(report).collect::<Vec<_>>());
}

#[test]
fn an_unwritable_place_is_a_sentence_with_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("in the way");
    fs::write(&file, "").unwrap();
    let message = RunFolder::create(&file.join("runs"), &recipe(), &Environment::default()).unwrap_err().to_string();
    assert!(message.contains("could not write the run folder") && message.contains("in the way"), "{message}");
    let message = RunFolder::open(folder.path()).unwrap_err().to_string();
    assert!(message.contains("recipe.toml"), "{message}");
}

#[test]
fn a_failed_checkpoint_keeps_the_older_ones() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.save_checkpoint(&checkpoint(10), 1).unwrap();
    // Numbers of a kind that no file holds: every write of this checkpoint fails.
    let mut unwritable = checkpoint(20);
    unwritable.carried.insert("b".to_owned(), TensorData::new(vec![1.0_f64], [1]));
    let message = run.save_checkpoint(&unwritable, 1).unwrap_err().to_string();
    assert!(message.contains("could not write the checkpoint") && message.contains("step-20"), "{message}");
    assert_eq!(run.newest_checkpoint().unwrap().0.unwrap().state.step, 10);
}

#[test]
fn evaluations_that_do_not_read_are_set_aside_and_never_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    let evaluation = |step| EvaluationReport { split: "val".to_owned(), step, ..EvaluationReport::default() };
    assert_eq!(run.add_evaluation(&evaluation(1)).unwrap(), None);
    let path = run.path().join("evaluation.json");
    for (damage, name) in [("[{\"dataset\"", "evaluation.unreadable.json"), ("", "evaluation.unreadable-2.json")] {
        fs::write(&path, damage).unwrap();
        let warning = run.add_evaluation(&evaluation(2)).unwrap().unwrap();
        assert!(warning.contains(name), "{warning}");
        assert_eq!(fs::read_to_string(run.path().join(name)).unwrap(), damage);
        assert_eq!(run.evaluations().unwrap(), [evaluation(2)]);
    }
    assert_eq!(run.add_evaluation(&evaluation(3)).unwrap(), None);
    assert_eq!(run.evaluations().unwrap().len(), 2);
    assert!(!run.path().join("evaluation.unreadable-3.json").exists());
}

#[test]
fn a_kill_between_two_renames_loses_no_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    let place = run.save_checkpoint(&checkpoint(10), 2).unwrap();
    let aside = run.path().join("checkpoints/.step-10.old");
    // The earlier one was set aside, the newer one was not put in its place.
    fs::rename(&place, &aside).unwrap();
    let run_again = RunFolder::open(run.path()).unwrap();
    assert_eq!(run_again.checkpoints(), [(10, aside.clone())]);
    let (found, warnings) = run_again.newest_checkpoint().unwrap();
    assert_eq!((found.unwrap().state.step, warnings.len()), (10, 0));
    // Saving the step again puts things in order.
    run.save_checkpoint(&checkpoint(10), 2).unwrap();
    assert_eq!(run.checkpoints(), [(10, place.clone())]);
    assert!(!aside.exists());
    // A kill before the one set aside was removed: it stands in nobody's way.
    fs::create_dir(&aside).unwrap();
    fs::write(aside.join("state.json"), "").unwrap();
    run.save_checkpoint(&checkpoint(10), 2).unwrap();
    assert_eq!(run.newest_checkpoint().unwrap().0.unwrap().state.step, 10);
    assert!(!aside.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_bounded_memory_and_the_steps_that_are_missing_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    let path = run.path().join("metrics.jsonl");
    let full = File::options().write(true).open("/dev/full").unwrap();
    run.metrics.file = Some(full);
    let steps = 30_000;
    for step in 1..=steps {
        assert!(run.append_step(&report(step)).is_err());
        let waiting = run.metrics.unsaved.len();
        assert!(waiting <= MAX_UNSAVED_BYTES, "{waiting} bytes wait after step {step}");
        assert!(run.take_news().is_empty());
    }
    // There is room again.
    run.metrics.file = Some(File::create(&path).unwrap());
    run.append_step(&report(steps + 1)).unwrap();
    let written = run.steps().unwrap();
    assert!(written.is_sorted_by_key(|report| report.step));
    assert_eq!(written.last().unwrap().step, steps + 1);
    let missing = steps + 1 - written.len() as u64;
    let loss = run.take_news().concat();
    assert!(missing > 0 && loss.contains(&format!("{missing} lines")), "{loss}");
    assert!(run.take_news().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn random_bytes_in_any_file_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        file in 0_usize..6,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut run = run(folder.path());
        run.append_step(&report(1)).unwrap();
        let place = run.save_checkpoint(&checkpoint(10), 2).unwrap();
        let path = match file {
            0 => run.path().join("recipe.toml"),
            1 => run.path().join("environment.json"),
            2 => run.path().join("metrics.jsonl"),
            3 => run.path().join("evaluation.json"),
            4 => place.join("state.json"),
            _ => place.join("weights.safetensors"),
        };
        fs::write(path, bytes).unwrap();
        if let Ok(run) = RunFolder::open(run.path()) {
            let _any = (run.environment(), run.steps(), run.evaluations(), run.newest_checkpoint());
        }
    }
}
