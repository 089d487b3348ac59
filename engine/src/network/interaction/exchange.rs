//! Channel and spatial exchange between two sensors (OGP-Net, distillation with multi-view contrastive; after CEN).

mod plan;
mod scales;

use std::collections::BTreeMap;

use burn::tensor::{Bool, Device, Tensor, TensorData};

pub use self::plan::{exchangeable, sparsity};
pub use self::scales::show_scales;
use crate::network::late_figures::{Late, LateFigures};
use crate::network::probes::Probes;
use crate::protocol::{Figure, Quantity};
use crate::recipe::catalogue::exchange::channel::Site;
use crate::recipe::catalogue::exchange::spatial;

/// A batch norm in an encoder: the kind of site, the stage from 1 to 5, and the block in it.
pub type Place = (Site, (usize, usize));

/// What is exchanged in one forward pass. Everything is decided before the pass: the scales of all norms are read once.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// Per place and sensor, which channels are replaced by the other sensor's.
    replaced: BTreeMap<Place, [Vec<bool>; 2]>,
    /// The same of a network on a graphics card, where a look at the scales would wait for all that was asked of it.
    masks: BTreeMap<Place, [Tensor<1, Bool>; 2]>,
    columns: Option<Columns>,
    device: Option<Device>,
}

/// Which columns change places, and where.
#[derive(Clone, Debug)]
struct Columns {
    stages: Vec<usize>,
    site: spatial::Site,
    /// Columns 1, 3, 5, …, else 0, 2, 4, ….
    odd: bool,
}

impl Exchange {
    /// Nothing is exchanged.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether nothing is exchanged.
    pub fn is_none(&self) -> bool {
        self.replaced.is_empty() && self.columns.is_none()
    }

    /// Exchanges channels at a place: `u′ᵐ_c = uᵐ_c` where `|γᵐ_c| ≥ θ`, else `u¹⁻ᵐ_c`; θ may be a share of the mean
    /// `|γ|` of that norm. The masks carry no gradient.
    pub fn channels(&self, place: Place, maps: Vec<Tensor<4>>) -> Vec<Tensor<4>> {
        if let Some([first, second]) = self.masks.get(&place)
            && let [one, other] = &maps[..]
        {
            let swap = |own: &Tensor<4>, other: &Tensor<4>, mask: &Tensor<1, Bool>| {
                let [channels] = mask.dims();
                let mask: Tensor<4, Bool> = mask.clone().reshape([1, channels, 1, 1]).expand(own.dims());
                own.clone().mask_where(mask, other.clone())
            };
            return vec![swap(one, other, first), swap(other, one, second)];
        }
        let (Some(replaced), Some(device)) = (self.replaced.get(&place), &self.device) else { return maps };
        let Ok([first, second]) = <[Tensor<4>; 2]>::try_from(maps.clone()) else { return maps };
        let swap = |own: &Tensor<4>, other: &Tensor<4>, flags: &[bool]| {
            if !flags.contains(&true) {
                return own.clone();
            }
            let mask = Tensor::<1, Bool>::from_data(TensorData::new(flags.to_vec(), [flags.len()]), device);
            let mask: Tensor<4, Bool> = mask.reshape([1, flags.len(), 1, 1]).expand(own.dims());
            own.clone().mask_where(mask, other.clone())
        };
        vec![swap(&first, &second, &replaced[0]), swap(&second, &first, &replaced[1])]
    }

    /// Exchanges every other column of a stage's maps (Eq. 2); `at` says on which side of it they stand.
    ///
    /// Worth knowing: where stage 5 is dilated by two, its convolutions keep odd and even columns apart, and an
    /// exchange behind stage 5 brings the columns exchanged behind stage 4 home. What remains is that stage 5 saw them
    /// with the other sensor's norms. Before stages 4 and 5 nothing comes home: stage 4 strides, and so mixes columns.
    pub fn columns(
        &self,
        stage: usize,
        at: spatial::Site,
        maps: Vec<Tensor<4>>,
        probes: &mut Probes,
    ) -> Vec<Tensor<4>> {
        let (Some(Columns { stages, site, odd }), Some(device)) = (&self.columns, &self.device) else { return maps };
        if maps.len() != 2 || *site != at || !stages.contains(&stage) {
            return maps;
        }
        let [_, _, height, width] = maps[0].dims();
        let flags: Vec<bool> = (0..width).map(|column| (column % 2 == 1) == *odd).collect();
        let row = Tensor::<1, Bool>::from_data(TensorData::new(flags, [width]), device).reshape([1, 1, 1, width]);
        probes.record("exchange.spatial.mask", || row.clone().float().expand([1, 1, height, width]));
        let mask: Tensor<4, Bool> = row.expand(maps[0].dims());
        vec![
            maps[0].clone().mask_where(mask.clone(), maps[1].clone()),
            maps[1].clone().mask_where(mask, maps[0].clone()),
        ]
    }

    /// The share of exchanged channels: of all norms that exchange as `exchange.channel.share`, and of each stage's as
    /// `exchange.channel.stage4.share`, both sensors together. Empty where channels are not exchanged.
    pub fn shares(&self) -> Vec<Figure> {
        if self.replaced.is_empty() {
            return Vec::new();
        }
        let mut whole = Count::default();
        let mut by_stage: BTreeMap<usize, Count> = BTreeMap::new();
        for (&(_, (stage, _)), flags) in &self.replaced {
            for flags in flags {
                whole.add(flags);
                by_stage.entry(stage).or_default().add(flags);
            }
        }
        let stages = by_stage.iter().map(|(stage, count)| {
            Figure::new(format!("exchange.channel.stage{stage}.share"), Quantity::Share, count.share())
        });
        std::iter::once(Figure::new("exchange.channel.share", Quantity::Share, whole.share())).chain(stages).collect()
    }
}

impl Exchange {
    /// The same shares of a network on a graphics card; `None` elsewhere.
    pub fn late_shares(&self) -> Option<LateFigures> {
        let mut numbers = Vec::new();
        let mut by_stage: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut count = 0;
        for (&(_, (stage, _)), masks) in &self.masks {
            for mask in masks {
                let [channels] = mask.dims();
                by_stage.entry(stage).or_default().extend(count..count + channels);
                count += channels;
                numbers.push(mask.clone().float().inner());
            }
        }
        let stages = by_stage
            .into_iter()
            .map(|(stage, places)| (format!("exchange.channel.stage{stage}.share"), Late::Mean(places)));
        let whole = ("exchange.channel.share".to_owned(), Late::Mean((0..count).collect()));
        (!numbers.is_empty()).then(|| LateFigures {
            quantity: Quantity::Share,
            figures: std::iter::once(whole).chain(stages).collect(),
            numbers: Tensor::cat(numbers, 0),
        })
    }
}

/// How many channels are exchanged, out of how many.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    exchanged: usize,
    all: usize,
}

impl Count {
    fn add(&mut self, flags: &[bool]) {
        self.exchanged += flags.iter().filter(|&&flag| flag).count();
        self.all += flags.len();
    }

    fn share(self) -> f32 {
        self.exchanged as f32 / self.all.max(1) as f32
    }
}

#[cfg(test)]
mod tests {
    use burn::module::{Module as _, ModuleMapper, Param, ParamId};

    use super::plan::{masks_of, places};
    use super::*;
    use crate::network::contract::Mode;
    use crate::network::encoders::{Encoder, FamilyPlan};
    use crate::network::interaction::Between;
    use crate::network::layers::Init;
    use crate::network::noise::Noise;
    use crate::network::testing::{Reference, agrees, recipe, values, wave, waves};
    use crate::random::Streams;
    use crate::recipe::catalogue::encoder::{Family, Sharing};

    fn encoder(device: &Device) -> Encoder {
        let streams = Streams::new(3);
        Encoder::new(FamilyPlan::of(Family::Nano), Sharing::Convolutions, 2, &Init::new(&streams, device))
    }

    /// Swaps columns behind stage 4 alone.
    fn swapping(odd: bool, device: &Device) -> Exchange {
        let columns = Columns { stages: vec![4], site: spatial::Site::Output, odd };
        Exchange { columns: Some(columns), device: Some(device.clone()), ..Exchange::none() }
    }

    /// The encoder with these scales γ in the stem's norm of a sensor, repeated over its channels.
    fn with_scales(encoder: Encoder, sensor: usize, scales: [f32; 8]) -> Encoder {
        let id = places(&encoder, &recipe(&[]))[0].1.norms()[sensor].gamma.id;
        encoder.map(&mut Scaler { id, scales })
    }

    struct Scaler {
        id: ParamId,
        scales: [f32; 8],
    }

    impl ModuleMapper for Scaler {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            if param.id != self.id {
                return param;
            }
            param.map(|old| {
                let count = old.shape().num_elements();
                let scales: Vec<f32> = self.scales.iter().copied().cycle().take(count).collect();
                Tensor::from_data(TensorData::new(scales, old.dims()), &old.device())
            })
        }
    }

    #[test]
    fn every_scale_under_the_threshold_swaps_and_none_at_or_over_it() {
        let device = Device::flex();
        let place = (Site::Depthwise, (1, 0));
        // Below, at and over the threshold of a quarter, with either sign and in every combination of the sensors.
        let encoder = with_scales(encoder(&device), 0, [0.2, 0.25, 0.3, -0.2, 0.2, -0.25, -0.3, 0.0]);
        let encoder = with_scales(encoder, 1, [0.3, -0.1, 0.25, -0.3, 0.1, 0.2, -0.25, -0.2]);
        let sources = [[1, 0, 0, 1, 1, 0, 0, 1], [1, 0, 1, 1, 0, 0, 1, 0]];
        let plan = |threshold| {
            let absolute = [("exchange.channel.comparison", "absolute"), ("exchange.channel.threshold", threshold)];
            Exchange::plan(&encoder, &recipe(&absolute), &device)
        };
        let exchange = plan("0.25");
        assert_eq!(exchange.replaced.len(), 8);
        let maps = [wave([2, 16, 3, 5], 0.0, &device), wave([2, 16, 3, 5], 1.0, &device)];
        let swapped = exchange.channels(place, maps.to_vec());
        let channel = |map: &Tensor<4>, at: usize| values(map.clone().narrow(1, at, 1));
        for at in 0..16 {
            for sensor in 0..2 {
                assert_eq!(channel(&swapped[sensor], at), channel(&maps[sources[sensor][at % 8]], at), "{sensor} {at}");
            }
        }
        // All other norms have fresh scales of 1, which are over the threshold.
        assert!(exchange.replaced.iter().all(|(at, flags)| *at == place || !flags.iter().flatten().any(|&flag| flag)));
        let none = plan("0").channels(place, maps.to_vec());
        assert_eq!(none.into_iter().map(values).collect::<Vec<_>>(), maps.map(values));
    }

    #[test]
    fn where_a_look_at_the_scales_would_wait_the_same_channels_swap_and_are_counted_late() {
        let device = Device::flex().autodiff();
        let scales = [1.0, -0.2, 0.3, 0.05, 1.1, -0.9, 0.7, 0.0];
        let encoder = with_scales(encoder(&device), 1, scales);
        let place = (Site::Depthwise, (1, 0));
        for settings in [("relative", "0.6"), ("absolute", "0.25")] {
            let settings =
                recipe(&[("exchange.channel.comparison", settings.0), ("exchange.channel.threshold", settings.1)]);
            let read = Exchange::plan(&encoder, &settings, &device);
            let late = Exchange { masks: masks_of(&encoder, &settings), ..Exchange::none() };
            let maps = vec![wave([2, 16, 3, 5], 0.0, &device), wave([2, 16, 3, 5], 1.0, &device)];
            let swapped = |exchange: &Exchange| exchange.channels(place, maps.clone()).into_iter().map(values);
            assert!(swapped(&read).eq(swapped(&late)));
            let (told, waits) = crate::readback::counted(|| late.late_shares());
            let told = told.unwrap();
            assert_eq!((told.told(&values(told.numbers.clone())), waits), (read.shares(), 0));
            assert!(late.shares().is_empty() && read.late_shares().is_none());
        }
    }

    #[test]
    fn a_relative_threshold_looks_at_a_scale_beside_its_norm_s_others_whatever_their_size() {
        let device = Device::flex();
        let scales = [1.0, -0.2, 0.3, 0.05, 1.1, -0.9, 0.7, 0.0];
        // Their mean size is 0.53125.
        let flags = |factor: f32, threshold| {
            let encoder = with_scales(encoder(&device), 0, scales.map(|scale| scale * factor));
            let settings = [("exchange.channel.comparison", "relative"), ("exchange.channel.threshold", threshold)];
            let exchange = Exchange::plan(&encoder, &recipe(&settings), &device);
            // Fresh scales of 1 are their norm's mean.
            let others = exchange.replaced.iter().filter(|(place, _)| **place != (Site::Depthwise, (1, 0)));
            assert!(others.flat_map(|(_, flags)| flags.iter().flatten()).all(|&flag| !flag));
            exchange.replaced[&(Site::Depthwise, (1, 0))][0][..8].to_vec()
        };
        for factor in [1.0, 0.01, 3.0] {
            assert_eq!(flags(factor, "0.5"), [false, true, false, true, false, false, false, true], "{factor}");
            assert_eq!(flags(factor, "0.6"), [false, true, true, true, false, false, false, true], "{factor}");
        }
    }

    /// Constants printed by `reference/parts.py`.
    #[test]
    fn exchanged_channels_and_their_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let scales = [[0.5, 0.01, -0.4, -0.01], [0.3, -0.015, 0.01, -0.2]];
        let place = (Site::Depthwise, (1, 0));
        let replaced =
            BTreeMap::from([(place, scales.map(|scales| scales.map(|scale: f32| scale.abs() < 0.02).to_vec()))]);
        let exchange = Exchange { replaced, device: Some(device.clone()), ..Exchange::none() };
        let reference = Reference {
            outputs: &[
                0.099335, 0.391663, -0.003589, 0.006638, -0.056448, 0.211934, 0.110137, -0.023310, 0.299249, 0.242549,
                0.009996, 0.007457, -0.056448, 0.211934, 0.110137, -0.023310,
            ],
            inputs: &[
                0.147760, 0.420735, 0.004274, -0.002555, 0.310679, 0.643209, 0.0, 0.0, 0.289067, 0.272789, -0.014875,
                -0.010132, 0.0, 0.0, 0.336614, 0.193309,
            ],
            parameters: &[],
        };
        let forward = |maps: Vec<Tensor<4>>| {
            let scaled = maps
                .into_iter()
                .zip(scales)
                .map(|(map, scales)| map * Tensor::<1>::from_floats(scales, &device).reshape([1, 4, 1, 1]));
            exchange.channels(place, scaled.collect())
        };
        agrees(&encoder(&Device::flex()), waves([[1, 4, 1, 2]; 2], &device), forward, &reference);
    }

    /// Constants printed by `reference/parts.py`.
    #[test]
    fn exchanged_columns_and_their_gradients_equal_those_of_pytorch() {
        let device = Device::flex().autodiff();
        let exchange = swapping(true, &device);
        let reference = Reference {
            outputs: &[
                0.198669, 0.808496, 0.999574, -0.442520, 0.141120, -0.529836, -0.550686, -0.925815, 0.728969, 0.215120,
                0.997495, 0.783327, 0.239249, 0.745705, -0.916166, -0.958924, -0.951602, 0.116549, -0.464602, 0.998543,
            ],
            inputs: &[
                0.295520, 0.909297, 0.991665, -0.255541, 0.041581, -0.611858, -0.705540, -0.883455, 0.578440, 0.311541,
                0.963558, 0.841471, 0.427380, 0.675463, -0.818277, -0.996165, -0.977530, -0.083089, -0.373877,
                0.967920,
            ],
            parameters: &[],
        };
        let forward = |maps| exchange.columns(4, spatial::Site::Output, maps, &mut Probes::off());
        agrees(&encoder(&Device::flex()), waves([[1, 2, 1, 5]; 2], &device), forward, &reference);
    }

    #[test]
    fn one_pixel_has_one_even_column() {
        let device = Device::flex();
        let maps = waves([[1, 2, 1, 1]; 2], &device);
        let swap = |odd| {
            let swapped = swapping(odd, &device).columns(4, spatial::Site::Output, maps.clone(), &mut Probes::off());
            swapped.into_iter().map(values).collect::<Vec<_>>()
        };
        let plain: Vec<_> = maps.iter().cloned().map(values).collect();
        assert_eq!(swap(true), plain);
        assert_eq!(swap(false), [plain[1].clone(), plain[0].clone()]);
    }

    #[test]
    fn columns_swap_back_when_swapped_twice_and_even_ones_are_the_others() {
        let device = Device::flex();
        let first = wave([2, 3, 2, 5], 0.0, &device);
        let second = wave([2, 3, 2, 5], 1.0, &device);
        let swap = |odd: bool, stage, maps: Vec<Tensor<4>>| {
            swapping(odd, &device).columns(stage, spatial::Site::Output, maps, &mut Probes::off())
        };
        let maps = vec![first.clone(), second.clone()];
        let once = swap(true, 4, maps.clone());
        let column = |map: &Tensor<4>, at: usize| values(map.clone().narrow(3, at, 1));
        for at in 0..5 {
            let other = if at % 2 == 1 { &second } else { &first };
            assert_eq!(column(&once[0], at), column(other, at));
        }
        let plain = |maps: Vec<Tensor<4>>| maps.into_iter().map(values).collect::<Vec<_>>();
        assert_eq!(plain(swap(true, 4, once.clone())), plain(maps.clone()));
        assert_eq!(plain(swap(false, 4, once)), plain(vec![second, first]));
        assert_eq!(plain(swap(true, 3, maps.clone())), plain(maps.clone()));
        let before = swapping(true, &device).columns(4, spatial::Site::Input, maps.clone(), &mut Probes::off());
        assert_eq!(plain(before), plain(maps));
    }

    #[test]
    fn scales_learn_through_kept_channels_only() {
        let device = Device::flex().autodiff();
        let encoder = encoder(&device);
        let mut exchange = Exchange::plan(&encoder, &recipe(&[("exchange.spatial", "off")]), &device);
        exchange.replaced.get_mut(&(Site::Depthwise, (1, 0))).unwrap()[0][5] = true;
        let images = vec![wave([1, 3, 16, 16], 0.0, &device), wave([1, 3, 16, 16], 1.0, &device)];
        let recipe = recipe(&[]);
        let mut between = Between::new(exchange, None, &recipe, Noise::off());
        let stages = encoder.forward(images, &[0, 1], Mode::Train, &mut between, &mut Probes::off());
        let gradients = (stages[0][0].clone() * wave(stages[0][0].dims(), 0.4, &device)).sum().backward();
        let places = encoder.exchange_places(Site::Depthwise, &[1]);
        let gradient = |sensor: usize| places[0].1.norms()[sensor].gamma.val().grad(&gradients).map(values);
        let (own, other) = (gradient(0).unwrap(), gradient(1).unwrap());
        for channel in 0..16 {
            assert_eq!(own[channel] == 0.0, channel == 5, "{channel}");
            assert_eq!(other[channel] != 0.0, channel == 5, "{channel}");
        }
    }

    #[test]
    fn the_sites_of_a_plan_are_the_asked_ones() {
        let encoder = encoder(&Device::flex());
        let count = |site, stages: &[usize]| encoder.exchange_places(site, stages).len();
        assert_eq!(
            [count(Site::Depthwise, &[3]), count(Site::StageOutput, &[3]), count(Site::StageOutput, &[1, 2, 5])],
            [2, 1, 3]
        );
        let shared =
            Encoder::new(FamilyPlan::of(Family::Nano), Sharing::All, 2, &Init::new(&Streams::new(3), &Device::flex()));
        assert!(Exchange::plan(&shared, &recipe(&[]), &Device::flex()).replaced.is_empty());
    }
}
