//! `dataset check`: reads every file of a data set and says what is wrong with which.

use std::collections::BTreeMap;
use std::path::Path;

use parking_lot::Mutex;
use rayon::prelude::*;

use super::census::Census;
use super::dataset::Dataset;
use super::entry::SampleEntry;
use super::error::DataError;
use super::reach::Reach;
use super::report::{CheckReport, Counts, Histogram, SizeCount};
use super::sample::IGNORE;
use crate::progress::{Progress, Stopped, tell};
use crate::protocol::{Problem, Severity};

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

fn check_dataset(dataset: &Dataset, report: &mut CheckReport, progress: &mut Progress<'_>) -> Result<(), Stopped> {
    report.name.clone_from(&dataset.name);
    report.modalities = dataset.modalities.iter().map(|modality| modality.name.clone()).collect();
    report.problems = dataset.problems_on_opening();
    report.proposals = dataset.proposals().to_vec();
    let is_problem = |note: &&String| report.problems.iter().any(|problem| problem.text == **note);
    report.notes = dataset.notes.iter().filter(|note| !is_problem(note)).cloned().collect();
    for split in &dataset.splits {
        let mut tags = BTreeMap::new();
        for tag in split.samples.iter().flat_map(SampleEntry::tags) {
            *tags.entry(tag.clone()).or_insert(0) += 1;
        }
        report.splits.push(Counts {
            split: split.name.clone(),
            held_out: split.held_out,
            samples: split.samples.len() as u64,
            labelled: split.samples.iter().filter(|sample| sample.has_label()).count() as u64,
            left_out: dataset.skipped().iter().filter(|skipped| skipped.split == split.name).count() as u64,
            tags,
            pixels: Vec::new(),
        });
    }
    let mut tally = Census::default();
    for (counts, census) in report.splits.iter_mut().zip(read_all(dataset, progress)?) {
        let of = |class: usize| census.pixels.get(&(class as u8)).map_or(0, |(pixels, _)| *pixels);
        counts.pixels = (0..dataset.classes.len()).map(of).collect();
        tally.join(census);
    }
    let of_all = dataset.problems_of_all(&tally);
    report.problems.extend(tally.problems.into_iter().chain(of_all));
    let values = dataset.pictures.iter().enumerate();
    report.values = values.filter_map(|(place, files)| tally.values.get(&place)?.values(files)).collect();
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
    }
    Ok(())
}

/// Reads every file, split by split.
fn read_all(dataset: &Dataset, progress: &mut Progress<'_>) -> Result<Vec<Census>, Stopped> {
    let total = dataset.splits.iter().map(|split| split.samples.len() as u64).sum();
    let what = format!("Checking {}", dataset.name);
    let (mut done, mut splits) = (0, Vec::new());
    for split in &dataset.splits {
        let tally = Mutex::new(Census::default());
        for chunk in split.samples.chunks(64) {
            tell(progress, &what, done, total)?;
            chunk.par_iter().for_each(|sample| {
                let seen = Census::of(dataset, sample);
                tally.lock().join(seen);
            });
            done += chunk.len() as u64;
        }
        splits.push(tally.into_inner());
    }
    tell(progress, &what, total, total)?;
    Ok(splits)
}
