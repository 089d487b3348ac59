//! RTFNet's decoder (Sun, Zuo & Liu, RA-L 2019), which cross-spectral adaptation uses (ICRA 2025, Fig. 2).

use burn::module::Module;
use burn::tensor::Tensor;

use super::trans_bottleneck::TransBottleneck;
use crate::network::layers::{Conv, ConvShape, Init, Statistics, resize_bilinear};
use crate::recipe::Recipe;
use crate::recipe::catalogue::decoder;

/// Five stages, each of which doubles the sides and halves the channels of the last level: 2048 → 1024 → 512 → 256 →
/// 128 → classes for ResNets. The decoder map is what stage 3 gives, at a quarter of the input.
///
/// The last stage ends in a ReLU as all do, so class scores are never negative. The released code has no skip
/// connections; the paper claims them: with `decoder.skip` the level of the same size is added behind stages 1 to 3.
#[derive(Module, Debug)]
pub struct RtfNet {
    stage1: Stage,
    stage2: Stage,
    stage3: Stage,
    stage4: Stage,
    stage5: Stage,
    /// Brings a level to its stage's width, where they differ.
    skip1: Option<Conv>,
    skip2: Option<Conv>,
    skip3: Option<Conv>,
    #[module(skip)]
    width: usize,
    #[module(skip)]
    skips: bool,
}

/// A block that keeps its input's shape, and one that doubles the sides and changes the channels.
#[derive(Module, Debug)]
struct Stage {
    keep: TransBottleneck,
    rise: TransBottleneck,
}

impl Stage {
    fn new(input: usize, output: usize, init: &Init<'_>) -> Self {
        Self {
            keep: TransBottleneck::keeping(input, &init.at("keep")),
            rise: TransBottleneck::doubling(input, output, &init.at("rise")),
        }
    }

    fn forward(&self, x: Tensor<4>, statistics: Statistics) -> Tensor<4> {
        self.rise.forward(self.keep.forward(x, statistics), statistics)
    }
}

impl RtfNet {
    /// For levels of these widths.
    pub fn new(widths: [usize; 4], classes: usize, recipe: &Recipe, init: &Init<'_>) -> Self {
        // Narrow encoders keep enough channels for the classes to tell apart.
        let after = |stage: usize| (widths[3] >> stage).max(NARROWEST);
        let stage = |number: usize, output| {
            let input = if number == 1 { widths[3] } else { after(number - 1) };
            Stage::new(input, output, &init.at(format_args!("stage{number}")))
        };
        let skips = recipe.get(decoder::SKIP);
        let skip = |number: usize| {
            let (level, stage) = (widths[3 - number], after(number));
            (skips && level != stage)
                .then(|| Conv::new(ConvShape::pointwise(level, stage), &init.at(format_args!("skip{number}"))))
        };
        Self {
            stage1: stage(1, after(1)),
            stage2: stage(2, after(2)),
            stage3: stage(3, after(3)),
            stage4: stage(4, after(4)),
            stage5: stage(5, classes),
            skip1: skip(1),
            skip2: skip(2),
            skip3: skip(3),
            width: after(3),
            skips,
        }
    }

    /// The four levels of a branch to its decoder map `[batch, width, ⌈height / 4⌉, ⌈width / 4⌉]`.
    ///
    /// Where a level's side is odd, doubling gives one row or column too many, which is cut off. Where the encoder is
    /// dilated and two levels are of one size, the result is resized to it.
    pub fn forward(&self, levels: &[Tensor<4>], statistics: impl Into<Statistics>) -> Tensor<4> {
        let statistics = statistics.into();
        let mut map = levels[3].clone();
        let stages = [(&self.stage1, &self.skip1), (&self.stage2, &self.skip2), (&self.stage3, &self.skip3)];
        for ((stage, skip), level) in stages.into_iter().zip(levels[..3].iter().rev()) {
            let [_, _, height, width] = level.dims();
            map = fit(stage.forward(map, statistics), [height, width]);
            if self.skips {
                map = map + skip.as_ref().map_or_else(|| level.clone(), |skip| skip.forward(level.clone()));
            }
        }
        map
    }

    /// The decoder map to class scores at four times its size.
    pub fn scores(&self, decoded: &Tensor<4>, statistics: impl Into<Statistics>) -> Tensor<4> {
        let statistics = statistics.into();
        self.stage5.forward(self.stage4.forward(decoded.clone(), statistics), statistics)
    }

    /// Channels of the decoder map.
    pub fn width(&self) -> usize {
        self.width
    }
}

/// The fewest channels between two stages.
const NARROWEST: usize = 8;

/// Cuts one row or column too many; resizes what is larger still.
fn fit(map: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
    let [_, _, height, width] = map.dims();
    if height > size[0] + 1 || width > size[1] + 1 {
        return resize_bilinear(map, size);
    }
    map.narrow(2, 0, size[0]).narrow(3, 0, size[1])
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::network::contract::Mode;
    use crate::network::testing::{are_finite, recipe, trained, values, waves};
    use crate::random::Streams;

    fn decoder(widths: [usize; 4], skip: &str, device: &Device) -> RtfNet {
        RtfNet::new(widths, 3, &recipe(&[("decoder.skip", skip)]), &Init::new(&Streams::new(1), device))
    }

    #[test]
    fn odd_sizes_and_dilated_encoders_meet_their_levels() {
        let device = Device::flex();
        let decoder = decoder([8, 16, 32, 64], "on", &device);
        for sizes in [[[1, 1]; 4], [[9, 5], [5, 3], [3, 2], [2, 1]], [[12, 8], [6, 4], [3, 2], [3, 2]]] {
            let levels: Vec<_> = sizes
                .iter()
                .zip([8, 16, 32, 64])
                .map(|(&[h, w], width)| waves([[2, width, h, w]], &device).remove(0))
                .collect();
            let map = decoder.forward(&levels, Mode::Train);
            let [height, width] = sizes[0];
            let scores = decoder.scores(&map, Mode::Train);
            assert!(values(scores.clone()).iter().all(|&score| score >= 0.0));
            are_finite(vec![map, scores], &[[2, 8, height, width], [2, 3, 4 * height, 4 * width]]);
        }
    }

    #[test]
    fn skips_need_parameters_only_where_widths_differ() {
        let device = Device::flex();
        let count = |widths, skip| trained(&decoder(widths, skip, &device));
        let equal = [8, 16, 32, 64];
        assert_eq!(count(equal, "on"), count(equal, "off"));
        assert_eq!(count([10, 16, 32, 64], "on"), count(equal, "off") + 10 * 8);
    }

    /// By hand: a keeping block of c channels c² + 2 · 9c² + 6c, a doubling one to o channels co + 9o² + 4o² + 4co +
    /// 8o. With 2048 channels and 9 classes that is 138 228 709, and with two ResNet-50 encoders (one for gray images)
    /// the 185.24 M that RTFNet-50 is published with.
    #[test]
    fn parameters_are_those_of_rtfnet() {
        let keep = |c: usize| 19 * c * c + 6 * c;
        let rise = |c: usize, o: usize| 5 * c * o + 13 * o * o + 8 * o;
        let all = |first: usize, classes| {
            let widths = [first, first / 2, first / 4, first / 8, first / 16, classes];
            widths.windows(2).map(|pair| keep(pair[0]) + rise(pair[0], pair[1])).sum::<usize>()
        };
        let device = Device::flex();
        let recipe = recipe(&[("decoder.skip", "off")]);
        let decoder = RtfNet::new([16, 32, 64, 128], 9, &recipe, &Init::new(&Streams::new(1), &device));
        assert_eq!(trained(&decoder), all(128, 9));
        let encoders = 2 * (25_557_032 - 2_049_000) - 2 * 49 * 64;
        assert_eq!(format!("{:.2}", (all(2048, 9) + encoders) as f64 / 1e6), "185.24");
    }
}
