//! Explanations of predictions, against those of PyTorch and by the command line.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use fusionscope_engine::data::Dataset;
use fusionscope_engine::device::choose;
use fusionscope_engine::evaluation::{modality_indices, scene_images};
use fusionscope_engine::fixtures::{Need, skip};
use fusionscope_engine::inspection::{Explaining, explanations};
use fusionscope_engine::network::Probes;
use fusionscope_engine::progress::unwatched;
use fusionscope_engine::protocol::{Explained, FIGURES, Layer, Region};
use fusionscope_engine::training::open_model;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{run, text, trained};

/// Rows and columns of the part of a scene that is explained: small, since occlusion asks 192 times.
const SIZE: [usize; 2] = [48, 64];
/// Upper, lower, left and right side of the region.
const REGION: [usize; 4] = [12, 36, 16, 48];
const TOLERANCE: f32 = 1e-3;

/// The program's maps and numbers of one case, by name.
type Maps = (BTreeMap<String, Vec<f32>>, BTreeMap<String, f32>);

#[test]
fn explanations_equal_those_of_pytorch_on_exported_weights() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let has_torch = Command::new("python3").args(["-c", "import torch"]).output().is_ok_and(|ran| ran.status.success());
    if !has_torch {
        skip("explanations_equal_those_of_pytorch_on_exported_weights", Need::Torch, "a python3 that has torch");
        return;
    }
    let weights = format!("{root}/assets/demo.safetensors");
    let (device, _) = choose("cpu".parse().unwrap()).unwrap();
    let (model, _) = open_model(weights.as_ref(), &device).unwrap();
    let data = format!("{root}/datasets-sample");
    let dataset = Dataset::open_for(data.as_ref(), &model.recipe, &mut unwatched).unwrap();
    let (_, images) = scene_images(&model, &dataset, "test", 0, &modality_indices(&model, &dataset).unwrap()).unwrap();
    let [height, width] = SIZE;
    // From the middle of the scene.
    let images = images.into_iter().map(|image| image.slice([0..1, 0..3, 40..40 + height, 30..30 + width]));
    let images: Vec<_> = images.map(Some).collect();
    let folder = TempDir::new().unwrap();
    for (sensor, image) in model.sensors.iter().zip(&images) {
        let numbers = image.clone().unwrap().into_data().try_to_vec::<f32>().unwrap();
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        std::fs::write(folder.path().join(format!("{}.f32", sensor.name)), bytes).unwrap();
    }
    let part = |place: usize, count: usize| ((place * 65_535).div_ceil(count)) as u16;
    let [top, bottom, left, right] = REGION;
    let region = Region {
        left: part(left, width),
        top: part(top, height),
        right: part(right, width),
        bottom: part(bottom, height),
    };
    assert_eq!(region.pixels(height, width), [top..bottom, left..right], "both take the same pixels away");
    // What the program explains, of the maps whose names begin so.
    let of = |explained: &Explained, kinds: &[&str]| -> Maps {
        let without = |sensor: usize| {
            let mut fewer = images.clone();
            fewer[sensor] = None;
            fewer
        };
        let (present, picked) = (&[true; 2], None);
        let explaining = Explaining { model: &model, inputs: &images, present, without: &without, explained, picked };
        let sources = ["colour", "thermal", "fused", "all"];
        let names = kinds.iter().flat_map(|kind| sources.iter().map(move |of| format!("explain.{kind}.{of}")));
        let mut probes = Probes::watching(names.chain([FIGURES.to_owned()]));
        explanations(&explaining, &mut probes, &mut |_, _| ControlFlow::Continue(())).unwrap();
        let numbers = probes
            .maps()
            .iter()
            .map(|(name, recorded)| (name.clone(), recorded.map.clone().into_data().try_to_vec::<f32>().unwrap()));
        (numbers.collect(), probes.facts().clone())
    };
    let (_, probabilities) = model.predict(&images).remove(0);
    let ids: Vec<i64> = probabilities.argmax(1).into_data().iter::<i64>().collect();
    let count = |class: &usize| ids.iter().filter(|&&id| usize::try_from(id) == Ok(*class)).count();
    let most = (0..model.classes.len()).max_by_key(count).unwrap();
    let class = Some(model.classes[most].clone());
    let of_class = Explained { class: class.clone(), region: Some(region), ..Explained::default() };
    let deep = Explained { head: Some("thermal".to_owned()), layer: Layer::Stage(4), ..of_class.clone() };
    let of_head = deep.head.clone();
    let every = ["gradcam", "region", "answer", "drop", "share"];
    let found = [
        (
            "all",
            None,
            None,
            "classifier",
            &["grad_cam", "slide"][..],
            of(&Explained::default(), &["gradcam", "occlusion"]),
        ),
        ("class", class.clone(), None, "classifier", &["grad_cam", "region", "reliance"], of(&of_class, &every)),
        ("deep", class, of_head, "stage4", &["grad_cam"], of(&deep, &["gradcam"])),
    ];
    let cases: Vec<Value> = found
        .iter()
        .map(|(name, class, head, layer, kinds, _)| {
            json!({"name": name, "class": class, "head": head, "layer": layer, "kinds": kinds, "region": REGION})
        })
        .collect();
    let asked = json!({"height": height, "width": width, "cases": cases});
    std::fs::write(folder.path().join("asked.json"), asked.to_string()).unwrap();
    let script = format!("{}/tests/program/explained/reference.py", env!("CARGO_MANIFEST_DIR"));
    let ran = Command::new("python3").args([script.as_str(), &weights, text(folder.path())]).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));

    let mut compared = 0;
    for (name, _, _, _, _, (maps, _)) in &found {
        for (map, ours) in maps {
            let theirs = read(&folder.path().join(format!("{name}.{map}.f32")));
            let largest = theirs.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
            assert!(largest > 0.0, "{name}.{map} is empty");
            let apart = |(ours, theirs): &(&f32, &f32)| (*ours - *theirs).abs() > TOLERANCE * largest;
            let far = ours.iter().zip(&theirs).filter(apart).count();
            // Which of two equal scores is larger, and on which side of a threshold a sum lies, may be chance.
            let most = if map.starts_with("explain.answer.") || map.starts_with("explain.share.") { 2 } else { 0 };
            assert!(
                ours.len() == theirs.len() && far <= most,
                "{name}.{map}: {far} pixels differ, of {largest} at most"
            );
            compared += 1;
        }
    }
    assert!(compared >= 16, "only {compared} maps were compared");
    let said = String::from_utf8(ran.stdout).unwrap();
    let numbers: Vec<(&str, f32)> = said
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, value)| (name, value.parse().unwrap()))
        .collect();
    assert!(numbers.len() >= 8, "{said}");
    for (name, theirs) in numbers {
        let (case, fact) = name.split_once('.').unwrap();
        let (.., (_, facts)) = found.iter().find(|(name, ..)| *name == case).unwrap();
        let ours = facts[fact];
        assert!(
            (ours - theirs).abs() <= TOLERANCE * theirs.abs().max(0.01),
            "{name}: {ours} here, {theirs} in PyTorch"
        );
    }
}

fn read(path: &Path) -> Vec<f32> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
}

#[test]
fn inspect_explains_a_class_a_head_a_layer_and_a_region_or_says_why_not() {
    let trained = trained();
    let out = trained.beside("explained.png");
    let inspect = |view: &str, words: &[&str]| {
        let asked = ["inspect", trained.run(), "--device", "cpu", "--json", "--view", view, "--out", &out];
        run(&[&asked[..], words].concat())
    };
    for (view, words) in [
        ("explain.gradcam.thermal", &["--head", "thermal", "--layer", "stage3"][..]),
        ("explain.gradcam.fused", &[]),
        ("explain.occlusion.colour", &["--pixel", "0.5,0.5", "--class", "wall"]),
        ("explain.region.all", &["--region", "0,0,0.5,0.5"]),
        ("explain.answer.thermal", &["--region", "0,0,0.5,0.5"]),
        ("explain.share.thermal", &[]),
        ("teacher.prediction", &[]),
        ("feature.difference.stage5", &[]),
        ("exchange.gamma.thermal", &[]),
    ] {
        let line = inspect(view, words).ends_with(0).json_lines().pop().unwrap();
        assert_eq!(line["view"].as_str(), Some(view));
        if view == "explain.share.thermal" {
            let mean = line["meaning"]["mean"].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&mean), "{line}");
        }
    }
    for (view, words, reason) in [
        ("explain.region.all", &[][..], "no region is given"),
        ("explain.gradcam.fused", &["--class", "fog"], "knows no class `fog`"),
        ("explain.gradcam.colour", &["--head", "smell"], "no head `smell` answers"),
        ("explain.gradcam.colour", &["--head", "thermal", "--class", "wall"], ""),
        ("explain.drop.colour", &["--without", "thermal"], "one sensor alone"),
        ("mff.margin", &[], "fusion.kind=mff"),
        ("sci.mask.level1", &[], "sci.enabled"),
        ("explain.region.all", &["--region", "1,0,0,1"], "expected four numbers"),
        ("explain.gradcam.colour", &["--layer", "stage9"], "expected one of classifier"),
    ] {
        let refused = inspect(view, words).ends_with(2);
        assert!(refused.err.contains(reason), "{view} {words:?}: {}", refused.err);
    }
}

#[test]
fn a_view_is_summed_up_over_a_whole_split_by_class_and_tag() {
    let trained = trained();
    let out = trained.beside("summed.csv");
    let words = ["inspect", trained.run(), "--device", "cpu", "--split", "test", "--whole-split"];
    let summed = |view: &str, more: &[&str]| run(&[&words[..], &["--view", view], more].concat());
    let line = summed("uncertainty.margin.fused", &["--json", "--out", &out]).ends_with(0).json_lines().pop().unwrap();
    assert_eq!((line["event"].as_str(), line["table"]["scenes"].as_u64()), (Some("summed"), Some(3)));
    let rows = line["table"]["rows"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["kind"] == "tag" && row["name"] == "night"), "{rows:?}");
    let mean = rows[0]["values"][0].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&mean));
    assert!(std::fs::read_to_string(&out).unwrap().starts_with("rows,name,pixels,mean\nall,all,"));
    let said = summed("prediction.fused", &[]).ends_with(2).err;
    assert!(said.contains("no view `prediction.fused`"), "{said}");
    let said = summed("exchange.gamma.colour", &[]);
    assert!(said.err.contains("a table"), "{}", said.err);
    run(&words).ends_with(2);
}
