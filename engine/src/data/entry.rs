//! A data set's samples as files: one scene's, a split's, and those that had to be left out.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::scene_table::SceneTable;

/// One scene's files.
///
/// Names, ids and tags of a split's scenes lie in one table, since a data set has many thousands of them that differ by
/// little; paths are put together where they are asked for.
#[derive(Clone)]
pub struct SampleEntry {
    table: Arc<SceneTable>,
    /// The place in the table.
    scene: u32,
    label: Label,
    /// Another file in place of a sensor's own, and of those that are joined to it.
    stand_in: Option<Arc<(usize, PathBuf)>>,
}

/// Where a scene's label is.
#[derive(Clone)]
enum Label {
    /// Where the table says, if it knows of labels.
    Own,
    Without,
    Other(Arc<PathBuf>),
}

impl SampleEntry {
    /// Every scene of a table, in its order.
    pub(super) fn all_of(table: SceneTable) -> Vec<Self> {
        let count = table.count();
        let table = Arc::new(table);
        let entry = |scene| Self { table: Arc::clone(&table), scene, label: Label::Own, stand_in: None };
        (0..count as u32).map(entry).collect()
    }

    /// The id, unique in its split.
    pub fn id(&self) -> &str {
        self.table.id(self.scene)
    }

    /// Condition tags such as `night`.
    pub fn tags(&self) -> &[String] {
        self.table.tags(self.scene)
    }

    /// The file of the sensor at this place in the manifest; `None` where there is no such sensor.
    pub fn file(&self, sensor: usize) -> Option<PathBuf> {
        match self.stand_in.as_deref() {
            Some((place, file)) if *place == sensor => Some(file.clone()),
            _ => self.table.file(self.scene, sensor),
        }
    }

    /// One file a sensor, in the manifest's order.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        (0..self.table.sensors()).filter_map(|sensor| self.file(sensor))
    }

    /// Further files of a sensor that is joined from several, in the manifest's order.
    pub fn joined(&self, sensor: usize) -> impl Iterator<Item = PathBuf> {
        let is_replaced = self.stand_in.as_deref().is_some_and(|(place, _)| *place == sensor);
        self.table.joined(self.scene, sensor).filter(move |_| !is_replaced)
    }

    /// The label's file; `None` for unlabelled scenes.
    pub fn label(&self) -> Option<PathBuf> {
        match &self.label {
            Label::Own => self.table.label(self.scene),
            Label::Without => None,
            Label::Other(file) => Some(PathBuf::clone(file)),
        }
    }

    /// Whether it has a label.
    pub fn has_label(&self) -> bool {
        match self.label {
            Label::Own => self.table.has_labels(),
            Label::Without => false,
            Label::Other(_) => true,
        }
    }

    /// A picture of pixels that count nowhere, where the manifest names some.
    pub fn mask(&self) -> Option<PathBuf> {
        self.table.mask(self.scene)
    }

    /// Every file that the scene is read from.
    pub(crate) fn all_files(&self) -> impl Iterator<Item = PathBuf> {
        let joined = (0..self.table.sensors()).flat_map(|sensor| self.joined(sensor));
        self.files().chain(joined).chain(self.label()).chain(self.mask())
    }

    /// The same scene without its label.
    #[must_use]
    pub(super) fn without_label(&self) -> Self {
        Self { label: Label::Without, ..self.clone() }
    }

    /// The same scene with another label.
    #[must_use]
    pub(super) fn with_label(&self, file: PathBuf) -> Self {
        Self { label: Label::Other(Arc::new(file)), ..self.clone() }
    }

    /// The same scene with another file of a sensor.
    #[must_use]
    pub(super) fn with_file(&self, sensor: usize, file: PathBuf) -> Self {
        Self { stand_in: Some(Arc::new((sensor, file))), ..self.clone() }
    }
}

impl PartialEq for SampleEntry {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id() && self.tags() == other.tags() && self.all_files().eq(other.all_files())
    }
}

impl Eq for SampleEntry {}

impl fmt::Debug for SampleEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<PathBuf> = self.all_files().collect();
        let fields = &mut formatter.debug_struct("SampleEntry");
        fields.field("id", &self.id()).field("tags", &self.tags()).field("files", &files).finish()
    }
}

/// Samples that belong together: `train`, `val`, `test`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The name.
    pub name: String,
    /// Whether it was cut from another split.
    pub held_out: bool,
    /// The samples, in the order of their list.
    pub samples: Vec<SampleEntry>,
    /// Complete but for a label that the split's other samples have: left out, but for domains that are trained on
    /// without labels.
    pub unlabelled: Vec<SampleEntry>,
}

/// Why a sample was left out of its split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It is listed, and no file of it exists.
    Everything,
    /// A sensor's image is missing.
    Modality(String),
    /// Its label is missing, where others of the split have theirs.
    Label,
}

/// A sample that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The split.
    pub split: String,
    /// The sample's id.
    pub id: String,
    /// What is missing.
    pub lack: Lack,
    /// The file that was looked for.
    pub path: PathBuf,
}
