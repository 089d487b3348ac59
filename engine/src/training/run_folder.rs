//! The folder of one run: `runs/<time>-<name>/` with recipe, environment, metrics, evaluations, checkpoints and
//! pictures.

mod checkpoints;
mod evaluations;
mod listing;
mod metrics;
mod steps;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use self::metrics::Metrics;
use super::environment::{Environment, Moment};
use super::error::RunError;
use crate::files::{partial_name, sync_folder, write_synced};
use crate::recipe::Recipe;

const RECIPE: &str = "recipe.toml";
const ENVIRONMENT: &str = "environment.json";
const CHECKPOINTS: &str = "checkpoints";
const PICTURES: &str = "pictures";

/// A run's folder, open for reading and for adding to.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    recipe: Recipe,
    metrics: Option<Metrics>,
}

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
