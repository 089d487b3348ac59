//! Drives a session from the terminal, the same engine as the window's, and tells what happens.

use std::path::PathBuf;
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;
use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::protocol::{
    self, Command, EvaluationReport, Event, Level, SessionState, SplitSummary, StepReport, changes_words, counted,
    share,
};
use fusionscope_engine::session::{Paint, Session, SessionOptions};

use super::arguments::{Trust, Voice};
use super::exit::{Exit, Failure, OrFail as _};
use super::interrupt::Interrupt;
use super::json::lines_from_event;
use super::output;
use super::progress::Progress;

/// How often Ctrl-C is looked for while the session is silent.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A session and what it has told so far.
pub struct Headless {
    session: Session,
    interrupt: Interrupt,
    voice: Voice,
    progress: Progress,
    max_steps: Option<u64>,
    /// The splits of the open data set.
    pub splits: Vec<SplitSummary>,
    /// The run folder, once there is one.
    pub run: Option<PathBuf>,
    /// The newest checkpoint of this session.
    pub checkpoint: Option<(u64, PathBuf)>,
    /// The step of the run's newest checkpoint, written now or before it was resumed.
    pub kept: Option<u64>,
    /// The last step that was taken.
    pub step: u64,
    /// How many steps the run has in all; 0 while unknown.
    pub total_steps: u64,
    /// How many of them `--steps` sets, until that is said.
    pub student_steps: Option<u64>,
    /// The last evaluation of the network that the run makes.
    pub evaluation: Option<EvaluationReport>,
    /// Where the run was stopped, and how many steps it was to take.
    pub stopped: Option<(u64, u64)>,
    /// What could not be done since the last step.
    errors: Vec<protocol::Failure>,
    state: SessionState,
}

/// How a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All steps were taken.
    Complete,
    /// As many steps as the command line allows were taken, and some are left.
    Limited,
    /// Ctrl-C.
    Interrupted,
    /// A step could not be taken, for example because a loss term was no number.
    Held,
}

impl Headless {
    /// Starts a session that makes its run folders in `runs_dir`.
    pub fn start(
        device: DeviceChoice,
        runs_dir: PathBuf,
        max_steps: Option<u64>,
        trust: Trust,
        voice: Voice,
        interrupt: Interrupt,
        paint: Paint,
    ) -> Result<Self, Failure> {
        let (reach, paint) = (trust.reach(), Some(paint));
        let options = SessionOptions { device, runs_dir, max_steps, reach, paint, ..SessionOptions::default() };
        let session = Session::spawn(options).or_fail()?;
        Ok(Self {
            session,
            interrupt,
            voice,
            progress: Progress::new(voice),
            max_steps,
            splits: Vec::new(),
            run: None,
            checkpoint: None,
            kept: None,
            step: 0,
            total_steps: 0,
            student_steps: None,
            evaluation: None,
            stopped: None,
            errors: Vec::new(),
            state: SessionState::Idle,
        })
    }

    /// Sends a command that prepares something and waits until that is done.
    ///
    /// A run that cannot begin has failed, and one that cannot go on is a run folder that could not be used; other
    /// failures end as their kind says.
    pub fn prepare(&mut self, command: Command) -> Result<(), Failure> {
        self.errors.clear();
        let not_begun = if command == Command::ResumeRun { Exit::BadData } else { Exit::Failed };
        self.session.send(command).or_fail()?;
        let mut began = false;
        loop {
            if self.interrupt.was_pressed() {
                return Err(Failure::new(Exit::Interrupted, "interrupted before the first step"));
            }
            let Some(event) = self.next_event()? else { continue };
            let is_end = matches!(event, Event::Ended);
            if let Event::State(state) = event {
                match state {
                    SessionState::Preparing { .. } => began = true,
                    SessionState::Failed(failure) => return Err(Failure::new(not_begun, failure)),
                    _ if began => {
                        return self.errors.first().map_or(Ok(()), |failure| Err(failure.into()));
                    }
                    _ => {}
                }
            }
            if is_end {
                return Err(Failure::new(Exit::Failed, "the session ended by itself"));
            }
        }
    }

    /// Sends a command that is done at once.
    pub fn send(&self, command: Command) -> Result<(), Failure> {
        self.session.send(command).or_fail()
    }

    /// Tells what happens until the run has ended; Ctrl-C and a step that cannot be taken end it with a checkpoint.
    pub fn until_ended(&mut self) -> Result<Ending, Failure> {
        self.errors.clear();
        self.interrupt.keeps("Saving a checkpoint");
        let mut ending = Ending::Complete;
        let mut stopping = false;
        // A run of one step may have ended while it was prepared.
        while !matches!(self.state, SessionState::Finished | SessionState::Stopped { .. }) {
            if self.interrupt.was_pressed() && !stopping {
                stopping = true;
                ending = Ending::Interrupted;
                self.send(Command::Stop)?;
            }
            let Some(event) = self.next_event()? else { continue };
            match event {
                Event::Ended => break,
                Event::State(SessionState::Failed(failure)) => {
                    self.progress.end();
                    return Err(Failure::new(Exit::Failed, failure));
                }
                Event::State(SessionState::Paused) if !stopping => {
                    stopping = true;
                    ending = Ending::Held;
                    self.send(Command::Stop)?;
                }
                _ => {}
            }
        }
        self.progress.end();
        let limited = self.max_steps.is_some_and(|limit| self.step >= limit);
        let is_limited = ending == Ending::Complete && limited && self.step < self.total_steps;
        Ok(if is_limited { Ending::Limited } else { ending })
    }

    /// The last error that was told since the last step, if any.
    pub fn last_error(&self) -> Option<&str> {
        self.errors.last().map(|failure| failure.text.as_str())
    }

    /// The next event, told and remembered; `None` where there was none for a while.
    fn next_event(&mut self) -> Result<Option<Event>, Failure> {
        match self.session.events().recv_timeout(LOOK_EVERY) {
            Ok(event) => {
                self.tell(&event)?;
                self.remember(&event);
                Ok(Some(event))
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Ok(Some(Event::Ended)),
        }
    }

    fn remember(&mut self, event: &Event) {
        match event {
            Event::State(state) => {
                if let SessionState::Stopped { step, of } = state {
                    self.stopped = Some((*step, *of));
                }
                self.state = state.clone();
            }
            Event::Dataset(dataset) => self.splits.clone_from(&dataset.splits),
            Event::Run { path, checkpoint } => {
                self.run = Some(path.clone());
                self.kept = *checkpoint;
                self.step = checkpoint.unwrap_or_default();
            }
            Event::Steps(steps) => {
                if let Some(last) = steps.last() {
                    (self.step, self.total_steps) = (last.step, last.total_steps);
                }
                self.errors.clear();
            }
            Event::Checkpoint { step, path } => {
                self.checkpoint = Some((*step, path.clone()));
                self.kept = Some(*step);
            }
            Event::Evaluation(report) if report.of_teacher => {}
            Event::Evaluation(report) => self.evaluation = Some(report.clone()),
            Event::Failure { failure, .. } => self.errors.push(failure.clone()),
            Event::Runs { path, runs } => {
                let words = format!("a folder of {} runs; name one of them: {}", runs.len(), path.display());
                self.errors.push(protocol::Failure::new(protocol::FailureKind::Unreadable, words));
            }
            _ => {}
        }
    }

    fn tell(&mut self, event: &Event) -> Result<(), Failure> {
        if self.voice.json {
            for line in lines_from_event(event) {
                output::json(&line)?;
            }
            return Ok(());
        }
        match event {
            Event::State(SessionState::Preparing { what, done, total }) => {
                self.progress.begin(what, *done);
                self.progress.advance(*done, *total, "");
            }
            Event::State(SessionState::Evaluating { done, total }) => {
                self.progress.begin("evaluating", *done);
                self.progress.advance(*done, *total, "");
            }
            Event::Steps(steps) => {
                if let Some(step) = steps.last() {
                    if let Some(own) = self.student_steps.take().filter(|&own| own < step.total_steps) {
                        let all = counted(step.total_steps, "step");
                        let words = "--steps is of the student phase alone; --max-steps ends the whole run";
                        self.progress.say(&format!("{own} of {all} are the student's: {words}"));
                    }
                    self.progress.begin(&format!("{} phase, step", step.phase.name()), step.step);
                    self.progress.advance_until(step.step, step.total_steps, step.phase_end(), &loss_words(step));
                }
            }
            Event::Dataset(dataset) => {
                let splits: Vec<String> =
                    dataset.splits.iter().map(|split| format!("{} {}", split.name, split.ids.len())).collect();
                let path = dataset.path.display();
                self.progress.say(&format!("data set {} ({}): {path}", dataset.name, splits.join(", ")));
            }
            Event::Network(network) => self.progress.say(&format!(
                "network for {}: {} on {}",
                network.sensors.join(" + "),
                counted(network.parameters, "parameter"),
                network.device
            )),
            Event::Run { path, .. } => self.progress.say(&format!("run folder: {}", path.display())),
            Event::Changed(changes) if !changes.is_empty() => {
                self.progress.say(&format!("changed since the run began: {}", changes_words(changes)));
            }
            Event::Evaluation(report) => self.progress.say(&evaluation_words(report)),
            // What prevents a run from beginning is told as the reason why the program ends.
            Event::Failure { .. } if self.run.is_none() => {}
            Event::Failure { failure, .. } if self.voice.quiet => output::complain(&format!("error: {failure}")),
            Event::Failure { failure, .. } => self.progress.say(&format!("error: {failure}")),
            Event::DataGone { path, failure } => self.progress.say(&format!(
                "warning: the run's data set could not be opened: {failure}; --data names where it lies now{}{}",
                if path.as_os_str().is_empty() { "" } else { ": " },
                path.display()
            )),
            Event::Notice { level, text, .. } => self.progress.say(&match level {
                Level::Info => text.clone(),
                Level::Warning => format!("warning: {text}"),
                Level::Error => format!("error: {text}"),
            }),
            _ => {}
        }
        Ok(())
    }
}

fn loss_words(step: &StepReport) -> String {
    step.term("total").map_or_else(String::new, |loss| format!("loss {loss:.4}"))
}

/// One line: mIoU of every subset on the whole split.
fn evaluation_words(report: &EvaluationReport) -> String {
    let figures: Vec<String> = report
        .subsets
        .iter()
        .filter(|scores| scores.tag.is_empty())
        .map(|scores| {
            let figure = scores.miou.map_or_else(|| "–".to_owned(), share);
            format!("{} {figure}", scores.sensors.join(" + "))
        })
        .collect();
    let changed = match report.changed.as_slice() {
        [] => String::new(),
        changed => format!(" (changed: {})", changes_words(changed)),
    };
    let whose = if report.of_teacher { "the teacher on " } else { "" };
    let EvaluationReport { split, step, convention, .. } = report;
    format!("{whose}{split} at step {step}: mIoU ({convention}) {}{changed}", figures.join(" · "))
}
