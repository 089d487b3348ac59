//! What a worker's thread and its owner share: wishes in one direction, snapshots in the other.

use std::ops::ControlFlow;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use super::request::Request;
use super::snapshot::Snapshot;

/// An exaggeration that is held, or `None` for the schedule's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exaggeration(pub(super) Option<f32>);

/// What is wanted of the worker at this moment; later wishes replace earlier ones, so nothing queues up.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    pub(super) request: Option<Box<Request>>,
    /// Counts requests and cancellations.
    pub(super) number: u64,
    pub(super) is_paused: bool,
    pub(super) is_hidden: bool,
    pub(super) perplexity: Option<f32>,
    pub(super) exaggeration: Option<Exaggeration>,
    pub(super) more: u32,
    pub(super) ends: bool,
}

/// What the worker's thread and its owner share.
pub(super) struct Desk {
    pub(super) wishes: Mutex<Wishes>,
    changed: Condvar,
    latest: Mutex<Arc<Snapshot>>,
    announce: Box<dyn Fn(&Snapshot) + Send + Sync>,
}

impl Desk {
    /// A desk without wishes. `announce` is called with every snapshot.
    pub(super) fn new(announce: impl Fn(&Snapshot) + Send + Sync + 'static) -> Self {
        Self {
            wishes: Mutex::default(),
            changed: Condvar::new(),
            latest: Mutex::default(),
            announce: Box::new(announce),
        }
    }

    /// Changes what is wanted.
    pub(super) fn wish<T>(&self, change: impl FnOnce(&mut Wishes) -> T) -> T {
        let result = change(&mut self.wishes.lock());
        self.changed.notify_all();
        result
    }

    /// Waits until `ready` finds something in the wishes.
    pub(super) fn wait<T>(&self, mut ready: impl FnMut(&mut Wishes) -> Option<T>) -> T {
        let mut wishes = self.wishes.lock();
        loop {
            if let Some(found) = ready(&mut wishes) {
                return found;
            }
            self.changed.wait(&mut wishes);
        }
    }

    /// Shows a snapshot in place of the last one.
    pub(super) fn publish(&self, snapshot: Snapshot) {
        let snapshot = Arc::new(snapshot);
        *self.latest.lock() = Arc::clone(&snapshot);
        (self.announce)(&snapshot);
    }

    /// The last snapshot.
    pub(super) fn latest(&self) -> Arc<Snapshot> {
        Arc::clone(&self.latest.lock())
    }

    /// Goes on as long as `number` is what is wanted and somebody looks.
    pub(super) fn still_wanted(&self, number: u64) -> ControlFlow<()> {
        let wishes = self.wishes.lock();
        let is_wanted = wishes.number == number && !wishes.ends && !wishes.is_hidden;
        if is_wanted { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}
