//! How surely a figure differs between two runs from one seed each: over the scenes that they were scored on.
//!
//! Scenes are drawn with replacement, the same for both runs, their counts are summed and the figure is taken anew, as
//! over a whole split. What comes out says how the difference would vary over other scenes of the kind; how it would
//! vary over seeds it cannot know.

use rand::Rng as _;
use rayon::prelude::*;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF as _, Normal};

use super::figure::Figure;
use crate::evaluation::{ConfusionMatrix, Convention};
use crate::files::sum_of;
use crate::protocol::{CountedCell, EvaluationReport, SceneCounts};
use crate::random::Streams;

/// How often scenes are drawn.
const RESAMPLES: usize = 10_000;
/// Where fewer of them have the figure in both runs, nothing is said.
const FEWEST: usize = RESAMPLES / 10 * 9;
/// What leaves out 2.5 % on each side.
const TAIL: f64 = 0.025;
/// All draws are from this seed, so that a table is the same whenever it is made.
const SEED: u64 = 0;

/// A figure of one run as it is, over drawn scenes, and without each scene. `NaN` where there is none.
#[derive(Debug)]
pub(super) struct Resampled {
    /// How many scenes, and a sum over their names.
    scenes: (usize, u64),
    whole: f64,
    drawn: Vec<f64>,
    without: Vec<f64>,
}

/// An interval of a difference, over scenes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OverScenes {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// How many scenes were drawn from, and as many drawn each time.
    pub scenes: usize,
}

impl OverScenes {
    /// Whether the interval leaves out 0.
    pub fn is_told_from_noise(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

impl Resampled {
    /// Of a run's figure; a sentence where its counts do not hold what it takes.
    pub(super) fn of(figure: &Figure, report: &EvaluationReport, counts: &SceneCounts) -> Result<Self, String> {
        let convention = Convention::of_words(&report.convention)
            .ok_or_else(|| format!("the convention `{}` is unknown to this program", report.convention))?;
        if figure.over.protocol(&report.missing).is_some() {
            return Err("protocols keep no counts of single scenes".to_owned());
        }
        if !figure.metric.is_of_pixel_counts() {
            return Err(format!("of single scenes {} is not kept", figure.title));
        }
        let parts = figure.over.parts(&figure.tag, report, &[])?;
        let subsets = parts
            .iter()
            .map(|(scores, _)| {
                let lost = || format!("the counts of single scenes with {} were not kept", scores.sensors.join(" + "));
                counts.subset(&scores.sensors).ok_or_else(lost)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let has = |place: usize, part: usize| {
            let tag = &parts[part].0.tag;
            tag.is_empty() || counts.scenes[place].tags.contains(tag)
        };
        let is_of_it = |place: &usize| (0..parts.len()).any(|part| has(*place, part));
        let places: Vec<usize> = (0..counts.scenes.len()).filter(is_of_it).collect();
        if places.len() < 2 {
            return Err("one scene has no spread".to_owned());
        }
        let classes = counts.classes.len();
        let value = |matrices: &[ConfusionMatrix]| {
            figure
                .of_parts(&parts, |part, _| figure.metric.of_matrix(&matrices[part], convention, &counts.classes))
                .unwrap_or(f64::NAN)
        };
        let cells = |part: usize, scene: usize| -> &[CountedCell] {
            if has(places[scene], part) { subsets[part].scene(places[scene]) } else { &[] }
        };
        let none = || vec![ConfusionMatrix::new(classes); subsets.len()];
        let mut whole = none();
        for (part, matrix) in whole.iter_mut().enumerate() {
            for scene in 0..places.len() {
                matrix.add_cells(cells(part, scene), 1);
            }
        }
        let of_draw = |matrices: &mut Vec<ConfusionMatrix>, draw: usize| {
            let times = times_drawn(places.len(), draw as u64);
            for (part, matrix) in matrices.iter_mut().enumerate() {
                matrix.clear();
                for (scene, &times) in times.iter().enumerate().filter(|(_, times)| **times > 0) {
                    matrix.add_cells(cells(part, scene), times);
                }
            }
            value(matrices)
        };
        let of_others = |scene: usize| {
            let others = whole.iter().enumerate().map(|(part, matrix)| matrix.without(cells(part, scene)));
            value(&others.collect::<Vec<_>>())
        };
        let names: Vec<&str> = places.iter().map(|&place| counts.scenes[place].id.as_str()).collect();
        Ok(Self {
            scenes: (names.len(), sum_of(names.join("\n").as_bytes())),
            whole: value(&whole),
            drawn: (0..RESAMPLES).into_par_iter().map_init(none, of_draw).collect(),
            without: (0..places.len()).into_par_iter().map(of_others).collect(),
        })
    }

    /// The memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<f64>() * (self.drawn.len() + self.without.len())
    }

    /// The 95 % interval of `self − theirs`; a sentence where there is none.
    ///
    /// Bias-corrected and accelerated: B. Efron, "Better Bootstrap Confidence Intervals", JASA 82 (1987), as in SciPy's
    /// `stats.bootstrap`. Where the correction is not defined, since every draw lies on one side, plain percentiles.
    pub(super) fn minus(&self, theirs: &Self) -> Result<OverScenes, String> {
        if self.scenes != theirs.scenes {
            return Err("the two runs were not scored on the same scenes".to_owned());
        }
        let differences = |ours: &[f64], theirs: &[f64]| -> Vec<f64> {
            ours.iter().zip(theirs).map(|(ours, theirs)| ours - theirs).filter(|found| found.is_finite()).collect()
        };
        let mut drawn = differences(&self.drawn, &theirs.drawn);
        if drawn.len() < FEWEST {
            return Err("too few draws of scenes have the figure".to_owned());
        }
        drawn.sort_unstable_by(f64::total_cmp);
        let without = differences(&self.without, &theirs.without);
        let [low, high] = tails(&drawn, self.whole - theirs.whole, &without).map(|tail| quantile(&drawn, tail));
        Ok(OverScenes { low, high, scenes: self.scenes.0 })
    }
}

/// How often each of so many scenes is drawn: the draw's number and theirs decide it, and nothing else.
fn times_drawn(scenes: usize, draw: u64) -> Vec<u64> {
    let mut random = Streams::new(SEED).stream("bootstrap", draw);
    let mut times = vec![0; scenes];
    for _ in 0..scenes {
        // Of 2³² numbers each scene has as many as any other, but for one.
        times[((u64::from(random.next_u32()) * scenes as u64) >> 32) as usize] += 1;
    }
    times
}

/// Which quantiles of the sorted draws the interval ends at.
fn tails(drawn: &[f64], observed: f64, without: &[f64]) -> [f64; 2] {
    let Ok(normal) = Normal::new(0.0, 1.0) else { return [TAIL, 1.0 - TAIL] };
    let below = drawn.partition_point(|&found| found < observed) + drawn.partition_point(|&found| found <= observed);
    let bias = normal.inverse_cdf(below as f64 / (2 * drawn.len()) as f64);
    if !bias.is_finite() {
        return [TAIL, 1.0 - TAIL];
    }
    let mean = without.iter().sum::<f64>() / without.len() as f64;
    let power = |power: i32| without.iter().map(|found| (mean - found).powi(power)).sum::<f64>();
    let spread = power(2).powf(1.5);
    let acceleration = if spread > 0.0 { power(3) / spread / 6.0 } else { 0.0 };
    [TAIL, 1.0 - TAIL].map(|tail| {
        let shifted = bias + normal.inverse_cdf(tail);
        normal.cdf(bias + shifted / (1.0 - acceleration * shifted))
    })
}

/// Between the two values nearest to it, in proportion; of one value or more.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] * (1.0 - part) + sorted[above] * part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::scores_from_matrix;
    use crate::protocol::{CountedScene, MEAN_OF_TAGS, SubsetScores};
    use crate::study::metric::Metric;
    use crate::study::over::Over;

    /// Counts with one sensor, a list of matrices a scene, and the report that they sum up to.
    fn run(scenes: &[Vec<u32>], classes: usize) -> (EvaluationReport, SceneCounts) {
        let names: Vec<String> = (0..classes).map(|class| format!("class {class}")).collect();
        let mut counts = SceneCounts::new(&names, [vec!["colour".to_owned()]]);
        let mut whole = ConfusionMatrix::new(classes);
        for (number, scene) in scenes.iter().enumerate() {
            let matrix =
                ConfusionMatrix::from_counts(classes, scene.iter().map(|&pixels| u64::from(pixels)).collect()).unwrap();
            counts.scenes.push(CountedScene { id: number.to_string(), tags: Vec::new(), fusion_image: None });
            counts.subsets[0].push(matrix.cells());
            whole.merge(&matrix);
        }
        let sensors = vec!["colour".to_owned()];
        let scores = scores_from_matrix(&whole, &names, Convention::NanMean, sensors, "", "fused", scenes.len() as u64);
        let report = EvaluationReport {
            convention: "nanmean".to_owned(),
            classes: names,
            subsets: vec![scores],
            ..EvaluationReport::default()
        };
        (report, counts)
    }

    fn resampled(scenes: &[Vec<u32>], classes: usize) -> Resampled {
        let (report, counts) = run(scenes, classes);
        let found = Resampled::of(&Figure::usual(), &report, &counts).unwrap();
        assert_eq!(Some(found.whole), report.subsets[0].miou);
        found
    }

    /// Printed by `reference/bootstrap.py` with SciPy's `stats.bootstrap`, 200,000 draws by the BCa method. A line:
    /// classes, scenes, both ends of the interval, then each scene's matrix of the one run and of the other.
    ///
    /// A quantile at 2.5 % of 10,000 draws strays by √(0.025 · 0.975 / 10,000) / 0.0584 = 0.027 deviations where they are
    /// spread normally, and the correction of the bias strays about as much: together 1 % of the interval's width. Five
    /// times that is allowed.
    #[test]
    fn intervals_are_those_of_scipy_within_what_draws_stray() {
        const REFERENCE: &str = include_str!("reference/bootstrap.txt");
        for line in REFERENCE.lines() {
            let numbers: Vec<f64> = line.split_whitespace().map(|word| word.parse().unwrap()).collect();
            let (classes, scenes, low, high) = (numbers[0] as usize, numbers[1] as usize, numbers[2], numbers[3]);
            let matrices: Vec<Vec<u32>> = numbers[4..]
                .chunks(classes * classes)
                .map(|cells| cells.iter().map(|&cell| cell as u32).collect())
                .collect();
            let (ours, theirs) = matrices.split_at(scenes);
            let found = resampled(ours, classes).minus(&resampled(theirs, classes)).unwrap();
            let room = 0.05 * (high - low);
            assert!((found.low - low).abs() < room && (found.high - high).abs() < room, "{found:?} {low} {high}");
            assert_eq!(found.scenes, scenes);
        }
        assert!(REFERENCE.lines().count() >= 6);
    }

    #[test]
    fn a_table_draws_the_same_scenes_whenever_it_is_made_and_each_as_often_as_any() {
        assert_eq!(times_drawn(50, 7), times_drawn(50, 7));
        assert_ne!(times_drawn(50, 7), times_drawn(50, 8));
        let mut sums = vec![0; 5];
        for draw in 0..4000 {
            let times = times_drawn(5, draw);
            assert_eq!(times.iter().sum::<u64>(), 5);
            for (sum, times) in sums.iter_mut().zip(times) {
                *sum += times;
            }
        }
        assert!(sums.iter().all(|sum| (3700..4300).contains(sum)), "{sums:?}");
    }

    #[test]
    fn a_mean_of_tags_counts_each_scene_under_its_own() {
        let scenes: Vec<Vec<u32>> = (1..9).map(|pixels| vec![pixels, 1, 2, 7]).collect();
        let (mut report, mut counts) = run(&scenes, 2);
        let of_tag = |tag: &str, of: &dyn Fn(usize) -> bool| {
            let some: Vec<Vec<u32>> = (0..8).filter(|scene| of(*scene)).map(|scene| scenes[scene].clone()).collect();
            SubsetScores { tag: tag.to_owned(), ..run(&some, 2).0.subsets[0].clone() }
        };
        report.subsets.extend([of_tag("day", &|scene| scene < 3), of_tag("night", &|scene| scene >= 3)]);
        for (scene, counted) in counts.scenes.iter_mut().enumerate() {
            counted.tags = vec![if scene < 3 { "day" } else { "night" }.to_owned()];
        }
        let figure = Figure::new(Metric::Miou, Over::All, MEAN_OF_TAGS);
        let expected = report.subsets[1..].iter().map(|scores| scores.miou.unwrap()).sum::<f64>() / 2.0;
        assert!((figure.read(&report, &[]).unwrap() - expected).abs() < 1e-12);
        let found = Resampled::of(&figure, &report, &counts).unwrap();
        assert!((found.whole - expected).abs() < 1e-12, "{} {expected}", found.whole);
    }

    #[test]
    fn a_run_does_not_differ_from_itself_and_a_scene_too_few_has_no_spread() {
        let scenes: Vec<Vec<u32>> = (1..9).map(|pixels| vec![pixels, 1, 2, 7]).collect();
        let same = resampled(&scenes, 2).minus(&resampled(&scenes, 2)).unwrap();
        assert_eq!((same.low, same.high, same.is_told_from_noise()), (0.0, 0.0, false));
        let better: Vec<Vec<u32>> = scenes.iter().map(|scene| vec![scene[0] + 1, 0, 2, 7]).collect();
        let found = resampled(&better, 2).minus(&resampled(&scenes, 2)).unwrap();
        assert!(found.low > 0.0 && found.is_told_from_noise(), "{found:?}");
        let (report, counts) = run(&scenes[..1], 2);
        assert!(Resampled::of(&Figure::usual(), &report, &counts).is_err_and(|why| why.contains("no spread")));
        let other = resampled(&scenes[..4], 2);
        assert!(resampled(&scenes, 2).minus(&other).is_err_and(|why| why.contains("the same scenes")));
    }
}
