//! Channel and spatial exchange between two sensors (OGP-Net, decoupled multi-view contrast; after CEN, NeurIPS 2020).

use std::collections::BTreeMap;

use burn::tensor::{Bool, Device, Tensor, TensorData};

use crate::network::contract::{Output, Probes};
use crate::network::encoders::Encoder;
use crate::network::layers::NormBank;
use crate::recipe::Recipe;

/// Which batch norm of a block exchanges channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site {
    /// After the k×k convolution: CEN's place.
    Depthwise,
    /// After the 1×1 projection, before the shortcut is added.
    Projection,
    /// As `Projection`, in the last block of a stage only.
    StageOutput,
}

impl Site {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Depthwise, Self::Projection, Self::StageOutput];

    fn of(word: &str) -> Self {
        match word {
            "projection" => Self::Projection,
            "stage-output" => Self::StageOutput,
            _ => Self::Depthwise,
        }
    }
}

/// A batch norm in an encoder: the kind of site, the stage from 1 to 5, and the block in it.
pub type Place = (Site, (usize, usize));

/// What is exchanged in one forward pass. Everything is decided before the pass: the scales of all norms are read once.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// Per place and sensor, which channels are replaced by the other sensor's.
    replaced: BTreeMap<Place, [Vec<bool>; 2]>,
    /// The stages whose columns change places, and whether the odd ones do.
    columns: Option<(Vec<usize>, bool)>,
    device: Option<Device>,
}

impl Exchange {
    /// Nothing is exchanged.
    pub fn none() -> Self {
        Self::default()
    }

    /// What the recipe's live settings and the norms' present scales ask for, between sensors 0 and 1.
    pub fn plan(encoder: &Encoder, recipe: &Recipe, device: &Device) -> Self {
        let mut replaced = BTreeMap::new();
        if recipe.switch("exchange.channel.enabled") {
            let threshold = recipe.number("exchange.channel.threshold") as f32;
            let banks = places(encoder, recipe);
            let scales = scales_of(banks.iter().map(|(_, bank)| *bank));
            for ((place, _), scales) in banks.into_iter().zip(scales) {
                replaced
                    .insert(place, scales.map(|scales| scales.iter().map(|scale| scale.abs() < threshold).collect()));
            }
        }
        let columns = recipe
            .switch("exchange.spatial.enabled")
            .then(|| (recipe.integers("exchange.spatial.stages"), recipe.text("exchange.spatial.columns") != "even"));
        Self { replaced, columns, device: Some(device.clone()) }
    }

    /// Exchanges channels at a place: `u′ᵐ_c = uᵐ_c` where `|γᵐ_c| ≥ θ`, else `u¹⁻ᵐ_c`. The masks carry no gradient.
    pub fn channels(&self, place: Place, maps: Vec<Tensor<4>>) -> Vec<Tensor<4>> {
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

    /// Exchanges every other column of a stage's output (Eq. 2).
    pub fn columns(&self, stage: usize, maps: Vec<Tensor<4>>, probes: &mut Probes) -> Vec<Tensor<4>> {
        let (Some((stages, odd)), Some(device)) = (&self.columns, &self.device) else { return maps };
        if maps.len() != 2 || !stages.contains(&stage) {
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

    /// Adds the share of exchanged channels to the figures, and the counts to the probes.
    ///
    /// The probe `exchange.channel.counts` is `[1, 2, 2, places]`: per sensor, the exchanged channels and all channels of
    /// each batch norm, from stage 1 on.
    pub fn report(&self, output: &mut Output, probes: &mut Probes) {
        if self.replaced.is_empty() {
            return;
        }
        let count = |flags: &Vec<bool>| flags.iter().filter(|&&flag| flag).count();
        let all: usize = self.replaced.values().flatten().map(Vec::len).sum();
        let exchanged: usize = self.replaced.values().flatten().map(count).sum();
        output.figures.push(("exchange.channel.share".to_owned(), exchanged as f32 / all.max(1) as f32));
        let Some(device) = &self.device else { return };
        probes.record("exchange.channel.counts", || {
            let mut places: Vec<_> = self.replaced.iter().collect();
            places.sort_by_key(|((_, at), _)| *at);
            let mut values = Vec::new();
            for sensor in 0..2 {
                values.extend(places.iter().map(|(_, flags)| count(&flags[sensor]) as f32));
                values.extend(places.iter().map(|(_, flags)| flags[sensor].len() as f32));
            }
            Tensor::from_data(TensorData::new(values, [1, 2, 2, places.len()]), device)
        });
    }
}

/// CEN's sparsity penalty, unweighted: the L1 norm of the first half of the scales for sensor 0, of the second half for
/// sensor 1, over all norms that exchange.
pub fn sparsity(encoder: &Encoder, recipe: &Recipe) -> Option<Tensor<1>> {
    let mut total: Option<Tensor<1>> = None;
    for (_, bank) in places(encoder, recipe) {
        let [first, second] = bank.norms() else { continue };
        let [channels] = first.gamma.val().dims();
        let half = channels / 2;
        let norm = first.gamma.val().narrow(0, 0, half).abs().sum()
            + second.gamma.val().narrow(0, half, channels - half).abs().sum();
        total = Some(match total {
            Some(total) => total + norm,
            None => norm,
        });
    }
    total
}

fn places<'a>(encoder: &'a Encoder, recipe: &Recipe) -> Vec<(Place, &'a NormBank)> {
    let site = Site::of(recipe.text("exchange.channel.site"));
    let mut places = encoder.exchange_places(site, &recipe.integers("exchange.channel.stages"));
    places.retain(|(_, bank)| bank.norms().len() == 2);
    places
}

/// The scales of sensors 0 and 1 of every bank, brought to the host in one transfer.
fn scales_of<'a>(banks: impl Iterator<Item = &'a NormBank>) -> Vec<[Vec<f32>; 2]> {
    let gammas: Vec<Tensor<1>> =
        banks.flat_map(|bank| bank.norms()[..2].iter().map(|norm| norm.gamma.val().detach())).collect();
    if gammas.is_empty() {
        return Vec::new();
    }
    let lengths: Vec<usize> = gammas.iter().map(|gamma| gamma.dims()[0]).collect();
    // A scale that cannot be read counts as large: nothing is exchanged.
    let values = Tensor::cat(gammas, 0).into_data().try_to_vec::<f32>().unwrap_or_default();
    let mut rest = values.as_slice();
    let mut take = |length: usize| {
        let (head, tail) = rest.split_at(length.min(rest.len()));
        rest = tail;
        head.to_vec()
    };
    lengths.chunks_exact(2).map(|pair| [take(pair[0]), take(pair[1])]).collect()
}
