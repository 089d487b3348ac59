//! Runs: beginning one, beginning again, and not losing one that could not be saved.

use fusionscope_engine::protocol::{BesideRun, Command, Event, Level, SessionState, ShelfCommand};

use super::Workbench;
use super::question::Decision;
use crate::action::Action;

impl Workbench {
    /// Begins a run with the recipe as edited, or goes on with the one that is held.
    pub(super) fn train(&mut self, command: Command) {
        if self.store.is_at_rest() {
            if let Err(error) = self.store.recipe.check() {
                self.store.say(Level::Error, error.to_string());
                return;
            }
            self.send(Command::LoadRecipe { recipe: self.store.recipe.clone() });
            if self.store.shows_demo() {
                let way_back = Action::OpenDemo.title(&self.store);
                self.notice.say(format!(
                    "A new network takes the place of the trained demo. \"{way_back}\" in the menu of the run brings it back"
                ));
            }
        }
        self.steer_run(command);
    }

    /// Opens the demo model with the data that it was trained on.
    pub(super) fn open_demo(&mut self) {
        let Some(model) = self.store.demo_model.clone() else { return };
        let on_other_data = self.store.dataset.as_ref().map(|data| &data.path) != self.store.sample_data.as_ref();
        if let Some(path) = self.store.sample_data.clone().filter(|_| on_other_data) {
            self.send(Command::LoadData { path });
        }
        self.steer_run(Command::OpenRun { path: model, data: None });
    }

    /// Tells the session something about its run. Whoever does so has other plans than a restart that is still to come.
    pub(super) fn steer_run(&mut self, command: Command) {
        self.restart = false;
        self.send(command);
    }

    /// Ends the run, so that another one begins once it has ended. A stop that could not be sent starts nothing later.
    pub(super) fn restart(&mut self) {
        let sent = self.engine.send(Command::Stop);
        self.restart = sent.is_ok();
        if let Err(text) = sent {
            self.store.say(Level::Error, text);
        }
    }

    /// Begins the run that was to follow the one which has ended. Where that one failed, or lies in memory alone, none
    /// follows.
    pub(super) fn follow_restart(&mut self) {
        if !self.restart {
            return;
        }
        match self.store.state {
            SessionState::Training
            | SessionState::Paused
            | SessionState::Preparing { .. }
            | SessionState::Evaluating { .. } => {}
            SessionState::Finished | SessionState::Stopped { .. } => {
                self.restart = false;
                self.perform(Action::Train, None);
            }
            SessionState::Idle | SessionState::Failed(_) => self.restart = false,
        }
    }

    /// Remembers what was opened, and asks for the data of a run that are not where they were.
    pub(super) fn follow_opening(&mut self, event: &Event) {
        match event {
            Event::Run { path, .. } | Event::Beside(Some(BesideRun { path, .. })) => {
                self.choices.recent_runs.remember(path);
                self.look_at_runs();
            }
            Event::Model { path } if crate::places::demo_checkpoint().as_ref() != Some(path) => {
                self.choices.recent_runs.remember(path);
            }
            Event::DataGone { path, .. } => {
                let words = if path.as_os_str().is_empty() {
                    "The run does not say which data set it was trained on: where is it?".to_owned()
                } else {
                    format!("The run was trained on {}, which cannot be opened: where is it now?", path.display())
                };
                self.dialogs.ask_for_data(words);
            }
            _ => {}
        }
    }

    /// Where runs are looked for: below the user's folders, and at what was opened.
    pub(super) fn look_at_runs(&mut self) {
        let opened = self.choices.recent_runs.paths();
        let opened = opened.iter().filter(|path| path.extension().is_none_or(|ending| ending != "safetensors"));
        self.store.shelf.look_at(self.choices.runs_folders.paths(), opened.cloned().collect());
    }

    /// Has runs looked at while they are in sight, and rests else.
    pub(super) fn watch_runs(&mut self, are_in_sight: bool) {
        let wanted = are_in_sight.then(|| self.store.shelf.watch());
        if wanted != self.watched && !self.store.engine.line.is_down() {
            self.watched.clone_from(&wanted);
            self.send(Command::Shelf(ShelfCommand::Watch(wanted)));
        }
    }

    /// Does what was decided about a run that could not be saved.
    pub(super) fn decide(&mut self, decision: Decision, ctx: &egui::Context) {
        match decision {
            Decision::Save => self.perform(Action::SaveCheckpoint, Some(ctx)),
            Decision::GiveUp(action) => {
                // Said here already, so that the action is not asked about again.
                self.store.unsaved = None;
                self.send(Command::Discard);
                self.perform(action, Some(ctx));
            }
        }
    }
}
