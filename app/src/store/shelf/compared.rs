//! Chosen runs side by side: their figures row by row, and the settings in which their recipes differ.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fusionscope_engine::protocol::{EvaluationReport, FiguresBy, MeanScores, SubsetScores, value_words};
use fusionscope_engine::recipe::{Recipe, setting};

use super::overlay::remarks;
use super::{Listed, Shelf, Side, Spread, differing, labels};

/// Differences below this are none where figures are written with one digit after the point, in shares.
const SEEN: f64 = 0.0005;

/// Runs side by side.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Each side's name, unlike that of any other, and the place of its colour.
    pub sides: Vec<(String, usize)>,
    /// The folder of each side's first run.
    pub runs: Vec<PathBuf>,
    /// The place of the side that figures are held against; 0 where nobody has chosen one.
    pub reference: usize,
    /// How the figures were made; `None` where there are none.
    pub by: Option<FiguresBy>,
    /// Every way in which figures of these runs were made.
    pub kinds: Vec<FiguresBy>,
    /// Figures.
    pub figures: Vec<FigureRow>,
    /// Settings in which the sides differ.
    pub settings: Vec<SettingRow>,
    /// What must be known before they are compared, a sentence each.
    pub remarks: Vec<String>,
}

/// A figure of every side.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureRow {
    /// What it is.
    pub title: String,
    /// Which part of the table it belongs to.
    pub part: &'static str,
    /// Of each side, 0 to 1.
    pub values: Vec<Option<Spread>>,
    /// The side with the largest mean, where one is larger than all others.
    pub best: Option<usize>,
}

/// A setting of every side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingRow {
    /// The catalogue key.
    pub key: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// Of each side; `None` where its recipe does not read.
    pub values: Vec<Option<String>>,
}

/// A figure of an evaluation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Measure {
    All,
    Tag(String),
    Subsets,
    Sensors(usize, Vec<String>),
    Other(Other),
    OtherOfSubsets(Other),
    Class(String),
}

/// A figure over all classes other than the mean IoU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Other {
    MeanAccuracy,
    PixelAccuracy,
    F1,
}

impl Other {
    const ALL: [Self; 3] = [Self::MeanAccuracy, Self::PixelAccuracy, Self::F1];

    fn of(self, scores: &SubsetScores) -> Option<f64> {
        match self {
            Self::MeanAccuracy => scores.mean_accuracy,
            Self::PixelAccuracy => scores.pixel_accuracy,
            Self::F1 => scores.mean_f1,
        }
    }

    fn of_mean(self, mean: &MeanScores) -> Option<f64> {
        match self {
            Self::MeanAccuracy => mean.mean_accuracy,
            Self::PixelAccuracy => mean.pixel_accuracy,
            Self::F1 => mean.mean_f1,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::MeanAccuracy => "mean class accuracy",
            Self::PixelAccuracy => "right pixels",
            Self::F1 => "mean F1",
        }
    }
}

impl Measure {
    fn read(&self, report: &EvaluationReport) -> Option<f64> {
        let of_tag = |tag: &str| {
            let tagged = report.subsets.iter().filter(|scores| scores.tag == tag);
            tagged.reduce(|best, next| if next.sensors.len() > best.sensors.len() { next } else { best })
        };
        match self {
            Self::All => of_tag("")?.miou,
            Self::Tag(tag) => of_tag(tag)?.miou,
            Self::Subsets => report.mean_of_subsets("")?.miou,
            Self::Sensors(_, sensors) => {
                let own = |scores: &&SubsetScores| scores.tag.is_empty() && scores.sensors == *sensors;
                report.subsets.iter().find(own)?.miou
            }
            Self::Other(other) => other.of(of_tag("")?),
            Self::OtherOfSubsets(other) => other.of_mean(&report.mean_of_subsets("")?),
            Self::Class(name) => {
                let at = report.classes.iter().position(|class| class == name)?;
                of_tag("")?.classes.get(at)?.iou
            }
        }
    }

    fn words(&self) -> (String, &'static str) {
        match self {
            Self::All => ("all sensors".to_owned(), "mIoU"),
            Self::Tag(tag) => (format!("all sensors, {tag}"), "mIoU"),
            Self::Subsets => ("mean of subsets".to_owned(), "mIoU"),
            Self::Sensors(_, sensors) => (sensors.join(" + "), "mIoU"),
            Self::Other(other) => (other.word().to_owned(), "Accuracy and F1, all sensors"),
            Self::OtherOfSubsets(other) => (other.word().to_owned(), "Accuracy and F1, mean of subsets"),
            Self::Class(name) => (name.clone(), "IoU by class, all sensors"),
        }
    }

    /// Everything that some of these reports measure.
    fn all(reports: &[&EvaluationReport]) -> BTreeSet<Self> {
        let mut measures = BTreeSet::from([Self::All]);
        measures.extend(Other::ALL.map(Self::Other));
        for report in reports {
            let most = report.subsets.iter().map(|scores| scores.sensors.len()).max().unwrap_or(0);
            measures.extend(report.classes.iter().map(|class| Self::Class(class.clone())));
            for scores in &report.subsets {
                match (scores.tag.as_str(), scores.sensors.len()) {
                    ("", count) if count < most => {
                        measures.extend([Self::Subsets, Self::Sensors(count, scores.sensors.clone())]);
                        measures.extend(Other::ALL.map(Self::OtherOfSubsets));
                    }
                    (tag, count) if count == most && !tag.is_empty() => {
                        measures.insert(Self::Tag(tag.to_owned()));
                    }
                    _ => {}
                }
            }
        }
        measures
    }
}

impl Compared {
    /// The chosen runs, held against the side with this run where there is one; of their figures those that were made as
    /// `wanted` where there are such.
    pub fn of(shelf: &Shelf, wanted: Option<&FiguresBy>, reference: Option<&Path>) -> Self {
        let sides = shelf.sides(true);
        let has = |side: &Side<'_>| side.runs.iter().any(|run| Some(run.card.path.as_path()) == reference);
        let mut compared = Self {
            sides: labels(&sides).into_iter().zip(sides.iter().map(|side| side.place)).collect(),
            runs: sides.iter().map(|side| side.runs[0].card.path.clone()).collect(),
            reference: sides.iter().position(has).unwrap_or(0),
            remarks: remarks(shelf),
            ..Self::default()
        };
        let reports_of = |run: &Listed| shelf.trace(&run.card.path).map_or(&[][..], |trace| &trace.evaluations);
        for report in sides.iter().flat_map(|side| &side.runs).flat_map(|run| reports_of(run)) {
            let by = FiguresBy::of(report);
            if !report.of_teacher && !compared.kinds.contains(&by) {
                compared.kinds.push(by);
            }
        }
        compared.kinds.sort();
        let is_wanted = |by: &&FiguresBy| Some(*by) == wanted;
        let found = compared.kinds.iter().find(is_wanted);
        let found = found.or_else(|| compared.kinds.iter().find(|by| by.split == "test"));
        compared.by = found.or_else(|| compared.kinds.first()).cloned();
        if let Some(by) = compared.by.clone() {
            let newest = |run: &&Listed| {
                let own = reports_of(run).iter().filter(|report| !report.of_teacher && FiguresBy::of(report) == by);
                own.max_by_key(|report| report.step)
            };
            let reports: Vec<Vec<&EvaluationReport>> =
                sides.iter().map(|side| side.runs.iter().filter_map(newest).collect()).collect();
            compared.remark_on(&reports);
            compared.figures = rows(&reports);
        }
        let recipes: Vec<Option<&Recipe>> = sides.iter().map(|side| side.runs[0].card.recipe.as_ref()).collect();
        let known: Vec<&Recipe> = recipes.iter().flatten().copied().collect();
        compared.settings = differing(&known)
            .into_iter()
            .map(|key| SettingRow {
                key,
                title: setting(key).map_or(key, |setting| setting.title),
                values: recipes.iter().map(|recipe| Some(value_words(recipe.as_ref()?.value(key)?))).collect(),
            })
            .collect();
        compared
    }

    /// Says where figures are missing, of another step, or not made by the recipe that the run began with.
    fn remark_on(&mut self, reports: &[Vec<&EvaluationReport>]) {
        let names = |is: &dyn Fn(&[&EvaluationReport]) -> bool| {
            let named = self.sides.iter().zip(reports).filter(|(_, reports)| is(reports)).map(|((name, _), _)| name);
            named.cloned().collect::<Vec<_>>().join(", ")
        };
        let without = names(&|reports| reports.is_empty());
        let changed = names(&|reports| reports.iter().any(|report| !report.changed.is_empty()));
        let steps: BTreeSet<u64> = reports.iter().flatten().map(|report| report.step).collect();
        if !without.is_empty() {
            self.remarks.push(format!("Not evaluated in this way: {without}"));
        }
        if !changed.is_empty() {
            self.remarks.push(format!("Settings were changed while they trained: {changed}"));
        }
        let alone: BTreeSet<&str> =
            reports.iter().flatten().map(|report| report.single.as_str()).filter(|single| !single.is_empty()).collect();
        if alone.len() > 1 {
            let alone = alone.into_iter().collect::<Vec<_>>().join(", ");
            self.remarks.push(format!("A sensor left alone is treated in several ways (inference.single): {alone}"));
        }
        if let (Some(first), Some(last)) = (steps.first(), steps.last())
            && first != last
        {
            let (first, last) = (crate::look::count(*first), crate::look::count(*last));
            self.remarks.push(format!("The figures are of different steps, {first} to {last}"));
        }
    }
}

fn rows(reports: &[Vec<&EvaluationReport>]) -> Vec<FigureRow> {
    let all: Vec<&EvaluationReport> = reports.iter().flatten().copied().collect();
    let mut measures: Vec<Measure> = Measure::all(&all).into_iter().collect();
    // Classes in the order of their ids, as far as one report has them.
    let place = |measure: &Measure| match measure {
        Measure::Class(name) => all.iter().find_map(|report| report.classes.iter().position(|class| class == name)),
        _ => None,
    };
    measures.sort_by_key(place);
    let row = |measure: Measure| {
        let values: Vec<Option<Spread>> = reports
            .iter()
            .map(|reports| Spread::of(reports.iter().filter_map(|report| measure.read(report))))
            .collect();
        let (title, part) = measure.words();
        values.iter().any(Option::is_some).then(|| FigureRow { best: best_of(&values), title, part, values })
    };
    measures.into_iter().filter_map(row).collect()
}

/// The side whose mean is larger than that of every other by what can be seen.
fn best_of(values: &[Option<Spread>]) -> Option<usize> {
    let mut means: Vec<(f64, usize)> =
        values.iter().enumerate().filter_map(|(side, value)| Some((value.as_ref()?.mean, side))).collect();
    means.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    match means.as_slice() {
        [(first, side), (second, _), ..] if first - second > SEEN => Some(*side),
        _ => None,
    }
}
