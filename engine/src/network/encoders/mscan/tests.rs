use burn::tensor::Device;

use super::attention::Attention;
use super::*;
use crate::network::interaction::Exchange;
use crate::network::noise::Noise;
use crate::network::testing::{Reference, agrees, recipe, trained, values, waved, waves};
use crate::random::Streams;

const ONE: Copies = Copies { convolutions: 1, norms: 1 };

/// Constants printed by `reference/mscan.py`.
#[test]
fn attention_equals_that_of_pytorch() {
    let device = Device::flex().autodiff();
    let attention = waved(Attention::new(2, ONE, &Init::new(&Streams::new(1), &device)), 0.5);
    let reference = Reference {
        outputs: &[
            -0.219641, 0.408262, 0.713535, 0.530127, -0.133245, -0.905025, -1.38401, -1.34218, -0.850023, -0.205708,
            0.597699, 0.878685, 0.598508, -0.134725, -0.940636, -1.44284, -1.38335, -0.797242, 0.002455, 0.525956,
            0.480911, 0.188371, -0.388315, -1.02383, -1.44525, -1.28877, -0.737660, -0.003823, 0.464530, 0.519304,
        ],
        inputs: &[
            0.360362, 0.937792, 1.13273, 0.856627, 0.165556, -0.686863, -1.11810, -1.01139, -0.414808, 0.349564,
            0.955493, 1.19126, 0.887599, 0.102618, -0.675686, -0.949937, -0.915336, -0.415707, 0.394473, 0.978034,
            0.982059, 0.699187, 0.085943, -0.590741, -0.976627, -0.906435, -0.396406, 0.368698, 0.917048, 1.00341,
        ],
        parameters: &[
            3.33643, 2.00447, 0.311277, 1.48620, -0.307676, -0.639660, -0.903159, 0.746222, -0.051239, -0.662173,
            0.401331, 0.746222, 0.267871, -0.614247, -0.100313, 0.746222, -1.20286, -1.80956, -2.34842, 1.23033,
        ],
    };
    agrees(&attention, waves([[1, 2, 3, 5]], &device), |maps| vec![attention.forward(maps[0].clone(), 0)], &reference);
}

/// Constants printed by `reference/mscan.py`.
#[test]
fn a_block_equals_that_of_pytorch() {
    let device = Device::flex().autodiff();
    let block = waved(MscanBlock::new(2, 4, ONE, &Init::new(&Streams::new(1), &device)), 0.5);
    let reference = Reference {
        outputs: &[
            0.154883, 0.642217, 0.819230, 0.661736, 0.184454, -0.403784, -0.666603, -0.664040, -0.209590, 0.459891,
            1.03828, 1.28455, 0.618170, 0.137122, -0.426469, -0.771627, -0.750719, -0.386900, 0.531257, 1.06806,
            1.26817, 0.990191, 0.362259, -0.272238,
        ],
        inputs: &[
            0.278144, 0.828271, 0.983037, 0.683698, 0.053889, -0.601757, -0.988379, -0.866654, -0.368897, 0.311184,
            0.838783, 0.982756, 0.672008, 0.040927, -0.611737, -0.979079, -0.887481, -0.378024, 0.348984, 0.863031,
            0.997583, 0.650802, -0.010045, -0.649119,
        ],
        parameters: &[
            -0.633977, 0.121553, -0.022977, 0.003817, -0.026954, -0.100151, -0.004876, -0.017967, 0.000763, -0.080149,
            0.010048, 0.026625, 0.042079, -0.080149, 0.010407, 0.024552, 0.030959, -0.080149, -0.153302, 0.074503,
            0.008067, 0.123033, 6.26044, -0.735565, -0.265554, -0.862888, 0.375199, 0.271673, -0.647462, -0.135128,
            -1.02987, -0.356808,
        ],
    };
    let drop = Drop { noise: Noise::off(), rate: 0.5, name: String::new(), freezes: false };
    let forward = |maps: Vec<Tensor<4>>| block.forward(maps, &[0], Mode::Train, &drop);
    agrees(&block, waves([[2, 2, 2, 3]], &device), forward, &reference);
}

/// By hand, a level of width w, n blocks and expansion e after one of width v: embedding 9vw + w and its norm 2w; a
/// block's four 1×1 convolutions of attention (enter, mix, leave) 3(w² + w), its places 25w + w and strips 2(7 + 11 +
/// 21)w + 6w, feed-forward 2ew² + ew + w and 10ew, two norms 4w, two scales 2w; a norm 2w.
#[test]
fn parameters_are_those_of_mscan_b() {
    let level = |v: usize, w: usize, n: usize, e: usize| {
        let attention = 3 * (w * w + w) + 26 * w + 2 * 39 * w + 6 * w;
        let feed_forward = 2 * e * w * w + e * w + w + 10 * e * w;
        9 * v * w + 3 * w + n * (attention + feed_forward + 6 * w) + 2 * w
    };
    let expected = 9 * 3 * 32
        + 3 * 32
        + level(32, 64, 3, 8)
        + level(64, 128, 3, 8)
        + level(128, 320, 12, 4)
        + level(320, 512, 3, 4);
    let (streams, device) = (Streams::new(1), Device::flex());
    let encoder = Mscan::new(MscanPlan::B, Sharing::All, 1, &Init::new(&streams, &device));
    assert_eq!(trained(&encoder), expected);
    // With ImageNet's classifier the paper rounds it to 26.8 M.
    assert_eq!(format!("{:.1}", (expected + 513 * 1000) as f64 / 1e6), "26.8");
}

fn levels(encoder: &Mscan, images: Vec<Tensor<4>>, mode: Mode, noise: Noise, rate: &str) -> Vec<Vec<Tensor<4>>> {
    let recipe = recipe(&[("encoder.drop_path", rate)]);
    let branches: Vec<usize> = (0..images.len()).collect();
    let mut between = Between::new(Exchange::none(), None, &recipe, noise);
    encoder.forward(images, &branches, mode, &mut between, &mut Probes::off())
}

#[test]
fn levels_halve_from_a_quarter_on_and_paths_are_dropped_in_training_only() {
    let device = Device::flex();
    let plan = MscanPlan::NANO;
    let streams = Streams::new(1);
    let encoder = Mscan::new(plan, Sharing::Convolutions, 2, &Init::new(&streams, &device));
    let images = || waves([[2, 3, 33, 40]; 2], &device);
    let pass = |noise, rate| levels(&encoder, images(), Mode::Infer, noise, rate);
    let found = pass(Noise::off(), "0.9");
    let sizes: Vec<_> = found[1].iter().map(Tensor::dims).collect();
    assert_eq!(sizes, [[2, 16, 9, 10], [2, 32, 5, 5], [2, 64, 3, 3], [2, 96, 2, 2]]);
    let deepest = |levels: Vec<Vec<Tensor<4>>>| values(levels[0][3].clone());
    let expected = deepest(found);
    assert_eq!(deepest(pass(Noise::off(), "0")), expected);
    let noise = Noise::of(Streams::new(5), 1);
    assert_eq!(deepest(pass(noise, "0")), expected);
    assert_ne!(deepest(pass(noise, "0.9")), expected);
    // A sensor's branch is the same alone and beside another.
    let alone = levels(&encoder, vec![images().remove(0)], Mode::Infer, Noise::off(), "0");
    assert_eq!(values(alone[0][3].clone()), expected);
}
