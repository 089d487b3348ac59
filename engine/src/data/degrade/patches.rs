//! Patches as clouds and stains have them.

use rand_chacha::ChaCha8Rng;

use crate::data::align::Size;
use crate::random::unit;

/// Numbers that are alike nearby, one a pixel: random values on grids of `cell_px` and of half of that, interpolated.
pub(super) fn patches(size: Size, cell_px: f32, random: &mut ChaCha8Rng) -> Vec<f32> {
    let mut sums = vec![0.0; size.area()];
    for (cell, weight) in [(cell_px.max(2.0), 1.0), ((cell_px / 2.0).max(2.0), 0.5)] {
        let across = (size.width as f32 / cell) as usize + 2;
        let down = (size.height as f32 / cell) as usize + 2;
        let grid: Vec<f32> = (0..across * down).map(|_| unit(random)).collect();
        for (place, sum) in sums.iter_mut().enumerate() {
            let (x, y) = ((place % size.width) as f32 / cell, (place / size.width) as f32 / cell);
            let (left, top) = (x as usize, y as usize);
            let (right, below) = (eased(x - left as f32), eased(y - top as f32));
            let row = |line: usize| grid[line * across + left] * (1.0 - right) + grid[line * across + left + 1] * right;
            *sum += weight * (row(top) * (1.0 - below) + row(top + 1) * below);
        }
    }
    sums
}

/// Which pixels have the highest scores, as many of all as the share says.
pub(super) fn highest(scores: &[f32], share: f32) -> Vec<bool> {
    let count = (scores.len() as f32 * share).round() as usize;
    if count == 0 {
        return vec![false; scores.len()];
    }
    let mut sorted = scores.to_vec();
    let least = *sorted.select_nth_unstable_by(scores.len() - count.min(scores.len()), f32::total_cmp).1;
    scores.iter().map(|&score| score >= least).collect()
}

/// From 0 to 1 without a kink at either end.
fn eased(share: f32) -> f32 {
    share * share * (3.0 - 2.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    #[test]
    fn a_larger_share_holds_the_smaller_one() {
        let scores = patches(Size::new(30, 40), 9.0, &mut Streams::new(3).stream("test", 0));
        assert_eq!(scores.len(), 1200);
        let mut before = vec![false; 1200];
        for share in [0.0, 0.1, 0.5, 1.0] {
            let chosen = highest(&scores, share);
            let count = chosen.iter().filter(|&&is_chosen| is_chosen).count();
            assert!((count as f32 - 1200.0 * share).abs() <= 2.0, "{count} of {share}");
            assert!(before.iter().zip(&chosen).all(|(&before, &now)| now || !before));
            before = chosen;
        }
    }
}
