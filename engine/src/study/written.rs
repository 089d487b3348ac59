//! A study's file as it stands, before anything in it is looked up.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    #[serde(default)]
    pub version: Option<i64>,
    pub title: String,
    /// What it is for, in a sentence or two.
    #[serde(default)]
    pub note: String,
    /// Where `printed` figures come from: paper, table, data set, convention.
    #[serde(default)]
    pub source: String,
    /// The printed table that rows name a row of, such as `ogp-net/table-5`.
    #[serde(default)]
    pub published: Option<String>,
    /// A preset, or a recipe file beside the study.
    pub base: String,
    pub seeds: Seeds,
    /// The data set's folder, from the study's own; the sample data without.
    #[serde(default)]
    pub data: Option<String>,
    #[serde(default)]
    pub split: Option<String>,
    /// Steps of the student phase, for every row.
    #[serde(default)]
    pub steps: Option<i64>,
    /// Seconds of training, for every row, in place of steps; the phases keep the proportion that the recipe gives them.
    #[serde(default)]
    pub seconds: Option<f64>,
    /// Settings of every row; in place of a value, a [`WrittenReference`].
    #[serde(default)]
    pub set: toml::Table,
    /// The row that others are compared with.
    #[serde(default)]
    pub reference: Option<String>,
    #[serde(default)]
    pub figures: Vec<WrittenFigure>,
    #[serde(default)]
    pub rows: Vec<WrittenRow>,
    /// Values to try for settings, in all combinations, a row each.
    #[serde(default)]
    pub grid: toml::Table,
}

/// How many seeds, from 1 on, or which.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Seeds {
    Count(u32),
    These(Vec<u32>),
}

/// One row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRow {
    pub name: String,
    /// Another preset or file than the study's.
    #[serde(default)]
    pub base: Option<String>,
    #[serde(default)]
    pub set: toml::Table,
    /// Whether the table has it; what is not shown is trained for others to take from.
    #[serde(default = "shown")]
    pub shown: bool,
    /// The only seed of a row that is not shown, for all seeds of those that take from it.
    #[serde(default)]
    pub seed: Option<u32>,
    /// Another budget than the study's.
    #[serde(default)]
    pub seconds: Option<f64>,
    /// Another row to be compared with than the study's reference.
    #[serde(default)]
    pub against: Option<String>,
    /// What the paper prints beside it.
    #[serde(default)]
    pub printed: Option<WrittenPrinted>,
    /// How it is scored otherwise than on the data as they are.
    #[serde(default)]
    pub evaluate: Option<WrittenEvaluate>,
}

/// What a row is scored with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenEvaluate {
    /// The file of a what-if beside the study, or what stands in one.
    #[serde(default)]
    pub what_if: Option<toml::Value>,
    /// Worse sensors, `colour=fog:0.6` each.
    #[serde(default)]
    pub degrade: Vec<String>,
}

/// A row of the published table for all figures, or one by one by the figures' titles.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected a row of the published table, or figures by the titles of the study's")]
pub(super) enum WrittenPrinted {
    Row(String),
    Figures(BTreeMap<String, PrintedFigure>),
}

/// A figure in per cent, or the published row that has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected a figure in per cent, or a row of the published table")]
pub(super) enum PrintedFigure {
    Percent(f64),
    Row(String),
}

fn shown() -> bool {
    true
}

/// What another row's run of the same seed has made, in place of a setting's value: `{ row = "teacher" }`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenReference {
    pub row: String,
    /// Of pseudo-labels: the sensor whose images are labelled, the network's first without.
    #[serde(default)]
    pub sensor: Option<String>,
    /// Of pseudo-labels: what the network is less sure of is ignored, a share.
    #[serde(default)]
    pub min_confidence: Option<f64>,
}

/// One figure of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenFigure {
    #[serde(default)]
    pub title: Option<String>,
    /// The column of the published table that has it; that of its title without.
    #[serde(default)]
    pub column: Option<String>,
    /// A metric, `miou` without; `iou:CLASS`, `accuracy:CLASS`, `f1:CLASS` for one class.
    #[serde(default)]
    pub metric: Option<String>,
    /// Which sensors are present: `all` (the default), `subsets` for the mean over all subsets, `alone` for that over
    /// each sensor alone, `emm`, `emm:P` or `expected:P` for what is to be expected where sensors fail, or names.
    #[serde(default)]
    pub sensors: Option<WrittenSensors>,
    /// A condition tag such as `night`; all scenes without.
    #[serde(default)]
    pub tag: Option<String>,
}

/// Sensors by a word, or by their names.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum WrittenSensors {
    Word(String),
    Names(Vec<String>),
}
