//! Exported weights in other people's hands.

use std::collections::BTreeMap;
use std::process::Command;

use fusionscope_engine::device::choose;
use fusionscope_engine::fixtures::{Need, skip};
use fusionscope_engine::network::to_tensors;
use fusionscope_engine::training::open_model;

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
