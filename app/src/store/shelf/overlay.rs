//! Curves of several runs over each other: one line a run, or mean and spread of runs that differ by their seed alone.

use std::collections::{BTreeMap, BTreeSet};

use fusionscope_engine::files::csv;
use fusionscope_engine::protocol::{Quantity, value_words};
use fusionscope_engine::recipe::catalogue::sensors;

use super::what::Points;
use super::{Along, Listed, Shelf, Side, Spread, What, labels};
use crate::look;
use crate::store::curves::Series;

/// Places along the axis at which the mean of several runs is taken at most.
const MOST_PLACES: u64 = 600;

/// One line, or a mean with its spread.
#[derive(Clone, Debug)]
pub struct Group {
    /// Unique among them.
    pub key: String,
    /// The run's name, or that of its recipe and how many runs there are; unlike those of the others.
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

impl Overlaid {
    /// The chosen runs' lines. `spreads` draws mean and spread where several runs of one family were chosen together.
    pub fn of(shelf: &Shelf, what: &What, along: Along, spreads: bool, smoothing: f32) -> Self {
        let mut overlaid = Self { remarks: remarks(shelf), ..Self::default() };
        let smoothing = if matches!(what, What::Term(_)) { smoothing } else { 0.0 };
        let (mut lacking, mut reading) = (Vec::new(), 0_u64);
        let mut drawn: Vec<Side<'_>> = Vec::new();
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
            let (label, key) = (String::new(), format!("{} × {}", first.card.path.display(), members.len()));
            overlaid.groups.push(Group { key, label, place: side.place, series, band, quantity: *quantity });
            drawn.push(Side { place: side.place, runs: members.iter().map(|(run, ..)| *run).collect() });
        }
        for (group, label) in overlaid.groups.iter_mut().zip(labels(&drawn)) {
            group.label = label;
        }
        if reading > 0 {
            overlaid.remarks.push(format!("Reading {}", look::counted(reading, "run")));
        }
        if !lacking.is_empty() {
            let why = match along {
                Along::Epochs => {
                    "how many steps make an epoch was not kept by the program that trained them, or they lack it"
                }
                Along::Steps | Along::Seconds => "they have no such figure",
            };
            overlaid.remarks.push(format!("Not drawn, since {why}: {}", lacking.join(", ")));
        }
        overlaid
    }
}

impl Overlaid {
    /// The lines that are shown, by their keys, as a table: a row a point, values as they are, smoothed ones, and the
    /// standard deviation where a line is a mean of several runs. Scores are in per cent.
    pub fn csv(&self, along: Along, is_shown: impl Fn(&str) -> bool) -> String {
        let mut text = csv::line(["line", along.column(), "value", "smoothed", "deviation"]);
        for group in self.groups.iter().filter(|group| is_shown(&group.key)) {
            let series = &group.series;
            let deviation = |place: u64| {
                let [places, low, high] = group.band.as_ref()?;
                let at = places.binary_search_by(|own| own.total_cmp(&(place as f64))).ok()?;
                Some((high[at] - low[at]) / 2.0)
            };
            let number = |value: f32| if value.is_finite() { value.to_string() } else { String::new() };
            for ((place, value), smoothed) in series.steps().iter().zip(series.values()).zip(series.smoothed()) {
                let cells = [
                    group.label.clone(),
                    along.number(*place).to_string(),
                    number(*value),
                    number(*smoothed),
                    deviation(*place).map_or_else(String::new, |deviation| deviation.to_string()),
                ];
                text.push_str(&csv::line(cells));
            }
        }
        text
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
    let sensors: BTreeSet<String> = chosen
        .iter()
        .filter_map(|run| Some(value_words(run.card.recipe.as_ref()?.value(sensors::USE.id())?)))
        .collect();
    if sensors.len() > 1 {
        // An empty list takes the data set's first two.
        let words: Vec<String> = sensors.into_iter().map(|own| own.replace("none", "the first two")).collect();
        let words = words.join("; ");
        remarks.push(format!("These runs fuse different sensors, so `all sensors` differs between them: {words}"));
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
