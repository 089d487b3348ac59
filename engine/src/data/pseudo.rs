//! Files that stand in for a data set's own in training: pseudo-labels, and images of another hour.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::dataset::Dataset;
use super::entry::SampleEntry;
use super::error::DataError;
use super::folders::Folders;
use super::labels::LabelTable;
use super::pattern::Pattern;
use super::text::MAX_MANIFEST_BYTES;
use crate::progress::{Progress, Stopped, disk, tell};
use crate::protocol::{LiveChange, changes_words};

/// The file beside pseudo-labels that says what they are.
pub const PSEUDO_LABELS_CARD: &str = "pseudo-labels.json";

/// What a folder of pseudo-labels was made with: [`PSEUDO_LABELS_CARD`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PseudoLabelsCard {
    /// Class names by the ids that the files hold.
    pub classes: Vec<String>,
    /// The sensor whose images were labelled.
    pub sensor: String,
    /// The step at which the labelling network stood.
    pub step: u64,
    /// Pixels that the network was less sure of are ignored.
    pub min_confidence: f64,
    /// The data set's name.
    pub dataset: String,
    /// The split.
    pub split: String,
    /// The settings that were changed while the labelling network was trained.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<LiveChange>,
}

/// The PNG of a sample in a folder of label maps: ids may hold folders and characters that file names may not.
pub fn label_file_name(id: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '_' };
    format!("{}.png", id.chars().map(plain).collect::<String>())
}

/// Where the files lie that a setting names: a folder, or a pattern with `{id}` relative to the data set.
#[derive(Clone, Debug)]
pub(crate) enum StandInFiles {
    /// `<id>.png` in it; it must exist.
    Folder(PathBuf),
    /// Part of the data set's own structure; it may have none.
    Pattern(Pattern, PathBuf, Folders),
}

impl StandInFiles {
    /// Reads a setting's text; `None` where it is empty.
    pub(crate) fn from_setting(key: &str, text: &str, dataset: &Dataset) -> Result<Option<Self>, DataError> {
        if text.is_empty() {
            return Ok(None);
        }
        if text.contains("{id}") {
            let pattern = Pattern::parse(text).map_err(|found| {
                DataError::stand_ins(key, format!("expected a pattern, found {found}"), &dataset.root)
            })?;
            return Ok(Some(Self::Pattern(pattern, dataset.root.clone(), Folders::default())));
        }
        let folder = PathBuf::from(text);
        match disk::list(&folder) {
            Ok(_) => Ok(Some(Self::Folder(folder))),
            Err(error) => {
                let reason = format!("expected a folder, or a pattern with `{{id}}` in the data set's folder: {error}");
                Err(DataError::stand_ins(key, reason, &folder))
            }
        }
    }

    /// The file of a sample, where there is one.
    pub(crate) fn of(&self, id: &str) -> Option<PathBuf> {
        let path = match self {
            Self::Folder(folder) => folder.join(label_file_name(id)),
            Self::Pattern(pattern, root, folders) => {
                pattern.path(root, "", &vec![("id".to_owned(), id.to_owned())], folders)
            }
        };
        disk::is_file(&path).then_some(path)
    }

    /// The file of each sample.
    pub(crate) fn of_all(
        &self,
        samples: &[SampleEntry],
        progress: &mut Progress<'_>,
    ) -> Result<Vec<Option<PathBuf>>, Stopped> {
        let total = samples.len() as u64;
        let of = |(done, sample): (u64, &SampleEntry)| {
            tell(progress, "Looking for files that stand in for others", done, total)?;
            Ok(self.of(sample.id()))
        };
        (0..).zip(samples).map(of).collect()
    }

    /// Whether a data set may do without.
    pub(crate) fn is_optional(&self) -> bool {
        matches!(self, Self::Pattern(..))
    }

    /// What to call them in a message.
    pub(crate) fn place(&self) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.clone(),
            Self::Pattern(_, root, _) => root.clone(),
        }
    }
}

impl Dataset {
    /// The same data set with no label of any scene, and with the scenes that were left out for want of one.
    #[must_use]
    pub fn without_labels(mut self) -> Self {
        for split in &mut self.splits {
            split.samples.append(&mut split.unlabelled);
            split.samples.sort_by(|left, right| left.id().cmp(right.id()));
            for sample in &mut split.samples {
                *sample = sample.without_label();
            }
        }
        self
    }

    /// The same data set, whose labels hold class ids as they are: what pseudo-labels hold, whatever the data set's own
    /// labels need.
    pub(crate) fn with_plain_labels(&self) -> Self {
        Self { labels: Some(LabelTable::plain(self.classes.len())), ..self.clone() }
    }
}

/// Refuses pseudo-labels of other classes, where a card beside them says so. Answers with what must be said of the
/// network that made them.
pub(crate) fn check_card(folder: &Path, dataset: &Dataset) -> Result<Option<String>, DataError> {
    let path = folder.join(PSEUDO_LABELS_CARD);
    if !path.exists() {
        return Ok(None);
    }
    let refused = |reason: String| DataError::stand_ins("data.pseudo_labels", reason, &path);
    let bytes = disk::read(&path, MAX_MANIFEST_BYTES).map_err(|error| refused(error.to_string()))?;
    let card: PseudoLabelsCard = serde_json::from_slice(&bytes).map_err(|error| refused(error.to_string()))?;
    if card.classes == dataset.classes {
        let words = changes_words(&card.changed);
        let remark = || format!("settings were changed while the network of the pseudo-labels was trained: {words}");
        return Ok((!words.is_empty()).then(remark));
    }
    Err(refused(format!(
        "they hold the classes {}, and `{}` has {}; make them with a network of these classes, or choose the class map \
         that both share",
        card.classes.join(", "),
        dataset.name,
        dataset.classes.join(", ")
    )))
}

/// Gives samples their pseudo-labels. Those without are left out; the answer is how many.
pub(crate) fn with_pseudo_labels(samples: &mut Vec<SampleEntry>, found: Vec<Option<PathBuf>>) -> usize {
    let before = samples.len();
    let mut found = found.into_iter();
    samples.retain_mut(|sample| {
        let label = found.next().flatten();
        let has_label = label.is_some();
        *sample = label.map_or_else(|| sample.without_label(), |label| sample.with_label(label));
        has_label
    });
    before - samples.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_with_folders_become_file_names() {
        assert_eq!(label_file_name("seq 1/00017"), "seq_1_00017.png");
        assert_eq!(label_file_name("Straße-4.b"), "Straße-4.b.png");
    }
}
