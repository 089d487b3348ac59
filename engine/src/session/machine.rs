//! The state machine: which command does what in which state, and what is told about it.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Receiver;

use super::clouds::Clouds;
use super::desk::{Desk, flat, guarded, preparing};
use super::engine::{DataLoaded, Engine, RunBegun, StepFailure, Stepped};
use super::outbox::Outbox;
use super::slots::Slots;
use super::times::Times;
use super::views::Views;
use super::words::change_words;
use crate::protocol::{Command, Event, Level, SessionState};
use crate::recipe::{Change, Recipe, Value, preset, setting};

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
    /// The step of the newest checkpoint of the run in hand.
    kept: Option<u64>,
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
        };
        let times = Times::default();
        Self { engine, state: SessionState::Idle, recipe, running: false, one_step: false, kept: None, times, desk }
    }

    /// Works until told to end, or until the app has gone.
    pub(super) fn run(mut self) {
        if let Err(reason) = guarded(|| self.work()) {
            // A fault of the machine itself: the app must still learn that this is the end.
            self.desk.outbox.post(Event::State(SessionState::Failed { reason }));
        }
        self.desk.outbox.post(Event::Ended);
        let Self { desk, .. } = &mut self;
        desk.outbox.deliver(&desk.commands);
    }

    fn work(&mut self) {
        self.announce(SessionState::Idle);
        while !self.desk.leaving {
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
        if self.running {
            self.save(Level::Error);
        }
    }

    fn announce(&mut self, state: SessionState) {
        self.state = state.clone();
        self.desk.outbox.post(Event::State(state));
    }

    fn obey(&mut self, command: Command) {
        let at_rest = matches!(self.state, SessionState::Idle | SessionState::Finished | SessionState::Failed { .. });
        match command {
            Command::Shutdown => self.desk.leaving = true,
            Command::View(request) => {
                if !self.desk.views.ask(request) {
                    self.desk.notice(Level::Warning, "Too many views are open; close one to open another");
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
            Command::SetViewBudget { share } => {
                if !self.desk.views.set_share(share) {
                    let text = format!("The share of time for pictures is {share}; expected a number from 0 to 1");
                    self.desk.notice(Level::Warning, text);
                }
            }
            Command::Set { key, value } => self.set(&key, value),
            Command::LoadData { path } if at_rest => self.load_data(&path),
            Command::LoadRecipe { recipe } if at_rest => self.load_recipe(recipe),
            Command::OpenRun { path } if at_rest => self.open_run(&path),
            Command::ResumeRun if at_rest => self.begin(true, false),
            Command::Start if at_rest => self.begin(false, false),
            Command::StepOnce if at_rest => self.begin(false, true),
            Command::Start if self.state == SessionState::Paused => {
                self.one_step = false;
                self.announce(SessionState::Training);
            }
            Command::StepOnce if self.running => {
                self.one_step = true;
                if self.state == SessionState::Paused {
                    self.announce(SessionState::Training);
                }
            }
            Command::Pause if self.state == SessionState::Training => self.hold(),
            Command::Stop if self.running => self.stop(),
            Command::SaveCheckpoint if self.running || self.state == SessionState::Finished => {
                self.save(Level::Error);
            }
            Command::Evaluate { split } => self.evaluate(&split, Asker::User),
            Command::LoadData { .. } => self.unfit("open another data set", "stop the run first"),
            Command::LoadRecipe { .. } => {
                self.unfit("change the whole recipe", "stop the run first, or change live settings one by one");
            }
            Command::OpenRun { .. } => self.unfit("open another run", "stop this one first"),
            Command::ResumeRun => self.unfit("resume a run", "stop this one first"),
            Command::Start => self.unfit("start", "a run is already training"),
            Command::StepOnce => self.unfit("take a step", "start a run first"),
            Command::Pause => self.unfit("pause", "no run is training"),
            Command::Stop => self.unfit("stop", "no run is under way"),
            Command::SaveCheckpoint => self.unfit("save a checkpoint", "no run is under way"),
        }
    }

    fn unfit(&mut self, wish: &str, instead: &str) {
        self.desk.notice(Level::Warning, format!("Could not {wish}: {instead}"));
    }

    fn load_data(&mut self, path: &Path) {
        let former = self.state.clone();
        self.announce(preparing("Opening the data set", 0, 0));
        let Self { engine, desk, .. } = self;
        let loaded = guarded(|| engine.load_data(path, &mut |what, done, total| desk.prepare(what, done, total)));
        match flat(loaded) {
            Ok(loaded) => self.tell_data(loaded),
            Err(text) => self.desk.notice(Level::Error, text),
        }
        self.announce(former);
    }

    fn tell_data(&mut self, loaded: DataLoaded) {
        self.desk.slots.clear();
        self.desk.views.clear();
        self.desk.clouds.clear();
        self.desk.to_gather.clear();
        self.desk.warn(loaded.warnings);
        self.desk.outbox.post(Event::Dataset(loaded.summary));
    }

    fn load_recipe(&mut self, recipe: Recipe) {
        match recipe.check() {
            Ok(()) => {
                self.recipe = recipe.clone();
                self.desk.outbox.post(Event::Recipe(recipe));
            }
            Err(error) => self.desk.notice(Level::Error, error.to_string()),
        }
    }

    fn open_run(&mut self, path: &Path) {
        let former = self.state.clone();
        self.announce(preparing("Opening the run", 0, 0));
        let Self { engine, desk, .. } = self;
        let opened = guarded(|| engine.open_run(path, &mut |what, done, total| desk.prepare(what, done, total)));
        match flat(opened) {
            Ok(opened) => {
                self.recipe = opened.recipe.clone();
                if let Some(data) = opened.data {
                    self.tell_data(data);
                }
                self.desk.warn(opened.warnings);
                self.desk.outbox.post(Event::Recipe(opened.recipe));
                let has_network = opened.network.is_some();
                if let Some(network) = opened.network {
                    self.desk.outbox.post(Event::Network(network));
                }
                let checkpoint = has_network.then(|| self.engine.position());
                self.desk.outbox.post(match opened.folder {
                    Some(path) => Event::Run { path, checkpoint },
                    None => Event::Model { path: path.to_owned() },
                });
                if !opened.history.is_empty() {
                    self.desk.outbox.post(Event::Steps(opened.history));
                }
                for report in opened.evaluations {
                    self.desk.outbox.post(Event::Evaluation(report));
                }
                self.desk.views.stale();
                self.announce(SessionState::Idle);
            }
            Err(text) => {
                self.desk.notice(Level::Error, text);
                self.announce(former);
            }
        }
    }

    fn begin(&mut self, resume: bool, one_step: bool) {
        if !resume && !self.engine.has_data() {
            self.unfit("start", "open a data set first");
            return;
        }
        self.announce(preparing("Preparing the run", 0, 0));
        let Self { engine, desk, recipe, .. } = self;
        let begun = guarded(|| {
            let mut progress = |what: &str, done, total| desk.prepare(what, done, total);
            if resume { engine.resume(&mut progress) } else { engine.start(recipe, &mut progress) }
        });
        match flat(begun) {
            Ok(begun) => {
                self.kept = Some(begun.step).filter(|_| resume && begun.step > 0);
                self.tell_run(begun);
                self.running = true;
                self.one_step = one_step;
                if self.engine.compiles() {
                    // The first step on a graphics card compiles every kernel, which can take long.
                    self.announce(preparing("Compiling kernels in the first step", 0, 0));
                    self.take_step();
                }
                if matches!(self.state, SessionState::Preparing { .. }) {
                    self.announce(SessionState::Training);
                }
            }
            Err(reason) => self.fail(reason),
        }
    }

    fn tell_run(&mut self, begun: RunBegun) {
        self.recipe = begun.recipe.clone();
        if let Some(data) = begun.data {
            self.tell_data(data);
        }
        self.desk.warn(begun.warnings);
        for text in begun.notes {
            self.desk.notice(Level::Info, text);
        }
        self.desk.outbox.post(Event::Run { path: begun.folder, checkpoint: self.kept });
        self.desk.outbox.post(Event::Recipe(begun.recipe));
        self.desk.outbox.post(Event::Network(begun.network));
        if !begun.history.is_empty() {
            self.desk.outbox.post(Event::Steps(begun.history));
        }
        let begin = if begun.step == 0 { "start" } else { "resumed" };
        self.desk.mark(begun.step, format!("{begin}, {} phase", begun.phase.name()));
        self.desk.views.stale();
    }

    fn take_step(&mut self) {
        let begun = Instant::now();
        let engine = &mut self.engine;
        match guarded(|| engine.step()) {
            Ok(Ok(stepped)) => self.after_step(stepped, begun.elapsed().as_secs_f64()),
            Ok(Err(StepFailure::Held(text))) => {
                let step = self.engine.position();
                self.desk.mark(step, "warning: step not taken");
                self.desk.notice(Level::Error, text);
                self.hold();
            }
            Ok(Err(StepFailure::Broken(reason))) => self.fail(self.with_way_on(&reason)),
            Err(panic) => {
                let reason = format!("The step could not be taken because of a fault in the program ({panic})");
                self.fail(self.with_way_on(&reason));
            }
        }
    }

    fn after_step(&mut self, stepped: Stepped, secs: f64) {
        let Stepped { report, spans, entered, evaluation_due, checkpoint_due, done, warnings } = stepped;
        let step = report.step;
        let times = self.times.add(step, &spans, report.secs);
        self.desk.outbox.post(Event::Steps(vec![report]));
        if let Some(times) = times {
            self.desk.outbox.post(Event::Times(times));
        }
        self.desk.warn(warnings);
        if let Some((phase, network)) = entered {
            self.desk.outbox.post(Event::Network(network));
            self.desk.mark(step, format!("{} phase", phase.name()));
        }
        if done {
            self.finish();
            return;
        }
        if checkpoint_due {
            self.save(Level::Warning);
        }
        if let Some(split) = self.engine.own_split(false).filter(|_| evaluation_due) {
            self.evaluate(&split, Asker::Run);
        }
        self.desk.views.stale();
        self.desk.views.earn(secs);
        if self.one_step {
            self.hold();
        } else {
            let slots = Arc::clone(&self.desk.slots);
            if let Some(request) = self.desk.views.next_in_training(|view| slots.seen(view)) {
                let begun = Instant::now();
                self.desk.draw(&self.engine, &request);
                self.desk.views.spend(begun.elapsed().as_secs_f64());
            }
            self.desk.gather(&self.engine);
        }
    }

    fn hold(&mut self) {
        self.one_step = false;
        self.announce(SessionState::Paused);
    }

    /// The run has taken its last step.
    fn finish(&mut self) {
        let saved = self.save(Level::Error);
        if let Some(split) = self.engine.own_split(true) {
            self.evaluate(&split, Asker::EndOfRun);
        }
        self.end_run(saved);
    }

    fn stop(&mut self) {
        let step = self.engine.position();
        let saved = self.save(Level::Error);
        self.desk.mark(step, "stopped");
        self.end_run(saved);
    }

    fn end_run(&mut self, saved: bool) {
        self.running = false;
        self.one_step = false;
        // A run that could not be saved stays in memory, so that its checkpoint can be asked for again.
        if saved {
            let engine = &mut self.engine;
            if let Err(panic) = guarded(|| engine.end_run()) {
                self.desk.notice(Level::Warning, panic);
            }
        }
        self.desk.views.stale();
        self.announce(SessionState::Finished);
    }

    /// Why a run broke, and from where it can be resumed.
    fn with_way_on(&self, reason: &str) -> String {
        let reason = reason.trim_end_matches('.');
        match self.kept {
            Some(step) => format!("{reason}. The checkpoint of step {step} is intact: resume the run from there"),
            None => format!("{reason}. The run has no checkpoint yet: train again"),
        }
    }

    fn fail(&mut self, reason: String) {
        self.running = false;
        self.one_step = false;
        let engine = &mut self.engine;
        if let Err(panic) = guarded(|| engine.abandon_run()) {
            self.desk.notice(Level::Warning, panic);
        }
        self.announce(SessionState::Failed { reason });
    }

    /// Writes a checkpoint; a failure is told at `level` and the run goes on.
    fn save(&mut self, level: Level) -> bool {
        let engine = &mut self.engine;
        match flat(guarded(|| engine.save())) {
            Ok((step, path)) => {
                self.kept = Some(step);
                self.desk.mark(step, "checkpoint");
                self.desk.outbox.post(Event::Checkpoint { step, path });
                true
            }
            Err(text) => {
                if level == Level::Warning {
                    let step = self.engine.position();
                    self.desk.mark(step, "warning: no checkpoint");
                }
                self.desk.notice(level, text);
                false
            }
        }
    }

    fn set(&mut self, key: &str, value: Value) {
        let mut recipe = self.recipe.clone();
        if let Err(error) = recipe.set(key, value).and_then(|()| recipe.check()) {
            self.desk.notice(Level::Warning, error.to_string());
            return;
        }
        let Some(value) = recipe.value(key).cloned() else { return };
        let live = setting(key).is_some_and(|setting| setting.change == Change::Live);
        if self.running && !live {
            let text =
                format!("`{key}` belongs to the structure of a run: stop this run and start another to change it");
            self.desk.notice(Level::Warning, text);
            return;
        }
        if live {
            let engine = &mut self.engine;
            if let Err(text) = flat(guarded(|| engine.set(key, &value))) {
                self.desk.notice(Level::Warning, text);
                return;
            }
        }
        self.recipe = recipe.clone();
        self.desk.outbox.post(Event::Recipe(recipe));
        if self.running {
            let step = self.engine.position();
            self.desk.mark(step, change_words(key, &value));
        }
        self.desk.views.stale();
    }

    fn evaluate(&mut self, split: &str, asker: Asker) {
        if !self.engine.has_model() || !self.engine.has_data() {
            self.unfit("evaluate", "open a data set and a run, or train one, first");
            return;
        }
        let former = self.state.clone();
        self.announce(SessionState::Evaluating { done: 0, total: 0 });
        let Self { engine, desk, .. } = self;
        let engine = &*engine;
        let report = guarded(|| {
            engine.evaluate(split, &mut |done, total| {
                desk.outbox.post(Event::State(SessionState::Evaluating { done, total }));
                desk.put_commands_aside();
                if let Some(request) = desk.views.next_asked() {
                    desk.draw(engine, &request);
                }
                if desk.wants_evaluation_ended() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        });
        match flat(report) {
            Ok(Some(report)) => {
                let engine = &mut self.engine;
                if let Err(text) = flat(guarded(|| engine.keep_evaluation(&report))) {
                    self.desk.notice(Level::Warning, text);
                }
                self.desk.outbox.post(Event::Evaluation(report));
            }
            Ok(None) => {
                // What the user stopped is the evaluation, unless the run itself had wanted it.
                if asker != Asker::Run {
                    self.desk.forget_stop();
                }
                self.desk.notice(Level::Info, format!("The evaluation on {split} was stopped"));
            }
            Err(text) => self.desk.notice(Level::Error, text),
        }
        if asker == Asker::EndOfRun {
            self.state = former;
        } else {
            self.announce(former);
        }
    }

    /// Nothing trains: draws what was asked for, else waits for a command.
    fn rest(&mut self) {
        if let Some(request) = self.desk.views.next_at_rest().filter(|_| self.engine.has_data()) {
            self.desk.draw(&self.engine, &request);
            return;
        }
        if !self.desk.to_gather.is_empty() && self.engine.has_data() {
            self.desk.gather(&self.engine);
            return;
        }
        self.desk.wait();
    }
}
