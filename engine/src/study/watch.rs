//! The runs of a study as they stand, looked at again only where something has changed.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::definition::Study;
use super::draws::Draws;
use super::standing::{Job, Standing};
use super::table::Table;
use crate::files::stamp::Stamp;
use crate::training::RunStamps;

/// What tells whether the runs that a job goes by are as they were, and what its seconds came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sign {
    runs: Vec<(PathBuf, RunStamps)>,
    budgets: Vec<Stamp>,
}

/// A job's place as it was seen last.
#[derive(Debug)]
struct Seen {
    sign: Sign,
    standing: Standing,
    /// Whether another build or version of the program has begun its run.
    is_of_another: bool,
}

/// Follows the runs of a study.
#[derive(Debug)]
pub struct Watch {
    study: Arc<Study>,
    out: PathBuf,
    places: HashMap<Job, Seen>,
    /// Made when it is asked for, and kept for as long as nothing in it changes: intervals take a while.
    table: Option<Table>,
    draws: Draws,
}

impl Watch {
    /// Of a study whose runs lie in a folder, or will; nothing is looked at yet.
    pub fn new(study: Arc<Study>, out: PathBuf) -> Self {
        Self { study, out, places: HashMap::new(), table: None, draws: Draws::default() }
    }

    /// The study.
    pub fn study(&self) -> &Arc<Study> {
        &self.study
    }

    /// The folder of its runs.
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// Looks at the places where something has changed since the last look; says whether any run stands otherwise.
    pub fn look(&mut self) -> bool {
        let mut has_news = false;
        for job in self.study.jobs() {
            let sign = self.sign(job);
            if self.places.get(&job).is_some_and(|seen| seen.sign == sign) {
                continue;
            }
            let standing = self.study.look(&self.out, job);
            let is_of_another = standing.other_program().is_some();
            let before = self.places.get(&job).map(|seen| &seen.standing);
            let has_changed = before != Some(&standing);
            if has_changed && before.into_iter().chain([&standing]).any(stands_in_the_table) {
                self.table = None;
            }
            self.places.insert(job, Seen { sign, standing, is_of_another });
            has_news |= has_changed;
        }
        has_news
    }

    /// Of a job's place and of those that it takes from: a source that is trained anew makes it stale.
    fn sign(&self, job: Job) -> Sign {
        let mut sign = Sign {
            runs: runs_in(&self.study.place(&self.out, job)),
            budgets: vec![Stamp::of(&self.study.budget_path(&self.out, job.row))],
        };
        for Sign { runs, budgets } in self.study.needs(job).into_iter().map(|need| self.sign(need)) {
            sign.runs.extend(runs);
            sign.budgets.extend(budgets);
        }
        sign
    }

    /// How each job stands, in the order of [`Study::jobs`]; missing what no look has found.
    pub fn standings(&self) -> Vec<(Job, Standing)> {
        let standing = |job: &Job| self.places.get(job).map_or(Standing::Missing, |seen| seen.standing.clone());
        self.study.jobs().into_iter().map(|job| (job, standing(&job))).collect()
    }

    /// How many runs another build or version of the program has begun.
    pub fn made_by_others(&self) -> usize {
        self.places.values().filter(|seen| seen.is_of_another).count()
    }

    /// The table of what is done.
    pub fn table(&mut self) -> Table {
        let standings = self.standings();
        let make = || self.study.table_with(standings, &mut self.draws);
        self.table.get_or_insert_with(make).clone()
    }
}

/// A run under way says nothing in a table.
fn stands_in_the_table(standing: &Standing) -> bool {
    matches!(standing, Standing::Done(_) | Standing::Stale { .. })
}

/// The folders at a job's place; the same as long as nothing becomes of the runs in them.
fn runs_in(place: &Path) -> Vec<(PathBuf, RunStamps)> {
    let mut runs: Vec<PathBuf> =
        fs::read_dir(place).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    runs.retain(|path| path.is_dir());
    runs.sort();
    let stamped = |run: PathBuf| {
        let stamps = RunStamps::of(&run);
        (run, stamps)
    };
    runs.into_iter().map(stamped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{EvaluationReport, StepReport};
    use crate::training::{Environment, RunFolder};

    #[test]
    fn only_what_has_changed_is_looked_at_again_and_told_as_news() {
        let out = tempfile::tempdir().unwrap();
        let text = "title = 't'\nbase = 'baseline-demo'\nseeds = [4]\nsteps = 2\nsplit = 'test'\n\
                    [[rows]]\nname = 'one'\n[[rows]]\nname = 'two'\nset = { data.flip = 0.0 }\n";
        let study = Arc::new(Study::from_text(text, Path::new("s.toml")).unwrap());
        let mut watch = Watch::new(Arc::clone(&study), out.path().to_owned());
        assert!(watch.look(), "the first look is news");
        assert!(!watch.look());
        assert!(watch.standings().iter().all(|(_, standing)| *standing == Standing::Missing));

        let job = Job { row: 1, seed: 4 };
        let place = study.place(out.path(), job);
        let recipe = study.rows[1].from_seed(4);
        let mut run = RunFolder::create(&place, &recipe, &Environment::default()).unwrap();
        run.append_step(&StepReport { step: 1, total_steps: 2, ..StepReport::default() }).unwrap();
        assert!(watch.look());
        let standings = watch.standings();
        assert!(matches!(standings[1], (found, Standing::Unfinished { step: 1, of: 2, .. }) if found == job));
        assert_eq!(standings[0].1, Standing::Missing);
        assert!(!watch.look());
        assert!(watch.table().rows[1].seeds.is_empty());
        assert_eq!(watch.made_by_others(), 1, "its environment names no program");

        run.append_step(&StepReport { step: 2, total_steps: 2, ..StepReport::default() }).unwrap();
        let report = EvaluationReport { split: "test".to_owned(), step: 2, ..EvaluationReport::default() };
        run.add_evaluation(&report).unwrap();
        assert!(watch.look());
        let table = watch.table();
        assert_eq!((table.rows[0].seeds.len(), table.rows[1].seeds.as_slice()), (0, &[4][..]));
        assert!(!watch.look());
    }

    #[test]
    fn what_takes_from_a_run_is_looked_at_when_that_is_another() {
        let out = tempfile::tempdir().unwrap();
        let text = "title = 't'\nbase = 'baseline-demo'\nseeds = [4]\n[[rows]]\nname = 'source'\nshown = false\n\
                    [[rows]]\nname = 'taker'\nset = { encoder.pretrained = { row = 'source' } }\n";
        let study = Arc::new(Study::from_text(text, Path::new("s.toml")).unwrap());
        let train = |row: usize| {
            let job = Job { row, seed: 4 };
            let recipe = study.recipe(out.path(), job).unwrap();
            let mut run = RunFolder::create(&study.place(out.path(), job), &recipe, &Environment::default()).unwrap();
            run.append_step(&StepReport { step: 1, total_steps: 1, ..StepReport::default() }).unwrap();
            fs::create_dir(run.path().join("checkpoints/step-1")).unwrap();
        };
        train(0);
        train(1);
        let mut watch = Watch::new(Arc::clone(&study), out.path().to_owned());
        watch.look();
        let taker = |watch: &Watch| watch.standings()[1].1.clone();
        assert!(matches!(taker(&watch), Standing::Unscored { .. }));
        train(0);
        assert!(watch.look());
        assert!(matches!(taker(&watch), Standing::Stale { .. }), "{:?}", taker(&watch));
    }
}
