//! Losing an engine: what is left, and what helps.

use std::time::Instant;

use fusionscope_engine::protocol::{Event, Failure, FailureKind, Level, SessionState};
use fusionscope_engine::recipe::catalogue::data;

use super::Store;
use super::engine::{Held, Lost, Recovery, Work};
use crate::link::Place;

impl Store {
    /// What is open in the engine.
    pub fn work(&self) -> Work {
        Work {
            data: self.dataset.as_ref().map(|dataset| dataset.path.clone()),
            network: self.run.clone().or_else(|| self.model.clone()),
            run: self.engine.run.or(self.engine.resumes.then_some(Held(false))),
            checkpoint: self.checkpoint,
            beside: self.scene.beside.as_ref().map(|beside| beside.path.clone()),
        }
    }

    /// The engine is gone. What it has told stays in sight; nothing is under way any more.
    pub fn lose_engine(&mut self, failure: Failure, last_words: Vec<String>) {
        let work = self.work();
        self.log.push(Level::Error, failure.text.clone(), self.opened.elapsed().as_secs_f64());
        self.engine.moves_to = None;
        self.leave_engine(SessionState::Failed(failure.clone()));
        self.engine.lost = Some(Lost { failure, last_words, work });
    }

    /// What is left where a failing device ends the run with this state.
    pub(super) fn broken_by(&self, state: &SessionState) -> Option<Lost> {
        let SessionState::Failed(failure) = state else { return None };
        let is_of_device =
            matches!(failure.kind, FailureKind::OutOfMemory | FailureKind::DeviceLost | FailureKind::DeviceRefused);
        is_of_device.then(|| Lost { failure: failure.clone(), last_words: Vec::new(), work: self.work() })
    }

    /// Nothing of what an engine alone holds is there any more.
    pub(crate) fn leave_engine(&mut self, state: SessionState) {
        self.engine.broken = None;
        self.engine.follow(&state);
        (self.state, self.state_since) = (state, Instant::now());
        (self.unsaved, self.robustness.asked, self.asked_data) = (None, None, None);
        self.apply(Event::Beside(None));
        self.embedding.clear();
    }

    /// Half as many scenes in a step as the run in hand takes, or the next one would; `None` where it is one.
    pub fn smaller_batch(&self) -> Option<usize> {
        let recipe = self.in_force.as_ref().unwrap_or(&self.recipe);
        let size = recipe.get(data::BATCH_SIZE);
        (size > 1).then_some(size / 2)
    }

    /// Why something cannot be done about the engine that is gone, or whose device has failed; `Ok` where it can.
    pub fn can_recover(&self, recovery: Recovery) -> Result<(), &'static str> {
        let Some(lost) = self.engine.to_recover() else { return Err("the engine is there") };
        let can = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(why) };
        let is_other_version = lost.failure.kind == FailureKind::Incompatible;
        let had_run = lost.work.run.is_some();
        let is_here = self.engine.seat.place == Place::Here;
        match recovery {
            Recovery::GoOn | Recovery::SmallerBatch if self.engine.lost.is_none() => match lost.failure.kind {
                // Another process takes the device anew; this one cannot.
                FailureKind::DeviceLost => can(recovery == Recovery::GoOn && !is_here, "the device is gone"),
                FailureKind::OutOfMemory => can(recovery == Recovery::SmallerBatch, "the run can be resumed as it is")
                    .and(can(had_run && lost.work.data.is_some(), "no run was under way"))
                    .and(can(self.smaller_batch().is_some(), "a step takes one scene")),
                _ => Err("the device would refuse it again"),
            },
            Recovery::Here if self.engine.lost.is_none() => Err("the engine is there"),
            Recovery::SmallerBatch | Recovery::OnProcessor if self.engine.is_afar() => {
                Err("the run is one of another machine: open it there first")
            }
            Recovery::GoOn => can(!is_other_version, "it is of another version"),
            Recovery::SmallerBatch => can(had_run && lost.work.data.is_some(), "no run was under way")
                .and(can(self.smaller_batch().is_some(), "a step takes one scene"))
                .and(can(!is_other_version, "it is of another version")),
            Recovery::OnProcessor => can(!is_other_version, "it is of another version")
                .and(can(!self.device.starts_with("CPU"), "it was on the processor")),
            Recovery::Here => can(!is_here, "it was in this process"),
        }
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{DatasetSummary, NetworkSummary};

    use super::*;

    fn training() -> Store {
        let mut store = Store::default();
        store.apply(Event::Dataset(DatasetSummary { path: "data".into(), ..DatasetSummary::default() }));
        store.apply(Event::Network(NetworkSummary { device: "NVIDIA".to_owned(), ..NetworkSummary::default() }));
        store.apply(Event::Run { path: "runs/a".into(), checkpoint: Some(40) });
        store.apply(Event::State(SessionState::Training));
        store
    }

    #[test]
    fn a_run_is_under_way_through_its_evaluations_and_no_longer() {
        let mut store = training();
        assert_eq!(store.work().run, Some(Held(false)));
        store.apply(Event::State(SessionState::Evaluating { done: 1, total: 2 }));
        assert_eq!(store.work().run, Some(Held(false)));
        store.apply(Event::State(SessionState::Paused));
        assert_eq!(store.work().run, Some(Held(true)));
        store.apply(Event::State(SessionState::Finished));
        store.apply(Event::State(SessionState::Evaluating { done: 1, total: 2 }));
        assert_eq!(store.work().run, None);
    }

    #[test]
    fn a_run_that_its_device_breaks_off_goes_on_smaller_or_on_the_processor() {
        let helps = |store: &Store| -> Vec<Recovery> {
            Recovery::ALL.into_iter().filter(|way| store.can_recover(*way).is_ok()).collect()
        };
        let failed = |place: Place, kind: FailureKind| {
            let mut store = training();
            store.engine.seat.place = place;
            store.apply(Event::State(SessionState::Failed(Failure::new(kind, "the device failed"))));
            store
        };
        let out_of_memory = failed(Place::Here, FailureKind::OutOfMemory);
        assert_eq!(helps(&out_of_memory), [Recovery::SmallerBatch, Recovery::OnProcessor]);
        let work = &out_of_memory.engine.to_recover().unwrap().work;
        assert_eq!((work.run, work.checkpoint), (Some(Held(false)), Some(40)));
        assert_eq!(helps(&failed(Place::Here, FailureKind::DeviceLost)), [Recovery::OnProcessor]);
        let elsewhere = failed(Place::Process, FailureKind::DeviceLost);
        assert_eq!(helps(&elsewhere), [Recovery::GoOn, Recovery::OnProcessor]);
        assert_eq!(helps(&failed(Place::Here, FailureKind::DeviceRefused)), [Recovery::OnProcessor]);
        assert_eq!(helps(&failed(Place::Here, FailureKind::Broken)), []);
        let mut settled = failed(Place::Here, FailureKind::OutOfMemory);
        settled.apply(Event::State(SessionState::Idle));
        assert_eq!(helps(&settled), []);
    }

    #[test]
    fn a_run_that_has_begun_is_under_way_before_its_first_step() {
        let mut store = training();
        store.apply(Event::State(SessionState::Idle));
        store.apply(Event::State(SessionState::Preparing { what: "kernels".to_owned(), done: 0, total: 4 }));
        assert_eq!(store.work().run, None);
        store.apply(Event::Run { path: "runs/b".into(), checkpoint: None });
        assert_eq!(store.work().run, Some(Held(false)));
        store.apply(Event::State(SessionState::Idle));
        assert_eq!(store.work().run, None, "it was opened, no more");
    }

    #[test]
    fn an_engine_that_is_lost_leaves_its_work_and_what_helps() {
        let mut store = training();
        let helps = |store: &Store| Recovery::ALL.into_iter().filter(|way| store.can_recover(*way).is_ok()).count();
        assert_eq!(helps(&store), 0);
        store.engine.seat.place = Place::Process;
        store.lose_engine(Failure::new(FailureKind::Broken, "The engine is gone: it crashed"), Vec::new());
        let lost = store.engine.lost.clone().unwrap();
        assert_eq!((lost.work.network, lost.work.checkpoint), (Some("runs/a".into()), Some(40)));
        assert_eq!(lost.work.run, Some(Held(false)));
        assert!(store.is_at_rest() && store.run.is_some() && store.alert.is_none(), "{store:?}");
        assert_eq!(helps(&store), 4);

        let mut store = training();
        store.device = "CPU · 2 threads".to_owned();
        store.lose_engine(Failure::new(FailureKind::Incompatible, "versions differ"), Vec::new());
        assert_eq!(helps(&store), 0, "here, on the processor, and of another version");
    }
}
