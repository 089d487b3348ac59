//! What checking a data set finds, and how a terminal shows it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::survey::{SensorValues, values_table};
use crate::files::path_json;
use crate::protocol::{Problem, Proposal, Severity};

/// Sizes that the terminal report lists.
const SIZES_SHOWN: usize = 12;

/// How many samples a split has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// The split.
    pub split: String,
    /// Whether it was cut from another split.
    pub held_out: bool,
    /// Complete samples.
    pub samples: u64,
    /// Those with a label.
    pub labelled: u64,
    /// Samples that were left out because files are missing.
    pub left_out: u64,
    /// Samples by condition tag.
    pub tags: BTreeMap<String, u64>,
    /// Label pixels by class id.
    #[serde(default)]
    pub pixels: Vec<u64>,
}

/// How many files have a size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeCount {
    /// A sensor's name or `label`.
    pub what: String,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Files.
    pub files: u64,
}

/// Label pixels of one class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// The class id; 255 for pixels that count nowhere.
    pub id: u8,
    /// The class name.
    pub name: String,
    /// Pixels.
    pub pixels: u64,
    /// Label files in which it occurs.
    pub files: u64,
}

/// What was found in a data set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    /// The data set's name; empty where it could not be opened.
    pub name: String,
    /// The folder.
    #[serde(with = "path_json")]
    pub path: PathBuf,
    /// The sensors' names.
    pub modalities: Vec<String>,
    /// One entry a split.
    pub splits: Vec<Counts>,
    /// Sizes, the commonest first.
    pub sizes: Vec<SizeCount>,
    /// What the sensors' files hold.
    #[serde(default)]
    pub values: Vec<SensorValues>,
    /// Label pixels by class; the last entry counts ignored ones.
    pub histogram: Vec<Histogram>,
    /// What was assumed or left out.
    pub notes: Vec<String>,
    /// Settings that papers take on this data in place of their presets'; shown, never applied.
    #[serde(default)]
    pub proposals: Vec<Proposal>,
    /// Everything that is wrong, errors first.
    pub problems: Vec<Problem>,
}

impl CheckReport {
    /// Whether anything forbids working with the data set as it is.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// The report for a terminal.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if !self.name.is_empty() {
            text += &format!("{}: {}\n", self.name, self.path.display());
            text += &format!("sensors: {}\n", self.modalities.join(", "));
        }
        for split in &self.splits {
            let held_out = if split.held_out { " (held out)" } else { "" };
            let tags: String = split.tags.iter().map(|(tag, count)| format!(", {count} {tag}")).collect();
            text += &format!(
                "split {}{held_out}: {} samples, {} labelled, {} left out{tags}\n",
                split.split, split.samples, split.labelled, split.left_out
            );
        }
        for size in self.sizes.iter().take(SIZES_SHOWN) {
            text += &format!("{}: {} × {} px, {} files\n", size.what, size.width, size.height, size.files);
        }
        if self.sizes.len() > SIZES_SHOWN {
            text += &format!("… and {} more sizes\n", self.sizes.len() - SIZES_SHOWN);
        }
        text += &values_table(&self.values);
        let all: u64 = self.histogram.iter().map(|class| class.pixels).sum();
        for class in &self.histogram {
            let share = 100.0 * class.pixels as f64 / all.max(1) as f64;
            text += &format!(
                "class {:>3} {:<20} {share:>6.2} % of pixels, in {} files\n",
                class.id, class.name, class.files
            );
        }
        for note in &self.notes {
            text += &format!("note: {note}\n");
        }
        for proposal in &self.proposals {
            text += &format!("proposed: {}\n", proposal.words());
        }
        for problem in &self.problems {
            let word = if problem.severity == Severity::Error { "error" } else { "warning" };
            text += &format!("{word}: {}\n", problem.text);
        }
        let errors = self.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        text + &format!("{errors} errors, {} warnings\n", self.problems.len() - errors)
    }
}
