//! `fusionscope export`.

use fusionscope_engine::training::{export_encoder, export_model};

use super::arguments::ExportArguments;
use super::exit::{Exit, OrFail as _, Outcome};
use super::output;

/// Packs the newest checkpoint of a run into one file that `evaluate` and `predict` take in place of a run folder.
pub fn run(arguments: &ExportArguments) -> Outcome {
    let ExportArguments { run, out, half, encoder } = arguments;
    let exported = if *encoder { export_encoder(run, out, *half) } else { export_model(run, out, *half) };
    for warning in exported.or_fail()? {
        output::complain(&format!("warning: {warning}"));
    }
    let bytes = std::fs::metadata(out).map_or(0, |meta| meta.len());
    output::line(&format!("{} ({:.2} MB)", out.display(), bytes as f64 / 1e6));
    Ok(Exit::Done)
}
