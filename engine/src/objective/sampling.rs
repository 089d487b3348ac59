//! Which pixels are contrasted, and with which partners. Index work on the host, from labels and one random stream.

use std::cmp::Ordering;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use crate::data::IGNORE;
pub use crate::recipe::catalogue::objective::contrast::Sampling;

/// Anchors of one class in hard-anchor sampling, at most (ContrastiveSeg's code).
const HARD_VIEWS: usize = 100;

/// The anchors that one anchor is contrasted with, as positions in the list of anchors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partners {
    /// Of the same class, without the anchor itself.
    pub positives: Vec<usize>,
    /// Of other classes.
    pub negatives: Vec<usize>,
}

/// Draws up to `limit` places of `ids`, as evenly over the classes as their sizes allow: ascending, none twice.
pub fn balanced(ids: &[u8], limit: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
    let mut by_class = places_by_class(ids);
    let sizes: Vec<usize> = by_class.iter().map(Vec::len).collect();
    let mut drawn = Vec::with_capacity(limit);
    for (places, quota) in by_class.iter_mut().zip(quotas(&sizes, limit)) {
        drawn.extend_from_slice(draw(places, quota, random));
    }
    drawn.sort_unstable();
    drawn
}

/// Draws up to `limit` places, for each class half of them where `predicted` is mistaken and half where it is right;
/// where one half falls short, the other fills up. At most 100 of a class. Ascending, none twice.
pub fn hard_anchors(ids: &[u8], predicted: &[u8], limit: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
    let by_class = places_by_class(ids);
    let sizes: Vec<usize> = by_class.iter().map(|places| places.len().min(HARD_VIEWS)).collect();
    let mut drawn = Vec::with_capacity(limit);
    for (places, quota) in by_class.into_iter().zip(quotas(&sizes, limit)) {
        let (mut mistaken, mut right): (Vec<_>, Vec<_>) =
            places.into_iter().partition(|&place| predicted[place] != ids[place]);
        let hard = (quota / 2).max(quota.saturating_sub(right.len())).min(mistaken.len());
        drawn.extend_from_slice(draw(&mut mistaken, hard, random));
        drawn.extend_from_slice(draw(&mut right, quota - hard, random));
    }
    drawn.sort_unstable();
    drawn
}

/// The partners of anchor `anchor`. `similarity` holds its similarity to every anchor, `ids` every anchor's class; of
/// positives and of negatives `fraction` is kept, rounded up, so at least one where there is any.
pub fn partners(
    sampling: Sampling,
    anchor: usize,
    ids: &[u8],
    similarity: &[f32],
    fraction: f64,
    random: &mut ChaCha8Rng,
) -> Partners {
    let others = (0..ids.len()).filter(|&other| other != anchor);
    let (mut positives, mut negatives): (Vec<_>, Vec<_>) = others.partition(|&other| ids[other] == ids[anchor]);
    let kept = |all: usize| ((all as f64 * fraction).ceil() as usize).min(all);
    let (of_positives, of_negatives) = (kept(positives.len()), kept(negatives.len()));
    match sampling {
        Sampling::HardAnchor => {}
        Sampling::SemiHard => {
            let ascending = |a: &usize, b: &usize| similarity[*a].total_cmp(&similarity[*b]).then(a.cmp(b));
            keep_first(&mut positives, of_positives, ascending);
            keep_first(&mut negatives, of_negatives, |a, b| similarity[*b].total_cmp(&similarity[*a]).then(a.cmp(b)));
        }
        Sampling::Random => {
            positives = draw(&mut positives, of_positives, random).to_vec();
            negatives = draw(&mut negatives, of_negatives, random).to_vec();
        }
    }
    Partners { positives, negatives }
}

/// The places of each class that occurs, ignored ones left out.
fn places_by_class(ids: &[u8]) -> Vec<Vec<usize>> {
    let mut by_class = vec![Vec::new(); usize::from(IGNORE)];
    for (place, &id) in ids.iter().enumerate().filter(|&(_, &id)| id != IGNORE) {
        by_class[usize::from(id)].push(place);
    }
    by_class.retain(|places| !places.is_empty());
    by_class
}

/// Shares `limit` among classes of these sizes: small classes give all they have, the others the same number each.
fn quotas(sizes: &[usize], limit: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&class| sizes[class]);
    let mut quotas = vec![0; sizes.len()];
    let mut left = limit;
    for (done, &class) in order.iter().enumerate() {
        quotas[class] = sizes[class].min(left / (sizes.len() - done));
        left -= quotas[class];
    }
    quotas
}

/// `count` of `places` at random, without replacement: the head of a partial Fisher–Yates shuffle.
pub(super) fn draw<'a>(places: &'a mut [usize], count: usize, random: &mut ChaCha8Rng) -> &'a [usize] {
    let count = count.min(places.len());
    if count < places.len() {
        for place in 0..count {
            let other = random.random_range(place as u64..places.len() as u64) as usize;
            places.swap(place, other);
        }
    }
    &places[..count]
}

fn keep_first(places: &mut Vec<usize>, count: usize, order: impl Fn(&usize, &usize) -> Ordering) {
    if (1..places.len()).contains(&count) {
        places.select_nth_unstable_by(count - 1, order);
    }
    places.truncate(count);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    fn random() -> ChaCha8Rng {
        Streams::new(7).stream("sampling", 0)
    }

    fn of_class(ids: &[u8], places: &[usize], class: u8) -> usize {
        places.iter().filter(|&&place| ids[place] == class).count()
    }

    #[test]
    fn quotas_give_small_classes_all_and_share_the_rest() {
        assert_eq!(quotas(&[100, 3, 100], 23), [10, 3, 10]);
        assert_eq!(quotas(&[5, 3], 100), [5, 3]);
        assert_eq!(quotas(&[1, 1, 1], 2).iter().sum::<usize>(), 2);
        assert!(quotas(&[], 10).is_empty());
    }

    #[test]
    fn balanced_anchors_are_different_counted_places_and_repeat_with_the_stream() {
        let ids: Vec<u8> = (0..1000).map(|place| if place % 50 == 0 { 1 } else { [0, IGNORE][place % 2] }).collect();
        let anchors = balanced(&ids, 64, &mut random());
        assert!(anchors.is_sorted_by(|a, b| a < b));
        assert_eq!((of_class(&ids, &anchors, 1), of_class(&ids, &anchors, 0), anchors.len()), (20, 44, 64));
        assert_eq!(anchors, balanced(&ids, 64, &mut random()));
        assert_ne!(anchors, balanced(&ids, 64, &mut Streams::new(8).stream("sampling", 0)));
        assert!(balanced(&[IGNORE; 9], 64, &mut random()).is_empty());
    }

    #[test]
    fn hard_anchors_are_half_mistaken_where_there_are_enough() {
        let ids = [vec![0; 200], vec![1; 200]].concat();
        // Class 0: 100 mistaken. Class 1: 2 mistaken.
        let predicted = [vec![1; 100], vec![0; 102], vec![1; 198]].concat();
        let anchors = hard_anchors(&ids, &predicted, 40, &mut random());
        let mistaken =
            |class| anchors.iter().filter(|&&place| ids[place] == class && predicted[place] != class).count();
        assert_eq!((of_class(&ids, &anchors, 0), mistaken(0)), (20, 10));
        assert_eq!((of_class(&ids, &anchors, 1), mistaken(1)), (20, 2));
        // All mistaken: the right half falls short.
        assert_eq!(hard_anchors(&[0; 30], &[1; 30], 20, &mut random()).len(), 20);
        assert_eq!(hard_anchors(&ids, &predicted, 4000, &mut random()).len(), 2 * HARD_VIEWS);
    }

    #[test]
    fn semi_hard_partners_are_the_nearest_negatives_and_the_farthest_positives() {
        let ids = [0, 0, 0, 0, 1, 1, 2];
        let similarity = [1.0, 0.9, -0.3, 0.1, 0.8, -0.9, 0.7];
        let kept = |fraction| partners(Sampling::SemiHard, 0, &ids, &similarity, fraction, &mut random());
        assert_eq!(kept(0.1), Partners { positives: vec![2], negatives: vec![4] });
        let mut half = kept(0.5);
        half.positives.sort_unstable();
        half.negatives.sort_unstable();
        assert_eq!(half, Partners { positives: vec![2, 3], negatives: vec![4, 6] });
    }

    #[test]
    fn random_partners_are_as_many_and_hard_anchors_meet_all() {
        let ids: Vec<u8> = (0..50).map(|place| (place % 2) as u8).collect();
        let similarity = vec![0.0; 50];
        let found = partners(Sampling::Random, 3, &ids, &similarity, 0.1, &mut random());
        assert_eq!((found.positives.len(), found.negatives.len()), (3, 3));
        assert!(found.positives.iter().all(|&place| place % 2 == 1 && place != 3));
        assert!(found.negatives.iter().all(|&place| place % 2 == 0));
        let all = partners(Sampling::HardAnchor, 3, &ids, &similarity, 0.1, &mut random());
        assert_eq!((all.positives.len(), all.negatives.len()), (24, 25));
    }
}
