use burn::module::Param;
use burn::tensor::Device;

use super::*;
use crate::network::interaction::Exchange;
use crate::network::noise::Noise;
use crate::network::testing::{are_finite, recipe, values, wave};
use crate::random::Streams;

fn mit(plan: MitPlan, sharing: Sharing, sensors: usize, device: &Device) -> Mit {
    Mit::new(plan, sharing, sensors, &Init::new(&Streams::new(1), device))
}

fn run(mit: &Mit, images: Vec<Tensor<4>>, branches: &[usize], noise: Noise) -> Vec<Vec<Tensor<4>>> {
    let recipe = recipe(&[]);
    let mut between = Between::new(Exchange::none(), None, &recipe, noise);
    mit.forward(images, branches, &mut between, &mut Probes::off())
}

/// Constants printed by `reference/mit.py`. Published, without the classifier: 3.3 M, 24.2 M (Any2Seg's 24.73 M are
/// 24.196 M and a head of 0.532 M) and 60.8 M.
#[test]
fn encoders_have_the_published_numbers_of_parameters() {
    let device = Device::flex();
    let count = |plan, sharing| mit(plan, sharing, 2, &device).num_params();
    assert_eq!(count(MitPlan::B0, Sharing::All), 3_319_392);
    assert_eq!(count(MitPlan::B2, Sharing::All), 24_196_288);
    assert_eq!(count(MitPlan::B4, Sharing::All), 60_842_688);
    let (shared, separate) = (count(MitPlan::NANO, Sharing::All), count(MitPlan::NANO, Sharing::Separate));
    assert_eq!(separate, 2 * shared);
    let norms = count(MitPlan::NANO, Sharing::Convolutions) - shared;
    // Four norms a level with one block (two in the block, one after the patches, one at the end), and one more where
    // keys are thinned out; scale and shift each.
    assert_eq!(norms, 2 * (5 * (16 + 32 + 64) + 4 * 128));
}

#[test]
fn levels_halve_from_a_quarter_of_any_size() {
    let device = Device::flex();
    let mit = mit(MitPlan::NANO, Sharing::All, 1, &device);
    for ([height, width], sides) in [
        ([65, 96], [[17, 24], [9, 12], [5, 6], [3, 3]]),
        ([1, 1], [[1, 1]; 4]),
        ([3, 40], [[1, 10], [1, 5], [1, 3], [1, 2]]),
    ] {
        let levels = run(&mit, vec![wave([2, 3, height, width], 0.3, &device)], &[0], Noise::off());
        let sizes: Vec<_> = [16, 32, 64, 128].into_iter().zip(sides).map(|(width, [h, w])| [2, width, h, w]).collect();
        are_finite(levels[0].clone(), &sizes);
    }
}

#[test]
fn sensors_share_all_nothing_or_all_but_norms() {
    let device = Device::flex();
    let image = || wave([1, 3, 32, 32], 0.3, &device);
    let last = |mit: &Mit, sensor| values(run(mit, vec![image()], &[sensor], Noise::off())[0][3].clone());
    let shared = mit(MitPlan::NANO, Sharing::All, 2, &device);
    assert_eq!(last(&shared, 0), last(&shared, 1));
    // Fresh norms are alike, so only a changed one tells them apart.
    let mut norms = mit(MitPlan::NANO, Sharing::Convolutions, 2, &device);
    assert_eq!(last(&norms, 0), last(&norms, 1));
    norms.level4.norm.of_mut(1).beta = Param::from_tensor(Tensor::ones([128], &device));
    assert_ne!(last(&norms, 0), last(&norms, 1));
    assert_eq!(last(&norms, 0), last(&shared, 0));
    let separate = mit(MitPlan::NANO, Sharing::Separate, 2, &device);
    assert_ne!(last(&separate, 0), last(&separate, 1));
    assert_eq!(last(&separate, 0), last(&shared, 0));
}

#[test]
fn residuals_are_left_out_by_name_in_training_only() {
    let device = Device::flex();
    let mit = mit(MitPlan::NANO, Sharing::All, 2, &device);
    let image = || wave([4, 3, 32, 32], 0.3, &device);
    let levels = |noise, sensor| run(&mit, vec![image()], &[sensor], noise)[0].clone();
    let step = |step| Noise::of(Streams::new(3), step);
    let plain = levels(Noise::off(), 0);
    // The first block is never left out.
    assert_eq!(values(levels(step(1), 0)[0].clone()), values(plain[0].clone()));
    let differs = |a: &[Tensor<4>], b: &[Tensor<4>]| values(a[3].clone()) != values(b[3].clone());
    assert!((1..9).any(|number| differs(&levels(step(number), 0), &plain)));
    assert!((1..9).any(|number| differs(&levels(step(number), 0), &levels(step(number), 1))));
    for number in 1..9 {
        assert!(!differs(&levels(step(number), 0), &levels(step(number), 0)));
    }
}
