//! Which pixels of which scenes an embedding shows: classes in equal shares, at random, without a list of all pixels.

use std::collections::HashMap;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use crate::objective::Labels;
use crate::random::Streams;

/// Random numbers that are held at a time.
const BLOCK: usize = 1024;

/// A chosen pixel: its class, and which of the class's pixels in its scene it is, row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Drawn {
    class: usize,
    rank: usize,
}

/// A pixel of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Picked {
    pub(super) row: usize,
    pub(super) column: usize,
    /// The true class.
    pub(super) class: u8,
}

/// Draws `count` pixels, or all where there are fewer: one of each class in turn as long as it has any, by scene.
/// `pixels` is how many of each class every scene has.
///
/// Takes memory for what is drawn, not for what it is drawn from.
pub(super) fn draw(pixels: &[Vec<usize>], count: usize, seed: u64) -> Vec<Vec<Drawn>> {
    let classes = pixels.iter().map(Vec::len).max().unwrap_or(0);
    let mut rng = Streams::new(seed).stream("embedding.pixels", 0);
    let of_class = |class: usize| pixels.iter().map(move |scene| scene.get(class).copied().unwrap_or(0));
    let totals: Vec<usize> = (0..classes).map(|class| of_class(class).sum()).collect();
    let quotas = quotas(&totals, count);
    let ranks: Vec<Vec<usize>> =
        totals.iter().zip(&quotas).map(|(&total, &quota)| first_of_shuffled(total, quota, &mut rng)).collect();
    // Behind the last pixel of a class in each scene.
    let ends: Vec<Vec<usize>> = (0..classes)
        .map(|class| {
            let add = |sum: &mut usize, pixels| {
                *sum += pixels;
                Some(*sum)
            };
            of_class(class).scan(0, add).collect()
        })
        .collect();
    let mut drawn = vec![Vec::new(); pixels.len()];
    for round in 0..quotas.iter().copied().max().unwrap_or(0) {
        for (class, ranks) in ranks.iter().enumerate() {
            let Some(&rank) = ranks.get(round) else { continue };
            let scene = ends[class].partition_point(|&end| end <= rank);
            let before = scene.checked_sub(1).map_or(0, |before| ends[class][before]);
            drawn[scene].push(Drawn { class, rank: rank - before });
        }
    }
    drawn
}

/// How many of each class are drawn.
fn quotas(totals: &[usize], count: usize) -> Vec<usize> {
    let mut quotas = vec![0; totals.len()];
    let mut left = count.min(totals.iter().sum());
    while left > 0 {
        for (quota, total) in quotas.iter_mut().zip(totals) {
            if *quota < *total && left > 0 {
                *quota += 1;
                left -= 1;
            }
        }
    }
    quotas
}

/// The first `count` of so many things, numbered from 0, after Fisher and Yates have shuffled them: from the last place
/// on, each changes places with one that is not behind it.
///
/// Going back through the shuffle from its end, only the places need be known that those came from.
fn first_of_shuffled(total: usize, count: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let (swaps, count) = (total.saturating_sub(1), count.min(total));
    let begin = rng.get_word_pos();
    // Two words a number.
    let position = |swap: usize| begin + 2 * swap as u128;
    // By the place where a thing lies before the swaps that were gone back through: the place where it ends.
    let mut ends: HashMap<usize, usize> = (0..count).map(|place| (place, place)).collect();
    let mut numbers = Vec::with_capacity(BLOCK);
    for behind in (1..=swaps).rev().step_by(BLOCK) {
        let block = behind.saturating_sub(BLOCK)..behind;
        rng.set_word_pos(position(block.start));
        numbers.clear();
        numbers.extend(block.clone().map(|_| rng.next_u64()));
        for (swap, number) in block.zip(&numbers).rev() {
            let last = swaps - swap;
            // 64 bits for at most a few million places: the bias is below one in 10¹².
            let other = (number % (last as u64 + 1)) as usize;
            // So far behind lies none of them yet.
            let from_last = if last < count { ends.remove(&last) } else { None };
            let from_other = ends.remove(&other);
            ends.extend(from_last.map(|end| (other, end)));
            ends.extend(from_other.map(|end| (last, end)));
        }
    }
    rng.set_word_pos(position(swaps));
    let mut first = vec![0; count];
    for (place, end) in ends {
        first[end] = place;
    }
    first
}

/// Where the drawn pixels of a scene lie in its labels, in their order; `None` where the labels have no such pixels.
pub(super) fn located(drawn: &[Drawn], labels: &Labels) -> Option<Vec<Picked>> {
    let mut found = HashMap::with_capacity(drawn.len());
    found.extend(drawn.iter().map(|&drawn| (drawn, None)));
    let mut met = [0; 256];
    for (at, &id) in labels.ids.iter().enumerate() {
        let class = usize::from(id);
        if let Some(place) = found.get_mut(&Drawn { class, rank: met[class] }) {
            *place = Some(Picked { row: at / labels.width, column: at % labels.width, class: id });
        }
        met[class] += 1;
    }
    drawn.iter().map(|drawn| found[drawn]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::most_bytes;

    /// What was drawn before: of lists of all pixels, shuffled as wholes.
    fn oracle(scenes: &[Labels], classes: usize, count: usize, seed: u64) -> Vec<Vec<Picked>> {
        let mut by_class = vec![Vec::new(); classes];
        for (scene, labels) in scenes.iter().enumerate() {
            for (at, &class) in labels.ids.iter().enumerate() {
                if let Some(pixels) = by_class.get_mut(usize::from(class)) {
                    pixels.push((scene, Picked { row: at / labels.width, column: at % labels.width, class }));
                }
            }
        }
        let mut rng = Streams::new(seed).stream("embedding.pixels", 0);
        for pixels in &mut by_class {
            for last in (1..pixels.len()).rev() {
                pixels.swap(last, (rng.next_u64() % (last as u64 + 1)) as usize);
            }
        }
        let (mut picked, mut left) = (vec![Vec::new(); scenes.len()], count);
        for round in 0..by_class.iter().map(Vec::len).max().unwrap_or(0) {
            for pixels in by_class.iter().filter(|pixels| pixels.len() > round) {
                if left > 0 {
                    picked[pixels[round].0].push(pixels[round].1);
                    left -= 1;
                }
            }
        }
        picked
    }

    fn scenes() -> Vec<Labels> {
        let scene = |scene: usize| {
            let id = |at: usize| [0, 0, 1, 0, 255, 3, 0, 1, 0][(at * 7 + scene * at / 3) % 9];
            Labels { ids: (0..40 * 30).map(id).collect(), batch: 1, height: 40, width: 30 }
        };
        (0..4).map(scene).collect()
    }

    fn drawn_of(scenes: &[Labels], count: usize, seed: u64) -> Vec<Vec<Picked>> {
        let pixels: Vec<Vec<usize>> = scenes.iter().map(|labels| labels.pixels(4)).collect();
        let drawn = draw(&pixels, count, seed);
        drawn.iter().zip(scenes).map(|(drawn, labels)| located(drawn, labels).unwrap()).collect()
    }

    #[test]
    fn the_pixels_are_those_that_a_shuffle_of_all_of_them_begins_with() {
        let scenes = scenes();
        for (count, seed) in [(0, 1), (1, 1), (50, 1), (50, 2), (999, 7), (3000, 3), (4000, 4), (1_000_000, 5)] {
            assert_eq!(drawn_of(&scenes, count, seed), oracle(&scenes, 4, count, seed), "{count} from seed {seed}");
        }
    }

    #[test]
    fn every_pixel_is_drawn_as_often_as_any_other() {
        let mut times = [0_u32; 50];
        for seed in 0..4000 {
            for drawn in &draw(&[vec![20], vec![30]], 5, seed)[0] {
                times[drawn.rank] += 1;
            }
            for drawn in &draw(&[vec![20], vec![30]], 5, seed)[1] {
                times[20 + drawn.rank] += 1;
            }
        }
        // 400 expected, and a deviation of 19.
        assert!(times.iter().all(|times| (310..490).contains(times)), "{times:?}");
    }

    #[test]
    fn drawing_takes_memory_for_what_is_drawn_only() {
        let scenes = vec![vec![100_000, 50_000, 7]; 20];
        let (drawn, bytes) = most_bytes(|| draw(&scenes, 1000, 1));
        assert_eq!(drawn.iter().map(Vec::len).sum::<usize>(), 1000);
        assert!(bytes < 200 * 1000, "{bytes} bytes for 1,000 of 3 million pixels");
    }

    #[test]
    fn labels_that_have_changed_are_noticed() {
        let labels = Labels { ids: vec![0, 1, 1], batch: 1, height: 1, width: 3 };
        assert_eq!(located(&[Drawn { class: 1, rank: 1 }], &labels).unwrap()[0].column, 2);
        assert_eq!(located(&[Drawn { class: 1, rank: 2 }], &labels), None);
    }
}
