//! The newest picture of each view: a newer one replaces an older one, and nothing queues up.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::protocol::SceneView;

/// Latest-value slots keyed by view, shared by the worker (writes) and the app (reads).
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Mutex<BTreeMap<u64, Slot>>,
}

#[derive(Debug)]
struct Slot {
    view: Arc<SceneView>,
    seen: bool,
}

impl Slots {
    /// Returns the picture that it takes the place of.
    pub(super) fn put(&self, view: SceneView) -> Option<Arc<SceneView>> {
        let slot = Slot { seen: false, view: Arc::new(view) };
        self.slots.lock().insert(slot.view.request.view, slot).map(|before| before.view)
    }

    /// The newest picture; the slot keeps it.
    pub(super) fn take(&self, view: u64) -> Option<Arc<SceneView>> {
        let mut slots = self.slots.lock();
        let slot = slots.get_mut(&view)?;
        slot.seen = true;
        Some(Arc::clone(&slot.view))
    }

    /// Whether the app has picked up the newest picture; a view that nobody looks at is not refreshed.
    pub(super) fn seen(&self, view: u64) -> bool {
        self.slots.lock().get(&view).is_none_or(|slot| slot.seen)
    }

    pub(super) fn remove(&self, view: u64) {
        self.slots.lock().remove(&view);
    }

    pub(super) fn clear(&self) {
        self.slots.lock().clear();
    }
}
