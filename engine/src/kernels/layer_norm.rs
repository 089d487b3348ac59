//! Layer normalisation over the channels of a map, some places side by side.

use std::ops::Range;

use rayon::prelude::*;

use super::lanes;
use super::matrix::{Block, blocks};
use super::wide::widely;

/// Places that one task takes, and of them those whose channels stay in the nearest cache.
const TILE: usize = 512;
const SIDE: usize = 64;
/// Numbers of a register.
const LANES: usize = 16;

/// The sizes of maps `[batch, channels, places]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) channels: usize,
    pub(super) places: usize,
}

impl Sizes {
    fn tiles(self) -> Vec<Range<usize>> {
        (0..self.places).step_by(TILE).map(|first| first..(first + TILE).min(self.places)).collect()
    }

    /// Every tile of every image of maps that are written.
    fn tasks(self, maps: &mut [f32]) -> Vec<(usize, Block<'_>, Range<usize>)> {
        let images = maps.chunks_mut((self.channels * self.places).max(1)).enumerate();
        images
            .flat_map(|(image, maps)| {
                let blocks = blocks(maps, self.places, self.tiles());
                blocks.into_iter().zip(self.tiles()).map(move |(block, tile)| (image, block, tile))
            })
            .collect()
    }

    /// The numbers of one image.
    fn image(self, maps: &[f32], image: usize) -> &[f32] {
        &maps[image * self.channels * self.places..][..self.channels * self.places]
    }

    /// Some places of a channel.
    #[inline(always)]
    fn at<'a>(self, image: &'a [f32], channel: usize, places: &Range<usize>) -> &'a [f32] {
        &image[channel * self.places + places.start..][..places.len()]
    }
}

/// The stretches of a tile.
#[inline(always)]
fn stretches(tile: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = tile.end;
    tile.clone().step_by(SIDE).map(move |first| first..(first + SIDE).min(end))
}

/// One number for each place of a stretch.
type Places = [f32; SIDE];

/// Mean, and 1 / √(variance + ε), of each place.
#[inline(always)]
fn statistics(sizes: Sizes, x: &[f32], places: &Range<usize>, epsilon: f64) -> (Places, Places) {
    let (mut mean, mut variance) = ([0.0; SIDE], [0.0; SIDE]);
    let share = 1.0 / sizes.channels as f32;
    for channel in 0..sizes.channels {
        mean.iter_mut().zip(sizes.at(x, channel, places)).for_each(|(mean, x)| *mean += x);
    }
    for mean in &mut mean {
        *mean *= share;
    }
    for channel in 0..sizes.channels {
        for ((variance, x), mean) in variance.iter_mut().zip(sizes.at(x, channel, places)).zip(&mean) {
            *variance += (x - mean) * (x - mean);
        }
    }
    (mean, variance.map(|sum: f32| 1.0 / (sum * share + epsilon as f32).sqrt()))
}

/// `γ · (x − mean) / √(variance + ε) + β`.
pub(super) fn forward(sizes: Sizes, x: &[f32], gamma: &[f32], beta: &[f32], epsilon: f64) -> Vec<f32> {
    let mut y = vec![0.0; x.len()];
    sizes.tasks(&mut y).into_par_iter().for_each(|(image, mut block, tile)| {
        let x = sizes.image(x, image);
        widely(
            #[inline(always)]
            || {
                for places in stretches(&tile) {
                    let (mean, inverse) = statistics(sizes, x, &places, epsilon);
                    for channel in 0..sizes.channels {
                        let (gamma, beta) = (gamma[channel], beta[channel]);
                        let y = &mut block.row(channel)[places.start - tile.start..][..places.len()];
                        for ((y, x), (mean, inverse)) in
                            y.iter_mut().zip(sizes.at(x, channel, &places)).zip(mean.iter().zip(&inverse))
                        {
                            *y = (x - mean) * inverse * gamma + beta;
                        }
                    }
                }
            },
        );
    });
    y
}

/// The gradients of the input, of γ and of β.
pub(super) fn backward(
    sizes: Sizes,
    x: &[f32],
    gradient: &[f32],
    gamma: &[f32],
    epsilon: f64,
) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let mut dx = vec![0.0; x.len()];
    let parts: Vec<(Vec<f32>, Vec<f32>)> = sizes
        .tasks(&mut dx)
        .into_par_iter()
        .map(|(image, mut block, tile)| {
            let (x, gradient) = (sizes.image(x, image), sizes.image(gradient, image));
            let (mut dgamma, mut dbeta) = (vec![0.0; sizes.channels], vec![0.0; sizes.channels]);
            widely(
                #[inline(always)]
                || {
                    for places in stretches(&tile) {
                        let affine = (gamma, &mut *dgamma, &mut *dbeta);
                        stretch_back(sizes, [x, gradient], affine, epsilon, &places, &mut block, tile.start);
                    }
                },
            );
            (dgamma, dbeta)
        })
        .collect();
    let (mut dgamma, mut dbeta) = (vec![0.0; sizes.channels], vec![0.0; sizes.channels]);
    for (of_gamma, of_beta) in parts {
        dgamma.iter_mut().zip(of_gamma).for_each(|(sum, part)| *sum += part);
        dbeta.iter_mut().zip(of_beta).for_each(|(sum, part)| *sum += part);
    }
    (dx, dgamma, dbeta)
}

#[inline(always)]
fn stretch_back(
    sizes: Sizes,
    [x, gradient]: [&[f32]; 2],
    (gamma, dgamma, dbeta): (&[f32], &mut [f32], &mut [f32]),
    epsilon: f64,
    places: &Range<usize>,
    block: &mut Block<'_>,
    first: usize,
) {
    let (mean, inverse) = statistics(sizes, x, places, epsilon);
    // Sums over the channels of γ · gradient, and of that times the normalised input.
    let (mut level, mut slope) = ([0.0; SIDE], [0.0; SIDE]);
    for channel in 0..sizes.channels {
        let (x, gradient) = (sizes.at(x, channel, places), sizes.at(gradient, channel, places));
        let (mut sum, mut product) = ([0.0; LANES], [0.0; LANES]);
        let inputs = x.iter().zip(gradient).zip(mean.iter().zip(&inverse));
        for (place, (((x, gradient), (mean, inverse)), (level, slope))) in
            inputs.zip(level.iter_mut().zip(&mut slope)).enumerate()
        {
            let normalised = (x - mean) * inverse;
            let scaled = gradient * gamma[channel];
            *level += scaled;
            *slope += scaled * normalised;
            sum[place % LANES] += gradient;
            product[place % LANES] += gradient * normalised;
        }
        dbeta[channel] += lanes::sum(sum);
        dgamma[channel] += lanes::sum(product);
    }
    let share = 1.0 / sizes.channels as f32;
    level.iter_mut().chain(&mut slope).for_each(|sum| *sum *= share);
    for (channel, gamma) in gamma.iter().enumerate() {
        let (x, gradient) = (sizes.at(x, channel, places), sizes.at(gradient, channel, places));
        let dx = &mut block.row(channel)[places.start - first..][..places.len()];
        let inputs = x.iter().zip(gradient).zip(mean.iter().zip(&inverse));
        for ((dx, ((x, gradient), (mean, inverse))), (level, slope)) in
            dx.iter_mut().zip(inputs).zip(level.iter().zip(&slope))
        {
            *dx = inverse * (gradient * gamma - level - (x - mean) * inverse * slope);
        }
    }
}
