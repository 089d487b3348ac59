//! What runs lose when their sensors degrade.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

/// `fusionscope robustness`.
#[derive(Clone, Debug, Args)]
pub struct RobustnessArguments {
    /// Runs that were evaluated with `--protocol severity`, a row each; of a folder that holds several, such as the seeds of
    /// a study's row, the mean; NAME=RUN names the row [default name: that of the recipe]
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<OsString>,
    /// The picture, .svg, .png or .pdf, or every point of every curve as .csv
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// The split whose figures are drawn [default: test where there are such, else the one evaluated last]
    #[arg(long, value_name = "NAME")]
    pub split: Option<String>,
}
