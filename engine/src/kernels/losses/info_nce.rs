//! Contrast of embeddings: value and slopes from one walk over the similarity matrix, rows in parallel.

use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;

use super::operands::expect_alike;
use super::slope::scalar_with_gradient;
use crate::kernels::reach::fits;
use crate::kernels::scene::exp_of_negative;
use crate::kernels::wide::widely;
use crate::stopwatch::kernel;

/// Numbers that the inner loops take side by side.
const LANES: usize = 16;
/// Factors between 1 and 2 whose product is taken before a logarithm: 2⁶⁴ is far from the largest number.
const FACTORS: usize = 64;

/// The contrast of `objective::multimodal_contrast` for anchors and others `[rows, width]` of unit length with these
/// classes; `None` where the kernels do not work.
pub fn info_nce(anchors: &Tensor<2>, others: &Tensor<2>, classes: &[u8], temperature: f64) -> Option<Tensor<1>> {
    if !fits(anchors) {
        return None;
    }
    expect_alike("contrast", [anchors, others]);
    let ([expected, _], found) = (anchors.dims(), classes.len());
    assert!(found == expected && found > 0, "contrast: expected a class for each of {expected} anchors, found {found}");
    let (rows, columns) = (anchors.clone().inner(), others.clone().inner());
    let similarity = rows.clone().matmul(columns.clone().transpose()).into_data();
    let mut similarity = similarity.try_to_vec::<f32>().ok()?;
    let value = kernel("info_nce", || value_and_slopes(&mut similarity, classes, temperature as f32));
    let slope = TensorData::new(similarity, [classes.len(), classes.len()]);
    let slope = Tensor::<2>::from_data(slope, &rows.device());
    let (by_anchor, by_other) = (slope.clone().matmul(columns), slope.transpose().matmul(rows));
    Some(scalar_with_gradient(value, anchors, by_anchor) + scalar_with_gradient(0.0, others, by_other))
}

/// Turns the matrix of cosines into the loss's slope along each of them, and returns the loss.
fn value_and_slopes(similarity: &mut [f32], classes: &[u8], temperature: f32) -> f32 {
    let mut of_class = [0_usize; 256];
    for &class in classes {
        of_class[usize::from(class)] += 1;
    }
    let with_positives = classes.iter().filter(|&&class| of_class[usize::from(class)] > 1).count();
    let anchor = |(anchor, row): (usize, &mut [f32])| {
        let positives = of_class[usize::from(classes[anchor])] - 1;
        if positives == 0 || positives + 1 == classes.len() {
            row.fill(0.0);
            return 0.0;
        }
        let share = ((positives * with_positives) as f32).recip();
        widely(
            #[inline(always)]
            || anchor_row(row, classes, anchor, temperature, share),
        )
    };
    // Summed in the rows' order, so that the bits do not depend on threads.
    let terms: Vec<f64> = similarity.par_chunks_mut(classes.len()).enumerate().map(anchor).collect();
    terms.iter().sum::<f64>() as f32
}

/// One anchor with positives and negatives, each positive's term counted `share` times: its cosines become slopes.
#[inline(always)]
fn anchor_row(row: &mut [f32], classes: &[u8], anchor: usize, temperature: f32, share: f32) -> f64 {
    let (scale, own) = (temperature.recip(), classes[anchor]);
    let mut largest = [f32::NEG_INFINITY; LANES];
    for (row, classes) in row.chunks_mut(LANES).zip(classes.chunks(LANES)) {
        for ((cosine, &class), largest) in row.iter_mut().zip(classes).zip(&mut largest) {
            *cosine *= scale;
            let value = if class == own { f32::NEG_INFINITY } else { *cosine };
            *largest = if value > *largest { value } else { *largest };
        }
    }
    let largest = largest.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let mut sums = [0.0_f32; LANES];
    for (row, classes) in row.chunks_mut(LANES).zip(classes.chunks(LANES)) {
        for ((value, &class), sum) in row.iter_mut().zip(classes).zip(&mut sums) {
            let power = exp_of_negative(*value - largest);
            *sum += if class == own { 0.0 } else { power };
            *value = if class == own { *value } else { power };
        }
    }
    let sum: f32 = sums.iter().sum();
    let level = largest + sum.ln();

    // In its own column the anchor shall neither cost nor pull.
    row[anchor] = f32::INFINITY;
    let (mut linear, mut pulls, mut logarithm) = ([0.0_f32; LANES], [0.0_f32; LANES], 0.0_f64);
    for (row, classes) in row.chunks_mut(LANES * FACTORS).zip(classes.chunks(LANES * FACTORS)) {
        let mut products = [1.0_f32; LANES];
        for (row, classes) in row.chunks_mut(LANES).zip(classes.chunks(LANES)) {
            let lanes = linear.iter_mut().zip(&mut pulls).zip(&mut products);
            for ((value, &class), ((linear, pull), product)) in row.iter_mut().zip(classes).zip(lanes) {
                let is_positive = class == own;
                let (rest, decay, pulled) = pair(level - *value);
                *linear += if is_positive { rest } else { 0.0 };
                *product *= if is_positive { 1.0 + decay } else { 1.0 };
                *pull += if is_positive { pulled } else { 0.0 };
                *value = if is_positive { -pulled } else { *value };
            }
        }
        logarithm += products.iter().map(|&product| f64::from(product).ln()).sum::<f64>();
    }
    let pull = pulls.iter().sum::<f32>();
    let (by_positive, by_negative) = (share * scale, share * scale * pull / sum);
    for (value, &class) in row.iter_mut().zip(classes) {
        *value *= if class == own { by_positive } else { by_negative };
    }
    let linear: f64 = linear.iter().map(|&value| f64::from(value)).sum();
    f64::from(share) * (linear + logarithm)
}

/// softplus(x) as `rest + ln(1 + decay)`, and its slope.
#[inline(always)]
fn pair(x: f32) -> (f32, f32, f32) {
    let decay = exp_of_negative(-x.abs());
    let rest = if x < 0.0 { 0.0 } else { x };
    let slope = (1.0 + decay).recip() * if x < 0.0 { decay } else { 1.0 };
    (rest, decay, slope)
}
