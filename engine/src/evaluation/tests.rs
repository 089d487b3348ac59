//! A whole evaluation on a handful of scenes, checked against its parts.

use std::ops::ControlFlow;
use std::path::Path;

use burn::tensor::Device;
use image::{GrayImage, Luma, Rgb, RgbImage};
use tempfile::TempDir;

use super::evaluate::evaluate_counting;
use super::*;
use crate::data::{Dataset, normalisation_for};
use crate::description::{DataShape, Description};
use crate::network::{Carried, Model, Network};
use crate::progress::unwatched;
use crate::protocol::{Evaluated, EvaluationReport, Phase, SubsetScores};
use crate::random::Streams;
use crate::readback::counted;
use crate::recipe::Recipe;

const MANIFEST: &str = r#"
version = 1
name = "few"
modalities = [
    { name = "colour", kind = "colour", pattern = "{split}/{id}-c.png" },
    { name = "thermal", kind = "thermal", pattern = "{split}/{id}-t.png" },
]
labels = { pattern = "{split}/{id}-l.png", names = ["wall", "floor", "walker"] }
splits = [{ name = "train" }, { name = "test" }]
tags = [{ name = "day", contains = "day" }, { name = "night", contains = "night" }]
"#;

/// Five scenes of unequal sizes, one of them without a counted pixel.
pub(super) fn few(folder: &Path) -> Dataset {
    std::fs::write(folder.join("dataset.toml"), MANIFEST).unwrap();
    for (split, id, width, height) in
        [("train", "0day", 32, 32), ("test", "0day", 40, 32), ("test", "1night", 32, 40), ("test", "2day", 33, 47)]
    {
        std::fs::create_dir_all(folder.join(split)).unwrap();
        let path = |what: &str| folder.join(split).join(format!("{id}-{what}.png"));
        RgbImage::from_fn(width, height, |x, y| Rgb([(x * 5) as u8, (y * 4) as u8, 90])).save(path("c")).unwrap();
        GrayImage::from_fn(width, height, |x, y| Luma([(x * y % 251) as u8])).save(path("t")).unwrap();
        let label = |x: u32, y: u32| if id == "2day" { 255 } else { ((x / 8 + y / 8) % 3) as u8 };
        GrayImage::from_fn(width, height, |x, y| Luma([label(x, y)])).save(path("l")).unwrap();
    }
    Dataset::open(folder, &mut unwatched).unwrap()
}

pub(super) fn model(dataset: &Dataset, settings: &[(&str, &str)]) -> Model {
    let mut recipe = Recipe::defaults("tiny");
    let small = [("encoder.family", "nano"), ("decoder.channels", "8"), ("decoder.skip_channels", "4")];
    for (key, value) in small.iter().chain(&[("decoder.rates", "1,2,3")]).chain(settings) {
        recipe.set_text(key, value).unwrap();
    }
    let sensors: Vec<String> = dataset.modalities.iter().map(|modality| modality.name.clone()).collect();
    let device = Device::flex();
    let network = Network::build(&recipe, &sensors, dataset.classes.len(), &Streams::new(3), &device).unwrap();
    Model {
        carried: Carried::new(),
        normalisations: dataset.modalities.iter().map(|modality| normalisation_for(&recipe, modality)).collect(),
        sensors: dataset.modalities.clone(),
        classes: dataset.classes.clone(),
        colours: dataset.colours.clone(),
        phase: Phase::Student,
        step: 9,
        teacher: None,
        changed: Vec::new(),
        recipe,
        network,
        device,
    }
}

fn evaluated(dataset: &Dataset, settings: &[(&str, &str)]) -> EvaluationReport {
    evaluate(&model(dataset, settings), dataset, "test", &mut |_, _| ControlFlow::Continue(())).unwrap().report
}

#[test]
fn every_subset_is_scored_on_the_whole_split_and_by_tag() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    let report = evaluated(&dataset, &[]);
    let found: Vec<(String, &str, u64)> =
        report.subsets.iter().map(|scores| (scores.sensors.join("+"), scores.tag.as_str(), scores.scenes)).collect();
    let expected = [("", 3), ("day", 2), ("night", 1)]
        .into_iter()
        .flat_map(|(tag, scenes)| ["colour+thermal", "colour", "thermal"].map(|s| (s.to_owned(), tag, scenes)));
    assert_eq!(found, expected.collect::<Vec<_>>());
    assert_eq!((report.step, report.split.as_str(), report.convention.as_str()), (9, "test", "nanmean"));
    // The scene without a counted pixel adds none.
    assert_eq!(report.subsets[0].confusion.iter().sum::<u64>(), 2 * 40 * 32);
    for whole in &report.subsets[..3] {
        let parts = report.subsets[3..].iter().filter(|part| part.sensors == whole.sensors);
        let sums = parts.fold(vec![0; 9], |sums, part| sums.iter().zip(&part.confusion).map(|(a, b)| a + b).collect());
        assert_eq!(sums, whole.confusion);
    }
}

#[test]
fn the_matrix_is_the_sum_of_the_scenes_predictions() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    let model = model(&dataset, &[]);
    let mut matrix = ConfusionMatrix::new(3);
    for index in 0..3 {
        let (sample, images) = scene_images(&model, &dataset, "test", index, &[0, 1]).unwrap();
        let inputs = [None, Some(images[1].clone())];
        let prediction = predict_scene(&model, &inputs, sample.height, sample.width).unwrap().remove(0);
        matrix.add(&sample.label.unwrap(), &prediction.ids);
    }
    let report = evaluated(&dataset, &[]);
    let thermal = report.subset(&["thermal"]).unwrap();
    assert_eq!(thermal.confusion, matrix.counts());
    assert_eq!(thermal.miou, Convention::NanMean.mean_iou(&matrix, &dataset.classes));
}

#[test]
fn a_device_that_is_waited_for_is_so_once_a_scene_and_counts_what_the_host_does() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    let both = |further: &str| {
        let model = model(&dataset, &[("evaluation.further", further)]);
        [false, true].map(|is_waited_for| {
            let mut go = |_, _| ControlFlow::Continue(());
            let run = || evaluate_counting(&model, &dataset, "test", &[], is_waited_for, &mut go).unwrap();
            let (mut evaluated, waits) = counted(run);
            evaluated.report.secs = 0.0;
            (evaluated, waits)
        })
    };
    let [(on_the_host, each), (on_the_device, at_once)] = both("off");
    assert_eq!(on_the_device, on_the_host);
    assert!(on_the_host.report.subsets[0].confusion.iter().sum::<u64>() > 0);
    // Three scenes with three subsets of the sensors; what the network itself waits for is the same.
    assert_eq!(each - at_once, 3 * 2, "{each} and {at_once} waits");
    // Further figures need the answers themselves.
    let [(here, each), (there, at_once)] = both("on");
    assert_eq!((there, at_once), (here, each));
}

#[test]
fn the_counts_of_all_scenes_sum_up_to_the_reports_whole_and_by_tag() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    std::fs::write(folder.path().join("test/1night-t.png"), b"no picture").unwrap();
    let model = model(&dataset, &[]);
    let Evaluated { report, scenes } =
        evaluate(&model, &dataset, "test", &mut |_, _| ControlFlow::Continue(())).unwrap();
    let scenes = scenes.unwrap();
    // One without a counted pixel is counted all the same, one that could not be read is not.
    assert_eq!(scenes.scenes.iter().map(|scene| scene.id.as_str()).collect::<Vec<_>>(), ["0day", "2day"]);
    assert_eq!((scenes.subsets.len(), scenes.classes.as_slice()), (3, dataset.classes.as_slice()));
    assert!(report.subsets.iter().any(|scores| scores.tag == "day"));
    for scores in &report.subsets {
        let counts = scenes.subset(&scores.sensors).unwrap();
        let mut sum = ConfusionMatrix::new(3);
        for (place, scene) in scenes.scenes.iter().enumerate() {
            if scores.tag.is_empty() || scene.tags.contains(&scores.tag) {
                sum.add_cells(counts.scene(place), 1);
            }
        }
        assert_eq!(sum.counts(), scores.confusion, "{:?} {}", scores.sensors, scores.tag);
        assert_eq!(counts.scenes(), scores.scenes as usize);
    }
}

#[test]
fn a_report_says_what_a_scene_costs_as_a_description_counts_it() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    let model = model(&dataset, &[]);
    let sensors = model.sensors.iter().map(|sensor| sensor.name.clone()).collect();
    let data = DataShape { sensors, classes: 3, size: [32, 40] };
    let described = Description::of(&model.recipe, &data).unwrap();
    let cost = evaluated(&dataset, &[]).cost.unwrap();
    assert_eq!(cost.size, [32, 40]);
    assert_eq!(cost.parameters, described.trained() as u64);
    assert_eq!(cost.multiply_adds, described.cost() as u64);
}

#[test]
fn a_report_says_what_a_network_for_two_did_with_one_sensor() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    for single in ["both", "copy", "branch"] {
        let report = evaluated(&dataset, &[("inference.single", single)]);
        assert_eq!(report.single, single);
        assert!(
            table_text(&report).contains(&format!("missing sensors: drop, one alone by `inference.single` {single}"))
        );
    }
    for settings in [("fusion.kind", "average"), ("evaluation.missing", "zeros")] {
        let report = evaluated(&dataset, &[settings]);
        assert!(report.single.is_empty() && !table_text(&report).contains("inference.single"), "{settings:?}");
    }
}

#[test]
fn ways_of_missing_change_the_subsets_and_leave_all_sensors_alone() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    let drop = evaluated(&dataset, &[]);
    let mut seen = vec![drop.subset(&["colour"]).unwrap().confusion.clone()];
    for missing in ["zeros", "black", "mean"] {
        let report = evaluated(&dataset, &[("evaluation.missing", missing)]);
        assert_eq!(report.missing, missing);
        assert_eq!(report.subsets[0], drop.subsets[0], "{missing}");
        seen.push(report.subset(&["colour"]).unwrap().confusion.clone());
    }
    seen.sort();
    seen.dedup();
    assert!(seen.len() > 2, "the ways of missing gave the same predictions");
}

#[test]
fn a_broken_scene_is_left_out_with_a_warning_and_only_broken_ones_are_an_error() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    std::fs::write(folder.path().join("test/0day-t.png"), b"no picture").unwrap();
    let report = evaluated(&dataset, &[]);
    assert_eq!(report.subsets[0].scenes, 2);
    assert!(report.warnings.len() == 1 && report.warnings[0].contains("0day-t.png"), "{:?}", report.warnings);
    for id in ["1night", "2day"] {
        std::fs::write(folder.path().join(format!("test/{id}-c.png")), b"").unwrap();
    }
    let refused = evaluate(&model(&dataset, &[]), &dataset, "test", &mut |_, _| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(EvaluationError::NothingUsable { scenes: 3, .. })), "{refused:?}");
}

#[test]
fn of_many_broken_training_scenes_few_are_named_and_the_others_counted() {
    let folder = TempDir::new().unwrap();
    few(folder.path());
    for scene in 0..30 {
        for what in ["c", "t", "l"] {
            std::fs::write(folder.path().join(format!("train/{scene:02}night-{what}.png")), b"no picture").unwrap();
        }
    }
    let all = crate::data::Reading { hold_out: 0.0, ..crate::data::Reading::default() };
    let dataset = Dataset::open(folder.path(), &mut unwatched).and_then(|dataset| dataset.read_as(&all)).unwrap();
    let mut goes_on = |_, _| ControlFlow::Continue(());
    let (means, said) = mean_images(&model(&dataset, &[]), &dataset, &mut goes_on).unwrap();
    assert_eq!((means.len(), said.len()), (2, 21));
    assert!(said[20].starts_with("10 further training scenes were left out"), "{}", said[20]);
}

#[test]
fn a_network_is_not_asked_about_other_sensors_or_classes() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = few(folder.path());
    let model = model(&dataset, &[]);
    assert_eq!(fitting_sensors(&model, &dataset).unwrap(), [0, 1]);

    let mut renamed = dataset.clone();
    renamed.classes[1] = "another".to_owned();
    let message = fitting_sensors(&model, &renamed).unwrap_err().to_string();
    assert!(message.contains("class 1") && message.contains("`another`"), "{message}");
    let mut fewer = dataset.clone();
    fewer.classes.pop();
    assert!(matches!(fitting_sensors(&model, &fewer), Err(EvaluationError::Classes { .. })));
    let mut blind = dataset.clone();
    blind.modalities.truncate(1);
    assert!(matches!(fitting_sensors(&model, &blind), Err(EvaluationError::Data(_))));
    let mut unlabelled = dataset.clone();
    unlabelled.classes.clear();
    assert!(fitting_sensors(&model, &unlabelled).is_ok());
}

#[test]
fn other_classes_unknown_splits_and_a_wish_to_stop_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    let go = &mut |_, _| ControlFlow::Continue(());
    let model = model(&dataset, &[]);
    let mut other = dataset.clone();
    other.classes.pop();
    assert!(matches!(
        evaluate(&model, &other, "test", go),
        Err(EvaluationError::Classes { expected: 3, found: 2, .. })
    ));
    assert!(matches!(evaluate(&model, &dataset, "val", go), Err(EvaluationError::Data(_))));
    let mut told = Vec::new();
    let stopped = evaluate(&model, &dataset, "test", &mut |done, total| {
        // It is asked more often than scenes are done.
        if told.last() != Some(&(done, total)) {
            told.push((done, total));
        }
        if done == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(EvaluationError::Stopped)));
    assert_eq!(told, [(0, 3), (1, 3), (2, 3)]);
}

#[test]
fn fusion_images_are_measured_with_all_sensors_where_the_network_makes_some() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    assert_eq!(evaluated(&dataset, &[]).fusion_image, None);
    // A missing sensor that is replaced must not count as present.
    for missing in ["drop", "zeros"] {
        let report = evaluated(&dataset, &[("fusion_image", "on"), ("evaluation.missing", missing)]);
        let scores = report.fusion_image.clone().unwrap();
        assert_eq!(scores.scenes, 3);
        let [low, _, median, _, high] = scores.entropy.quartiles;
        assert!(0.0 <= low && low <= median && median <= high && high <= 8.0, "{scores:?}");
        assert!(scores.correlations_of_differences.mean.abs() <= 2.0, "{scores:?}");
        let written = serde_json::to_value(&report).unwrap();
        assert_eq!(written["fusion_image"]["entropy"]["mean"], scores.entropy.mean);
    }
}

#[test]
fn every_scene_keeps_its_fusion_images_figures_of_which_the_report_has_the_mean() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    let model = model(&dataset, &[("fusion_image", "on")]);
    let Evaluated { report, scenes } =
        evaluate(&model, &dataset, "test", &mut |_, _| ControlFlow::Continue(())).unwrap();
    let scenes = scenes.unwrap().scenes;
    let figures: Vec<_> = scenes.iter().filter_map(|scene| scene.fusion_image).collect();
    assert_eq!((scenes.len(), figures.len()), (3, 3));
    let mean = figures.iter().map(|figures| figures.spatial_frequency).sum::<f64>() / 3.0;
    let expected = report.fusion_image.unwrap().spatial_frequency.mean;
    assert!((mean - expected).abs() < 1e-12 * expected.abs(), "{mean}, expected {expected}");
    assert_eq!(fusion_image_csv(&scenes).unwrap().lines().count(), 4);
}

#[test]
fn further_figures_are_counted_by_subset_and_tag_unless_they_are_not_wished_for() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    let report = evaluated(&dataset, &[]);
    let bins = |scores: &SubsetScores| scores.further.as_ref().unwrap().reliability.clone();
    for scores in &report.subsets {
        let further = scores.further.as_ref().unwrap();
        let counted: u64 = bins(scores).iter().map(|bin| bin.pixels).sum();
        let right: u64 = bins(scores).iter().map(|bin| bin.right).sum();
        assert_eq!(counted, scores.confusion.iter().sum::<u64>(), "{:?} {}", scores.sensors, scores.tag);
        assert_eq!(right, (0..3).map(|class| scores.confusion[class * 3 + class]).sum::<u64>());
        assert!(further.calibration_error.is_some_and(|error| (0.0..=1.0).contains(&error)), "{further:?}");
        for (class, scores) in further.classes.iter().zip(&scores.classes) {
            assert_eq!(class.boundary_iou.is_some(), scores.iou.is_some(), "{further:?}");
            assert_eq!(class.average_precision.is_some(), scores.accuracy.is_some(), "{further:?}");
        }
    }
    // Bins of the tags sum up to those of the whole split; the one scene by night is not the whole.
    for whole in &report.subsets[..3] {
        for (place, bin) in bins(whole).iter().enumerate() {
            let parts = report.subsets[3..].iter().filter(|part| part.sensors == whole.sensors);
            assert_eq!(parts.map(|part| bins(part)[place].pixels).sum::<u64>(), bin.pixels);
        }
    }
    let without = evaluated(&dataset, &[("evaluation.further", "off")]);
    let strip = |scores: &SubsetScores| SubsetScores { further: None, ..scores.clone() };
    assert_eq!(without.subsets, report.subsets.iter().map(strip).collect::<Vec<_>>());
    assert!(!serde_json::to_string(&without).unwrap().contains("further"));
}

#[test]
fn reports_with_and_without_further_figures_come_back_from_json() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    let report = evaluated(&dataset, &[]);
    let mut value = serde_json::to_value(&report).unwrap();
    assert_eq!(serde_json::from_value::<EvaluationReport>(value.clone()).unwrap(), report);
    // As a program wrote it that knew none of them.
    for subset in value["subsets"].as_array_mut().unwrap() {
        assert!(subset.as_object_mut().unwrap().remove("further").is_some());
    }
    let old: EvaluationReport = serde_json::from_value(value).unwrap();
    assert!(old.subsets.iter().all(|scores| scores.further.is_none() && scores.boundary_iou().is_none()));
    assert!(!table_text(&old).contains("bIoU") && table_text(&report).contains("bIoU"));
}

#[test]
fn figures_say_by_which_settings_a_network_was_asked_otherwise_than_it_was_trained() {
    let folder = TempDir::new().unwrap();
    let dataset = few(folder.path());
    let mut model = model(&dataset, &[]);
    let trained = model.recipe.clone();
    let mut asked = trained.clone();
    asked.set_text("inference.single", "branch").unwrap();
    asked.set_text("objective.contrast.weight", "0.9").unwrap();
    model.ask_by(asked);
    let report = evaluate(&model, &dataset, "test", &mut |_, _| ControlFlow::Continue(())).unwrap().report;
    let said: Vec<String> = report.changed.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["inference.single both → branch after step 9"]);
    model.ask_by(trained);
    assert!(model.changed.is_empty(), "{:?}", model.changed);
}
