//! Cross-spectral adaptation: no label of the target domain is ever read, and both stages resume bit for bit.

use std::path::Path;
use std::sync::Arc;

use burn::tensor::Device;
use tempfile::TempDir;

use super::checkpoint::Checkpoint;
use super::{Environment, RunFolder, Trainer};
use crate::data::{Dataset, PSEUDO_LABELS_CARD, PseudoLabelsCard};
use crate::fixtures::{CLASSES, TinyData, open_tiny_data, tiny_recipe, write_tiny_data};
use crate::progress::unwatched;
use crate::protocol::{LiveChange, Phase, StepReport};
use crate::recipe::{Recipe, Value};

fn tiny() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_tiny_data(folder.path(), &TinyData { train: 8, ..TinyData::default() }).unwrap();
    folder
}

fn opened(folder: &TempDir) -> Arc<Dataset> {
    Arc::new(open_tiny_data(folder.path()).unwrap())
}

/// Three steps on scenes that are not tagged `night`, three on both domains, every term on.
fn recipe(settings: &[(&str, &str)]) -> Recipe {
    let mut recipe = tiny_recipe().unwrap();
    let own = [
        ("encoder.sharing", "separate"),
        ("decoder.sharing", "shared"),
        ("exchange.channel.enabled", "off"),
        ("exchange.spatial.enabled", "off"),
        ("fusion.kind", "average"),
        ("objective.auxiliary", "off"),
        ("objective.relation", "off"),
        ("objective.feature", "off"),
        ("objective.contrast", "off"),
        ("objective.segmentation.fused", "0"),
        ("objective.mutual", "on"),
        ("objective.prototype", "on"),
        ("objective.self_supervision", "on"),
        ("adaptation", "on"),
        ("adaptation.source", ""),
        ("adaptation.steps", "3"),
        ("training.steps", "3"),
        ("training.schedule", "exponential"),
    ];
    for (key, value) in own.iter().chain(settings) {
        recipe.set_text(key, value).unwrap();
    }
    recipe
}

fn begun(recipe: &Recipe, dataset: &Arc<Dataset>) -> Trainer {
    Trainer::new(recipe, dataset, (Device::flex(), "CPU".to_owned()), &mut unwatched).unwrap()
}

fn refusal(recipe: &Recipe, dataset: &Arc<Dataset>) -> String {
    let found = Trainer::new(recipe, dataset, (Device::flex(), "CPU".to_owned()), &mut unwatched);
    found.err().unwrap().to_string()
}

type Bits = (Phase, u64, Vec<(String, u32)>);

fn bits(report: &StepReport) -> Bits {
    let terms = report.terms.iter().map(|term| (term.name.clone(), term.value.to_bits())).collect();
    (report.phase, report.learning_rate.to_bits(), terms)
}

fn rest(trainer: &mut Trainer) -> Vec<Bits> {
    let mut trace = Vec::new();
    while !trainer.is_done() {
        trace.push(bits(&trainer.step().unwrap()));
    }
    trace
}

/// Weights, moments and prototypes, byte by byte.
fn state(trainer: &Trainer) -> Vec<(String, Vec<u8>)> {
    let Checkpoint { network, optimiser, carried, .. } = trainer.checkpoint();
    assert!(carried.contains_key("prototypes") && carried.contains_key("prototypes.age"));
    let all = network.into_iter().chain(optimiser).chain(carried);
    all.map(|(name, data)| (name, data.as_bytes().to_vec())).collect()
}

fn has(trace: &Bits, term: &str) -> bool {
    trace.2.iter().any(|(name, _)| name == term)
}

/// Every label file of the training scenes of one domain; `N` ends the ids of the target's.
fn labels_of(folder: &Path, domain: char) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(folder.join("label")).unwrap().map(|entry| entry.unwrap().path());
    let found = files.filter(|path| {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        stem.starts_with("train") && stem.ends_with(domain)
    });
    let found: Vec<_> = found.collect();
    assert_eq!(found.len(), 4);
    found
}

fn swapped(path: &Path) {
    let mut image = image::open(path).unwrap().into_luma8();
    image.pixels_mut().for_each(|pixel| pixel.0 = [(pixel.0[0] + 1) % 3]);
    image.save(path).unwrap();
}

/// Something done to a label file.
type Change = fn(&Path);

#[test]
fn labels_of_the_target_domain_change_nothing_whatever_they_hold() {
    let folder = tiny();
    let mut untouched = begun(&recipe(&[]), &opened(&folder));
    let trace = rest(&mut untouched);
    assert_eq!(trace.iter().filter(|step| step.0 == Phase::Adaptation).count(), 3);
    let expected = state(&untouched);
    let changes: [(&str, Change); 3] = [
        ("other classes", swapped),
        ("no image", |path| std::fs::write(path, b"no image at all").unwrap()),
        ("deleted", |path| std::fs::remove_file(path).unwrap()),
    ];
    for (what, change) in changes {
        for path in labels_of(folder.path(), 'N') {
            change(&path);
        }
        let dataset = opened(&folder);
        let mut again = begun(&recipe(&[]), &dataset);
        assert_eq!(rest(&mut again), trace, "{what}");
        assert!(state(&again) == expected, "{what}");
        if what != "deleted" {
            // The files are there again for the next change.
            write_tiny_data(folder.path(), &TinyData { train: 8, ..TinyData::default() }).unwrap();
        }
    }
    // The labels of the source domain do count.
    for path in labels_of(folder.path(), 'D') {
        swapped(&path);
    }
    assert_ne!(rest(&mut begun(&recipe(&[]), &opened(&folder))), trace);
}

#[test]
fn both_stages_resume_bit_for_bit_with_their_prototypes() {
    let (folder, runs) = (tiny(), tempfile::tempdir().unwrap());
    let dataset = opened(&folder);
    for settings in [&[][..], &[("objective.prototype.variant", "code")]] {
        let recipe = recipe(settings);
        let mut undisturbed = begun(&recipe, &dataset);
        let expected = rest(&mut undisturbed);
        for stop in [1, 3, 4, 6] {
            let mut interrupted = begun(&recipe, &dataset);
            let mut trace: Vec<_> = (0..stop).map(|_| bits(&interrupted.step().unwrap())).collect();
            let mut run = RunFolder::create(runs.path(), interrupted.recipe(), &Environment::default()).unwrap();
            run.save_checkpoint(&interrupted.checkpoint(), 2).unwrap();
            drop(interrupted);
            let checkpoint = run.newest_checkpoint().unwrap().0.unwrap();
            let cpu = (Device::flex(), "CPU".to_owned());
            let mut again = Trainer::resume(&checkpoint, &dataset, cpu, run.path(), &mut unwatched).unwrap();
            trace.extend(rest(&mut again));
            assert_eq!(trace, expected, "stopped after step {stop}");
            assert!(state(&again) == state(&undisturbed), "stopped after step {stop}");
        }
    }
}

#[test]
fn stage_two_supervises_itself_and_its_prototypes_may_begin_anew() {
    let folder = tiny();
    let dataset = opened(&folder);
    let of = |settings: &[(&str, &str)]| rest(&mut begun(&recipe(settings), &dataset));
    let kept = of(&[]);
    for (step, trace) in kept.iter().enumerate() {
        assert_eq!(has(trace, "self_supervision"), step >= 3, "step {step}");
        for term in ["mutual.colour", "mutual.thermal", "prototype.colour", "prototype.thermal", "segmentation.thermal"]
        {
            assert!(has(trace, term), "{term}");
        }
        assert!(!has(trace, "segmentation.fused"));
    }
    let overwritten = of(&[("objective.prototype.second_stage", "overwrite")]);
    assert_eq!(overwritten[..3], kept[..3]);
    assert_ne!(overwritten[3], kept[3]);
    for setting in [
        "objective.self_supervision.softmax=single",
        "objective.mutual.masks=none",
        "objective.prototype.absent=shrink",
    ] {
        let (key, value) = setting.split_once('=').unwrap();
        assert_ne!(of(&[(key, value)]), kept, "{setting}");
    }
    // A single sensor is a whole run too: one-way supervision by labels alone.
    assert!(of(&[("adaptation.steps", "0")]) == kept[..3]);
}

#[test]
fn every_term_can_be_switched_between_two_steps() {
    let folder = tiny();
    let mut trainer = begun(&recipe(&[("training.steps", "2"), ("adaptation.steps", "9")]), &opened(&folder));
    while trainer.phase() != Phase::Adaptation {
        trainer.step().unwrap();
    }
    for (key, term) in [
        ("objective.self_supervision.enabled", "self_supervision"),
        ("objective.prototype.enabled", "prototype.thermal"),
        ("objective.mutual.enabled", "mutual.colour"),
    ] {
        assert!(has(&bits(&trainer.step().unwrap()), term), "{key}");
        let before = trainer.checkpoint().carried;
        trainer.set(key, &Value::Switch(false)).unwrap();
        assert!(!has(&bits(&trainer.step().unwrap()), term), "{key}");
        let after = trainer.checkpoint().carried;
        assert_eq!(before == after, key != "objective.self_supervision.enabled", "{key}");
    }
    let message = trainer.set("objective.self_supervision.enabled", &Value::Switch(true)).unwrap_err().to_string();
    assert!(message.contains("objective.prototype.enabled"), "{message}");
    for key in ["objective.mutual.enabled", "objective.prototype.enabled", "objective.self_supervision.enabled"] {
        trainer.set(key, &Value::Switch(true)).unwrap();
    }
    assert!(has(&bits(&trainer.step().unwrap()), "self_supervision"));
}

#[test]
fn mutual_learning_works_between_any_two_heads_of_ogp_net() {
    let folder = tiny();
    let dataset = opened(&folder);
    for (heads, terms) in
        [("", ["mutual.colour", "mutual.thermal"]), ("fused,thermal", ["mutual.fused", "mutual.thermal"])]
    {
        let mut recipe = tiny_recipe().unwrap();
        recipe.set_text("objective.mutual", "on").unwrap();
        recipe.set_text("objective.mutual.heads", heads).unwrap();
        recipe.set_text("teacher.steps", "1").unwrap();
        let mut trainer = begun(&recipe, &dataset);
        assert!(!has(&bits(&trainer.step().unwrap()), terms[0]), "the teacher has one head");
        let step = bits(&trainer.step().unwrap());
        assert!(terms.iter().all(|term| has(&step, term)), "{step:?}");
    }
}

#[test]
fn pseudo_labels_stand_in_for_ground_truth() {
    let folder = tiny();
    let pseudo = tempfile::tempdir().unwrap();
    for path in labels_of(folder.path(), 'D') {
        let copy = pseudo.path().join(path.file_name().unwrap());
        std::fs::copy(&path, &copy).unwrap();
        swapped(&copy);
    }
    let settings = [("data.pseudo_labels", pseudo.path().to_str().unwrap())];
    let mut trainer = begun(&recipe(&settings), &opened(&folder));
    let notes = trainer.take_notes().facts.join("; ");
    assert!(notes.contains("4 scenes are trained on pseudo-labels"), "{notes}");
    let trace = rest(&mut trainer);
    assert_ne!(trace, rest(&mut begun(&recipe(&[]), &opened(&folder))));
    // Ground truth is not looked at any more.
    for path in labels_of(folder.path(), 'D') {
        swapped(&path);
    }
    assert_eq!(rest(&mut begun(&recipe(&settings), &opened(&folder))), trace);
    assert_eq!(rest(&mut begun(&recipe(&[]), &opened(&folder))), trace, "the truth now says the same");
    for path in labels_of(folder.path(), 'D') {
        std::fs::remove_file(&path).unwrap();
    }
    for path in labels_of(folder.path(), 'N') {
        std::fs::remove_file(&path).unwrap();
    }
    assert_eq!(rest(&mut begun(&recipe(&settings), &opened(&folder))), trace);

    let message = refusal(&recipe(&[]), &opened(&folder));
    assert!(message.contains("no labels"), "{message}");
    let card = PseudoLabelsCard { classes: vec!["ground".to_owned(), "car".to_owned()], ..PseudoLabelsCard::default() };
    let card_path = pseudo.path().join(PSEUDO_LABELS_CARD);
    std::fs::write(&card_path, serde_json::to_string(&card).unwrap()).unwrap();
    let message = refusal(&recipe(&settings), &opened(&folder));
    assert!(message.contains("car") && message.contains("ground, person, sign"), "{message}");
    let card = PseudoLabelsCard { classes: CLASSES.map(str::to_owned).to_vec(), ..card };
    std::fs::write(&card_path, serde_json::to_string(&card).unwrap()).unwrap();
    let mut trainer = begun(&recipe(&settings), &opened(&folder));
    let notes = trainer.take_notes().facts.join("; ");
    assert!(!notes.contains("changed"), "{notes}");
    assert_eq!(rest(&mut trainer), trace);

    let (old, new) = (Value::Switch(true), Value::Switch(false));
    let change = LiveChange { key: "exchange.channel.enabled".to_owned(), old, new, step: 7 };
    let words = change.to_string();
    let card = PseudoLabelsCard { changed: vec![change], ..card };
    std::fs::write(&card_path, serde_json::to_string(&card).unwrap()).unwrap();
    let mut trainer = begun(&recipe(&settings), &opened(&folder));
    let notes = trainer.take_notes().facts.join("; ");
    assert!(notes.contains(&words), "who trains on them is told: {notes}");
    assert_eq!(rest(&mut trainer), trace);
}

#[test]
fn a_data_set_without_pseudo_labels_is_trained_on_ground_truth_and_says_so() {
    let folder = tiny();
    let mut trainer = begun(&recipe(&[("data.pseudo_labels", "pseudo_all/{id}_pseudo.png")]), &opened(&folder));
    let notes = trainer.take_notes().facts.join("; ");
    assert!(notes.contains("trained on its ground truth"), "{notes}");
    assert_eq!(rest(&mut trainer), rest(&mut begun(&recipe(&[]), &opened(&folder))));
    let nowhere = folder.path().join("nowhere");
    for folder_without in [nowhere.to_str().unwrap(), folder.path().to_str().unwrap()] {
        let message = refusal(&recipe(&[("data.pseudo_labels", folder_without)]), &opened(&folder));
        assert!(message.contains("data.pseudo_labels") && message.contains(folder_without), "{message}");
    }
}

#[test]
fn a_domain_without_scenes_is_refused_before_the_first_step() {
    let folder = tiny();
    let dataset = opened(&folder);
    for (key, tag) in [("adaptation.source", "noon"), ("adaptation.target", "fog")] {
        let message = refusal(&recipe(&[(key, tag)]), &dataset);
        assert!(message.contains(key) && message.contains(tag) && message.contains("night"), "{message}");
    }
}
