//! Why scenes could not be looked at.

use crate::data::DataError;
use crate::evaluation::EvaluationError;
use crate::failure::{Failing, FailureKind};
use crate::recipe::RecipeError;

/// Why scenes could not be shown, or compared.
#[derive(Debug, thiserror::Error)]
pub enum InspectionError {
    /// The scene could not be read.
    #[error("could not show scene {index} of split `{split}`: {source}")]
    Scene {
        /// The split.
        split: String,
        /// The scene's index.
        index: usize,
        /// Why.
        source: Box<DataError>,
    },
    /// The network could not predict it.
    #[error("could not predict scene {index} of split `{split}`: {source}")]
    Prediction {
        /// The split.
        split: String,
        /// The scene's index.
        index: usize,
        /// Why.
        source: Box<EvaluationError>,
    },
    /// Features were asked for that are not there.
    #[error("could not gather features: {reason}")]
    Features {
        /// What was found, and what there is.
        reason: String,
    },
    /// A view was asked for that cannot be summed up.
    #[error("could not sum up the view `{view}`: {reason}")]
    View {
        /// Its name.
        view: String,
        /// What was found, and what there must be.
        reason: String,
    },
    /// The data cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// What is supposed of the method cannot be.
    #[error(transparent)]
    Setting(#[from] RecipeError),
    /// Classes that cannot be compared.
    #[error("could not compare: {reason}")]
    Apart {
        /// Which.
        reason: String,
    },
    /// No scene could be used.
    #[error("could not look at the scenes of a split: no scene of `{split}` could be used: {first}")]
    NothingUsable {
        /// The split.
        split: String,
        /// Why the first one could not.
        first: String,
    },
    /// It was told to end.
    #[error("it was stopped")]
    Stopped,
}

impl Failing for InspectionError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::Scene { source, .. } => source.kind(),
            Self::Prediction { source, .. } => source.kind(),
            Self::Features { .. } | Self::View { .. } => Some(FailureKind::Refused),
            Self::Data(source) => source.kind(),
            Self::Setting(source) => source.kind(),
            Self::Apart { .. } => Some(FailureKind::Incompatible),
            Self::NothingUsable { .. } => Some(FailureKind::Unreadable),
            Self::Stopped => None,
        }
    }
}
