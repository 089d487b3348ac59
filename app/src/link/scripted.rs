//! An engine that says what it is told to say, for tests of the window.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use fusionscope_engine::protocol::{Command, EmbeddingView, Event, Failure, SceneView};
use fusionscope_engine::wire::{Hello, Standing};
use parking_lot::Mutex;

use super::Engine;

/// A scripted engine. Clones share their script, so that a test can keep one and give the other to the window.
#[derive(Clone, Debug, Default)]
pub struct Scripted {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    events: VecDeque<Event>,
    views: BTreeMap<u64, Arc<SceneView>>,
    embeddings: BTreeMap<u64, Arc<EmbeddingView>>,
    sent: Vec<Command>,
    deaf: bool,
    lost: Option<Standing>,
    was_ended: bool,
}

impl Scripted {
    /// Queues an event for the window's next frame.
    pub fn say(&self, event: Event) {
        self.shared.lock().events.push_back(event);
    }

    /// Lays pictures into the slot of their view and says so.
    pub fn show(&self, view: SceneView) {
        let mut shared = self.shared.lock();
        let slot = view.request.view;
        shared.views.insert(slot, Arc::new(view));
        shared.events.push_back(Event::ViewReady { view: slot });
    }

    /// Lays a layout into its slot.
    pub fn lay_out(&self, view: EmbeddingView) {
        self.shared.lock().embeddings.insert(view.request.slot, Arc::new(view));
    }

    /// From now on no command can be handed over, or all can again.
    pub fn be_deaf(&self, deaf: bool) {
        self.shared.lock().deaf = deaf;
    }

    /// From now on the engine is gone, for this reason and with these last words.
    pub fn die(&self, failure: Failure, last_words: &[&str]) {
        let last_words = last_words.iter().map(|line| (*line).to_owned()).collect();
        let mut shared = self.shared.lock();
        (shared.deaf, shared.lost) = (true, Some(Standing::Lost { failure, last_words }));
    }

    /// Whether it was ended at once.
    pub fn was_ended(&self) -> bool {
        self.shared.lock().was_ended
    }

    /// Every command so far, oldest first.
    pub fn sent(&self) -> Vec<Command> {
        self.shared.lock().sent.clone()
    }
}

impl Engine for Scripted {
    fn send(&mut self, command: Command) -> Result<(), String> {
        let mut shared = self.shared.lock();
        if shared.deaf {
            return Err("The session does not listen".to_owned());
        }
        shared.sent.push(command);
        Ok(())
    }

    fn events(&mut self) -> Vec<Event> {
        self.shared.lock().events.drain(..).collect()
    }

    fn view(&self, view: u64) -> Option<Arc<SceneView>> {
        self.shared.lock().views.get(&view).cloned()
    }

    fn embedding(&self, slot: u64) -> Option<Arc<EmbeddingView>> {
        self.shared.lock().embeddings.get(&slot).cloned()
    }

    fn standing(&self) -> Standing {
        self.shared.lock().lost.clone().unwrap_or_else(|| Standing::Ready(Hello::default()))
    }

    fn end_at_once(&mut self) {
        self.shared.lock().was_ended = true;
    }
}
