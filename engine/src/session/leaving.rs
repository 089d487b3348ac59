//! Sessions that were let go and have not ended yet.

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use parking_lot::Mutex;

/// How long letting go of a session waits for its end.
pub const AT_ONCE: Duration = Duration::from_millis(200);

/// What signals the end of each.
static LEAVING: Mutex<Vec<Receiver<()>>> = Mutex::new(Vec::new());

/// Waits on a thread of its own for a session to end, and here no longer than [`AT_ONCE`].
pub(crate) fn leave(wait_for_its_end: impl FnOnce() + Send + 'static) {
    let (signal, ended) = crossbeam_channel::bounded::<()>(0);
    let waiting = std::thread::Builder::new().name("fusionscope-leaving".to_owned()).spawn(move || {
        wait_for_its_end();
        drop(signal);
    });
    // Without a thread to wait on, the session ends by itself and nobody hears of it.
    if waiting.is_ok() && !has_ended(&ended, AT_ONCE) {
        let mut leaving = LEAVING.lock();
        leaving.retain(|earlier| !has_ended(earlier, Duration::ZERO));
        leaving.push(ended);
    }
}

/// Waits until every session that was let go has ended, with the checkpoint of its run written, for `limit` at most.
/// Returns whether all have. The program does this last, when its window has gone.
pub fn wait(limit: Duration) -> bool {
    let until = Instant::now() + limit;
    let all: Vec<Receiver<()>> = LEAVING.lock().clone();
    all.iter().all(|ended| has_ended(ended, until.saturating_duration_since(Instant::now())))
}

fn has_ended(ended: &Receiver<()>, limit: Duration) -> bool {
    ended.recv_timeout(limit) != Err(RecvTimeoutError::Timeout)
}
