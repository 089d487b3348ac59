//! What the one button does that stands out.

use fusionscope_engine::protocol::SessionState;

use super::Action;
use crate::look::Icon;
use crate::store::Store;

impl Action {
    /// What the main button does now, with its icon and word: a run that was interrupted is gone on with.
    pub fn main(store: &Store) -> (Self, Icon, &'static str) {
        match store.state {
            SessionState::Training => (Self::Pause, Icon::Pause, "Pause"),
            SessionState::Paused => (Self::Train, Icon::Play, "Continue"),
            _ if store.is_interrupted() => (Self::Resume, Icon::Play, "Resume"),
            _ => (Self::Train, Icon::Play, "Train"),
        }
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{DatasetSummary, Event, StepReport};

    use super::*;

    #[test]
    fn an_interrupted_run_is_resumed_by_the_main_button_and_a_complete_one_is_not() {
        let mut store = Store::default();
        let main = |store: &Store| Action::main(store).0;
        store.apply(Event::Dataset(DatasetSummary::default()));
        assert_eq!(main(&store), Action::Train);
        store.apply(Event::Run { path: "runs/a".into(), checkpoint: Some(4) });
        store.apply(Event::Steps(vec![StepReport { step: 4, total_steps: 9, ..StepReport::default() }]));
        assert_eq!(main(&store), Action::Resume);
        assert!(main(&store).enabled(&store));
        store.apply(Event::State(SessionState::Training));
        assert_eq!(main(&store), Action::Pause);
        store.apply(Event::State(SessionState::Stopped { step: 5, of: 9 }));
        assert_eq!(main(&store), Action::Resume);
        store.apply(Event::Steps(vec![StepReport { step: 9, total_steps: 9, ..StepReport::default() }]));
        store.apply(Event::State(SessionState::Finished));
        assert_eq!(main(&store), Action::Train);
    }
}
