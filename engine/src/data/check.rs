//! `dataset check`: reads every file of a data set and says what is wrong with which.

use std::collections::BTreeMap;
use std::path::Path;

use parking_lot::Mutex;
use rayon::prelude::*;

use super::align::Size;
use super::dataset::Dataset;
use super::decode::{self, Raster};
use super::entry::{Lack, SampleEntry};
use super::error::DataError;
use super::near::near_twin;
use super::reach::Reach;
use super::report::{CheckReport, Counts, Histogram, SizeCount};
use super::sample::IGNORE;
use super::survey::{ValueTally, mask_of_one_class};
use crate::progress::{Progress, Stopped, tell};
use crate::protocol::{Problem, Severity};

/// Missing files for which something nearly of their name is looked for.
const TWINS: usize = 50;

/// Opens the data set at `path` and reads every file of it. What cannot be opened at all is a report with one error.
///
/// Fails only where `progress` ends it.
pub fn check(path: &Path, progress: &mut Progress<'_>) -> Result<CheckReport, Stopped> {
    check_reaching(path, Reach::Folder, progress)
}

/// [`check`], where the user may have said that the manifest's paths may lead out of the folder.
pub fn check_reaching(path: &Path, reach: Reach, progress: &mut Progress<'_>) -> Result<CheckReport, Stopped> {
    let mut report = CheckReport { path: path.to_owned(), ..CheckReport::default() };
    match Dataset::open_reaching(path, reach, progress) {
        Ok(dataset) => check_dataset(&dataset, &mut report, progress)?,
        Err(DataError::Stopped(stopped)) => return Err(stopped),
        Err(error) => {
            report.problems.push(Problem { severity: Severity::Error, file: path.to_owned(), text: error.to_string() });
        }
    }
    report.problems.sort_by(|left, right| (left.severity, &left.file).cmp(&(right.severity, &right.file)));
    Ok(report)
}

/// What one thread has seen.
#[derive(Default)]
struct Tally {
    sizes: BTreeMap<(String, usize, usize), u64>,
    pixels: BTreeMap<u8, (u64, u64)>,
    /// By the sensor's place.
    values: BTreeMap<usize, ValueTally>,
    problems: Vec<Problem>,
}

fn check_dataset(dataset: &Dataset, report: &mut CheckReport, progress: &mut Progress<'_>) -> Result<(), Stopped> {
    report.name.clone_from(&dataset.name);
    report.modalities = dataset.modalities.iter().map(|modality| modality.name.clone()).collect();
    let no_labels_at_all = dataset.without_labels.len() == dataset.splits.len();
    let vanished =
        dataset.without_labels.iter().filter(|split| split.has_twin || (no_labels_at_all && !dataset.is_recognised));
    let vanished = vanished.map(|split| (&split.path, &split.text));
    let vanished =
        vanished.map(|(file, text)| Problem { severity: Severity::Error, file: file.clone(), text: text.clone() });
    report.problems.extend(dataset.problems.iter().cloned().chain(vanished));
    report.proposals = dataset.proposals().to_vec();
    let is_problem = |note: &&String| report.problems.iter().any(|problem| problem.text == **note);
    report.notes = dataset.notes.iter().filter(|note| !is_problem(note)).cloned().collect();
    for split in &dataset.splits {
        let mut tags = BTreeMap::new();
        for tag in split.samples.iter().flat_map(|sample| &sample.tags) {
            *tags.entry(tag.clone()).or_insert(0) += 1;
        }
        report.splits.push(Counts {
            split: split.name.clone(),
            held_out: split.held_out,
            samples: split.samples.len() as u64,
            labelled: split.samples.iter().filter(|sample| sample.label.is_some()).count() as u64,
            left_out: dataset.skipped().iter().filter(|skipped| skipped.split == split.name).count() as u64,
            tags,
        });
    }
    for (folder, error) in &dataset.unreadable {
        report.problems.push(Problem { severity: Severity::Error, file: folder.clone(), text: error.to_string() });
    }
    for (at, skipped) in dataset.skipped().iter().enumerate() {
        let (severity, what) = match &skipped.lack {
            Lack::Everything => (Severity::Warning, "is listed, and no file of it exists".to_owned()),
            Lack::Modality(name) => (Severity::Error, format!("lacks its {name} image")),
            Lack::Label => (Severity::Error, "lacks its label".to_owned()),
        };
        // Each look lists a folder.
        let twin = (at < TWINS).then(|| near_twin(&dataset.root, &skipped.path)).flatten();
        let twin = twin.map_or_else(String::new, |twin| format!(" ({} is there)", twin.display()));
        let text = format!("sample `{}` of `{}` {what}{twin}: {}", skipped.id, skipped.split, skipped.path.display());
        report.problems.push(Problem { severity, file: skipped.path.clone(), text });
    }
    let tally = read_all(dataset, progress)?;
    report.problems.extend(tally.problems);
    for (place, files) in dataset.pictures.iter().enumerate() {
        let Some(values) = tally.values.get(&place).and_then(|tally| tally.values(files)) else { continue };
        report.problems.extend(values.warnings(files.hole().is_some()).into_iter().map(|text| warning(dataset, &text)));
        report.values.push(values);
    }
    let sizes = tally.sizes.into_iter();
    report.sizes = sizes.map(|((what, width, height), files)| SizeCount { what, width, height, files }).collect();
    let place = |what: &str| report.modalities.iter().position(|name| name == what);
    report.sizes.sort_by_key(|size| (place(&size.what).is_none(), place(&size.what), std::cmp::Reverse(size.files)));
    if dataset.labels.is_some() && !tally.pixels.is_empty() {
        let names = dataset.classes.iter().map(String::as_str).enumerate();
        let ids = names.map(|(id, name)| (id as u8, name)).chain([(IGNORE, "ignored")]);
        report.histogram = ids
            .map(|(id, name)| {
                let (pixels, files) = tally.pixels.get(&id).copied().unwrap_or_default();
                Histogram { id, name: name.to_owned(), pixels, files }
            })
            .collect();
        for class in report.histogram.iter().filter(|class| class.pixels == 0 && class.id != IGNORE) {
            let text = format!("class {} ({}) has no pixel in any label", class.id, class.name);
            report.problems.push(warning(dataset, &text));
        }
        let counts: BTreeMap<u8, u64> = tally.pixels.iter().map(|(&id, &(pixels, _))| (id, pixels)).collect();
        report.problems.extend(mask_of_one_class(dataset, &counts).map(|text| warning(dataset, &text)));
    }
    Ok(())
}

fn read_all(dataset: &Dataset, progress: &mut Progress<'_>) -> Result<Tally, Stopped> {
    let samples: Vec<&SampleEntry> = dataset.splits.iter().flat_map(|split| &split.samples).collect();
    let total = samples.len() as u64;
    let what = format!("Checking {}", dataset.name);
    let tally = Mutex::new(Tally::default());
    for (done, chunk) in samples.chunks(64).enumerate() {
        tell(progress, &what, done as u64 * 64, total)?;
        chunk.par_iter().for_each(|sample| {
            let seen = read_one(dataset, sample);
            tally.lock().join(seen);
        });
    }
    tell(progress, &what, total, total)?;
    Ok(tally.into_inner())
}

impl Tally {
    fn join(&mut self, other: Self) {
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

fn read_one(dataset: &Dataset, sample: &SampleEntry) -> Tally {
    let mut tally = Tally::default();
    let mut reference: Option<(&str, Size)> = None;
    if let (Some(path), Some(table)) = (&sample.label, &dataset.labels) {
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
    for (place, (files, path)) in dataset.pictures.iter().zip(&sample.files).enumerate() {
        let values = tally.values.entry(place).or_default();
        let read = |raster: Raster| {
            let raster = dataset.prepared(raster, sample, place)?;
            values.add(&raster, files, path)?;
            Ok(Size::new(raster.height, raster.width))
        };
        let size = match decode::visit(path, read) {
            Ok(size) => size,
            Err(error) => {
                tally.error(path, error.to_string());
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
            tally.error(path, error.to_string());
        } else if expected != size {
            let text = format!(
                "{} × {} px is brought to the {name}'s {} × {}: {}",
                size.width,
                size.height,
                expected.width,
                expected.height,
                path.display()
            );
            tally.problems.push(Problem { severity: Severity::Warning, file: path.clone(), text });
        }
    }
    tally
}

/// A warning about all of a data set.
fn warning(dataset: &Dataset, text: &str) -> Problem {
    let file = dataset.root.clone();
    Problem { severity: Severity::Warning, text: format!("{text}: {}", file.display()), file }
}

fn counted(ids: &[u8]) -> Vec<(u8, u64)> {
    let mut counts = [0_u64; 256];
    for &id in ids {
        counts[id as usize] += 1;
    }
    (0..=u8::MAX).zip(counts).filter(|&(_, pixels)| pixels > 0).collect()
}
