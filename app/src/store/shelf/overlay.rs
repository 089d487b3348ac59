//! Curves of several runs over each other: one line a run, or mean and spread of runs that differ by their seed alone.

use std::collections::{BTreeMap, BTreeSet};

use fusionscope_engine::protocol::{EvaluationReport, FiguresBy, Quantity, RunFigures, SubsetFigure, SubsetScores};
use serde::{Deserialize, Serialize};

use super::{FigureColumn, Listed, Shelf, Side, Spread, Trace};
use crate::look;
use crate::store::curves::Series;

/// Places along the axis at which the mean of several runs is taken at most.
const MOST_PLACES: u64 = 600;
/// Places on axes of seconds and epochs are whole thousandths, since curves count in whole numbers.
const THOUSANDTH: f64 = 1000.0;

/// What is drawn of each run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A figure of each step, such as a loss.
    Term(String),
    /// A mean IoU of its evaluations that were made so.
    Score(FigureColumn, FiguresBy),
}

/// What lies along the axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Along {
    /// Steps.
    #[default]
    Steps,
    /// Passes over the training scenes.
    Epochs,
    /// Seconds of training, without evaluations and pauses.
    Seconds,
}

/// One line, or a mean with its spread.
#[derive(Clone, Debug)]
pub struct Group {
    /// Unique among them.
    pub key: String,
    /// The run's name, or that of its recipe and how many runs there are.
    pub label: String,
    /// The place of its colour.
    pub place: usize,
    /// The line.
    pub series: Series,
    /// Around the mean of several runs: places, and mean minus and plus a standard deviation.
    pub band: Option<[Vec<f64>; 3]>,
    /// What it measures; `None` of scores, which are in per cent.
    pub quantity: Option<Quantity>,
}

/// Lines of the chosen runs.
#[derive(Clone, Debug, Default)]
pub struct Overlaid {
    /// In the order of their colours.
    pub groups: Vec<Group>,
    /// What keeps the lines from being compared as they are, and which runs are missing, a sentence each.
    pub remarks: Vec<String>,
}

/// Points of one run: step, place along the axis, value.
type Points = Vec<(u64, f64, f64)>;

impl Along {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Steps, Self::Epochs, Self::Seconds];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Epochs => "epochs",
            Self::Seconds => "time",
        }
    }

    /// A place on the axis in words.
    pub fn label(self, place: f64) -> String {
        match self {
            Self::Steps => look::count(place.max(0.0) as u64),
            Self::Epochs => format!("{}", (place / THOUSANDTH * 100.0).round() / 100.0),
            Self::Seconds => look::clock(place / THOUSANDTH),
        }
    }

    /// The same in a sentence: `step 412`.
    pub fn sentence(self, place: f64) -> String {
        match self {
            Self::Steps => format!("step {}", self.label(place)),
            Self::Epochs => format!("epoch {}", self.label(place)),
            Self::Seconds => format!("{} of training", self.label(place)),
        }
    }

    /// The smallest distance of two marks on the axis, in its own unit.
    pub fn least_step(self) -> f64 {
        match self {
            Self::Steps => 1.0,
            Self::Epochs => 10.0,
            Self::Seconds => THOUSANDTH,
        }
    }

    /// Where a step of a run lies; `None` where that is not known.
    fn place(self, step: u64, trace: &Trace, run: &Listed) -> Option<f64> {
        match self {
            Self::Steps => Some(step as f64),
            Self::Epochs => Some(THOUSANDTH * trace.epochs_at(step, run.card.recipe.as_ref()?)?),
            Self::Seconds => Some(THOUSANDTH * trace.secs_at(step)?),
        }
    }
}

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
    fn points(&self, trace: &Trace, run: &Listed, along: Along) -> (Points, Option<Quantity>) {
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

impl Overlaid {
    /// The chosen runs' lines. `spreads` draws mean and spread where several runs of one family were chosen together.
    pub fn of(shelf: &Shelf, what: &What, along: Along, spreads: bool, smoothing: f32) -> Self {
        let mut overlaid = Self { remarks: remarks(shelf), ..Self::default() };
        let smoothing = if matches!(what, What::Term(_)) { smoothing } else { 0.0 };
        let (mut lacking, mut reading) = (Vec::new(), 0_u64);
        for side in shelf.sides(spreads) {
            let mut members: Vec<(&Listed, Points, Option<Quantity>)> = Vec::new();
            for &run in &side.runs {
                let Some(trace) = shelf.trace(&run.card.path) else {
                    reading += 1;
                    continue;
                };
                let (points, quantity) = what.points(trace, run, along);
                if points.is_empty() {
                    lacking.push(run.title_and_seed());
                } else {
                    members.push((run, points, quantity));
                }
            }
            let Some((first, points, quantity)) = members.first() else { continue };
            let (series, band) = if members.len() == 1 {
                (series_of(points.iter().map(|(_, place, value)| (*place, *value)), smoothing), None)
            } else {
                let all: Vec<&Points> = members.iter().map(|(_, points, _)| points).collect();
                let (series, band) = mean_of(&all, smoothing);
                (series, Some(band))
            };
            let label = Side { place: side.place, runs: members.iter().map(|(run, ..)| *run).collect() }.label();
            let key = format!("{} × {}", first.card.path.display(), members.len());
            overlaid.groups.push(Group { key, label, place: side.place, series, band, quantity: *quantity });
        }
        if reading > 0 {
            overlaid.remarks.push(format!("Reading {}", look::counted(reading, "run")));
        }
        if !lacking.is_empty() {
            let why = match along {
                Along::Epochs => {
                    "their length is given in steps, and how many make an epoch is not kept, or they lack it"
                }
                Along::Steps | Along::Seconds => "they have no such figure",
            };
            overlaid.remarks.push(format!("Not drawn, since {why}: {}", lacking.join(", ")));
        }
        overlaid
    }
}

/// What must be known before the chosen runs are compared.
pub(super) fn remarks(shelf: &Shelf) -> Vec<String> {
    let chosen = shelf.chosen();
    let mut remarks = Vec::new();
    let differ = |of: &dyn Fn(&Listed) -> &str| {
        let all: BTreeSet<&str> = chosen.iter().map(|run| of(run)).filter(|text| !text.is_empty()).collect();
        (all.len() > 1).then(|| all.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    if let Some(names) = differ(&|run| &run.card.dataset) {
        remarks.push(format!("These runs were trained on different data: {}", names.join(", ")));
    } else if differ(&|run| &run.card.data_sum).is_some() {
        remarks.push(
            "The data set held other scenes, splits or classes when some of these runs were trained than for others"
                .to_owned(),
        );
    }
    remarks
}

/// A line through points.
fn series_of(points: impl Iterator<Item = (f64, f64)>, smoothing: f32) -> Series {
    let mut series = Series::new(smoothing);
    for (place, value) in points {
        let place = place.max(0.0).round() as u64;
        // Two steps within a thousandth of a second are one place.
        if series.last().is_none_or(|last| last.step < place) {
            series.push(place, value as f32);
        }
    }
    series
}

/// Mean and spread of several runs, step by step or over as many equal stretches of steps as can be seen; only as far
/// as all of the runs have come.
fn mean_of(all: &[&Points], smoothing: f32) -> (Series, [Vec<f64>; 3]) {
    let first = all.iter().filter_map(|points| points.first()).map(|point| point.0).max().unwrap_or(0);
    let last = all.iter().filter_map(|points| points.last()).map(|point| point.0).min().unwrap_or(0);
    let width = ((last.saturating_sub(first) + 1).div_ceil(MOST_PLACES)).max(1);
    let stretches: Vec<BTreeMap<u64, (f64, f64, u32)>> = all
        .iter()
        .map(|points| {
            let mut stretches: BTreeMap<u64, (f64, f64, u32)> = BTreeMap::new();
            for (step, place, value) in points.iter().filter(|point| (first..=last).contains(&point.0)) {
                if value.is_finite() {
                    let sums = stretches.entry((step - first) / width).or_default();
                    *sums = (sums.0 + place, sums.1 + value, sums.2 + 1);
                }
            }
            stretches
        })
        .collect();
    let (mut points, mut bands) = (Vec::new(), Vec::new());
    let numbers: BTreeSet<u64> = stretches.iter().flat_map(BTreeMap::keys).copied().collect();
    for number in numbers {
        let own: Option<Vec<(f64, f64)>> = stretches
            .iter()
            .map(|run| {
                run.get(&number).map(|(place, value, count)| (place / f64::from(*count), value / f64::from(*count)))
            })
            .collect();
        // Where a run has no value, a mean would be of other runs than beside it.
        let Some(own) = own else { continue };
        let place = own.iter().map(|(place, _)| place).sum::<f64>() / own.len() as f64;
        let Some(spread) = Spread::of(own.iter().map(|(_, value)| *value)) else { continue };
        points.push((place, spread.mean));
        bands.push(spread.deviation.unwrap_or(0.0));
    }
    let series = series_of(points.iter().copied(), smoothing);
    // The band lies about the line that is drawn.
    let mut band = [Vec::new(), Vec::new(), Vec::new()];
    let mut at = 0;
    for ((place, _), deviation) in points.iter().zip(bands) {
        let whole = place.max(0.0).round() as u64;
        if series.steps().get(at) != Some(&whole) {
            continue;
        }
        let mean = f64::from(series.smoothed()[at]);
        at += 1;
        for (part, value) in band.iter_mut().zip([whole as f64, mean - deviation, mean + deviation]) {
            part.push(value);
        }
    }
    (series, band)
}
