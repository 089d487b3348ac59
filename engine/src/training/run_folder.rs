//! The folder of one run: `runs/<time>-<name>/` with recipe, environment, metrics, evaluations, checkpoints and
//! pictures.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::checkpoint::{Checkpoint, aside_name};
use super::environment::{Environment, Moment};
use super::error::RunError;
use crate::files::{partial_name, sync_folder, write_synced, write_whole};
use crate::progress::{Progress, unwatched};
use crate::protocol::{EvaluationReport, StepReport};
use crate::recipe::Recipe;

const RECIPE: &str = "recipe.toml";
const ENVIRONMENT: &str = "environment.json";
const METRICS: &str = "metrics.jsonl";
const EVALUATION: &str = "evaluation.json";
const CHECKPOINTS: &str = "checkpoints";
const PICTURES: &str = "pictures";

/// A run's folder, open for reading and for adding to.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    recipe: Recipe,
    metrics: Option<Metrics>,
}

/// `metrics.jsonl`, open at its end, and the lines that could not be written yet.
#[derive(Debug)]
struct Metrics {
    file: File,
    length: u64,
    unsaved: Vec<u8>,
    /// Lines that were left out of `unsaved` because they would have filled the memory.
    left_out: u64,
}

/// Metrics that wait to be written take no more memory than this.
const MAX_UNSAVED_BYTES: usize = 1 << 20;

impl RunFolder {
    /// Makes a folder in `runs_dir` for a new run.
    pub fn create(runs_dir: &Path, recipe: &Recipe, environment: &Environment) -> Result<Self, RunError> {
        let unwritable = |error: io::Error| RunError::unwritable("the run folder", &error, runs_dir);
        fs::create_dir_all(runs_dir).map_err(unwritable)?;
        let base = format!("{}-{}", Moment::now().compact(), file_name_from(&recipe.name));
        let path = (1_u32..10_000)
            .map(|number| runs_dir.join(if number == 1 { base.clone() } else { format!("{base}-{number}") }))
            .find(|path| !path.exists() && !partial_name(path).exists())
            .unwrap_or_else(|| runs_dir.join(&base));
        let partial = partial_name(&path);
        let made = (|| {
            fs::create_dir(&partial)?;
            fs::create_dir(partial.join(CHECKPOINTS))?;
            fs::create_dir(partial.join(PICTURES))?;
            write_synced(&partial.join(RECIPE), recipe.to_toml().as_bytes())?;
            write_synced(&partial.join(ENVIRONMENT), &serde_json::to_vec_pretty(environment)?)?;
            sync_folder(&partial)?;
            fs::rename(&partial, &path)?;
            sync_folder(runs_dir)
        })();
        if let Err(error) = made {
            let _gone = fs::remove_dir_all(&partial);
            return Err(unwritable(error));
        }
        Ok(Self { path, recipe: recipe.clone(), metrics: None })
    }

    /// Opens the folder of an earlier run.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let recipe_path = path.join(RECIPE);
        match fs::metadata(&recipe_path) {
            Ok(found) if found.is_file() => {}
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(RunError::unreadable("the run folder", &error, path));
            }
            _ => return Err(RunError::NotARun { path: path.to_owned() }),
        }
        let recipe = Recipe::read(&recipe_path)
            .map_err(|error| RunError::Unfit { reason: format!("the run's recipe: {error}"), path: path.to_owned() })?;
        Ok(Self { path: path.to_owned(), recipe, metrics: None })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The recipe that the run began with.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The folder for pictures.
    pub fn pictures(&self) -> PathBuf {
        self.path.join(PICTURES)
    }

    /// Where and with what the run was begun.
    pub fn environment(&self) -> Result<Environment, RunError> {
        let path = self.path.join(ENVIRONMENT);
        let bytes = fs::read(&path).map_err(|error| RunError::unreadable("the run's environment", &error, &path))?;
        serde_json::from_slice(&bytes).map_err(|error| RunError::damaged("environment", error.to_string(), &path))
    }

    /// Adds a line to `metrics.jsonl`. What cannot be written is kept and tried again with the next line.
    pub fn append_step(&mut self, report: &StepReport) -> Result<(), RunError> {
        let path = self.path.join(METRICS);
        let unwritable = |error: io::Error| RunError::unwritable("the metrics", &error, &path);
        let metrics = match &mut self.metrics {
            Some(metrics) => metrics,
            None => self.metrics.insert(Metrics::open(&path).map_err(unwritable)?),
        };
        let mut line = serde_json::to_vec(report).map_err(|error| unwritable(error.into()))?;
        line.push(b'\n');
        metrics.keep(&line);
        metrics.write().map_err(unwritable)
    }

    /// How many steps are missing from the metrics, once others could be written again.
    pub fn take_loss(&mut self) -> Option<String> {
        let metrics = self.metrics.as_mut().filter(|metrics| metrics.left_out > 0 && metrics.unsaved.is_empty())?;
        let count = std::mem::take(&mut metrics.left_out);
        let path = self.path.join(METRICS);
        Some(format!(
            "The metrics can be written again; {count} steps in between were left out of them: {}",
            path.display()
        ))
    }

    /// The reports in `metrics.jsonl`, oldest first, up to the first line that is not whole.
    pub fn steps(&self) -> Result<Vec<StepReport>, RunError> {
        let path = self.path.join(METRICS);
        match fs::read(&path) {
            Ok(bytes) => Ok(whole_lines(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(RunError::unreadable("the metrics", &error, &path)),
        }
    }

    /// Drops the reports after `step`, and returns those that stay.
    pub fn truncate_steps(&mut self, step: u64) -> Result<Vec<StepReport>, RunError> {
        self.metrics = None;
        let mut steps = self.steps()?;
        steps.retain(|report| report.step <= step);
        let path = self.path.join(METRICS);
        let unwritable = |error: io::Error| RunError::unwritable("the metrics", &error, &path);
        // The lines as they were written: numbers that were read and written again may differ in their last digit.
        let bytes = if steps.is_empty() { Vec::new() } else { fs::read(&path).map_err(unwritable)? };
        let text: Vec<u8> = bytes.split_inclusive(|&byte| byte == b'\n').take(steps.len()).flatten().copied().collect();
        write_whole(&path, &text).map_err(unwritable)?;
        Ok(steps)
    }

    /// Every evaluation of this run, oldest first; empty where there is none.
    pub fn evaluations(&self) -> Result<Vec<EvaluationReport>, RunError> {
        let path = self.path.join(EVALUATION);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| RunError::damaged("evaluations", error.to_string(), &path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(RunError::unreadable("the evaluations", &error, &path)),
        }
    }

    /// Adds an evaluation to `evaluation.json`, in place of one of the same split, step and treatment of missing
    /// sensors.
    ///
    /// A file that does not read is set aside under a free name, and the answer says so.
    pub fn add_evaluation(&self, report: &EvaluationReport) -> Result<Option<String>, RunError> {
        let (mut all, warning) = match self.evaluations() {
            Ok(all) => (all, None),
            Err(error) => (Vec::new(), Some(self.set_evaluations_aside(&error)?)),
        };
        let identity = |report: &EvaluationReport| {
            (report.split.clone(), report.step, report.missing.clone(), report.dataset.clone())
        };
        all.retain(|old| identity(old) != identity(report));
        all.push(report.clone());
        self.write_evaluations(&all)?;
        Ok(warning)
    }

    /// Moves `evaluation.json` out of the way of a new one, overwriting nothing.
    fn set_evaluations_aside(&self, why: &RunError) -> Result<String, RunError> {
        let path = self.path.join(EVALUATION);
        let name = |number: u32| {
            let count = if number == 1 { String::new() } else { format!("-{number}") };
            self.path.join(format!("evaluation.unreadable{count}.json"))
        };
        let unwritable = |error: io::Error| RunError::unwritable("the evaluations", &error, &path);
        let free = (1..=u32::MAX).map(name).find(|aside| matches!(aside.try_exists(), Ok(false)));
        let aside = free.ok_or_else(|| unwritable(io::ErrorKind::AlreadyExists.into()))?;
        fs::rename(&path, &aside).map_err(unwritable)?;
        Ok(format!("The earlier evaluations could not be read and were set aside ({why}): {}", aside.display()))
    }

    /// Drops the evaluations after `step`: a resumed run makes them again.
    pub fn truncate_evaluations(&self, step: u64) -> Result<Vec<EvaluationReport>, RunError> {
        let mut all = self.evaluations()?;
        let before = all.len();
        all.retain(|report| report.step <= step);
        if all.len() != before {
            self.write_evaluations(&all)?;
        }
        Ok(all)
    }

    fn write_evaluations(&self, all: &[EvaluationReport]) -> Result<(), RunError> {
        let path = self.path.join(EVALUATION);
        let written =
            serde_json::to_vec_pretty(all).map_err(io::Error::from).and_then(|bytes| write_whole(&path, &bytes));
        written.map_err(|error| RunError::unwritable("the evaluations", &error, &path))
    }

    /// Writes a checkpoint, then removes all but the newest `keep`. Older ones stay until the new one is in place.
    pub fn save_checkpoint(&mut self, checkpoint: &Checkpoint, keep: usize) -> Result<PathBuf, RunError> {
        if let Some(metrics) = &mut self.metrics {
            let path = self.path.join(METRICS);
            let synced = metrics.write().and_then(|()| metrics.file.sync_data());
            synced.map_err(|error| RunError::unwritable("the metrics", &error, &path))?;
        }
        let folder = self.path.join(CHECKPOINTS).join(format!("step-{}", checkpoint.state.step));
        checkpoint.write(&folder)?;
        for (_, old) in self.checkpoints().into_iter().skip(keep.max(1)).filter(|(_, old)| *old != folder) {
            // One that cannot be removed only takes space.
            let _gone = fs::remove_dir_all(old);
        }
        Ok(folder)
    }

    /// Steps and folders of all checkpoints, newest first, whole or not. One that was set aside and never replaced,
    /// because the program was killed in between, counts where it stands.
    pub fn checkpoints(&self) -> Vec<(u64, PathBuf)> {
        let folder = self.path.join(CHECKPOINTS);
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut found: Vec<(u64, PathBuf)> = entries
            .filter_map(|entry| {
                let name = entry.file_name();
                let name = name.to_str()?;
                if let Some(step) = name.strip_prefix("step-") {
                    return Some((step.parse().ok()?, entry.path()));
                }
                let place = folder.join(name.strip_prefix('.')?.strip_suffix(".old")?);
                let step = place.file_name()?.to_str()?.strip_prefix("step-")?.parse().ok()?;
                (!place.exists() && aside_name(&place) == entry.path()).then(|| (step, entry.path()))
            })
            .collect();
        found.sort_unstable();
        found.reverse();
        found
    }

    /// The newest whole checkpoint, and a warning for each newer one that is not whole.
    ///
    /// A checkpoint of another recipe or of a newer program is an error: taking an older one instead would lose work
    /// unseen.
    pub fn newest_checkpoint(&self) -> Result<(Option<Checkpoint>, Vec<String>), RunError> {
        self.newest_checkpoint_watched(&mut unwatched)
    }

    /// [`RunFolder::newest_checkpoint`] that `progress` may end.
    pub fn newest_checkpoint_watched(
        &self,
        progress: &mut Progress<'_>,
    ) -> Result<(Option<Checkpoint>, Vec<String>), RunError> {
        let mut warnings = Vec::new();
        for (_, folder) in self.checkpoints() {
            match Checkpoint::read(&folder, &self.recipe, progress) {
                Ok(checkpoint) => return Ok((Some(checkpoint), warnings)),
                Err(error @ (RunError::Damaged { .. } | RunError::Unreadable { .. })) => {
                    warnings.push(format!("Ignored a checkpoint: {error}"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok((None, warnings))
    }
}

impl Metrics {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, length, unsaved: Vec::new(), left_out: 0 })
    }

    /// Takes a line to be written. Where too many wait, every second one goes: what stays still shows the whole course.
    fn keep(&mut self, line: &[u8]) {
        self.unsaved.extend(line);
        if self.unsaved.len() > MAX_UNSAVED_BYTES {
            let lines: Vec<&[u8]> = self.unsaved.split_inclusive(|&byte| byte == b'\n').collect();
            self.left_out += lines.len() as u64 / 2;
            // The newest stays in any case.
            self.unsaved = lines.into_iter().rev().step_by(2).rev().flatten().copied().collect();
        }
    }

    /// Writes what is unsaved behind the last whole line; a torn line is overwritten by the next attempt.
    fn write(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.length))?;
        if let Err(error) = self.file.write_all(&self.unsaved) {
            let _restored = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += self.unsaved.len() as u64;
        self.unsaved.clear();
        Ok(())
    }
}

/// The reports before the first torn or foreign line.
fn whole_lines(bytes: &[u8]) -> Vec<StepReport> {
    bytes
        .split_inclusive(|&byte| byte == b'\n')
        .map_while(|line| serde_json::from_slice(line.strip_suffix(b"\n")?).ok())
        .collect()
}

/// A recipe's name as a part of a file name: letters, digits, dots and dashes.
fn file_name_from(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|letter| if letter.is_alphanumeric() || letter == '.' { letter } else { '-' })
        .take(48)
        .collect();
    let kept = kept.trim_matches(['-', '.']);
    if kept.is_empty() { "run".to_owned() } else { kept.to_owned() }
}

#[cfg(test)]
mod tests;
