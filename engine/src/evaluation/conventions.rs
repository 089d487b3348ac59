//! What a mean IoU is taken over: one matrix, six habits of the field.

use super::confusion::{ConfusionMatrix, mean, ratio};

/// How a mean IoU treats absent classes, class 0 and unlabelled pixels. No two of them may be compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Convention {
    /// Classes in neither truth nor prediction are left out (CMX, MRFS, AMDANet, SMMCL).
    #[default]
    NanMean,
    /// They count as 0 (DELIVER, CMNeXt, Any2Seg, RTFNet, CRM).
    NanAsZero,
    /// They count as 1, from the 1e-15 that MVSS adds above and below the line.
    NanAsOne,
    /// Class 0 is left out of the mean, and so are absent classes (SMMCL on LLRGBD).
    NoBackground,
    /// Row and column 0 leave the unions; class 0 and absent classes score 0 and stay in the mean (MFNet's own tool).
    Mfnet,
    /// Pixels with truth 0 are removed; the mean of car, person and bicycle (HeatNet, UDA on MF).
    Heatnet,
}

/// The classes of HeatNet's mean with other names that data sets give them, and their ids in MFNet.
const HEATNET: [(&[&str], usize); 3] = [
    (&["car", "vehicle"], 1),
    (&["person", "pedestrian", "people", "human"], 2),
    (&["bicycle", "bike", "bicyclist"], 3),
];

impl Convention {
    /// All conventions, the default first.
    pub const ALL: [Self; 6] =
        [Self::NanMean, Self::NanAsZero, Self::NanAsOne, Self::NoBackground, Self::Mfnet, Self::Heatnet];

    /// The word used in recipes (`evaluation.convention`) and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::NanMean => "nanmean",
            Self::NanAsZero => "nan-as-zero",
            Self::NanAsOne => "nan-as-one",
            Self::NoBackground => "no-background",
            Self::Mfnet => "mfnet",
            Self::Heatnet => "heatnet",
        }
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

    /// The convention with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|convention| convention.name() == name)
    }

    /// The mean IoU, 0 to 1; `None` where no pixel was counted or no class takes part.
    ///
    /// `names` are the class names by id; only HeatNet's convention looks at them.
    pub fn mean_iou(self, matrix: &ConfusionMatrix, names: &[String]) -> Option<f64> {
        if matrix.total() == 0 {
            return None;
        }
        let classes = 0..matrix.classes();
        match self {
            Self::NanMean => mean(classes.filter_map(|class| matrix.iou(class))),
            Self::NanAsZero => mean(classes.map(|class| matrix.iou(class).unwrap_or(0.0))),
            Self::NanAsOne => mean(classes.map(|class| matrix.iou(class).unwrap_or(1.0))),
            Self::NoBackground => mean(classes.skip(1).filter_map(|class| matrix.iou(class))),
            Self::Mfnet => mean(classes.map(|class| foreground_iou(matrix, class))),
            Self::Heatnet => {
                mean(heatnet_classes(names, matrix.classes()).into_iter().filter_map(|id| labelled_iou(matrix, id)))
            }
        }
    }
}

/// IoU with row and column 0 out of the union; 0 for class 0 and for classes without a union.
fn foreground_iou(matrix: &ConfusionMatrix, class: usize) -> f64 {
    if class == 0 {
        return 0.0;
    }
    let hit = matrix.count(class, class);
    let row = matrix.row_sum(class) - matrix.count(class, 0);
    let column = matrix.column_sum(class) - matrix.count(0, class);
    ratio(hit, row + column - hit).unwrap_or(0.0)
}

/// IoU over the pixels whose truth is not 0.
fn labelled_iou(matrix: &ConfusionMatrix, class: usize) -> Option<f64> {
    if class == 0 {
        return None;
    }
    let hit = matrix.count(class, class);
    ratio(hit, matrix.row_sum(class) + matrix.column_sum(class) - matrix.count(0, class) - hit)
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
        for (convention, expected) in [
            (Convention::NanMean, 0.336_246_246_246_246_27),
            (Convention::NanAsZero, 0.280_205_205_205_205_2),
            (Convention::NanAsOne, 0.446_871_871_871_871_9),
            (Convention::NoBackground, 0.251_388_888_888_888_9),
            (Convention::Mfnet, 0.258_333_333_333_333_36),
            (Convention::Heatnet, 0.406_355_645_706_558_47),
        ] {
            close(convention.mean_iou(&matrix(), &[]), expected);
        }
        close(matrix().mean_accuracy(), 0.534_545_595_533_498_8);
        close(matrix().pixel_accuracy(), 0.731_481_481_481_481_5);
        close(matrix().mean_f1(), 0.428_285_396_472_270_76);
        close(matrix().frequency_weighted_iou(), 0.588_299_410_521_632_7);
    }

    #[test]
    fn nothing_counted_has_no_mean_in_any_convention() {
        for convention in Convention::ALL {
            assert_eq!(convention.mean_iou(&ConfusionMatrix::new(4), &[]), None, "{}", convention.name());
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

    #[test]
    fn names_read_back() {
        for convention in Convention::ALL {
            assert_eq!(Convention::from_name(convention.name()), Some(convention));
        }
        assert_eq!(Convention::from_name("mean"), None);
    }

    #[test]
    fn the_catalogue_offers_exactly_these_conventions() {
        let crate::recipe::Kind::Choice { options, .. } =
            crate::recipe::setting("evaluation.convention").map(|setting| setting.kind).unwrap()
        else {
            panic!("evaluation.convention is a choice");
        };
        let offered: Vec<_> = options.iter().map(|option| option.id).collect();
        assert_eq!(offered, Convention::ALL.map(Convention::name));
    }
}
