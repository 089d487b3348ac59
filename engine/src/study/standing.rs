//! How far the runs of a study are.

use std::collections::HashSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::definition::Study;
use super::product::Product;
use super::supposed::with_it;
use crate::data::scene::SAMPLE_NAME;
use crate::places;
use crate::progress::unwatched;
use crate::protocol::{EvaluationReport, Protocol, ProtocolReport, RunState, RunSummary};
use crate::recipe::catalogue::{evaluation, sensors};
use crate::recipe::{Difference, Recipe, RecipeError, Value};
use crate::training::{Environment, RunFolder};

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
        /// The protocol that is lacking; the evaluation itself is where `None`.
        protocol: Option<Protocol>,
    },
    /// All steps are taken, which is all that is asked of a row that the table does not show.
    Prepared {
        /// Its folder.
        run: PathBuf,
    },
    /// It is scored.
    Done(Box<Scored>),
}

impl Standing {
    /// The run that it is told of, where there is one.
    pub fn run(&self) -> Option<&Path> {
        match self {
            Self::Missing => None,
            Self::Stale { run, .. }
            | Self::Unfinished { run, .. }
            | Self::Unscored { run, .. }
            | Self::Prepared { run } => Some(run),
            Self::Done(done) => Some(&done.run),
        }
    }

    /// The run, where all its steps are taken: others may take from it.
    pub fn trained(&self) -> Option<&Path> {
        match self {
            Self::Missing | Self::Stale { .. } | Self::Unfinished { .. } => None,
            Self::Unscored { .. } | Self::Prepared { .. } | Self::Done(_) => self.run(),
        }
    }

    /// The program that the run was begun with, where that is another build or version than this one.
    pub fn other_program(&self) -> Option<String> {
        let program = RunFolder::open(self.run()?).ok()?.environment().ok()?.program();
        (program != Environment::program_here()).then_some(program)
    }
}

/// A job that is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Its folder.
    pub run: PathBuf,
    /// The figures of its last step on the study's split.
    pub report: EvaluationReport,
    /// Those of the protocols that the study takes figures of.
    pub protocols: Vec<ProtocolReport>,
    /// The program that it was begun with, version and build.
    pub version: String,
}

impl Study {
    /// All jobs, seed after seed, so that rows can be compared as early as may be; what others need comes before them.
    pub fn jobs(&self) -> Vec<Job> {
        let (mut jobs, mut seen) = (Vec::new(), HashSet::new());
        for &seed in &self.seeds {
            for row in 0..self.rows.len() {
                self.add(self.job(row, seed), &mut jobs, &mut seen);
            }
        }
        jobs
    }

    fn add(&self, job: Job, jobs: &mut Vec<Job>, seen: &mut HashSet<Job>) {
        if seen.insert(job) {
            for other in self.needs(job) {
                self.add(other, jobs, seen);
            }
            jobs.push(job);
        }
    }

    /// The jobs whose results a job takes, which must be done before it begins.
    pub fn needs(&self, job: Job) -> Vec<Job> {
        let row = &self.rows[job.row];
        let rows = row.needs.iter().map(|need| need.row).chain(row.of);
        let mut jobs: Vec<Job> = rows.map(|row| self.job(row, job.seed)).collect();
        jobs.dedup();
        jobs
    }

    /// The job whose runs are scored for a job: itself, but where its row differs from another by its what-if alone.
    pub fn trained_as(&self, job: Job) -> Job {
        self.rows[job.row].of.map_or(job, |row| self.job(row, job.seed))
    }

    /// What is missing of that which others take from a job, whose run this is.
    pub fn lacks(&self, job: Job, run: &Path) -> Option<Product> {
        let needs = self.rows.iter().flat_map(|row| &row.needs).filter(|need| need.row == job.row);
        needs.map(|need| &need.product).find(|product| !product.is_made(run)).cloned()
    }

    /// A row's job for those of a seed.
    fn job(&self, row: usize, seed: u32) -> Job {
        Job { row, seed: self.rows[row].seed.unwrap_or(seed) }
    }

    /// The folder that holds the runs of a job.
    pub fn place(&self, out: &Path, job: Job) -> PathBuf {
        let Job { row, seed } = self.trained_as(job);
        out.join(&self.rows[row].folder).join(format!("seed-{seed}"))
    }

    /// The whole recipe of a job, with the paths of what it takes from other jobs' runs, and with the steps that its
    /// seconds came to; a sentence where one of these is not known yet.
    pub fn recipe(&self, out: &Path, job: Job) -> Result<Recipe, String> {
        let job = self.trained_as(job);
        let mut recipe = self.recipe_to_measure(out, job)?;
        if self.rows[job.row].seconds.is_some() {
            let budget = self.budget(out, job.row).ok_or("its seconds are not measured as steps yet")?;
            budget.steps.put_into(&mut recipe).map_err(|error| error.to_string())?;
        }
        Ok(recipe)
    }

    /// [`Study::recipe`] with the steps that the row itself names.
    pub fn recipe_to_measure(&self, out: &Path, job: Job) -> Result<Recipe, String> {
        let job = self.trained_as(job);
        let row = &self.rows[job.row];
        let mut recipe = row.from_seed(job.seed);
        for need in &row.needs {
            let (key, other) = (need.product.key(), self.job(need.row, job.seed));
            let of = format!("`{}` is taken from {}", key.id(), self.words_of(other));
            let standing = self.look(out, other);
            let run = match (&standing, standing.trained()) {
                (_, Some(run)) => run,
                (Standing::Stale { reason, .. }, None) => return Err(format!("{of}, which is stale: {reason}")),
                (_, None) => return Err(format!("{of}, which is not trained yet")),
            };
            let path = need.product.path(run);
            let path = std::path::absolute(&path).unwrap_or(path);
            let Some(text) = path.to_str() else {
                return Err(format!("{of}, and a recipe holds no path that is no text (UTF-8): {}", path.display()));
            };
            recipe.put(key, text.to_owned()).map_err(|error: RecipeError| error.to_string())?;
        }
        Ok(recipe)
    }

    /// How far a job is, by the run folders at its place.
    pub fn look(&self, out: &Path, job: Job) -> Standing {
        let asked = self.recipe(out, job);
        // Not to be interrupted: a place holds a run or two.
        let runs = RunFolder::list(&self.place(out, job), &mut unwatched).unwrap_or_default();
        let mut stale = None;
        for run in runs {
            let reason = match (RunFolder::open(&run.path), &asked) {
                (Ok(folder), Ok(recipe)) => match self.otherwise(job, &folder, recipe) {
                    None => return self.standing_of(job, run, &folder),
                    Some(reason) => reason,
                },
                (Ok(_), Err(reason)) => reason.clone(),
                (Err(error), _) => error.to_string(),
            };
            stale = stale.or(Some(Standing::Stale { run: run.path, reason }));
        }
        stale.unwrap_or(Standing::Missing)
    }

    /// In what a run differs from what is wanted.
    fn otherwise(&self, job: Job, folder: &RunFolder, asked: &Recipe) -> Option<String> {
        // A run names the sensors that it found where its recipe left that open.
        let leaves_open = |key: &str| key == sensors::USE.id() && asked.get(sensors::USE).is_empty();
        let is_taken = |key: &str| self.rows[job.row].needs.iter().any(|need| need.product.key().id() == key);
        let is_same = |other: &Difference| leaves_open(other.key) || is_taken(other.key) && lie_alike(other);
        let differences = folder.recipe().differences(asked);
        if let Some(other) = differences.iter().find(|other| !is_same(other)) {
            return Some(format!("it was trained with {} {}, asked for is {}", other.key, other.ours, other.theirs));
        }
        let place = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_gone| path.to_owned());
        let Environment { data, dataset, .. } = folder.environment().unwrap_or_default();
        let is_at = |asked: &Path| place(asked) == place(&data);
        let (is_it, asked) = if let Some(asked) = &self.data {
            (is_at(asked), asked.display().to_string())
        } else {
            // The sample data lies elsewhere on another machine, and has its name wherever it lies.
            let is_at_sample = || places::sample_data().ok().flatten().is_some_and(|sample| is_at(&sample));
            (dataset.is_empty() || dataset == SAMPLE_NAME || is_at_sample(), "the sample data".to_owned())
        };
        (!is_it).then(|| format!("it was trained on {}, asked for is {asked}", data.display()))
    }

    /// The protocols that the figures take, of runs that are scored by this rule for missing sensors; each once.
    fn protocols(&self, missing: &str) -> Vec<Protocol> {
        let mut wanted: Vec<Protocol> =
            self.figures.iter().filter_map(|figure| figure.over.protocol(missing)).collect();
        wanted.sort();
        wanted.dedup();
        wanted
    }

    fn standing_of(&self, job: Job, run: RunSummary, folder: &RunFolder) -> Standing {
        let RunSummary { path: run, step, steps: of, state, .. } = run;
        let checkpoints = folder.checkpoints();
        let unfinished = |run| Standing::Unfinished { run, step, of, is_kept: !checkpoints.is_empty() };
        if state != RunState::Complete {
            return unfinished(run);
        }
        let environment = folder.environment();
        let trained_on = environment.as_ref().map(|known| known.dataset.as_str()).unwrap_or_default();
        let missing = folder.recipe().get(evaluation::MISSING).word();
        // What was scored by hand otherwise, on other data or with other stand-ins, is no figure of the study's.
        let is_of_the_end = |report: &EvaluationReport| {
            report.split == self.split
                && report.step == step
                && !report.of_teacher
                && report.changed.is_empty()
                && (trained_on.is_empty() || report.dataset == trained_on)
        };
        let is_its = |report: &EvaluationReport| {
            is_of_the_end(report) && (report.missing.is_empty() || report.missing == missing)
        };
        let what_if = self.rows[job.row].what_if.as_ref();
        let scored = match what_if {
            // Of what was supposed nothing but its own report tells, and of the data as they are no such report.
            Some(what_if) => {
                let found = folder.what_ifs().unwrap_or_default().into_iter().rev();
                // What stands in for an absent sensor is the what-if's own.
                found.filter(|report| report.what_if.is_like(what_if)).map(with_it).find(is_of_the_end)
            }
            None => folder.evaluations().unwrap_or_default().into_iter().rev().find(is_its),
        };
        // Protocols are of the data as they are.
        let wanted = if what_if.is_some() { Vec::new() } else { self.protocols(missing) };
        let is_its = |report: &ProtocolReport| {
            report.split == self.split
                && report.step == step
                && !report.of_teacher
                && report.changed.is_empty()
                && (trained_on.is_empty() || report.dataset == trained_on)
        };
        let found = if wanted.is_empty() { Vec::new() } else { folder.protocols().unwrap_or_default() };
        let protocols: Vec<ProtocolReport> =
            found.into_iter().filter(|report| wanted.contains(&report.protocol) && is_its(report)).collect();
        let is_lacking = |protocol: &&Protocol| protocols.iter().all(|report| report.protocol != **protocol);
        let lacking = wanted.iter().find(is_lacking).copied().filter(|_| scored.is_some());
        let version = environment.as_ref().map(Environment::program).unwrap_or_default();
        match scored {
            Some(report) if self.rows[job.row].is_shown && lacking.is_none() => {
                Standing::Done(Box::new(Scored { run, report, protocols, version }))
            }
            // One that was killed before its last checkpoint takes the steps since the one before again.
            _ if checkpoints.iter().all(|(kept, _)| *kept != step) => unfinished(run),
            _ if self.rows[job.row].is_shown => Standing::Unscored { run, protocol: lacking },
            _ => Standing::Prepared { run },
        }
    }
}

/// Whether two paths end alike below the folder of a study's runs, which may have been moved: row, seed, name.
fn lie_alike(other: &Difference) -> bool {
    fn end(value: &Value) -> Option<Vec<Component<'_>>> {
        match value {
            Value::Text(path) => Some(Path::new(path).components().rev().take(3).collect()),
            _ => None,
        }
    }
    end(&other.ours) == end(&other.theirs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{StepReport, SubsetScores, WhatIf, WhatIfReport};

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
        let unkept = Standing::Unfinished { run: path.clone(), step: 2, of: 2, is_kept: false };
        assert_eq!(look(&study_of_2), unkept, "killed before its last checkpoint");
        fs::create_dir(path.join("checkpoints/step-2")).unwrap();
        assert_eq!(look(&study_of_2), Standing::Unscored { run: path.clone(), protocol: None });
        let mut report = EvaluationReport { split: "val".to_owned(), step: 2, ..EvaluationReport::default() };
        run.add_evaluation(&report).unwrap();
        assert_eq!(look(&study_of_2), Standing::Unscored { run: path.clone(), protocol: None }, "another split");
        report.split = "test".to_owned();
        run.add_evaluation(&report).unwrap();
        assert!(matches!(look(&study_of_2), Standing::Done(scored) if scored.report == report && scored.run == path));

        let Standing::Stale { run, reason } = look(&study(3)) else { panic!("{:?}", look(&study(3))) };
        assert_eq!(run, path);
        assert!(reason.contains("training.steps 2") && reason.contains('3'), "{reason}");
    }

    /// A run of a job that has taken its only step.
    fn trained(study: &Study, out: &Path, job: Job) -> PathBuf {
        let recipe = study.recipe(out, job).unwrap();
        let mut run = RunFolder::create(&study.place(out, job), &recipe, &Environment::default()).unwrap();
        run.append_step(&StepReport { step: 1, total_steps: 1, ..StepReport::default() }).unwrap();
        fs::create_dir(run.path().join("checkpoints/step-1")).unwrap();
        run.path().to_owned()
    }

    #[test]
    fn a_row_with_a_what_if_is_scored_by_its_own_report_on_the_run_of_its_like_and_by_nothing_else() {
        let out = tempfile::tempdir().unwrap();
        let text = "title = 't'\nbase = 'baseline-demo'\nseeds = [4]\nsteps = 1\n[[rows]]\nname = 'clean'\n\
                    [[rows]]\nname = 'fog'\nevaluate.degrade = ['colour=fog:0.6']\n";
        let study = Study::from_text(text, Path::new("s.toml")).unwrap();
        let [clean, fog] = [0, 1].map(|row| Job { row, seed: 4 });
        let look = |job| study.look(out.path(), job);
        assert_eq!((look(fog), study.jobs()), (Standing::Missing, vec![clean, fog]));
        let path = trained(&study, out.path(), clean);
        let unscored = || Standing::Unscored { run: path.clone(), protocol: None };
        assert_eq!((look(clean), look(fog)), (unscored(), unscored()), "one run for both");

        let mut run = RunFolder::open(&path).unwrap();
        let evaluation = EvaluationReport { split: "test".to_owned(), step: 1, ..EvaluationReport::default() };
        run.add_evaluation(&evaluation).unwrap();
        assert!(matches!(look(clean), Standing::Done(_)));
        assert_eq!(look(fog), unscored(), "figures of the data as they are are none of it");

        let scores =
            |miou| SubsetScores { sensors: vec!["colour".to_owned()], miou: Some(miou), ..SubsetScores::default() };
        let other = WhatIfReport {
            what_if: WhatIf::without(&["colour"]),
            split: "test".to_owned(),
            step: 1,
            scores: vec![[scores(0.6), scores(0.1)]],
            ..WhatIfReport::default()
        };
        run.keep_what_if(&other).unwrap();
        assert_eq!(look(fog), unscored(), "nor those of another what-if");
        let what_if = WhatIf { name: "by hand".to_owned(), ..study.rows[1].what_if.clone().unwrap() };
        run.keep_what_if(&WhatIfReport { what_if, scores: vec![[scores(0.6), scores(0.4)]], ..other }).unwrap();
        let Standing::Done(scored) = look(fog) else { panic!("{:?}", look(fog)) };
        assert_eq!((scored.report.subsets[0].miou, scored.run.as_path()), (Some(0.4), path.as_path()));
        let table = study.table(out.path());
        assert_eq!((table.rows[0].what_if.as_str(), table.rows[1].what_if.as_str()), ("", "fog 0.60 on colour"));
        assert_eq!(table.rows[1].cells[0].summary.map(|found| found.mean), Some(0.4));
    }

    fn shared(more: &str) -> Study {
        let text = format!(
            "title = 't'\nbase = 'baseline-demo'\nseeds = [4, 7]\n\
             [[rows]]\nname = 'one'\nset = {{ encoder.pretrained = {{ row = 'before' }} }}\n\
             [[rows]]\nname = 'before'\nshown = false\n{more}"
        );
        Study::from_text(&text, Path::new("s.toml")).unwrap()
    }

    #[test]
    fn what_is_needed_comes_first_once_a_seed_or_once_for_all() {
        let [one, before] = [0, 1].map(|row| move |seed| Job { row, seed });
        let each = shared("");
        assert_eq!(each.jobs(), [before(4), one(4), before(7), one(7)]);
        assert_eq!((each.needs(one(7)), each.needs(before(7))), (vec![before(7)], vec![]));
        let once = shared("seed = 2\n");
        assert_eq!(once.jobs(), [before(2), one(4), one(7)]);
        assert_eq!(once.needs(one(7)), [before(2)]);
    }

    #[test]
    fn a_job_takes_what_another_has_made_and_is_stale_where_that_is_another_now() {
        let folder = tempfile::tempdir().unwrap();
        let (out, study) = (folder.path().join("out"), shared("seed = 2\n"));
        let [one, before] = [Job { row: 0, seed: 4 }, Job { row: 1, seed: 2 }];
        let why = study.recipe(&out, one).unwrap_err();
        assert!(why.contains("`encoder.pretrained`") && why.contains("before, seed 2, which is not trained"), "{why}");
        assert_eq!(study.look(&out, one), Standing::Missing);

        let source = trained(&study, &out, before);
        assert_eq!(study.look(&out, before), Standing::Prepared { run: source.clone() });
        assert_eq!(study.lacks(before, &source), Some(Product::Encoder));
        fs::write(Product::Encoder.path(&source), "weights").unwrap();
        assert_eq!(study.lacks(before, &source), None);
        let taker = trained(&study, &out, one);
        assert_eq!(study.look(&out, one), Standing::Unscored { run: taker.clone(), protocol: None });

        // The whole folder may be moved.
        let moved = folder.path().join("moved");
        fs::rename(&out, &moved).unwrap();
        assert!(matches!(study.look(&moved, one), Standing::Unscored { .. }));

        let longer = shared("seed = 2\nset = { data.flip = 0.0 }\n");
        let Standing::Stale { run, reason } = longer.look(&moved, one) else {
            panic!("{:?}", longer.look(&moved, one))
        };
        assert!(run.ends_with(taker.file_name().unwrap()), "{}", run.display());
        assert!(reason.contains("before, seed 2, which is stale") && reason.contains("data.flip"), "{reason}");
        trained(&longer, &moved, before);
        let Standing::Stale { reason, .. } = longer.look(&moved, one) else { panic!("another run is taken from now") };
        assert!(reason.contains("encoder.pretrained"), "{reason}");
    }
}
