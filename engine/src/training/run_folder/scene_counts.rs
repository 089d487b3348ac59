//! What evaluations counted in single scenes: `scenes/`, a file an evaluation beside `evaluation.json`.
//!
//! They can be missing: runs of older programs have none, and only those of the newest step stay of each data set, split
//! and way of missing sensors, so that a long run takes no more room than a short one.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::kept::identity;
use super::scene_file::{MAX_BYTES, scene_counts_from, scene_file};
use super::{RunFolder, SCENES, file_name_from};
use crate::failure::sentence;
use crate::files::{read_at_most, remove_entry, sum_of, write_whole};
use crate::protocol::{EvaluationReport, SceneCounts};
use crate::training::error::RunError;

/// How their files end.
const ENDING: &str = ".counts";
const WHAT: &str = "the counts of single scenes";

impl RunFolder {
    /// What this evaluation counted in each scene; `None` where that was not kept. Fails where the file is damaged, or is
    /// not the evaluation's: its scenes must sum up to the report.
    pub fn scene_counts(&self, report: &EvaluationReport) -> Result<Option<SceneCounts>, RunError> {
        let path = self.counts_path(report);
        let bytes = match read_at_most(&path, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RunError::unreadable(WHAT, &error, &path)),
        };
        let damaged = |reason: &str| RunError::damaged(WHAT, reason, &path);
        let counts = scene_counts_from(&bytes).map_err(|reason| damaged(&reason))?;
        let is_its = counts.classes == report.classes
            && counts.subsets.iter().all(|subset| {
                let names: Vec<&str> = subset.sensors.iter().map(String::as_str).collect();
                report.subset(&names).is_some_and(|scores| scores.confusion == subset.sum(counts.classes.len()))
            });
        if is_its { Ok(Some(counts)) } else { Err(damaged("they are of another evaluation; evaluate the split again")) }
    }

    /// Where the counts of an evaluation lie.
    pub(super) fn counts_path(&self, report: &EvaluationReport) -> PathBuf {
        // Split and step are for people; what a file belongs to is in the sum.
        let sum = sum_of(&serde_json::to_vec(&identity(report)).unwrap_or_default());
        let split = file_name_from(&report.split);
        self.path.join(SCENES).join(format!("{split}-step-{}-{sum:016x}{ENDING}", report.step))
    }

    /// Writes the counts of an evaluation, or removes those that no longer are its; and why that could not be done, in a
    /// sentence: they are not worth the evaluation itself.
    pub(super) fn write_counts(&self, report: &EvaluationReport, scenes: Option<&SceneCounts>) -> Option<String> {
        let path = self.counts_path(report);
        let written = self.refuse_link(SCENES).and_then(|()| {
            let done = match scenes {
                Some(scenes) => {
                    let made = match fs::create_dir(self.path.join(SCENES)) {
                        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
                        _ => Ok(()),
                    };
                    made.and_then(|()| write_whole(&path, &scene_file(report, scenes)))
                }
                None => remove_entry(&path),
            };
            done.map_err(|error| RunError::unwritable(WHAT, &error, &path))
        });
        // Where the folder has gone that is told by whoever looks for it.
        written.err().map(sentence)
    }

    /// Removes the counts of all evaluations but those of the newest step of each data set, split and way of missing
    /// sensors.
    pub(super) fn drop_other_counts(&self, reports: &[EvaluationReport]) {
        let folder = self.path.join(SCENES);
        if folder.is_symlink() {
            return;
        }
        let kind = |report: &EvaluationReport| {
            (report.dataset.clone(), report.split.clone(), report.of_teacher, report.missing.clone())
        };
        let is_newest = |report: &&EvaluationReport| {
            reports.iter().all(|other| kind(other) != kind(report) || other.step <= report.step)
        };
        let kept: Vec<PathBuf> = reports.iter().filter(is_newest).map(|report| self.counts_path(report)).collect();
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().ends_with(ENDING) && !kept.contains(&entry.path()) {
                // One that cannot be removed only takes room.
                let _left = remove_entry(&entry.path());
            }
        }
    }
}
