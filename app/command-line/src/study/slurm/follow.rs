//! Watching what was submitted until all of it has ended.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use fusionscope_engine::protocol::counted;
use fusionscope_engine::study::{Job, Study};

use super::cluster::{Cluster, Elements};
use super::done::is_done;
use super::ledger;
use super::queue::Seen;
use crate::exit::Failure;
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::study::worker::last_error;

/// Slurm is asked so often at first, and while something changes …
const SOON: Duration = Duration::from_secs(1);
/// … and less and less often while nothing does: the controller serves everyone.
const LATE: Duration = Duration::from_secs(30);
/// Between two looks whether Ctrl-C was pressed.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// So long a network file system may take to show what another node has written.
const PATIENCE: Duration = Duration::from_secs(6);
const RUNNING: &str = "RUNNING";

/// What is left of a study's jobs while they are watched.
struct Watch<'a> {
    study: &'a Study,
    out: &'a Path,
    left: Vec<Job>,
    /// The state in which a job was seen last.
    states: HashMap<Job, String>,
    /// Since when Slurm does no more for a job that is not done.
    over: HashMap<Job, Instant>,
    failures: Vec<String>,
}

/// Tells what happens to the jobs until each is done or has failed, or Ctrl-C is pressed; what failed, and why.
pub fn follow(
    study: &Study,
    out: &Path,
    mut cluster: Cluster,
    progress: &mut Progress,
    interrupt: Interrupt,
    tell_done: impl Fn(&mut Progress, Job),
) -> Vec<String> {
    let all = study.jobs();
    let left = all.iter().copied().filter(|&job| !is_done(study, out, job)).collect();
    let mut watch = Watch { study, out, left, states: HashMap::new(), over: HashMap::new(), failures: Vec::new() };
    let done = |left: usize| (all.len() - left) as u64;
    progress.begin("study, run", done(watch.left.len()));
    let (mut every, mut trouble) = (SOON, String::new());
    while !watch.left.is_empty() && !interrupt.was_pressed() {
        match cluster.refresh() {
            Ok(()) => {
                let has_changed = watch.look(&cluster, progress, &tell_done);
                every = if has_changed { SOON } else { (every * 3 / 2).min(LATE) };
                let running = watch.states.values().filter(|&state| state == RUNNING).count();
                let words = format!("{running} running, {} to go", counted(watch.left.len() as u64, "run"));
                progress.advance(done(watch.left.len()), all.len() as u64, &words);
            }
            // A controller that does not answer for a while changes nothing about the jobs.
            Err(Failure { error, .. }) => {
                let words = error.to_string();
                if words != trouble {
                    progress.say(&format!("warning: {words}; it is asked again"));
                    trouble = words;
                }
                every = LATE;
            }
        }
        let asked = Instant::now();
        while asked.elapsed() < every && !watch.left.is_empty() && !interrupt.was_pressed() {
            std::thread::sleep(LOOK_EVERY);
        }
    }
    progress.end();
    watch.failures
}

impl Watch<'_> {
    /// Looks at every job once; whether anything has changed.
    fn look(&mut self, cluster: &Cluster, progress: &mut Progress, tell_done: &impl Fn(&mut Progress, Job)) -> bool {
        let mut has_changed = false;
        for job in std::mem::take(&mut self.left) {
            if is_done(self.study, self.out, job) {
                self.states.remove(&job);
                tell_done(progress, job);
                has_changed = true;
                continue;
            }
            let found = cluster.of(self.study, job);
            if let Some(seen) = found.as_ref().and_then(|found| found.seen).filter(|seen| seen.is_live()) {
                self.over.remove(&job);
                has_changed |= self.see(job, seen, progress);
                self.left.push(job);
                continue;
            }
            self.states.remove(&job);
            if self.over.entry(job).or_insert_with(Instant::now).elapsed() < PATIENCE {
                has_changed = true;
                self.left.push(job);
                continue;
            }
            let words = format!("{}: {}", self.study.words_of(job), self.reason(found));
            progress.say(&format!("error: {words}"));
            self.failures.push(words);
        }
        has_changed
    }

    /// Tells when a job begins to run, and when it is queued again.
    fn see(&mut self, job: Job, seen: &Seen, progress: &mut Progress) -> bool {
        let before = self.states.insert(job, seen.state.clone());
        let has_changed = before.as_ref() != Some(&seen.state);
        if has_changed && (seen.state == RUNNING || before.is_some_and(|before| before == RUNNING)) {
            progress.say(&format!("{}: {}", self.study.words_of(job), seen.words()));
        }
        has_changed
    }

    /// Why a job that Slurm is done with is not done.
    fn reason(&self, found: Option<Elements<'_>>) -> String {
        let Some(Elements { element, seen }) = found else { return "it was not submitted".to_owned() };
        let state = seen.map_or_else(|| "it has ended".to_owned(), Seen::words);
        let log = ledger::folder(self.out).join(format!("{element}.log"));
        // One that never began has none.
        let said = if log.exists() { format!(": {}; see {}", last_error(&log), log.display()) } else { String::new() };
        format!("Slurm {element} {state}{said}")
    }
}
