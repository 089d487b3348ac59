//! Whether anything is left to do for a job.

use std::path::Path;

use fusionscope_engine::study::{Job, Standing, Study};

/// Whether a job's run is scored, or trained where no more is asked, and has made what others take from it.
pub fn is_done(study: &Study, out: &Path, job: Job) -> bool {
    match study.look(out, job) {
        standing @ (Standing::Done(_) | Standing::Prepared { .. }) => {
            standing.run().is_some_and(|run| study.lacks(job, run).is_none())
        }
        _ => false,
    }
}
