//! t-SNE on a thread of its own: it is told what is wanted, and shows where the layout stands.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::{Condvar, Mutex};

use super::error::EmbeddingError;
use super::points::Points;
use super::start::Start;
use super::working;
use crate::device::DeviceChoice;

/// What is laid out, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// The points. The same sample in every epoch, or a warm start makes no sense.
    pub points: Arc<Points>,
    /// Where to compute.
    pub device: DeviceChoice,
    /// The perplexity to begin with.
    pub perplexity: f32,
    /// The largest perplexity that may be asked for later: neighbours are sought once.
    pub largest_perplexity: f32,
    /// From scratch, or on from an earlier layout.
    pub course: Course,
    /// What random places follow from.
    pub seed: u64,
    /// Whether it ends where the layout has come to rest.
    pub stops_early: bool,
}

/// How a layout begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Course {
    /// From almost one point.
    Fresh {
        /// Iterations, of which a quarter, at most 250, are exaggerated.
        iterations: u32,
        /// The places.
        start: Start,
    },
    /// From the layout of the same points a few training steps earlier: 250 iterations, of which 100 are mildly exaggerated.
    Warm {
        /// That layout.
        layout: Arc<Vec<[f32; 2]>>,
    },
}

/// What the worker is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stage {
    /// Nothing was asked for, or it was cancelled.
    #[default]
    Idle,
    /// Looking for neighbours.
    Preparing {
        /// Points that have theirs.
        done: usize,
        /// All points.
        total: usize,
    },
    /// Iterating.
    Running,
    /// Told to wait.
    Paused,
    /// All iterations are done.
    Done,
    /// It cannot be done.
    Failed {
        /// The sentence.
        reason: String,
    },
}

/// Where a layout stands.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Which request it answers, counted from 1.
    pub request: u64,
    /// What the worker is about.
    pub stage: Stage,
    /// The places, around the origin: at first the principal components, then the layout.
    pub layout: Arc<Vec<[f32; 2]>>,
    /// Whether the places are principal components still.
    pub is_projection: bool,
    /// Iterations done.
    pub iteration: u32,
    /// Iterations in all.
    pub iterations: u32,
    /// The divergence after some iterations, in order, in nats.
    pub divergences: Arc<Vec<(u32, f64)>>,
    /// The perplexity, after it was fitted to the number of points.
    pub perplexity: f32,
    /// The device in words; empty until there is one.
    pub device: String,
}

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

    /// Goes on as long as `number` is what is wanted and somebody looks.
    pub(super) fn still_wanted(&self, number: u64) -> ControlFlow<()> {
        let wishes = self.wishes.lock();
        let is_wanted = wishes.number == number && !wishes.ends && !wishes.is_hidden;
        if is_wanted { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

/// A thread that owns an engine. Dropping it ends the thread.
pub struct Worker {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread. `announce` is called from it with every snapshot, for example to ask for a repaint.
    pub fn start(announce: impl Fn(&Snapshot) + Send + Sync + 'static) -> Result<Self, EmbeddingError> {
        let desk = Arc::new(Desk {
            wishes: Mutex::default(),
            changed: Condvar::new(),
            latest: Mutex::default(),
            announce: Box::new(announce),
        });
        let own = Arc::clone(&desk);
        let thread = std::thread::Builder::new()
            .name("embedding".to_owned())
            .spawn(move || working::work(&own))
            .map_err(|error| EmbeddingError::Thread { what: error.to_string() })?;
        Ok(Self { desk, thread: Some(thread) })
    }

    /// Lays out points; what was under way is dropped. It runs at once if the worker was paused. Returns the request's number.
    pub fn begin(&self, request: Request) -> u64 {
        self.wish(|wishes| {
            wishes.number += 1;
            wishes.request = Some(Box::new(request));
            wishes.is_paused = false;
            (wishes.perplexity, wishes.exaggeration, wishes.more) = (None, None, 0);
            wishes.number
        })
    }

    /// Holds still until [`Worker::resume`].
    pub fn pause(&self) {
        self.wish(|wishes| wishes.is_paused = true);
    }

    /// Goes on.
    pub fn resume(&self) {
        self.wish(|wishes| wishes.is_paused = false);
    }

    /// Drops what is under way; the last layout stays to be seen.
    pub fn cancel(&self) {
        self.wish(|wishes| {
            wishes.number += 1;
            wishes.request = None;
        });
    }

    /// Goes on with another perplexity, up to the largest that was prepared for.
    pub fn set_perplexity(&self, perplexity: f32) {
        self.wish(|wishes| wishes.perplexity = Some(perplexity));
    }

    /// Holds the exaggeration at a value; `None` gives it back to the schedule.
    pub fn set_exaggeration(&self, exaggeration: Option<f32>) {
        self.wish(|wishes| wishes.exaggeration = Some(Exaggeration(exaggeration)));
    }

    /// Adds iterations to what is under way or done.
    pub fn extend(&self, iterations: u32) {
        self.wish(|wishes| wishes.more = wishes.more.saturating_add(iterations));
    }

    /// Whether anybody looks: while nobody does, nothing is computed.
    pub fn set_visible(&self, visible: bool) {
        self.wish(|wishes| wishes.is_hidden = !visible);
    }

    /// Where the layout stands.
    pub fn latest(&self) -> Arc<Snapshot> {
        Arc::clone(&self.desk.latest.lock())
    }

    fn wish<T>(&self, change: impl FnOnce(&mut Wishes) -> T) -> T {
        let result = change(&mut self.desk.wishes.lock());
        self.desk.changed.notify_all();
        result
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.wish(|wishes| wishes.ends = true);
        if let Some(thread) = self.thread.take() {
            let _panicked_already = thread.join();
        }
    }
}
