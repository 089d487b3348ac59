//! A data set, a recipe and a place for runs, for tests that begin a run again and again.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Ran, Running, Tiny, only_run_in, run, text, tiny_data, write_recipe};

/// A data set, a recipe and a place for runs.
pub struct Bench {
    pub folder: TempDir,
    pub data: Tiny,
    pub recipe: PathBuf,
}

impl Bench {
    /// The recipe is the tests' small one with these lines.
    pub fn new(recipe: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let data = tiny_data(&folder.path().join("data"));
        let recipe = write_recipe(folder.path(), recipe);
        Self { folder, data, recipe }
    }

    /// A path beside the data.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The words that train into a folder of runs.
    pub fn words(&self, runs: &Path) -> Vec<String> {
        let words = ["train", "--device", "cpu", "--json", "--recipe", text(&self.recipe), "--data"];
        let words = words.into_iter().chain([self.data.argument(), "--out", text(runs)]);
        words.map(str::to_owned).collect()
    }

    /// Trains to the end, undisturbed.
    pub fn train(&self, name: &str) -> Ran {
        let words = self.words(&self.beside(name));
        run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Begins to train.
    pub fn begin(&self, runs: &Path) -> Running {
        let words = self.words(runs);
        Running::start(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A run that is killed as soon as it has written so many checkpoints.
    #[track_caller]
    pub fn killed_after(&self, checkpoints: usize) -> PathBuf {
        let runs = self.beside("killed");
        let mut running = self.begin(&runs);
        for _ in 0..checkpoints {
            running.wait_for("\"event\":\"checkpoint\"");
        }
        running.kill();
        only_run_in(&runs)
    }
}

/// The words that go on with a run.
pub fn resume_words(run: &Path) -> [&str; 6] {
    ["train", "--device", "cpu", "--json", "--resume", text(run)]
}
