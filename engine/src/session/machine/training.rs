//! A run: its begin, its steps, its end, its checkpoints and its live changes.

use std::sync::Arc;
use std::time::Instant;

use super::{Asker, Machine};
use crate::failure::Failure;
use crate::protocol::{Event, Happening, Level, Notes, SessionState, Subject, ViewRequest};
use crate::session::desk::{flat, guarded, preparing};
use crate::session::engine::{Engine, RunBegun, Saved, StepFailure, Stepped};
use crate::session::halt::Halt;
use crate::session::views::Views;

impl<E: Engine> Machine<E> {
    pub(super) fn begin(&mut self, resume: bool, one_step: bool) {
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
                let (lacks, done) = (begun.lacks.clone(), begun.done);
                self.running = true;
                self.one_step = one_step;
                self.is_held = false;
                self.lacks = false;
                self.tell_run(begun, resume);
                if done {
                    self.finish_with(lacks, Ok(()));
                    return;
                }
                if let Some(split) = lacks {
                    self.announce(SessionState::Training);
                    self.evaluate(&split, Asker::Run);
                }
                self.replay();
                let compiles = self.engine.compiles() && matches!(self.state, SessionState::Preparing { .. });
                if compiles {
                    // The first step on a graphics card compiles every kernel, which can take long.
                    self.announce(preparing("Preparing kernels", 0, 0));
                }
                self.keep_pages(false);
                if compiles {
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

    fn tell_run(&mut self, begun: RunBegun, resume: bool) {
        self.recipe = begun.recipe.clone();
        if let Some(data) = begun.data {
            self.tell_data(data);
        }
        self.desk.outbox.post(Event::Run { path: begun.folder, checkpoint: self.kept });
        self.desk.outbox.post(Event::Recipe(begun.recipe));
        self.desk.outbox.post(Event::Network(begun.network));
        self.tell_past(begun.past);
        let phase = begun.phase;
        self.record(if resume { Happening::Resume { phase } } else { Happening::Start { phase } });
        self.desk.tell(Subject::Run, begun.notes);
        self.desk.views.stale();
    }

    pub(super) fn take_step(&mut self) {
        let begun = Instant::now();
        // Once a run trains, its state says no more than that.
        let tells = matches!(self.state, SessionState::Preparing { .. });
        self.desk.told = None;
        if self.engine.compiles() && !tells {
            let text = "The next step compiles kernels and takes longer than the others";
            self.desk.notice(Subject::Run, Level::Info, text);
        }
        let mut shown_secs = 0.0;
        let Self { engine, desk, .. } = self;
        let taken = match guarded(|| engine.begin_step(&mut desk.of_step(tells))) {
            Ok(Ok(())) => {
                if !tells {
                    shown_secs = self.show_in_training(Views::next_asked_in_training);
                }
                let Self { engine, desk, .. } = self;
                guarded(|| engine.step(&mut desk.of_step(tells)))
            }
            Ok(Err(failure)) => Ok(Err(failure)),
            Err(panic) => Err(panic),
        };
        match taken {
            Ok(Ok(stepped)) => self.after_step(stepped, begun.elapsed().as_secs_f64() - shown_secs),
            Ok(Err(StepFailure::Held(failure))) => {
                self.record(Happening::Warning { label: "step not taken".to_owned() });
                self.desk.fail(Subject::Step, failure);
                self.hold();
            }
            Ok(Err(StepFailure::Broken(failure))) => self.fail(self.with_way_on(&failure)),
            // The command that ends it waits its turn.
            Ok(Err(StepFailure::Stopped)) => self.announce(SessionState::Training),
            Err(panic) => {
                self.rescue();
                self.fail(self.with_way_on(&Failure::from_panic(&panic)));
            }
        }
    }

    /// Draws the picture that is chosen, where there is one; returns the seconds that it took.
    fn show_in_training(&mut self, choose: impl Fn(&Views) -> Option<ViewRequest>) -> f64 {
        // What was asked for meanwhile is not to wait for the next step. Whether that is taken, its turn tells.
        let _goes_on = self.desk.look();
        let Some(request) = choose(&self.desk.views) else { return 0.0 };
        let begun = Instant::now();
        // One that was stopped is drawn when the run has ended.
        let _drawn = self.desk.draw(&self.engine, &request);
        let secs = begun.elapsed().as_secs_f64();
        self.desk.views.spend(secs);
        secs
    }

    /// Saves the run as it stood before the step that something broke off, where that is still there.
    fn rescue(&mut self) {
        let engine = &mut self.engine;
        // Where there is none, what lies on the disk already counts.
        if let Ok(Some(Saved { step, path, written })) = flat(guarded(|| engine.rescue())) {
            self.kept = Some(step);
            self.tell_written(written);
            self.record(Happening::Checkpoint);
            self.desk.outbox.post(Event::Checkpoint { step, path });
        }
    }

    fn after_step(&mut self, stepped: Stepped, secs: f64) {
        let Stepped {
            report,
            spans,
            entered,
            evaluation_due,
            checkpoint_due,
            limit_reached,
            done,
            gone,
            notes,
            written,
        } = stepped;
        let step = report.step;
        let times = self.times.add(step, &spans, report.secs);
        self.desk.outbox.post(Event::Steps(vec![report]));
        if let Some(times) = times {
            self.desk.outbox.post(Event::Times(times));
        }
        // A step has been taken, so that its facts end no warning that still stands.
        self.desk.tell(Subject::Step, Notes { facts: notes.facts, ..Notes::default() });
        self.desk.warn(Subject::Data, notes.warnings);
        self.tell_written(written);
        if let Some((phase, network)) = entered {
            self.desk.outbox.post(Event::Network(network));
            self.record(Happening::Phase { phase });
        }
        if done {
            self.finish();
            return;
        }
        let is_gone = gone.is_some();
        if let Some(failure) = gone {
            self.record(Happening::Warning { label: "run folder gone".to_owned() });
            self.desk.fail(Subject::Step, failure);
        } else if checkpoint_due {
            self.save_on_the_way();
        }
        // After the checkpoint: a kill in the midst of it costs the evaluation alone, which resuming makes up.
        if let Some(split) = self.engine.own_split(false).filter(|_| evaluation_due) {
            self.evaluate(&split, Asker::Run);
        }
        self.replay();
        self.keep_pages(false);
        self.desk.views.stale();
        self.desk.views.earn(secs);
        if limit_reached && !is_gone {
            self.stop();
        } else if self.one_step || is_gone {
            self.hold();
        } else {
            let slots = Arc::clone(&self.desk.slots);
            self.show_in_training(|views| views.next_in_training(|view| slots.seen(view)));
            // The same holds for what is gathered.
            let _gathered = self.desk.gather(&self.engine);
        }
    }

    pub(super) fn hold(&mut self) {
        self.one_step = false;
        if !self.is_held {
            self.is_held = true;
            self.record(Happening::Pause);
        }
        self.announce(SessionState::Paused);
    }

    /// Goes on with a run that is held, for one step or for good.
    pub(super) fn go_on(&mut self, one_step: bool) {
        let engine = &mut self.engine;
        match flat(guarded(|| engine.take_up_folder())) {
            Ok(()) => {}
            Err(Halt::Failed(failure)) => {
                self.desk.fail(Subject::Step, failure);
                return;
            }
            Err(Halt::Stopped) => return,
        }
        self.one_step = one_step;
        if !one_step && self.is_held {
            self.is_held = false;
            self.record(Happening::GoOn);
        }
        self.announce(SessionState::Training);
    }

    /// The run has taken its last step.
    fn finish(&mut self) {
        self.keep_pages(true);
        let saved = self.try_to_save();
        let split = self.engine.own_split(true);
        self.finish_with(split, saved);
    }

    fn finish_with(&mut self, split: Option<String>, saved: Result<(), Failure>) {
        if let Some(split) = split {
            self.evaluate(&split, Asker::EndOfRun);
        }
        self.end_run(saved, SessionState::Finished);
    }

    pub(super) fn stop(&mut self) {
        let (step, of) = (self.engine.position(), self.engine.length());
        self.keep_pages(true);
        let saved = self.try_to_save();
        self.record(Happening::Stop);
        self.end_run(saved, SessionState::Stopped { step, of });
    }

    /// A run that could not be saved stays in memory until it is saved or discarded.
    fn end_run(&mut self, saved: Result<(), Failure>, state: SessionState) {
        self.running = false;
        self.one_step = false;
        match saved {
            Ok(()) => self.let_go(),
            Err(failure) => {
                self.desk.fail(Subject::Checkpoint, failure.clone());
                self.unsaved = Some(failure.clone());
                self.desk.outbox.post(Event::Unsaved(Some(failure)));
            }
        }
        self.desk.views.stale();
        self.announce(state);
    }

    /// Keeps the network of a run that has ended, for pictures and evaluation, and nothing else of it.
    fn let_go(&mut self) {
        let engine = &mut self.engine;
        if let Err(panic) = guarded(|| engine.end_run()) {
            self.desk.notice(Subject::Run, Level::Warning, panic);
        }
        if self.unsaved.take().is_some() {
            self.desk.outbox.post(Event::Unsaved(None));
        }
    }

    pub(super) fn discard(&mut self) {
        self.let_go();
        let text = "The steps since the last checkpoint were discarded";
        self.desk.notice(Subject::Checkpoint, Level::Info, text);
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
            self.desk.notice(Subject::Run, Level::Warning, panic);
        }
        self.announce(SessionState::Failed(failure));
    }

    pub(super) fn save(&mut self) {
        if let Err(failure) = self.try_to_save() {
            self.desk.fail(Subject::Checkpoint, failure);
        }
    }

    /// Without this checkpoint the run goes on all the same.
    fn save_on_the_way(&mut self) {
        if let Err(failure) = self.try_to_save() {
            self.record(Happening::Warning { label: "no checkpoint".to_owned() });
            self.desk.notice(Subject::Checkpoint, Level::Warning, failure.text);
        }
    }

    /// Writes a checkpoint. A run that has waited for it is let go.
    pub(super) fn try_to_save(&mut self) -> Result<(), Failure> {
        let engine = &mut self.engine;
        match flat(guarded(|| engine.save())) {
            Ok(Saved { step, path, written }) => {
                self.kept = Some(step);
                self.tell_written(written);
                self.record(Happening::Checkpoint);
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
}
