//! Protocols on a handful of scenes and a network of random weights, beside evaluations and figures made by hand.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use image::{GrayImage, Luma};
use tempfile::TempDir;

use super::inputs::{hole, noise};
use super::{Asked, SEVERITIES, protocol_table, run_protocol};
use crate::data::{Dataset, ModalityKind};
use crate::evaluation::tests::{few, model};
use crate::evaluation::{ConfusionMatrix, Convention, EvaluationError, Sight, evaluate, scene_images};
use crate::network::Model;
use crate::progress::unwatched;
use crate::protocol::{Degradation, NoiseLevel, Protocol, ProtocolReport, SubsetScores, Trial};
use crate::random::Streams;

const GO_ON: ControlFlow<()> = ControlFlow::Continue(());

fn ran(protocol: Protocol, model: &Model, dataset: &Arc<Dataset>, split: &str) -> ProtocolReport {
    let asked = Asked { protocol, model, teacher: None, dataset, split };
    run_protocol(&asked, &mut |_| GO_ON, &mut |_, _| GO_ON).unwrap()
}

fn opened() -> (TempDir, Arc<Dataset>) {
    let folder = TempDir::new().unwrap();
    let dataset = Arc::new(few(folder.path()));
    (folder, dataset)
}

/// All but the counts, which protocols do not keep, and what they do not count.
fn uncounted(scores: &SubsetScores) -> SubsetScores {
    SubsetScores { confusion: Vec::new(), further: None, ..scores.clone() }
}

#[test]
fn entire_missing_is_what_an_evaluation_with_zeros_finds() {
    let (_folder, dataset) = opened();
    let zeros = model(&dataset, &[("evaluation.missing", "zeros")]);
    let evaluated = evaluate(&zeros, &dataset, "test", &mut |_, _| GO_ON).unwrap().report;
    // Whatever the recipe puts in place of a sensor, the protocol says for itself.
    let report = ran(Protocol::Emm, &model(&dataset, &[]), &dataset, "test");
    assert_eq!((report.missing.as_str(), report.seed, report.trials.len()), ("zeros", None, 3));
    assert!(report.stand_in.contains("colour (0 to 1)"), "{}", report.stand_in);
    for scored in &report.trials {
        assert_eq!(
            Some(scored.scores.clone()),
            evaluated
                .subsets
                .iter()
                .find(|subset| { subset.tag.is_empty() && subset.sensors == scored.scores.sensors })
                .map(uncounted)
        );
    }
    let mious: Vec<f64> = report.trials.iter().filter_map(|scored| scored.scores.miou).collect();
    let average = mious.iter().sum::<f64>() / 3.0;
    assert!((report.figures[0].miou.unwrap() - average).abs() < 1e-12);
}

#[test]
fn the_clean_trial_of_every_protocol_is_the_evaluation_of_all_sensors() {
    let (_folder, dataset) = opened();
    let model = model(&dataset, &[]);
    let evaluated = evaluate(&model, &dataset, "train", &mut |_, _| GO_ON).unwrap().report;
    for protocol in Protocol::ALL.into_iter().filter(|&protocol| protocol != Protocol::Heatnet) {
        let report = ran(protocol, &model, &dataset, "train");
        assert_eq!(report.clean(), Some(&uncounted(&evaluated.subsets[0])), "{}", protocol.word());
        assert_eq!(report.trials[0].trial, Trial::Clean);
        assert_eq!(report.figures, report.figures_of_trials());
        assert!(!report.figures.is_empty() && report.figures[0].miou.is_some(), "{}", protocol.word());
    }
}

#[test]
fn subsets_and_conditions_are_those_of_an_evaluation() {
    let (_folder, dataset) = opened();
    let model = model(&dataset, &[]);
    let evaluated = evaluate(&model, &dataset, "test", &mut |_, _| GO_ON).unwrap().report;
    let subsets = ran(Protocol::Subsets, &model, &dataset, "test");
    assert_eq!(subsets.figures[0].miou, evaluated.mean_of_subsets("").unwrap().miou);
    let conditions = ran(Protocol::Conditions, &model, &dataset, "test");
    let names: Vec<&str> = conditions.figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(names, ["avg", "day", "night"]);
    assert_eq!(conditions.figures[0].miou, evaluated.mean_of_tags(&["colour", "thermal"]).unwrap().miou);
}

#[test]
fn every_answer_stands_in_one_table() {
    let (_folder, dataset) = opened();
    let student = model(&dataset, &[]);
    assert!(student.network.needs_two());
    let asked =
        Asked { protocol: Protocol::Heads, model: &student, teacher: Some(&student), dataset: &dataset, split: "test" };
    let report = run_protocol(&asked, &mut |_| GO_ON, &mut |_, _| GO_ON).unwrap();
    let words: Vec<String> = report.trials.iter().map(|scored| scored.trial.words()).collect();
    let of_rules = ["both", "zeros", "copy", "branch"]
        .iter()
        .flat_map(|rule| ["colour", "thermal"].map(|sensor| format!("{sensor} alone, {rule}")));
    let first = ["all sensors", "own answer of colour, all sensors", "own answer of thermal, all sensors"];
    let expected: Vec<String> =
        first.map(str::to_owned).into_iter().chain(of_rules).chain(["teacher".to_owned()]).collect();
    assert_eq!(words, expected);
    let heads: Vec<&str> = report.trials[..3].iter().map(|scored| scored.scores.head.as_str()).collect();
    assert_eq!(heads, ["fused", "colour", "thermal"]);
    // The reading of OGP-Net-IR, and what an evaluation by that rule finds.
    let branch = model(&dataset, &[("inference.single", "branch")]);
    let evaluated = evaluate(&branch, &dataset, "test", &mut |_, _| GO_ON).unwrap().report;
    let alone = Trial::Alone { sensor: "thermal".to_owned(), single: "branch".to_owned() };
    assert_eq!(report.scores(&alone), evaluated.subset(&["thermal"]).map(uncounted).as_ref());
    // Here the teacher is the network itself.
    assert_eq!(report.scores(&Trial::Teacher).unwrap().miou, report.clean().unwrap().miou);
}

#[test]
fn the_labels_that_a_network_was_trained_on_have_a_row_of_their_own_among_its_heads() {
    /// Eight blocks of 128 pixels, two side by side.
    fn write(blocks: [[u8; 2]; 4], path: &Path) {
        let id = |x: u32, y: u32| blocks[y as usize / 8][x as usize / 16];
        GrayImage::from_fn(32, 32, |x, y| Luma([id(x, y)])).save(path).unwrap();
    }

    let (folder, one_scene) = opened();
    let labels = TempDir::new().unwrap();
    let train = folder.path().join("train");
    for ending in ["c", "t"] {
        std::fs::copy(train.join(format!("0day-{ending}.png")), train.join(format!("1night-{ending}.png"))).unwrap();
    }
    for id in ["0day", "1night"] {
        write([[0, 1], [0, 1], [0, 1], [255, 255]], &train.join(format!("{id}-l.png")));
    }
    write([[0, 0], [0, 0], [255, 1], [2, 2]], &labels.path().join("0day.png"));
    write([[1, 1], [1, 1], [1, 1], [1, 1]], &labels.path().join("1night.png"));
    // Else one of the two scenes would be held out.
    let settings = [("data.pseudo_labels", labels.path().to_str().unwrap()), ("data.hold_out", "0")];
    let model = model(&one_scene, &settings);
    let dataset = Arc::new(Dataset::open_for(folder.path(), &model.recipe, &mut unwatched).unwrap());
    let report = ran(Protocol::Heads, &model, &dataset, "test");

    let scores = &report.trials.last().unwrap().scores;
    assert_eq!(report.scores(&Trial::PseudoLabels), Some(scores), "behind all answers");
    assert_eq!((scores.head.as_str(), scores.scenes), ("pseudo-labels", 2));
    // Of eleven blocks that have a label and a truth, those right among those in either: 2 of 7 of class 0, 4 of 9 of
    // class 1. Class 2 is only where there is no truth.
    let classes: Vec<_> = scores.classes.iter().map(|class| (class.pixels, class.iou)).collect();
    assert_eq!(classes, [(6 * 128, Some(2.0 / 7.0)), (6 * 128, Some(4.0 / 9.0)), (0, None)]);
    assert!((scores.miou.unwrap() - 23.0 / 63.0).abs() < 1e-12, "{:?}", scores.miou);
    let figure = report.figures.last().unwrap();
    assert_eq!((figure.name.as_str(), figure.miou), ("pseudo-labels", scores.miou));
    let told = "of the training split, pseudo-labels beside the truth of 2 scenes: mIoU 36.5 % by ";
    assert!(report.warnings.iter().any(|words| words.starts_with(told) && words.contains("91.7 %")), "{report:?}");
    let table = protocol_table(&report);
    let row = table.lines().find(|line| line.starts_with("pseudo-labels ")).unwrap();
    assert!(row.split_whitespace().any(|cell| cell == "36.5"), "{table}");
}

#[test]
fn heatnet_asks_each_sensor_alone_on_every_condition() {
    let (_folder, dataset) = opened();
    let report = ran(Protocol::Heatnet, &model(&dataset, &[]), &dataset, "test");
    assert_eq!((report.convention.as_str(), report.missing.as_str()), ("heatnet", "drop"));
    let found: Vec<(String, &str)> =
        report.trials.iter().map(|scored| (scored.trial.words(), scored.scores.tag.as_str())).collect();
    assert_eq!(found.len(), 9);
    assert_eq!(found[1], ("colour alone, both".to_owned(), ""));
    assert_eq!(found[8], ("thermal alone, both".to_owned(), "night"));
}

#[test]
fn every_fitting_degradation_is_asked_at_five_severities() {
    let (_folder, dataset) = opened();
    let report = ran(Protocol::Severity, &model(&dataset, &[]), &dataset, "train");
    let curves = report.curves();
    let kinds =
        Degradation::of_kind(ModalityKind::Colour).count() + Degradation::of_kind(ModalityKind::Thermal).count();
    assert_eq!((curves.len(), report.figures.len()), (kinds, kinds + 1));
    assert_eq!(report.seed, Some(0));
    for curve in &curves {
        let severities: Vec<f32> = curve.points.iter().map(|point| point.severity).collect();
        assert_eq!(severities[0], 0.0);
        assert_eq!(severities[1..], SEVERITIES);
        assert_eq!(Some(curve.points[0].scores), report.clean());
    }
}

#[test]
fn figures_repeat_and_follow_from_what_was_predicted() {
    let (_folder, dataset) = opened();
    let model = model(&dataset, &[]);
    for protocol in [Protocol::Rmm, Protocol::Nm] {
        let mut counts: BTreeMap<usize, ConfusionMatrix> = BTreeMap::new();
        let asked = Asked { protocol, model: &model, teacher: None, dataset: &dataset, split: "test" };
        let report = run_protocol(
            &asked,
            &mut |predicted| {
                let count = counts.entry(predicted.place).or_insert_with(|| ConfusionMatrix::new(3));
                count.add(predicted.truth, predicted.ids);
                GO_ON
            },
            &mut |_, _| GO_ON,
        );
        let report = report.unwrap();
        assert_eq!(counts.len(), report.trials.len());
        for (place, count) in counts {
            let found = report.trials[place].scores.miou;
            assert_eq!(found, Convention::NanMean.mean_iou(&count, &dataset.classes));
        }
        let again = ran(protocol, &model, &dataset, "test");
        assert_eq!(ProtocolReport { secs: report.secs, ..again }, report);
    }
}

#[test]
fn a_protocol_ends_when_it_is_told_to() {
    let (_folder, dataset) = opened();
    let model = model(&dataset, &[]);
    let asked = Asked { protocol: Protocol::Nm, model: &model, teacher: None, dataset: &dataset, split: "test" };
    let mut passes = Vec::new();
    let stopped = run_protocol(&asked, &mut |_| GO_ON, &mut |done, total| {
        passes.push((done, total));
        if done == 5 { ControlFlow::Break(()) } else { GO_ON }
    });
    assert!(matches!(stopped, Err(EvaluationError::Stopped)));
    // Four trials of three scenes.
    assert_eq!(passes, [(0, 12), (1, 12), (2, 12), (3, 12), (4, 12), (5, 12)]);
}

/// Of n draws with probability r, r·n ± 5·√(n·r·(1 − r)) are hit, but for one case in two million.
#[test]
fn random_missing_takes_its_share_of_the_elements() {
    let count = 30_000;
    for share in [0.25, 0.5, 0.75] {
        let image = |scene| {
            let mut image = vec![1.5; count];
            hole(&mut image, "thermal", share, Streams::new(0), scene);
            image
        };
        let zeros = |image: &[f32]| image.iter().filter(|&&value| value == 0.0).count();
        let first = image(7);
        let width = 5.0 * (count as f64 * share * (1.0 - share)).sqrt();
        assert!((zeros(&first) as f64 - share * count as f64).abs() < width, "{}", zeros(&first));
        assert!(first.iter().all(|&value| value == 0.0 || value == 1.5));
        assert_eq!(first, image(7));
        assert_ne!(first, image(8));
    }
}

#[test]
fn noise_sets_as_many_elements_to_the_ends_as_it_says_and_spares_events_the_rest() {
    let values: Vec<f32> = (0..30_000).map(|place| place as f32 / 30_000.0 - 0.4).collect();
    let (smallest, largest) = (values[0], values[29_999]);
    for (level, count) in [(NoiseLevel::Low, 750), (NoiseLevel::Mid, 1500), (NoiseLevel::High, 3000)] {
        let mut events = values.clone();
        noise(&mut events, "event", ModalityKind::Event, level, Streams::new(0), 1);
        let at = |value: f32| events.iter().filter(|&&found| found == value).count();
        // Some places are drawn twice, and pepper falls on salt.
        let least = |count: usize| (f64::from(count as u32) * (1.0 - count as f64 / 30_000.0) * 0.9) as usize;
        assert!((least(count)..=count + 1).contains(&at(largest)), "{} of {count}", at(largest));
        assert!((least(count)..=count + 1).contains(&at(smallest)), "{} of {count}", at(smallest));
        let changed = events.iter().zip(&values).filter(|(found, value)| found != value).count();
        assert!(changed <= 2 * count && changed >= 2 * least(count) - 2, "{changed}");

        let mut others = vec![2.0; 30_000];
        noise(&mut others, "colour", ModalityKind::Colour, level, Streams::new(0), 1);
        let mean = others.iter().map(|&value| f64::from(value)).sum::<f64>() / 30_000.0;
        let variance = others.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / 30_000.0;
        assert!((mean - 2.0).abs() < 5.0 * level.deviation() / 30_000_f64.sqrt(), "{mean}");
        assert!((variance.sqrt() / level.deviation() - 1.0).abs() < 0.03, "{}", variance.sqrt());
    }
}

#[test]
fn a_flipped_look_sees_a_mirrored_scene_as_the_mirror_of_what_it_sees() {
    let (_folder, dataset) = opened();
    let plain = model(&dataset, &[]);
    let (sample, images) = scene_images(&plain, &dataset, "test", 0, &[0, 1]).unwrap();
    let (height, width) = (sample.height, sample.width);
    let ask = |settings: &[(&str, &str)], mirrored: bool| {
        let model = model(&dataset, settings);
        let images: Vec<_> =
            images.iter().map(|image| Some(if mirrored { image.clone().flip([3]) } else { image.clone() })).collect();
        let (head, map) = Sight::of(&model.recipe).ask(&model, &images, height, width).remove(0);
        let map = if mirrored { map.flip([3]) } else { map };
        (head, map.into_data().try_to_vec::<f32>().unwrap())
    };
    let differ = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    let both = [("evaluation.flip", "on"), ("evaluation.scales", "50,100,125")];
    let (head, seen) = ask(&both, false);
    assert_eq!(head, "fused");
    assert!(differ(&seen, &ask(&both, true).1) < 1e-5);
    // Without the flip the mirror image is another image.
    assert!(differ(&ask(&[], false).1, &ask(&[], true).1) > 1e-4);
    // Probabilities stay such.
    let sums: Vec<f32> =
        (0..height * width).map(|pixel| seen.iter().skip(pixel).step_by(height * width).sum()).collect();
    assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-4));
}

#[test]
fn several_looks_are_named_beside_the_convention() {
    let (_folder, dataset) = opened();
    let looking = model(&dataset, &[("evaluation.flip", "on"), ("evaluation.scales", "75,100")]);
    let report = evaluate(&looking, &dataset, "train", &mut |_, _| GO_ON).unwrap().report;
    assert_eq!(report.convention, "nanmean, scales 0.75 1, flipped");
    let protocol = ran(Protocol::All, &looking, &dataset, "train");
    assert_eq!(protocol.convention, report.convention);
    assert_eq!(protocol.clean(), Some(&uncounted(&report.subsets[0])));
}
