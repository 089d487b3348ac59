//! Exported weights in other people's hands.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use fusionscope_engine::device::choose;
use fusionscope_engine::fixtures::{Need, skip};
use fusionscope_engine::network::to_tensors;
use fusionscope_engine::training::open_model;
use tempfile::TempDir;

use crate::support::{run, text, trained, write_recipe};

/// The shipped network is an export like any other.
#[test]
fn exported_weights_read_in_python_as_in_the_program() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let model = format!("{root}/assets/demo.safetensors");
    let has_torch = Command::new("python3").args(["-c", "import torch"]).output().is_ok_and(|ran| ran.status.success());
    if !has_torch {
        skip("exported_weights_read_in_python_as_in_the_program", Need::Torch, "a python3 that has torch");
        return;
    }
    let ran = Command::new("python3").arg(format!("{root}/assets/tools/read_weights.py")).arg(&model).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8(ran.stdout).unwrap();
    let read: BTreeMap<&str, (&str, f64)> = text
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            (words[0], (words[1], words[2].parse().unwrap()))
        })
        .collect();
    let (device, _) = choose("cpu".parse().unwrap()).unwrap();
    let (opened, _) = open_model(model.as_ref(), &device).unwrap();
    let ours = to_tensors(&opened.network);
    assert_eq!(read.len(), ours.len());
    for (name, data) in ours {
        let torch = name.replace(".gamma", ".weight").replace(".beta", ".bias").replace("_variance", "_var");
        let shape = data.shape().iter().map(ToString::to_string).collect::<Vec<_>>().join("x");
        let sum: f64 = data.try_to_vec::<f32>().unwrap().into_iter().map(|value| f64::from(value.abs())).sum();
        let (found, found_sum) = read[torch.as_str()];
        assert_eq!(found, shape, "{name}");
        assert!((found_sum - sum).abs() <= 1e-6 * sum.max(1.0), "{name}: {found_sum} in Python, {sum} here");
    }
}

/// As the shipped encoders were made.
#[test]
fn an_exported_encoder_is_what_another_training_begins_with() {
    let folder = TempDir::new().unwrap();
    let (trained, data) = (trained().run(), &trained().data);
    let (whole, encoder) = (folder.path().join("whole.safetensors"), folder.path().join("encoder.safetensors"));
    run(&["export", trained, "--half", "--out", text(&whole)]).ends_with(0);
    run(&["export", trained, "--half", "--encoder", "--out", text(&encoder)]).ends_with(0);
    let size = |path: &Path| std::fs::metadata(path).unwrap().len();
    assert!(size(&encoder) < size(&whole), "{} and {} bytes", size(&encoder), size(&whole));
    // It is weights, not a model.
    run(&["evaluate", text(&encoder), "--data", data.argument(), "--device", "cpu"]).ends_with(3);

    let recipe = write_recipe(folder.path(), "");
    let train = |weights: &str| {
        let words =
            ["train", "--device", "cpu", "--max-steps", "1", "--recipe", text(&recipe), "--data", data.argument()];
        let out = folder.path().join("runs");
        run(&[&words[..], &["--out", text(&out), "--pretrained", weights]].concat())
    };
    let heard = train(text(&encoder)).ends_with(0).err;
    assert!(heard.contains("by the names of our own runs") && heard.contains("16-bit floats"), "{heard}");
    assert!(!heard.contains("not in the file"), "{heard}");
    let shipped = train("nano").ends_with(0).err;
    assert!(shipped.contains("assets/encoders/nano.safetensors"), "{shipped}");
    let refused = train("mit-nano").ends_with(2).err;
    assert!(refused.contains("mit-nano") && refused.contains("`encoder.family` is nano"), "{refused}");
    let refused = train("mit-nanno").ends_with(2).err;
    assert!(refused.contains("nano, mscan-nano, mit-nano"), "{refused}");
}
