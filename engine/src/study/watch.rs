//! The runs of a study as they stand, looked at again only where something has changed.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use super::definition::Study;
use super::standing::{Job, Standing};
use super::table::Table;

/// What tells whether a file or folder is as it was.
type Sign = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// What grows or changes in a run folder while something becomes of the run.
const OF_A_RUN: [&str; 5] = ["recipe.toml", "metrics.jsonl", "evaluation.json", "what-if.json", "checkpoints"];

/// Follows the runs of a study.
#[derive(Debug)]
pub struct Watch {
    study: Arc<Study>,
    out: PathBuf,
    places: HashMap<Job, (Sign, Standing)>,
    /// Made when it is asked for, and kept for as long as nothing in it changes: intervals take a while.
    table: OnceLock<Table>,
}

impl Watch {
    /// Of a study whose runs lie in a folder, or will; nothing is looked at yet.
    pub fn new(study: Arc<Study>, out: PathBuf) -> Self {
        Self { study, out, places: HashMap::new(), table: OnceLock::new() }
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
            if self.places.get(&job).is_some_and(|(known, _)| *known == sign) {
                continue;
            }
            let standing = self.study.look(&self.out, job);
            let before = self.places.insert(job, (sign, standing));
            let before = before.map(|(_, standing)| standing);
            let now = self.places.get(&job).map(|(_, standing)| standing);
            let has_changed = before.as_ref() != now;
            if has_changed && [before.as_ref(), now].into_iter().flatten().any(stands_in_the_table) {
                self.table = OnceLock::new();
            }
            has_news |= has_changed;
        }
        has_news
    }

    /// Of a job's place and of those that it takes from: a source that is trained anew makes it stale.
    fn sign(&self, job: Job) -> Sign {
        let mut sign = sign(&self.study.place(&self.out, job));
        sign.extend(signed(self.study.budget_path(&self.out, job.row)));
        sign.extend(self.study.needs(job).into_iter().flat_map(|need| self.sign(need)));
        sign
    }

    /// How each job stands, in the order of [`Study::jobs`]; missing what no look has found.
    pub fn standings(&self) -> Vec<(Job, Standing)> {
        let standing = |job: &Job| self.places.get(job).map_or(Standing::Missing, |(_, standing)| standing.clone());
        self.study.jobs().into_iter().map(|job| (job, standing(&job))).collect()
    }

    /// The table of what is done.
    pub fn table(&self) -> Table {
        self.table.get_or_init(|| self.study.table_from(self.standings())).clone()
    }
}

/// A run under way says nothing in a table.
fn stands_in_the_table(standing: &Standing) -> bool {
    matches!(standing, Standing::Done(_) | Standing::Stale { .. })
}

/// Of a job's place and the runs in it; the same as long as nothing becomes of them.
fn sign(place: &Path) -> Sign {
    let mut runs: Vec<PathBuf> =
        fs::read_dir(place).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    runs.retain(|path| path.is_dir());
    runs.sort();
    runs.iter().flat_map(|run| OF_A_RUN.map(|name| run.join(name))).filter_map(signed).collect()
}

/// Of a file or folder, where it is there.
fn signed(path: PathBuf) -> Option<(PathBuf, u64, Option<SystemTime>)> {
    let known = fs::metadata(&path).ok()?;
    Some((path, known.len(), Metadata::modified(&known).ok()))
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
