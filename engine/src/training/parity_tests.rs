//! What a graphics adapter computes beside the CPU, method by method.
//!
//! Every comparison begins at a checkpoint of the CPU that both take up, so that nothing adds up over steps. Kernels are
//! compiled once a process: one test has all methods.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};

use super::combination_tests::{data, shrunk};
use super::{Checkpoint, Trainer};
use crate::data::Dataset;
use crate::device::{DeviceChoice, choose, tuned_kernels};
use crate::evaluation::evaluate;
use crate::fixtures::{Need, skip};
use crate::inspection::{FeatureRequest, gather, offered_features, scene_view};
use crate::kernels::{Geometry, attention, convolve, in_halves};
use crate::network::Model;
use crate::network::layers::Init;
use crate::progress::unwatched;
use crate::protocol::{FIGURES, Phase, Pixels, SceneView, StepReport, Tile, ViewRequest};
use crate::random::Streams;
use crate::readback::{self, counted};
use crate::recipe::catalogue::evaluation::FURTHER;
use crate::recipe::catalogue::training::{PRECISION, Precision};
use crate::recipe::{Readable as _, preset};

/// Every method, as the preset that shows it.
const METHODS: [&str; 7] = [
    "single-demo",
    "baseline-demo",
    "ogp-net-demo",
    "smmcl-demo",
    "any2seg-demo",
    "amdanet-demo",
    "cross-spectral-uda-demo",
];
/// Maps that ask the network once for each window of a picture.
const MANY_PASSES: [&str; 2] = ["explain.occlusion", "explain.region"];
const SPLIT: &str = "val";

/// What is compared, in what unit, and how far it may be apart: three times or more what was measured on a software
/// adapter (`engine/benches/README.md`).
const MEASURES: [(&str, f64); 9] = [
    // Losses and other figures of a step, relative where they are larger than 0.01.
    ("figures", 5e-3),
    // The optimiser's first moments, which are the gradients: length of the difference by length.
    ("gradients", 5e-3),
    // The same of its second moments, whose numbers are squares and so differ by twice as much.
    ("squares", 1e-2),
    // The same of what a step changed in the weights, where AdamW turns a gradient of nearly 0 into a whole step.
    ("update", 0.1),
    // Running means and variances.
    ("running", 3e-4),
    // The state of MFF and prototypes.
    ("carried", 1e-4),
    // Share of pixels that an evaluation counted elsewhere in its confusion matrices.
    ("counts", 1e-3),
    // Share of the pictures and numbers of a scene that are apart by more than `APART`: those that tell which of two equal
    // values is larger may be.
    ("views", 0.02),
    ("features", 1e-4),
];

/// How far two pictures may be apart: the mean difference of their bytes by the range, or the share of other classes; two
/// numbers, by their size where that is above 0.1.
const APART: f64 = 2e-2;

/// The worst difference of each measure, and where it was.
#[derive(Default)]
struct Worst(BTreeMap<&'static str, (f64, String)>);

impl Worst {
    fn see(&mut self, measure: &'static str, difference: f64, place: impl FnOnce() -> String) {
        let known = self.0.get(measure).map_or(-1.0, |(known, _)| *known);
        // What is no number is the worst of all, and stays.
        if !known.is_nan() && (difference.is_nan() || difference > known) {
            self.0.insert(measure, (difference, place()));
        }
    }
}

/// Length of the difference of two lists by the length of `of`; 0 where both are 0.
fn apart(found: &[f32], expected: &[f32], of: f64) -> f64 {
    assert_eq!(found.len(), expected.len());
    let square = |(a, b): (&f32, &f32)| (f64::from(*a) - f64::from(*b)).powi(2);
    let difference = found.iter().zip(expected).map(square).sum::<f64>().sqrt();
    if difference == 0.0 { 0.0 } else { difference / of }
}

fn length(numbers: &[f32]) -> f64 {
    numbers.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>().sqrt()
}

type Tensors = BTreeMap<String, TensorData>;

/// All numbers of those tensors whose names are wanted, one behind the other.
fn numbers(tensors: &Tensors, wanted: impl Fn(&str) -> bool) -> Vec<f32> {
    tensors
        .iter()
        .filter(|(name, _)| wanted(name))
        .flat_map(|(_, data)| data.iter::<f32>().collect::<Vec<_>>())
        .collect()
}

fn resumed(checkpoint: &Checkpoint, dataset: &Arc<Dataset>, (device, words): &(Device, String)) -> Trainer {
    Trainer::resume(checkpoint, dataset, (device.clone(), words.clone()), Path::new("run"), &mut unwatched).unwrap()
}

fn compare_steps(worst: &mut Worst, [found, expected]: [&StepReport; 2]) {
    let names = |report: &StepReport| report.terms.iter().map(|term| term.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(found), names(expected));
    for (found, expected) in found.terms.iter().zip(&expected.terms) {
        let difference = f64::from((found.value - expected.value).abs() / expected.value.abs().max(0.01));
        worst.see("figures", difference, || format!("{}: {} for {}", expected.name, found.value, expected.value));
    }
}

fn compare_states(worst: &mut Worst, before: &Checkpoint, [found, expected]: [&Checkpoint; 2]) {
    // The last step of the teacher's phase leaves it frozen, beside a student that begins.
    let trained = |checkpoint: &Checkpoint| match &checkpoint.teacher {
        Some((_, teacher)) if before.state.phase == Phase::Teacher => teacher.clone(),
        _ => checkpoint.network.clone(),
    };
    let [after, reference] = [found, expected].map(trained);
    for (measure, runs) in [("update", false), ("running", true)] {
        let is_asked = |name: &str| name.contains("running") == runs && after.contains_key(name);
        let of = |tensors: &Tensors| numbers(tensors, is_asked);
        let (found, expected, before) = (of(&after), of(&reference), of(&before.network));
        let moved = apart(&expected, &before, 1.0);
        worst.see(measure, apart(&found, &expected, moved), || "all".to_owned());
    }
    for (measure, kind) in [("gradients", "first/"), ("gradients", "momentum/"), ("squares", "second/")] {
        let [found, expected] = [found, expected].map(|of| numbers(&of.optimiser, |name| name.starts_with(kind)));
        worst.see(measure, apart(&found, &expected, length(&expected)), || kind.to_owned());
    }
    assert_eq!(found.carried.keys().collect::<Vec<_>>(), expected.carried.keys().collect::<Vec<_>>());
    for name in expected.carried.keys() {
        let [found, expected] = [found, expected].map(|of| numbers(&of.carried, |other| other == name));
        worst.see("carried", apart(&found, &expected, length(&expected)), || name.clone());
    }
}

/// Pixels that the host counts, and without further figures those that the adapter does.
fn compare_evaluations(worst: &mut Worst, dataset: &Dataset, models: [&Model; 2]) {
    for further in [true, false] {
        let [found, expected] = models.map(|model| {
            let mut asked = model.clone();
            asked.recipe.put(FURTHER, further).unwrap();
            evaluate(&asked, dataset, SPLIT, &mut |_, _| ControlFlow::Continue(())).unwrap().report
        });
        assert_eq!(found.subsets.len(), expected.subsets.len());
        for (found, expected) in found.subsets.iter().zip(&expected.subsets) {
            assert_eq!((&found.sensors, &found.head), (&expected.sensors, &expected.head));
            let all: u64 = expected.confusion.iter().sum();
            assert_eq!(found.confusion.iter().sum::<u64>(), all, "no pixel is lost");
            let moved: u64 = found.confusion.iter().zip(&expected.confusion).map(|(a, b)| a.abs_diff(*b)).sum();
            worst.see("counts", moved as f64 / 2.0 / all as f64, || expected.sensors.join(" + "));
        }
    }
}

/// How far two pictures of the same are apart.
fn pictures_apart(found: &Pixels, expected: &Pixels) -> f64 {
    let bytes = |a: &[u8], b: &[u8], apart: fn(u8, u8) -> f64| {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).map(|(&a, &b)| apart(a, b)).sum::<f64>() / a.len().max(1) as f64
    };
    let by_size = |a: u8, b: u8| f64::from(a.abs_diff(b)) / 255.0;
    let by_class = |a: u8, b: u8| f64::from(u8::from(a != b));
    match (found, expected) {
        (Pixels::Rgba(a), Pixels::Rgba(b)) => bytes(a, b, by_size),
        (Pixels::Labels { ids: a, confidence: c }, Pixels::Labels { ids: b, confidence: d }) => {
            bytes(a, b, by_class).max(bytes(c, d, by_size))
        }
        (Pixels::Categories { ids: a, .. }, Pixels::Categories { ids: b, .. })
        | (Pixels::Errors(a), Pixels::Errors(b)) => bytes(a, b, by_class),
        (Pixels::Scalar { values: a, low: la, high: ha, .. }, Pixels::Scalar { values: b, low: lb, high: hb, .. }) => {
            // A map that is the same everywhere is stretched over all bytes by its rounding errors.
            let size = f64::from(lb.abs().max(hb.abs()).max(1e-6));
            let ends = f64::from((la - lb).abs().max((ha - hb).abs())) / size;
            let is_flat = f64::from(hb - lb) < 1e-4 * size;
            if is_flat { ends } else { ends.max(bytes(a, b, by_size)) }
        }
        _ => f64::NAN,
    }
}

fn compare_views(worst: &mut Worst, dataset: &Dataset, models: [&Model; 2]) -> usize {
    let plain = ViewRequest { split: SPLIT.to_owned(), ..ViewRequest::default() };
    let mut watched = scene_view(Some(models[1]), dataset, &plain, &[]).unwrap().offered;
    watched.retain(|name| !MANY_PASSES.iter().any(|of| name.starts_with(of)));
    watched.push(FIGURES.to_owned());
    let request = ViewRequest { watched, ..plain };
    let [found, expected]: [SceneView; 2] =
        models.map(|model| scene_view(Some(model), dataset, &request, &[]).unwrap());
    let contents = |view: &SceneView| view.tiles.iter().map(|tile| tile.content.clone()).collect::<Vec<_>>();
    assert_eq!(contents(&found), contents(&expected));
    let pictures = expected.tiles.iter().zip(&found.tiles).map(|(Tile { content, frame }, tile)| {
        (pictures_apart(&tile.frame.pixels, &frame.pixels), format!("{content:?}"))
    });
    let figures = expected.figures.iter().zip(&found.figures).map(|((name, expected), (_, found))| {
        let both_none = found.is_nan() && expected.is_nan();
        let difference = if both_none { 0.0 } else { f64::from((found - expected).abs() / expected.abs().max(0.1)) };
        (difference, format!("{name}: {found} for {expected}"))
    });
    let all: Vec<(f64, String)> = pictures.chain(figures).collect();
    let is_apart = |difference: f64| difference.is_nan() || difference > APART;
    let differing: Vec<&str> = all.iter().filter(|(by, _)| is_apart(*by)).map(|(_, what)| what.as_str()).collect();
    worst.see("views", differing.len() as f64 / all.len() as f64, || differing.join("; "));
    all.len()
}

/// The first and the last place in the network that vectors can be gathered of.
fn compare_features(worst: &mut Worst, dataset: &Dataset, models: [&Model; 2]) {
    let offered = offered_features(models[1], dataset, SPLIT, &[]).unwrap();
    for features in [offered.first(), offered.last()].into_iter().flatten() {
        let request = FeatureRequest {
            features: features.clone(),
            split: SPLIT.to_owned(),
            scenes: vec![0],
            points: 64,
            seed: 1,
            dropped: Vec::new(),
        };
        let [found, expected] = models
            .map(|model| gather(model, dataset, &request, &mut |_, _| ControlFlow::Continue(())).unwrap().numbers);
        worst.see("features", apart(&found, &expected, length(&expected)), || features.clone());
    }
}

/// Convolutions of 1×1 places, over many of them and few, and attention: results and gradients on a device, in single
/// precision and in 16 bits.
fn products(device: &Device) -> Vec<(String, [Vec<f32>; 2])> {
    let tape = device.clone().autodiff();
    let streams = Streams::new(5);
    let init = Init::new(&streams, &tape);
    let drawn = |name: &str, shape: [usize; 4]| init.at(name).normal::<4>(shape, 1.0).require_grad();
    let floats = |tensor: Tensor<4>| readback::numbers(tensor.reshape([-1]));
    let mut found = Vec::new();
    let mut compute = |what: &str, parts: &[Tensor<4>], run: &dyn Fn(&[Tensor<4>]) -> Tensor<4>| {
        let [full, halves] = [false, true].map(|halves| {
            let made = if halves { in_halves(|| run(parts)) } else { run(parts) };
            let weighed = made.clone() * drawn("gradient", made.dims()).detach();
            let gradients = weighed.sum().backward();
            let of_parts = parts.iter().map(|part| floats(part.grad(&gradients).unwrap()));
            std::iter::once(floats(made.inner())).chain(of_parts).collect::<Vec<_>>()
        });
        let pairs = full.into_iter().zip(halves).enumerate();
        found.extend(pairs.map(|(place, (full, halves))| (format!("{what}, {place}"), [full, halves])));
    };
    for (batch, input, output, size) in [(2, 24, 32, [60, 80]), (1, 512, 40, [4, 6])] {
        let (x, weight) = (drawn("x", [batch, input, size[0], size[1]]), drawn("weight", [output, input, 1, 1]));
        let geometry =
            Geometry { batch, input, output, size, kernel: [1; 2], stride: 1, dilation: 1, padding: [(0, 0); 2] };
        compute(&format!("{input} to {output} channels"), &[x, weight], &|parts| {
            convolve(parts[0].clone(), parts[1].clone(), geometry)
        });
    }
    let parts = [("query", 96), ("key", 24), ("value", 24)].map(|(name, places)| drawn(name, [2, 3, 16, places]));
    compute("attention", &parts, &|parts| attention(parts[0].clone(), parts[1].clone(), parts[2].clone()));
    found
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
#[ignore = "takes a minute on a software adapter, so `.ci/run` runs it alone"]
fn a_graphics_adapter_in_mixed_precision_computes_as_the_cpu_does() {
    let test = "a_graphics_adapter_in_mixed_precision_computes_as_the_cpu_does";
    let Ok(card) = choose(DeviceChoice::Gpu(0)) else {
        return skip(test, Need::Window, "a graphics adapter that may train (FUSIONSCOPE_SOFTWARE_ADAPTER=train)");
    };
    let (_folder, dataset) = data();
    let cpu = choose(DeviceChoice::Cpu).unwrap();
    for ((what, on_card), (_, on_cpu)) in products(&card.0).iter().zip(&products(&cpu.0)) {
        let far = |a: &Vec<f32>, b: &Vec<f32>| apart(a, b, length(b));
        // As far as one rounding takes a product from single precision, however long its sums are; and what falls on its
        // other side on the CPU.
        let ([full, halves], [_, expected]) = (on_card, on_cpu);
        let (by_rounding, by_device) = (far(halves, full), far(halves, expected));
        println!("{what}: {by_rounding:.1e} from single precision, {by_device:.1e} from the CPU");
        assert!((1e-4..1e-3).contains(&by_rounding) && by_device < 1e-4, "{what}: {by_rounding:e}, {by_device:e}");
    }
    // In a whole step that adds up from layer to layer, and norms over the few places of such small maps magnify it a
    // thousandfold, as they do with the last bits in single precision.
    for method in ["any2seg-demo", "baseline-demo"] {
        let recipe = shrunk(preset(method).unwrap());
        let mut on_cpu = Trainer::new(&recipe, &dataset, cpu.clone(), &mut unwatched).unwrap();
        on_cpu.step().unwrap();
        let before = on_cpu.checkpoint();
        let mut on_card = resumed(&before, &dataset, &card);
        on_card.step().unwrap();
        assert!(!on_card.compiles());
        // Switched while the run trains, it holds from the next step on.
        let mut on_card = resumed(&before, &dataset, &card);
        for trainer in [&mut on_card, &mut on_cpu] {
            trainer.set(PRECISION.id(), &Precision::Mixed.into_value()).unwrap();
        }
        assert!(on_card.compiles(), "{method}: other kernels are prepared");
        let [found, expected] = [&mut on_card, &mut on_cpu].map(|trainer| trainer.step().unwrap());
        assert_eq!(found.term("loss_scale"), expected.term("loss_scale"));
        let total = |report: &StepReport| f64::from(report.term("total").unwrap());
        let moments = |trainer: &Trainer| numbers(&trainer.checkpoint().optimiser, |name| name.starts_with("first/"));
        let by_loss = (total(&found) - total(&expected)).abs() / total(&expected);
        let by_gradient = apart(&moments(&on_card), &moments(&on_cpu), length(&moments(&on_cpu)));
        println!("{method} in mixed precision: losses {by_loss:.1e}, gradients {by_gradient:.1e} apart");
        assert!(by_loss < 1e-3 && by_gradient < 0.5, "{method}: {by_loss:e}, {by_gradient:e}");
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the table is what it is run for")]
#[ignore = "takes minutes on a software adapter, so `.ci/run` runs it alone"]
fn a_graphics_adapter_computes_every_method_as_the_cpu_does() {
    let test = "a_graphics_adapter_computes_every_method_as_the_cpu_does";
    let Ok(card) = choose(DeviceChoice::Gpu(0)) else {
        return skip(test, Need::Window, "a graphics adapter that may train (FUSIONSCOPE_SOFTWARE_ADAPTER=train)");
    };
    let cpu = choose(DeviceChoice::Cpu).unwrap();
    let (_folder, dataset) = data();
    let begun = Instant::now();
    let mut faults = Vec::new();
    let head: String = MEASURES.iter().map(|(name, _)| format!("{name:>11}")).collect();
    println!("{} beside {}", card.1, cpu.1);
    println!("{:24}{head}{:>7}{:>7}{:>9}{:>7}", "method", "steps", "waits", "views of", "secs");
    for method in METHODS {
        let began = Instant::now();
        let recipe = shrunk(preset(method).unwrap());
        let mut on_cpu = Trainer::new(&recipe, &dataset, cpu.clone(), &mut unwatched).unwrap();
        let (mut worst, mut steps, mut most_waits) = (Worst::default(), 0, 0);
        while !on_cpu.is_done() {
            let before = on_cpu.checkpoint();
            let mut on_card = resumed(&before, &dataset, &card);
            let mut ready = Vec::new();
            let mut progress = |_: &str, done, total| {
                ready.push((done, total));
                ControlFlow::Continue(())
            };
            let (step, waits) = counted(|| on_card.step_watched(&mut progress).unwrap());
            assert_eq!(ready, [(0, 4), (1, 4), (2, 4), (3, 4)], "{method}: a first step tells which parts are ready");
            most_waits = most_waits.max(waits);
            compare_steps(&mut worst, [&step, &on_cpu.step().unwrap()]);
            compare_states(&mut worst, &before, [&on_card.checkpoint(), &on_cpu.checkpoint()]);
            steps += 1;
        }
        let (on_card, on_cpu) = (resumed(&on_cpu.checkpoint(), &dataset, &card).model(), on_cpu.model());
        let models = [&on_card, &on_cpu];
        compare_evaluations(&mut worst, &dataset, models);
        let pictures = compare_views(&mut worst, &dataset, models);
        compare_features(&mut worst, &dataset, models);
        let figure = |measure: &str| match worst.0.get(measure) {
            Some((difference, _)) => format!("{difference:>11.1e}"),
            None => format!("{:>11}", "–"),
        };
        let figures: String = MEASURES.iter().map(|(measure, _)| figure(measure)).collect();
        if let Some((_, differing)) = worst.0.get("views").filter(|(share, _)| *share > 0.0) {
            println!("    {method} differs in {differing}");
        }
        println!("{method:24}{figures}{steps:>7}{most_waits:>7}{pictures:>9}{:>7.1}", began.elapsed().as_secs_f64());
        for (measure, limit) in MEASURES {
            if let Some((difference, place)) =
                worst.0.get(measure).filter(|(found, _)| found.is_nan() || *found > limit)
            {
                faults
                    .push(format!("{method}: {measure} differ by {difference:.1e} ({place}), allowed are {limit:.0e}"));
            }
        }
    }
    println!("all in {:.0} s", begun.elapsed().as_secs_f64());
    let kept = tuned_kernels().map(|folder| std::fs::read_dir(folder).unwrap().count());
    assert!(kept.is_none_or(|files| files > 0), "what tuning found is kept for the next launch");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
