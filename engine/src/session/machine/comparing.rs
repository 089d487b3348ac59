//! A second network beside the one in view.

use std::path::Path;

use super::Machine;
use crate::failure::Failure;
use crate::protocol::{Event, Subject};
use crate::session::desk::{flat, guarded};
use crate::session::engine::Engine;
use crate::session::halt::Halt;

impl<E: Engine> Machine<E> {
    /// Opens a network beside the one in hand. A run under way waits for it, and says nothing of that.
    pub(super) fn compare_with(&mut self, path: &Path) {
        let opened = if self.running {
            let Self { engine, desk, .. } = self;
            match flat(guarded(|| engine.compare_with(path, &mut |_, _, _| desk.look()))) {
                Ok(opened) => Ok(opened),
                Err(Halt::Failed(failure)) => Err(Some(failure)),
                // What is asked to end then is the run, which goes before.
                Err(Halt::Stopped) => Err(None),
            }
        } else {
            let former = self.state.clone();
            let what = "Opening the run to compare with";
            let opened = self.prepare(what, |engine, progress| engine.compare_with(path, progress));
            self.return_to(former);
            opened
        };
        match opened {
            Ok((beside, warnings)) => {
                self.desk.outbox.post(Event::Beside(Some(beside)));
                self.desk.warn(Subject::Beside, warnings);
                self.desk.views.stale();
            }
            Err(Some(failure)) => self.desk.fail(Subject::Beside, failure),
            Err(None) => {}
        }
    }

    pub(super) fn stop_comparing(&mut self) {
        let engine = &mut self.engine;
        if let Err(panic) = guarded(|| engine.stop_comparing()) {
            self.desk.fail(Subject::Beside, Failure::from_panic(&panic));
        }
        self.desk.outbox.post(Event::Beside(None));
        self.desk.views.stale();
    }
}
