use burn::module::{ModuleMapper, Param};
use burn::tensor::Device;

use super::*;
use crate::network::encoders::{efficientnet, resnet};
use crate::network::testing::{Reference, agrees, are_finite, waved, waves};
use crate::random::Streams;

const ONE: Copies = Copies { convolutions: 1, norms: 1 };

/// A small block of EfficientNet-B3's kind: swish, squeeze-and-excitation, dilated, with a shortcut.
const B3: BlockPlan = BlockPlan {
    input: 2,
    inner: 4,
    output: 2,
    expand: true,
    kernel: 3,
    stride: 1,
    dilation: 2,
    depthwise: true,
    squeeze: 1,
    shortcut: Shortcut::Identity,
};

/// A small block of EfficientNet-Lite's kind: ReLU6, strided, without a shortcut.
const LITE: BlockPlan = BlockPlan {
    input: 2,
    inner: 5,
    output: 3,
    expand: true,
    kernel: 5,
    stride: 2,
    dilation: 1,
    depthwise: true,
    squeeze: 0,
    shortcut: Shortcut::Identity,
};

/// The first block of a stage of a small ResNet: a projection beside a strided bottleneck.
const BOTTLENECK: BlockPlan = BlockPlan {
    input: 2,
    inner: 2,
    output: 4,
    expand: true,
    kernel: 3,
    stride: 2,
    dilation: 1,
    depthwise: false,
    squeeze: 0,
    shortcut: Shortcut::Projection,
};

/// The block as part of a family; large scales meet the upper bound of ReLU6.
fn block(family: &Plan, plan: &BlockPlan, scale: f32, device: &Device) -> Block {
    waved(Block::new(family, plan, ONE, &Init::new(&Streams::new(1), device)), scale)
}

fn through(block: &Block, maps: Vec<Tensor<4>>, mode: Mode) -> Vec<Tensor<4>> {
    block.forward(maps, &[0], mode, (2, 0), &Exchange::none())
}

/// Constants printed by `reference/parts.py`.
#[test]
fn squeeze_and_excitation_equals_that_of_pytorch() {
    let device = Device::flex().autodiff();
    let excite = waved(SqueezeExcite::new(4, 2, ONE, &Init::new(&Streams::new(1), &device)), 1.0);
    let reference = Reference {
        outputs: &[
            0.165893, 0.654093, 0.834662, 0.249359, 0.047190, -0.177174, -0.121136, -0.117853, -0.059142, 0.067418,
            0.248733, 0.313064, 0.582668, 0.098742, -0.431625, -0.318280, -0.305867, -0.149601, 0.037250, 0.129328,
            0.160581, 0.242476, 0.036144, -0.187188,
        ],
        inputs: &[
            0.223422, 0.679301, 0.804716, 0.197398, -0.014568, -0.233074, -0.144648, -0.132672, -0.067805, 0.095192,
            0.264079, 0.307617, 0.532560, 0.026219, -0.489367, -0.292288, -0.257193, -0.085109, 0.098254, 0.183802,
            0.204334, 0.253748, 0.038293, -0.178419,
        ],
        parameters: &[0.042797, -0.441728, -0.066388, 1.44299],
    };
    agrees(&excite, waves([[2, 4, 1, 3]], &device), |maps| excite.forward(maps, &[0]), &reference);
    are_finite(excite.forward(waves([[1, 4, 1, 1]], &device), &[0]), &[[1, 4, 1, 1]]);
}

/// Constants printed by `reference/parts.py`.
#[test]
fn a_swish_block_equals_that_of_pytorch() {
    let device = Device::flex().autodiff();
    let block = block(&efficientnet::b3(), &B3, 1.0, &device);
    let reference = Reference {
        outputs: &[
            1.00344, 1.77098, 1.58000, 1.57980, 0.909384, -0.141159, -0.218339, -0.980896, 1.18198, 0.410575, 1.14443,
            2.92806, 1.55983, 0.880473, -0.160499, -0.629382, -0.195235, 0.053994, 0.459036, 1.20313, 2.94376, 2.82670,
            0.969674, 0.961528,
        ],
        inputs: &[
            -0.411608, 4.14681, 1.54613, 0.659585, -2.48394, -0.723472, -3.00788, 0.421019, -0.762707, 0.280862,
            -0.169998, 0.816168, 0.602567, -2.42864, -0.739322, -0.439246, 0.228343, 0.124692, 0.277665, -0.129546,
            0.814877, 1.51214, 1.93958, 0.117841,
        ],
        parameters: &[
            -1.67164, 8.72311, 5.79020, -1.98925, -5.43717, 3.53444, -0.001180, -0.009739, -0.096087, 0.506485,
            3.15585, 4.98325, 2.07938,
        ],
    };
    agrees(&block, waves([[2, 2, 2, 3]], &device), |maps| through(&block, maps, Mode::Train), &reference);
}

/// Constants printed by `reference/parts.py`.
#[test]
fn a_relu6_block_equals_that_of_pytorch() {
    let device = Device::flex().autodiff();
    let block = block(&efficientnet::lite0(), &LITE, 4.0, &device);
    let reference = Reference {
        outputs: &[
            -3.56455, -9.09186, -7.50853, -7.68410, -3.35117, 3.23558, 1.34876, 1.55799, 1.24110, -1.98821, -1.06315,
            -1.16573, -3.68392, 2.27334, -2.88702, 1.46106, -3.20892, -6.72477, -4.15858, -6.32083, 1.17136, 1.97524,
            1.63695, 1.92200,
        ],
        inputs: &[
            0.055986, -0.043262, -0.211749, -3.87194, -2.70275, -0.604966, -0.255451, -0.081543, 0.041130, 0.054874,
            -0.046777, -0.216012, 0.122976, -0.114256, -0.500569, -10.4131, -7.71623, -1.99722, -0.558312, -0.164837,
            0.103346, 0.120107, -0.122438, -0.510216, -0.247135, -0.073865, 0.044559, 0.052441, -0.053927, -0.224517,
            -1.49717, -1.92881, 12.0777, -0.242952, -0.070075, 0.046174, -0.539264, -0.147721, 0.110480, 0.113903,
            -0.139062, -0.529441, -3.92571, 0.742763, 26.6200, -0.529692, -0.139282, 0.113818,
        ],
        parameters: &[2.09952, -1.81604, -1.18115, 5.74363, -0.345280, 0.967444, -0.133022, 7.51130, 1.20867],
    };
    agrees(&block, waves([[2, 2, 4, 3]], &device), |maps| through(&block, maps, Mode::Train), &reference);
}

/// Constants printed by `reference/resnet.py`.
#[test]
fn a_strided_bottleneck_with_its_projection_equals_that_of_pytorch() {
    let device = Device::flex().autodiff();
    let block = block(&resnet::plan([3, 4, 6, 3]), &BOTTLENECK, 1.0, &device);
    let reference = Reference {
        outputs: &[
            0.000000, 2.26165, 0.000000, 0.000000, 0.563835, 1.80846, 0.000000, 0.473505, 2.22839, 1.45158, 0.139488,
            1.40669, 0.240167, 2.73691, 1.64748, 0.166821, 0.000000, 0.000000, 0.000000, 0.000000, 0.000000, 0.483898,
            0.000000, 0.000000, 0.147188, 1.45030, 1.82554, 0.274743, 1.60055, 0.155337, 2.69559, 2.46407,
        ],
        inputs: &[
            -0.051819, -1.50511, -0.683568, -0.800474, -0.161443, 0.043966, 1.71940, 0.024621, 1.84368, 0.345319,
            0.306607, -0.146662, -0.449850, -1.03352, -0.698289, -0.527313, 0.065540, 0.085431, 1.99225, 0.080592,
            2.10226, 0.198863, 0.163198, -0.126510, -1.84135, 0.054778, -1.22597, 0.578012, 1.29090, -0.225201,
            0.317189, 0.201471, 0.643468, 0.000811, -0.687050, -0.041568, -1.66421, 0.115319, -1.22693, 0.345807,
            0.811573, -0.177242, -0.110052, 0.089444, 0.695290, 0.056605, -0.759346, -0.028915,
        ],
        parameters: &[
            0.658618, -0.295925, -0.051853, -0.577777, 16.1530, -9.31375, 1.14630, 0.423229, 0.302118, -0.941162,
            -1.29536, 0.302118,
        ],
    };
    agrees(&block, waves([[2, 2, 4, 3]], &device), |maps| through(&block, maps, Mode::Train), &reference);
}

#[test]
fn one_pixel_passes_every_kind_of_block() {
    let device = Device::flex();
    for (family, plan, channels) in
        [(efficientnet::b3(), &B3, 2), (efficientnet::lite0(), &LITE, 3), (resnet::plan([3, 4, 6, 3]), &BOTTLENECK, 4)]
    {
        for mode in [Mode::Train, Mode::Infer] {
            let block = block(&family, plan, 1.0, &device);
            are_finite(through(&block, waves([[1, 2, 1, 1]], &device), mode), &[[1, channels, 1, 1]]);
        }
    }
}

#[test]
fn a_block_without_excitation_is_one_whose_gates_are_open() {
    let device = Device::flex();
    let with = block(&efficientnet::b3(), &B3, 1.0, &device);
    let without = Block { excite: None, ..with.clone() };
    let map = waves([[2, 2, 2, 3]], &device);
    let mut open = with.clone();
    // Gates of σ(40), which is 1 to the last bit, whatever the map.
    let excite = open.excite.take().unwrap();
    open.excite = Some(excite.map(&mut Opener));
    let values = |block: &Block| crate::network::testing::values(through(block, map.clone(), Mode::Infer).remove(0));
    assert_eq!(values(&open), values(&without));
    assert_ne!(values(&with), values(&without));
}

/// Sets a squeeze-and-excitation's weights to 0 and its biases to 40.
struct Opener;

impl ModuleMapper for Opener {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|old| old.zeros_like() + if D == 1 { 40.0 } else { 0.0 })
    }
}
