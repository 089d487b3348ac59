//! Why an evaluation could not be made.

use crate::data::DataError;
use crate::failure::{Failing, FailureKind};
use crate::recipe::RecipeError;

/// An evaluation that cannot be made, or was stopped.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// The data cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// What is supposed of the method cannot be.
    #[error(transparent)]
    Setting(#[from] RecipeError),
    /// The network was trained for another list of classes.
    #[error(
        "the network tells {expected} classes apart, the data set `{dataset}` has {found}, so nothing can be scored; use the \
         data that it was trained for, or map the classes (`data.class_map`)"
    )]
    Classes {
        /// Classes of the network.
        expected: usize,
        /// Classes of the data set.
        found: usize,
        /// The data set's name.
        dataset: String,
    },
    /// The network was trained for as many classes of other names.
    #[error(
        "class {id} is `{expected}` to the network and `{found}` to the data set `{dataset}`, so nothing can be scored; use the \
         data that it was trained for, or map the classes (`data.class_map`)"
    )]
    ClassNames {
        /// The first class id whose names differ.
        id: usize,
        /// The network's name for it.
        expected: String,
        /// The data set's name for it.
        found: String,
        /// The data set's name.
        dataset: String,
    },
    /// A split without scenes.
    #[error("split `{split}` of `{dataset}` has no scenes; choose another split")]
    Empty {
        /// The split.
        split: String,
        /// The data set's name.
        dataset: String,
    },
    /// A split whose scenes carry no labels.
    #[error("split `{split}` of `{dataset}` has no labels, so nothing can be scored; choose another split, or predict")]
    Unlabelled {
        /// The split.
        split: String,
        /// The data set's name.
        dataset: String,
    },
    /// A split whose scenes have no condition tags.
    #[error(
        "the scenes of split `{split}` of `{dataset}` have no tags, so there are no conditions to score; name some in its manifest"
    )]
    Untagged {
        /// The split.
        split: String,
        /// The data set's name.
        dataset: String,
    },
    /// Every scene was skipped.
    #[error("none of the {scenes} scenes of split `{split}` could be used; the first failed because {first}")]
    NothingUsable {
        /// The split.
        split: String,
        /// Its scenes.
        scenes: usize,
        /// Why the first one failed.
        first: String,
    },
    /// `evaluation.missing = mean` without a training split.
    #[error(
        "`evaluation.missing = mean` needs the training images, and `{dataset}` has no split `train`; choose drop, zeros, \
         black or copy"
    )]
    NoTrainingSplit {
        /// The data set's name.
        dataset: String,
    },
    /// More subsets of the sensors than one evaluation scores.
    #[error(
        "{sensors} sensors have {subsets} subsets, and one evaluation scores {most} at most; set `evaluation.subsets` to singles, \
         leave-one-out or sample"
    )]
    TooManySubsets {
        /// Sensors of the network.
        sensors: usize,
        /// Their non-empty subsets.
        subsets: u128,
        /// The most that are scored.
        most: usize,
    },
    /// The network's answer could not be read back from the device.
    #[error("the prediction could not be read back from the device: {reason}")]
    ReadBack {
        /// What the device says.
        reason: String,
    },
    /// A network that says nothing for these inputs.
    #[error("the network gave no prediction for the sensors that are present")]
    NoHead,
    /// The caller asked to stop.
    #[error("the evaluation was stopped")]
    Stopped,
}

impl Failing for EvaluationError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::Data(source) => source.kind(),
            Self::Setting(source) => source.kind(),
            Self::Classes { .. }
            | Self::ClassNames { .. }
            | Self::Empty { .. }
            | Self::Unlabelled { .. }
            | Self::Untagged { .. }
            | Self::NoTrainingSplit { .. } => Some(FailureKind::Incompatible),
            Self::TooManySubsets { .. } => Some(FailureKind::Refused),
            Self::NothingUsable { .. } => Some(FailureKind::Unreadable),
            Self::ReadBack { .. } | Self::NoHead => Some(FailureKind::Broken),
            Self::Stopped => None,
        }
    }
}
