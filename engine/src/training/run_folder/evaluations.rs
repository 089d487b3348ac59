//! The evaluations of a run: `evaluation.json`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::kept::Kept;
use super::{EVALUATION, RunFolder, SCENES, lock};
use crate::files::lock::Lock;
use crate::files::{free_name, is_taken, open_regular, put_copy, read_regular, write_synced, write_whole};
use crate::protocol::{Evaluated, EvaluationReport, ProtocolReport, SceneCounts};
use crate::training::error::RunError;

/// Locked while evaluations are read, changed and written, so that those of several programs are all kept.
const LOCK: &str = ".evaluation.lock";
/// How long other programs are waited for, which need moments.
const PATIENCE: Duration = Duration::from_secs(10);

/// The right to change the evaluations of a run, and to write what goes with them, until it is dropped.
#[derive(Debug)]
pub struct LockedEvaluations<'a> {
    run: &'a mut RunFolder,
    _lock: Option<Lock>,
    warnings: Vec<String>,
}

/// What was read of `evaluation.json`.
#[derive(Default)]
struct Reading {
    kept: Vec<Kept>,
    /// Why not all of it reads, and the whole file.
    damage: Option<(String, Vec<u8>)>,
}

impl RunFolder {
    /// Every evaluation of this run that can be read, oldest first; empty where there is none.
    pub fn evaluations(&self) -> Result<Vec<EvaluationReport>, RunError> {
        Ok(evaluations_of(self.read_evaluations()?.kept))
    }

    /// The figures of every protocol of this run that can be read, oldest first; empty where there is none.
    pub fn protocols(&self) -> Result<Vec<ProtocolReport>, RunError> {
        Ok(self.read_evaluations()?.kept.into_iter().filter_map(Kept::protocol).collect())
    }

    /// [`RunFolder::evaluations`], and a sentence where not all could be read.
    pub fn evaluations_with_warning(&self) -> Result<(Vec<EvaluationReport>, Option<String>), RunError> {
        let Reading { kept, damage } = self.read_evaluations()?;
        let (count, path) = (kept.len(), self.evaluation_path());
        let warning = damage.map(|(why, _)| {
            format!(
                "Not all evaluations of the run could be read ({why}); {count} are kept, and the file as it is will be \
                 set aside when the next one is written: {}",
                path.display()
            )
        });
        Ok((evaluations_of(kept), warning))
    }

    /// Waits until no other program changes the evaluations, and keeps others from it.
    pub fn lock_evaluations(&mut self) -> Result<LockedEvaluations<'_>, RunError> {
        let path = self.path.join(LOCK);
        let taking = |_: &mut Self| lock::take(&path, "write the run's evaluations", PATIENCE);
        let (lock, warning) = self.making(&[&path], taking)?;
        Ok(LockedEvaluations { run: self, _lock: lock, warnings: warning.into_iter().collect() })
    }

    /// [`LockedEvaluations::add`], where nothing else is written with it.
    pub fn add_evaluation(&mut self, report: &EvaluationReport) -> Result<Option<String>, RunError> {
        self.lock_evaluations()?.add(report, None)
    }

    /// Adds the figures of a protocol; see [`LockedEvaluations::add_protocol`].
    pub fn add_protocol(&mut self, report: &ProtocolReport) -> Result<Option<String>, RunError> {
        self.lock_evaluations()?.add_protocol(report)
    }

    /// The same for whoever trains the run: where others have removed the evaluations, these are put back.
    pub fn keep_protocol(&mut self, report: &ProtocolReport) -> Result<Option<String>, RunError> {
        self.in_place()?;
        self.mend_evaluations()?;
        let added = self.add_protocol(report);
        self.look_at_evaluations();
        added
    }

    /// [`RunFolder::add_evaluation`] for whoever trains the run. Where others have removed the earlier ones, these are put
    /// back.
    pub fn keep_evaluation(&mut self, evaluated: &Evaluated) -> Result<Option<String>, RunError> {
        self.in_place()?;
        self.mend_evaluations()?;
        let added = self.lock_evaluations()?.add(&evaluated.report, evaluated.scenes.as_ref());
        self.look_at_evaluations();
        added
    }

    /// Drops the evaluations after `step`, which a resumed run makes again; returns those that stay, and what was set
    /// aside.
    pub fn truncate_evaluations(&mut self, step: u64) -> Result<(Vec<EvaluationReport>, Vec<String>), RunError> {
        let mut locked = self.lock_evaluations()?;
        let Reading { mut kept, damage } = locked.run.read_evaluations()?;
        let before = kept.len();
        kept.retain(|kept| kept.step() <= step);
        let is_changed = kept.len() != before || damage.is_some();
        if is_changed {
            locked.warnings.extend(locked.run.set_damaged_aside(damage)?);
            locked.run.write_evaluations(&kept)?;
        }
        let reports = evaluations_of(kept);
        if is_changed {
            locked.run.drop_other_counts(&reports);
        }
        let warnings = locked.warnings;
        self.look_at_evaluations();
        Ok((reports, warnings))
    }

    /// Holds the evaluations open as they are now, so that they can be put back.
    pub(super) fn look_at_evaluations(&mut self) {
        self.evaluations = open_regular(&self.evaluation_path()).ok().or_else(|| self.evaluations.take());
    }

    /// Puts the evaluations back where others have removed them, out of what is still open here.
    pub(super) fn mend_evaluations(&mut self) -> Result<(), RunError> {
        let path = self.evaluation_path();
        let unwritable = |error: io::Error| RunError::unwritable("the evaluations", &error, &path);
        if self.evaluations.is_none() || is_taken(&path).map_err(unwritable)? {
            return Ok(());
        }
        self.outlast_removal()?;
        let locked = self.lock_evaluations()?;
        locked.run.making(&[&path], |run| {
            // Another program may have written some meanwhile.
            let is_taken = is_taken(&path).map_err(unwritable)?;
            if let Some(file) = run.evaluations.as_mut().filter(|_| !is_taken) {
                let copy = put_copy(file, &path).map_err(unwritable)?;
                *file = copy;
                run.news.push(format!(
                    "The evaluations of the run were removed by another program and have been put back: {}",
                    path.display()
                ));
            }
            Ok(())
        })
    }

    fn evaluation_path(&self) -> PathBuf {
        self.path.join(EVALUATION)
    }

    fn read_evaluations(&self) -> Result<Reading, RunError> {
        let path = self.evaluation_path();
        let bytes = match read_regular(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Reading::default()),
            Err(error) => return Err(RunError::unreadable("the evaluations", &error, &path)),
        };
        Ok(match serde_json::from_slice(&bytes) {
            Ok(kept) => Reading { kept, damage: None },
            Err(error) => Reading { kept: recovered(&bytes), damage: Some((error.to_string(), bytes)) },
        })
    }

    fn write_evaluations(&self, all: &[Kept]) -> Result<(), RunError> {
        let path = self.evaluation_path();
        let written =
            serde_json::to_vec_pretty(all).map_err(io::Error::from).and_then(|bytes| write_whole(&path, &bytes));
        written.map_err(|error| RunError::unwritable("the evaluations", &error, &path))
    }

    /// Keeps a copy of a file of which not all reads, before what reads takes its place, and says so.
    fn set_damaged_aside(&self, damage: Option<(String, Vec<u8>)>) -> Result<Option<String>, RunError> {
        let Some((why, bytes)) = damage else { return Ok(None) };
        let path = self.evaluation_path();
        let aside = free_name(&path, "unreadable").and_then(|aside| write_synced(&aside, &bytes).map(|()| aside));
        let aside = aside.map_err(|error| RunError::unwritable("the evaluations", &error, &path))?;
        Ok(Some(format!(
            "Not all earlier evaluations could be read ({why}); what reads is kept, and the whole file was set aside: {}",
            aside.display()
        )))
    }

    /// Moves what is no file of ours, a folder or a pipe, out of the way of one, and says so.
    fn move_aside(&self, why: &RunError) -> Result<String, RunError> {
        let path = self.evaluation_path();
        let aside = free_name(&path, "unreadable").and_then(|aside| fs::rename(&path, &aside).map(|()| aside));
        let aside = aside.map_err(|error| RunError::unwritable("the evaluations", &error, &path))?;
        Ok(format!("The earlier evaluations could not be read and were set aside ({why}): {}", aside.display()))
    }
}

impl LockedEvaluations<'_> {
    /// The run, whose evaluations no one else changes meanwhile.
    pub(super) fn folder(&mut self) -> &mut RunFolder {
        self.run
    }

    /// Adds an evaluation to `evaluation.json`, in place of one of the same split, step and settings.
    ///
    /// A file that does not read is set aside under a free name, and the answer says so. What reads of it is kept. The
    /// counts of single `scenes` lie beside it; those that cannot be written are done without, and the answer says so.
    pub fn add(&mut self, report: &EvaluationReport, scenes: Option<&SceneCounts>) -> Result<Option<String>, RunError> {
        let (all_counts, counts) = (self.run.path.join(SCENES), self.run.counts_path(report));
        self.put(Kept::Evaluation(Box::new(report.clone())), &[&all_counts, &counts], &|run| {
            run.write_counts(report, scenes)
        })
    }

    /// Adds the figures of a protocol, in place of those of the same protocol, split, step and settings; see
    /// [`LockedEvaluations::add`].
    pub fn add_protocol(&mut self, report: &ProtocolReport) -> Result<Option<String>, RunError> {
        self.put(Kept::Protocol(Box::new(report.clone())), &[], &|_| None)
    }

    /// `beside` writes what goes with it, into these entries of the folder, and says what could not be written.
    fn put(
        &mut self,
        new: Kept,
        entries: &[&Path],
        beside: &dyn Fn(&RunFolder) -> Option<String>,
    ) -> Result<Option<String>, RunError> {
        let (path, warnings) = (self.run.evaluation_path(), &mut self.warnings);
        let entries: Vec<&Path> = [path.as_path()].into_iter().chain(entries.iter().copied()).collect();
        self.run.making(&entries, |run| {
            let mut all = match run.read_evaluations() {
                Ok(Reading { kept, damage }) => {
                    warnings.extend(run.set_damaged_aside(damage)?);
                    kept
                }
                Err(error) => {
                    warnings.push(run.move_aside(&error)?);
                    Vec::new()
                }
            };
            all.retain(|old| !new.replaces(old));
            all.push(new);
            warnings.extend(beside(run));
            run.write_evaluations(&all)?;
            run.drop_other_counts(&evaluations_of(all));
            Ok(())
        })?;
        let warnings = std::mem::take(&mut self.warnings);
        Ok(Some(warnings.join(". ")).filter(|words| !words.is_empty()))
    }
}

fn evaluations_of(kept: Vec<Kept>) -> Vec<EvaluationReport> {
    kept.into_iter().filter_map(Kept::evaluation).collect()
}

/// The evaluations in a damaged list: every one that is whole, wherever the damage lies.
fn recovered(bytes: &[u8]) -> Vec<Kept> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(start) = rest.iter().position(|&byte| byte == b'{') {
        rest = &rest[start..];
        let mut reports = serde_json::Deserializer::from_slice(rest).into_iter();
        // Within an evaluation that is damaged nothing reads as one.
        rest = if let Some(Ok(report)) = reports.next() {
            found.push(report);
            &rest[reports.byte_offset()..]
        } else {
            &rest[1..]
        };
    }
    found
}
