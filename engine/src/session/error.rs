//! Why a session could not take a command.

use crate::failure::{Failing, FailureKind};

/// What can go wrong between the app and a session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The worker has ended.
    #[error("the session has ended; start another one")]
    Ended,
    /// The worker is busy and its command queue is full.
    #[error("the session is busy and its command queue is full; try again in a moment")]
    Busy,
    /// The system gave no thread.
    #[error("could not start the session's thread: {reason}")]
    Thread {
        /// The system's reason.
        reason: String,
    },
}

impl Failing for SessionError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::Ended | Self::Busy | Self::Thread { .. } => Some(FailureKind::Broken),
        }
    }
}
