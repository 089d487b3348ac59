//! The line to an engine on another machine: attaching to it, again where it was cut, and what of the window is of one
//! machine alone.

use std::path::Path;
use std::time::Instant;

use fusionscope_engine::protocol::{AlbumWish, Command, Failure, FailureKind, Level};
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::wire::{Hello, Standing};

use super::Workbench;
use super::engine_card::EngineCard;
use super::memory::Memory;
use super::runs_folders::RunsFolders;
use crate::link::{Place, Seat};
use crate::store::{Line, Shelf};

impl Workbench {
    /// Begins to attach to the engine at a place on another machine. What is in sight stays until that one tells what it
    /// has.
    pub(super) fn attach(&mut self, seat: &Seat, line: Line) {
        let Some(engines) = &mut self.engines else { return };
        match engines.start(seat) {
            Ok(engine) => self.engine = engine,
            Err(why) => {
                let text = format!("The engine cannot be attached to: {why}");
                match line.lost(Failure::new(FailureKind::Broken, text.clone()), Instant::now()) {
                    Some(cut) => self.store.engine.line = cut,
                    None => self.store.say(Level::Error, text),
                }
                return;
            }
        }
        self.engine_card = EngineCard::Closed;
        self.choices.engine = Some(seat.place.clone());
        if let Some(remote) = seat.place.remote() {
            self.store.engine.remotes.insert(remote.host.clone(), remote.clone());
        }
        if line == (Line::Attaching { tries: 0 }) && self.store.engine.seat != *seat {
            self.store.engine.process = None;
        }
        self.store.engine.seat = seat.clone();
        (self.store.engine.line, self.store.engine.lost) = (line, None);
    }

    /// Follows the line while it is down; whether it holds, so that what comes over it may be taken in.
    pub(super) fn follow_line(&mut self, now: Instant) -> bool {
        match (self.store.engine.line.clone(), self.engine.standing()) {
            (Line::Holds, _) => true,
            (Line::Attaching { .. }, Standing::Ready(hello)) => {
                self.attached(&hello);
                true
            }
            (Line::Attaching { .. }, Standing::Connecting) => false,
            (Line::Attaching { .. }, Standing::Lost { failure, last_words }) => {
                if let Some(line) = self.store.engine.line.lost(failure.clone(), now) {
                    self.store.engine.line = line;
                } else {
                    self.store.engine.line = Line::Holds;
                    self.store.lose_engine(failure, last_words);
                    self.engine_card = EngineCard::TellsLoss;
                }
                false
            }
            (line @ Line::Cut { .. }, _) => {
                if line.is_due(now) {
                    self.try_line();
                }
                false
            }
        }
    }

    /// Tries a line that was cut again, now.
    pub(super) fn try_line(&mut self) {
        if let Some(line) = self.store.engine.line.again() {
            let seat = self.store.engine.seat.clone();
            self.attach(&seat, line);
        }
    }

    /// The line holds: the engine tells all that it has, over an empty table.
    fn attached(&mut self, hello: &Hello) {
        let before = self.store.engine.process.replace(hello.process);
        let place = self.store.engine.seat.place.clone();
        self.move_memory(&place);
        let was_cut = matches!(self.store.engine.line, Line::Attaching { tries } if tries > 0);
        self.resumed_scene = self.store.dataset.as_ref().map(|data| {
            let scene = &self.store.scene;
            (data.path.clone(), scene.split.clone(), scene.index, scene.what_if.clone())
        });
        self.store.begin_anew();
        self.store.engine.line = Line::Holds;
        self.store.engine.lost = None;
        // What was asked of the one before, this one has not heard.
        (self.asked, self.watched, self.in_sight, self.restart) = (None, None, None, false);
        self.kept_album = AlbumWish::default();
        self.store.gallery.set_surveying(false);
        if self.choices.runs_folders.is_untouched() {
            self.choices.runs_folders = RunsFolders::only(&hello.runs);
        }
        self.look_at_runs();
        self.tell_of_events();
        self.send(Command::SetViewBudget { share: self.store.view_budget });
        let place = place.phrase();
        if was_cut && before.is_some_and(|before| before != hello.process) {
            let text = format!(
                "The engine {place} is another one than before: that has ended meanwhile. Its run is kept up to its newest \
                 checkpoint, and can be opened and resumed"
            );
            self.store.say(Level::Warning, text);
        } else {
            self.store.say(Level::Info, format!("Attached to the engine {place}, {hello}"));
        }
        if let Some(fetching) = &self.fetching {
            fetching.ask_again();
        }
    }

    /// Looks at the scene again that was in sight before the line was cut, once its data set is told.
    pub(super) fn resume_scene(&mut self) {
        let Some((path, split, index, what_if)) = self.resumed_scene.take() else { return };
        let Some(data) = self.store.dataset.as_ref().filter(|data| data.path == path) else { return };
        if data.splits.iter().any(|known| known.name == split) {
            self.store.show_scene(split, index);
            self.store.scene.what_if = what_if;
        }
    }

    /// The recipe of a run on another machine, whose file cannot be read here: as the engine has told it.
    pub(super) fn recipe_told_of(&self, file: &Path) -> Option<Recipe> {
        let run = file.parent().filter(|_| self.store.engine.is_afar())?;
        self.store.shelf.run(run)?.card.recipe.clone()
    }

    /// What was opened lately, and where runs are looked for, is of one machine: of another one it is another.
    pub(super) fn move_memory(&mut self, to: &Place) {
        let choices = &mut self.choices;
        let from = std::mem::replace(&mut choices.memory_of, to.machine());
        if from != choices.memory_of {
            let of_other = choices.elsewhere.remove(&choices.memory_of).unwrap_or_default();
            let of_this = Memory {
                data: std::mem::replace(&mut choices.recent, of_other.data),
                runs: std::mem::replace(&mut choices.recent_runs, of_other.runs),
                folders: std::mem::replace(&mut choices.runs_folders, of_other.folders),
            };
            choices.elsewhere.insert(from, of_this);
            self.store.shelf = Shelf::default();
        }
        self.dialogs.look_at_machine(to.remote().map(|remote| remote.host.clone()));
        self.look_at_runs();
    }
}
