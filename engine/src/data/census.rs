//! What the files of scenes hold, added up: sizes, label pixels, values, and what is wrong with which.

use std::collections::BTreeMap;
use std::path::Path;

use super::align::Size;
use super::dataset::Dataset;
use super::decode::{self, Raster};
use super::entry::{Lack, SampleEntry};
use super::error::DataError;
use super::near::near_twin;
use super::survey::{ValueTally, mask_of_one_class};
use crate::protocol::{Problem, Severity};

/// Missing files for which something nearly of their name is looked for.
const TWINS: usize = 50;

/// What the files of some scenes hold.
#[derive(Default)]
pub(crate) struct Census {
    /// Files by what they are and their width and height.
    pub(crate) sizes: BTreeMap<(String, usize, usize), u64>,
    /// Label pixels by class id, and labels that have any.
    pub(crate) pixels: BTreeMap<u8, (u64, u64)>,
    /// By the sensor's place.
    pub(crate) values: BTreeMap<usize, ValueTally>,
    pub(crate) problems: Vec<Problem>,
}

impl Census {
    /// Reads every file of a scene.
    pub(crate) fn of(dataset: &Dataset, sample: &SampleEntry) -> Self {
        let mut tally = Self::default();
        let mut reference: Option<(&str, Size)> = None;
        if let (Some(path), Some(table)) = (&sample.label(), &dataset.labels) {
            match table.read(path) {
                Ok(mut label) => {
                    tally.size("label", label.size.width, label.size.height);
                    if let Err(error) = dataset.masked(sample, label.size.width, &mut label.ids) {
                        tally.error(path, error.to_string());
                    }
                    reference = Some(("label", label.size));
                    for (id, pixels) in counted(&label.ids) {
                        tally.pixels.insert(id, (pixels, 1));
                    }
                    if let Some(error) = table.refusal(&label, path) {
                        tally.error(path, error.to_string());
                    }
                }
                Err(error) => tally.error(path, error.to_string()),
            }
        }
        for (place, (files, path)) in dataset.pictures.iter().zip(sample.files()).enumerate() {
            let values = tally.values.entry(place).or_default();
            let read = |raster: Raster| {
                let raster = dataset.prepared(raster, sample, place)?;
                values.add(&raster, files, &path)?;
                Ok(Size::new(raster.height, raster.width))
            };
            let size = match decode::visit(&path, read) {
                Ok(size) => size,
                Err(error) => {
                    tally.error(&path, error.to_string());
                    continue;
                }
            };
            tally.size(&files.name, size.width, size.height);
            let (name, expected) = *reference.get_or_insert((files.name.as_str(), size));
            if !(expected.fits(size) || files.any_shape) {
                let error = DataError::Aspect {
                    width: expected.width,
                    height: expected.height,
                    reference: name.to_owned(),
                    other_width: size.width,
                    other_height: size.height,
                    path: path.clone(),
                };
                tally.error(&path, error.to_string());
            } else if expected != size {
                let text = format!(
                    "{} × {} px is brought to the {name}'s {} × {}: {}",
                    size.width,
                    size.height,
                    expected.width,
                    expected.height,
                    path.display()
                );
                tally.problems.push(Problem { severity: Severity::Warning, file: path, text });
            }
        }
        tally
    }

    pub(crate) fn join(&mut self, other: Self) {
        for (size, files) in other.sizes {
            *self.sizes.entry(size).or_insert(0) += files;
        }
        for (id, (pixels, files)) in other.pixels {
            let sum = self.pixels.entry(id).or_default();
            *sum = (sum.0 + pixels, sum.1 + files);
        }
        for (place, tally) in other.values {
            self.values.entry(place).or_default().join(&tally);
        }
        self.problems.extend(other.problems);
    }

    fn error(&mut self, file: &Path, text: String) {
        self.problems.push(Problem { severity: Severity::Error, file: file.to_owned(), text });
    }

    fn size(&mut self, what: &str, width: usize, height: usize) {
        *self.sizes.entry((what.to_owned(), width, height)).or_insert(0) += 1;
    }
}

impl Dataset {
    /// What was wrong with lists, folders and names when the data set was opened.
    pub(crate) fn problems_on_opening(&self) -> Vec<Problem> {
        let no_labels_at_all = self.without_labels.len() == self.splits.len();
        let vanished =
            self.without_labels.iter().filter(|split| split.has_twin || (no_labels_at_all && !self.is_recognised));
        let vanished = vanished.map(|split| (&split.path, &split.text));
        let vanished =
            vanished.map(|(file, text)| Problem { severity: Severity::Error, file: file.clone(), text: text.clone() });
        let mut problems: Vec<Problem> = self.problems.iter().cloned().chain(vanished).collect();
        for (folder, error) in &self.unreadable {
            problems.push(Problem { severity: Severity::Error, file: folder.clone(), text: error.to_string() });
        }
        for (at, skipped) in self.skipped().iter().enumerate() {
            let (severity, what) = match &skipped.lack {
                Lack::Everything => (Severity::Warning, "is listed, and no file of it exists".to_owned()),
                Lack::Modality(name) => (Severity::Error, format!("lacks its {name} image")),
                Lack::Label => (Severity::Error, "lacks its label".to_owned()),
            };
            // Each look lists a folder.
            let twin = (at < TWINS).then(|| near_twin(&self.root, &skipped.path)).flatten();
            let twin = twin.map_or_else(String::new, |twin| format!(" ({} is there)", twin.display()));
            let text =
                format!("sample `{}` of `{}` {what}{twin}: {}", skipped.id, skipped.split, skipped.path.display());
            problems.push(Problem { severity, file: skipped.path.clone(), text });
        }
        problems
    }

    /// What is wrong with all of its files together.
    pub(crate) fn problems_of_all(&self, census: &Census) -> Vec<Problem> {
        let mut texts = Vec::new();
        for (place, files) in self.pictures.iter().enumerate() {
            let values = census.values.get(&place).and_then(|tally| tally.values(files));
            texts.extend(values.iter().flat_map(|values| values.warnings(files.hole().is_some())));
        }
        if self.labels.is_some() && !census.pixels.is_empty() {
            for (id, name) in self.classes.iter().enumerate() {
                if census.pixels.get(&(id as u8)).is_none_or(|(pixels, _)| *pixels == 0) {
                    texts.push(format!("class {id} ({name}) has no pixel in any label"));
                }
            }
            let counts: BTreeMap<u8, u64> = census.pixels.iter().map(|(&id, &(pixels, _))| (id, pixels)).collect();
            texts.extend(mask_of_one_class(self, &counts));
        }
        let warning = |text: String| Problem {
            severity: Severity::Warning,
            text: format!("{text}: {}", self.root.display()),
            file: self.root.clone(),
        };
        texts.into_iter().map(warning).collect()
    }
}

fn counted(ids: &[u8]) -> Vec<(u8, u64)> {
    let mut counts = [0_u64; 256];
    for &id in ids {
        counts[id as usize] += 1;
    }
    (0..=u8::MAX).zip(counts).filter(|&(_, pixels)| pixels > 0).collect()
}
