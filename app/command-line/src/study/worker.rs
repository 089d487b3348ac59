//! One run of a study, in a process of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::study::{Job, Standing, Study};
use fusionscope_engine::training::RunFolder;

use crate::exit::{Exit, Failure};

/// What all workers are told.
#[derive(Clone, Copy)]
pub struct Orders<'a> {
    /// The study.
    pub study: &'a Study,
    /// The folder of its runs.
    pub out: &'a Path,
    /// A recipe's file a row.
    pub recipes: &'a [PathBuf],
    /// The data set's folder.
    pub data: &'a Path,
    /// Where to train.
    pub device: DeviceChoice,
    /// How many work at once.
    pub jobs: u16,
}

/// A process that brings a job further.
pub struct Worker {
    /// Which job.
    pub job: Job,
    task: Task,
    child: Child,
    log: PathBuf,
}

/// What a job needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Task {
    Train,
    Resume(PathBuf),
    Score(PathBuf),
}

/// What became of beginning a job.
pub enum Begun {
    /// It is at work.
    Working(Worker),
    /// There is nothing left to do.
    Done,
    /// Another program trains it: one that an earlier study left behind, and that saves its checkpoint yet.
    Elsewhere,
}

/// What has become of a worker.
pub enum Look {
    /// It, or the next one of the same job, is at work.
    Going(Worker),
    /// The job is done.
    Done,
    /// It was stopped on its way.
    Stopped,
    /// Why it could not be done.
    Failed(String),
}

impl Task {
    fn of(standing: Standing) -> Option<Self> {
        match standing {
            Standing::Missing | Standing::Stale { .. } | Standing::Unfinished { is_kept: false, .. } => {
                Some(Self::Train)
            }
            Standing::Unfinished { run, .. } => Some(Self::Resume(run)),
            Standing::Unscored { run } => Some(Self::Score(run)),
            Standing::Done(_) => None,
        }
    }
}

impl Worker {
    /// Begins what a job needs next.
    pub fn begin(orders: &Orders<'_>, job: Job) -> Result<Begun, Failure> {
        let standing = orders.study.look(orders.out, job);
        if let Standing::Unfinished { run, .. } = &standing
            && RunFolder::open(run).is_ok_and(|folder| folder.is_being_trained())
        {
            return Ok(Begun::Elsewhere);
        }
        let Some(task) = Task::of(standing) else { return Ok(Begun::Done) };
        let failed = |what: &str, error: std::io::Error, path: &Path| {
            Failure::new(Exit::Failed, format!("{what}: {error}: {}", path.display()))
        };
        let place = orders.study.place(orders.out, job);
        std::fs::create_dir_all(&place).map_err(|error| failed("could not make a run's folder", error, &place))?;
        let log = place.join("log.txt");
        let file = File::create(&log).map_err(|error| failed("could not write a run's log", error, &log))?;
        let program = std::env::current_exe()
            .map_err(|error| Failure::new(Exit::Failed, format!("the program does not find itself: {error}")))?;
        let child = command(orders, job, &task, &program, &place)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .map_err(|error| failed("could not start a run", error, &program))?;
        Ok(Begun::Working(Self { job, task, child, log }))
    }

    /// What it does.
    pub fn words(&self) -> String {
        match &self.task {
            Task::Train => "training".to_owned(),
            Task::Resume(run) => format!("going on with {}", run.display()),
            Task::Score(run) => format!("scoring {}", run.display()),
        }
    }

    /// Asks it to keep a checkpoint and end.
    pub fn stop(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Looks whether it has ended, and begins what comes next.
    pub fn look(mut self, orders: &Orders<'_>, is_stopping: bool) -> Result<Look, Failure> {
        let status = match self.child.try_wait() {
            Ok(None) => return Ok(Look::Going(self)),
            Ok(Some(status)) => status,
            Err(error) => return Ok(Look::Failed(format!("its process was lost: {error}"))),
        };
        let standing = orders.study.look(orders.out, self.job);
        if matches!(standing, Standing::Done(_)) {
            return Ok(Look::Done);
        }
        if is_stopping {
            return Ok(Look::Stopped);
        }
        if !status.success() {
            return Ok(Look::Failed(format!("{} ({status}); see {}", last_error(&self.log), self.log.display())));
        }
        match standing {
            // What ended well and left no more than it found would do so again.
            Standing::Unscored { run } if self.task != Task::Score(run.clone()) => {
                Ok(match Self::begin(orders, self.job)? {
                    Begun::Working(next) => Look::Going(next),
                    Begun::Done | Begun::Elsewhere => Look::Done,
                })
            }
            Standing::Stale { reason, .. } => Ok(Look::Failed(reason)),
            _ => Ok(Look::Failed(format!("its run is not what it was started for; see {}", self.log.display()))),
        }
    }
}

/// The program itself, told to do a task.
fn command(orders: &Orders<'_>, job: Job, task: &Task, program: &Path, place: &Path) -> Command {
    let mut command = Command::new(program);
    match task {
        Task::Train => {
            command.arg("train").arg("--recipe").arg(&orders.recipes[job.row]);
            command.arg("--seed").arg(job.seed.to_string()).arg("--data").arg(orders.data).arg("--out").arg(place);
            command.arg("--until-input-ends");
        }
        Task::Resume(run) => {
            command.arg("train").arg("--resume").arg(run).arg("--until-input-ends");
        }
        Task::Score(run) => {
            command.arg("evaluate").arg(run).arg("--split").arg(&orders.study.split);
        }
    }
    command.arg("--device").arg(orders.device.to_string()).arg("--quiet");
    if orders.jobs > 1 && std::env::var_os("RAYON_NUM_THREADS").is_none() {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        command.env("RAYON_NUM_THREADS", (cores / usize::from(orders.jobs)).max(1).to_string());
    }
    command
}

/// The last complaint that a process wrote.
pub fn last_error(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let line = text.lines().rev().find_map(|line| line.strip_prefix("error: "));
    line.or_else(|| text.lines().next_back()).unwrap_or("it ended without a word").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_job_needs_follows_from_how_far_it_is() {
        let run = PathBuf::from("r");
        let unfinished = |is_kept| Standing::Unfinished { run: run.clone(), step: 1, of: 2, is_kept };
        assert_eq!(Task::of(Standing::Missing), Some(Task::Train));
        assert_eq!(Task::of(Standing::Stale { run: run.clone(), reason: String::new() }), Some(Task::Train));
        assert_eq!(Task::of(unfinished(false)), Some(Task::Train));
        assert_eq!(Task::of(unfinished(true)), Some(Task::Resume(run.clone())));
        assert_eq!(Task::of(Standing::Unscored { run: run.clone() }), Some(Task::Score(run)));
    }

    #[test]
    fn of_a_log_the_last_error_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log.txt");
        assert_eq!(last_error(&log), "it ended without a word");
        std::fs::write(&log, "warning: a\nerror: b\nrun folder: c\n").unwrap();
        assert_eq!(last_error(&log), "b");
    }
}
