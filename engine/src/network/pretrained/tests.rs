use std::collections::HashMap;

use super::*;
use crate::network::parameters::to_tensors;
use crate::network::{Inputs, Mode, Probes};
use crate::random::Streams;
use crate::recipe::Recipe;
use burn::tensor::{Device, Tensor};

fn network(family: &str) -> (Recipe, Network) {
    let mut recipe = Recipe::defaults("test");
    for (key, value) in [("encoder.family", family), ("decoder.channels", "8"), ("objective.contrast", "off")] {
        recipe.set_text(key, value).unwrap();
    }
    let sensors = ["colour".to_owned(), "thermal".to_owned()];
    let network = Network::build(&recipe, &sensors, 3, &Streams::new(1), &Device::flex()).unwrap();
    (recipe, network)
}

/// Writes the encoder's own values under foreign names; `style` is 0 for efficientnet-pytorch, 1 for timm.
fn write_foreign(network: &Network, style: usize, prefix: &str, path: &Path, leave_out: &str) {
    let sources = names::sources(network.encoder()).unwrap();
    let values = to_tensors(network);
    let mut stored = HashMap::new();
    for (ours, others) in &sources {
        let name = format!("{prefix}{}", others[style]);
        if name != leave_out {
            let data = values[&format!("encoder.{ours}")].clone();
            let bytes: Vec<u8> = data.as_slice::<f32>().unwrap().iter().flat_map(|value| value.to_le_bytes()).collect();
            stored.insert(name, (data.shape().to_vec(), bytes));
        }
    }
    stored.insert(format!("{prefix}classifier.weight"), (vec![1], vec![0; 4]));
    let views: HashMap<_, _> = stored
        .iter()
        .map(|(name, (shape, bytes))| {
            (name.clone(), safetensors::tensor::TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
        })
        .collect();
    safetensors::serialize_to_file(views, None, path).unwrap();
}

use safetensors::Dtype;

#[test]
fn both_naming_styles_fill_every_copy_of_an_encoder() {
    let folder = tempfile::tempdir().unwrap();
    for (family, style, prefix) in [("efficientnet-lite0", 0, ""), ("efficientnet-b3", 1, "module.encoder.")] {
        let (_, other) = network(family);
        let path = folder.path().join("weights.safetensors");
        write_foreign(&other, style, prefix, &path, "");
        let (_, target) = network(family);
        // Spoil a value in each copy, so that loading has something to mend.
        let mut spoilt = to_tensors(&target);
        for name in ["encoder.stage3.block1.depthwise_norm.gamma", "encoder.stage3.block1.depthwise_norm.copy1.gamma"] {
            let shape = spoilt[name].shape().to_vec();
            spoilt.insert(name.to_owned(), TensorData::new(vec![7.0_f32; shape[0]], shape));
        }
        let target = crate::network::from_tensors(target, &spoilt).unwrap();
        let (filled, report) = load_pretrained(target, &path).unwrap();
        assert_eq!(to_tensors(&filled), to_tensors(&other));
        assert!(report.contains("classifier.weight"), "{report}");
    }
}

#[test]
fn what_does_not_fit_is_named_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let (_, lite) = network("efficientnet-lite0");
    write_foreign(&lite, 0, "", &path, "_blocks.3._bn1.running_var");
    let message = |family: &str, path: &Path| load_pretrained(network(family).1, path).unwrap_err().to_string();
    assert!(message("efficientnet-lite0", &path).contains("_blocks.3._bn1.running_var"));
    let other = message("efficientnet-b3", &path);
    assert!(
        other.contains("_conv_stem.weight") && other.contains("[32, 3, 3, 3]") && other.contains("[40, 3, 3, 3]"),
        "{other}"
    );
    assert!(message("nano", &path).contains("no names of pretrained weights are known"));
    assert!(message("efficientnet-lite0", &folder.path().join("absent.pth")).contains("absent.pth"));
    for (name, bytes) in
        [("a.pth", &b"not a file of weights"[..]), ("b.safetensors", b"\x00"), ("c.pth", b""), ("d.txt", b"")]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        assert!(message("efficientnet-lite0", &path).contains(name));
    }
}

/// What `reference/lite0.py` printed: per stage, the mean of the absolute values and the values of channels 0, 7 and 15 at
/// row 1, column 2.
const LITE0_STAGES: [(f32, [f32; 3]); 5] = [
    (2.16134, [3.30994, 0.0, 2.24584]),
    (9.30333, [2.55333, 11.0389, -17.0126]),
    (8.85484, [-9.28319, -3.5072, 20.6828]),
    (5.59481, [15.5812, 6.07327, 2.76051]),
    (1.78678, [0.941538, 1.99142, -0.411982]),
];

#[test]
fn pretrained_lite0_computes_what_pytorch_computes() {
    let path = std::env::var_os("FUSIONSCOPE_PRETRAINED_LITE0").filter(|path| !path.is_empty());
    let Some(path) = path else {
        let missing = "the ImageNet weights that FUSIONSCOPE_PRETRAINED_LITE0 names";
        crate::fixtures::skip("pretrained_lite0_computes_what_pytorch_computes", "realdata", missing);
        return;
    };
    let (mut recipe, target) = network("efficientnet-lite0");
    recipe.set_text("exchange.channel", "off").unwrap();
    recipe.set_text("exchange.spatial", "off").unwrap();
    let (filled, _) = load_pretrained(target, Path::new(&path)).unwrap();
    // Odd sizes, so that "SAME" padding has to be uneven.
    let (height, width) = (95, 129);
    let value = |index: usize| {
        let (channel, y, x) = (index / (height * width), index / width % height, index % width);
        (0.11 * x as f32 + 0.07 * y as f32 + channel as f32).sin()
    };
    let values: Vec<f32> = (0..3 * height * width).map(value).collect();
    let image = Tensor::<4>::from_data(TensorData::new(values, [1, 3, height, width]), &Device::flex());
    let inputs = Inputs::new(vec![Some(image.clone()), Some(image)]);
    let output = filled.forward(&inputs, &recipe, Mode::Infer, &mut Probes::off());
    for sensor in 0..2 {
        for (stage, (mean, places)) in output.stages[sensor].iter().zip(LITE0_STAGES) {
            let found = stage.clone().abs().mean().into_scalar::<f32>();
            assert!((found - mean).abs() < 1e-4 * mean.max(1.0), "{found} {mean}");
            for (channel, expected) in [0, 7, 15].into_iter().zip(places) {
                let found = stage.clone().slice([0..1, channel..channel + 1, 1..2, 2..3]).into_scalar::<f32>();
                assert!((found - expected).abs() < 1e-3 * expected.abs().max(1.0), "{found} {expected}");
            }
        }
    }
}
