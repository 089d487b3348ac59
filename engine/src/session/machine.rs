//! The state machine: which command does what in which state, and what is told about it.

mod comparing;
mod evaluating;
mod opening;
mod recording;
mod training;
mod what_if;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crossbeam_channel::Receiver;

use super::clouds::Clouds;
use super::desk::{Desk, flat, guarded, preparing};
use super::engine::Engine;
use super::halt::Halt;
use super::outbox::Outbox;
use super::slots::Slots;
use super::times::Times;
use super::views::Views;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::protocol::{Command, Event, Level, LiveChange, SessionState, Subject};
use crate::recipe::{Recipe, preset};

/// Commands obeyed between two steps, so that a chatty app cannot starve the run.
const COMMANDS_A_STEP: usize = 64;

/// The worker: obeys commands between steps and tells what happens.
pub(super) struct Machine<E> {
    engine: E,
    state: SessionState,
    /// The recipe of the next run, and of the run in hand.
    recipe: Recipe,
    /// Whether a run is under way, held or not.
    running: bool,
    /// Hold after the next step.
    one_step: bool,
    /// Whether the run's record says that it is held.
    is_held: bool,
    /// The settings that were changed since the run or model in hand began.
    changes: Vec<LiveChange>,
    /// The step of the newest checkpoint of the run in hand.
    kept: Option<u64>,
    /// Whether something waits that could not be written into the run folder.
    lacks: bool,
    /// Why the run that has ended could not be saved and lies in memory alone.
    unsaved: Option<Failure>,
    times: Times,
    desk: Desk,
}

/// Who wanted an evaluation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asker {
    User,
    Run,
    EndOfRun,
}

impl<E: Engine> Machine<E> {
    pub(super) fn new(
        engine: E,
        commands: Receiver<Command>,
        outbox: Outbox,
        slots: Arc<Slots>,
        clouds: Arc<Clouds>,
    ) -> Self {
        let recipe = preset("ogp-net-demo").unwrap_or_else(|_shipped| Recipe::defaults("recipe"));
        let desk = Desk {
            commands,
            pending: VecDeque::new(),
            outbox,
            slots,
            views: Views::new(),
            clouds,
            to_gather: BTreeMap::new(),
            leaving: false,
            told: None,
        };
        let times = Times::default();
        Self {
            engine,
            state: SessionState::Idle,
            recipe,
            running: false,
            one_step: false,
            is_held: false,
            changes: Vec::new(),
            kept: None,
            lacks: false,
            unsaved: None,
            times,
            desk,
        }
    }

    /// Works until told to end, or until the app has gone.
    pub(super) fn run(mut self) {
        if let Err(panic) = guarded(|| self.work()) {
            // A fault of the machine itself: the app must still learn that this is the end.
            self.desk.outbox.post(Event::State(SessionState::Failed(Failure::from_panic(&panic))));
        }
        self.desk.outbox.post(Event::Ended);
        let Self { desk, .. } = &mut self;
        desk.outbox.deliver(&desk.commands);
    }

    fn work(&mut self) {
        self.announce(SessionState::Idle);
        while !self.desk.leaving {
            // Whoever lets go of the session does not wait for what was asked before.
            self.desk.put_commands_aside();
            if self.desk.leaving {
                break;
            }
            for _ in 0..COMMANDS_A_STEP {
                let Some(command) = self.desk.next_command() else { break };
                self.obey(command);
            }
            if self.desk.leaving {
                break;
            }
            if self.state == SessionState::Training {
                self.take_step();
            } else {
                self.rest();
            }
        }
        if self.running || self.unsaved.is_some() {
            self.save();
        }
    }

    fn announce(&mut self, state: SessionState) {
        self.state = state.clone();
        self.desk.outbox.post(Event::State(state));
    }

    fn obey(&mut self, command: Command) {
        let at_rest = self.state.is_at_rest();
        match command {
            Command::Shutdown => self.desk.leaving = true,
            Command::View(request) => {
                if !self.desk.views.ask(request) {
                    let text = "Too many views are open; close one to open another";
                    self.desk.notice(Subject::View, Level::Warning, text);
                }
            }
            Command::CloseView { view } => {
                self.desk.views.close(view);
                self.desk.slots.remove(view);
            }
            Command::Embed(request) => {
                self.desk.to_gather.insert(request.slot, request);
            }
            Command::Steer { slot, steer } => self.desk.clouds.steer(slot, steer),
            Command::CloseEmbedding { slot } => {
                self.desk.to_gather.remove(&slot);
                self.desk.clouds.close(slot);
            }
            Command::WriteEvents { events } => self.engine.write_events(events),
            Command::KeepAlbum(wish) => {
                self.engine.keep_album(wish);
                // A scene that was just pinned has its first page at once.
                self.keep_pages(false);
            }
            Command::SetViewBudget { share } => {
                if !self.desk.views.set_share(share) {
                    let text = format!("The share of time for pictures is {share}; expected a number from 0 to 1");
                    self.desk.notice(Subject::Command, Level::Warning, text);
                }
            }
            Command::Set { key, value } => self.set(&key, value),
            Command::LoadData { path } if at_rest => self.load_data(&path),
            Command::TrustData { path } if at_rest => {
                self.engine.trust(&path);
                self.load_data(&path);
            }
            Command::LoadRecipe { recipe } if at_rest => self.load_recipe(recipe),
            Command::OpenRun { path, data } if at_rest => self.open_run(&path, data.as_deref()),
            Command::JoinClasses { picks, file } if at_rest => self.join_classes(&picks, &file),
            Command::CompareWith { path } => self.compare_with(&path),
            Command::StopComparing => self.stop_comparing(),
            Command::CompareSplit { of, from } => self.compare_split(&of, from),
            Command::FindConfused(of) => self.find_confused(&of),
            Command::ScoreScenes => self.score_scenes(),
            Command::ResumeRun if at_rest => self.begin(true, false),
            Command::Start if at_rest => self.begin(false, false),
            Command::StepOnce if at_rest => self.begin(false, true),
            Command::Start if self.state == SessionState::Paused => self.go_on(false),
            Command::StepOnce if self.state == SessionState::Paused => self.go_on(true),
            Command::StepOnce if self.running => self.one_step = true,
            Command::Pause if self.state == SessionState::Training => self.hold(),
            Command::Stop if self.running => self.stop(),
            Command::SaveCheckpoint if self.running || self.has_ended() => self.save(),
            Command::Discard if self.unsaved.is_some() => self.discard(),
            Command::Evaluate { split } => self.evaluate(&split, Asker::User),
            Command::EvaluateWhatIf { split, what_if } => self.evaluate_what_if(&split, &what_if),
            Command::RunProtocol { protocol, split } => self.run_protocol(protocol, &split),
            Command::LoadData { .. } | Command::TrustData { .. } => {
                self.unfit("open another data set", "stop the run first");
            }
            Command::LoadRecipe { .. } => {
                self.unfit("change the whole recipe", "stop the run first, or change live settings one by one");
            }
            Command::JoinClasses { .. } => self.unfit("map the classes", "stop the run first"),
            Command::OpenRun { .. } => self.unfit("open another run", "stop this one first"),
            Command::ResumeRun => self.unfit("resume a run", "stop this one first"),
            Command::Start => self.unfit("start", "a run is already training"),
            Command::StepOnce => self.unfit("take a step", "start a run first"),
            Command::Pause => self.unfit("pause", "no run is training"),
            Command::Stop => self.unfit("stop", "no run is under way"),
            Command::SaveCheckpoint => self.unfit("save a checkpoint", "no run is under way"),
            Command::Discard => self.unfit("discard a run", "none waits to be saved"),
            // The handle gives them to the threads that answer.
            Command::Shelf(_) | Command::Gallery(_) | Command::Disk(_) => {}
        }
    }

    /// Whether a run has come to its end, or was stopped, and nothing else was done since.
    fn has_ended(&self) -> bool {
        matches!(self.state, SessionState::Finished | SessionState::Stopped { .. })
    }

    fn unfit(&mut self, wish: &str, instead: &str) {
        self.desk.notice(Subject::Command, Level::Warning, format!("Could not {wish}: {instead}"));
    }

    /// Prepares something with the engine. Stopped or failed, the session stands where it stood before, and it is said
    /// why.
    fn prepare<T>(
        &mut self,
        what: &str,
        work: impl FnOnce(&mut E, &mut Progress<'_>) -> Result<T, Halt>,
    ) -> Result<T, Option<Failure>> {
        self.announce(preparing(what, 0, 0));
        self.desk.told = None;
        let Self { engine, desk, .. } = self;
        let prepared = flat(guarded(|| work(engine, &mut |what, done, total| desk.prepare(what, done, total))));
        prepared.map_err(|halt| match halt {
            Halt::Failed(failure) => Some(failure),
            Halt::Stopped => {
                self.stopped(&format!("{what} was stopped"));
                None
            }
        })
    }

    /// What the user stopped was something other than a run.
    fn stopped(&mut self, words: &str) {
        self.desk.forget_stop();
        self.desk.notice(Subject::Command, Level::Info, words);
    }

    /// Goes back to the state before something that is done. A failure has been told when it happened.
    fn return_to(&mut self, former: SessionState) {
        self.announce(if let SessionState::Failed(_) = former { SessionState::Idle } else { former });
    }

    /// Whether another run or data set may take the place of what is in memory. A run that could not be saved is saved
    /// now, or it stands in the way.
    fn makes_way(&mut self, wish: &str) -> bool {
        if self.unsaved.is_none() {
            return true;
        }
        match self.try_to_save() {
            Ok(()) => true,
            Err(Failure { kind, text }) => {
                let text = format!(
                    "Could not {wish}: the run that has ended is not saved yet. {}. Save its checkpoint once that is mended, or \
                     discard the run",
                    text.trim_end_matches('.')
                );
                self.desk.fail(Subject::Checkpoint, Failure::new(kind, text));
                false
            }
        }
    }

    /// Nothing trains: draws what was asked for, else waits for a command.
    fn rest(&mut self) {
        if !self.engine.has_data() {
            self.desk.wait();
        } else if let Some(request) = self.desk.views.next_at_rest() {
            if self.desk.draw(&self.engine, &request).is_err() {
                self.desk.views.refused(&request);
                self.stopped("Drawing a scene was stopped");
            }
        } else if let Some(&slot) = self.desk.to_gather.keys().next() {
            if self.desk.gather(&self.engine).is_err() {
                self.desk.to_gather.remove(&slot);
                self.stopped("Gathering features was stopped");
            }
        } else {
            self.desk.wait();
        }
    }
}
