//! An empty table, for an engine that tells all that it has.

use fusionscope_engine::protocol::{DatasetSummary, SessionState};

use super::Store;

impl Store {
    /// Forgets what an engine has told. What the user has chosen, written or put aside stays, and so does the log.
    pub fn begin_anew(&mut self) {
        self.leave_engine(SessionState::Idle);
        let nothing = DatasetSummary::default();
        self.scene.open(&nothing);
        self.gallery.open(&nothing);
        self.open_run(None);
        (self.alert, self.untrusted, self.times) = (None, None, None);
        (self.dataset, self.network) = (None, None);
        *self.in_force = None;
        self.device.clear();
        self.ended = false;
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{Event, Level, StepReport, Subject};

    use super::*;

    #[test]
    fn what_one_engine_told_is_not_taken_for_the_next_one_s() {
        let mut store = Store::default();
        let data = DatasetSummary { path: "there".into(), ..DatasetSummary::default() };
        for event in [
            Event::State(SessionState::Training),
            Event::Dataset(data),
            Event::Run { path: "runs/a".into(), checkpoint: Some(4) },
            Event::Steps(vec![StepReport { step: 1, ..StepReport::default() }]),
            Event::Notice { about: Subject::Run, level: Level::Error, text: "odd".to_owned() },
        ] {
            store.apply(event);
        }
        store.recipe.name = "mine".to_owned();
        let said = store.log.entries().len();
        store.begin_anew();
        assert!(store.dataset.is_none() && store.run.is_none() && store.alert.is_none() && store.is_at_rest());
        assert!(store.curves.progress().last().is_none());
        assert_eq!((store.recipe.name.as_str(), store.log.entries().len()), ("mine", said));
    }
}
