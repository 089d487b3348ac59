//! How far the runs of a study are.

use std::fs;
use std::path::{Path, PathBuf};

use super::definition::Study;
use crate::progress::unwatched;
use crate::protocol::{EvaluationReport, RunState, RunSummary};
use crate::recipe::Recipe;
use crate::recipe::catalogue::sensors;
use crate::training::RunFolder;

/// One row, trained from one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Job {
    /// The row's place.
    pub row: usize,
    /// The seed.
    pub seed: u32,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// No run of it is there.
    Missing,
    /// There are runs, and none of what the study asks for now.
    Stale {
        /// The newest.
        run: PathBuf,
        /// What the study asks for otherwise.
        reason: String,
    },
    /// It was begun and has steps to go.
    Unfinished {
        /// Its folder.
        run: PathBuf,
        /// The last step.
        step: u64,
        /// All of them; 0 before the first.
        of: u64,
        /// Whether it can go on: without a checkpoint it must begin anew.
        is_kept: bool,
    },
    /// All steps are taken, and the split is not scored yet.
    Unscored {
        /// Its folder.
        run: PathBuf,
    },
    /// It is scored.
    Done(Box<Scored>),
}

/// A job that is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Its folder.
    pub run: PathBuf,
    /// The figures of its last step on the study's split.
    pub report: EvaluationReport,
    /// The program's version that it was begun with.
    pub version: String,
}

impl Study {
    /// All jobs, seed after seed, so that rows can be compared as early as may be.
    pub fn jobs(&self) -> Vec<Job> {
        let rows = |&seed: &u32| (0..self.rows.len()).map(move |row| Job { row, seed });
        self.seeds.iter().flat_map(rows).collect()
    }

    /// The folder that holds the runs of a job.
    pub fn place(&self, out: &Path, job: Job) -> PathBuf {
        out.join(&self.rows[job.row].folder).join(format!("seed-{}", job.seed))
    }

    /// How far a job is, by the run folders at its place.
    pub fn look(&self, out: &Path, job: Job) -> Standing {
        let wanted = self.rows[job.row].from_seed(job.seed);
        // Not to be interrupted: a place holds a run or two.
        let runs = RunFolder::list(&self.place(out, job), &mut unwatched).unwrap_or_default();
        let mut stale = None;
        for run in runs {
            let reason = match RunFolder::open(&run.path) {
                Ok(folder) => match self.otherwise(&folder, &wanted) {
                    None => return self.standing_of(run, &folder),
                    Some(reason) => reason,
                },
                Err(error) => error.to_string(),
            };
            stale = stale.or(Some(Standing::Stale { run: run.path, reason }));
        }
        stale.unwrap_or(Standing::Missing)
    }

    /// In what a run differs from what is wanted.
    fn otherwise(&self, folder: &RunFolder, wanted: &Recipe) -> Option<String> {
        // A run names the sensors that it found where its recipe left that open.
        let leaves_open = |key: &str| key == sensors::USE.id() && wanted.get(sensors::USE).is_empty();
        let differences = folder.recipe().differences(wanted);
        if let Some(other) = differences.iter().find(|other| !leaves_open(other.key)) {
            return Some(format!("it was trained with {} {}, asked for is {}", other.key, other.ours, other.theirs));
        }
        let place = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_gone| path.to_owned());
        let data = folder.environment().map(|environment| environment.data).unwrap_or_default();
        match &self.data {
            Some(asked) if place(asked) != place(&data) => {
                Some(format!("it was trained on {}, asked for is {}", data.display(), asked.display()))
            }
            _ => None,
        }
    }

    fn standing_of(&self, run: RunSummary, folder: &RunFolder) -> Standing {
        let RunSummary { path: run, step, steps: of, state, .. } = run;
        if state != RunState::Complete {
            let is_kept = !folder.checkpoints().is_empty();
            return Standing::Unfinished { run, step, of, is_kept };
        }
        let is_its = |report: &EvaluationReport| {
            report.split == self.split && report.step == step && !report.of_teacher && report.changed.is_empty()
        };
        let version = folder.environment().map(|known| known.version).unwrap_or_default();
        match folder.evaluations().unwrap_or_default().into_iter().rev().find(is_its) {
            Some(report) => Standing::Done(Box::new(Scored { run, report, version })),
            None => Standing::Unscored { run },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::StepReport;
    use crate::training::Environment;

    fn study(steps: u64) -> Study {
        let text = format!(
            "title = 't'\nbase = 'baseline-demo'\nseeds = [4, 7]\nsteps = {steps}\n[[rows]]\nname = 'one'\n[[rows]]\nname = 'two'\nset = {{ data.flip = 0.0 }}\n"
        );
        Study::from_text(&text, Path::new("s.toml")).unwrap()
    }

    #[test]
    fn a_job_is_missing_begun_trained_scored_and_stale_when_the_study_asks_for_more() {
        let out = tempfile::tempdir().unwrap();
        let study_of_2 = study(2);
        let job = Job { row: 1, seed: 7 };
        assert_eq!(study_of_2.jobs().len(), 4);
        assert_eq!(study_of_2.jobs()[1], Job { row: 1, seed: 4 });
        let look = |study: &Study| study.look(out.path(), job);
        assert_eq!(look(&study_of_2), Standing::Missing);

        let place = study_of_2.place(out.path(), job);
        assert!(place.ends_with("two/seed-7"));
        let mut recipe = study_of_2.rows[1].from_seed(7);
        recipe.set_text("sensors.use", "colour,thermal").unwrap();
        let mut run = RunFolder::create(&place, &recipe, &Environment::default()).unwrap();
        let path = run.path().to_owned();
        assert_eq!(look(&study_of_2), Standing::Unfinished { run: path.clone(), step: 0, of: 0, is_kept: false });
        for step in 1..=2 {
            run.append_step(&StepReport { step, total_steps: 2, ..StepReport::default() }).unwrap();
        }
        assert_eq!(look(&study_of_2), Standing::Unscored { run: path.clone() });
        let mut report = EvaluationReport { split: "val".to_owned(), step: 2, ..EvaluationReport::default() };
        run.add_evaluation(&report).unwrap();
        assert_eq!(look(&study_of_2), Standing::Unscored { run: path.clone() }, "another split");
        report.split = "test".to_owned();
        run.add_evaluation(&report).unwrap();
        assert!(matches!(look(&study_of_2), Standing::Done(scored) if scored.report == report && scored.run == path));

        let Standing::Stale { run, reason } = look(&study(3)) else { panic!("{:?}", look(&study(3))) };
        assert_eq!(run, path);
        assert!(reason.contains("training.steps 2") && reason.contains('3'), "{reason}");
    }
}
