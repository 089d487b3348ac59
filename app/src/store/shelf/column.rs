//! The columns of a list of runs: what each shows of a run, and how it sorts.

use std::cmp::Ordering;

use fusionscope_engine::protocol::{FiguresBy, RunFigures, RunStanding};
use serde::{Deserialize, Serialize};

use super::Listed;
use crate::look;
use crate::store::metrics::per_cent;

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    /// The folder's name.
    Name,
    /// What the recipe is called.
    Recipe,
    /// The settings in which the listed runs differ.
    Differs,
    /// Steps taken, of how many.
    Step,
    /// Whether it is at work, and how it ended.
    State,
    /// A mean IoU.
    Figure(FigureColumn),
    /// What its steps took.
    Time,
    /// When it began.
    Began,
    /// Tags.
    Tags,
    /// The note.
    Note,
}

/// Which mean IoU.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FigureColumn {
    /// With all sensors, on all scenes.
    All,
    /// The mean over all subsets of the sensors.
    Subsets,
    /// With all sensors, on the scenes of a condition tag.
    Tag(String),
    /// With these sensors alone.
    Sensors(Vec<String>),
}

impl FigureColumn {
    /// The figure as a run has it, 0 to 1.
    pub fn read(&self, figures: &RunFigures) -> Option<f64> {
        match self {
            Self::All => figures.all_sensors(""),
            Self::Subsets => figures.mean_of_subsets(),
            Self::Tag(tag) => figures.all_sensors(tag),
            Self::Sensors(sensors) => figures.with_sensors(sensors),
        }
    }

    /// In words.
    pub fn title(&self) -> String {
        match self {
            Self::All => "mIoU %".to_owned(),
            Self::Subsets => "mean of subsets %".to_owned(),
            Self::Tag(tag) => format!("{tag} %"),
            Self::Sensors(sensors) => format!("{} %", sensors.join(" + ")),
        }
    }

    /// What it is, in a sentence for the pointer.
    pub fn explanation(&self) -> String {
        match self {
            Self::All => "Mean IoU with all sensors, on all scenes".to_owned(),
            Self::Subsets => "The mean of the mean IoUs over every subset of the sensors that was scored".to_owned(),
            Self::Tag(tag) => format!("Mean IoU with all sensors, on {tag} scenes"),
            Self::Sensors(sensors) => format!("Mean IoU with {} alone, on all scenes", sensors.join(" and ")),
        }
    }
}

/// What a column shows of a run, to sort by; what is not known comes last either way.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Worth {
    Unknown,
    Number(f64),
    Text(String),
}

impl Worth {
    pub(super) fn compared(&self, other: &Self, is_ascending: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Unknown, Self::Unknown) => return Ordering::Equal,
            (Self::Unknown, _) => return Ordering::Greater,
            (_, Self::Unknown) => return Ordering::Less,
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        };
        if is_ascending { order } else { order.reverse() }
    }
}

impl Column {
    /// The columns of a first launch.
    pub fn first() -> Vec<Self> {
        vec![
            Self::Name,
            Self::Recipe,
            Self::State,
            Self::Step,
            Self::Figure(FigureColumn::All),
            Self::Differs,
            Self::Time,
            Self::Tags,
            Self::Note,
        ]
    }

    /// Those without a figure.
    pub fn plain() -> [Self; 9] {
        [
            Self::Name,
            Self::Recipe,
            Self::State,
            Self::Step,
            Self::Differs,
            Self::Time,
            Self::Began,
            Self::Tags,
            Self::Note,
        ]
    }

    /// The head.
    pub fn title(&self) -> String {
        let word = match self {
            Self::Name => "Run",
            Self::Recipe => "Recipe",
            Self::Differs => "Differing settings",
            Self::Step => "Steps",
            Self::State => "State",
            Self::Figure(figure) => return figure.title(),
            Self::Time => "Training",
            Self::Began => "Began (UTC)",
            Self::Tags => "Tags",
            Self::Note => "Note",
        };
        word.to_owned()
    }

    /// What the pointer is told of it.
    pub fn explanation(&self) -> String {
        let words = match self {
            Self::Name => "The run's folder",
            Self::Recipe => "The name of its recipe",
            Self::Differs => {
                "The settings in which the listed runs differ, each with this run's value; the seed is none"
            }
            Self::Step => "Steps that were taken, of all",
            Self::State => "Whether a program trains it now, and how it ended",
            Self::Figure(figure) => return figure.explanation(),
            Self::Time => "What its steps took, loading included, without evaluations and pauses",
            Self::Began => "When it began",
            Self::Tags => "Words to find it by; `tag:WORD` filters by one",
            Self::Note => "What was noted of it",
        };
        words.to_owned()
    }

    /// The width in points that it has at first.
    pub fn width(&self) -> f32 {
        match self {
            Self::Name => 220.0,
            Self::Recipe => 140.0,
            Self::Differs => 260.0,
            Self::Step => 96.0,
            Self::State => 104.0,
            Self::Figure(_) => 96.0,
            Self::Time => 76.0,
            Self::Began => 116.0,
            Self::Tags => 110.0,
            Self::Note => 200.0,
        }
    }

    /// Whether its words end at the right, as numbers do.
    pub fn is_of_numbers(&self) -> bool {
        matches!(self, Self::Step | Self::Figure(_) | Self::Time)
    }

    /// What it shows of a run; `by` says which of its figures.
    pub fn text(&self, run: &Listed, by: Option<&FiguresBy>) -> String {
        let card = &run.card;
        match self {
            Self::Name => run.name(),
            Self::Recipe => card.recipe.as_ref().map_or_else(|| "–".to_owned(), |recipe| recipe.name.clone()),
            // The list knows what the others are.
            Self::Differs => String::new(),
            Self::Step => match card.steps {
                0 => look::count(card.step),
                steps => format!("{}/{}", look::count(card.step), look::count(steps)),
            },
            Self::State => card.standing.word().to_owned(),
            Self::Figure(figure) => {
                let found = run.figures(by);
                let mark = if found.is_some_and(|figures| figures.is_changed) { "†" } else { "" };
                format!("{}{mark}", per_cent(found.and_then(|figures| figure.read(figures))))
            }
            Self::Time => match card.training {
                Some(training) if training.is_whole => look::clock(training.secs),
                Some(training) => format!("≈ {}", look::clock(training.secs)),
                None => "–".to_owned(),
            },
            Self::Began => card.started.get(..16).map_or_else(|| "–".to_owned(), |minute| minute.replace('T', " ")),
            Self::Tags => card.notes.tags.join(", "),
            Self::Note => card.notes.note.replace('\n', " "),
        }
    }

    pub(super) fn worth(&self, run: &Listed, by: Option<&FiguresBy>) -> Worth {
        let card = &run.card;
        let number =
            |number: Option<f64>| number.filter(|number| number.is_finite()).map_or(Worth::Unknown, Worth::Number);
        match self {
            Self::Step => Worth::Number(card.step as f64),
            Self::Figure(figure) => number(run.figures(by).and_then(|figures| figure.read(figures))),
            Self::Time => number(card.training.map(|training| training.secs)),
            Self::State => Worth::Number(f64::from(rank(&card.standing))),
            Self::Name | Self::Recipe | Self::Differs | Self::Began | Self::Tags | Self::Note => {
                let text = self.text(run, by).to_lowercase();
                if text.is_empty() || text == "–" { Worth::Unknown } else { Worth::Text(text) }
            }
        }
    }
}

/// What is at work comes first.
fn rank(standing: &RunStanding) -> u8 {
    match standing {
        RunStanding::Running => 0,
        RunStanding::Held => 1,
        RunStanding::Stopped => 2,
        RunStanding::BrokenOff => 3,
        RunStanding::Complete => 4,
        RunStanding::Unreadable(_) => 5,
    }
}

impl Listed {
    /// Its newest figures that were made so.
    pub fn figures(&self, by: Option<&FiguresBy>) -> Option<&RunFigures> {
        let by = by?;
        self.card.figures.iter().find(|figures| figures.by == *by)
    }
}
