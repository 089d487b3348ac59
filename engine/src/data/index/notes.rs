//! What is said of what was found, and of what was not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Indexer, WithoutLabels, some};
use crate::data::entry::{Lack, Skipped};
use crate::data::error::DataError;
use crate::data::manifest::SplitSource;
use crate::data::near::twin_words;
use crate::data::pattern::Captures;
use crate::protocol::{Problem, Severity};

impl Indexer<'_> {
    pub(super) fn note_odd(&mut self, list: &str, odd: &[String]) {
        if !odd.is_empty() {
            let note = format!("{} of the lines of {list} name no sample and are left out: {}", odd.len(), some(odd));
            self.notes.push(note);
        }
    }

    /// Keeps a sentence for the report and for those who open the data set.
    pub(super) fn problem(&mut self, severity: Severity, text: String, file: &Path) {
        self.notes.push(text.clone());
        self.problems.push(Problem { severity, file: file.to_owned(), text });
    }

    /// Says where the labels of a split were looked for, of which there is none.
    pub(super) fn note_without_labels(&mut self, split: &str, path: PathBuf) {
        let twin = twin_words(self.root, &path);
        let text = format!(
            "split `{split}` has no labels: it can be viewed and predicted, not scored; looked for {}{twin}",
            path.display()
        );
        self.notes.push(text.clone());
        self.without_labels.push(WithoutLabels { path, has_twin: !twin.is_empty(), text });
    }

    /// Says why no sample of a split is left: what was asked for first and where it was looked for.
    pub(super) fn note_empty(&mut self, source: &SplitSource, wanted: u64, lacking: &[Skipped]) {
        let pattern = self.manifest.modalities.first().map_or("", |modality| modality.pattern.as_str());
        let place = match (&source.list, &source.ids) {
            (Some(list), _) => format!("`{list}` names {wanted} samples"),
            (None, Some(_)) => format!("`ids` names {wanted} samples"),
            (None, None) => format!("{wanted} files fit `{}`", source.files.as_deref().unwrap_or(pattern)),
        };
        let looked_for = lacking.first().map_or_else(
            || {
                let folder = source.folder.as_deref().unwrap_or(&source.name);
                let path = self.patterns[0].path(self.root, folder, &Captures::new(), &self.folders);
                path.parent().map_or_else(String::new, |folder| twin_words(self.root, folder))
            },
            |Skipped { id, path, .. }| {
                format!("; the first, `{id}`, was looked for at {}{}", path.display(), twin_words(self.root, path))
            },
        );
        let text = format!("split `{}` has no usable sample and is left out: {place}{looked_for}", source.name);
        self.problem(Severity::Error, text, self.root);
    }

    pub(super) fn note_unreadable(&mut self, split: &str, found: Vec<(PathBuf, DataError)>) {
        self.notes.extend(found.iter().map(|(_, error)| format!("split `{split}`: {error}")));
        self.unreadable.extend(found);
    }

    pub(super) fn note(&mut self, split: &str, lacking: &[Skipped]) {
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for skipped in lacking {
            let what = match &skipped.lack {
                Lack::Everything => "are listed without a file".to_owned(),
                Lack::Modality(name) => format!("lack their {name} image"),
                Lack::Label => "lack their label".to_owned(),
            };
            groups.entry(what).or_default().push(skipped.id.clone());
        }
        for (what, ids) in groups {
            self.notes.push(format!("split `{split}`: {} samples {what} and are left out: {}", ids.len(), some(&ids)));
        }
    }
}
