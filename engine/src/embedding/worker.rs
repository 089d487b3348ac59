//! t-SNE on a thread of its own: it is told what is wanted, and shows where the layout stands.

use std::sync::Arc;
use std::thread::JoinHandle;

use super::desk::{Desk, Exaggeration};
use super::error::EmbeddingError;
use super::request::Request;
use super::snapshot::Snapshot;
use super::working;

/// A thread that owns an engine. Dropping it ends the thread.
pub struct Worker {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread. `announce` is called from it with every snapshot, for example to ask for a repaint.
    pub fn start(announce: impl Fn(&Snapshot) + Send + Sync + 'static) -> Result<Self, EmbeddingError> {
        let desk = Arc::new(Desk::new(announce));
        let own = Arc::clone(&desk);
        let thread = std::thread::Builder::new()
            .name("embedding".to_owned())
            .spawn(move || working::work(&own))
            .map_err(|error| EmbeddingError::Thread { what: error.to_string() })?;
        Ok(Self { desk, thread: Some(thread) })
    }

    /// Lays out points; what was under way is dropped. It runs at once if the worker was paused. Returns the request's
    /// number.
    pub fn begin(&self, request: Request) -> u64 {
        self.desk.wish(|wishes| {
            wishes.number += 1;
            wishes.request = Some(Box::new(request));
            wishes.is_paused = false;
            (wishes.perplexity, wishes.exaggeration, wishes.more) = (None, None, 0);
            wishes.number
        })
    }

    /// Holds still until [`Worker::resume`].
    pub fn pause(&self) {
        self.desk.wish(|wishes| wishes.is_paused = true);
    }

    /// Goes on.
    pub fn resume(&self) {
        self.desk.wish(|wishes| wishes.is_paused = false);
    }

    /// Drops what is under way; the last layout stays to be seen.
    pub fn cancel(&self) {
        self.desk.wish(|wishes| {
            wishes.number += 1;
            wishes.request = None;
        });
    }

    /// Goes on with another perplexity, up to the largest that was prepared for.
    pub fn set_perplexity(&self, perplexity: f32) {
        self.desk.wish(|wishes| wishes.perplexity = Some(perplexity));
    }

    /// Holds the exaggeration at a value; `None` gives it back to the schedule.
    pub fn set_exaggeration(&self, exaggeration: Option<f32>) {
        self.desk.wish(|wishes| wishes.exaggeration = Some(Exaggeration(exaggeration)));
    }

    /// Adds iterations to what is under way or done.
    pub fn extend(&self, iterations: u32) {
        self.desk.wish(|wishes| wishes.more = wishes.more.saturating_add(iterations));
    }

    /// Whether anybody looks: while nobody does, nothing is computed.
    pub fn set_visible(&self, visible: bool) {
        self.desk.wish(|wishes| wishes.is_hidden = !visible);
    }

    /// Where the layout stands.
    pub fn latest(&self) -> Arc<Snapshot> {
        self.desk.latest()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.desk.wish(|wishes| wishes.ends = true);
        if let Some(thread) = self.thread.take() {
            let _panicked_already = thread.join();
        }
    }
}
