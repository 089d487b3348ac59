//! The state machine: which command does what in which state, and what is told about it.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Receiver;

use super::clouds::Clouds;
use super::desk::{Desk, TELL_EVERY, flat, guarded, preparing};
use super::engine::{DataLoaded, Engine, RunBegun, RunOpened, StepFailure, Stepped};
use super::halt::Halt;
use super::outbox::Outbox;
use super::slots::Slots;
use super::times::Times;
use super::views::Views;
use super::words::change_words;
use crate::failure::Failure;
use crate::progress::Progress;
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
            kept: None,
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
        let at_rest = matches!(self.state, SessionState::Idle | SessionState::Finished | SessionState::Failed(_));
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
            Command::SaveCheckpoint if self.running || self.state == SessionState::Finished => self.save(),
            Command::Discard if self.unsaved.is_some() => self.discard(),
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
            Command::Discard => self.unfit("discard a run", "none waits to be saved"),
        }
    }

    fn unfit(&mut self, wish: &str, instead: &str) {
        self.desk.notice(Level::Warning, format!("Could not {wish}: {instead}"));
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
        self.desk.notice(Level::Info, words);
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
                self.desk.fail(Failure::new(kind, text));
                false
            }
        }
    }

    fn load_data(&mut self, path: &Path) {
        if !self.makes_way("open a data set") {
            return;
        }
        let former = self.state.clone();
        match self.prepare("Opening the data set", |engine, progress| engine.load_data(path, progress)) {
            Ok(loaded) => self.tell_data(loaded),
            Err(Some(failure)) => self.desk.fail(failure),
            Err(None) => {}
        }
        self.return_to(former);
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
            Err(error) => self.desk.refuse(&error),
        }
    }

    fn open_run(&mut self, path: &Path) {
        if !self.makes_way("open a run") {
            return;
        }
        let former = self.state.clone();
        match self.prepare("Opening the run", |engine, progress| engine.open_run(path, progress)) {
            Ok(opened) => {
                self.tell_opened(opened, path);
                self.announce(SessionState::Idle);
            }
            Err(failure) => {
                if let Some(failure) = failure {
                    self.desk.fail(failure);
                }
                self.return_to(former);
            }
        }
    }

    fn tell_opened(&mut self, opened: RunOpened, path: &Path) {
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
    }

    fn begin(&mut self, resume: bool, one_step: bool) {
        if !resume && !self.engine.has_data() {
            self.unfit("start", "open a data set first");
            return;
        }
        if !self.makes_way(if resume { "resume a run" } else { "start" }) {
            return;
        }
        let former = self.state.clone();
        let recipe = self.recipe.clone();
        let begun = self.prepare("Preparing the run", |engine, progress| {
            if resume { engine.resume(progress) } else { engine.start(&recipe, progress) }
        });
        match begun {
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
            Err(Some(failure)) => self.fail(failure),
            Err(None) => self.return_to(former),
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
            Ok(Err(StepFailure::Held(failure))) => {
                let step = self.engine.position();
                self.desk.mark(step, "warning: step not taken");
                self.desk.fail(failure);
                self.hold();
            }
            Ok(Err(StepFailure::Broken(failure))) => self.fail(self.with_way_on(&failure)),
            Err(panic) => self.fail(self.with_way_on(&Failure::from_panic(&panic))),
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
            self.save_on_the_way();
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
                // One that was stopped is drawn when the run has ended.
                let _drawn = self.desk.draw(&self.engine, &request);
                self.desk.views.spend(begun.elapsed().as_secs_f64());
            }
            // The same holds for what is gathered.
            let _gathered = self.desk.gather(&self.engine);
        }
    }

    fn hold(&mut self) {
        self.one_step = false;
        self.announce(SessionState::Paused);
    }

    /// The run has taken its last step.
    fn finish(&mut self) {
        let saved = self.try_to_save();
        if let Some(split) = self.engine.own_split(true) {
            self.evaluate(&split, Asker::EndOfRun);
        }
        self.end_run(saved);
    }

    fn stop(&mut self) {
        let step = self.engine.position();
        let saved = self.try_to_save();
        self.desk.mark(step, "stopped");
        self.end_run(saved);
    }

    /// A run that could not be saved stays in memory until it is saved or discarded.
    fn end_run(&mut self, saved: Result<(), Failure>) {
        self.running = false;
        self.one_step = false;
        match saved {
            Ok(()) => self.let_go(),
            Err(failure) => {
                self.desk.fail(failure.clone());
                self.unsaved = Some(failure.clone());
                self.desk.outbox.post(Event::Unsaved(Some(failure)));
            }
        }
        self.desk.views.stale();
        self.announce(SessionState::Finished);
    }

    /// Keeps the network of a run that has ended, for pictures and evaluation, and nothing else of it.
    fn let_go(&mut self) {
        let engine = &mut self.engine;
        if let Err(panic) = guarded(|| engine.end_run()) {
            self.desk.notice(Level::Warning, panic);
        }
        if self.unsaved.take().is_some() {
            self.desk.outbox.post(Event::Unsaved(None));
        }
    }

    fn discard(&mut self) {
        self.let_go();
        self.desk.notice(Level::Info, "The steps since the last checkpoint were discarded");
    }

    /// Why a run broke, and from where it can be resumed.
    fn with_way_on(&self, failure: &Failure) -> Failure {
        let reason = failure.text.trim_end_matches('.');
        let text = match self.kept {
            Some(step) => format!("{reason}. The checkpoint of step {step} is intact: resume the run from there"),
            None => format!("{reason}. The run has no checkpoint yet: train again"),
        };
        Failure::new(failure.kind, text)
    }

    fn fail(&mut self, failure: Failure) {
        self.running = false;
        self.one_step = false;
        let engine = &mut self.engine;
        if let Err(panic) = guarded(|| engine.abandon_run()) {
            self.desk.notice(Level::Warning, panic);
        }
        self.announce(SessionState::Failed(failure));
    }

    fn save(&mut self) {
        if let Err(failure) = self.try_to_save() {
            self.desk.fail(failure);
        }
    }

    /// Without this checkpoint the run goes on all the same.
    fn save_on_the_way(&mut self) {
        if let Err(failure) = self.try_to_save() {
            let step = self.engine.position();
            self.desk.mark(step, "warning: no checkpoint");
            self.desk.notice(Level::Warning, failure.text);
        }
    }

    /// Writes a checkpoint. A run that has waited for it is let go.
    fn try_to_save(&mut self) -> Result<(), Failure> {
        let engine = &mut self.engine;
        match flat(guarded(|| engine.save())) {
            Ok((step, path)) => {
                self.kept = Some(step);
                self.desk.mark(step, "checkpoint");
                self.desk.outbox.post(Event::Checkpoint { step, path });
                if self.unsaved.is_some() {
                    self.let_go();
                }
                Ok(())
            }
            Err(Halt::Failed(failure)) => Err(failure),
            Err(Halt::Stopped) => Err(Failure::refused("Saving was stopped")),
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
            if let Err(Halt::Failed(failure)) = flat(guarded(|| engine.set(key, &value))) {
                self.desk.notice(Level::Warning, failure.text);
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
        let report = flat(guarded(|| {
            let mut told = Instant::now();
            engine.evaluate(split, &mut |done, total| {
                if done == 0 || done == total || told.elapsed() >= TELL_EVERY {
                    told = Instant::now();
                    desk.outbox.post(Event::State(SessionState::Evaluating { done, total }));
                }
                desk.look()?;
                match desk.views.next_asked() {
                    // One that was stopped is drawn when the evaluation has ended.
                    Some(request) if desk.draw(engine, &request).is_err() => ControlFlow::Break(()),
                    _ => ControlFlow::Continue(()),
                }
            })
        }));
        match report {
            Ok(report) => {
                let engine = &mut self.engine;
                match flat(guarded(|| engine.keep_evaluation(&report))) {
                    Ok(warnings) => self.desk.warn(warnings),
                    Err(Halt::Failed(failure)) => self.desk.notice(Level::Warning, failure.text),
                    Err(Halt::Stopped) => {}
                }
                self.desk.outbox.post(Event::Evaluation(report));
            }
            Err(Halt::Stopped) => {
                let words = format!("The evaluation on {split} was stopped");
                // What the user stopped is the evaluation, unless the run itself had wanted it.
                if asker == Asker::Run { self.desk.notice(Level::Info, words) } else { self.stopped(&words) }
            }
            Err(Halt::Failed(failure)) => self.desk.fail(failure),
        }
        if asker == Asker::EndOfRun {
            self.state = former;
        } else {
            self.return_to(former);
        }
    }

    /// Nothing trains: draws what was asked for, else waits for a command.
    fn rest(&mut self) {
        if !self.engine.has_data() {
            self.desk.wait();
        } else if let Some(request) = self.desk.views.next_at_rest() {
            if self.desk.draw(&self.engine, &request).is_err() {
                self.desk.views.refused(request.view);
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
