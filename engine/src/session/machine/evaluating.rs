//! Evaluating a split, on the way or when asked.

use std::ops::ControlFlow;
use std::time::Instant;

use super::{Asker, Machine};
use crate::failure::Failure;
use crate::protocol::{Event, Happening, Level, Protocol, SessionState, Subject};
use crate::session::desk::{TELL_EVERY, flat, guarded};
use crate::session::engine::{Count, Engine};
use crate::session::halt::Halt;

impl<E: Engine> Machine<E> {
    /// Does what goes over the scenes of a split: tells how far it is, and draws what is asked for on the way.
    pub(super) fn over_scenes<T>(
        &mut self,
        work: impl FnOnce(&E, &mut Count<'_>) -> Result<T, Halt>,
    ) -> Result<T, Halt> {
        let Self { engine, desk, .. } = self;
        let engine = &*engine;
        flat(guarded(|| {
            let mut told: Option<Instant> = None;
            work(engine, &mut |done, total| {
                if done == total || told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
                    told = Some(Instant::now());
                    desk.outbox.post(Event::State(SessionState::Evaluating { done, total }));
                }
                desk.look()?;
                match desk.views.next_asked() {
                    // One that was stopped is drawn when the work has ended.
                    Some(request) if desk.draw(engine, &request).is_err() => ControlFlow::Break(()),
                    _ => ControlFlow::Continue(()),
                }
            })
        }))
    }

    /// The figures of a protocol. It is no evaluation: nothing waits for it, and no run is less whole without it.
    pub(super) fn run_protocol(&mut self, protocol: Protocol, split: &str) {
        let words = format!("run the protocol `{}`", protocol.word());
        if !self.engine.has_model() || !self.engine.has_data() {
            self.unfit(&words, "open a data set and a run, or train one, first");
            return;
        }
        let former = self.state.clone();
        self.announce(SessionState::Evaluating { done: 0, total: 0 });
        match self.over_scenes(|engine, progress| engine.run_protocol(protocol, split, progress)) {
            Ok(report) => {
                let engine = &mut self.engine;
                let kept = flat(guarded(|| engine.keep_protocol(&report)));
                self.desk.outbox.post(Event::Protocol(Box::new(report)));
                match kept {
                    Ok(warnings) => self.desk.warn(Subject::Record, warnings),
                    Err(Halt::Failed(failure)) => self.desk.notice(Subject::Record, Level::Warning, failure.text),
                    Err(Halt::Stopped) => {}
                }
            }
            Err(Halt::Stopped) => self.stopped(&format!("The protocol `{}` was stopped", protocol.word())),
            Err(Halt::Failed(failure)) => self.desk.fail(Subject::Evaluation, failure),
        }
        self.return_to(former);
    }

    pub(super) fn evaluate(&mut self, split: &str, asker: Asker) {
        if !self.engine.has_model() || !self.engine.has_data() {
            self.unfit("evaluate", "open a data set and a run, or train one, first");
            return;
        }
        let former = self.state.clone();
        self.announce(SessionState::Evaluating { done: 0, total: 0 });
        match self.over_scenes(|engine, progress| engine.evaluate(split, progress)) {
            Ok(evaluated) => {
                let engine = &mut self.engine;
                let kept = flat(guarded(|| engine.keep_evaluation(&evaluated)));
                let could_be_written = kept.is_ok();
                if self.running {
                    self.record(Happening::Evaluation { split: split.to_owned() });
                }
                self.desk.outbox.post(Event::Evaluation(evaluated.report));
                match kept {
                    Ok(written) => self.tell_written(written),
                    // No later one will take it along.
                    Err(Halt::Failed(Failure { kind, text })) if asker == Asker::EndOfRun => {
                        let text = format!(
                            "{}. Resume the run once that is mended: it makes its last evaluation again",
                            text.trim_end_matches('.')
                        );
                        self.desk.fail(Subject::Record, Failure::new(kind, text));
                    }
                    Err(Halt::Failed(failure)) => self.desk.notice(Subject::Record, Level::Warning, failure.text),
                    Err(Halt::Stopped) => {}
                }
                self.lacks |= !could_be_written;
            }
            Err(Halt::Stopped) => {
                let words = format!("The evaluation on {split} was stopped");
                // What the user stopped is the evaluation, unless the run itself had wanted it.
                if asker == Asker::Run {
                    self.desk.notice(Subject::Evaluation, Level::Info, words);
                } else {
                    self.stopped(&words);
                }
            }
            Err(Halt::Failed(failure)) => self.desk.fail(Subject::Evaluation, failure),
        }
        if asker == Asker::EndOfRun {
            self.state = former;
        } else {
            self.return_to(former);
        }
    }
}
