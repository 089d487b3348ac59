//! A paper's tables, as their file has them.

use serde::{Deserialize, Serialize};

use super::error::PublishedError;
use super::printed::{Printed, row};

/// A paper.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedPaper {
    /// The format, 1.
    pub version: i64,
    /// The file's stem, by which studies name it.
    #[serde(skip_deserializing)]
    pub key: String,
    /// What its method is called.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Family names of its authors.
    pub authors: String,
    /// Where and when it appeared.
    pub venue: String,
    /// How the pages were found, and so how sure they are.
    pub pages: String,
    /// Its tables, in its order.
    pub tables: Vec<PublishedTable>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedTable {
    /// By which studies name it: `table-5`.
    pub id: String,
    /// What the paper calls it: `Table 5`.
    pub printed_as: String,
    /// On which page of the paper it stands; `None` where that is not known.
    #[serde(default)]
    pub page: Option<u32>,
    /// What it shows, in our words.
    pub title: String,
    /// The data set, where rows and columns do not say another.
    #[serde(default)]
    pub data: String,
    /// The split, where the paper says it.
    #[serde(default)]
    pub split: String,
    /// The sensors, where rows and columns do not say others.
    #[serde(default)]
    pub sensors: String,
    /// What the means are taken over.
    pub convention: String,
    /// What else must be known to read it.
    #[serde(default)]
    pub note: String,
    /// What is measured, where rows and columns do not say otherwise.
    #[serde(default)]
    pub measure: Measure,
    /// Who measured, where rows do not say otherwise.
    #[serde(default)]
    pub measured: Measured,
    /// What is known to be wrong or odd about its figures.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Its columns of figures.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<PublishedRow>,
}

/// A column of figures.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(from = "WrittenColumn")]
pub struct Column {
    /// What it is called; no two of a table are called alike.
    pub name: String,
    /// The printed head, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// What is measured, whatever table and row say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// Another data set than the table's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Other sensors than the table's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensors: Option<String>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedRow {
    /// The method; no two of a table are called alike.
    pub name: String,
    /// What is measured, where the column does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// Who measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
    /// Another data set than the table's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Other sensors than the table's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensors: Option<String>,
    /// The network below the method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backbone: Option<String>,
    /// What else is printed about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
    /// A figure a column.
    #[serde(deserialize_with = "row")]
    pub values: Vec<Printed>,
}

/// What a figure measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// IoU of a class or their mean, in per cent.
    #[default]
    Iou,
    /// Accuracy of a class or their mean, in per cent.
    Accuracy,
    /// F1 of a class or their mean, in per cent.
    F1,
    /// What a paper calls average precision, in per cent.
    AveragePrecision,
    /// A difference to another row, in points of a hundred.
    Gain,
    /// Parameters, in millions.
    Parameters,
    /// What a paper calls FLOPs, in thousand millions.
    Flops,
}

/// Who measured a figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measured {
    /// The authors of the paper.
    Here,
    /// Others, whom the paper quotes.
    Elsewhere,
    /// The paper does not say.
    #[default]
    Unsaid,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenColumn {
    Name(String),
    More(MoreColumn),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoreColumn {
    name: String,
    head: Option<String>,
    measure: Option<Measure>,
    data: Option<String>,
    sensors: Option<String>,
}

impl From<WrittenColumn> for Column {
    fn from(written: WrittenColumn) -> Self {
        let bare = |name| MoreColumn { name, head: None, measure: None, data: None, sensors: None };
        let MoreColumn { name, head, measure, data, sensors } = match written {
            WrittenColumn::Name(name) => bare(name),
            WrittenColumn::More(more) => more,
        };
        Self { name, head, measure, data, sensors }
    }
}

impl Measure {
    /// Whether a figure of it is a share in per cent.
    pub const fn is_share(self) -> bool {
        matches!(self, Self::Iou | Self::Accuracy | Self::F1 | Self::AveragePrecision)
    }

    /// Whether a figure can be of it.
    pub(super) fn allows(self, value: f64) -> bool {
        match self {
            Self::Iou | Self::Accuracy | Self::F1 | Self::AveragePrecision => (0.0..=100.0).contains(&value),
            Self::Gain => (-100.0..=100.0).contains(&value),
            Self::Parameters | Self::Flops => value > 0.0,
        }
    }
}

impl PublishedPaper {
    /// The table of that id.
    pub fn table(&self, id: &str) -> Result<&PublishedTable, PublishedError> {
        self.tables.iter().find(|table| table.id == id).ok_or_else(|| PublishedError::UnknownTable {
            paper: self.key.clone(),
            name: id.to_owned(),
            known: self.tables.iter().map(|table| table.id.as_str()).collect::<Vec<_>>().join(", "),
        })
    }
}

impl PublishedTable {
    /// The row of that name.
    pub fn row(&self, name: &str) -> Result<&PublishedRow, PublishedError> {
        let known = || self.rows.iter().map(|row| row.name.clone()).collect();
        self.rows.iter().find(|row| row.name == name).ok_or_else(|| self.unknown("row", name, known()))
    }

    /// The place of the column of that name.
    pub fn column(&self, name: &str) -> Result<usize, PublishedError> {
        let known = || self.columns.iter().map(|column| column.name.clone()).collect();
        let place = self.columns.iter().position(|column| column.name == name);
        place.ok_or_else(|| self.unknown("column", name, known()))
    }

    /// What a figure measures.
    pub fn measure_of(&self, row: &PublishedRow, column: &Column) -> Measure {
        column.measure.or(row.measure).unwrap_or(self.measure)
    }

    /// Who measured a row.
    pub fn measured_of(&self, row: &PublishedRow) -> Measured {
        row.measured.unwrap_or(self.measured)
    }

    fn unknown(&self, kind: &'static str, name: &str, known: Vec<String>) -> PublishedError {
        let table = self.printed_as.clone();
        PublishedError::UnknownPlace { table, kind, name: name.to_owned(), known: known.join(", ") }
    }
}
