//! Counts of pixels by truth and prediction, over a whole split.

use crate::protocol::{ClassScores, CountedCell};

/// How many pixels of each class were taken for which: one matrix an evaluation, summed over all scenes.
///
/// Intersections and unions are summed before they are divided; means of per-image figures are another quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: usize,
    /// Row = truth, column = prediction.
    counts: Vec<u64>,
}

impl ConfusionMatrix {
    /// An empty matrix for `classes` classes.
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0; classes * classes] }
    }

    /// A matrix from its counts, row by row; `None` where the counts do not make a square of that side.
    pub fn from_counts(classes: usize, counts: Vec<u64>) -> Option<Self> {
        (counts.len() == classes * classes).then_some(Self { classes, counts })
    }

    /// Counts one scene. Pixels whose truth is no class (the ignore label, or an id out of range) are skipped.
    ///
    /// Both slices hold one class id a pixel; pixels beyond the shorter one are not counted.
    pub fn add(&mut self, truth: &[u8], prediction: &[u8]) {
        debug_assert_eq!(truth.len(), prediction.len(), "truth and prediction cover the same pixels");
        for (&truth, &prediction) in truth.iter().zip(prediction) {
            let (row, column) = (usize::from(truth), usize::from(prediction));
            if row < self.classes && column < self.classes {
                self.counts[row * self.classes + column] += 1;
            }
        }
    }

    /// Adds another matrix of the same size.
    pub fn merge(&mut self, other: &Self) {
        debug_assert_eq!(self.classes, other.classes, "matrices of one class list");
        for (sum, &count) in self.counts.iter_mut().zip(&other.counts) {
            *sum += count;
        }
    }

    /// Adds pixels of a scene, so many times each. Those of no class of this matrix are skipped.
    pub fn add_cells(&mut self, cells: &[CountedCell], times: u64) {
        for cell in cells {
            let (row, column) = (usize::from(cell.truth), usize::from(cell.predicted));
            if row < self.classes && column < self.classes {
                self.counts[row * self.classes + column] += u64::from(cell.pixels) * times;
            }
        }
    }

    /// What is left without these pixels of a scene, which are among those counted.
    pub fn without(&self, cells: &[CountedCell]) -> Self {
        let mut others = self.clone();
        for cell in cells {
            let (row, column) = (usize::from(cell.truth), usize::from(cell.predicted));
            if row < self.classes && column < self.classes {
                let count = &mut others.counts[row * self.classes + column];
                *count = count.saturating_sub(u64::from(cell.pixels));
            }
        }
        others
    }

    /// Counts nothing again.
    pub fn clear(&mut self) {
        self.counts.fill(0);
    }

    /// The counts that are not 0, by truth and then by prediction.
    pub fn cells(&self) -> impl Iterator<Item = CountedCell> {
        let of_place = |(place, &pixels): (usize, &u64)| {
            let (truth, predicted) = (place / self.classes, place % self.classes);
            Some(CountedCell {
                truth: u8::try_from(truth).ok()?,
                predicted: u8::try_from(predicted).ok()?,
                pixels: u32::try_from(pixels).ok().filter(|&pixels| pixels > 0)?,
            })
        };
        self.counts.iter().enumerate().filter_map(of_place)
    }

    /// How many classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// All counts, row by row.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Pixels of class `truth` that were taken for `prediction`.
    pub fn count(&self, truth: usize, prediction: usize) -> u64 {
        self.counts[truth * self.classes + prediction]
    }

    /// Pixels of that class in the truth.
    pub fn row_sum(&self, truth: usize) -> u64 {
        (0..self.classes).map(|prediction| self.count(truth, prediction)).sum()
    }

    /// Counted pixels that were taken for that class.
    pub fn column_sum(&self, prediction: usize) -> u64 {
        (0..self.classes).map(|truth| self.count(truth, prediction)).sum()
    }

    /// All counted pixels.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Intersection over union of a class; `None` where it is in neither truth nor prediction.
    pub fn iou(&self, class: usize) -> Option<f64> {
        let union = self.row_sum(class) + self.column_sum(class) - self.count(class, class);
        ratio(self.count(class, class), union)
    }

    /// The share of a class's pixels that were found; `None` where truth has none.
    pub fn accuracy(&self, class: usize) -> Option<f64> {
        ratio(self.count(class, class), self.row_sum(class))
    }

    /// Figures class by class.
    pub fn class_scores(&self) -> Vec<ClassScores> {
        (0..self.classes)
            .map(|class| ClassScores {
                iou: self.iou(class),
                accuracy: self.accuracy(class),
                pixels: self.row_sum(class),
            })
            .collect()
    }

    /// The share of right pixels.
    pub fn pixel_accuracy(&self) -> Option<f64> {
        let right = (0..self.classes).map(|class| self.count(class, class)).sum();
        ratio(right, self.total())
    }

    /// IoU weighted by each class's share of the truth.
    pub fn frequency_weighted_iou(&self) -> Option<f64> {
        let total = self.total();
        (total > 0).then(|| {
            (0..self.classes)
                .filter_map(|class| Some(self.row_sum(class) as f64 / total as f64 * self.iou(class)?))
                .sum()
        })
    }
}

/// `part / whole`, or `None` for nothing out of nothing.
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The mean of what there is, or `None` of nothing.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u64), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::IGNORE;

    #[test]
    fn ignored_and_unknown_truth_is_skipped() {
        let mut matrix = ConfusionMatrix::new(3);
        matrix.add(&[0, 1, 2, IGNORE, 3, 1], &[0, 1, 1, 0, 0, 2]);
        assert_eq!(matrix.counts(), [1, 0, 0, 0, 1, 1, 0, 1, 0]);
        assert_eq!(matrix.total(), 4);
    }

    #[test]
    fn an_image_of_nothing_but_ignored_pixels_has_no_figures() {
        let mut matrix = ConfusionMatrix::new(2);
        matrix.add(&[IGNORE; 6], &[1; 6]);
        assert_eq!(matrix.total(), 0);
        assert_eq!((matrix.iou(0), matrix.iou(1)), (None, None));
        assert_eq!(matrix.pixel_accuracy(), None);
        assert_eq!(matrix.frequency_weighted_iou(), None);
    }

    #[test]
    fn figures_of_a_small_matrix_are_as_computed_by_hand() {
        // Truth 0: 3 right, 1 taken for 1. Truth 1: 4 right, 2 taken for 0. Class 2 is nowhere.
        let matrix = ConfusionMatrix::from_counts(3, vec![3, 1, 0, 2, 4, 0, 0, 0, 0]).unwrap();
        assert_eq!(matrix.iou(0), Some(0.5));
        assert_eq!(matrix.iou(1), Some(4.0 / 7.0));
        assert_eq!(matrix.iou(2), None);
        assert_eq!(matrix.accuracy(0), Some(0.75));
        assert_eq!(matrix.pixel_accuracy(), Some(0.7));
        let weighted = matrix.frequency_weighted_iou().unwrap();
        assert!((weighted - (0.4 * 0.5 + 0.6 * 4.0 / 7.0)).abs() < 1e-15, "{weighted}");
    }

    #[test]
    fn counts_are_summed_over_the_set_before_they_are_divided() {
        let mut whole = ConfusionMatrix::new(2);
        let mut first = ConfusionMatrix::new(2);
        let mut second = ConfusionMatrix::new(2);
        // One scene with a single pixel of class 1, missed; one with nine, all found.
        first.add(&[1], &[0]);
        second.add(&[1; 9], &[1; 9]);
        whole.merge(&first);
        whole.merge(&second);
        assert_eq!(whole.iou(1), Some(0.9));
        let mean_of_images = f64::midpoint(first.iou(1).unwrap(), second.iou(1).unwrap());
        assert_eq!(mean_of_images, 0.5);
    }

    #[test]
    fn counts_that_make_no_square_are_refused() {
        assert_eq!(ConfusionMatrix::from_counts(2, vec![0; 3]), None);
    }
}
