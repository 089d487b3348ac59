//! Studies held against their data set and files before anything is trained.

use std::path::Path;

use fusionscope_engine::data::Dataset;
use fusionscope_engine::study::Study;

use crate::exit::{Failure, OrFail as _};
use crate::interrupt::Interrupt;

/// Refuses a study of which the data set, or a file that is not there, makes a run or a figure impossible.
pub fn check(study: &Study, data: &Path, interrupt: Interrupt) -> Result<(), Failure> {
    let dataset = Dataset::open(data, &mut |_, _, _| interrupt.goes_on()).or_fail()?;
    study.check(&dataset).or_fail()
}
