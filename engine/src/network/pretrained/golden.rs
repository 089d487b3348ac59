//! Whole encoders against PyTorch, with weights that follow from the names of their releases: the architecture and the
//! map of names are tested at once.

use burn::tensor::{Device, Tensor, TensorData};

use super::style::without_copy;
use super::tables::styles;
use crate::network::parameters::{named_parameters, replace};
use crate::network::testing::{recipe, values, wave};
use crate::network::{Inputs, Mode, Network, Probes};
use crate::random::Streams;

fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |value, byte| (value ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Numbers that look random and follow from the name; `reference/encoders.py` makes the same.
fn weights(name: &str, shape: &[usize]) -> TensorData {
    let count: usize = shape.iter().product();
    let seed = u64::from(fnv1a(name) % 104_729);
    let fan_in: usize = shape[1..].iter().product();
    let value = |at: usize| {
        let at = at as u64;
        let unit = ((at * at % 10_007 * 31 + at * 7919 + seed) % 2003) as f64 / 1001.0 - 1.0;
        let value = match () {
            () if shape.len() > 1 => unit * (3.0 / fan_in as f64).sqrt(),
            () if name.ends_with("running_var") => 1.0 + 0.5 * unit,
            () if name.contains("layer_scale") => 0.3 + 0.2 * unit,
            () if name.ends_with("weight") => 0.7 + 0.3 * unit,
            () => 0.1 * unit,
        };
        value as f32
    };
    TensorData::new((0..count).map(value).collect::<Vec<_>>(), shape.to_vec())
}

/// The network of one sensor with this encoder, filled by the names that others use.
fn filled(changes: &[(&str, &str)], device: &Device) -> (Network, crate::recipe::Recipe) {
    let mut all = vec![("exchange.channel", "off"), ("objective.contrast", "off"), ("decoder.channels", "8")];
    all.extend(changes);
    let recipe = recipe(&all);
    let network = Network::build(&recipe, &["colour".to_owned()], 2, &Streams::new(1), device).unwrap();
    let parameters = named_parameters(&network);
    let singles: Vec<String> = parameters.iter().map(|parameter| without_copy(&parameter.name)).collect();
    let style = styles(network.encoder(), &singles).remove(0);
    let tensors = parameters.into_iter().filter(|parameter| parameter.name.starts_with("encoder.")).map(|parameter| {
        let theirs = style.names.get(&without_copy(&parameter.name));
        let theirs = theirs.unwrap_or_else(|| panic!("{} has no foreign name", parameter.name));
        (parameter.name.clone(), weights(theirs, &parameter.shape))
    });
    let tensors = tensors.collect();
    (replace(network, &tensors), recipe)
}

/// Constants printed by `reference/encoders.py`: seven numbers of every stage, and of the image's gradient.
fn agrees(changes: &[(&str, &str)], expected: &[[f32; 7]]) {
    let device = Device::flex().autodiff();
    let (network, recipe) = filled(changes, &device);
    let image = wave([1, 3, 64, 80], 0.4, &device).require_grad();
    let inputs = Inputs::new(vec![Some(image.clone())]);
    let output = network.forward(&inputs, &recipe, Mode::Infer, &mut Probes::off());
    let stages = &output.features.stages[0];
    let last = stages.last().unwrap();
    let gradients = (last.clone() * wave(last.dims(), 0.3, &device)).sum().backward();
    let slopes = image.grad(&gradients).unwrap();
    let maps: Vec<Vec<f32>> = stages.iter().cloned().chain([Tensor::from_inner(slopes)]).map(values).collect();
    assert_eq!(maps.len(), expected.len());
    for (index, (map, expected)) in maps.iter().zip(expected).enumerate() {
        let largest = map.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        for (place, expected) in expected.iter().enumerate() {
            let found = map[place * (map.len() - 1) / 6];
            assert!(
                (found - expected).abs() <= 1e-4 * largest.max(0.1),
                "{index}, {place}: {found}, expected {expected}, {largest}"
            );
        }
    }
}

#[test]
fn resnet_50_equals_that_of_pytorch() {
    agrees(
        &[("encoder.family", "resnet-50")],
        &[
            [0.126539, 0.0, 0.0, 0.0, 0.125455, 0.206728, 0.0],
            [0.456371, 0.0, 2.22185, 0.0768866, 0.388745, 0.111599, 0.0],
            [0.220832, 0.154291, 0.171823, 0.0, 0.0, 0.299471, 0.980043],
            [0.240969, 0.0749918, 0.161758, 0.0409184, 0.0, 0.742733, 0.398313],
            [0.0, 0.0471791, 0.0, 0.10071, 0.194584, 0.0, 0.0],
            [-0.0786224, 0.00293489, -0.00012788, 0.00193361, -0.000199471, 0.000774787, -0.000445499],
        ],
    );
}

#[test]
fn a_dilated_resnet_50_equals_that_of_pytorch() {
    agrees(
        &[("encoder.family", "resnet-50"), ("encoder.output_stride", "16")],
        &[
            [0.126539, 0.0, 0.0, 0.0, 0.125455, 0.206728, 0.0],
            [0.456371, 0.0, 2.22185, 0.0768866, 0.388745, 0.111599, 0.0],
            [0.220832, 0.154291, 0.171823, 0.0, 0.0, 0.299471, 0.980043],
            [0.240969, 0.0749918, 0.161758, 0.0409184, 0.0, 0.742733, 0.398313],
            [0.0, 0.0649682, 0.0, 0.0692051, 0.191795, 0.11857, 0.0],
            [0.0426802, -0.00594955, 0.00152554, -0.000140948, 0.000754988, -0.00398047, -0.000222247],
        ],
    );
}

#[test]
fn resnet_101_equals_that_of_pytorch() {
    agrees(
        &[("encoder.family", "resnet-101")],
        &[
            [0.126539, 0.0, 0.0, 0.0, 0.125455, 0.206728, 0.0],
            [0.456371, 0.0, 2.22185, 0.0768866, 0.388745, 0.111599, 0.0],
            [0.220832, 0.154291, 0.171823, 0.0, 0.0, 0.299471, 0.980043],
            [0.244229, 0.0598286, 0.553277, 0.00329884, 0.00434331, 0.943329, 0.285674],
            [0.0, 0.0300362, 0.0575625, 0.345173, 0.174672, 0.0885075, 0.0],
            [-0.0553421, 0.000852767, 0.000995698, 0.00282858, -0.000748244, -0.000945183, 0.000148668],
        ],
    );
}

#[test]
fn mscan_b_equals_that_of_pytorch() {
    agrees(
        &[("encoder.family", "mscan-b")],
        &[
            [0.291422, 0.1576, -0.568031, 0.126612, -0.924706, -0.48011, -0.377701],
            [-0.494664, -0.500271, -0.942538, -0.613099, 0.723093, -0.280479, 0.151393],
            [0.499517, -0.619166, 1.43484, -0.359671, 1.5047, 1.39138, -0.24446],
            [-0.500371, 1.70944, 0.54851, -1.53688, -0.321986, 1.46448, -0.480442],
            [-0.0993651, 0.150127, 0.0355079, -0.000472466, 0.0447384, 0.0992051, 0.0241606],
        ],
    );
}
