//! Which sensor a network relies on: what it loses where one sensor alone is degraded or not there.

use crate::files::csv;
use crate::protocol::{Degradation, EvaluationReport, Protocol, ProtocolReport, SubsetScores, Trial};

use super::method::Kept;

/// What happened to a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// Each of its degradations at each severity: the mean.
    Degraded,
    /// One degradation at each severity: the mean.
    By(Degradation),
    /// It was not there.
    Absent,
}

/// What is lost where something happens to one sensor alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// The sensor.
    pub sensor: String,
    /// What happened to it.
    pub harm: Harm,
    /// The mean IoU of all sensors as they are less what is left of it.
    pub miou: Option<f64>,
    /// The same of each class's IoU, by id.
    pub classes: Vec<Option<f64>>,
}

/// What a network loses, sensor by sensor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses {
    /// Class names by id.
    pub classes: Vec<String>,
    /// The sensors, in the network's order.
    pub sensors: Vec<String>,
    /// Of each sensor first what all degradations cost, then each of them, then what its absence costs, as far as it was
    /// scored.
    pub losses: Vec<Loss>,
    /// How the figures were made, a sentence each.
    pub notes: Vec<String>,
}

/// A figure of a trial: the mean IoU, or that of a class.
type Figure<'a> = &'a dyn Fn(&SubsetScores) -> Option<f64>;

impl Losses {
    /// Of the newest reports that a run keeps of this split, all of one step; `None` where no sensor was degraded or left
    /// out alone.
    pub fn of(kept: Kept<'_>, split: &str) -> Option<Self> {
        let protocols = [Protocol::Severity, Protocol::Subsets, Protocol::Emm];
        let newest = protocols.map(|protocol| kept.newest(protocol, Some(split)));
        let of_split = |report: &&EvaluationReport| report.split == split && !report.of_teacher;
        let evaluation = kept.evaluations.iter().filter(of_split).max_by_key(|report| report.step);
        let made = newest.iter().flatten().map(|report| (report.step, &report.dataset));
        let (step, dataset) = made.chain(evaluation.map(|report| (report.step, &report.dataset))).max()?;
        let is_it = |report: &&ProtocolReport| report.step == step && report.dataset == *dataset;
        let [severity, subsets, emm] = newest.map(|report| report.filter(is_it));
        let evaluation = evaluation.filter(|report| report.step == step && report.dataset == *dataset);
        let mut losses = Self::default();
        let mut all = Vec::new();
        if let Some(report) = severity {
            all.extend(of_severity(report));
            losses.take_names(&report.sensors, &report.classes);
            let words = "Degraded: the mean IoU of clean sensors less its mean over every degradation of the one sensor and \
                         over severities from 0 to 1";
            losses.notes.push(words.to_owned());
        }
        if let Some(report) = subsets.or(emm).filter(|_| evaluation.is_none() || subsets.is_some()) {
            all.extend(of_missing(report));
            losses.take_names(&report.sensors, &report.classes);
            let stands = if report.stand_in.is_empty() { &report.missing } else { &report.stand_in };
            losses.notes.push(format!("Absent: the same less the mean IoU without the sensor; in its place: {stands}"));
        } else if let Some(report) = evaluation {
            let sensors = report.subsets.iter().max_by_key(|scores| scores.sensors.len())?.sensors.clone();
            all.extend(of_subsets(report, &sensors));
            losses.take_names(&sensors, &report.classes);
            let missing = report.missing_words();
            losses.notes.push(format!("Absent: the same less the mean IoU without the sensor; missing: {missing}"));
        }
        for sensor in &losses.sensors {
            losses.losses.extend(all.iter().filter(|loss| loss.sensor == *sensor).cloned());
        }
        (!losses.losses.is_empty()).then_some(losses)
    }

    fn take_names(&mut self, sensors: &[String], classes: &[String]) {
        if self.sensors.is_empty() {
            (self.sensors, self.classes) = (sensors.to_vec(), classes.to_vec());
        }
    }

    /// What this cost of this sensor.
    pub fn find(&self, sensor: &str, harm: Harm) -> Option<&Loss> {
        self.losses.iter().find(|loss| loss.sensor == sensor && loss.harm == harm)
    }

    /// What each degradation of a sensor cost, the worst first.
    pub fn degradations(&self, sensor: &str) -> Vec<(&'static str, f64)> {
        let mut found: Vec<(&'static str, f64)> = self
            .losses
            .iter()
            .filter_map(|loss| match loss.harm {
                Harm::By(kind) if loss.sensor == sensor => Some((kind.word(), loss.miou?)),
                _ => None,
            })
            .collect();
        found.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        found
    }

    /// The sensor whose failing costs most: its degradations where they were scored, else its absence.
    pub fn leans_on(&self) -> Option<&Loss> {
        let of = |harm: Harm| self.losses.iter().filter(move |loss| loss.harm == harm && loss.miou.is_some());
        let most = |one: &&Loss, other: &&Loss| one.miou.unwrap_or(0.0).total_cmp(&other.miou.unwrap_or(0.0));
        of(Harm::Degraded).max_by(most).or_else(|| of(Harm::Absent).max_by(most))
    }

    /// As CSV: one line a sensor and harm, losses in shares with every digit.
    pub fn csv(&self) -> String {
        let classes = self.classes.iter().map(|class| format!("IoU {class}"));
        let mut lines = vec![csv::line(["sensor", "harm", "mIoU"].map(str::to_owned).into_iter().chain(classes))];
        let words = |share: &Option<f64>| share.map_or_else(String::new, |share| share.to_string());
        for loss in &self.losses {
            let head = [loss.sensor.clone(), loss.harm.word().to_owned(), words(&loss.miou)];
            lines.push(csv::line(head.into_iter().chain(loss.classes.iter().map(words))));
        }
        lines.concat()
    }
}

impl Harm {
    /// As tables name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Degraded => "degraded",
            Self::By(kind) => kind.word(),
            Self::Absent => "absent",
        }
    }
}

fn loss(sensor: &str, harm: Harm, classes: usize, of: &dyn Fn(Figure<'_>) -> Option<f64>) -> Loss {
    let class = |id: usize| of(&move |scores: &SubsetScores| scores.classes.get(id)?.iou);
    Loss {
        sensor: sensor.to_owned(),
        harm,
        miou: of(&|scores| scores.miou),
        classes: (0..classes).map(class).collect(),
    }
}

/// What every degradation costs on average over its severities, and all of a sensor's on average.
fn of_severity(report: &ProtocolReport) -> Vec<Loss> {
    let (curves, classes) = (report.curves(), report.classes.len());
    let Some(clean) = report.clean() else { return Vec::new() };
    let mut losses = Vec::new();
    for sensor in &report.sensors {
        let own: Vec<_> = curves.iter().filter(|curve| curve.sensor == sensor).collect();
        if own.is_empty() {
            continue;
        }
        let of_all = |figure: Figure<'_>| {
            let areas: Vec<f64> = own.iter().filter_map(|curve| curve.area(figure)).collect();
            (!areas.is_empty()).then_some(figure(clean)? - areas.iter().sum::<f64>() / areas.len() as f64)
        };
        losses.push(loss(sensor, Harm::Degraded, classes, &of_all));
        for curve in own {
            let of_one = |figure: Figure<'_>| Some(figure(clean)? - curve.area(figure)?);
            losses.push(loss(sensor, Harm::By(curve.kind), classes, &of_one));
        }
    }
    losses
}

/// What a protocol that takes whole sensors away says of each alone.
fn of_missing(report: &ProtocolReport) -> Vec<Loss> {
    let Some(clean) = report.clean() else { return Vec::new() };
    let of_sensor = |sensor: &String| {
        let without = report.scores(&Trial::Missing { sensors: vec![sensor.clone()] })?;
        let of = |figure: Figure<'_>| Some(figure(clean)? - figure(without)?);
        Some(loss(sensor, Harm::Absent, report.classes.len(), &of))
    };
    report.sensors.iter().filter_map(of_sensor).collect()
}

/// The same from an evaluation of every subset.
fn of_subsets(report: &EvaluationReport, sensors: &[String]) -> Vec<Loss> {
    let Some(clean) = report.subset(&sensors.iter().map(String::as_str).collect::<Vec<_>>()) else { return Vec::new() };
    let of_sensor = |sensor: &String| {
        let left: Vec<&str> = sensors.iter().map(String::as_str).filter(|own| own != sensor).collect();
        let without = report.subset(&left)?;
        let of = |figure: Figure<'_>| Some(figure(clean)? - figure(without)?);
        Some(loss(sensor, Harm::Absent, report.classes.len(), &of))
    };
    sensors.iter().filter_map(of_sensor).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn near(found: Option<f64>, expected: f64) {
        assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}, expected {expected}");
    }

    #[test]
    fn losses_are_of_one_sensor_at_a_time_overall_and_class_by_class() {
        let (protocols, evaluations) = ([sample::severity(0.2)], [sample::evaluation()]);
        let losses = Losses::of(Kept { protocols: &protocols, evaluations: &evaluations }, "test").unwrap();
        assert_eq!((losses.sensors.len(), losses.classes.len()), (2, 2));
        // Straight lines lose half of what they lose at their end: fog 0.2, noise 0.1, of the mean a half.
        let colour = losses.find("colour", Harm::Degraded).unwrap();
        near(colour.miou, 0.075);
        near(colour.classes[1], 0.0375);
        near(losses.find("thermal", Harm::Degraded).unwrap().miou, 0.2);
        near(losses.find("colour", Harm::Absent).unwrap().miou, 0.35);
        near(losses.find("thermal", Harm::Absent).unwrap().classes[0], 0.15);
        assert_eq!(losses.degradations("colour").iter().map(|found| found.0).collect::<Vec<_>>(), ["fog", "noise"]);
        assert_eq!(losses.leans_on().map(|loss| loss.sensor.as_str()), Some("thermal"));
    }

    #[test]
    fn figures_of_another_step_or_split_are_not_mixed_in() {
        let newer = ProtocolReport { step: 200, ..sample::severity(0.2) };
        let evaluations = [sample::evaluation()];
        let losses = Losses::of(Kept { protocols: &[newer], evaluations: &evaluations }, "test").unwrap();
        assert_eq!(losses.find("colour", Harm::Absent), None);
        assert!(losses.find("colour", Harm::Degraded).is_some());
        assert_eq!(Losses::of(Kept { protocols: &[], evaluations: &evaluations }, "val"), None);
    }

    #[test]
    fn losses_are_written_as_csv() {
        let protocols = [sample::severity(0.2), sample::emm()];
        let csv = Losses::of(Kept { protocols: &protocols, evaluations: &[] }, "test").unwrap().csv();
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[0], "sensor,harm,mIoU,IoU road,IoU person");
        assert!(lines[1].starts_with("colour,degraded,0.07"), "{csv}");
        assert!(lines.iter().any(|line| line.starts_with("thermal,absent,0.1")), "{csv}");
    }
}
