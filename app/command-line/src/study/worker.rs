//! One run of a study, in a process of its own.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::files::write_whole;
use fusionscope_engine::study::{Budget, Job, Product, Standing, Study};
use fusionscope_engine::training::{Environment, Lengths, Phases, RunFolder};

use super::task::Task;
use crate::exit::{Exit, Failure};

/// What all workers are told.
#[derive(Clone, Copy)]
pub struct Orders<'a> {
    /// The study.
    pub study: &'a Study,
    /// The folder of its runs.
    pub out: &'a Path,
    /// The folder of the recipes' files.
    pub recipes: &'a Path,
    /// The data set's folder.
    pub data: &'a Path,
    /// Where to train.
    pub device: DeviceChoice,
    /// How many work at once.
    pub jobs: u16,
    /// Whether runs of other programs are trained anew.
    pub retrains: bool,
    /// Whether event files for TensorBoard are written beside them.
    pub writes_events: bool,
}

/// A process that brings a job further.
pub struct Worker {
    /// Which job.
    pub job: Job,
    task: Task,
    child: Child,
    log: PathBuf,
}

/// What became of beginning a job.
pub enum Begun {
    /// It is at work.
    Working(Worker),
    /// There is nothing left to do.
    Done,
    /// Another program trains it: one that an earlier study left behind, and that saves its checkpoint yet.
    Elsewhere,
    /// Why it cannot be.
    Refused(String),
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

impl Worker {
    /// Begins what a job needs next.
    pub fn begin(orders: &Orders<'_>, job: Job) -> Result<Begun, Failure> {
        let standing = orders.study.look(orders.out, job);
        if let Standing::Unfinished { run, .. } = &standing
            && RunFolder::open(run).is_ok_and(|folder| folder.is_being_trained())
        {
            return Ok(Begun::Elsewhere);
        }
        let Some(task) = orders.due(job, standing) else { return Ok(Begun::Done) };
        let failed = |what: &str, error: std::io::Error, path: &Path| {
            Failure::new(Exit::Failed, format!("{what}: {error}: {}", path.display()))
        };
        let recipe = orders.recipe(job);
        let asked = match task {
            Task::Measure => Some(orders.study.recipe_to_measure(orders.out, job)),
            Task::Train => Some(orders.study.recipe(orders.out, job)),
            _ => None,
        };
        if let Some(asked) = asked {
            let text = match asked {
                Ok(asked) => asked.to_toml(),
                Err(reason) => return Ok(Begun::Refused(reason)),
            };
            write_whole(&recipe, text.as_bytes())
                .map_err(|error| failed("could not write a recipe", error, &recipe))?;
        }
        if let (Task::Score(..), Some(what_if)) = (&task, &orders.study.rows[job.row].what_if) {
            let file = orders.what_if(job.row);
            write_whole(&file, what_if.to_toml().as_bytes())
                .map_err(|error| failed("could not write a what-if", error, &file))?;
        }
        let place = orders.study.place(orders.out, job);
        std::fs::create_dir_all(&place).map_err(|error| failed("could not make a run's folder", error, &place))?;
        task.tidy();
        let log = place.join("log.txt");
        let file = File::create(&log).map_err(|error| failed("could not write a run's log", error, &log))?;
        let program = std::env::current_exe()
            .map_err(|error| Failure::new(Exit::Failed, format!("the program does not find itself: {error}")))?;
        let child = command(orders, job.row, &task, &recipe, &program, &place)
            .stdin(Stdio::piped())
            .stdout(if task == Task::Measure { Stdio::piped() } else { Stdio::null() })
            .stderr(file)
            .spawn()
            .map_err(|error| failed("could not start a run", error, &program))?;
        Ok(Begun::Working(Self { job, task, child, log }))
    }

    /// What it does.
    pub fn words(&self) -> String {
        self.task.words()
    }

    /// Whether it finds out how many steps the seconds of its row come to, for which other jobs of the row wait.
    pub fn measures(&self) -> bool {
        self.task == Task::Measure
    }

    /// Asks it to end: a training keeps a checkpoint, and of anything else nothing is lost.
    pub fn stop(&mut self) {
        drop(self.child.stdin.take());
        if !self.task.trains() {
            // It may have ended by itself.
            let _ended = self.child.kill();
        }
    }

    /// Looks whether it has ended, and begins what comes next.
    pub fn look(mut self, orders: &Orders<'_>, is_stopping: bool) -> Result<Look, Failure> {
        let status = match self.child.try_wait() {
            Ok(None) => return Ok(Look::Going(self)),
            Ok(Some(status)) => status,
            Err(error) => return Ok(Look::Failed(format!("its process was lost: {error}"))),
        };
        if status.success()
            && let Err(error) = self.task.keep().and_then(|()| self.keep_budget(orders))
        {
            return Ok(Look::Failed(error));
        }
        let standing = orders.study.look(orders.out, self.job);
        let reason = match &standing {
            Standing::Stale { reason, .. } => reason.clone(),
            _ => format!("its run is not what it was started for; see {}", self.log.display()),
        };
        match orders.due(self.job, standing) {
            None => Ok(Look::Done),
            Some(_) if is_stopping => Ok(Look::Stopped),
            Some(_) if !status.success() => {
                Ok(Look::Failed(format!("{} ({status}); see {}", last_error(&self.log), self.log.display())))
            }
            Some(next) if next.comes_after(&self.task) => Ok(match Self::begin(orders, self.job)? {
                Begun::Working(next) => Look::Going(next),
                Begun::Done | Begun::Elsewhere => Look::Done,
                Begun::Refused(reason) => Look::Failed(reason),
            }),
            // What ended well and left no more than it found would do so again.
            Some(_) => Ok(Look::Failed(reason)),
        }
    }
}

impl Worker {
    /// Keeps how many steps the seconds of the row come to, where that was measured.
    fn keep_budget(&mut self, orders: &Orders<'_>) -> Result<(), String> {
        let (Task::Measure, Some(mut out)) = (&self.task, self.child.stdout.take()) else { return Ok(()) };
        let mut said = String::new();
        out.read_to_string(&mut said).map_err(|error| format!("what was measured could not be read: {error}"))?;
        let Orders { study, out, .. } = orders;
        let row = self.job.row;
        let budget = measured(study, row, &said).ok_or_else(|| format!("what was measured does not read: {said}"))?;
        let kept = study.keep_budget(out, row, budget);
        kept.map(drop).map_err(|error| format!("could not keep what was measured: {error}: {}", out.display()))
    }
}

/// What a process has measured for a row's seconds; `None` where it said something else.
fn measured(study: &Study, row: usize, said: &str) -> Option<Budget> {
    #[derive(serde::Deserialize)]
    struct Said {
        device: String,
        within: Within,
    }
    #[derive(serde::Deserialize)]
    struct Within {
        seconds: f64,
        steps: Lengths,
        secs_a_step: Phases<f64>,
    }
    let Said { device, within: Within { seconds, steps, secs_a_step } } = serde_json::from_str(said.trim()).ok()?;
    let recipe = study.rows[row].recipe.to_toml();
    let (program, data) = (
        Environment::program_here(),
        study.data.as_deref().map(|data| std::path::absolute(data).unwrap_or(data.to_owned())),
    );
    Some(Budget { seconds, steps, secs_a_step, device, program, recipe, data })
}

impl Orders<'_> {
    /// What a job of this standing needs next.
    pub fn due(&self, job: Job, standing: Standing) -> Option<Task> {
        let is_of_another = self.retrains && standing.other_program().is_some();
        let task = if is_of_another { Some(Task::Train) } else { Task::of(standing, |run| self.study.lacks(job, run)) };
        let is_unmeasured =
            || self.study.rows[job.row].seconds.is_some() && self.study.budget(self.out, job.row).is_none();
        task.map(|task| if task == Task::Train && is_unmeasured() { Task::Measure } else { task })
    }

    /// The file of what a row is scored with.
    fn what_if(&self, row: usize) -> PathBuf {
        self.recipes.join(format!("{}-what-if.toml", self.study.rows[row].folder))
    }

    /// The file of a job's recipe.
    fn recipe(&self, job: Job) -> PathBuf {
        self.recipes.join(format!("{}-seed-{}.toml", self.study.rows[job.row].folder, job.seed))
    }
}

/// The program itself, told to do a task.
fn command(orders: &Orders<'_>, row: usize, task: &Task, recipe: &Path, program: &Path, place: &Path) -> Command {
    let mut command = Command::new(program);
    match task {
        Task::Measure => {
            let seconds = orders.study.rows[row].seconds.unwrap_or_default();
            command.arg("bench").arg("--recipe").arg(recipe).arg("--data").arg(orders.data).arg("--json");
            command.arg("--within").arg(seconds.to_string());
        }
        Task::Train => {
            command.arg("train").arg("--recipe").arg(recipe).arg("--data").arg(orders.data).arg("--out").arg(place);
            command.arg("--until-input-ends");
        }
        Task::Resume(run) => {
            command.arg("train").arg("--resume").arg(run).arg("--until-input-ends");
        }
        Task::Score(run, protocol) => {
            command.arg("evaluate").arg(run).arg("--split").arg(&orders.study.split);
            if let Some(protocol) = protocol {
                command.arg("--protocol").arg(protocol.word());
            }
            if orders.study.rows[row].what_if.is_some() {
                command.arg("--what-if").arg(orders.what_if(row));
            }
        }
        Task::Make { run, product, part } => match product {
            Product::Teacher | Product::Encoder => {
                // No device and no voice: it only copies.
                command.arg("export").arg(run).arg("--encoder").arg("--out").arg(part);
                return command;
            }
            Product::PseudoLabels { sensor, min_confidence } => {
                command.arg("pseudo-label").arg(run).arg("--data").arg(orders.data).arg("--out").arg(part);
                command.arg("--min-confidence").arg(min_confidence.to_string());
                if let Some(sensor) = sensor {
                    command.arg("--sensor").arg(sensor);
                }
            }
        },
    }
    if task.trains() && orders.writes_events {
        command.arg("--tensorboard");
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
    fn what_bench_says_of_a_time_becomes_a_budget() {
        let text = "title = 't'\nbase = 'ogp-net-demo'\nseeds = 1\nseconds = 9\n[[rows]]\nname = 'a'\n";
        let study = Study::from_text(text, Path::new("s.toml")).unwrap();
        let said = "{\"event\":\"bench\",\"device\":\"cpu\",\"within\":{\"seconds\":9.0,\
                    \"steps\":{\"teacher\":2,\"student\":4,\"adaptation\":0},\
                    \"secs_a_step\":{\"teacher\":1.5,\"student\":1.5,\"adaptation\":0.0}}}\n";
        let budget = measured(&study, 0, said).unwrap();
        let out = tempfile::tempdir().unwrap();
        assert_eq!(budget.steps, Lengths { teacher: 2, student: 4, adaptation: 0 });
        study.keep_budget(out.path(), 0, budget.clone()).unwrap();
        assert_eq!(study.budget(out.path(), 0), Some(budget));
        assert_eq!(measured(&study, 0, "{\"device\":\"cpu\",\"within\":null}"), None);
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
