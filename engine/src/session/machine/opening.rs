//! Opening data, recipes and runs.

use std::path::Path;

use super::Machine;
use crate::protocol::{Event, SessionState, Subject};
use crate::recipe::Recipe;
use crate::session::desk::{flat, guarded};
use crate::session::engine::{DataLoaded, Engine, Opened, Past, RunOpened};
use crate::session::halt::Halt;

impl<E: Engine> Machine<E> {
    pub(super) fn load_data(&mut self, path: &Path) {
        if !self.makes_way("open a data set") {
            return;
        }
        let former = self.state.clone();
        match self.prepare("Opening the data set", |engine, progress| engine.load_data(path, progress)) {
            Ok(loaded) => self.tell_data(loaded),
            Err(Some(failure)) => self.desk.fail(Subject::Data, failure),
            Err(None) => {}
        }
        self.return_to(former);
    }

    pub(super) fn tell_data(&mut self, loaded: DataLoaded) {
        self.desk.slots.clear();
        self.desk.views.clear();
        self.desk.clouds.clear();
        self.desk.to_gather.clear();
        self.desk.outbox.post(Event::Dataset(loaded.summary));
        self.desk.warn(Subject::Data, loaded.warnings);
    }

    pub(super) fn join_classes(&mut self, picks: &[Option<u8>], file: &Path) {
        let engine = &mut self.engine;
        match flat(guarded(|| engine.join_classes(picks, file))) {
            Ok(loaded) => self.tell_data(loaded),
            Err(Halt::Failed(failure)) => self.desk.fail(Subject::Data, failure),
            Err(Halt::Stopped) => {}
        }
    }

    pub(super) fn load_recipe(&mut self, recipe: Recipe) {
        match recipe.check() {
            Ok(()) => {
                self.recipe = recipe.clone();
                self.desk.outbox.post(Event::Recipe(recipe));
            }
            Err(error) => self.desk.refuse(Subject::Recipe, &error),
        }
    }

    pub(super) fn open_run(&mut self, path: &Path, data: Option<&Path>) {
        if !self.makes_way("open a run") {
            return;
        }
        let former = self.state.clone();
        match self.prepare("Opening the run", |engine, progress| engine.open_run(path, data, progress)) {
            Ok(Opened::Run(opened)) => {
                self.tell_opened(*opened, path);
                self.announce(SessionState::Idle);
            }
            Ok(Opened::Runs(runs)) => {
                self.desk.outbox.post(Event::Runs { path: path.to_owned(), runs });
                self.return_to(former);
            }
            Err(failure) => {
                if let Some(failure) = failure {
                    self.desk.fail(Subject::Run, failure);
                }
                self.return_to(former);
            }
        }
    }

    fn tell_opened(&mut self, opened: RunOpened, path: &Path) {
        self.recipe = opened.recipe.clone();
        self.lacks = false;
        if let Some(data) = opened.data {
            self.tell_data(data);
        }
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
        self.tell_past(opened.past);
        self.desk.warn(Subject::Run, opened.warnings);
        if let Some((path, failure)) = opened.data_gone {
            self.desk.outbox.post(Event::DataGone { path, failure });
        }
        self.desk.views.stale();
    }

    pub(super) fn tell_past(&mut self, past: Past) {
        let Past { history, evaluations, what_ifs, protocols, recorded, changed, album } = past;
        if !history.is_empty() {
            self.desk.outbox.post(Event::Steps(history));
        }
        for report in evaluations {
            self.desk.outbox.post(Event::Evaluation(report));
        }
        for report in what_ifs {
            self.desk.outbox.post(Event::WhatIf(Box::new(report)));
        }
        for report in protocols {
            self.desk.outbox.post(Event::Protocol(Box::new(report)));
        }
        if !recorded.is_empty() {
            self.desk.outbox.post(Event::Recorded(recorded));
        }
        self.tell_changes(changed);
        if !album.scenes.is_empty() {
            self.desk.outbox.post(Event::Album(album));
        }
    }
}
