//! What a recipe asks to exchange in an encoder, by the scales of its norms.

use std::collections::BTreeMap;

use burn::tensor::{Bool, Device, Tensor};

use super::{Columns, Exchange, Place};
use crate::network::encoders::Encoder;
use crate::network::layers::{BatchNorm, NormBank};
use crate::readback;
use crate::recipe::Recipe;
use crate::recipe::catalogue::exchange::channel::{self, Comparison};
use crate::recipe::catalogue::exchange::spatial;

impl Exchange {
    /// What the recipe's live settings and the norms' present scales ask for, between sensors 0 and 1.
    pub fn plan(encoder: &Encoder, recipe: &Recipe, device: &Device) -> Self {
        let (mut replaced, mut masks) = (BTreeMap::new(), BTreeMap::new());
        if recipe.get(channel::ENABLED) && device.clone().inner() != Device::flex() {
            masks = masks_of(encoder, recipe);
        } else if recipe.get(channel::ENABLED) {
            let banks = places(encoder, recipe);
            let scales = scales_of(banks.iter().map(|(_, bank)| *bank));
            for ((place, _), scales) in banks.into_iter().zip(scales) {
                let flags = scales.map(|scales| {
                    let threshold = threshold_of(recipe, &scales);
                    scales.iter().map(|scale| scale.abs() < threshold).collect()
                });
                replaced.insert(place, flags);
            }
        }
        let columns = recipe.get(spatial::ENABLED).then(|| {
            let odd = match recipe.get(spatial::COLUMNS) {
                spatial::Columns::Odd => true,
                spatial::Columns::Even => false,
            };
            Columns { stages: recipe.get(spatial::STAGES), site: recipe.get(spatial::SITE), odd }
        });
        Self { replaced, masks, columns, device: Some(device.clone()) }
    }
}

/// Which channels of sensors 0 and 1 each norm exchanges, decided where its scales lie.
pub(super) fn masks_of(encoder: &Encoder, recipe: &Recipe) -> BTreeMap<Place, [Tensor<1, Bool>; 2]> {
    let threshold = recipe.get(channel::THRESHOLD) as f32;
    let mask = |norm: &BatchNorm| {
        let sizes = norm.gamma.val().detach().abs();
        match recipe.get(channel::COMPARISON) {
            Comparison::Absolute => sizes.lower_scalar(threshold),
            Comparison::Relative => sizes.clone().lower((sizes.clone().mean() * threshold).expand(sizes.dims())),
        }
    };
    let of_bank = |(place, bank): (Place, &NormBank)| (place, [mask(&bank.norms()[0]), mask(&bank.norms()[1])]);
    places(encoder, recipe).into_iter().map(of_bank).collect()
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

/// How many channels the recipe lets exchange, of sensors 0 and 1 together.
pub fn exchangeable(encoder: &Encoder, recipe: &Recipe) -> usize {
    if !recipe.get(channel::ENABLED) {
        return 0;
    }
    let channels = |bank: &NormBank| bank.norms().iter().map(|norm| norm.gamma.shape().num_elements()).sum::<usize>();
    places(encoder, recipe).into_iter().map(|(_, bank)| channels(bank)).sum()
}

/// The norms that exchange, which are those that each sensor has its own of.
pub(super) fn places<'a>(encoder: &'a Encoder, recipe: &Recipe) -> Vec<(Place, &'a NormBank)> {
    let site = recipe.get(channel::SITE);
    let mut places = encoder.exchange_places(site, &recipe.get(channel::STAGES));
    places.retain(|(_, bank)| bank.norms().len() == 2);
    places
}

/// What a norm with these scales exchanges lies below this size.
pub(super) fn threshold_of(recipe: &Recipe, scales: &[f32]) -> f32 {
    let threshold = recipe.get(channel::THRESHOLD) as f32;
    match recipe.get(channel::COMPARISON) {
        Comparison::Absolute => threshold,
        Comparison::Relative => threshold * mean_size(scales),
    }
}

/// The mean of the scales' absolute values.
fn mean_size(scales: &[f32]) -> f32 {
    scales.iter().map(|scale| scale.abs()).sum::<f32>() / scales.len().max(1) as f32
}

/// The scales of sensors 0 and 1 of every bank, brought to the host in one transfer.
pub(super) fn scales_of<'a>(banks: impl Iterator<Item = &'a NormBank>) -> Vec<[Vec<f32>; 2]> {
    let gammas: Vec<Tensor<1>> =
        banks.flat_map(|bank| bank.norms()[..2].iter().map(|norm| norm.gamma.val().detach())).collect();
    if gammas.is_empty() {
        return Vec::new();
    }
    let lengths: Vec<usize> = gammas.iter().map(|gamma| gamma.dims()[0]).collect();
    // A scale that cannot be read counts as large: nothing is exchanged.
    let values = readback::numbers(Tensor::cat(gammas, 0));
    let mut rest = values.as_slice();
    let mut take = |length: usize| {
        let (head, tail) = rest.split_at(length.min(rest.len()));
        rest = tail;
        head.to_vec()
    };
    lengths.chunks_exact(2).map(|pair| [take(pair[0]), take(pair[1])]).collect()
}
