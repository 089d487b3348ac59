use std::collections::HashMap;

use super::*;
use crate::fixtures::{Need, skip};
use crate::network::parameters::to_tensors;
use crate::network::testing::wave;
use crate::network::{Inputs, Mode, Probes};
use crate::progress::unwatched;
use crate::random::Streams;
use crate::recipe::Recipe;
use crate::recipe::catalogue::encoder::Pretrained;
use burn::module::{Module as _, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Gradients, Tensor};

fn network(family: &str) -> (Recipe, Network) {
    let mut recipe = Recipe::defaults("test");
    for (key, value) in [
        ("encoder.family", family),
        ("decoder.channels", "8"),
        ("objective.contrast", "off"),
        ("exchange.channel", "off"),
        ("exchange.spatial", "off"),
    ] {
        recipe.set_text(key, value).unwrap();
    }
    let sensors = ["colour".to_owned(), "thermal".to_owned()];
    let network = Network::build(&recipe, &sensors, 3, &Streams::new(1), &Device::flex()).unwrap();
    (recipe, network)
}

/// Writes tensors to a safetensors file.
fn write(tensors: &BTreeMap<String, TensorData>, path: &Path) {
    let bytes = |data: &TensorData| -> Vec<u8> {
        data.as_slice::<f32>().unwrap().iter().flat_map(|value| value.to_le_bytes()).collect()
    };
    let stored: Vec<_> = tensors.iter().map(|(name, data)| (name, data.shape().to_vec(), bytes(data))).collect();
    let views = stored.iter().map(|(name, shape, bytes)| {
        ((*name).clone(), safetensors::tensor::TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize_to_file(views.collect::<HashMap<_, _>>(), None, path).unwrap();
}

/// The styles of others for a network.
fn styles(network: &Network) -> Vec<Style> {
    let singles: BTreeSet<_> = named_parameters(network).iter().map(|ours| without_copy(&ours.name)).collect();
    tables::styles(network.encoder(), &singles.into_iter().collect::<Vec<_>>())
}

/// Writes the encoder's own values under foreign names; `style` is 0 for efficientnet-pytorch, 1 for timm.
fn write_foreign(network: &Network, style: usize, prefix: &str, path: &Path, leave_out: &str) {
    let values = to_tensors(network);
    let named = styles(network).swap_remove(style).names.into_iter();
    let mut stored: BTreeMap<_, _> =
        named.map(|(ours, theirs)| (format!("{prefix}{theirs}"), values[&ours].clone())).collect();
    stored.remove(leave_out);
    stored.insert(format!("{prefix}classifier.weight"), TensorData::new(vec![0.0_f32], [1]));
    stored.insert(format!("{prefix}bn1.num_batches_tracked"), TensorData::new(vec![0.0_f32], [1]));
    write(&stored, path);
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
        let (filled, report) = load_pretrained(target, &path, &mut unwatched).unwrap();
        assert_eq!(to_tensors(&filled), to_tensors(&other));
        assert_eq!((report.foreign.as_slice(), report.counters), (&[format!("{prefix}classifier.weight")][..], 1));
        let encoder = to_tensors(&other).into_keys().filter(|name| name.starts_with("encoder.")).count();
        assert_eq!((report.loaded.len(), report.prefix.as_str()), (encoder, prefix));
        assert!(report.to_string().contains("classifier.weight"), "{report}");
        assert_eq!(report.gaps(), None, "a classifier that no encoder has is no gap");
    }
}

#[test]
fn a_tensor_left_over_in_a_part_that_was_used_is_a_gap_and_the_facts_say_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let (_, other) = network("nano");
    let mut stored = to_tensors(&other);
    stored.retain(|name, _| name.starts_with("encoder."));
    write(&stored, &path);
    let load = || load_pretrained(network("nano").1, &path, &mut unwatched).unwrap().1;
    assert_eq!(load().gaps(), None);
    stored.insert("encoder.attention.weight".to_owned(), TensorData::new(vec![0.0_f32], [1]));
    stored.insert("zebra.weight".to_owned(), TensorData::new(vec![0.0_f32], [1]));
    write(&stored, &path);
    let report = load();
    let gaps = report.gaps().unwrap();
    assert!(gaps.contains("not used: encoder.attention.weight"), "{gaps}");
    assert!(!gaps.contains("zebra") && report.to_string().contains("zebra.weight"), "{gaps}; {report}");
    assert!(!report.to_string().contains("attention"), "{report}");
}

#[test]
fn every_parameter_of_an_encoder_with_released_weights_has_a_name_of_its_own_in_them() {
    for family in
        ["efficientnet-lite0", "efficientnet-b3", "resnet-50", "resnet-101", "mit-nano", "mit-b0", "mscan-nano"]
    {
        let (_, network) = network(family);
        let ours = named_parameters(&network);
        let ours: BTreeSet<_> = ours.iter().map(|ours| without_copy(&ours.name)).collect();
        let encoder: Vec<_> = ours.into_iter().filter(|name| name.starts_with("encoder.")).collect();
        for style in styles(&network) {
            assert_eq!(style.names.keys().cloned().collect::<Vec<_>>(), encoder, "{family}, {}", style.title);
            let theirs: BTreeSet<_> = style.names.values().collect();
            assert_eq!(theirs.len(), encoder.len(), "{family}, {}", style.title);
        }
    }
    // As `torch.save(torchvision.models.resnet50().state_dict())` has them.
    let (_, resnet) = network("resnet-50");
    let names = &styles(&resnet)[0].names;
    assert_eq!(names["encoder.stem_norm.running_variance"], "bn1.running_var");
    assert_eq!(names["encoder.stage3.block0.shortcut_norm.gamma"], "layer2.0.downsample.1.weight");
    assert_eq!(names["encoder.stage5.block2.depthwise.weight"], "layer4.2.conv2.weight");
    // As the state dictionary of SegNeXt's encoder has them.
    let (_, mscan) = network("mscan-nano");
    let names = &styles(&mscan)[0].names;
    assert_eq!(names["encoder.level1.embedding_norm.running_mean"], "patch_embed1.proj.4.running_mean");
    assert_eq!(names["encoder.level3.embedding.weight"], "patch_embed3.proj.weight");
    assert_eq!(names["encoder.level3.block1.scale2.gamma"], "block3.1.layer_scale_2");
}

#[test]
fn a_network_of_ours_fills_another_as_far_as_they_are_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let (recipe, _) = network("mit-nano");
    let build = |sensors: &[&str], classes, seed| {
        let sensors: Vec<String> = sensors.iter().map(ToString::to_string).collect();
        Network::build(&recipe, &sensors, classes, &Streams::new(seed), &Device::flex()).unwrap()
    };
    let one = build(&["colour"], 5, 2);
    write(&to_tensors(&one), &path);
    let (filled, report) = load_pretrained(build(&["colour", "thermal"], 3, 9), &path, &mut unwatched).unwrap();
    let (filled, source) = (to_tensors(&filled), to_tensors(&one));
    for name in ["encoder.level1.block0.norm1.gamma", "encoder.level1.block0.norm1.copy1.gamma"] {
        assert_eq!(filled[name], source["encoder.level1.block0.norm1.gamma"]);
    }
    // The other sensor's decoder starts from the one there is; classifiers for other classes stay, as does the fusion.
    assert_eq!(filled["decoder.copy1.refine.conv.weight"], source["decoder.refine.conv.weight"]);
    assert!(report.unfit.iter().any(|words| words.starts_with("decoder.head.weight ([5, 8, 1, 1]")), "{report}");
    assert!(report.missing.iter().any(|name| name.starts_with("gsu.")), "{report}");
    assert!(report.missing.iter().chain(&report.unfit).all(|name| !name.starts_with("encoder.")), "{report}");
    assert_eq!(report.style, OWN);
    let words = report.gaps().unwrap();
    assert!(words.contains("gsu.") && words.contains("decoder.head.weight"), "{words}");
    // A network of another family is none.
    assert!(load_pretrained(network("nano").1, &path, &mut unwatched).is_err());
}

/// What `named_weights` in `reference/mit.py` makes of a released name.
fn named_weight(name: &str, shape: &[usize]) -> TensorData {
    let count: usize = shape.iter().product();
    let offset = f64::from(name.bytes().map(u32::from).sum::<u32>() % 97) / 10.0;
    let change = |value: f64| match shape.len() {
        2.. => value as f32 / ((count / shape[0]) as f64).sqrt() as f32,
        _ if name.ends_with("weight") => 1.0 + 0.5 * value as f32,
        _ => 0.1 * value as f32,
    };
    TensorData::new(
        (0..count).map(|index| change((0.7 * index as f64 + offset).sin())).collect::<Vec<_>>(),
        shape.to_vec(),
    )
}

/// What `reference/mit.py` printed of an encoder.
struct Printed {
    family: &'static str,
    size: [usize; 2],
    /// A level each: the sum along a wave, the mean of absolute values, and the value of image 1, channel 5, last row,
    /// column 1.
    levels: [[f32; 3]; 4],
    /// Of the image's gradient: the sum along a wave, and the mean of absolute values.
    image: [f32; 2],
    /// Slopes along a wave, by released name.
    slopes: [(&'static str, f32); 5],
}

const PRINTED: [Printed; 2] = [
    Printed {
        family: "mit-nano",
        size: [65, 96],
        levels: [
            [1.706_15, 0.778_659, -0.736_928],
            [-63.692_7, 0.834_522, -0.160_531],
            [6.891_3, 0.872_13, -0.392_451],
            [30.668_5, 0.802_991, -2.065_64],
        ],
        image: [-66.059_2, 0.749_422],
        slopes: [
            ("patch_embed1.proj.weight", 960.978),
            ("block1.0.attn.sr.weight", 95.246_4),
            ("block2.0.attn.kv.weight", -4.701_86),
            ("block3.0.mlp.dwconv.dwconv.weight", 0.194_938),
            ("block4.0.norm2.weight", 0.117_337),
        ],
    },
    Printed {
        family: "mit-b0",
        size: [33, 64],
        levels: [
            [-0.192_595, 0.816_716, 0.015_694_8],
            [1.475_48, 0.839_902, 0.568_117],
            [9.948_93, 0.838_35, -0.518_953],
            [-38.421_9, 0.819_411, 0.273_243],
        ],
        image: [-9.307_68, 0.331_74],
        slopes: [
            ("patch_embed1.proj.weight", 191.651),
            ("block1.0.attn.sr.weight", 8.172_44),
            ("block2.0.attn.kv.weight", -0.709_941),
            ("block3.0.mlp.dwconv.dwconv.weight", 3.737_05),
            ("block4.0.norm2.weight", -0.002_674_5),
        ],
    },
];

/// The sum of a tensor along a wave.
fn along<const D: usize>(tensor: Tensor<D>, offset: f64) -> f32 {
    let values = tensor.into_data().try_to_vec::<f32>().unwrap();
    let places = values.into_iter().enumerate();
    places.map(|(index, value)| f64::from(value) * (0.7 * index as f64 + offset).sin()).sum::<f64>() as f32
}

struct Slopes<'a> {
    gradients: &'a Gradients,
    found: BTreeMap<ParamId, f32>,
}

impl ModuleVisitor for Slopes<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            self.found.insert(param.id, along(gradient, 0.6));
        }
    }
}

#[test]
fn released_mix_transformers_compute_what_pytorch_computes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mit.safetensors");
    for Printed { family, size: [height, width], levels, image, slopes } in PRINTED {
        let device = Device::flex().autodiff();
        let (mut recipe, _) = network(family);
        recipe.set_text("objective.auxiliary", "off").unwrap();
        let build = |device| Network::build(&recipe, &["colour".to_owned()], 3, &Streams::new(1), device).unwrap();
        let target = build(&device);
        let names = styles(&target).remove(0).names;
        let shapes: BTreeMap<_, _> = named_parameters(&target)
            .into_iter()
            .map(|parameter| (parameter.name, (parameter.id, parameter.shape)))
            .collect();
        let named = names.iter().map(|(ours, theirs)| (theirs.clone(), named_weight(theirs, &shapes[ours].1)));
        write(&named.collect(), &path);
        let (filled, report) = load_pretrained(target, &path, &mut unwatched).unwrap();
        assert_eq!((report.loaded.len(), report.unexpected.len()), (names.len(), 0));
        let colour: Tensor<4> = wave([2, 3, height, width], 0.2, &device).require_grad();
        let inputs = Inputs::new(vec![Some(colour.clone())]);
        let output = filled.forward(&inputs, &recipe, Mode::Infer, &mut Probes::off());
        let close = |found: f32, expected: f32, what: &str| {
            let error = (found - expected).abs();
            assert!(error <= 1e-4 * expected.abs().max(1.0), "{family}, {what}: {found}, PyTorch {expected}");
        };
        let mut total: Option<Tensor<1>> = None;
        for (index, (stage, expected)) in output.features.stages[0].iter().zip(levels).enumerate() {
            let [_, _, last, _] = stage.dims();
            let place = stage.clone().slice([1..2, 5..6, last - 1..last, 1..2]).into_scalar::<f32>();
            let found = [along(stage.clone(), 0.4), stage.clone().abs().mean().into_scalar(), place];
            for (found, expected) in found.into_iter().zip(expected) {
                close(found, expected, &format!("level {}", index + 1));
            }
            let part = (stage.clone() * wave(stage.dims(), 0.3 + index as f32, &device)).sum();
            total = Some(total.map_or_else(|| part.clone(), |total| total + part.clone()));
        }
        let gradients = total.unwrap().backward();
        let gradient = colour.grad(&gradients).unwrap();
        close(along(gradient.clone(), 0.6), image[0], "image along a wave");
        close(gradient.abs().mean().into_scalar(), image[1], "size of the image's gradient");
        let mut found = Slopes { gradients: &gradients, found: BTreeMap::new() };
        filled.visit(&mut found);
        for (theirs, expected) in slopes {
            let (ours, _) = names.iter().find(|(_, name)| *name == theirs).unwrap();
            close(found.found[&shapes[ours].0], expected, theirs);
        }
    }
}

#[test]
fn one_of_two_encoders_that_fit_alike_is_asked_for_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("twins.ckpt");
    for prefixes in [["rgb.", "thermal."], ["state_dict.", "state_dict_ema."]] {
        let mut stored = BTreeMap::new();
        for (prefix, value) in prefixes.into_iter().zip([0.25_f32, 0.5]) {
            let (_, lite) = network("efficientnet-lite0");
            let values = to_tensors(&lite);
            for (ours, theirs) in styles(&lite).swap_remove(1).names {
                let shape = values[&ours].shape().to_vec();
                let count = shape.iter().product();
                stored.insert(format!("{prefix}{theirs}"), TensorData::new(vec![value; count], shape));
            }
        }
        write(&stored, &path);
        let message = load_pretrained(network("efficientnet-lite0").1, &path, &mut unwatched).unwrap_err().to_string();
        assert!(prefixes.iter().all(|prefix| message.contains(&format!("`{prefix}`"))), "{message}");
        let asked = format!("{}#{}", path.display(), prefixes[0]);
        assert!(message.contains(&asked), "{message}");
        for (prefix, value) in prefixes.into_iter().zip([0.25_f32, 0.5]) {
            let asked = format!("{}#{prefix}", path.display());
            let (filled, report) =
                load_pretrained(network("efficientnet-lite0").1, Path::new(&asked), &mut unwatched).unwrap();
            assert_eq!(report.prefix, prefix);
            let stem = to_tensors(&filled).remove("encoder.stem.weight").unwrap();
            assert!(stem.as_slice::<f32>().unwrap().iter().all(|&found| found == value), "{prefix}");
        }
        let wrong = format!("{}#depth", path.display());
        let message = load_pretrained(network("efficientnet-lite0").1, Path::new(&wrong), &mut unwatched)
            .unwrap_err()
            .to_string();
        assert!(message.contains("under `depth.`"), "{message}");
    }
}

#[test]
fn what_does_not_fit_is_named_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let (_, lite) = network("efficientnet-lite0");
    write_foreign(&lite, 0, "", &path, "_blocks.3._bn1.running_var");
    let message =
        |family: &str, path: &Path| load_pretrained(network(family).1, path, &mut unwatched).unwrap_err().to_string();
    assert!(message("efficientnet-lite0", &path).contains("_blocks.3._bn1.running_var"));
    let other = message("efficientnet-b3", &path);
    assert!(
        other.contains("_conv_stem.weight") && other.contains("[32, 3, 3, 3]") && other.contains("[40, 3, 3, 3]"),
        "{other}"
    );
    assert!(message("nano", &path).contains("expected the names of our own runs"));
    assert!(message("efficientnet-lite0", &folder.path().join("absent.pth")).contains("absent.pth"));
    for (name, bytes) in
        [("a.pth", &b"not a file of weights"[..]), ("b.safetensors", b"\x00"), ("c.pth", b""), ("d.txt", b"")]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        assert!(message("efficientnet-lite0", &path).contains(name));
    }
}

/// What `reference/lite0.py` printed: per stage, the mean of the absolute values and the values of channels 0, 7 and 15
/// at row 1, column 2.
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
        skip("pretrained_lite0_computes_what_pytorch_computes", Need::RealData, missing);
        return;
    };
    let (mut recipe, target) = network("efficientnet-lite0");
    recipe.set_text("exchange.channel", "off").unwrap();
    recipe.set_text("exchange.spatial", "off").unwrap();
    let (filled, _) = load_pretrained(target, Path::new(&path), &mut unwatched).unwrap();
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
        for (stage, (mean, places)) in output.features.stages[sensor].iter().zip(LITE0_STAGES) {
            let found = stage.clone().abs().mean().into_scalar::<f32>();
            assert!((found - mean).abs() < 1e-4 * mean.max(1.0), "{found} {mean}");
            for (channel, expected) in [0, 7, 15].into_iter().zip(places) {
                let found = stage.clone().slice([0..1, channel..channel + 1, 1..2, 2..3]).into_scalar::<f32>();
                assert!((found - expected).abs() < 1e-3 * expected.abs().max(1.0), "{found} {expected}");
            }
        }
    }
}

#[test]
fn shipped_weights_fill_the_whole_encoder_of_their_family() {
    for name in Pretrained::shipped_names() {
        let Pretrained::Shipped(family) = Pretrained::of(name) else { panic!("{name}") };
        let (_, blank) = network(name);
        let before = to_tensors(&blank);
        let (filled, report) = load_shipped(blank, family, &mut unwatched).unwrap();
        let after = to_tensors(&filled);
        let encoder: Vec<&String> = after.keys().filter(|name| name.starts_with("encoder.")).collect();
        let mut loaded: Vec<&String> = report.loaded.iter().collect();
        loaded.sort();
        assert_eq!(loaded, encoder, "{name}");
        assert_eq!((report.unexpected.len(), report.unfit.len(), report.missing.len()), (0, 0, 0), "{report}");
        // Both sensors begin with the same numbers, and not with those that they had.
        let changed = encoder.iter().filter(|name| after[**name] != before[**name]).count();
        assert!(2 * changed > encoder.len(), "{name}: {changed} of {} changed", encoder.len());
        let bytes = shipped(family).1.len();
        assert!((10_000..1_000_000).contains(&bytes), "{name}: {bytes} bytes");
    }
}
