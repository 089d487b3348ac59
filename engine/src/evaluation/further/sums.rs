//! All further figures of one subset of the sensors, summed over scenes.

use super::super::conventions::Convention;
use super::boundary::BoundarySums;
use super::precision::PrecisionSums;
use super::reliability::ReliabilitySums;
use crate::protocol::{FurtherClassScores, FurtherScores};

/// The most bytes that all sums for average precision take in one evaluation.
const MOST_BYTES: usize = 128 << 20;

/// Makes the sums of an evaluation, of which the first rank pixels, as many as there is memory for: all sensors together
/// come first.
#[derive(Clone, Copy, Debug)]
pub(in crate::evaluation) struct FurtherBudget {
    classes: usize,
    ranked: usize,
}

/// What a confusion matrix does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::evaluation) struct FurtherSums {
    classes: usize,
    boundary: BoundarySums,
    reliability: ReliabilitySums,
    /// `None` where there is no room for it.
    precision: Option<PrecisionSums>,
}

impl FurtherBudget {
    pub(in crate::evaluation) fn new(classes: usize) -> Self {
        Self { classes, ranked: MOST_BYTES / PrecisionSums::bytes(classes.max(1)) }
    }

    /// Sums of nothing yet.
    pub(in crate::evaluation) fn sums(&mut self) -> FurtherSums {
        let is_ranked = self.ranked > 0;
        self.ranked = self.ranked.saturating_sub(1);
        FurtherSums::new(self.classes, is_ranked)
    }
}

impl FurtherSums {
    pub(in crate::evaluation) fn new(classes: usize, is_ranked: bool) -> Self {
        Self {
            classes,
            boundary: BoundarySums::new(classes),
            reliability: ReliabilitySums::default(),
            precision: is_ranked.then(|| PrecisionSums::new(classes)),
        }
    }

    /// The same sums of one scene alone: `truth` and `ids` hold a class id a pixel, row by row, `probabilities` those of
    /// `[classes, pixels]`. What is no class in the truth counts nowhere.
    pub(in crate::evaluation) fn of_scene(
        &self,
        truth: &[u8],
        ids: &[u8],
        width: usize,
        probabilities: &[f32],
    ) -> Self {
        let mut sums = Self::new(self.classes, self.precision.is_some());
        sums.add(truth, ids, width, probabilities);
        sums
    }

    /// Counts one scene, `probabilities` as `[classes, pixels]`.
    pub(in crate::evaluation) fn add(&mut self, truth: &[u8], ids: &[u8], width: usize, probabilities: &[f32]) {
        self.boundary.add(truth, ids, width);
        for (place, (&class, &id)) in truth.iter().zip(ids).enumerate() {
            if usize::from(class) < self.classes
                && let Some(&confidence) = probabilities.get(usize::from(id) * truth.len() + place)
            {
                self.reliability.add(id == class, confidence);
            }
        }
        if let Some(precision) = &mut self.precision {
            precision.add(truth, probabilities);
        }
    }

    /// Adds what was counted in another scene.
    pub(in crate::evaluation) fn merge(&mut self, other: &Self) {
        self.boundary.merge(&other.boundary);
        self.reliability.merge(&other.reliability);
        if let (Some(sum), Some(other)) = (&mut self.precision, &other.precision) {
            sum.merge(other);
        }
    }

    /// The figures, means over classes by a convention; `names` are the class names by id.
    pub(in crate::evaluation) fn scores(&self, convention: Convention, names: &[String]) -> FurtherScores {
        let calibration_error = self.reliability.error();
        let precisions: Vec<_> = (0..self.classes)
            .map(|class| self.precision.as_ref().and_then(|sums| sums.average_precision(class)))
            .collect();
        // Where no pixel was counted there is nothing that a convention could fill in.
        let mean = |figure: &dyn Fn(usize) -> Option<f64>| {
            calibration_error.and_then(|_| convention.mean_over(self.classes, names, figure))
        };
        let average_precision =
            self.precision.as_ref().and_then(|_| mean(&|class| precisions[class].map(|precision| precision.value)));
        let class_scores = |class| FurtherClassScores {
            boundary_iou: self.boundary.iou(class),
            average_precision: precisions[class].map(|precision| precision.value),
        };
        FurtherScores {
            boundary_iou: mean(&|class| self.boundary.iou(class)),
            calibration_error,
            average_precision,
            average_precision_error: precisions.iter().flatten().map(|found| found.error).reduce(f64::max),
            reliability: self.reliability.bins(),
            classes: (0..self.classes).map(class_scores).collect(),
        }
    }
}
