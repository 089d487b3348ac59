use burn::tensor::{Device, TensorData};

use super::*;
use crate::network::testing::{Reference, assert_close, differentiates, slopes, values, wave, waves};

const PLAIN: Mff = Mff {
    reweights: true,
    selects: true,
    adds: true,
    balance: Balance::Average,
    added: Added::Balanced,
    anchor: Anchor::Averaged,
    iterations: 1,
};

/// f_ma and the correlations `[batch, sensors, 1, 1]`.
fn outputs(mff: Mff, maps: &[Tensor<4>], previous: Option<&Tensor<4>>) -> Vec<Tensor<4>> {
    let fused = mff.fuse(maps, previous).unwrap();
    let [batch, sensors] = fused.correlations.dims();
    vec![fused.agnostic, fused.correlations.reshape([batch, sensors, 1, 1])]
}

#[track_caller]
fn agrees(mff: Mff, maps: Vec<Tensor<4>>, previous: Option<&Tensor<4>>, reference: &Reference<'_>) {
    let (found, gradients) = slopes(maps.clone(), |maps| outputs(mff, &maps, previous));
    assert_close(&found, reference.outputs, 1e-4);
    assert_close(&gradients, reference.inputs, 1e-4);
    // No place is near a change of the selected sensor, so differences hold here.
    differentiates(maps, |maps| outputs(mff, &maps, previous));
}

/// Constants printed by `reference/mff.py`.
#[test]
fn values_and_gradients_equal_those_of_pytorch() {
    let device = Device::flex().autodiff();
    let reference = Reference {
        outputs: &[
            1.49218, 1.46655, 1.51151, 0.870749, -1.23682, -1.57447, -1.57254, -1.26010, 0.838550, 1.50046, 1.45186,
            1.50385, 0.828212, -1.24651, -1.54304, -1.11386, -1.21337, 0.867869, 1.48838, 1.40888, 1.45832, -0.388943,
            -1.26172, -1.54110, 0.826298, 0.827279, 0.756160, 0.803635,
        ],
        inputs: &[
            0.422132, 0.552822, 1.41518, 0.770479, -0.278166, -0.520523, -1.49560, -1.15541, 0.102057, 0.428074,
            1.40320, 1.40683, 0.860058, -0.187982, -0.484642, -0.553367, -1.23729, -0.000127, 0.361641, 0.553324,
            1.47154, 0.188221, -0.196852, -0.489341, 0.311916, 1.29850, 0.682719, 0.587313, 0.257264, -0.869243,
            -0.609401, -0.674807, -0.796717, 0.339536, 0.465663, 0.684323, 0.495340, 0.194283, -0.861117, -1.51152,
            -0.575580, -0.708101, 0.367861, 1.27081, 0.589309, 1.14009, 0.167903, -0.883256,
        ],
        parameters: &[],
    };
    agrees(PLAIN, waves([[2, 3, 2, 2]; 2], &device), None, &reference);
    let reference = Reference {
        outputs: &[
            1.29611, 1.28228, 1.42570, 0.923761, -1.06992, -1.37218, -1.43000, -1.24435, 0.720104, 1.30352, 1.26905,
            1.42115, -0.287073, -1.08423, -0.961456, -1.43373, 0.787280, 0.852093, -0.329946,
        ],
        inputs: &[
            0.346782, 0.374013, 1.21700, 0.646149, -0.270181, -0.383978, -1.29471, -0.984667, 0.162360, 0.349572,
            1.22281, 1.20940, -0.035777, -0.274771, -1.00961, -1.29438, 0.359557, 1.15433, 0.414535, 0.321251,
            0.118458, -0.815510, -0.388402, -0.390480, -0.582785, 0.382456, 0.317386, 0.414586, 0.979769, 0.094792,
            -0.209696, -0.390785, -0.211393, -0.265251, -0.194356, -0.032053, 0.145325, 0.254355, 0.243757, 0.118517,
            -0.062464, -0.214067, -0.264991, -0.191286, -0.027616, 0.149042, 0.255603, 0.241950,
        ],
        parameters: &[],
    };
    let paper = Mff { anchor: Anchor::Previous, ..PLAIN };
    agrees(paper, waves([[1, 4, 2, 2]; 3], &device), Some(&wave([1, 4, 2, 2], 0.9, &device)), &reference);
    let reference = Reference {
        outputs: &[
            1.17571, 0.869715, 0.154676, -0.633110, -1.12313, -1.08493, -0.536468, 0.264305, 1.06640, 1.17478,
            0.856268, -0.967543, -0.064895, 0.903348, 0.668972, -0.635673, -0.256604, 0.798030, 0.659305, -0.359344,
        ],
        inputs: &[
            0.406677, 0.439566, 0.265720, -0.033099, -0.316350, -0.450817, -0.118324, -0.293406, -0.330495, -0.212146,
            0.005978, 0.221291, 0.406624, 1.05009, 1.19968, 0.785040, 0.001187, -0.783224, -1.31607, -1.27098,
            -0.254258, 0.310135, 1.10254, 0.387050, 0.195450, 0.388125, 0.398259, 0.221085, -0.060068, -0.312970,
            -0.077096, -0.188673, -0.585391, -0.134877, 0.005195, 1.13218, 0.065856, 0.298840, 0.391275, 0.299687,
            0.067152, -0.196966, -0.195596, -0.200902, -0.111721, 0.030004, 0.157618, 0.211101,
        ],
        parameters: &[],
    };
    let code = Mff { balance: Balance::Sum, added: Added::Mean, ..PLAIN };
    agrees(code, waves([[2, 2, 1, 3]; 4], &device), Some(&wave([2, 2, 1, 3], 2.0, &device)), &reference);
    let reference = Reference {
        outputs: &[1.38565, 1.14605, 0.367439, -0.583982, -1.26075, -1.34456, 0.382502, 0.999900, 0.271915],
        inputs: &[
            0.642864, 0.542601, 0.187145, -0.256328, -0.579247, -0.629736, 0.308196, 1.51155, 2.00400, 1.55393,
            0.373031, -0.983314, -0.136730, 0.037184, 0.193610, 0.258978, 0.202544, 0.050851,
        ],
        parameters: &[],
    };
    agrees(Mff { iterations: 3, ..PLAIN }, waves([[1, 3, 1, 2]; 3], &device), None, &reference);
}

#[test]
fn switches_choose_what_comes_out() {
    let device = Device::flex();
    let maps = waves([[2, 3, 2, 4]; 3], &device);
    let mean = (maps[0].clone() + maps[1].clone() + maps[2].clone()) / 3.0;
    let of = |reweights, selects, adds| {
        let fused = Mff { reweights, selects, adds, ..PLAIN }.fuse(&maps, None).unwrap();
        (values(fused.agnostic), fused.balanced, fused.selected)
    };
    let (off, ..) = of(false, false, false);
    assert_eq!(off, values(mean.clone()), "everything off is the baseline");
    let (reweighted, balanced, selected) = of(true, false, false);
    assert!(selected.is_none());
    assert_eq!(reweighted, values(balanced.clone()));
    assert_ne!(reweighted, off);
    assert_eq!(of(true, false, true).0, values(balanced.clone() + mean));
    let (chosen, _, selected) = of(true, true, false);
    let selected = selected.unwrap();
    assert_eq!(chosen, values(selected.clone()));
    assert_eq!(of(true, true, true).0, values(balanced + selected));
}

#[test]
fn each_place_takes_all_channels_of_the_sensor_nearest_to_the_balanced_map() {
    let device = Device::flex();
    let map = |numbers: [f32; 4]| Tensor::<4>::from_data(TensorData::new(numbers.to_vec(), [1, 2, 1, 2]), &device);
    // Two sensors agree on the left; on the right the first is nearest to the mean of all.
    let maps = [map([1.0, 1.0, 0.0, 1.0]), map([0.9, 0.0, 0.1, 1.0]), map([-1.0, 1.0, 3.0, 0.0])];
    let fused = Mff { reweights: false, adds: false, ..PLAIN }.fuse(&maps, None).unwrap();
    // Means: (0.3, 1.03) on the left, (0.67, 0.67) on the right.
    assert_eq!(values(fused.agnostic), [-1.0, 1.0, 3.0, 1.0]);
    let chosen = selection(&similarities(&maps, &fused.balanced)).float();
    assert_eq!(values(chosen), [2.0, 0.0]);
}

#[test]
fn one_sensor_comes_out_twice() {
    let device = Device::flex();
    let maps = waves([[2, 3, 2, 2]], &device);
    let fused = PLAIN.fuse(&maps, None).unwrap();
    assert_close(&values(fused.correlations), &[1.0, 1.0], 1e-6);
    assert_close(&values(fused.agnostic), &values(maps[0].clone() * 2.0), 1e-6);
    assert!(PLAIN.fuse(&[], None).is_none());
}

#[test]
fn a_carried_map_of_another_shape_is_left_out() {
    let device = Device::flex();
    let maps = waves([[2, 3, 2, 2]; 2], &device);
    let alone = values(PLAIN.fuse(&maps, None).unwrap().agnostic);
    let with = |shape| values(PLAIN.fuse(&maps, Some(&wave(shape, 0.4, &device))).unwrap().agnostic);
    assert_ne!(with([2, 3, 2, 2]), alone);
    for other in [[1, 3, 2, 2], [2, 3, 2, 3], [2, 4, 2, 2]] {
        assert_eq!(with(other), alone);
    }
}

#[test]
fn nothing_flows_into_the_carried_map_and_none_is_looked_at_without_an_anchor() {
    let device = Device::flex().autodiff();
    let maps = waves([[1, 3, 1, 2]; 2], &device);
    let previous = wave([1, 3, 1, 2], 0.4, &device).require_grad();
    let fused = PLAIN.fuse(&[maps[0].clone().require_grad(), maps[1].clone()], Some(&previous)).unwrap();
    assert!(previous.grad(&fused.agnostic.sum().backward()).is_none());
    let plain = Mff { anchor: Anchor::Mean, ..PLAIN };
    let of = |previous| values(plain.fuse(&maps, previous).unwrap().agnostic);
    assert_eq!(of(Some(&previous)), of(None));
}

#[test]
fn a_dark_sensor_has_no_direction_and_does_no_harm() {
    let device = Device::flex().autodiff();
    let maps = vec![wave([1, 3, 1, 2], 0.2, &device), Tensor::zeros([1, 3, 1, 2], &device)];
    let (found, gradients) = slopes(maps, |maps| outputs(PLAIN, &maps, None));
    assert!(found.iter().chain(&gradients).all(|value| value.is_finite()));
    assert_eq!(found[7], 0.0);
}
