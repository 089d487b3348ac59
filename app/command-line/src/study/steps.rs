//! How far the runs of a study are, and how long they will take yet.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use fusionscope_engine::data::Dataset;
use fusionscope_engine::progress::Progress;
use fusionscope_engine::recipe::catalogue::data;
use fusionscope_engine::study::{Job, Standing, Study};
use fusionscope_engine::training::Lengths;

use super::worker::Orders;

/// How many steps each job has taken, of how many: looked up once for all, then for those at work.
pub struct Steps {
    jobs: Vec<Job>,
    /// Steps of a run of each row by its recipe, where they are known before it begins.
    planned: Vec<Option<u64>>,
    known: HashMap<Job, (u64, u64)>,
    /// Where there is nothing left to do.
    pub done: HashSet<Job>,
    /// Seconds that were seen to pass for so many steps, a row each.
    seen: Vec<(f64, u64)>,
    /// When a run at work was seen at which step.
    last: HashMap<Job, (Instant, u64)>,
}

impl Steps {
    /// Looks at all jobs.
    pub fn of(orders: &Orders<'_>, progress: &mut Progress<'_>) -> Self {
        let jobs = orders.study.jobs();
        let planned = planned(orders, progress);
        let mut steps = Self::blank(jobs, planned);
        for job in steps.jobs.clone() {
            steps.look(orders, job);
        }
        // Sources come first: what takes from one that is made anew is looked at again then.
        for job in steps.jobs.clone() {
            if orders.study.needs(job).iter().any(|need| !steps.done.contains(need)) {
                steps.done.remove(&job);
            }
        }
        // What is seen from now on tells how long a step takes.
        steps.last.clear();
        steps
    }

    fn blank(jobs: Vec<Job>, planned: Vec<Option<u64>>) -> Self {
        let seen = vec![(0.0, 0); planned.len()];
        Self { jobs, planned, known: HashMap::new(), done: HashSet::new(), seen, last: HashMap::new() }
    }

    /// Looks at a job.
    pub fn look(&mut self, orders: &Orders<'_>, job: Job) {
        let standing = orders.study.look(orders.out, job);
        match &standing {
            Standing::Unfinished { step, of, .. } => self.note(job, *step, *of, Instant::now()),
            Standing::Done(scored) => self.note(job, scored.report.step, scored.report.step, Instant::now()),
            Standing::Unscored { .. } | Standing::Prepared { .. } => {
                let all = self.of_job(job);
                self.note(job, all, all, Instant::now());
            }
            Standing::Missing | Standing::Stale { .. } => {}
        }
        if orders.due(job, standing).is_none() {
            self.done.insert(job);
        }
    }

    fn note(&mut self, job: Job, step: u64, of: u64, now: Instant) {
        if of > 0 {
            self.known.insert(job, (step, of));
        }
        let Some((then, before)) = self.last.get(&job).copied() else {
            self.last.insert(job, (now, step));
            return;
        };
        // While no step ends, the time is the next one's.
        if step > before {
            let (secs, steps) = &mut self.seen[job.row];
            *secs += now.duration_since(then).as_secs_f64();
            *steps += step - before;
            self.last.insert(job, (now, step));
        }
    }

    /// Steps of a job's run; 0 where nothing tells.
    fn of_job(&self, job: Job) -> u64 {
        let known = self.known.get(&job).map(|(_, of)| *of);
        known.or(self.planned[job.row]).unwrap_or_else(|| {
            let sum: u64 = self.known.values().map(|(_, of)| of).sum();
            sum.checked_div(self.known.len() as u64).unwrap_or(0)
        })
    }

    /// Steps of all jobs that are taken.
    pub fn taken(&self) -> u64 {
        self.known.values().map(|(step, _)| step).sum()
    }

    /// Steps of all jobs; of a row that does not tell as many as others have on average.
    pub fn all(&self) -> u64 {
        self.jobs.iter().map(|job| self.of_job(*job)).sum()
    }

    /// How far a job is.
    pub fn of_run(&self, job: Job) -> (u64, u64) {
        self.known.get(&job).copied().unwrap_or((0, self.of_job(job)))
    }

    /// Steps a second of a row's runs; of one that was not seen to take any, `None`.
    pub fn rate(&self, row: usize) -> Option<f64> {
        let (secs, steps) = self.seen[row];
        (steps > 0 && secs > 0.0).then(|| steps as f64 / secs)
    }

    /// The seconds that the steps to come will take with so many runs at once; `None` before any was seen.
    ///
    /// No run is cut in two, so it is never less than the longest of them needs.
    pub fn secs_left(&self, at_once: u16) -> Option<f64> {
        let (secs, steps) = self.seen.iter().fold((0.0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
        let usual = (steps > 0).then(|| secs / steps as f64)?;
        let left = self.jobs.iter().filter(|job| !self.done.contains(job)).map(|&job| {
            let (step, of) = self.of_run(job);
            of.saturating_sub(step) as f64 * self.rate(job.row).map_or(usual, |rate| 1.0 / rate)
        });
        let (sum, most) = left.fold((0.0, 0.0), |(sum, most): (f64, f64), left| (sum + left, most.max(left)));
        Some(most.max(sum / f64::from(at_once.max(1))))
    }
}

/// Steps of a run of each row, where recipe, data and what was measured tell.
fn planned(orders: &Orders<'_>, progress: &mut Progress<'_>) -> Vec<Option<u64>> {
    let Orders { study, out, .. } = orders;
    // What cannot be opened is told by the runs.
    let dataset = Dataset::open(orders.data, progress).ok().map(Arc::new);
    let row = |row: usize| planned_of(study, out, row, dataset.as_ref(), progress);
    (0..study.rows.len()).map(row).collect()
}

fn planned_of(
    study: &Study,
    out: &Path,
    row: usize,
    dataset: Option<&Arc<Dataset>>,
    progress: &mut Progress<'_>,
) -> Option<u64> {
    if study.rows[row].seconds.is_some() {
        return Some(study.budget(out, row)?.steps.total());
    }
    let mut recipe = study.rows[row].recipe.clone();
    // Those of another row's run are not there yet, and are of the same scenes.
    recipe.put(data::pseudo_labels::FILES, String::new()).ok()?;
    Lengths::of(&recipe, dataset?, progress).ok().map(Lengths::total)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn job(row: usize, seed: u32) -> Job {
        Job { row, seed }
    }

    #[test]
    fn runs_that_have_not_begun_count_as_their_recipe_says_or_as_the_others() {
        let jobs = vec![job(0, 1), job(0, 2), job(1, 1), job(1, 2)];
        let mut steps = Steps::blank(jobs, vec![Some(30), None]);
        assert_eq!((steps.taken(), steps.all()), (0, 60));
        let now = Instant::now();
        steps.note(job(0, 1), 10, 30, now);
        steps.note(job(1, 1), 5, 20, now);
        assert_eq!((steps.taken(), steps.all()), (15, 30 + 30 + 20 + 25));
        assert_eq!((steps.of_run(job(1, 1)), steps.of_run(job(0, 2))), ((5, 20), (0, 30)));
    }

    #[test]
    fn the_time_left_follows_from_each_row_s_steps_and_how_many_run_at_once() {
        let jobs = vec![job(0, 1), job(0, 2), job(1, 1)];
        let mut steps = Steps::blank(jobs, vec![Some(30), Some(10)]);
        assert_eq!(steps.secs_left(1), None);
        let begun = Instant::now();
        let at = |secs: u64| begun + Duration::from_secs(secs);
        steps.note(job(0, 1), 10, 30, at(0));
        // While no step ends, the time is the next one's.
        steps.note(job(0, 1), 10, 30, at(5));
        steps.note(job(0, 1), 20, 30, at(20));
        assert_eq!(steps.rate(0), Some(0.5));
        // Two seconds a step for all: 10, 30 and 10 of them.
        assert_eq!(steps.secs_left(1), Some(100.0));
        assert_eq!(steps.secs_left(2), Some(60.0), "one run takes so long");
        steps.note(job(1, 1), 0, 10, at(0));
        steps.note(job(1, 1), 5, 10, at(50));
        assert_eq!(steps.secs_left(1), Some(20.0 + 60.0 + 50.0));
        steps.done.insert(job(0, 2));
        assert_eq!(steps.secs_left(1), Some(70.0));
    }
}
