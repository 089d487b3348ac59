//! What can go wrong between two processes.

use std::io;

use crate::failure::{Failing, FailureKind};

/// Why a connection has ended, or could not begin.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The other end is no engine, or something talks before it that never ends.
    #[error("expected an engine's greeting, found {}", found_words(.said))]
    NoEngine {
        /// What was said in place of it.
        said: String,
    },
    /// The two programs speak differently.
    #[error("the program at the other end is {theirs} and this one is {ours}; bring both to the same version")]
    Version {
        /// This program.
        ours: String,
        /// The other one.
        theirs: String,
    },
    /// Bytes were changed on their way, or something else was printed between them.
    #[error(
        "what came from the other end was damaged ({what}); the connection was ended, so that nothing false is shown"
    )]
    Damaged {
        /// What does not fit.
        what: String,
    },
    /// The stream ended within a message.
    #[error("the connection broke off within a message: expected {expected} bytes, found {found}")]
    CutOff {
        /// Bytes of the message.
        expected: u64,
        /// Bytes that came.
        found: u64,
    },
    /// A message is larger than any may be.
    #[error("a message of {found} bytes is larger than the {limit} that one may have")]
    TooLarge {
        /// Its size.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// A message could not be put into bytes.
    #[error("a message could not be written: {reason}")]
    Unwritable {
        /// Why.
        reason: String,
    },
    /// The stream failed.
    #[error("the connection failed: {0}")]
    Stream(#[from] io::Error),
    /// The other end could not be started.
    #[error("the engine could not be started: {reason}: {program}")]
    NotStarted {
        /// The system's reason.
        reason: String,
        /// What was to be started.
        program: String,
    },
}

fn found_words(said: &str) -> String {
    if said.is_empty() { "nothing".to_owned() } else { format!("“{said}”") }
}

impl Failing for WireError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::Version { .. } => Some(FailureKind::Incompatible),
            Self::NoEngine { .. } | Self::NotStarted { .. } => Some(FailureKind::Unreadable),
            Self::Damaged { .. }
            | Self::CutOff { .. }
            | Self::TooLarge { .. }
            | Self::Unwritable { .. }
            | Self::Stream(_) => Some(FailureKind::Broken),
        }
    }
}
