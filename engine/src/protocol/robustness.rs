//! What follows from a protocol's trials: means and expectations over failing sensors, curves over severity, and what a
//! network relies on. Here, and nowhere else.

use super::degraded::Degraded;
use super::protocol_report::{ProtocolFigure, ProtocolReport, TrialScores};
use super::report::SubsetScores;
use super::trial::{NoiseLevel, Trial};
use crate::recipe::catalogue::data::degradation::Degradation;
use crate::recipe::catalogue::evaluation::Protocol;

/// The probabilities of failure that EMM and RMM print expectations for.
pub const FAILURES: [f64; 3] = [0.2, 0.1, 0.05];

/// A set of failing sensors, and what the network scores then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Combination<'a> {
    /// Names of the failing sensors, in the network's order; none of the clean one.
    pub failing: &'a [String],
    /// The figures.
    pub scores: &'a SubsetScores,
}

/// How the figures fall with the severity of one degradation of one sensor.
#[derive(Clone, Debug, PartialEq)]
pub struct SeverityCurve<'a> {
    /// The sensor.
    pub sensor: &'a str,
    /// The degradation.
    pub kind: Degradation,
    /// By ascending severity; the first is 0, where nothing is degraded.
    pub points: Vec<CurvePoint<'a>>,
}

/// One point of a [`SeverityCurve`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint<'a> {
    /// 0 to 1.
    pub severity: f32,
    /// The figures.
    pub scores: &'a SubsetScores,
}

/// How much is lost where one sensor alone fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Reliance<'a> {
    /// The sensor.
    pub sensor: &'a str,
    /// What was done to it.
    pub trial: &'a Trial,
    /// The mean IoU of all sensors as they are, less that of this trial.
    pub miou: Option<f64>,
    /// The same of each class's IoU, by id; `None` where one of the two has none.
    pub classes: Vec<Option<f64>>,
}

impl<'a> SeverityCurve<'a> {
    /// The area under the curve of a figure over severities from the first to the last, divided by their distance: the
    /// mean over severity, by straight lines between the points. `None` where a point has no figure, or of one point.
    pub fn area(&self, figure: impl Fn(&SubsetScores) -> Option<f64>) -> Option<f64> {
        let parts = self.parts();
        let weighed: Option<Vec<f64>> = parts.iter().map(|(scores, weight)| Some(weight * figure(scores)?)).collect();
        weighed.filter(|weighed| weighed.len() > 1).map(|weighed| weighed.iter().sum())
    }

    /// What each point weighs in [`SeverityCurve::area`]; all weights are 1 together.
    pub fn parts(&self) -> Vec<(&'a SubsetScores, f64)> {
        let at = |place: usize| f64::from(self.points[place].severity);
        let last = self.points.len().saturating_sub(1);
        let weight = |place: usize| (at((place + 1).min(last)) - at(place.saturating_sub(1))) / 2.0;
        let width = if last > 0 { at(last) - at(0) } else { 0.0 };
        let points = self.points.iter().enumerate().filter(|_| width > 0.0);
        points.map(|(place, point)| (point.scores, weight(place) / width)).collect()
    }
}

impl ProtocolReport {
    /// The shares of elements that RMM took away, in the report's order.
    pub fn shares(&self) -> Vec<f64> {
        let mut shares = Vec::new();
        for scored in &self.trials {
            if let Trial::Holed { share, .. } = &scored.trial
                && !shares.contains(share)
            {
                shares.push(*share);
            }
        }
        shares
    }

    /// The combinations of failing sensors, the clean one first: whole sensors, or of RMM those with this share.
    pub fn combinations(&self, of_share: Option<f64>) -> Vec<Combination<'_>> {
        let is_kind = |trial: &Trial| match trial {
            Trial::Clean => true,
            Trial::Missing { .. } => of_share.is_none(),
            Trial::Holed { share, .. } => of_share == Some(*share),
            _ => false,
        };
        let whole = self.trials.iter().filter(|scored| scored.scores.tag.is_empty() && is_kind(&scored.trial));
        whole
            .filter_map(|scored| Some(Combination { failing: scored.trial.failing()?, scores: &scored.scores }))
            .collect()
    }

    /// The plain mean of a figure over all combinations; `None` where one has none, or where a combination was not asked.
    pub fn average(&self, share: Option<f64>, figure: impl Fn(&SubsetScores) -> Option<f64>) -> Option<f64> {
        self.weighed(share, |_| 1.0, figure)
    }

    /// What is to be expected of a figure where each sensor fails with this probability on its own: a combination K weighs
    /// p^|K| · (1 − p)^(N − |K|), all sensors failing left out, and the weights are brought to a sum of 1.
    pub fn expected(
        &self,
        share: Option<f64>,
        failure: f64,
        figure: impl Fn(&SubsetScores) -> Option<f64>,
    ) -> Option<f64> {
        let sensors = self.sensors.len() as i32;
        let weight = |failing: usize| failure.powi(failing as i32) * (1.0 - failure).powi(sensors - failing as i32);
        self.weighed(share, weight, figure)
    }

    fn weighed(
        &self,
        share: Option<f64>,
        weight: impl Fn(usize) -> f64,
        figure: impl Fn(&SubsetScores) -> Option<f64>,
    ) -> Option<f64> {
        let combinations = self.combinations(share);
        let all = 1_usize.checked_shl(self.sensors.len() as u32)?.checked_sub(1)?;
        if combinations.len() != all {
            return None;
        }
        let (mut sum, mut weights) = (0.0, 0.0);
        for Combination { failing, scores } in combinations {
            let weight = weight(failing.len());
            sum += weight * figure(scores)?;
            weights += weight;
        }
        (weights > 0.0).then(|| sum / weights)
    }

    /// One curve a sensor and degradation, in the report's order.
    pub fn curves(&self) -> Vec<SeverityCurve<'_>> {
        let mut curves: Vec<SeverityCurve<'_>> = Vec::new();
        for TrialScores { trial, scores } in &self.trials {
            let Trial::Degraded(Degraded { sensor, kind, severity }) = trial else { continue };
            let point = CurvePoint { severity: *severity, scores };
            let same = |curve: &&mut SeverityCurve<'_>| curve.sensor == sensor && curve.kind == *kind;
            if let Some(curve) = curves.iter_mut().find(same) {
                curve.points.push(point);
            } else {
                let clean = self.clean().map(|scores| CurvePoint { severity: 0.0, scores });
                curves.push(SeverityCurve { sensor, kind: *kind, points: clean.into_iter().chain([point]).collect() });
            }
        }
        for curve in &mut curves {
            curve.points.sort_by(|a, b| a.severity.total_cmp(&b.severity));
        }
        curves
    }

    /// What is lost where one sensor alone fails: one entry a trial with exactly one failing sensor, of degradations that
    /// of the highest severity.
    pub fn reliance(&self) -> Vec<Reliance<'_>> {
        let Some(clean) = self.clean() else { return Vec::new() };
        let drop = |scores: &SubsetScores| {
            (0..clean.classes.len())
                .map(|id| {
                    let iou = |scores: &SubsetScores| scores.classes.get(id)?.iou;
                    Some(iou(clean)? - iou(scores)?)
                })
                .collect()
        };
        let is_worst = |trial: &Trial| match trial {
            Trial::Degraded(one) => self.trials.iter().all(|other| match &other.trial {
                Trial::Degraded(other) => {
                    other.sensor != one.sensor || other.kind != one.kind || other.severity <= one.severity
                }
                _ => true,
            }),
            _ => true,
        };
        let of_one = |scored: &'_ &TrialScores| scored.scores.tag.is_empty() && is_worst(&scored.trial);
        let found = self.trials.iter().filter(of_one).filter_map(|TrialScores { trial, scores }| {
            let [sensor] = trial.failing()? else { return None };
            let miou = clean.miou.zip(scores.miou).map(|(clean, scores)| clean - scores);
            Some(Reliance { sensor, trial, miou, classes: drop(scores) })
        });
        found.collect()
    }

    /// What the protocol prints, out of the trials.
    pub fn figures_of_trials(&self) -> Vec<ProtocolFigure> {
        match self.protocol {
            Protocol::All => self.of_trials(|trial| *trial == Trial::Clean),
            Protocol::Heads | Protocol::Heatnet => self.of_trials(|_| true),
            Protocol::Subsets => vec![figure("avg", |figure| self.average(None, figure))],
            Protocol::Conditions => self.conditions(),
            Protocol::Emm => self.of_combinations(None, ""),
            Protocol::Rmm => {
                let each =
                    self.shares().into_iter().map(|share| self.of_combinations(Some(share), &format!("{share} ")));
                each.flatten().collect()
            }
            Protocol::Nm => {
                let level = |level: NoiseLevel| {
                    let scores = self.scores(&Trial::Noisy(level));
                    figure(level.word(), |figure| figure(scores?))
                };
                NoiseLevel::ALL.map(level).into()
            }
            Protocol::Severity => {
                let curves = self.curves();
                let area = |curve: &SeverityCurve<'_>| {
                    figure(&format!("{} {}", curve.sensor, curve.kind.word()), |figure| curve.area(figure))
                };
                let mut all: Vec<ProtocolFigure> = curves.iter().map(area).collect();
                all.insert(0, mean("avg", &all));
                all
            }
        }
    }

    fn of_trials(&self, is_wanted: impl Fn(&Trial) -> bool) -> Vec<ProtocolFigure> {
        let wanted = self.trials.iter().filter(|scored| is_wanted(&scored.trial));
        let named = |TrialScores { trial, scores }: &TrialScores| {
            let tag = if scores.tag.is_empty() { String::new() } else { format!(", {}", scores.tag) };
            figure(&format!("{}{tag}", trial.words()), |figure| figure(scores))
        };
        wanted.map(named).collect()
    }

    fn conditions(&self) -> Vec<ProtocolFigure> {
        let tagged = self.trials.iter().filter(|scored| !scored.scores.tag.is_empty());
        let each: Vec<ProtocolFigure> =
            tagged.map(|TrialScores { scores, .. }| figure(&scores.tag, |figure| figure(scores))).collect();
        [mean("avg", &each)].into_iter().chain(each).collect()
    }

    fn of_combinations(&self, share: Option<f64>, head: &str) -> Vec<ProtocolFigure> {
        let average = figure(&format!("{head}avg"), |figure| self.average(share, figure));
        let expected = FAILURES
            .map(|failure| figure(&format!("{head}E({failure})"), |figure| self.expected(share, failure, figure)));
        [average].into_iter().chain(expected).collect()
    }
}

/// A figure by name: `of` is asked for each of its three kinds.
fn figure(name: &str, of: impl Fn(fn(&SubsetScores) -> Option<f64>) -> Option<f64>) -> ProtocolFigure {
    ProtocolFigure {
        name: name.to_owned(),
        miou: of(|scores| scores.miou),
        mean_accuracy: of(|scores| scores.mean_accuracy),
        mean_f1: of(|scores| scores.mean_f1),
    }
}

/// The mean of those that have a figure.
fn mean(name: &str, of: &[ProtocolFigure]) -> ProtocolFigure {
    let mean = |figure: fn(&ProtocolFigure) -> Option<f64>| {
        let values: Vec<f64> = of.iter().filter_map(figure).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    ProtocolFigure {
        name: name.to_owned(),
        miou: mean(|figure| figure.miou),
        mean_accuracy: mean(|figure| figure.mean_accuracy),
        mean_f1: mean(|figure| figure.mean_f1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ClassScores;

    fn scored(trial: Trial, miou: f64) -> TrialScores {
        let class = |iou: f64| ClassScores { iou: Some(iou), accuracy: None, pixels: 1 };
        let scores =
            SubsetScores { miou: Some(miou), classes: vec![class(miou), class(miou / 2.0)], ..SubsetScores::default() };
        TrialScores { trial, scores }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn report(protocol: Protocol, trials: Vec<TrialScores>) -> ProtocolReport {
        ProtocolReport { protocol, sensors: names(&["colour", "depth"]), trials, ..ProtocolReport::default() }
    }

    fn degraded(sensor: &str, severity: f32, miou: f64) -> TrialScores {
        scored(Trial::Degraded(Degraded { sensor: sensor.to_owned(), kind: Degradation::Fog, severity }), miou)
    }

    fn near(found: Option<f64>, expected: f64) {
        assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}, expected {expected}");
    }

    /// By hand: N = 2, w = p^|K| (1 − p)^(2 − |K|), both failing left out.
    #[test]
    fn means_and_expectations_of_missing_sensors_are_as_computed_by_hand() {
        let missing = |sensor: &str, miou| scored(Trial::Missing { sensors: names(&[sensor]) }, miou);
        let report =
            report(Protocol::Emm, vec![scored(Trial::Clean, 0.6), missing("colour", 0.3), missing("depth", 0.45)]);
        let figures = report.figures_of_trials();
        assert_eq!(
            figures.iter().map(|figure| figure.name.as_str()).collect::<Vec<_>>(),
            ["avg", "E(0.2)", "E(0.1)", "E(0.05)"]
        );
        near(figures[0].miou, 0.45);
        near(figures[1].miou, (0.64 * 0.6 + 0.16 * (0.3 + 0.45)) / 0.96);
        near(figures[2].miou, (0.81 * 0.6 + 0.09 * 0.75) / 0.99);
        near(figures[3].miou, (0.9025 * 0.6 + 0.0475 * 0.75) / 0.9975);
        assert_eq!(figures[0].mean_f1, None);
        let reliance = report.reliance();
        assert_eq!(reliance.iter().map(|found| found.sensor).collect::<Vec<_>>(), ["colour", "depth"]);
        near(reliance[0].miou, 0.3);
        near(reliance[1].classes[1], 0.075);
    }

    #[test]
    fn a_combination_that_was_not_asked_leaves_no_mean() {
        let missing = scored(Trial::Missing { sensors: names(&["colour"]) }, 0.3);
        let report = report(Protocol::Emm, vec![scored(Trial::Clean, 0.6), missing]);
        assert_eq!(report.average(None, |scores| scores.miou), None);
        assert_eq!(report.expected(None, 0.2, |scores| scores.miou), None);
    }

    #[test]
    fn random_missing_is_averaged_for_each_share_apart() {
        let holed = |sensor: &str, share, miou| scored(Trial::Holed { sensors: names(&[sensor]), share }, miou);
        let report = report(
            Protocol::Rmm,
            vec![
                scored(Trial::Clean, 0.6),
                holed("colour", 0.25, 0.5),
                holed("depth", 0.25, 0.4),
                holed("colour", 0.75, 0.2),
                holed("depth", 0.75, 0.1),
            ],
        );
        assert_eq!(report.shares(), [0.25, 0.75]);
        near(report.average(Some(0.25), |scores| scores.miou), 0.5);
        near(report.average(Some(0.75), |scores| scores.miou), 0.3);
        assert_eq!(report.average(Some(0.5), |scores| scores.miou), None);
        assert_eq!(report.figures_of_trials().len(), 8);
    }

    #[test]
    fn a_curve_begins_with_the_clean_figure_and_its_area_is_the_mean_over_severity() {
        let report = report(
            Protocol::Severity,
            vec![
                scored(Trial::Clean, 0.8),
                degraded("depth", 1.0, 0.0),
                degraded("depth", 0.5, 0.4),
                degraded("colour", 1.0, 0.6),
            ],
        );
        let curves = report.curves();
        let places: Vec<f32> = curves[0].points.iter().map(|point| point.severity).collect();
        assert_eq!((curves.len(), curves[0].sensor, places.as_slice()), (2, "depth", &[0.0, 0.5, 1.0][..]));
        near(curves[0].area(|scores| scores.miou), 0.4);
        near(curves[1].area(|scores| scores.miou), 0.7);
        let figures = report.figures_of_trials();
        assert_eq!((figures[0].name.as_str(), figures[1].name.as_str()), ("avg", "depth fog"));
        near(figures[0].miou, 0.55);
        // Of what falls with severity, the worst says what a network relies on.
        let reliance = report.reliance();
        assert_eq!(reliance.len(), 2);
        near(reliance[0].miou, 0.8);
        near(reliance[1].miou, 0.2);
    }
}
