//! What a mean over classes is taken over: one matrix, six habits of the field.

use super::confusion::{ConfusionMatrix, mean, ratio};
use crate::recipe::Choice as _;
pub use crate::recipe::catalogue::evaluation::Convention;

/// The classes of HeatNet's mean with other names that data sets give them, and their ids in MFNet.
const HEATNET: [(&[&str], usize); 3] = [
    (&["car", "vehicle"], 1),
    (&["person", "pedestrian", "people", "human"], 2),
    (&["bicycle", "bike", "bicyclist"], 3),
];

impl Convention {
    /// The convention that a report names, which may also say at which sizes the network was asked.
    pub fn of_words(words: &str) -> Option<Self> {
        words.split(',').next().and_then(Self::of)
    }

    /// What it means, in a few words that stand beside a figure.
    pub fn summary(self) -> &'static str {
        match self {
            Self::NanMean => "absent classes left out",
            Self::NanAsZero => "absent classes count as 0",
            Self::NanAsOne => "absent classes count as 1",
            Self::NoBackground => "class 0 and absent classes left out",
            Self::Mfnet => "row and column 0 out of the unions, class 0 scores 0",
            Self::Heatnet => "pixels with truth 0 removed; car, person and bicycle only",
        }
    }

    /// The mean IoU, 0 to 1; `None` where no pixel was counted or no class takes part.
    ///
    /// `names` are the class names by id; only HeatNet's convention looks at them.
    pub fn mean_iou(self, matrix: &ConfusionMatrix, names: &[String]) -> Option<f64> {
        self.mean_of(matrix, names, |class| ratio(class.hit, class.truth + class.predicted - class.hit))
    }

    /// The mean class accuracy, hit / truth, with absent classes, class 0 and unlabelled pixels treated as for the IoU.
    pub fn mean_accuracy(self, matrix: &ConfusionMatrix, names: &[String]) -> Option<f64> {
        self.mean_of(matrix, names, |class| ratio(class.hit, class.truth))
    }

    /// The mean F1, 2 · hit / (truth + predicted), with absent classes, class 0 and unlabelled pixels treated as for
    /// the IoU.
    pub fn mean_f1(self, matrix: &ConfusionMatrix, names: &[String]) -> Option<f64> {
        self.mean_of(matrix, names, |class| ratio(2 * class.hit, class.truth + class.predicted))
    }

    fn mean_of(
        self,
        matrix: &ConfusionMatrix,
        names: &[String],
        figure: impl Fn(Counts) -> Option<f64>,
    ) -> Option<f64> {
        if matrix.total() == 0 {
            return None;
        }
        self.mean_over(matrix.classes(), names, |class| figure(self.counts(matrix, class)))
    }

    /// The mean of a figure over the classes that take part, with what stands in for those that have none.
    pub(super) fn mean_over(
        self,
        classes: usize,
        names: &[String],
        figure: impl Fn(usize) -> Option<f64>,
    ) -> Option<f64> {
        let taking_part = match self {
            Self::Heatnet => heatnet_classes(names, classes),
            Self::NoBackground => (1..classes).collect(),
            _ => (0..classes).collect(),
        };
        let stand_in = match self {
            Self::NanMean | Self::NoBackground | Self::Heatnet => None,
            Self::NanAsZero | Self::Mfnet => Some(0.0),
            Self::NanAsOne => Some(1.0),
        };
        let has_none = |class| self == Self::Mfnet && class == 0;
        mean(
            taking_part
                .into_iter()
                .filter_map(|class| if has_none(class) { stand_in } else { figure(class).or(stand_in) }),
        )
    }

    /// What counts of a class once the pixels that the convention removes are gone.
    fn counts(self, matrix: &ConfusionMatrix, class: usize) -> Counts {
        let (truth, predicted) = (matrix.row_sum(class), matrix.column_sum(class));
        match self {
            Self::Mfnet | Self::Heatnet if class == 0 => Counts::default(),
            Self::Mfnet => Counts {
                hit: matrix.count(class, class),
                truth: truth - matrix.count(class, 0),
                predicted: predicted - matrix.count(0, class),
            },
            Self::Heatnet => {
                Counts { hit: matrix.count(class, class), truth, predicted: predicted - matrix.count(0, class) }
            }
            _ => Counts { hit: matrix.count(class, class), truth, predicted },
        }
    }
}

/// Pixels of one class.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// Found.
    hit: u64,
    /// In the truth.
    truth: u64,
    /// In the prediction.
    predicted: u64,
}

/// Ids of car, person and bicycle: by name, else as in MFNet where all three names are unknown.
fn heatnet_classes(names: &[String], classes: usize) -> Vec<usize> {
    let by_name: Vec<usize> = HEATNET
        .iter()
        .filter_map(|(words, _)| {
            names.iter().take(classes).position(|name| words.iter().any(|word| name.trim().eq_ignore_ascii_case(word)))
        })
        .collect();
    if by_name.is_empty() { HEATNET.iter().map(|&(_, id)| id).filter(|&id| id < classes).collect() } else { by_name }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Six classes: 3 is never predicted, 4 is never true, 5 is nowhere. See `conventions_reference.py`.
    const COUNTS: [u64; 36] = [
        50, 7, 3, 0, 2, 0, //
        4, 20, 1, 0, 1, 0, //
        5, 2, 9, 0, 0, 0, //
        3, 1, 0, 0, 0, 0, //
        0, 0, 0, 0, 0, 0, //
        0, 0, 0, 0, 0, 0, //
    ];

    fn matrix() -> ConfusionMatrix {
        ConfusionMatrix::from_counts(6, COUNTS.to_vec()).unwrap()
    }

    fn names(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    fn close(found: Option<f64>, expected: f64) {
        assert!(found.is_some_and(|found| (found - expected).abs() < 1e-14), "{found:?}, expected {expected}");
    }

    #[test]
    fn every_convention_agrees_with_the_reference_script() {
        for (convention, iou, accuracy, f1) in [
            (Convention::NanMean, 0.336_246_246_246_246_27, 0.534_545_595_533_498_8, 0.428_285_396_472_270_76),
            (Convention::NanAsZero, 0.280_205_205_205_205_2, 0.356_363_730_355_665_8, 0.356_904_497_060_225_65),
            (Convention::NanAsOne, 0.446_871_871_871_871_9, 0.689_697_063_688_999_2, 0.523_571_163_726_892_3),
            (Convention::NoBackground, 0.251_388_888_888_888_9, 0.443_910_256_410_256_4, 0.333_743_842_364_532_03),
            (Convention::Mfnet, 0.258_333_333_333_333_36, 0.287_878_787_878_787_9, 0.291_005_291_005_291),
            (Convention::Heatnet, 0.406_355_645_706_558_47, 0.443_910_256_410_256_4, 0.502_878_074_306_645_8),
        ] {
            close(convention.mean_iou(&matrix(), &[]), iou);
            close(convention.mean_accuracy(&matrix(), &[]), accuracy);
            close(convention.mean_f1(&matrix(), &[]), f1);
        }
        close(matrix().pixel_accuracy(), 0.731_481_481_481_481_5);
        close(matrix().frequency_weighted_iou(), 0.588_299_410_521_632_7);
    }

    #[test]
    fn nothing_counted_has_no_mean_in_any_convention() {
        for convention in Convention::ALL {
            let nothing = ConfusionMatrix::new(4);
            let means = [convention.mean_iou(&nothing, &[]), convention.mean_accuracy(&nothing, &[])];
            assert_eq!(means, [None; 2], "{}", convention.word());
            assert_eq!(convention.mean_f1(&nothing, &[]), None, "{}", convention.word());
        }
    }

    #[test]
    fn a_perfect_prediction_differs_by_convention_only_through_absent_classes_and_class_0() {
        let perfect = ConfusionMatrix::from_counts(4, vec![5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0]).unwrap();
        close(Convention::NanMean.mean_iou(&perfect, &[]), 1.0);
        close(Convention::NanAsZero.mean_iou(&perfect, &[]), 0.75);
        close(Convention::NanAsOne.mean_iou(&perfect, &[]), 1.0);
        close(Convention::NoBackground.mean_iou(&perfect, &[]), 1.0);
        close(Convention::Mfnet.mean_iou(&perfect, &[]), 0.5);
        close(Convention::Heatnet.mean_iou(&perfect, &[]), 1.0);
    }

    #[test]
    fn heatnet_finds_its_classes_by_name_and_spares_false_alarms_on_class_0() {
        // Truth 0 taken for a car ten times: HeatNet does not mind, nanmean does.
        let matrix = ConfusionMatrix::from_counts(3, vec![0, 0, 10, 0, 4, 0, 0, 0, 10]).unwrap();
        let names = names(&["unlabelled", "tree", "Car"]);
        close(Convention::Heatnet.mean_iou(&matrix, &names), 1.0);
        close(Convention::NanMean.mean_iou(&matrix, &names), (0.0 + 1.0 + 0.5) / 3.0);
    }
}
