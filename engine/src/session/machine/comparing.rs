//! A second network beside the one in view.

use std::path::Path;

use super::Machine;
use crate::failure::Failure;
use crate::protocol::{Confusion, CountedFrom, Event, SplitRequest, Subject};
use crate::session::desk::{flat, guarded};
use crate::session::engine::{Count, Engine};
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

    /// Finds how far both networks differ on the scenes of a split.
    pub(super) fn compare_split(&mut self, of: &SplitRequest, from: CountedFrom) {
        let found = self.looking(|engine, progress| engine.compare_split(of, from, progress));
        match found {
            Ok(found) => {
                if let Some(found) = found {
                    self.desk.outbox.post(Event::Compared(Box::new(found)));
                }
            }
            Err(Halt::Stopped) => self.stopped("Comparing the scenes was stopped"),
            Err(Halt::Failed(failure)) => self.desk.fail(Subject::Beside, failure),
        }
    }

    /// Finds the scenes that have the pixels of a cell of a confusion matrix.
    pub(super) fn find_confused(&mut self, of: &Confusion) {
        match self.looking(|engine, progress| engine.find_confused(of, progress)) {
            Ok(found) => self.desk.outbox.post(Event::Confused(found)),
            Err(Halt::Stopped) => self.stopped("Looking for scenes was stopped"),
            Err(Halt::Failed(failure)) => self.desk.fail(Subject::Evaluation, failure),
        }
    }

    /// Tells how the network in hand does on single scenes.
    pub(super) fn score_scenes(&mut self) {
        let engine = &self.engine;
        match guarded(|| engine.score_scenes()) {
            Ok(scores) => self.desk.outbox.post(Event::SceneScores(scores)),
            Err(panic) => self.desk.fail(Subject::Evaluation, Failure::from_panic(&panic)),
        }
    }

    /// Goes over scenes, and back to the state before; what is answered at once is no state of its own.
    fn looking<T>(&mut self, work: impl FnOnce(&E, &mut Count<'_>) -> Result<T, Halt>) -> Result<T, Halt> {
        let mut has_told = false;
        let found = self.over_scenes(|engine, progress| {
            work(engine, &mut |done, total| {
                has_told = true;
                progress(done, total)
            })
        });
        if has_told {
            self.return_to(self.state.clone());
        }
        found
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
