//! All runs below some folders, as they are listed and compared: asked for, told, noted upon and put away.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::protocol_report::ProtocolReport;
use super::report::EvaluationReport;
use super::step::StepReport;
use crate::files::path_json;
use crate::recipe::Recipe;

/// What the app asks about runs that are not in hand. It is done beside everything else and waits for nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ShelfCommand {
    /// Look at runs from now on, again and again; `None` rests.
    Watch(Option<RunsWatch>),
    /// Tell all that is watched from now on once more: whoever hears it now has not heard what was told before.
    TellAnew,
    /// Keep these tags and this note in a run's folder, in place of those before.
    Note {
        /// The run folder.
        #[serde(with = "path_json")]
        run: PathBuf,
        /// What it shall hold.
        notes: RunNotes,
    },
    /// Move a run's folder into the system's bin. One that is trained is refused.
    Bin {
        /// The run folder.
        #[serde(with = "path_json")]
        run: PathBuf,
    },
}

/// Which runs are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunsWatch {
    /// Every run in or below these folders is told.
    pub folders: Vec<PathBuf>,
    /// Of these runs every step and evaluation is told, too.
    pub traced: Vec<PathBuf>,
}

/// What is told about runs that are not in hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ShelfNews {
    /// Runs that are new or have changed, and those that are no longer there.
    Cards {
        /// What is known of each.
        cards: Vec<RunCard>,
        /// Folders that hold no run any more.
        gone: Vec<PathBuf>,
        /// Runs that were found and are still to be read.
        waiting: u64,
        /// Why not every folder could be looked into, a sentence each.
        remarks: Vec<String>,
    },
    /// Steps and evaluations of a run that is traced.
    Trace(RunTrace),
    /// A run was moved into the system's bin.
    Binned {
        /// Where it lay.
        #[serde(with = "path_json")]
        run: PathBuf,
        /// Where it lies now; `None` where the system does not tell.
        #[serde(with = "path_json::optional")]
        now: Option<PathBuf>,
    },
}

/// One run, as far as it is known without its network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunCard {
    /// The run folder.
    #[serde(with = "path_json")]
    pub path: PathBuf,
    /// The recipe that it began with; `None` where that does not read.
    pub recipe: Option<Recipe>,
    /// When it began, in UTC: `2026-11-21T08:15:00Z`; empty where unknown.
    pub started: String,
    /// The data set's name; empty where unknown.
    pub dataset: String,
    /// A sum over what the data set held when the run began; empty where unknown.
    pub data_sum: String,
    /// Steps that one pass over its labelled training scenes takes; 0 where unknown.
    #[serde(default)]
    pub epoch_steps: u64,
    /// Steps that were taken.
    pub step: u64,
    /// Steps that it was to take; 0 where unknown.
    pub steps: u64,
    /// Whether it is at work, and how it ended.
    pub standing: RunStanding,
    /// Who trains it, as that program has written it: process, host, since when. Empty where nobody does.
    pub holder: String,
    /// What its steps took, loading included, without evaluations and pauses; `None` until it was summed up.
    pub training: Option<TrainingTime>,
    /// Its newest figures: one entry a data set, split, convention, and way of replacing missing sensors.
    pub figures: Vec<RunFigures>,
    /// What people have noted.
    pub notes: RunNotes,
}

/// The time that the steps of a run took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingTime {
    /// Seconds.
    pub secs: f64,
    /// Whether every step was summed; else a part of them was, because the run is very long, and the rest taken alike.
    pub is_whole: bool,
}

/// Whether a run is at work, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStanding {
    /// A program trains or evaluates it now.
    Running,
    /// A program holds it between two steps.
    Held,
    /// All steps were taken.
    Complete,
    /// It was ended on its way and can go on.
    Stopped,
    /// It ended on its way and nobody stopped it: it failed or was killed.
    #[default]
    BrokenOff,
    /// Its files could not be read, and why.
    Unreadable(String),
}

impl RunStanding {
    /// In a word or two.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Held => "paused",
            Self::Complete => "complete",
            Self::Stopped => "stopped",
            Self::BrokenOff => "failed or killed",
            Self::Unreadable(_) => "not readable",
        }
    }

    /// Whether a program is at it now.
    pub fn is_at_work(&self) -> bool {
        matches!(self, Self::Running | Self::Held)
    }
}

/// Mean IoUs of one evaluation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunFigures {
    /// How they were made.
    pub by: FiguresBy,
    /// The step at which the network stood.
    pub step: u64,
    /// Whether settings were no longer what the run's recipe says.
    pub is_changed: bool,
    /// One entry a subset of the sensors and a condition tag, all sensors on the whole split first.
    pub subsets: Vec<SubsetFigure>,
}

/// How figures were made: what differs here is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FiguresBy {
    /// The data set's name.
    pub dataset: String,
    /// The split's name.
    pub split: String,
    /// What means are taken over, as in `evaluation.convention`.
    pub convention: String,
    /// How missing sensors were replaced. What becomes of one that is left alone is the method's own (`inference.single`)
    /// and no hindrance to a comparison.
    pub missing: String,
}

impl FiguresBy {
    /// Of a report.
    pub fn of(report: &EvaluationReport) -> Self {
        Self {
            dataset: report.dataset.clone(),
            split: report.split.clone(),
            convention: report.convention.clone(),
            missing: report.missing.clone(),
        }
    }

    /// `streets, test · means by nanmean · missing sensors: drop`.
    pub fn words(&self) -> String {
        let Self { dataset, split, convention, missing } = self;
        format!("{dataset}, {split} · means by {convention} · missing sensors: {missing}")
    }
}

/// The mean IoU with some sensors on some scenes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SubsetFigure {
    /// Names of the sensors present.
    pub sensors: Vec<String>,
    /// The condition tag; empty for the whole split.
    pub tag: String,
    /// 0 to 1; `None` where no labelled pixel was seen.
    pub miou: Option<f64>,
}

impl RunFigures {
    /// The mean IoU with all sensors on the scenes of a tag, 0 to 1; all scenes for an empty one.
    pub fn all_sensors(&self, tag: &str) -> Option<f64> {
        let tagged = self.subsets.iter().filter(|subset| subset.tag == tag);
        tagged.reduce(|best, next| if next.sensors.len() > best.sensors.len() { next } else { best })?.miou
    }

    /// The mean of the mean IoUs over every subset of the sensors that was scored, on the whole split.
    pub fn mean_of_subsets(&self) -> Option<f64> {
        let scored: Vec<f64> =
            self.subsets.iter().filter(|subset| subset.tag.is_empty()).filter_map(|subset| subset.miou).collect();
        (!scored.is_empty()).then(|| scored.iter().sum::<f64>() / scored.len() as f64)
    }

    /// The mean IoU with exactly these sensors on the whole split.
    pub fn with_sensors(&self, sensors: &[String]) -> Option<f64> {
        self.subsets.iter().find(|subset| subset.tag.is_empty() && subset.sensors == sensors)?.miou
    }
}

/// What people have noted of a run: a file `notes.toml` in its folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunNotes {
    /// Words to find it by, each once.
    #[serde(default)]
    pub tags: Vec<String>,
    /// A sentence.
    #[serde(default)]
    pub note: String,
}

impl RunNotes {
    /// Whether nothing is noted.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.note.is_empty()
    }
}

/// Steps and evaluations of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunTrace {
    /// The run folder.
    #[serde(with = "path_json")]
    pub run: PathBuf,
    /// Whether these are all there are; else they follow those told before.
    pub is_whole: bool,
    /// Steps, oldest first.
    pub steps: Vec<StepReport>,
    /// Evaluations, oldest first: always all of them, without their confusion matrices.
    pub evaluations: Vec<EvaluationReport>,
    /// The figures of protocols, oldest first: always all of them.
    #[serde(default)]
    pub protocols: Vec<ProtocolReport>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_by_sensors_and_tag() {
        let subset = |sensors: &[&str], tag: &str, miou| SubsetFigure {
            sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
            tag: tag.to_owned(),
            miou: Some(miou),
        };
        let figures = RunFigures {
            subsets: vec![
                subset(&["colour", "thermal"], "", 0.6),
                subset(&["colour"], "", 0.4),
                subset(&["thermal"], "", 0.2),
                subset(&["colour", "thermal"], "night", 0.5),
            ],
            ..RunFigures::default()
        };
        assert_eq!((figures.all_sensors(""), figures.all_sensors("night")), (Some(0.6), Some(0.5)));
        assert!((figures.mean_of_subsets().unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(figures.with_sensors(&["thermal".to_owned()]), Some(0.2));
        assert_eq!(figures.with_sensors(&["depth".to_owned()]), None);
        assert_eq!(RunFigures::default().mean_of_subsets(), None);
    }
}
