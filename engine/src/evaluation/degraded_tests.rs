//! What degraded sensors do to the figures of the demo model on the sample data.

use std::ops::ControlFlow;
use std::path::Path;

use burn::tensor::Device;

use super::*;
use crate::data::{DEGRADATION_SEED, Dataset, Degrader};
use crate::network::Model;
use crate::progress::unwatched;
use crate::protocol::{Degradation, Degraded};
use crate::recipe::catalogue::evaluation;
use crate::training::open_model;

const SCENES: usize = 6;

fn demo() -> (Model, Dataset) {
    let place = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    let (model, _) = open_model(&place("assets/demo.safetensors"), &Device::flex()).unwrap();
    (model, Dataset::open(&place("datasets-sample"), &mut unwatched).unwrap())
}

/// The mean IoU over a few scenes, all sensors present.
fn miou(model: &Model, dataset: &Dataset, what: &[Degraded]) -> f64 {
    let sensors = modality_indices(model, dataset).unwrap();
    let degrader = Degrader::new(dataset, &sensors, what, DEGRADATION_SEED).unwrap();
    let mut matrix = ConfusionMatrix::new(model.classes.len());
    for index in 0..SCENES {
        let sample = dataset.sample("val", index, &sensors).unwrap();
        let sample = degrader.degrade(dataset, "val", index, sample).unwrap();
        let images: Vec<_> = input_from_sample(model, &sample, index).unwrap().into_iter().map(Some).collect();
        let prediction = predict_scene(model, &images, sample.height, sample.width).unwrap().swap_remove(0);
        matrix.add(sample.label.as_ref().unwrap(), &prediction.ids);
    }
    model.recipe.get(evaluation::CONVENTION).mean_iou(&matrix, &model.classes).unwrap()
}

#[test]
fn figures_fall_as_severity_grows_whatever_happens_to_a_sensor() {
    let (model, dataset) = demo();
    let clean = miou(&model, &dataset, &[]);
    let (mut half, mut whole, mut count) = (0.0, 0.0, 0.0);
    for sensor in &model.sensors {
        for kind in Degradation::of_kind(sensor.kind) {
            let at = |severity| miou(&model, &dataset, &[Degraded { sensor: sensor.name.clone(), kind, severity }]);
            assert_eq!(at(0.0), clean, "{} of {}", kind.word(), sensor.name);
            let found = [at(0.5), at(1.0)];
            let words = format!("{} of {}: {clean}, {found:?}", kind.word(), sensor.name);
            // Six scenes leave some noise, and more light helps those by night.
            assert!(found[0] < clean + 0.05 && found[1] < clean + 0.01 && found[1] < found[0] + 0.03, "{words}");
            (half, whole, count) = (half + found[0], whole + found[1], count + 1.0);
        }
    }
    assert!(count > 30.0, "{count}");
    let (half, whole) = (half / count, whole / count);
    assert!(clean - half > 0.02 && half - whole > 0.02, "{clean}, on average {half} and {whole}");
}

#[test]
fn an_evaluation_says_what_it_degraded_and_what_does_not_fit_is_refused() {
    let (model, mut dataset) = demo();
    for split in &mut dataset.splits {
        split.samples.truncate(2);
    }
    let evaluated = |what: &[&str]| {
        let what: Vec<Degraded> = what.iter().map(|text| text.parse().unwrap()).collect();
        evaluate_degraded(&model, &dataset, "val", &what, &mut |_, _| ControlFlow::Continue(()))
    };
    let scores = |what: &[&str]| evaluated(what).unwrap().report;
    let (clean, dark) = (scores(&[]), scores(&["colour=blackout:1"]));
    assert!(clean.degraded.is_empty() && !serde_json::to_string(&clean).unwrap().contains("degraded"));
    assert_eq!(Degraded::words(&dark.degraded), "colour=blackout:1");
    assert!(dark.subsets[0].miou < clean.subsets[0].miou);
    let thermal = |report: &crate::protocol::EvaluationReport| report.subset(&["thermal"]).unwrap().miou;
    assert_eq!(thermal(&dark), thermal(&clean), "what is dropped is not missed");
    assert_eq!(scores(&["colour=fog:0"]).subsets, clean.subsets);
    let refused = evaluated(&["thermal=fog:0.5"]).unwrap_err().to_string();
    assert!(refused.contains("expected a sensor of the kind colour"), "{refused}");
}
