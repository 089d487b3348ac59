//! The study that is open: how its runs stand, what it measures, and how long the rest will take.

use std::path::PathBuf;
use std::sync::Arc;

use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::study::{Job, Row, Standing, StepSecs};

use crate::link::{Carrier, StudyNews, StudyView};

/// What the window knows of studies.
#[derive(Debug, Default)]
pub struct StudyStore {
    /// The study that shall be open, by its name or file; it may not have been seen yet.
    pub wanted: Option<PathBuf>,
    /// The open study with its runs, as last seen.
    pub view: Option<Arc<StudyView>>,
    /// What could not be done, and why.
    pub problem: Option<String>,
    /// How long a step takes, where it was measured on request, and of which recipe.
    pub measured: Option<(String, StepSecs)>,
    /// The recipe of which steps are being measured.
    pub measuring: Option<String>,
    /// A start or stop was asked for, and nothing of it has been seen yet.
    pub is_turning: bool,
}

/// How far a run of a study is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It has not begun.
    Missing,
    /// A run is there that is not what the study asks for, and why.
    Stale(String),
    /// Steps are being taken.
    Running {
        /// Steps that were taken.
        step: u64,
        /// Of how many; 0 before the first.
        of: u64,
    },
    /// It was begun and waits to go on.
    Begun {
        /// Steps that were taken.
        step: u64,
        /// Of how many; 0 before the first.
        of: u64,
    },
    /// It is trained and not scored yet.
    Trained,
    /// It could not be done, and why.
    Failed(String),
    /// It is trained and scored, or as far as others need it.
    Done,
}

/// How long runs will take.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Seconds.
    pub secs: f64,
    /// What that follows from, in words.
    pub from: String,
}

impl StudyStore {
    /// Takes in what is new.
    pub fn apply(&mut self, news: StudyNews) {
        match news {
            StudyNews::Seen(view) => {
                // One that was closed, or gave way to another, may be seen once more.
                if self.wanted.as_ref() != Some(&view.asked) {
                    return;
                }
                let is_other = |before: &Arc<StudyView>| before.carrier != view.carrier || before.asked != view.asked;
                if self.view.as_ref().is_none_or(is_other) {
                    self.is_turning = false;
                }
                self.view = Some(view);
            }
            StudyNews::Refused(why) => {
                self.wanted = self.view.as_ref().map(|view| view.asked.clone());
                self.problem = Some(why);
            }
            StudyNews::Measured(found) => {
                let recipe = self.measuring.take();
                match found {
                    Ok(secs) => self.measured = recipe.map(|recipe| (recipe, secs)),
                    Err(why) => self.problem = Some(why),
                }
            }
            StudyNews::Undone(why) => (self.is_turning, self.problem) = (false, Some(why)),
        }
    }

    /// Wants another study, or none.
    pub fn want(&mut self, study: Option<PathBuf>) {
        if study.is_none() {
            self.view = None;
        }
        (self.wanted, self.problem, self.is_turning) = (study, None, false);
    }

    /// Whether a study is being opened.
    pub fn is_opening(&self) -> bool {
        self.wanted.as_ref() != self.view.as_ref().map(|view| &view.asked)
    }

    /// Whether a process of this window carries the open study out, which closing has to ask about.
    pub fn is_carried_out_here(&self) -> bool {
        self.view.as_ref().is_some_and(|view| view.carrier == Carrier::Ours)
    }
}

/// How far a job is.
pub fn state_of(view: &StudyView, job: Job, standing: &Standing) -> JobState {
    let is_working = view.working.contains(&job);
    match standing {
        Standing::Done(_) | Standing::Prepared { .. } => JobState::Done,
        _ if !is_working && view.failed.contains_key(&job) => JobState::Failed(view.failed[&job].clone()),
        Standing::Unfinished { step, of, .. } if is_working => JobState::Running { step: *step, of: *of },
        Standing::Unfinished { step, of, .. } => JobState::Begun { step: *step, of: *of },
        Standing::Unscored { .. } => JobState::Trained,
        Standing::Missing | Standing::Stale { .. } if is_working => JobState::Running { step: 0, of: 0 },
        Standing::Missing => JobState::Missing,
        Standing::Stale { reason, .. } => JobState::Stale(reason.clone()),
    }
}

/// How long what is left of a study takes, `jobs` runs at once, first of all by the runs that are done.
///
/// A step of runs that were made side by side was as slow as that makes it, so their seconds are divided among as many;
/// `alone`, a step's seconds where nothing else runs, are not: runs at once share the cores.
pub fn time_left(view: &StudyView, jobs: u16, alone: Option<(StepSecs, String)>) -> Option<Estimate> {
    let left = |standing: &Standing| match standing {
        Standing::Done(_) | Standing::Unscored { .. } | Standing::Prepared { .. } => 0.0,
        Standing::Unfinished { step, of, is_kept: true, .. } if *of > 0 => 1.0 - *step as f64 / *of as f64,
        Standing::Missing | Standing::Stale { .. } | Standing::Unfinished { .. } => 1.0,
    };
    // What is scored on another row's runs is not trained.
    let trained = || view.standings.iter().filter(|(job, _)| view.study.rows[job.row].of.is_none());
    let known: Vec<f64> = view.table.rows.iter().filter_map(|row| Some(row.secs?.mean)).collect();
    if known.is_empty() {
        let (step, from) = alone?;
        let secs = |row: &Row| row.seconds.or_else(|| step.of_run(&row.recipe));
        let row_secs: Option<Vec<f64>> = view.study.rows.iter().map(secs).collect();
        let row_secs = row_secs?;
        let secs = trained().map(|(job, standing)| left(standing) * row_secs[job.row]).sum();
        return Some(Estimate { secs, from });
    }
    // A row of which none is done takes as long as the others do on average.
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    let row_secs = |row: usize| {
        let shown = view.table.rows.iter().find(|shown| shown.name == view.study.rows[row].name);
        shown.and_then(|row| row.secs).map_or(mean, |secs| secs.mean)
    };
    let all: f64 = trained().map(|(job, standing)| left(standing) * row_secs(job.row)).sum();
    let done: usize = view.table.rows.iter().filter_map(|row| Some(row.secs?.count)).sum();
    let from = format!("by the {} done", crate::look::counted(done as u64, "run"));
    // More of them than there are cores take each other's time.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Some(Estimate { secs: all / usize::from(jobs).clamp(1, cores) as f64, from })
}

/// How long runs of these recipes take, one after another; `None` where a length is in epochs.
pub fn time_of<'a>(recipes: impl Iterator<Item = &'a Recipe>, seeds: u32, step: StepSecs) -> Option<f64> {
    let secs: Option<f64> = recipes.map(|recipe| step.of_run(recipe)).sum();
    Some(secs? * f64::from(seeds))
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};
    use std::path::Path;

    use fusionscope_engine::study::{Study, Summary};

    use super::*;

    fn view() -> StudyView {
        let text = "title = 't'\nbase = 'baseline-demo'\nseeds = 2\nsteps = 10\n[[rows]]\nname = 'a'\n\
                    [[rows]]\nname = 'b'\nset = { data.flip = 0.0 }\n";
        let study = Arc::new(Study::from_text(text, Path::new("s.toml")).unwrap());
        StudyView {
            asked: "s.toml".into(),
            out: "studies/s".into(),
            standings: study.jobs().into_iter().map(|job| (job, Standing::Missing)).collect(),
            table: study.table_from([]),
            study,
            data: None,
            carrier: Carrier::Nobody,
            working: HashSet::new(),
            failed: HashMap::new(),
            made_by_others: 0,
            outdated: None,
            ended: None,
        }
    }

    fn unfinished(step: u64, is_kept: bool) -> Standing {
        Standing::Unfinished { run: "r".into(), step, of: 10, is_kept }
    }

    #[test]
    fn a_run_that_is_worked_on_runs_and_one_that_is_not_waits_or_has_failed() {
        let mut view = view();
        let job = view.standings[0].0;
        let state = |view: &StudyView, standing: &Standing| state_of(view, job, standing);
        assert_eq!(state(&view, &Standing::Missing), JobState::Missing);
        assert_eq!(state(&view, &unfinished(4, true)), JobState::Begun { step: 4, of: 10 });
        view.working.insert(job);
        assert_eq!(state(&view, &Standing::Missing), JobState::Running { step: 0, of: 0 });
        assert_eq!(state(&view, &unfinished(4, true)), JobState::Running { step: 4, of: 10 });
        view.working.clear();
        view.failed.insert(job, "no memory".to_owned());
        assert_eq!(state(&view, &unfinished(4, true)), JobState::Failed("no memory".to_owned()));
        let stale = Standing::Stale { run: "r".into(), reason: "other steps".to_owned() };
        view.failed.clear();
        assert_eq!(state(&view, &stale), JobState::Stale("other steps".to_owned()));
    }

    #[test]
    fn the_time_left_follows_from_runs_that_are_done_and_else_from_a_measured_step() {
        let mut view = view();
        assert_eq!(time_left(&view, 2, None), None);
        let alone = || Some((StepSecs { teacher: 1.0, student: 2.0 }, "measured".to_owned()));
        // Four runs of ten steps; side by side they share the cores.
        let estimate = time_left(&view, 2, alone()).unwrap();
        assert_eq!((estimate.secs, estimate.from.as_str()), (80.0, "measured"));
        view.standings[0].1 = unfinished(5, true);
        view.standings[1].1 = unfinished(5, false);
        assert_eq!(time_left(&view, 1, alone()).unwrap().secs, 70.0, "without a checkpoint it begins anew");
        view.table.rows[0].secs = Some(Summary { count: 1, mean: 30.0, deviation: None });
        let estimate = time_left(&view, 2, alone()).unwrap();
        assert_eq!((estimate.secs, estimate.from.as_str()), (105.0 / 2.0, "by the 1 run done"));
    }

    #[test]
    fn a_study_that_was_asked_for_takes_the_place_of_the_one_before_only_when_it_is_seen() {
        let mut store = StudyStore::default();
        store.want(Some("other.toml".into()));
        store.apply(StudyNews::Seen(Arc::new(view())));
        assert!(store.view.is_none() && store.is_opening(), "the one before, seen late");
        store.apply(StudyNews::Refused("no such file".to_owned()));
        assert_eq!((store.is_opening(), store.problem.as_deref()), (false, Some("no such file")));
        store.want(Some("s.toml".into()));
        store.apply(StudyNews::Seen(Arc::new(view())));
        assert!(store.view.is_some() && !store.is_opening() && store.problem.is_none());

        store.is_turning = true;
        let ours = StudyView { carrier: Carrier::Ours, ..view() };
        store.apply(StudyNews::Seen(Arc::new(ours)));
        assert!(!store.is_turning && store.is_carried_out_here());
        store.measuring = Some("base".to_owned());
        store.apply(StudyNews::Measured(Ok(StepSecs { teacher: 1.0, student: 2.0 })));
        assert_eq!(store.measured.as_ref().map(|(name, _)| name.as_str()), Some("base"));
        assert!(store.measuring.is_none());
        store.want(None);
        store.apply(StudyNews::Seen(Arc::new(view())));
        assert!(store.view.is_none(), "closed, and seen once more");
    }

    #[test]
    fn a_matrix_takes_as_long_as_all_its_runs() {
        let recipes: Vec<Recipe> = view().study.rows.iter().map(|row| row.recipe.clone()).collect();
        assert_eq!(time_of(recipes.iter(), 3, StepSecs { teacher: 9.0, student: 0.5 }), Some(30.0));
        let mut endless = recipes[0].clone();
        endless.set_text("training.steps", "0").unwrap();
        assert_eq!(time_of([&endless].into_iter(), 3, StepSecs { teacher: 9.0, student: 0.5 }), None);
    }
}
