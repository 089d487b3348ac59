//! Pixel contrast across sensors: pixels of one class attract each other, pixels of other classes repel.

use std::ops::Range;

use burn::tensor::{Int, Tensor, TensorData};
use rand_chacha::ChaCha8Rng;

use super::labels::Labels;
use super::sampling::{Partners, Sampling, balanced, hard_anchors, partners};
use crate::kernels::scalar_with_gradient;
use crate::readback;
pub use crate::recipe::catalogue::objective::contrast::{Pool, Quota};

/// The similarity matrix never gets more rows than this.
const POOL_LIMIT: usize = 4096;

/// Settings of the pixel contrast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// Temperature τ.
    pub temperature: f64,
    /// Which pixels are contrasted.
    pub sampling: Sampling,
    /// Share of positives and of negatives that an anchor keeps.
    pub fraction: f64,
    /// At most this many anchors a pool and batch.
    pub anchors: usize,
    /// Which embeddings meet.
    pub pool: Pool,
    /// How many anchors each stage gives to a pool of several.
    pub quota: Quota,
}

/// L_CL: the mean over anchors i and their positives j of −log( r_ij / (r_ij + Σ_k r_ik) ), r = exp(cos / τ), averaged
/// over the pools: `[1]` (OGP-Net Eq. 4, its denominator read as InfoNCE's).
///
/// # Shapes
/// - embeddings: `embeddings[stage][sensor]`, each `[batch, width, h, w]`, of unit length along the width; h and w are
///   a stage's
/// - labels: of any size, resized to each stage's by nearest neighbour
/// - predictions: one a sensor at the labels' size; used by hard-anchor sampling only, empty counts as all mistaken
///
/// The pixels of all sensors share a pool, so pixels of one class seen by different sensors are each other's positives.
/// The paper does not say whether the stages share it, too: [`Pool`] has both readings. A pool without an anchor that
/// has both a positive and a negative contributes 0; `None` where no pool has one.
pub fn contrast(
    embeddings: &[Vec<Tensor<4>>],
    labels: &Labels,
    predictions: &[Labels],
    settings: Contrast,
    random: &mut ChaCha8Rng,
) -> Option<Tensor<1>> {
    let pools: Vec<&[Vec<Tensor<4>>]> = match settings.pool {
        Pool::Stage => embeddings.chunks(1).collect(),
        Pool::All => vec![embeddings],
    };
    let count = pools.len() as f32;
    let terms: Vec<Tensor<1>> =
        pools.into_iter().filter_map(|stages| pool_term(stages, labels, predictions, settings, random)).collect();
    terms.into_iter().reduce(|sum, term| sum + term).map(|sum| sum / count)
}

/// One pool's term, `None` where there is nothing to contrast. The stages' pixels lie one behind the other, those of a
/// stage sensor by sensor.
fn pool_term(
    stages: &[Vec<Tensor<4>>],
    labels: &Labels,
    predictions: &[Labels],
    settings: Contrast,
    random: &mut ChaCha8Rng,
) -> Option<Tensor<1>> {
    let (mut ids, mut ends) = (Vec::new(), Vec::new());
    for sensors in stages {
        let [_, _, height, columns] = sensors.first()?.dims();
        ids.extend(labels.nearest(height, columns).ids.repeat(sensors.len()));
        ends.push(ids.len());
    }
    let mut predicted: Vec<u8> = Vec::new();
    if settings.sampling == Sampling::HardAnchor {
        for (sensors, &end) in stages.iter().zip(&ends) {
            let [_, _, height, columns] = sensors.first()?.dims();
            predicted.extend(predictions.iter().flat_map(|prediction| prediction.nearest(height, columns).ids));
            predicted.resize(end, crate::data::IGNORE);
        }
    }
    let limit = settings.anchors.min(POOL_LIMIT);
    let mut drawn = |places: Range<usize>, limit: usize| match settings.sampling {
        Sampling::HardAnchor => hard_anchors(&ids[places.clone()], &predicted[places], limit, random),
        Sampling::SemiHard | Sampling::Random => balanced(&ids[places], limit, random),
    };
    let anchors: Vec<usize> = match settings.quota {
        Quota::Pixels => drawn(0..ids.len(), limit),
        Quota::Stages => {
            let begins = std::iter::once(0).chain(ends.iter().copied());
            let of_stage = |(begin, &end): (usize, &usize)| {
                drawn(begin..end, limit / ends.len()).into_iter().map(move |place| begin + place)
            };
            begins.zip(&ends).flat_map(of_stage).collect()
        }
    };
    let anchor_ids: Vec<u8> = anchors.iter().map(|&place| ids[place]).collect();
    if anchor_ids.iter().all(|id| Some(id) == anchor_ids.first()) {
        return None;
    }

    let embedded = at_places(stages, &ends, &anchors);
    let constant = embedded.clone().inner();
    let similarity = readback::numbers(constant.clone().matmul(constant.clone().transpose()));
    let (value, gradient) = info_nce(&similarity, &anchor_ids, settings, random)?;
    let gradient = TensorData::new(gradient, [anchors.len(), anchors.len()]);
    let gradient = Tensor::<2>::from_data(gradient, &constant.device());
    // Each embedding stands in a row and in a column of the similarity matrix.
    let gradient = (gradient.clone() + gradient.transpose()).matmul(constant);
    Some(scalar_with_gradient(value, &embedded, gradient))
}

/// The embeddings `[places, width]` at these places of the pool, which ascend; `ends` are the stages' ends in it.
fn at_places(stages: &[Vec<Tensor<4>>], ends: &[usize], places: &[usize]) -> Tensor<2> {
    let mut begin = 0;
    let of_stages = stages.iter().zip(ends).filter_map(|(sensors, &end)| {
        let own = places.iter().filter(|place| (begin..end).contains(*place));
        let own: Vec<i64> = own.map(|&place| (place - begin) as i64).collect();
        let pixels = end - begin;
        begin = end;
        if own.is_empty() {
            return None;
        }
        let [_, width, ..] = sensors[0].dims();
        let pool = Tensor::cat(sensors.clone(), 0).permute([0, 2, 3, 1]).reshape([pixels, width]);
        let count = own.len();
        Some(pool.clone().select(0, Tensor::<1, Int>::from_data(TensorData::new(own, [count]), &pool.device())))
    });
    Tensor::cat(of_stages.collect(), 0)
}

/// Value of the contrast of these anchors and its gradient with respect to their similarity matrix
/// `[anchors, anchors]`; `None` where no anchor has both a positive and a negative.
fn info_nce(similarity: &[f32], ids: &[u8], settings: Contrast, random: &mut ChaCha8Rng) -> Option<(f32, Vec<f32>)> {
    let count = ids.len();
    let mut gradient = vec![0.0_f32; count * count];
    let (mut sum, mut counted) = (0.0, 0_usize);
    for anchor in 0..count {
        let row = &similarity[anchor * count..(anchor + 1) * count];
        let found = partners(settings.sampling, anchor, ids, row, settings.fraction, random);
        if found.positives.is_empty() || found.negatives.is_empty() {
            continue;
        }
        sum += anchor_term(row, &found, settings.temperature, &mut gradient[anchor * count..(anchor + 1) * count]);
        counted += 1;
    }
    if counted == 0 {
        return None;
    }
    for slope in &mut gradient {
        *slope /= counted as f32;
    }
    Some(((sum / counted as f64) as f32, gradient))
}

/// The mean over one anchor's positives; its gradient is written into the anchor's row. In double precision, where
/// exp(2 / τ) neither overflows nor vanishes for any temperature that a recipe allows.
fn anchor_term(similarity: &[f32], partners: &Partners, temperature: f64, gradient: &mut [f32]) -> f64 {
    let scaled = |place: usize| f64::from(similarity[place]) / temperature;
    let all = partners.positives.iter().chain(&partners.negatives);
    let largest = all.map(|&place| scaled(place)).fold(f64::NEG_INFINITY, f64::max);
    let ratio = |place: usize| (scaled(place) - largest).exp();
    let repelling: f64 = partners.negatives.iter().map(|&place| ratio(place)).sum();
    let share = 1.0 / (partners.positives.len() as f64 * temperature);
    let (mut sum, mut inverse) = (0.0, 0.0);
    for &place in &partners.positives {
        let (attracting, whole) = (ratio(place), ratio(place) + repelling);
        sum += whole.ln() + largest - scaled(place);
        inverse += whole.recip();
        gradient[place] = (share * (attracting / whole - 1.0)) as f32;
    }
    for &place in &partners.negatives {
        gradient[place] = (share * ratio(place) * inverse) as f32;
    }
    sum / partners.positives.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::IGNORE;
    use crate::objective::check::{close, differentiates, gradient, scalar, wave_tensor};
    use crate::random::Streams;

    fn random() -> ChaCha8Rng {
        Streams::new(3).stream("sampling", 0)
    }

    fn settings(sampling: Sampling) -> Contrast {
        Contrast { temperature: 0.1, sampling, fraction: 0.5, anchors: 1024, pool: Pool::Stage, quota: Quota::Pixels }
    }

    /// `[2, 3, 2, 2]`, of unit length along the channels.
    fn embedding(phase: f64) -> Tensor<4> {
        unit(wave_tensor([2, 3, 2, 2], phase))
    }

    fn unit(map: Tensor<4>) -> Tensor<4> {
        map.clone() / map.square().sum_dim(1).sqrt()
    }

    fn labels() -> Labels {
        Labels { ids: vec![0, 0, 1, 1, 0, 2, IGNORE, 1], batch: 2, height: 2, width: 2 }
    }

    fn of(first: Tensor<4>, second: Tensor<4>, labels: &Labels, sampling: Sampling) -> Option<Tensor<1>> {
        contrast(&[vec![first, second]], labels, std::slice::from_ref(labels), settings(sampling), &mut random())
    }

    #[test]
    fn equals_the_reference() {
        // reference/losses.py: contrast
        for (sampling, expected) in [(Sampling::SemiHard, 14.385_425), (Sampling::HardAnchor, 10.494_142)] {
            close(scalar(&of(embedding(0.3), embedding(2.1), &labels(), sampling).unwrap()), expected, 1e-5);
        }
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences() {
        // Small steps must not change who is whose partner, so every pair takes part.
        let all = Contrast { temperature: 0.5, fraction: 1.0, ..settings(Sampling::SemiHard) };
        let second = embedding(2.1);
        let loss = |first| contrast(&[vec![first, second.clone()]], &labels(), &[], all, &mut random()).unwrap();
        differentiates(loss, embedding(0.3));
    }

    #[test]
    fn stages_are_averaged() {
        let (first, second) = (vec![embedding(0.3), embedding(2.1)], vec![embedding(1.0), embedding(4.0)]);
        let each = |stages: &[Vec<Tensor<4>>]| {
            scalar(&contrast(stages, &labels(), &[], settings(Sampling::SemiHard), &mut random()).unwrap())
        };
        let mean = f32::midpoint(each(std::slice::from_ref(&first)), each(std::slice::from_ref(&second)));
        close(each(&[first, second]), mean, 1e-6);
    }

    #[test]
    fn one_pool_lets_stages_meet() {
        // reference/losses.py: pooled_contrast
        let stages = |first| {
            let small = |phase| unit(wave_tensor([2, 3, 1, 2], phase));
            [vec![first, embedding(2.1)], vec![small(1.0), small(4.0)]]
        };
        let together = Contrast { pool: Pool::All, ..settings(Sampling::SemiHard) };
        let value = contrast(&stages(embedding(0.3)), &labels(), &[], together, &mut random()).unwrap();
        close(scalar(&value), 14.745_627, 1e-5);
        let all = Contrast { temperature: 0.5, fraction: 1.0, ..together };
        differentiates(|first| contrast(&stages(first), &labels(), &[], all, &mut random()).unwrap(), embedding(0.3));
        for sampling in [Sampling::SemiHard, Sampling::HardAnchor] {
            let one = [vec![embedding(0.3), embedding(2.1)]];
            let of = |pool| {
                let settings = Contrast { pool, ..settings(sampling) };
                scalar(&contrast(&one, &labels(), &[labels(), labels()], settings, &mut random()).unwrap())
            };
            assert_eq!(of(Pool::All).to_bits(), of(Pool::Stage).to_bits(), "of one stage {sampling:?}");
        }
    }

    #[test]
    fn with_a_quota_coarse_stages_give_as_many_anchors_as_fine_ones() {
        let ids = (0..2 * 16 * 16).map(|place| (place % 3) as u8).collect();
        let labels = Labels { ids, batch: 2, height: 16, width: 16 };
        let reached = |quota, sampling| {
            let [fine, coarse] = [(16, 0.3), (4, 1.0)]
                .map(|(side, phase)| unit(wave_tensor([2, 3, side, side], phase)).detach().require_grad());
            let few = Contrast { pool: Pool::All, quota, anchors: 32, ..settings(sampling) };
            let term = contrast(&[vec![fine.clone()], vec![coarse.clone()]], &labels, &[], few, &mut random()).unwrap();
            let gradients = term.backward();
            [fine, coarse].map(|map| {
                let slope = map.grad(&gradients).map(|slope| slope.abs().sum_dim(1).into_data());
                slope.map_or(0, |slope| slope.iter::<f32>().filter(|&slope| slope > 0.0).count())
            })
        };
        for sampling in [Sampling::Random, Sampling::HardAnchor] {
            let [fine, coarse] = reached(Quota::Pixels, sampling);
            assert!(fine > 3 * coarse.max(1), "{fine} and {coarse}");
            let [fine, coarse] = reached(Quota::Stages, sampling);
            assert!(fine.abs_diff(coarse) <= 4 && fine + coarse > 16, "{fine} and {coarse}");
        }
    }

    #[test]
    fn without_negatives_positives_or_labels_there_is_no_term() {
        for ids in [vec![1; 8], vec![IGNORE; 8]] {
            let labels = Labels { ids, batch: 2, height: 2, width: 2 };
            for sampling in [Sampling::SemiHard, Sampling::HardAnchor, Sampling::Random] {
                assert!(of(embedding(0.3), embedding(2.1), &labels, sampling).is_none());
            }
        }
        // Two pixels of two classes from one sensor: negatives, but no positives.
        let labels = Labels { ids: vec![0, 1], batch: 2, height: 1, width: 1 };
        let one = unit(wave_tensor([2, 3, 1, 1], 0.3));
        assert!(contrast(&[vec![one]], &labels, &[], settings(Sampling::SemiHard), &mut random()).is_none());
        assert!(contrast(&[], &labels, &[], settings(Sampling::SemiHard), &mut random()).is_none());
    }

    #[test]
    fn perfect_clusters_cost_next_to_nothing() {
        let ids = labels().ids;
        let mut values = vec![0.0_f32; 2 * 3 * 4];
        for (place, &id) in ids.iter().enumerate() {
            values[(place / 4 * 3 + usize::from(id % 3)) * 4 + place % 4] = 1.0;
        }
        let device = crate::objective::check::device();
        let clusters = Tensor::<4>::from_data(TensorData::new(values, [2, 3, 2, 2]), &device);
        assert!(scalar(&of(clusters.clone(), clusters, &labels(), Sampling::HardAnchor).unwrap()) < 1e-3);
    }

    #[test]
    fn the_coldest_temperature_stays_finite() {
        let cold = Contrast { temperature: 0.01, ..settings(Sampling::Random) };
        let second = embedding(0.3).neg();
        let loss = |first| contrast(&[vec![first, second.clone()]], &labels(), &[], cold, &mut random()).unwrap();
        let (value, slope) = gradient(loss, embedding(0.3));
        assert!(value.is_finite() && slope.iter().all(|slope| slope.is_finite()));
    }

    #[test]
    fn the_same_stream_gives_the_same_bits_and_another_another_choice() {
        let labels =
            Labels { ids: (0..2 * 8 * 8).map(|place| (place % 3) as u8).collect(), batch: 2, height: 8, width: 8 };
        let maps = || vec![unit(wave_tensor([2, 3, 8, 8], 0.3)), unit(wave_tensor([2, 3, 8, 8], 1.0))];
        let few = Contrast { anchors: 16, ..settings(Sampling::Random) };
        let value = |seed| {
            scalar(&contrast(&[maps()], &labels, &[], few, &mut Streams::new(seed).stream("sampling", 0)).unwrap())
        };
        assert_eq!(value(1).to_bits(), value(1).to_bits());
        assert_ne!(value(1).to_bits(), value(2).to_bits());
    }
}
