//! How events, pictures and layouts are taken in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use fusionscope_engine::protocol::{
    Album, DatasetSummary, EmbeddingView, Event, FailureKind, Level, SceneView, SessionState, ShelfNews, Subject,
};

use super::Store;
use super::alert::Cause;
use super::engine::Held;
use super::scene::AS_ASKED;
use crate::look;

impl Store {
    /// Takes in one event. Pictures are fetched by the workbench, which alone can reach their slots.
    pub fn apply(&mut self, event: Event) {
        self.alert.take_if(|alert| alert.is_settled_by(&event));
        match event {
            Event::State(state) => self.enter(state),
            Event::Dataset(dataset) => self.open_dataset(dataset),
            Event::Recipe(recipe) => self.take_recipe(recipe),
            Event::Network(network) => {
                self.device.clone_from(&network.device);
                self.network = Some(network);
                self.restore_unused_sensors();
                // What acts on one network need not act on another.
                self.scene.what_if.settings.clear();
                self.scene.stale = true;
            }
            Event::Beside(beside) => self.take_beside(beside),
            Event::Compared(found) => self.scene.differing = Some(Arc::from(found)),
            Event::Confused(found) => self.scene.confused = Some(found),
            Event::Run { path, checkpoint } => {
                self.open_run(Some(path));
                self.checkpoint = checkpoint;
                // One that is opened and no more comes to rest next.
                self.engine.run = Some(Held(false));
            }
            Event::Model { path } => {
                self.open_run(None);
                self.model = Some(path);
            }
            Event::Steps(reports) => {
                if self.state == SessionState::Training {
                    self.timed = Some((self.run.clone(), self.dataset.as_ref().map(|dataset| dataset.path.clone())));
                }
                self.curves.push_steps(&reports);
                if self.trained.is_none() {
                    self.trained = self.in_force.as_ref().map(|recipe| recipe.name.clone());
                }
            }
            Event::Times(report) => self.times = Some(report),
            Event::Recorded(entries) => {
                self.tell_recorded(&entries);
                self.curves.push_recorded(&entries);
            }
            Event::Changed(changes) => self.curves.set_changes(changes),
            Event::Evaluation(report) => {
                self.tell_evaluation(&report);
                self.curves.push_evaluation(&report);
                self.metrics.push(report);
                self.gallery.scores_differ();
            }
            Event::Album(album) => self.scene.time.album = album,
            Event::WhatIf(report) => self.scene.supposing.take(*report),
            Event::Protocol(report) => self.robustness.push(*report),
            Event::Checkpoint { step, path } => {
                self.checkpoint = Some(step);
                self.say(Level::Info, format!("Checkpoint of step {step} written to {}", path.display()));
            }
            Event::ViewReady { .. } => {}
            Event::Unsaved(unsaved) => self.unsaved = unsaved,
            // The workbench asks what is to be done.
            Event::DataGone { path, failure } => {
                if failure.kind == FailureKind::Untrusted {
                    self.untrusted = Some(path.clone());
                }
                let at = if path.as_os_str().is_empty() { String::new() } else { format!(": {}", path.display()) };
                let text = format!("The run's data set could not be opened: {}{at}", failure.text);
                self.tell(Cause::Told(Subject::Data), Level::Error, text);
            }
            Event::Runs { .. } => {}
            Event::Shelf(news) => {
                if let ShelfNews::Binned { run, now } = &news {
                    let place = now.as_ref().map_or_else(String::new, |now| format!(": {}", now.display()));
                    self.say(Level::Info, format!("{} was moved to the system's bin{place}", run.display()));
                }
                self.shelf.take(news);
            }
            // The workbench has asked for it, and takes it.
            Event::Disk(_) => {}
            Event::Gallery(news) => self.gallery.take(news, self.dataset.as_ref()),
            Event::SceneScores(scores) => self.gallery.score(scores),
            Event::Failure { about, failure } => {
                if about == Subject::Run {
                    self.engine.resumes = false;
                }
                if about == Subject::Data {
                    self.untrusted = self.asked_data.take().filter(|_| failure.kind == FailureKind::Untrusted);
                }
                self.tell(Cause::Told(about), Level::Error, failure.text);
            }
            Event::Notice { about, level, text } => self.tell(Cause::Told(about), level, text),
            Event::Ended => self.ended = true,
        }
    }

    /// Takes in the pictures of a view.
    pub fn take_pictures(&mut self, view: Arc<SceneView>) {
        if view.request.view != AS_ASKED {
            self.figured.take(view);
            return;
        }
        let is_whole = view.lack.is_none();
        if self.scene.take(view) && is_whole {
            self.alert.take_if(|alert| alert.cause == Cause::Told(Subject::View));
        }
    }

    /// Takes in how the layout of a slot stands.
    pub fn take_layout(&mut self, slot: usize, view: Option<Arc<EmbeddingView>>) {
        let is_known =
            |view: &Arc<EmbeddingView>| self.embedding.shown(slot).is_some_and(|before| Arc::ptr_eq(before, view));
        if view.as_ref().is_some_and(|view| !is_known(view)) {
            self.alert.take_if(|alert| alert.cause == Cause::Told(Subject::Layout));
        }
        self.embedding.take(slot, view);
    }

    fn enter(&mut self, state: SessionState) {
        if std::mem::discriminant(&state) != std::mem::discriminant(&self.state) {
            self.state_since = Instant::now();
        }
        if !matches!(state, SessionState::Evaluating { .. }) {
            self.robustness.asked = None;
        }
        self.tell_state(&state);
        self.engine.broken = self.broken_by(&state);
        self.engine.follow(&state);
        if let SessionState::Failed(failure) = &state {
            self.tell(Cause::Told(Subject::Run), Level::Error, failure.text.clone());
        }
        if let SessionState::Stopped { step, of } = state {
            let words = format!("The run was stopped at step {} of {}", look::count(step), look::count(of));
            self.tell(Cause::Told(Subject::Run), Level::Info, words);
        }
        self.state = state;
    }

    fn open_dataset(&mut self, dataset: DatasetSummary) {
        if self.dataset.as_ref().is_none_or(|before| before.path != dataset.path) {
            // Its pixels are of other scenes.
            self.embedding.clear();
        }
        self.scene.open(&dataset);
        self.gallery.open(&dataset);
        self.dataset = Some(dataset);
        (self.asked_data, self.untrusted) = (None, None);
        self.use_sensors_that_are_there();
        self.name_sensors_of_origin();
    }

    /// A run that is opened, begun or resumed brings all its curves and evaluations; a packed model has none.
    pub(super) fn open_run(&mut self, path: Option<PathBuf>) {
        self.curves.clear();
        self.metrics.clear();
        self.scene.supposing.reports.clear();
        self.scene.time.album = Album::default();
        self.gallery.forget_scores();
        self.robustness.clear();
        (self.scene.differing, self.scene.confused, self.scene.outline) = (None, None, None);
        (self.checkpoint, self.trained) = (None, None);
        self.run_since = path.is_some().then(Instant::now);
        self.run = path;
        self.model = None;
    }
}
