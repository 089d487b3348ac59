//! How a method falls as one of its sensors degrades: of one run, or the mean of several.

use crate::protocol::{CurvePoint, Degradation, EvaluationReport, Protocol, ProtocolReport, Trial};

/// What a run's folder keeps of its evaluations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept<'a> {
    /// By protocols.
    pub protocols: &'a [ProtocolReport],
    /// Of every subset of the sensors.
    pub evaluations: &'a [EvaluationReport],
}

/// A method, by one run or the mean of several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Method {
    /// What it is called.
    pub name: String,
    /// How many runs it is the mean of.
    pub runs: usize,
    /// The mean IoU with all sensors as they are.
    pub clean: f64,
    /// What becomes of it, sensor by sensor.
    pub leans: Vec<Lean>,
}

/// What becomes of a method where one sensor degrades and the others stay as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lean {
    /// The sensor.
    pub sensor: String,
    /// One entry a degradation.
    pub courses: Vec<Course>,
    /// The mean IoU without the sensor; `None` where that was not scored.
    pub absent: Option<f64>,
}

/// Mean IoUs by the severity of one degradation.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The degradation.
    pub kind: Degradation,
    /// Severity and mean IoU, from 0, which is clean.
    pub points: Vec<[f64; 2]>,
}

impl<'a> Kept<'a> {
    /// The newest report of a protocol, not the teacher's, on this split where one is named.
    pub fn newest(&self, protocol: Protocol, split: Option<&str>) -> Option<&'a ProtocolReport> {
        let is_it = |report: &&ProtocolReport| {
            report.protocol == protocol && !report.of_teacher && split.is_none_or(|split| report.split == split)
        };
        self.protocols.iter().filter(is_it).max_by_key(|report| report.step)
    }

    /// The mean IoU without a sensor, of the same step, data and convention as this report: from a protocol, else from an
    /// evaluation that replaced missing sensors in the same way.
    pub fn absent(&self, beside: &ProtocolReport, sensor: &str) -> Option<f64> {
        let trial = Trial::Missing { sensors: vec![sensor.to_owned()] };
        let of_protocol = |protocol| {
            let is_like = |report: &&ProtocolReport| {
                let ProtocolReport { dataset, split, step, convention, of_teacher, .. } = report;
                report.protocol == protocol
                    && (dataset, split, *step, convention, *of_teacher)
                        == (&beside.dataset, &beside.split, beside.step, &beside.convention, beside.of_teacher)
            };
            self.protocols.iter().filter(is_like).find_map(|report| report.scores(&trial)?.miou)
        };
        let of_evaluation = || {
            let left: Vec<&str> = beside.sensors.iter().map(String::as_str).filter(|own| *own != sensor).collect();
            let is_like = |report: &&EvaluationReport| {
                let EvaluationReport { dataset, split, step, missing, convention, of_teacher, .. } = report;
                (dataset, split, *step, convention, *of_teacher)
                    == (&beside.dataset, &beside.split, beside.step, &beside.convention, beside.of_teacher)
                    && *missing == beside.missing
            };
            self.evaluations.iter().filter(is_like).find_map(|report| report.subset(&left)?.miou)
        };
        of_protocol(Protocol::Subsets).or_else(of_evaluation).or_else(|| of_protocol(Protocol::Emm))
    }
}

impl Method {
    /// The mean of these runs, each with its report of severities. Degradations and severities that not all of them have are
    /// left out. `None` without a run, or where one has no clean figure.
    pub fn of(name: &str, runs: &[(Kept<'_>, &ProtocolReport)]) -> Option<Self> {
        let (_, first) = runs.first()?;
        let mean = |values: Option<Vec<f64>>| {
            let values = values?;
            Some(values.iter().sum::<f64>() / values.len() as f64)
        };
        let clean = mean(runs.iter().map(|(_, report)| report.clean()?.miou).collect())?;
        let curves: Vec<_> = runs.iter().map(|(_, report)| report.curves()).collect();
        let of_sensor = |sensor: &String| {
            let mut courses = Vec::new();
            for curve in curves[0].iter().filter(|curve| curve.sensor == sensor) {
                let all: Option<Vec<_>> = curves
                    .iter()
                    .map(|curves| curves.iter().find(|own| own.sensor == sensor && own.kind == curve.kind))
                    .collect();
                let Some(all) = all else { continue };
                let at = |severity: f64| {
                    let own = all.iter().map(|curve| {
                        curve
                            .points
                            .iter()
                            .find(|point| severity_of(point) == severity)
                            .and_then(|point| point.scores.miou)
                    });
                    Some([severity, mean(own.collect())?])
                };
                let points: Vec<_> = curve.points.iter().filter_map(|point| at(severity_of(point))).collect();
                if points.len() > 1 {
                    courses.push(Course { kind: curve.kind, points });
                }
            }
            let absent = mean(runs.iter().map(|(kept, report)| kept.absent(report, sensor)).collect());
            Lean { sensor: sensor.clone(), courses, absent }
        };
        let leans = first.sensors.iter().map(of_sensor).collect();
        Some(Self { name: name.to_owned(), runs: runs.len(), clean, leans })
    }
}

/// A severity as it was meant: 0.2 has no exact form in either size.
fn severity_of(point: &CurvePoint<'_>) -> f64 {
    (f64::from(point.severity) * 1e6).round() / 1e6
}

impl Course {
    /// The mean over severity, by straight lines between the points.
    pub fn area(&self) -> f64 {
        let ends = self.points.first().zip(self.points.last());
        let width = ends.map_or(0.0, |(first, last)| last[0] - first[0]);
        let under = |pair: &[[f64; 2]]| (pair[1][0] - pair[0][0]) * f64::midpoint(pair[0][1], pair[1][1]);
        self.points.windows(2).map(under).sum::<f64>() / width.max(f64::MIN_POSITIVE)
    }
}

impl Lean {
    /// The mean over all degradations, at the severities that all of them have.
    pub fn mean(&self) -> Vec<[f64; 2]> {
        let Some((first, others)) = self.courses.split_first() else { return Vec::new() };
        let at = |[severity, miou]: [f64; 2]| {
            let mut sum = miou;
            for course in others {
                sum += course.points.iter().find(|point| point[0] == severity)?[1];
            }
            Some([severity, sum / self.courses.len() as f64])
        };
        first.points.iter().filter_map(|point| at(*point)).collect()
    }

    /// How much less than `clean` the mean over all degradations and severities is; `None` without any.
    pub fn lost(&self, clean: f64) -> Option<f64> {
        let areas: Vec<f64> = self.courses.iter().map(Course::area).collect();
        (!areas.is_empty()).then(|| clean - areas.iter().sum::<f64>() / areas.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn several_runs_are_averaged_point_by_point() {
        let (one, other) = (sample::severity(0.1), sample::severity(0.3));
        let kept = [[sample::emm()], [sample::emm()]];
        let runs: Vec<_> = kept
            .iter()
            .zip([&one, &other])
            .map(|(protocols, report)| (Kept { protocols, evaluations: &[] }, report))
            .collect();
        let method = Method::of("ogp", &runs).unwrap();
        assert_eq!((method.runs, method.leans.len()), (2, 2));
        let thermal = &method.leans[1];
        assert_eq!(thermal.courses[0].kind, Degradation::Fog);
        assert!((thermal.courses[0].points[2][1] - 0.2).abs() < 1e-12, "{thermal:?}");
        assert_eq!((thermal.absent, method.leans[0].absent), (Some(0.4), Some(0.2)));
        // Clean 0.6 falls to 0.2 in a straight line: 0.2 is lost on average.
        assert!((thermal.lost(method.clean).unwrap() - 0.2).abs() < 1e-12);
        assert_eq!(thermal.mean().len(), 3);
        assert_eq!(Method::of("none", &[]), None);
    }

    #[test]
    fn a_figure_without_a_sensor_is_taken_of_the_same_step_and_data_alone() {
        let report = sample::severity(0.1);
        let other = ProtocolReport { step: report.step + 1, ..sample::emm() };
        assert_eq!(Kept { protocols: &[other], evaluations: &[] }.absent(&report, "colour"), None);
        let evaluation = sample::evaluation();
        let kept = Kept { protocols: &[sample::emm()], evaluations: &[evaluation] };
        assert_eq!(kept.absent(&report, "colour"), Some(0.25), "the network's own way comes before zeros");
        let elsewhere = EvaluationReport { split: "val".to_owned(), ..sample::evaluation() };
        assert_eq!(Kept { protocols: &[], evaluations: &[elsewhere] }.absent(&report, "colour"), None);
    }
}
