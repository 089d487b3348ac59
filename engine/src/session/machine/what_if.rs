//! What a what-if comes to on a split, when asked.

use super::Machine;
use crate::protocol::{Event, Level, SessionState, Subject, WhatIf};
use crate::session::desk::{flat, guarded};
use crate::session::engine::Engine;
use crate::session::halt::Halt;

impl<E: Engine> Machine<E> {
    /// It is no evaluation of the run: nothing of it stands in the run's record.
    pub(super) fn evaluate_what_if(&mut self, split: &str, what_if: &WhatIf) {
        if !self.engine.has_model() || !self.engine.has_data() {
            self.unfit("evaluate a what-if", "open a data set and a run, or train one, first");
            return;
        }
        let former = self.state.clone();
        self.announce(SessionState::Evaluating { done: 0, total: 0 });
        match self.over_scenes(|engine, progress| engine.evaluate_what_if(split, what_if, progress)) {
            Ok(report) => {
                let engine = &self.engine;
                let kept = flat(guarded(|| engine.keep_what_if(&report)));
                self.desk.outbox.post(Event::WhatIf(Box::new(report)));
                match kept {
                    Ok(warning) => self.desk.warn(Subject::Record, warning.into_iter().collect()),
                    Err(Halt::Failed(failure)) => self.desk.notice(Subject::Record, Level::Warning, failure.text),
                    Err(Halt::Stopped) => {}
                }
            }
            Err(Halt::Stopped) => self.stopped(&format!("The what-if on {split} was stopped")),
            Err(Halt::Failed(failure)) => self.desk.fail(Subject::Evaluation, failure),
        }
        self.return_to(former);
    }
}
