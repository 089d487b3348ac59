//! Every kernel against its plain twin over the whole space of sizes, the same cases in every run.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() }
}

/// A convolution: shapes of input and weight, stride, dilation, padding.
type Convolution = ([usize; 4], [usize; 4], usize, usize, [(usize, usize); 2]);

/// Any convolution that exists. Channels are groups, and channels in and out of a group; a kernel that reaches over the
/// padded input gets more padding behind it, so many are larger than the input itself.
fn convolution(
    channels: [RangeInclusive<usize>; 3],
    side: RangeInclusive<usize>,
) -> impl Strategy<Value = Convolution> {
    let size = prop_oneof![4 => 1..=11_usize, 1 => 12..=40_usize];
    let padding = prop_oneof![1 => Just((0, 0)), 3 => (0..=4_usize, 0..=4_usize)];
    let axis = (size, side, padding);
    (1..=3_usize, channels, 1..=4_usize, 1..=3_usize, [axis.clone(), axis]).prop_map(
        |(batch, [groups, input, output], stride, dilation, axes)| {
            let padding = axes.map(|(size, side, (before, after))| {
                let missing = (dilation * (side - 1) + 1).saturating_sub(size + before + after);
                (before, after + missing)
            });
            let [(height, rows, _), (width, columns, _)] = axes;
            let x = [batch, groups * input, height, width];
            (x, [groups * output, input, rows, columns], stride, dilation, padding)
        },
    )
}

proptest! {
    #![proptest_config(cases(160))]

    #[test]
    fn full_convolutions_equal_the_stock_ones_whatever_their_geometry(
        (x, weight, stride, dilation, padding) in convolution([1..=1, 1..=9, 1..=9], 1..=6),
    ) {
        compare_convolution(x, weight, stride, dilation, padding);
    }

    #[test]
    fn pointwise_convolutions_equal_the_stock_ones_whatever_their_geometry(
        (x, weight, stride, dilation, padding) in convolution([1..=1, 1..=19, 1..=19], 1..=1),
    ) {
        compare_convolution(x, weight, stride, dilation, padding);
    }

    #[test]
    fn depthwise_convolutions_equal_the_stock_ones_whatever_their_geometry(
        (x, weight, stride, dilation, padding) in convolution([2..=19, 1..=1, 1..=1], 1..=6),
    ) {
        compare_convolution(x, weight, stride, dilation, padding);
    }

    #[test]
    fn norms_equal_the_stock_ones_whatever_their_sizes(
        shape in [1..=3_usize, 1..=19_usize, 1..=9_usize, 1..=40_usize],
        activation in prop::sample::select(ALL.to_vec()),
    ) {
        compare_norm(shape, activation);
    }

    #[test]
    fn layer_norms_equal_the_stock_ones_whatever_their_sizes(
        shape in [1..=3_usize, 1..=19_usize, 1..=9_usize, 1..=90_usize],
    ) {
        compare_layer_norm(shape);
    }

    #[test]
    fn resizing_equals_the_stock_products_whatever_the_sizes(
        maps in [1..=2_usize, 1..=5_usize],
        from in [1..=12_usize, 1..=20_usize],
        to in [1..=25_usize, 1..=25_usize],
    ) {
        compare_resize(maps, from, to);
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn grouped_convolutions_equal_the_stock_ones_whatever_their_geometry(
        (x, weight, stride, dilation, padding) in convolution([2..=4, 1..=3, 1..=3], 1..=4),
    ) {
        compare_convolution(x, weight, stride, dilation, padding);
    }

    #[test]
    fn attention_equals_the_stock_one_whatever_its_sizes(
        pairs in [1..=2_usize, 1..=3_usize],
        depth in 1..=19_usize,
        places in prop_oneof![4 => 1..=40_usize, 1 => 500..=530_usize],
        sources in 1..=40_usize,
    ) {
        compare_attention([pairs[0], pairs[1], depth, places, sources]);
    }
}
