//! Branches that are kept from one subset of the sensors to the next.

use burn::tensor::Device;

use super::*;
use crate::tally;

/// All of the sensors, then each alone.
fn subsets(sensors: usize) -> Vec<Vec<bool>> {
    let alone = (0..sensors).map(|one| (0..sensors).map(|sensor| sensor == one).collect());
    std::iter::once(vec![true; sensors]).chain(alone).collect()
}

/// Asks for every subset with one [`Kept`] and apart, which must be the same bit for bit; multiply-adds in the encoder
/// with it, subset by subset.
fn encoder_costs(changes: &[(&str, &str)], sensors: usize) -> Vec<u64> {
    let device = Device::flex();
    let recipe = recipe(changes);
    let net = network(&recipe, sensors, &device);
    let all = inputs(&vec![true; sensors], [40, 56], &device);
    let mut kept = Kept::default();
    let ask = |present: Vec<bool>| {
        let images = all.images.iter().zip(present).map(|(image, present)| image.clone().filter(|_| present));
        let inputs = Inputs::new(images.collect());
        let plain = infer(&net, &recipe, &inputs);
        let (found, costs) = tally::counted(|| net.forward_keeping(&inputs, &recipe, &mut kept));
        assert_eq!(names(&found), names(&plain), "{changes:?}");
        for name in names(&plain) {
            assert!(head(&found, name) == head(&plain, name), "{changes:?}: the head `{name}`");
        }
        let stages = |output: &Output| -> Vec<Vec<f32>> {
            [&output.features.stages, &output.features.raw]
                .into_iter()
                .flatten()
                .flatten()
                .cloned()
                .map(values)
                .collect()
        };
        assert!(stages(&found) == stages(&plain), "{changes:?}: the stages");
        costs.iter().filter(|cost| cost.part == "encoder").map(|cost| cost.multiply_adds).sum()
    };
    subsets(sensors).into_iter().map(ask).collect()
}

#[test]
fn subsets_share_branches_bit_for_bit_where_branches_do_not_meet() {
    let average = [("fusion.kind", "average"), ("fusion.level", "decoder")];
    let with = |more: &[(&'static str, &'static str)]| [&QUIET[..], &average, more].concat();
    let two = ["branch", "copy"].map(|rule| vec![QUIET[0], QUIET[1], ("inference.single", rule)]);
    let more = [
        with(&[]),
        with(&[("encoder.sharing", "shared"), ("decoder.sharing", "shared")]),
        with(&[
            ("fusion.kind", "mff"),
            ("fusion.level", "logits"),
            ("decoder.sharing", "shared"),
            ("decoder.norms", "alternating"),
        ]),
        with(&[("fusion.kind", "weighted"), ("fusion.level", "levels")]),
        with(&[("encoder.family", "mit-nano")]),
        with(&[("encoder.family", "mscan-nano")]),
    ];
    let two = two.iter().map(|changes| (changes, 2));
    for (changes, sensors) in two.chain(more.iter().map(|changes| (changes, 3))) {
        let costs = encoder_costs(changes, sensors);
        assert!(costs[0] > 0 && costs[1..].iter().all(|&cost| cost == 0), "{changes:?}: {costs:?}");
    }
}

#[test]
fn branches_that_meet_or_see_another_image_are_walked_anew() {
    let costs = encoder_costs(&[], 2);
    assert!(costs.iter().all(|&cost| cost > 0), "columns change places: {costs:?}");
    for rule in ["both", "zeros"] {
        let costs = encoder_costs(&[QUIET[0], QUIET[1], ("inference.single", rule)], 2);
        assert!(costs.iter().all(|&cost| cost > 0), "both branches see one image: {costs:?}");
    }
}
