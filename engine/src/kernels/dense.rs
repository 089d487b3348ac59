//! Full convolutions as matrix products over patches, tile by tile, where they are not made directly (see [`direct`]).
//!
//! How the work is cut depends on the sizes alone, never on the number of threads, so that sums keep their order.

use std::iter::once;
use std::ops::Range;

use rayon::prelude::*;

use super::direct;
use super::geometry::Geometry;
use super::matrix::{Block, Matrix, blocks, product};

/// The convolution `[batch, output, h', w']` of `x` `[batch, input, h, w]` with `weight` `[output, input, k, k]`.
pub(super) fn forward(geometry: &Geometry, x: &[f32], weight: &[f32]) -> Vec<f32> {
    if direct::suits(geometry) {
        return direct::forward(geometry, x, weight);
    }
    by_patches(geometry, x, weight)
}

/// [`forward`] by patches.
pub(super) fn by_patches(geometry: &Geometry, x: &[f32], weight: &[f32]) -> Vec<f32> {
    let patch = geometry.patch();
    weighed(geometry, x, Matrix::new(weight, [geometry.output, patch], patch))
}

/// The patches of `x` times a matrix `[output, patch]`.
fn weighed(geometry: &Geometry, x: &[f32], weight: Matrix<'_>) -> Vec<f32> {
    let Geometry { batch, input, output, .. } = *geometry;
    let (places, plane) = (geometry.places(), geometry.plane());
    let [_, width] = geometry.output_size();
    let mut y = vec![0.0; batch * output * places];
    let tiles = pieces(geometry);
    let cuts = || tiles.iter().map(|tile| tile.start * width..tile.end * width);
    let tasks: Vec<_> = y
        .chunks_mut((output * places).max(1))
        .zip(x.chunks((input * plane).max(1)))
        .flat_map(|(y, x)| blocks(y, places, cuts()).into_iter().zip(&tiles).map(move |(block, tile)| (x, block, tile)))
        .collect();
    tasks.into_par_iter().for_each_init(Vec::new, |patches, (x, mut block, tile)| {
        block.product(weight, patches_of(geometry, x, 0..input, tile, patches), false);
    });
    y
}

/// The patches of some channels of one image for a tile, a column for every output place; pointwise ones lie in the
/// image.
fn patches_of<'a>(
    geometry: &Geometry,
    image: &'a [f32],
    channels: Range<usize>,
    tile: &Range<usize>,
    patches: &'a mut Vec<f32>,
) -> Matrix<'a> {
    let (plane, [_, width]) = (geometry.plane(), geometry.output_size());
    let (rows, columns) = (channels.len() * geometry.taps(), tile.len() * width);
    if geometry.is_pointwise() {
        return Matrix::new(&image[channels.start * plane + tile.start * width..], [rows, columns], plane);
    }
    geometry.gather(image, channels, tile, patches);
    Matrix::new(patches, [rows, columns], columns)
}

/// Tiles of a forward pass: small enough for the cache, and several where one image is all there is.
fn pieces(geometry: &Geometry) -> Vec<Range<usize>> {
    let [height, width] = geometry.output_size();
    let tiles = geometry.tiles(geometry.input);
    let work = width * height * geometry.patch() * geometry.output;
    if tiles.len() > 1 || geometry.batch > 1 || work < SMALL || height < 2 {
        return tiles;
    }
    let quarter = height.div_ceil(4);
    (0..height).step_by(quarter).map(|first| first..(first + quarter).min(height)).collect()
}

/// The gradient of the input, `[batch, input, h, w]`.
pub(super) fn input_gradient(geometry: &Geometry, weight: &[f32], gradient: &[f32]) -> Vec<f32> {
    let Geometry { batch, input, output, .. } = *geometry;
    let (places, plane, patch) = (geometry.places(), geometry.plane(), geometry.patch());
    if geometry.is_pointwise() {
        return weighed(&geometry.reversed(), gradient, Matrix::new(weight, [output, input], input).transposed());
    }
    let turning_is_dear = || weight.len() > MANY_WEIGHTS && !direct::suits(&geometry.reversed());
    if geometry.is_reversible() && !turning_is_dear() {
        return forward(&geometry.reversed(), gradient, &reversed(weight, [output, input], geometry.taps()));
    }
    let [_, width] = geometry.output_size();
    let mut x = vec![0.0; batch * input * plane];
    let left = Matrix::new(weight, [output, patch], patch).transposed();
    let tiles = geometry.tiles(input);
    x.par_chunks_mut((input * plane).max(1)).zip(gradient.par_chunks((output * places).max(1))).for_each_init(
        Vec::new,
        |patches, (x, gradient)| {
            for tile in &tiles {
                let columns = tile.len() * width;
                patches.clear();
                patches.resize(patch * columns, 0.0);
                let right = Matrix::new(&gradient[tile.start * width..], [output, columns], places);
                product(patches, left, right);
                geometry.scatter(patches, tile, x);
            }
        },
    );
    x
}

/// Kernels turned by half a turn, with the roles of input and output exchanged.
fn reversed(weight: &[f32], [output, input]: [usize; 2], taps: usize) -> Vec<f32> {
    let mut turned = vec![0.0; weight.len()];
    for (from, weight) in weight.chunks_exact(input * taps).enumerate() {
        for (to, weight) in weight.chunks_exact(taps).enumerate() {
            let target = &mut turned[(to * output + from) * taps..][..taps];
            target.iter_mut().zip(weight.iter().rev()).for_each(|(target, weight)| *target = *weight);
        }
    }
    turned
}

/// The gradient of the weights, `[output, input, k, k]`.
pub(super) fn weight_gradient(geometry: &Geometry, x: &[f32], gradient: &[f32]) -> Vec<f32> {
    if direct::suits_weight_gradient(geometry) {
        return direct::weight_gradient(geometry, x, gradient);
    }
    weight_gradient_by_patches(geometry, x, gradient)
}

/// [`weight_gradient`] by patches.
pub(super) fn weight_gradient_by_patches(geometry: &Geometry, x: &[f32], gradient: &[f32]) -> Vec<f32> {
    let Geometry { batch, input, output, .. } = *geometry;
    let patch = geometry.patch();
    if output * patch > FEW_WEIGHTS || batch * geometry.tiles(input).len() < 2 {
        return by_channels(geometry, x, gradient);
    }
    // Few weights, many places: every group of tiles has sums of its own.
    let tiles = geometry.tiles(input);
    let tasks: Vec<_> = (0..batch).flat_map(|image| tiles.iter().map(move |tile| (image, tile))).collect();
    let group = tasks.len().div_ceil(GROUPS);
    let mut partial = vec![0.0; tasks.len().div_ceil(group) * output * patch];
    partial.par_chunks_mut(output * patch).zip(tasks.par_chunks(group)).for_each(|(sums, tasks)| {
        let mut patches = Vec::new();
        for mut block in blocks(sums, patch, once(0..patch)) {
            for &(image, tile) in tasks {
                add_tile(geometry, [x, gradient], image, tile, 0..input, &mut block, &mut patches);
            }
        }
    });
    let mut parts = partial.chunks_exact(output * patch);
    let mut sum = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += *part);
    }
    sum
}

/// Many weights: every task has some of the input's channels, and adds up all places.
fn by_channels(geometry: &Geometry, x: &[f32], gradient: &[f32]) -> Vec<f32> {
    let Geometry { batch, input, output, .. } = *geometry;
    let (patch, taps) = (geometry.patch(), geometry.taps());
    let mut sum = vec![0.0; output * patch];
    let step = input.div_ceil(GROUPS).max(input.min(8));
    let tiles = geometry.tiles(step);
    let channels: Vec<_> = (0..input).step_by(step).map(|first| first..(first + step).min(input)).collect();
    let cuts = channels.iter().map(|channels| channels.start * taps..channels.end * taps);
    let tasks: Vec<_> = blocks(&mut sum, patch, cuts).into_iter().zip(&channels).collect();
    tasks.into_par_iter().for_each_init(Vec::new, |patches, (mut block, channels)| {
        for image in 0..batch {
            for tile in &tiles {
                add_tile(geometry, [x, gradient], image, tile, channels.clone(), &mut block, patches);
            }
        }
    });
    sum
}

/// Adds what a tile of one image tells about the weights of some input channels.
fn add_tile(
    geometry: &Geometry,
    [x, gradient]: [&[f32]; 2],
    image: usize,
    tile: &Range<usize>,
    channels: Range<usize>,
    sums: &mut Block<'_>,
    patches: &mut Vec<f32>,
) {
    let Geometry { input, output, .. } = *geometry;
    let (places, plane) = (geometry.places(), geometry.plane());
    let [_, width] = geometry.output_size();
    let x = &x[image * input * plane..][..input * plane];
    let left = &gradient[image * output * places + tile.start * width..];
    let left = Matrix::new(left, [output, tile.len() * width], places);
    sums.product(left, patches_of(geometry, x, channels, tile, patches).transposed(), true);
}

/// Multiplications below which one image is not cut into pieces.
const SMALL: usize = 1 << 20;
/// Numbers of a weight beyond which turning it round costs more than adding patches up.
const MANY_WEIGHTS: usize = 1 << 18;
/// Numbers of a weight of which every group of tiles may hold its own sums.
const FEW_WEIGHTS: usize = 1 << 15;
/// Into how many parts a gradient of weights is cut.
const GROUPS: usize = 8;
