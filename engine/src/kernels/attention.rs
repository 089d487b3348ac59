//! Attention on maps: the weights of some places at a time, which stay in the cache and are made anew for the backward
//! pass.

use std::ops::Range;

use rayon::prelude::*;

use super::matrix::{Block, Matrix, blocks, product};
use super::scene::{self, BLOCK, softmax_block};
use super::wide::widely;

/// Places whose weights are held at a time.
const TILE: usize = 2 * BLOCK;

/// The sizes of queries `[pairs, depth, places]` and of keys and values `[pairs, depth, sources]`, a pair being a head
/// of an image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) depth: usize,
    pub(super) places: usize,
    pub(super) sources: usize,
}

/// What a task needs room for.
#[derive(Default)]
struct Room {
    /// The pair's keys, scaled: `[depth, sources]`.
    key: Vec<f32>,
    /// Scores, later their gradient: `[sources, tile]`.
    scores: Vec<f32>,
    /// Weights: `[sources, tile]`.
    weights: Vec<f32>,
}

impl Sizes {
    fn scale(self) -> f32 {
        (self.depth as f32).sqrt().recip()
    }

    /// Every tile of every pair of queries, or what is shaped like them, that are written.
    fn tasks(self, queries: &mut [f32]) -> Vec<(usize, Block<'_>, Range<usize>)> {
        let tiles = || (0..self.places).step_by(TILE).map(|first| first..(first + TILE).min(self.places));
        queries
            .chunks_mut((self.depth * self.places).max(1))
            .enumerate()
            .flat_map(|(pair, query)| {
                let blocks = blocks(query, self.places, tiles());
                blocks.into_iter().zip(tiles()).map(move |(block, tile)| (pair, block, tile))
            })
            .collect()
    }

    /// A tile of a pair's queries, `[depth, tile]`.
    fn tile<'a>(self, queries: &'a [f32], pair: usize, tile: &Range<usize>) -> Matrix<'a> {
        let of_pair = &queries[pair * self.depth * self.places..][..self.depth * self.places];
        Matrix::new(&of_pair[tile.start..], [self.depth, tile.len()], self.places)
    }

    /// A pair's keys or values, `[depth, sources]`.
    fn of_pair(self, numbers: &[f32], pair: usize) -> &[f32] {
        &numbers[pair * self.depth * self.sources..][..self.depth * self.sources]
    }

    fn matrix(self, numbers: &[f32]) -> Matrix<'_> {
        Matrix::new(numbers, [self.depth, self.sources], self.sources)
    }

    /// Makes the weights of a tile.
    fn weigh(self, [query, key]: [&[f32]; 2], pair: usize, tile: &Range<usize>, room: &mut Room) {
        let Room { key: scaled, scores, weights } = room;
        let scale = self.scale();
        scaled.clear();
        scaled.extend(self.of_pair(key, pair).iter().map(|key| key * scale));
        scores.resize(self.sources * tile.len(), 0.0);
        weights.resize(self.sources * tile.len(), 0.0);
        product(scores, self.matrix(scaled).transposed(), self.tile(query, pair, tile));
        widely(
            #[inline(always)]
            || {
                for block in scene::Block::all(tile.len()) {
                    softmax_block(scores, self.sources, block, weights);
                }
            },
        );
    }
}

/// `softmax(QᵀK / √depth) Vᵀ`, `[pairs, depth, places]`.
pub(super) fn forward(sizes: Sizes, query: &[f32], key: &[f32], value: &[f32]) -> Vec<f32> {
    let mut met = vec![0.0; query.len()];
    sizes.tasks(&mut met).into_par_iter().for_each_init(Room::default, |room, (pair, mut block, tile)| {
        sizes.weigh([query, key], pair, &tile, room);
        let weights = Matrix::new(&room.weights, [sizes.sources, tile.len()], tile.len());
        block.product(sizes.matrix(sizes.of_pair(value, pair)), weights, false);
    });
    met
}

/// The gradients of queries, keys and values.
pub(super) fn backward(sizes: Sizes, [query, key, value]: [&[f32]; 3], gradient: &[f32]) -> [Vec<f32>; 3] {
    let Sizes { depth, sources, .. } = sizes;
    let share = depth * sources;
    let mut dquery = vec![0.0; query.len()];
    let tasks = sizes.tasks(&mut dquery);
    let pair_of: Vec<usize> = tasks.iter().map(|(pair, ..)| *pair).collect();
    // Keys and values get a part from every tile.
    let mut parts = vec![0.0; tasks.len() * 2 * share];
    parts.par_chunks_mut((2 * share).max(1)).zip(tasks).for_each_init(
        Room::default,
        |room, (parts, (pair, mut block, tile))| {
            let (dkey, dvalue) = parts.split_at_mut(share);
            let gradient = sizes.tile(gradient, pair, &tile);
            sizes.weigh([query, key], pair, &tile, room);
            let Room { key, scores, weights } = room;
            let shape = [sources, tile.len()];
            product(dvalue, gradient, Matrix::new(weights, shape, tile.len()).transposed());
            product(scores, sizes.matrix(sizes.of_pair(value, pair)).transposed(), gradient);
            widely(
                #[inline(always)]
                || {
                    for block in scene::Block::all(tile.len()) {
                        softmax_back(weights, scores, sources, block);
                    }
                },
            );
            let scores = Matrix::new(scores, shape, tile.len());
            block.product(sizes.matrix(key), scores, false);
            product(dkey, sizes.tile(query, pair, &tile), scores.transposed());
        },
    );
    let (mut dkey, mut dvalue) = (vec![0.0; key.len()], vec![0.0; value.len()]);
    for (parts, pair) in parts.chunks_exact((2 * share).max(1)).zip(pair_of) {
        let (of_key, of_value) = parts.split_at(share);
        for (sums, parts) in [(&mut dkey, of_key), (&mut dvalue, of_value)] {
            sums[pair * share..][..share].iter_mut().zip(parts).for_each(|(sum, part)| *sum += *part);
        }
    }
    for sum in &mut dkey {
        *sum *= sizes.scale();
    }
    [dquery, dkey, dvalue]
}

/// Turns the gradient of a block's weights into that of its scores.
#[inline(always)]
fn softmax_back(weights: &[f32], gradient: &mut [f32], sources: usize, block: scene::Block) {
    let mut mean = [0.0; BLOCK];
    for source in 0..sources {
        let pairs = weights[block.of_class(source)].iter().zip(&gradient[block.of_class(source)]);
        mean.iter_mut().zip(pairs).for_each(|(mean, (weight, gradient))| *mean += weight * gradient);
    }
    for source in 0..sources {
        let weights = &weights[block.of_class(source)];
        for ((gradient, weight), mean) in gradient[block.of_class(source)].iter_mut().zip(weights).zip(&mean) {
            *gradient = weight * (*gradient - mean);
        }
    }
}
