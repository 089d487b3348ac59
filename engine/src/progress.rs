//! How work that takes long is watched and ended: it tells how far it is, and hears whether to go on.

pub mod disk;

use std::ops::ControlFlow;

use crate::failure::{Failing, FailureKind};

/// Told what is being done, how far, of how much (0 where unknown); answers whether to go on.
///
/// Long work asks at every file and at every megabyte, so that it ends soon on the slowest disk.
pub type Progress<'a> = dyn FnMut(&str, u64, u64) -> ControlFlow<()> + 'a;

/// Work ended because [`Progress`] said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it was stopped")]
pub struct Stopped;

impl Failing for Stopped {
    fn kind(&self) -> Option<FailureKind> {
        None
    }
}

/// The progress of work that nobody watches and nobody ends.
pub fn unwatched(_what: &str, _done: u64, _total: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Tells how far the work is. Fails with [`Stopped`] where it shall end.
pub fn tell(progress: &mut Progress<'_>, what: &str, done: u64, total: u64) -> Result<(), Stopped> {
    match progress(what, done, total) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Stopped),
    }
}
