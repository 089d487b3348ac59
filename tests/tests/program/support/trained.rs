//! A trained run that tests share.

use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use super::data::{Tiny, tiny_data, write_recipe};
use super::program::run;

/// A data set and a run trained on it, made once and only read by the tests.
pub struct Trained {
    folder: TempDir,
    /// The data set.
    pub data: Tiny,
    /// The run folder.
    pub run: PathBuf,
    /// What training said, as JSON.
    pub lines: Vec<Value>,
}

impl Trained {
    /// The run folder as an argument.
    pub fn run(&self) -> &str {
        self.run.to_str().unwrap()
    }

    /// A path of a test's own beside the data.
    pub fn beside(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}

/// See [`Trained`].
pub fn trained() -> &'static Trained {
    static TRAINED: OnceLock<Trained> = OnceLock::new();
    TRAINED.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let data = tiny_data(&folder.path().join("data"));
        let recipe = write_recipe(folder.path(), "");
        let out = folder.path().join("runs");
        let words =
            ["train", "--device", "cpu", "--json", "--recipe", recipe.to_str().unwrap(), "--data", data.argument()];
        let ran = run(&[&words[..], &["--out", out.to_str().unwrap()]].concat()).ends_with(0);
        let (run, lines) = (ran.run_folder(), ran.json_lines());
        Trained { folder, data, run, lines }
    })
}
