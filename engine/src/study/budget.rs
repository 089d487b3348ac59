//! Seconds of training as numbers of steps, measured once a row and kept, so that all seeds take the same.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::definition::Study;
use crate::files::{read_regular, write_whole};
use crate::recipe::Recipe;
use crate::training::{Lengths, Phases};

/// What a row's seconds came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// The seconds that were asked for.
    pub seconds: f64,
    /// Steps of each phase that take so long.
    pub steps: Lengths,
    /// The seconds that a step of each took.
    pub secs_a_step: Phases<f64>,
    /// Where it was measured: the device in words.
    pub device: String,
    /// The program that measured it.
    pub program: String,
    /// The recipe that was measured, but for what it takes from other rows' runs.
    pub recipe: String,
    /// The data set's folder; the sample data where `None`.
    pub data: Option<PathBuf>,
}

impl Study {
    /// What a row's seconds came to; `None` where that is not measured, or was for something else.
    pub fn budget(&self, out: &Path, row: usize) -> Option<Budget> {
        let kept: Budget = serde_json::from_slice(&read_regular(&self.budget_path(out, row)).ok()?).ok()?;
        let row = &self.rows[row];
        let is_so_long = row.seconds.is_some_and(|asked| asked.to_bits() == kept.seconds.to_bits());
        // By its settings, as a later program has more of them.
        let recipe = Recipe::from_toml(&kept.recipe, &row.folder).ok()?;
        let place = |path: &Option<PathBuf>| path.as_ref().map(|path| fs::canonicalize(path).unwrap_or(path.clone()));
        let is_it = is_so_long && recipe.differences(&row.recipe).is_empty() && place(&kept.data) == place(&self.data);
        is_it.then_some(kept)
    }

    /// Keeps what was measured, and answers with what counts: of two programs that measure at the same time, the first's.
    pub fn keep_budget(&self, out: &Path, row: usize, measured: Budget) -> io::Result<Budget> {
        let path = self.budget_path(out, row);
        let folder = path.parent().unwrap_or(out);
        fs::create_dir_all(folder)?;
        let lock = File::create(folder.join(format!(".{}.lock", self.rows[row].folder)))?;
        // A file system without locks leaves it to the user that no two programs carry out one study.
        let _locked = lock.lock();
        if let Some(kept) = self.budget(out, row) {
            return Ok(kept);
        }
        write_whole(&path, &serde_json::to_vec_pretty(&measured)?)?;
        Ok(measured)
    }

    /// Forgets what a row's seconds came to, for it to be measured anew.
    pub fn forget_budget(&self, out: &Path, row: usize) -> io::Result<()> {
        match fs::remove_file(self.budget_path(out, row)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) fn budget_path(&self, out: &Path, row: usize) -> PathBuf {
        out.join("budgets").join(format!("{}.json", self.rows[row].folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::catalogue::training;
    use crate::study::{Job, Standing};

    fn study(text: &str) -> Study {
        let text = format!("title = 't'\nbase = 'ogp-net-demo'\nseeds = 2\n{text}");
        Study::from_text(&text, Path::new("s.toml")).unwrap()
    }

    fn measured(study: &Study, student: u64) -> Budget {
        Budget {
            seconds: study.rows[0].seconds.unwrap(),
            steps: Lengths { teacher: 5, student, adaptation: 0 },
            secs_a_step: Phases { teacher: 0.5, student: 1.0, adaptation: 0.0 },
            device: "cpu".to_owned(),
            program: "1".to_owned(),
            recipe: study.rows[0].recipe.to_toml(),
            data: study.data.clone(),
        }
    }

    #[test]
    fn seconds_are_measured_once_and_hold_for_every_seed() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let row = "[[rows]]\nname = 'a'\n";
        let timed = study(&format!("seconds = 12\n{row}"));
        let job = Job { row: 0, seed: 2 };
        assert_eq!((timed.budget(out, 0), timed.look(out, job)), (None, Standing::Missing));
        assert!(timed.recipe(out, job).unwrap_err().contains("not measured"));
        assert!(timed.recipe_to_measure(out, job).is_ok());
        assert_eq!(timed.keep_budget(out, 0, measured(&timed, 7)).unwrap().steps.student, 7);
        // The first counts.
        assert_eq!(timed.keep_budget(out, 0, measured(&timed, 9)).unwrap().steps.student, 7);
        for seed in [1, 2] {
            assert_eq!(timed.recipe(out, Job { row: 0, seed }).unwrap().get(training::STEPS), 7);
        }
        for other in [
            study(&format!("seconds = 13\n{row}")),
            study(&format!("seconds = 12\n{row}set = {{ data.flip = 0.0 }}\n")),
            study(&format!("seconds = 12\ndata = 'd'\n{row}")),
        ] {
            assert_eq!(other.budget(out, 0), None, "measured for something else");
        }
        timed.forget_budget(out, 0).unwrap();
        timed.forget_budget(out, 0).unwrap();
        assert_eq!(timed.budget(out, 0), None);
    }

    #[test]
    fn a_row_may_have_seconds_of_its_own_and_none_beside_steps() {
        let own = study("seconds = 12\n[[rows]]\nname = 'a'\n[[rows]]\nname = 'b'\nseconds = 3.5\n");
        assert_eq!(own.rows.iter().map(|row| row.seconds).collect::<Vec<_>>(), [Some(12.0), Some(3.5)]);
        for (text, words) in [
            (
                "seconds = 1\nsteps = 2\n[[rows]]\nname = 'a'\n",
                "row `a` has a budget in `seconds` and the study one in",
            ),
            ("steps = 2\n[[rows]]\nname = 'a'\nseconds = 1\n", "row `a` has a budget in `seconds`"),
            ("seconds = 0\n[[rows]]\nname = 'a'\n", "row `a`: expected more than 0 `seconds`, found 0"),
        ] {
            let text = format!("title = 't'\nbase = 'ogp-net-demo'\nseeds = 2\n{text}");
            let refused = Study::from_text(&text, Path::new("s.toml")).unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
