//! What is drawn of each run that is laid over others, and its points.

use std::collections::BTreeSet;

use fusionscope_engine::protocol::{EvaluationReport, FiguresBy, Quantity, RunFigures, SubsetFigure, SubsetScores};
use serde::{Deserialize, Serialize};

use super::{Along, FigureColumn, Listed, Shelf, Trace};

/// What is drawn of each run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A figure of each step, such as a loss.
    Term(String),
    /// A mean IoU of its evaluations that were made so.
    Score(FigureColumn, FiguresBy),
}

/// Points of one run: step, place along the axis, value.
pub(super) type Points = Vec<(u64, f64, f64)>;

impl What {
    /// In words.
    pub fn title(&self) -> String {
        match self {
            Self::Term(name) => name.replace(['_', '.'], " "),
            Self::Score(figure, by) => format!("{}, {}", figure.title().trim_end_matches(" %"), by.split),
        }
    }

    /// Everything that can be drawn of the chosen runs: scores first, then terms.
    pub fn of(shelf: &Shelf) -> Vec<Self> {
        let (mut scores, mut terms) = (BTreeSet::new(), Vec::new());
        for trace in shelf.chosen().iter().filter_map(|run| shelf.trace(&run.card.path)) {
            for report in trace.evaluations.iter().filter(|report| !report.of_teacher) {
                let by = FiguresBy::of(report);
                let most = report.subsets.iter().map(|subset| subset.sensors.len()).max().unwrap_or(0);
                scores.insert(Self::Score(FigureColumn::All, by.clone()));
                for subset in &report.subsets {
                    let figure = match (subset.tag.as_str(), subset.sensors.len()) {
                        ("", 1) if most > 1 => FigureColumn::Sensors(subset.sensors.clone()),
                        ("", count) if count < most => FigureColumn::Subsets,
                        (tag, count) if count == most && !tag.is_empty() => FigureColumn::Tag(tag.to_owned()),
                        _ => continue,
                    };
                    scores.insert(Self::Score(figure, by.clone()));
                }
            }
            for (name, _) in trace.terms() {
                let term = Self::Term(name.to_owned());
                if !terms.contains(&term) {
                    terms.push(term);
                }
            }
        }
        scores.into_iter().chain(terms).collect()
    }

    /// The points of a run, and what they measure.
    pub(super) fn points(&self, trace: &Trace, run: &Listed, along: Along) -> (Points, Option<Quantity>) {
        let place = |step: u64, value: f64| Some((step, along.place(step, trace, run)?, value));
        match self {
            Self::Term(name) => {
                let Some(term) = trace.curves.terms().iter().find(|term| term.name == *name) else {
                    return (Vec::new(), None);
                };
                let pairs = term.series.steps().iter().zip(term.series.values());
                let points = pairs.filter_map(|(step, value)| place(*step, f64::from(*value))).collect();
                (points, Some(term.quantity))
            }
            Self::Score(figure, by) => {
                let own = trace.evaluations.iter().filter(|report| !report.of_teacher && FiguresBy::of(report) == *by);
                let points = own.filter_map(|report| {
                    let share = figure.read(&figures_of(report))?;
                    place(report.step, 100.0 * share)
                });
                let mut points: Points = points.collect();
                points.sort_by_key(|(step, ..)| *step);
                (points, None)
            }
        }
    }
}

fn figures_of(report: &EvaluationReport) -> RunFigures {
    let subset = |scores: &SubsetScores| SubsetFigure {
        sensors: scores.sensors.clone(),
        tag: scores.tag.clone(),
        miou: scores.miou,
    };
    RunFigures {
        by: FiguresBy::of(report),
        step: report.step,
        is_changed: !report.changed.is_empty(),
        subsets: report.subsets.iter().map(subset).collect(),
    }
}
