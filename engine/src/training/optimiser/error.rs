//! Why an optimiser does not go on.

use crate::failure::{Failing, FailureKind};

/// Why a step was not taken. The network and the optimiser are as they were before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptimiserError {
    /// A gradient holds NaN or infinity.
    #[error("the gradient of {name} is not finite; a smaller learning rate or gradient clipping may help")]
    NotFinite {
        /// The parameter.
        name: String,
    },
    /// A saved state does not belong to this optimiser or this network.
    #[error("the optimiser's saved state does not fit: {name}: expected {expected}, found {found}")]
    BadState {
        /// The entry of the state.
        name: String,
        /// What would fit.
        expected: String,
        /// What the state holds.
        found: String,
    },
}

impl Failing for OptimiserError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::NotFinite { .. } => Some(FailureKind::Broken),
            Self::BadState { .. } => Some(FailureKind::Incompatible),
        }
    }
}
