//! What-ifs of a study's rows, held against the data set before anything is trained.

use std::path::Path;

use fusionscope_engine::data::Dataset;
use fusionscope_engine::study::Study;

use crate::exit::{Exit, Failure, OrFail as _};
use crate::interrupt::Interrupt;

/// Refuses what the data set cannot show: a sensor or a scene that it has not, a degradation that does not fit.
pub fn check(study: &Study, data: &Path, interrupt: Interrupt) -> Result<(), Failure> {
    let mut supposed = study.rows.iter().filter_map(|row| Some((&row.name, row.what_if.as_ref()?))).peekable();
    if supposed.peek().is_none() {
        return Ok(());
    }
    let dataset = Dataset::open(data, &mut |_, _, _| interrupt.goes_on()).or_fail()?;
    for (name, what_if) in supposed {
        let refused = |why| Failure::new(Exit::Usage, format!("row `{name}`: `evaluate`: {why}"));
        dataset.can_suppose(what_if).map_err(refused)?;
    }
    Ok(())
}
