//! What tells, without reading anything, whether a run is as it was.

use std::path::Path;

use super::notes::NOTES;
use super::what_ifs::WHAT_IFS;
use super::{CHECKPOINTS, ENVIRONMENT, EVALUATION, METRICS, RECIPE, RECORD};
use crate::files::stamp::Stamp;

/// Of everything that grows or changes in a run folder while something becomes of the run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RunStamps {
    pub(super) recipe: Stamp,
    pub(super) environment: Stamp,
    pub(super) metrics: Stamp,
    pub(super) record: Stamp,
    pub(super) evaluation: Stamp,
    pub(super) notes: Stamp,
    what_ifs: Stamp,
    checkpoints: Stamp,
}

impl RunStamps {
    /// Of the run in a folder.
    pub fn of(run: &Path) -> Self {
        let of = |name: &str| Stamp::of(&run.join(name));
        Self {
            recipe: of(RECIPE),
            environment: of(ENVIRONMENT),
            metrics: of(METRICS),
            record: of(RECORD),
            evaluation: of(EVALUATION),
            notes: of(NOTES),
            what_ifs: of(WHAT_IFS),
            checkpoints: of(CHECKPOINTS),
        }
    }
}
