//! What happens to a run beside its steps: live changes, made and made again, and the record of it all.

use super::Machine;
use crate::protocol::{Event, Happening, Level, LiveChange, Recorded, Subject};
use crate::recipe::{Change, Value, setting};
use crate::session::desk::{flat, guarded};
use crate::session::engine::{Engine, Written};
use crate::session::halt::Halt;

impl<E: Engine> Machine<E> {
    pub(super) fn set(&mut self, key: &str, value: Value) {
        let mut recipe = self.recipe.clone();
        if let Err(error) = recipe.set(key, value).and_then(|()| recipe.check()) {
            self.desk.notice(Subject::Recipe, Level::Warning, error.to_string());
            return;
        }
        let Some(value) = recipe.value(key).cloned() else { return };
        let live = setting(key).is_some_and(|setting| setting.change == Change::Live);
        if self.running && !live {
            let text =
                format!("`{key}` belongs to the structure of a run: stop this run and start another to change it");
            self.desk.notice(Subject::Recipe, Level::Warning, text);
            return;
        }
        if live {
            let engine = &mut self.engine;
            if let Err(Halt::Failed(failure)) = flat(guarded(|| engine.set(key, &value))) {
                self.desk.notice(Subject::Recipe, Level::Warning, failure.text);
                return;
            }
        }
        let old = self.recipe.value(key).cloned();
        self.recipe = recipe.clone();
        self.desk.outbox.post(Event::Recipe(recipe));
        if let Some(old) = old.filter(|_| self.running) {
            let entry = self.record(Happening::Change { key: key.to_owned(), old, new: value });
            self.note_changes(&[entry]);
        }
        self.desk.views.stale();
    }

    /// Writes into the run's record what happens, and tells it.
    pub(super) fn record(&mut self, what: Happening) -> Recorded {
        let (entry, written) = self.engine.record(what);
        self.tell_written(written);
        self.desk.outbox.post(Event::Recorded(vec![entry.clone()]));
        entry
    }

    /// Tells what came of writing into the run folder, and once that all of it could be written again.
    pub(super) fn tell_written(&mut self, written: Written) {
        let lacked = std::mem::replace(&mut self.lacks, written.lacks);
        if lacked && !self.lacks {
            self.desk.notice(Subject::Record, Level::Info, "The files of the run can be written again");
        }
        self.desk.warn(Subject::Record, written.warnings);
    }

    /// Makes the live changes again that the run had at this step before it was resumed.
    pub(super) fn replay(&mut self) {
        let (entries, warnings) = self.engine.replay();
        self.desk.warn(Subject::Recipe, warnings);
        if entries.is_empty() {
            return;
        }
        for change in entries.iter().filter_map(Recorded::change) {
            if let Err(error) = self.recipe.set(&change.key, change.new) {
                self.desk.notice(Subject::Recipe, Level::Warning, error.to_string());
            }
        }
        self.desk.outbox.post(Event::Recipe(self.recipe.clone()));
        self.desk.outbox.post(Event::Recorded(entries.clone()));
        self.note_changes(&entries);
    }

    /// Keeps pages of pinned scenes where they are due, or `at_once`. A run does the same without them.
    pub(super) fn keep_pages(&mut self, at_once: bool) {
        let engine = &mut self.engine;
        match guarded(|| engine.keep_pages(at_once)) {
            Ok(None) => {}
            Ok(Some((album, written))) => {
                self.desk.outbox.post(Event::Album(album));
                self.tell_written(written);
            }
            Err(panic) => self.desk.notice(Subject::Record, Level::Warning, panic),
        }
    }

    fn note_changes(&mut self, entries: &[Recorded]) {
        let mut changes = self.changes.clone();
        for change in entries.iter().filter_map(Recorded::change) {
            change.note(&mut changes);
        }
        if changes != self.changes {
            self.tell_changes(changes);
        }
    }

    pub(super) fn tell_changes(&mut self, changes: Vec<LiveChange>) {
        self.changes.clone_from(&changes);
        self.desk.outbox.post(Event::Changed(changes));
    }
}
