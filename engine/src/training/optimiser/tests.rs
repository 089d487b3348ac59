use burn::module::Param;

use super::*;

#[derive(Module, Debug)]
struct Line {
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
    spare: Param<Tensor<2>>,
}

fn wave<const D: usize>(shape: [usize; D], phase: f64) -> Tensor<D> {
    let count = shape.iter().product::<usize>();
    let values: Vec<f32> = (0..count).map(|index| (1.7 * index as f64 + phase).sin() as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex().autodiff())
}

fn line() -> Line {
    Line {
        weight: Param::from_tensor(wave([2, 3], 0.3)),
        bias: Param::from_tensor(wave([2], 2.1)),
        spare: Param::from_tensor(wave([2, 2], 5.0)),
    }
}

fn loss(line: &Line) -> Tensor<1> {
    let found = wave([4, 3], 1.0).matmul(line.weight.val().transpose()) + line.bias.val().unsqueeze();
    (found - wave([4, 2], 4.0)).square().sum()
}

fn optimiser(optimiser: &str, momentum: &str, nesterov: &str) -> Optimiser {
    let mut recipe = Recipe::defaults("r");
    recipe.set_text("training.optimiser", optimiser).unwrap();
    recipe.set_text("training.momentum", momentum).unwrap();
    recipe.set_text("training.nesterov", nesterov).unwrap();
    Optimiser::new(&recipe)
}

fn settings(learning_rate: f64, weight_decay: f64, clip_norm: f64) -> UpdateSettings {
    UpdateSettings { learning_rate, weight_decay, clip_norm, loss_scale: 1.0 }
}

fn values(line: &Line) -> Vec<f32> {
    let weight = line.weight.val().into_data().as_slice::<f32>().unwrap().to_vec();
    [weight, line.bias.val().into_data().as_slice::<f32>().unwrap().to_vec()].concat()
}

/// Steps `from..to` of five at falling rates, as in `reference/optimisers.py`; also the gradient norms.
fn run(optimiser: &mut Optimiser, mut line: Line, steps: std::ops::Range<u8>, clip: f64) -> (Line, Vec<f32>) {
    let mut norms = Vec::new();
    for step in steps {
        let gradients = loss(&line).backward();
        let rate = 0.1 / f64::from(step + 1);
        let (next, norm) = optimiser.step(&line, &gradients, settings(rate, 0.1, clip)).unwrap();
        line = next;
        norms.push(norm);
    }
    (line, norms)
}

#[track_caller]
fn near(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 2e-6 * expected.abs().max(1.0), "{found}, expected {expected}");
    }
}

/// `reference/optimisers.py` prints these.
const REFERENCE: [(&str, &str, &str, f64, [f32; 8]); 5] = [
    (
        "sgd",
        "0.9",
        "off",
        0.0,
        [-0.270_101, -0.559_906_7, 0.414_382_8, -0.132_435_4, 0.531_170_8, -0.004_441_632, -0.370_514_6, -0.287_702_4],
    ),
    (
        "sgd",
        "0.9",
        "on",
        0.0,
        [-0.082_300_28, -0.322_123_4, 0.165_308_1, -0.222_951, 0.369_750_5, 0.127_670_3, 0.009_282_405, -0.230_987_3],
    ),
    (
        "sgd",
        "0",
        "off",
        0.0,
        [-0.076_255_17, -0.003_477_61, 0.077_151_4, -0.359_656_2, 0.656_998, 0.190_354_9, 0.041_027_44, -0.464_915_9],
    ),
    (
        "sgd",
        "0.9",
        "on",
        1.0,
        [0.122_276_4, 0.499_889_9, -0.251_092_5, -0.562_155_7, 0.691_179_2, 0.384_046_3, 0.499_404_2, -0.580_809],
    ),
    (
        "adamw",
        "0.9",
        "on",
        0.0,
        [0.066_406_18, 0.663_545_9, -0.294_197_3, -0.532_818_8, 0.734_658_9, 0.350_449_3, 0.635_909_5, -0.508_262_2],
    ),
];

#[test]
fn trajectories_equal_pytorchs_in_both_groups() {
    for (rule, momentum, nesterov, clip, expected) in REFERENCE {
        let (line, norms) = run(&mut optimiser(rule, momentum, nesterov), line(), 0..5, clip);
        near(&values(&line), &expected);
        if clip > 0.0 {
            near(&norms, &[12.665_48, 11.034_38, 9.888_343, 8.929_595, 8.082_103]);
        }
    }
}

#[test]
fn the_kernel_and_tensor_operations_take_the_same_step() {
    for (rule, momentum, nesterov, ..) in REFERENCE {
        let rule = optimiser(rule, momentum, nesterov).rule;
        let plain = |phase| wave([100_000], phase).inner();
        let moments = || rule.moments().iter().map(|_| plain(1.0).square()).collect::<Vec<_>>();
        for (scale, decay) in [(1.0, 0.0), (0.25, 0.3)] {
            let change = Change { rule, scale, rate: 0.1, decay, steps: 3 };
            let mut host_moments = moments();
            let halves = |flat: Tensor<1>| flat.split_with_sizes(vec![70_000, 30_000], 0);
            let host = kernels::update(change.rule(), &halves(plain(2.0)), &halves(plain(3.0)), &mut host_moments);
            let (twin, twin_moments) = change.apply(plain(2.0), plain(3.0), moments());
            // With the kernels off there is nothing to compare.
            let Some(host) = host.map(|parts| Tensor::cat(parts, 0)) else { continue };
            assert_eq!(host_moments.len(), rule.moments().len());
            for (host, twin) in host_moments.into_iter().zip(twin_moments).chain([(host, twin)]) {
                let apart = (host - twin).abs().max().into_scalar::<f32>();
                assert!(apart < 1e-6, "{rule:?}: {apart}");
            }
        }
    }
}

#[test]
fn a_restored_state_continues_bit_for_bit() {
    for (rule, momentum, nesterov, clip, _) in REFERENCE {
        let whole = run(&mut optimiser(rule, momentum, nesterov), line(), 0..5, clip).0;
        let mut first = optimiser(rule, momentum, nesterov);
        let half = run(&mut first, line(), 0..2, clip).0;
        let mut second = optimiser(rule, momentum, nesterov);
        second.restore(&first.state(), &Device::flex()).unwrap();
        assert_eq!(second.state(), first.state(), "restoring loses nothing");
        let rest = run(&mut second, half, 2..5, clip).0;
        assert_eq!(values(&rest), values(&whole), "{rule}");
    }
}

/// Gradients of small whole numbers, whose squares have the same sum in any order.
fn whole_gradients(line: &Line) -> Gradients {
    let weight = line.weight.val() * (wave([2, 3], 1.0) * 4.0).floor();
    let bias = line.bias.val() * (wave([2], 2.0) * 4.0).floor();
    let spare = line.spare.val() * (wave([2, 2], 3.0) * 4.0).floor();
    (weight.sum() + bias.sum() + spare.sum()).backward()
}

#[test]
fn parameters_in_several_buffers_take_the_same_steps_bit_for_bit() {
    for (rule, momentum, nesterov, clip, _) in REFERENCE {
        let run = |most: usize| {
            let (mut optimiser, mut line, mut norms) = (optimiser(rule, momentum, nesterov), line(), Vec::new());
            for _ in 0..3 {
                let gathered = optimiser.gather_within(entries_of(&line, &whole_gradients(&line)), most).unwrap();
                let read = readback::read_all(gathered.asked());
                let (next, norm) = optimiser.update(&line, gathered, read, settings(0.1, 0.3, clip)).unwrap();
                line = next;
                norms.push(norm);
            }
            let spare = line.spare.val().into_data().as_slice::<f32>().unwrap().to_vec();
            let sizes: Vec<Vec<usize>> =
                optimiser.groups.iter().map(|group| group.slots.iter().map(Slot::len).collect()).collect();
            (sizes, (values(&line), spare, norms, optimiser.state()))
        };
        let (sizes, one_buffer) = run(usize::MAX);
        // The bias is not decayed; weight and spare are.
        assert_eq!(sizes, [vec![2], vec![6, 4]]);
        let apart = vec![vec![2], vec![6], vec![4]];
        for (most, expected) in [(10, sizes), (9, apart.clone()), (1, apart)] {
            let (sizes, several) = run(most);
            assert_eq!(sizes, expected, "at most {most}");
            assert!(several == one_buffer, "{rule}, at most {most}: {several:?}, expected {one_buffer:?}");
        }
    }
}

#[test]
fn a_parameter_without_gradient_is_left_alone_and_joins_later() {
    for rule in ["sgd", "adamw"] {
        let mut late = optimiser(rule, "0.9", "on");
        let (line, _) = run(&mut late, line(), 0..3, 0.0);
        let spare = |line: &Line| line.spare.val().into_data();
        assert_eq!(spare(&line), wave([2, 2], 5.0).into_data());
        assert!(!late.state().contains_key("steps/spare"));
        // From here on it has a gradient: its first step is that of a fresh optimiser.
        let with_spare = |line: &Line| (loss(line) + line.spare.val().square().sum()).backward();
        let (joined, _) = late.step(&line, &with_spare(&line), settings(0.1, 0.1, 0.0)).unwrap();
        let (fresh, _) = optimiser(rule, "0.9", "on").step(&line, &with_spare(&line), settings(0.1, 0.1, 0.0)).unwrap();
        assert_eq!(spare(&joined), spare(&fresh));
        assert_ne!(values(&joined), values(&fresh), "the others keep their moments");
        let steps = |name: &str| late.state()[&format!("steps/{name}")].as_slice::<i64>().unwrap()[0];
        assert_eq!((steps("weight"), steps("spare")), (4, 1));
        // It rests again, and its moments are kept.
        let (_, _) = run(&mut late, joined, 4..5, 0.0);
        assert_eq!(late.state()["steps/spare"].as_slice::<i64>().unwrap(), [1]);
    }
}

#[test]
fn the_gradients_of_a_scaled_loss_take_the_same_steps_bit_for_bit() {
    for (rule, momentum, nesterov, clip, _) in REFERENCE {
        let run = |loss_scale: f64| {
            let (mut optimiser, mut line, mut norms) = (optimiser(rule, momentum, nesterov), line(), Vec::new());
            for _ in 0..3 {
                let gradients = (loss(&line) * loss_scale).backward();
                let settings = UpdateSettings { loss_scale, ..settings(0.1, 0.3, clip) };
                let (next, norm) = optimiser.step(&line, &gradients, settings).unwrap();
                line = next;
                norms.push(norm);
            }
            (values(&line), norms, optimiser.state())
        };
        assert!(run(1.0) == run(65536.0), "{rule}, clipped at {clip}");
    }
}

#[test]
fn a_gradient_that_is_not_finite_is_named_and_nothing_changes() {
    for rule in ["sgd", "adamw"] {
        let mut optimiser = optimiser(rule, "0.9", "on");
        let fresh = line();
        let infinite = (fresh.bias.val() * f32::INFINITY).sum().backward();
        assert!(optimiser.step(&fresh, &infinite, settings(0.1, 0.1, 1.0)).is_err());
        assert!(optimiser.state().is_empty(), "a step that was not taken is not counted");
        let (line, _) = run(&mut optimiser, fresh, 0..2, 0.0);
        let (before, state) = (values(&line), optimiser.state());
        let infinite = (line.bias.val() * f32::INFINITY).sum() + line.weight.val().sum();
        let error = optimiser.step(&line, &infinite.backward(), settings(0.1, 0.1, 1.0)).unwrap_err();
        assert_eq!(error, OptimiserError::NotFinite { name: "bias".to_owned() });
        assert_eq!((values(&line), optimiser.state()), (before, state));
    }
}

#[test]
fn finite_gradients_whose_squares_overflow_are_clipped() {
    let line = line();
    let gradients = (line.bias.val() * 3e30).sum().backward();
    let (next, norm) = optimiser("sgd", "0", "off").step(&line, &gradients, settings(1.0, 0.0, 1.0)).unwrap();
    assert!((norm / (3e30 * 2.0_f32.sqrt()) - 1.0).abs() < 1e-6, "{norm}");
    let moved = (line.bias.val() - next.bias.val()).into_data();
    for moved in moved.as_slice::<f32>().unwrap() {
        assert!((moved - 0.5_f32.sqrt()).abs() < 1e-6, "{moved}");
    }
}

#[test]
fn updated_parameters_still_record_gradients() {
    let (line, _) = run(&mut optimiser("adamw", "0.9", "on"), line(), 0..1, 0.0);
    assert!(line.weight.val().is_require_grad() && line.weight.val().is_autodiff());
}

#[test]
fn a_state_that_does_not_fit_is_refused_with_the_entrys_name() {
    let mut sgd = optimiser("sgd", "0.9", "on");
    run(&mut sgd, line(), 0..1, 0.0);
    let state = sgd.state();
    let mut adamw = optimiser("adamw", "0.9", "on");
    let message = adamw.restore(&state, &Device::flex()).unwrap_err().to_string();
    assert!(message.contains("momentum/bias") && message.contains("first, second"), "{message}");

    let mut missing = state.clone();
    missing.remove("momentum/weight");
    let message = sgd.restore(&missing, &Device::flex()).unwrap_err().to_string();
    assert!(message.contains("momentum/weight"), "{message}");

    let mut orphan = state.clone();
    orphan.remove("steps/weight");
    let message = sgd.restore(&orphan, &Device::flex()).unwrap_err().to_string();
    assert!(message.contains("momentum/weight"), "{message}");
    assert_eq!(sgd.state(), state, "a refused state changes nothing");

    let mut misshapen = state;
    misshapen.insert("momentum/weight".to_owned(), TensorData::new(vec![0.0_f32; 6], [3, 2]));
    sgd.restore(&misshapen, &Device::flex()).unwrap();
    let line = line();
    let error = sgd.step(&line, &loss(&line).backward(), settings(0.1, 0.1, 0.0)).unwrap_err().to_string();
    assert!(error.contains("weight") && error.contains("[2, 3]") && error.contains("[3, 2]"), "{error}");
}
