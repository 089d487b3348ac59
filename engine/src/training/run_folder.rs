//! The folder of one run: `runs/<time>-<name>/` with recipe, environment, metrics, record, evaluations, counts of
//! single scenes, pages of pinned scenes and checkpoints.

mod adding;
mod adding_events;
mod album;
mod bin;
pub(super) mod card;
mod checkpoints;
mod contents;
mod evaluations;
mod events;
mod figures;
pub(super) mod finder;
mod history;
mod in_place;
mod kept;
mod lines;
mod listing;
mod lock;
mod made;
mod notes;
mod page;
mod page_file;
mod record;
mod recording;
mod remains;
mod scene_counts;
mod scene_file;
mod stamps;
mod steps;
mod what_ifs;
mod writer;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use self::events::Events;
pub use self::events::wall_secs;
pub use self::history::History;
use self::lines::Lines;
use self::made::Made;
pub use self::page::Page;
pub(crate) use self::record::changes_in;
pub use self::stamps::RunStamps;
use super::environment::{Environment, Moment};
use super::error::RunError;
use crate::files::lock::Lock;
use crate::files::{is_taken, partial_name, read_regular, remove_entry, sync_folder, write_synced};
use crate::recipe::Recipe;

const RECIPE: &str = "recipe.toml";
const ENVIRONMENT: &str = "environment.json";
const CHECKPOINTS: &str = "checkpoints";
/// One line a step.
const METRICS: &str = "metrics.jsonl";
/// One line an event.
const RECORD: &str = "record.jsonl";
const EVALUATION: &str = "evaluation.json";
/// Pages of pinned scenes.
const ALBUM: &str = "album";
/// What evaluations counted in single scenes.
const SCENES: &str = "scenes";

/// A run's folder, open for reading and for adding to.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    recipe: Recipe,
    metrics: Lines,
    record: Lines,
    /// What is written for TensorBoard, where that is asked for.
    events: Option<Events>,
    /// `evaluation.json` as the run has last seen it, while it is trained.
    evaluations: Option<File>,
    /// What others did to the evaluations, in words, until it is told.
    news: Vec<String>,
    /// The folder itself, known by its number and not by its name, since something was first written into it.
    place: Option<File>,
    /// What was made in it of late.
    made: Made,
    /// Held by whoever trains.
    lock: Option<Lock>,
}

impl RunFolder {
    /// Makes a folder in `runs_dir` for a new run.
    pub fn create(runs_dir: &Path, recipe: &Recipe, environment: &Environment) -> Result<Self, RunError> {
        let unwritable = |error: io::Error| RunError::unwritable("the run folder", &error, runs_dir);
        fs::create_dir_all(runs_dir).map_err(unwritable)?;
        let base = format!("{}-{}", Moment::now().compact(), file_name_from(&recipe.name));
        for number in 1_u32.. {
            let path = runs_dir.join(if number == 1 { base.clone() } else { format!("{base}-{number}") });
            match create_at(&path, recipe, environment) {
                Ok(()) => return Ok(Self::at(path, recipe.clone())),
                // Another run that begins in the same second has it.
                Err(error) if is_in_use(&error) && number < 10_000 => {}
                Err(error) => return Err(unwritable(error)),
            }
        }
        Err(unwritable(io::ErrorKind::AlreadyExists.into()))
    }

    /// Opens the folder of an earlier run for reading; to go on with it, it must be locked.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let recipe_path = path.join(RECIPE);
        match fs::metadata(&recipe_path) {
            Ok(found) if found.is_file() => {}
            Ok(_) => {
                let error = io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
                return Err(RunError::unreadable("the run's recipe", &error, &recipe_path));
            }
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(RunError::unreadable("the run folder", &error, path));
            }
            _ => return Err(RunError::NotARun { path: path.to_owned() }),
        }
        let recipe = Recipe::read(&recipe_path)
            .map_err(|error| RunError::Unfit { reason: format!("the run's recipe: {error}"), path: path.to_owned() })?;
        Ok(Self::at(path.to_owned(), recipe))
    }

    fn at(path: PathBuf, recipe: Recipe) -> Self {
        let metrics = Lines::at(path.join(METRICS), "the metrics");
        let record = Lines::at(path.join(RECORD), "the run's record");
        let (made, news) = (Made::default(), Vec::new());
        Self { path, recipe, metrics, record, events: None, evaluations: None, news, place: None, made, lock: None }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The recipe that the run began with.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Where and with what the run was begun.
    pub fn environment(&self) -> Result<Environment, RunError> {
        let path = self.path.join(ENVIRONMENT);
        let bytes = read_regular(&path);
        let bytes = bytes.map_err(|error| RunError::unreadable("the run's environment", &error, &path))?;
        serde_json::from_slice(&bytes).map_err(|error| RunError::damaged("environment", error.to_string(), &path))
    }
}

/// Makes a run folder: all of it, or nothing. Whoever makes the temporary folder has the name.
fn create_at(path: &Path, recipe: &Recipe, environment: &Environment) -> io::Result<()> {
    if is_taken(path)? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let partial = partial_name(path);
    fs::create_dir(&partial)?;
    let made = (|| {
        fs::create_dir(partial.join(CHECKPOINTS))?;
        write_synced(&partial.join(RECIPE), recipe.to_toml().as_bytes())?;
        write_synced(&partial.join(ENVIRONMENT), &serde_json::to_vec_pretty(environment)?)?;
        sync_folder(&partial)?;
        fs::rename(&partial, path)
    })();
    if let Err(error) = made {
        let _gone = remove_entry(&partial);
        return Err(error);
    }
    path.parent().map_or(Ok(()), sync_folder)
}

fn is_in_use(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty)
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
