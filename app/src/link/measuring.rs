//! A few steps of a recipe, taken by the program itself in a process of its own, to know how long one takes.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fusionscope_engine::files::write_whole;
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::study::StepSecs;
use serde::Deserialize;

/// How many steps of each phase are counted.
const STEPS: &str = "5";

/// A measurement under way; it ends with this.
#[derive(Debug)]
pub(super) struct Measuring {
    child: Child,
    recipe: PathBuf,
}

/// What `bench --json` prints.
#[derive(Deserialize)]
struct Bench {
    phases: Vec<Phase>,
}

#[derive(Deserialize)]
struct Phase {
    phase: String,
    median_ms: f64,
}

impl Measuring {
    /// Begins one.
    ///
    /// The recipe lies in `folder` meanwhile.
    pub(super) fn begin(program: &Path, recipe: &Recipe, data: Option<&Path>, folder: &Path) -> Result<Self, String> {
        let path = folder.join(format!(".measured-{}.toml", std::process::id()));
        let refused = |error: std::io::Error| format!("No step could be measured: {error}: {}", path.display());
        std::fs::create_dir_all(folder)
            .and_then(|()| write_whole(&path, recipe.to_toml().as_bytes()))
            .map_err(refused)?;
        let mut command = Command::new(program);
        command.arg("bench").arg("--recipe").arg(&path).args(["--steps", STEPS, "--json"]);
        if let Some(data) = data {
            command.arg("--data").arg(data);
        }
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = piped.spawn().map_err(refused)?;
        Ok(Self { child, recipe: path })
    }

    /// What came of it; `None` while it is under way.
    pub(super) fn look(&mut self) -> Option<Result<StepSecs, String>> {
        let status = match self.child.try_wait() {
            Ok(None) => return None,
            Ok(Some(status)) => status,
            Err(error) => return Some(Err(format!("The measurement was lost: {error}"))),
        };
        // A line each, and so there at once.
        let read = |pipe: Option<&mut dyn std::io::Read>| {
            let mut text = String::new();
            let _cut_short = pipe.map(|pipe| pipe.read_to_string(&mut text));
            text
        };
        let out = read(self.child.stdout.as_mut().map(|pipe| pipe as &mut dyn std::io::Read));
        let err = read(self.child.stderr.as_mut().map(|pipe| pipe as &mut dyn std::io::Read));
        Some(if status.success() { measured(&out) } else { Err(complaint(&err)) })
    }
}

impl Drop for Measuring {
    fn drop(&mut self) {
        // It has ended by itself where it is no longer there.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
        let _gone = std::fs::remove_file(&self.recipe);
    }
}

fn measured(text: &str) -> Result<StepSecs, String> {
    let unread = || "The measurement said nothing that could be read".to_owned();
    let bench: Bench = text.lines().find_map(|line| serde_json::from_str(line).ok()).ok_or_else(unread)?;
    let secs = |name: &str| bench.phases.iter().find(|phase| phase.phase == name).map(|phase| phase.median_ms / 1e3);
    let student = secs("student").filter(|secs| secs.is_finite()).ok_or_else(unread)?;
    Ok(StepSecs { teacher: secs("teacher").unwrap_or(student), student })
}

fn complaint(text: &str) -> String {
    let last = text.lines().rev().find_map(|line| line.strip_prefix("error: "));
    format!("No step could be measured: {}", last.unwrap_or("it ended without a word"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seconds_of_a_step_are_the_medians_of_its_phases() {
        let line = r#"{"event":"bench","recipe":"r","phases":[{"phase":"teacher","median_ms":50.0,"steps":5},
                       {"phase":"student","median_ms":200.0}],"peak_memory_mb":null}"#
            .replace('\n', "");
        assert_eq!(measured(&line), Ok(StepSecs { teacher: 0.05, student: 0.2 }));
        let alone = r#"{"phases":[{"phase":"student","median_ms":200.0}]}"#;
        assert_eq!(measured(alone), Ok(StepSecs { teacher: 0.2, student: 0.2 }));
        assert!(measured("nothing\n").is_err());
        assert_eq!(complaint("warning: a\nerror: no data\n"), "No step could be measured: no data");
    }
}
