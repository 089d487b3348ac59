//! The engine as such: moving it elsewhere, and what becomes of the work when it is gone.

use std::time::Instant;

use fusionscope_engine::protocol::{AlbumWish, Command, Level, SessionState};
use fusionscope_engine::recipe::catalogue::data;
use fusionscope_engine::session::DeviceChoice;
use fusionscope_engine::wire::Standing;

use super::Workbench;
use super::engine_card::EngineCard;
use crate::link::{Engines, Place, Seat};
use crate::store::{Held, Line, Recovery, Work};

impl Workbench {
    /// With somebody who starts engines; the one that there is sits where `seat` says.
    #[must_use]
    pub fn with_engines(mut self, engines: Box<dyn Engines>, seat: Seat) -> Self {
        self.engines = Some(engines);
        if seat.place.remote().is_some() {
            self.store.engine.line = Line::Attaching { tries: 0 };
        }
        self.move_memory(&seat.place);
        (self.store.engine.seat, self.store.engine.can_move) = (seat, true);
        self
    }

    /// Where the engine was to be when the window was closed last; `None` where nobody has chosen.
    pub fn kept_place(storage: Option<&dyn eframe::Storage>) -> Option<Place> {
        storage.and_then(|storage| eframe::get_value::<super::Choices>(storage, super::CHOICES_KEY))?.engine
    }

    /// Notices that the engine is gone, and moves once what is under way has ended.
    pub(super) fn follow_engine(&mut self) {
        if self.store.engine.line.is_down() {
            return;
        }
        if self.store.engine.lost.is_none()
            && let Standing::Lost { failure, last_words } = self.engine.standing()
        {
            if self.store.engine.is_afar()
                && let Some(line) = self.store.engine.line.lost(failure.clone(), Instant::now())
            {
                self.store.say(Level::Warning, failure.text);
                self.store.engine.line = line;
                return;
            }
            self.store.lose_engine(failure, last_words);
            self.engine_card = EngineCard::TellsLoss;
            return;
        }
        if self.store.is_at_rest()
            && let Some((seat, run)) = self.store.engine.moves_to.take()
        {
            if self.store.unsaved.is_some() {
                self.store.say(Level::Error, "The engine stays where it is: the run could not be saved");
                return;
            }
            let work = Work { run, ..self.store.work() };
            self.move_engine(&seat, &work, Recovery::GoOn);
        }
    }

    /// Moves the engine, or asks first where a run is under way.
    pub(super) fn use_place(&mut self, place: Place) {
        let seat = Seat::at(place);
        // What is under way on another machine goes on there.
        if self.store.is_at_rest() || self.store.engine.lost.is_some() || self.store.engine.is_afar() {
            let work = self.store.engine.lost.as_ref().map_or_else(|| self.store.work(), |lost| lost.work.clone());
            self.move_engine(&seat, &work, Recovery::GoOn);
        } else {
            self.engine_card = EngineCard::Asks(seat);
        }
    }

    /// Ends what is under way, and moves once it has ended.
    pub(super) fn end_and_move(&mut self, place: Place) {
        let run = self.store.work().run;
        self.store.engine.moves_to = Some((Seat::at(place), run));
        self.steer_run(Command::Stop);
    }

    /// Does something about an engine that is gone, or whose device has failed.
    pub(super) fn recover(&mut self, recovery: Recovery) {
        let Some(lost) = self.store.engine.to_recover().cloned() else { return };
        let seat = match recovery {
            Recovery::GoOn | Recovery::SmallerBatch => self.store.engine.seat.clone(),
            Recovery::OnProcessor => Seat { device: DeviceChoice::Cpu, ..self.store.engine.seat.clone() },
            Recovery::Here => Seat::at(Place::Here),
        };
        self.move_engine(&seat, &lost.work, recovery);
    }

    /// Starts another engine in place of the one that there is, and has it take up the work.
    fn move_engine(&mut self, seat: &Seat, work: &Work, recovery: Recovery) {
        if seat.place.remote().is_some() {
            self.attach(seat, Line::Attaching { tries: 0 });
            return;
        }
        let Some(engines) = &mut self.engines else { return };
        match engines.start(seat) {
            // The one before is let go here, before the other one hears of the run that it held.
            Ok(engine) => self.engine = engine,
            Err(why) => {
                self.store.say(Level::Error, format!("The engine could not be started: {why}"));
                return;
            }
        }
        self.choices.engine = Some(seat.place.clone());
        self.store.leave_engine(SessionState::Idle);
        // Files of another machine are none of this one.
        let was_there = self.store.engine.process.take().is_some();
        if was_there {
            self.store.begin_anew();
        }
        self.move_memory(&seat.place);
        (self.store.engine.seat, self.store.engine.lost) = (seat.clone(), None);
        self.store.engine.line = Line::Holds;
        self.engine_card = EngineCard::Closed;
        // What was asked of the one before, the other one has not heard.
        (self.asked, self.watched, self.in_sight, self.restart) = (None, None, None, false);
        self.kept_album = AlbumWish::default();
        self.store.gallery.set_surveying(false);
        if was_there {
            self.take_up(&Work::default(), Recovery::GoOn);
        } else {
            self.take_up(work, recovery);
        }
    }

    fn take_up(&mut self, work: &Work, recovery: Recovery) {
        if self.store.writes_events {
            self.tell_of_events();
        }
        self.send(Command::SetViewBudget { share: self.store.view_budget });
        self.tell_of_pins();
        let Work { data, network, run, beside, .. } = work.clone();
        match data.clone() {
            Some(path) if self.store.engine.trusted.as_ref() == Some(&path) => self.send(Command::TrustData { path }),
            Some(path) => self.load_data(path),
            None => {}
        }
        if let Some(path) = network {
            self.send(Command::OpenRun { path, data });
        }
        match (run, recovery) {
            (Some(_), Recovery::SmallerBatch) => {
                let mut recipe = self.store.in_force.clone().unwrap_or_else(|| self.store.recipe.clone());
                let smaller = self.store.smaller_batch().map(|size| recipe.put(data::BATCH_SIZE, size));
                if let Some(Err(error)) = smaller {
                    self.store.say(Level::Error, error.to_string());
                    return;
                }
                self.send(Command::LoadRecipe { recipe });
                self.send(Command::Start);
            }
            (Some(Held(is_held)), _) => {
                self.store.engine.resumes = true;
                self.send(Command::ResumeRun);
                if is_held {
                    self.send(Command::Pause);
                }
            }
            (None, _) => self.send(Command::LoadRecipe { recipe: self.store.recipe.clone() }),
        }
        if let Some(path) = beside {
            self.send(Command::CompareWith { path });
        }
    }
}
