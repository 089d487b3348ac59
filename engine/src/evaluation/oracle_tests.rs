//! Every figure beside scikit-learn's, torchmetrics' and SciPy's, on maps with absent classes and an image without a label.

use super::confusion::ConfusionMatrix;
use super::conventions::Convention;
use super::further::FurtherSums;
use super::scores::scores_from_matrix;
use crate::data::IGNORE;

/// Printed by `reference/figures.py`.
const REFERENCE: &str = include_str!("reference/figures.txt");

const CLASSES: usize = 6;
const SCENES: [(usize, usize); 5] = [(24, 30), (40, 52), (12, 16), (17, 90), (75, 100)];

/// Truth and probabilities as the script draws them.
struct Scene {
    truth: Vec<u8>,
    width: usize,
    /// `[classes, pixels]`.
    probabilities: Vec<f32>,
}

impl Scene {
    fn ids(&self) -> Vec<u8> {
        let pixels = self.truth.len();
        let of = |place: usize| {
            let of_class = |class: usize| self.probabilities[class * pixels + place];
            // The first of equal ones, as NumPy's `argmax`.
            (1..CLASSES).fold(0, |best, class| if of_class(class) > of_class(best) { class } else { best }) as u8
        };
        (0..pixels).map(of).collect()
    }
}

fn scenes() -> Vec<Scene> {
    let mut state = 20_u64;
    let mut draw = |levels: u64| {
        state = (state * 1_103_515_245 + 12345) % (1 << 31);
        state * levels / (1 << 31)
    };
    let mut scene = |index: usize, height: usize, width: usize| {
        let blocks: Vec<Vec<u64>> = (0..=height / 7).map(|_| (0..=width / 8).map(|_| draw(5) % 4).collect()).collect();
        let pixels = height * width;
        let (mut truth, mut weights) = (vec![IGNORE; pixels], vec![1.0_f32; CLASSES * pixels]);
        for place in 0..pixels {
            let (y, x) = (place / width, place % width);
            let (label, seen) = (blocks[y / 7][x / 8], blocks[y / 7][(x + 2) % width / 8]);
            let is_ignored = draw(20) == 0 || (y < 5 && x > width - 7) || index == 2;
            if !is_ignored {
                truth[place] = label as u8;
            }
            for class in 0..CLASSES - 1 {
                let weight = draw(40) + if class as u64 == seen { 30 } else { 1 };
                weights[class * pixels + place] = weight.pow(3) as f32;
            }
        }
        let sum = |place: usize| (0..CLASSES).map(|class| weights[class * pixels + place]).sum::<f32>();
        let probabilities = weights.iter().enumerate().map(|(at, weight)| weight / sum(at % pixels)).collect();
        Scene { truth, width, probabilities }
    };
    SCENES.into_iter().enumerate().map(|(index, (height, width))| scene(index, height, width)).collect()
}

fn expected(name: &str) -> Vec<Option<f64>> {
    let line = REFERENCE.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap();
    line.split_whitespace().map(|word| Some(word.parse::<f64>().unwrap()).filter(|value| value.is_finite())).collect()
}

/// Fails where both are not defined alike, or differ by more than that.
fn close(name: &str, found: &[Option<f64>], within: f64) {
    let expected = expected(name);
    assert_eq!(found.len(), expected.len(), "{name}");
    for (class, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let is_close = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() <= within,
            (found, expected) => found == expected,
        };
        assert!(is_close, "{name} of {class}: found {found:?}, expected {expected:?}");
    }
}

fn counted(scenes: &[Scene]) -> (ConfusionMatrix, FurtherSums) {
    let (mut matrix, mut sums) = (ConfusionMatrix::new(CLASSES), FurtherSums::new(CLASSES, true));
    for scene in scenes {
        matrix.add(&scene.truth, &scene.ids());
        let mut of_scene = FurtherSums::new(CLASSES, true);
        of_scene.add(&scene.truth, &scene.ids(), scene.width, &scene.probabilities);
        sums.merge(&of_scene);
    }
    (matrix, sums)
}

fn names() -> Vec<String> {
    (0..CLASSES).map(|class| format!("class {class}")).collect()
}

#[test]
fn figures_of_the_confusion_matrix_are_scikit_learns_and_torchmetrics() {
    let (matrix, _) = counted(&scenes());
    assert_eq!(expected("confusion"), matrix.counts().iter().map(|&count| Some(count as f64)).collect::<Vec<_>>());
    let scores = scores_from_matrix(&matrix, &names(), Convention::NanMean, Vec::new(), "", "fused", 5);
    let of_class = |figure: fn(&crate::protocol::ClassScores) -> Option<f64>| -> Vec<Option<f64>> {
        scores.classes.iter().map(figure).collect()
    };
    close("iou", &of_class(|class| class.iou), 1e-9);
    close("accuracy", &of_class(|class| class.accuracy), 1e-9);
    close("f1", &of_class(|class| class.iou.map(|iou| 2.0 * iou / (1.0 + iou))), 1e-9);
    close("mean_accuracy", &[scores.mean_accuracy], 1e-9);
    close("pixel_accuracy", &[scores.pixel_accuracy], 1e-9);
    // torchmetrics divides in single precision.
    close("weighted_iou", &[scores.frequency_weighted_iou], 1e-6);
    let mean = |name: &str| {
        let defined: Vec<f64> = expected(name).into_iter().flatten().collect();
        defined.iter().sum::<f64>() / defined.len() as f64
    };
    assert!((scores.miou.unwrap() - mean("iou")).abs() < 1e-9);
    assert!((scores.mean_f1.unwrap() - mean("f1")).abs() < 1e-9);
}

#[test]
fn contours_calibration_and_ranking_are_those_of_the_references() {
    let (_, sums) = counted(&scenes());
    let scores = sums.scores(Convention::NanMean, &names());
    close("boundary_iou", &scores.classes.iter().map(|class| class.boundary_iou).collect::<Vec<_>>(), 1e-9);
    close("calibration", &[scores.calibration_error], 1e-6);
    let precisions: Vec<Option<f64>> = scores.classes.iter().map(|class| class.average_precision).collect();
    close("binned_precision", &precisions, 1e-9);
    // Without bins it is no farther than the error that is told, and that is small.
    let error = scores.average_precision_error.unwrap();
    assert!(error < 0.02, "{error}");
    close("precision", &precisions, error);
    let labelled: u64 = scores.reliability.iter().map(|bin| bin.pixels).sum();
    let counted: f64 = expected("confusion").into_iter().flatten().sum();
    assert_eq!(labelled as f64, counted);
}

#[test]
fn the_further_figures_are_the_same_in_any_order_and_on_any_number_of_threads() {
    let mut scenes = scenes();
    let (_, sums) = counted(&scenes);
    scenes.reverse();
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| counted(&scenes).1), sums, "{threads}");
    }
}

#[test]
fn means_of_the_further_figures_follow_the_convention() {
    let (_, sums) = counted(&scenes());
    let scores = sums.scores(Convention::NanMean, &names());
    let contours: Vec<f64> = scores.classes.iter().filter_map(|class| class.boundary_iou).collect();
    let precisions: Vec<f64> = scores.classes.iter().filter_map(|class| class.average_precision).collect();
    let near = |found: Option<f64>, expected: f64| assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}");
    let of = |convention| sums.scores(convention, &names());
    assert_eq!((contours.len(), precisions.len()), (5, 4));
    near(scores.boundary_iou, contours.iter().sum::<f64>() / 5.0);
    near(scores.average_precision, precisions.iter().sum::<f64>() / 4.0);
    near(of(Convention::NanAsZero).average_precision, precisions.iter().sum::<f64>() / 6.0);
    near(of(Convention::NanAsOne).average_precision, (precisions.iter().sum::<f64>() + 2.0) / 6.0);
    near(of(Convention::NoBackground).boundary_iou, contours[1..].iter().sum::<f64>() / 4.0);
    near(of(Convention::Mfnet).boundary_iou, contours[1..].iter().sum::<f64>() / 6.0);
    near(of(Convention::Heatnet).average_precision, precisions[1..].iter().sum::<f64>() / 3.0);
    let nothing = FurtherSums::new(CLASSES, true).scores(Convention::NanAsOne, &names());
    assert_eq!((nothing.boundary_iou, nothing.calibration_error, nothing.average_precision), (None, None, None));
    let unranked = FurtherSums::new(CLASSES, false).scores(Convention::NanMean, &names());
    assert_eq!(unranked.average_precision, None);
}
