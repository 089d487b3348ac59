//! Multi-modal contrast: embeddings of one class attract each other across sensors and within each (SMMCL, Eqs. 3–6).

use burn::tensor::{Int, Tensor, TensorData, activation};

use super::entries::Drawn;
use crate::kernels;

/// In place of −∞ where a row has no negative.
const NOTHING: f32 = -1e30;

/// The embeddings that were drawn, of unit length: one `[rows, width]` a sensor.
///
/// `projected` holds one map `[batch, width, h, w]` a sensor; places count pixels image by image.
pub fn embeddings(projected: &[Tensor<4>], drawn: &Drawn) -> Vec<Tensor<2>> {
    let of_sensor = |(map, places): (&Tensor<4>, &Vec<usize>)| {
        let [batch, width, height, columns] = map.dims();
        let places: Vec<i64> = places.iter().map(|&place| place as i64).collect();
        let places = Tensor::<1, Int>::from_data(TensorData::new(places, [drawn.classes.len()]), &map.device());
        let pixels = map.clone().permute([0, 2, 3, 1]).reshape([batch * height * columns, width]);
        let chosen = pixels.select(0, places);
        let length = chosen.clone().square().sum_dim(1).clamp_min(1e-24).sqrt();
        chosen / length
    };
    projected.iter().zip(&drawn.places).map(of_sensor).collect()
}

/// L_cm, the mean over all pairs of sensors, the earlier sensor's embeddings as anchors: `[1]` (Eq. 3). With two
/// sensors it is the paper's single term from visible to auxiliary. `None` where no anchor has a positive.
pub fn across(embedded: &[Tensor<2>], classes: &[u8], temperature: f64) -> Option<Tensor<1>> {
    let pairs = (0..embedded.len()).flat_map(|first| (first + 1..embedded.len()).map(move |second| (first, second)));
    mean(pairs.map(|(first, second)| info_nce(&embedded[first], &embedded[second], classes, temperature)).collect())
}

/// L_vis of one sensor's embeddings, or L_aux as the mean over the embeddings of several: `[1]` (Eq. 5). `None` where
/// no anchor has a positive.
pub fn within(embedded: &[Tensor<2>], classes: &[u8], temperature: f64) -> Option<Tensor<1>> {
    mean(embedded.iter().map(|one| info_nce(one, one, classes, temperature)).collect())
}

fn mean(terms: Vec<Option<Tensor<1>>>) -> Option<Tensor<1>> {
    let count = terms.len() as f32;
    terms.into_iter().flatten().reduce(|sum, term| sum + term).map(|sum| sum / count)
}

/// The mean over anchors i of the mean over their positives j of −log( e^{s_ij} / (e^{s_ij} + Σ_k e^{s_ik}) ), s = cos
/// / τ, k over i's negatives: `[1]` (Eqs. 3–6).
///
/// # Shapes
/// - anchors, others: `[rows, width]` of unit length; they may be the same
/// - classes: of the rows, the same for both. Row i of `others` is neither a positive nor a negative of anchor i,
///   whichever pixel it is: what the released code does
///
/// An anchor without a positive is left out, one without a negative costs 0; `None` where none has a positive.
///
/// On the CPU, value and gradient come from one walk over the similarity matrix, rows in parallel; elsewhere from the
/// tensor library.
fn info_nce(anchors: &Tensor<2>, others: &Tensor<2>, classes: &[u8], temperature: f64) -> Option<Tensor<1>> {
    let of_class = counts(classes);
    let with_positives = classes.iter().filter(|&&class| of_class[usize::from(class)] > 1).count();
    if with_positives == 0 {
        return None;
    }
    let by_kernel = kernels::info_nce(anchors, others, classes, temperature);
    Some(by_kernel.unwrap_or_else(|| on_device(anchors, others, classes, &of_class, temperature)))
}

/// The cosines between all embeddings of a scene, the sensors one after the other and each sorted by class:
/// `[1, 1, rows, rows]`. Blocks along the diagonal are the classes; blocks of blocks are the pairs of sensors.
pub fn similarity(projected: &[Tensor<4>], drawn: &Drawn) -> Tensor<4> {
    let order = drawn.sorted_by_class();
    let places = |own: &Vec<usize>| order.iter().map(|&row| own[row]).collect();
    let sorted = Drawn { places: drawn.places.iter().map(places).collect(), ..drawn.clone() };
    let rows = Tensor::cat(embeddings(projected, &sorted), 0);
    rows.clone().matmul(rows.transpose()).unsqueeze()
}

/// How many rows each class has.
fn counts(classes: &[u8]) -> [usize; 256] {
    let mut counts = [0; 256];
    for &class in classes {
        counts[usize::from(class)] += 1;
    }
    counts
}

/// By tensor operations. With l the logarithm of an anchor's Σ_k e^{s_ik}, a pair costs softplus(l − s_ij).
fn on_device(
    anchors: &Tensor<2>,
    others: &Tensor<2>,
    classes: &[u8],
    of_class: &[usize; 256],
    temperature: f64,
) -> Tensor<1> {
    let (count, device) = (classes.len(), anchors.device().inner());
    let row = |values: Vec<f32>| Tensor::<1>::from_data(TensorData::new(values, [count]), &device);
    let ids = row(classes.iter().map(|&class| f32::from(class)).collect());
    let same =
        ids.clone().reshape([count, 1]).expand([count, count]).equal(ids.reshape([1, count]).expand([count, count]));
    let with_positives = classes.iter().filter(|&&class| of_class[usize::from(class)] > 1).count();
    let share = |&class: &u8| match of_class[usize::from(class)] {
        0 | 1 => 0.0,
        count => ((count - 1) * with_positives) as f32,
    };
    let shares: Vec<f32> =
        classes.iter().map(share).map(|pairs| if pairs > 0.0 { pairs.recip() } else { 0.0 }).collect();
    let weights = (same.clone().float() - Tensor::eye(count, &device)) * row(shares).reshape([count, 1]);

    let scaled = anchors.clone().matmul(others.clone().transpose()) / temperature;
    let repelling = scaled.clone().mask_fill(same.clone(), NOTHING);
    let largest = repelling.clone().detach().max_dim(1);
    let sum = ((repelling - largest.clone()).exp() * (same.float().neg() + 1.0)).sum_dim(1);
    let level = sum.clamp_min(f32::MIN_POSITIVE).log() + largest;
    (softplus(level - scaled) * weights).sum()
}

/// ln(1 + eˣ), finite for every x.
fn softplus(x: Tensor<2>) -> Tensor<2> {
    let size = x.clone().abs();
    activation::relu(x) + size.neg().exp().log1p()
}

#[cfg(test)]
mod tests;
