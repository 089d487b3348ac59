//! What can go wrong with an embedding.

use std::path::PathBuf;

use crate::failure::{Failing, FailureKind};

/// Why there is no layout.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddingError {
    /// There is nothing to lay out.
    #[error("there are no points to lay out; expected at least one")]
    NoPoints,
    /// The points have no coordinates.
    #[error("the points have no coordinates; expected at least one column")]
    NoColumns,
    /// The numbers do not fill rows of that width.
    #[error("expected rows of {width} numbers, found {numbers} numbers in all")]
    Ragged {
        /// Numbers a row.
        width: usize,
        /// Numbers in all.
        numbers: usize,
    },
    /// A coordinate is NaN or infinite.
    #[error("point {point} is {value} in column {column} (both counted from 0); expected finite numbers")]
    NotFinite {
        /// The row.
        point: usize,
        /// The column.
        column: usize,
        /// What stands there.
        value: f32,
    },
    /// A start or a warm layout has another number of points.
    #[error("the layout to start from has {found} points; expected {expected}, as many as are laid out")]
    OtherCount {
        /// Points to lay out.
        expected: usize,
        /// Points of the layout.
        found: usize,
    },
    /// A layout holds NaN or infinity.
    #[error("the layout to start from has a coordinate of point {point} that is not finite")]
    BadStart {
        /// The point.
        point: usize,
    },
    /// The perplexity is no use.
    #[error("the perplexity is {found}; expected a number from 1 on")]
    Perplexity {
        /// As given.
        found: f32,
    },
    /// The edges no longer fit 32-bit indices.
    #[error(
        "{count} points have more neighbours than the edges can be numbered; take fewer points or a smaller perplexity"
    )]
    TooMany {
        /// Points.
        count: usize,
    },
    /// The layout flew apart.
    #[error("the layout diverged: coordinates are no longer finite after iteration {iteration}")]
    Diverged {
        /// Iterations done.
        iteration: u32,
    },
    /// The points of a file are no use.
    #[error("{source}: {}", path.display())]
    Points {
        /// Why.
        source: Box<EmbeddingError>,
        /// The file.
        path: PathBuf,
    },
    /// There is not one label a point.
    #[error("there are {found} labels for {expected} points")]
    Labels {
        /// Points.
        expected: usize,
        /// Labels.
        found: usize,
    },
    /// It was stopped before there was anything.
    #[error("the embedding was cancelled")]
    Cancelled,
    /// The worker's thread could not be started.
    #[error("the thread of the embedding could not be started: {what}")]
    Thread {
        /// What the system said.
        what: String,
    },
    /// A file could not be read.
    #[error("{what}: {}", path.display())]
    Unreadable {
        /// What is wrong with it.
        what: String,
        /// The file.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("could not write ({what}): {}", path.display())]
    Unwritable {
        /// The cause.
        what: String,
        /// The file.
        path: PathBuf,
    },
    /// The graphics device failed.
    #[error("the graphics device {operation} failed: {what}")]
    Device {
        /// What it was asked to do.
        operation: &'static str,
        /// What it said.
        what: String,
    },
    /// There is no such device.
    #[error(transparent)]
    Choice(#[from] crate::device::DeviceError),
}

impl Failing for EmbeddingError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::NoPoints
            | Self::NoColumns
            | Self::Ragged { .. }
            | Self::NotFinite { .. }
            | Self::BadStart { .. }
            | Self::Unreadable { .. } => Some(FailureKind::Unreadable),
            Self::OtherCount { .. } | Self::Labels { .. } => Some(FailureKind::Incompatible),
            Self::Perplexity { .. } | Self::TooMany { .. } => Some(FailureKind::Refused),
            Self::Points { source, .. } => source.kind(),
            Self::Choice(source) => source.kind(),
            Self::Diverged { .. } | Self::Thread { .. } | Self::Unwritable { .. } | Self::Device { .. } => {
                Some(FailureKind::Broken)
            }
            Self::Cancelled => None,
        }
    }
}
