//! A share of the training scenes in which every class keeps about its share of pixels.

use rand::seq::SliceRandom as _;
use rayon::prelude::*;

use super::dataset::Dataset;
use super::entry::SampleEntry;
use crate::progress::{Progress, Stopped, tell};
use crate::random::Streams;

/// Labels that are read at once between two looks at `progress`.
const AT_ONCE: usize = 64;

/// The places of `count` samples, drawn by the seed and in rising order; a smaller count is a part of a larger one.
///
/// Scenes are taken one after the other: each time the class is looked up of whose pixels the smallest part has been
/// taken so far, and the first scene of a shuffled order is taken that has it. Scenes whose label does not read, or
/// that have none, come last: they are named where they are used.
pub(super) fn by_classes(
    dataset: &Dataset,
    samples: &[SampleEntry],
    count: usize,
    streams: Streams,
    progress: &mut Progress<'_>,
) -> Result<Vec<usize>, Stopped> {
    let pixels = class_pixels(dataset, samples, progress)?;
    let mut order: Vec<usize> = (0..samples.len()).collect();
    order.shuffle(&mut streams.stream("fraction", 0));
    let mut taken = greedy(&pixels, &order, count);
    taken.sort_unstable();
    Ok(taken)
}

/// Pixels of each class in each sample's label.
fn class_pixels(
    dataset: &Dataset,
    samples: &[SampleEntry],
    progress: &mut Progress<'_>,
) -> Result<Vec<Vec<u64>>, Stopped> {
    let mut pixels = Vec::with_capacity(samples.len());
    for chunk in samples.chunks(AT_ONCE) {
        tell(progress, "Reading labels to draw scenes by class", pixels.len() as u64, samples.len() as u64)?;
        pixels.par_extend(chunk.par_iter().map(|sample| {
            let mut counts = vec![0_u64; dataset.classes.len()];
            // A label that does not read holds no class here.
            if let Ok(Some((_, ids))) = dataset.label(sample) {
                for id in ids {
                    counts.get_mut(usize::from(id)).into_iter().for_each(|count| *count += 1);
                }
            }
            counts
        }));
    }
    Ok(pixels)
}

/// The first `count` places that are taken.
fn greedy(pixels: &[Vec<u64>], order: &[usize], count: usize) -> Vec<usize> {
    let classes = pixels.first().map_or(0, Vec::len);
    let total = |class: usize| pixels.iter().map(|counts| counts[class]).sum::<u64>();
    let totals: Vec<u64> = (0..classes).map(total).collect();
    let mut sums = vec![0_u64; classes];
    let mut is_taken = vec![false; pixels.len()];
    // How far the order has been looked through for each class: what lies before has it not, or is taken.
    let mut from = vec![0; classes];
    let mut rest = order.iter().copied();
    let mut taken = Vec::with_capacity(count);
    while taken.len() < count.min(order.len()) {
        for (class, from) in from.iter_mut().enumerate() {
            let has = |&place: &usize| pixels[place][class] > 0 && !is_taken[place];
            *from += order[*from..].iter().take_while(|place| !has(place)).count();
        }
        let share = |class: usize| sums[class] as f64 / totals[class] as f64;
        let scarcest = (0..classes)
            .filter(|&class| totals[class] > 0 && from[class] < order.len())
            .min_by(|&left, &right| share(left).total_cmp(&share(right)));
        let next = match scarcest {
            Some(class) => Some(order[from[class]]),
            None => rest.find(|&place| !is_taken[place]),
        };
        let Some(next) = next else { break };
        is_taken[next] = true;
        sums.iter_mut().zip(&pixels[next]).for_each(|(sum, pixels)| *sum += pixels);
        taken.push(next);
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 scenes: road everywhere, a car in every third, a cone in two.
    fn scenes() -> Vec<Vec<u64>> {
        let scene = |at: usize| {
            let car = if at.is_multiple_of(3) { 20 } else { 0 };
            let cone = if at == 41 || at == 77 { 3 } else { 0 };
            vec![100 - car - cone, car, cone, 0]
        };
        (0..100).map(scene).collect()
    }

    fn drawn(seed: u64, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..100).collect();
        order.shuffle(&mut Streams::new(seed).stream("fraction", 0));
        greedy(&scenes(), &order, count)
    }

    #[test]
    fn every_class_keeps_its_share_and_a_rare_one_is_not_lost() {
        for seed in 0..20 {
            let taken = drawn(seed, 10);
            for class in 0..3 {
                let sum = |places: &[usize]| places.iter().map(|&place| scenes()[place][class]).sum::<u64>() as f64;
                let share = sum(&taken) / sum(&(0..100).collect::<Vec<_>>());
                assert!(share >= 0.07, "seed {seed}, class {class}: {share} of {taken:?}");
            }
        }
    }

    #[test]
    fn shares_follow_the_seed_and_a_smaller_one_is_a_part() {
        let (small, large) = (drawn(3, 8), drawn(3, 50));
        assert_eq!(small, large[..8]);
        assert_ne!(small, drawn(4, 8));
        let mut all = drawn(3, 100);
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        // Without any label the order alone decides.
        assert_eq!(greedy(&vec![vec![0; 4]; 3], &[2, 0, 1], 2), [2, 0]);
        assert!(greedy(&[], &[], 1).is_empty());
    }
}
