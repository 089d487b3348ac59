//! Data sets: looking at one, and making the sample data.

use std::path::PathBuf;

use clap::Args;

use super::shared::{Trust, Voice};
use super::words::{counts_from_words, size_from_words};

/// `fusionscope dataset`.
#[derive(Clone, Debug, Args)]
pub struct DatasetArguments {
    /// What to do.
    #[command(subcommand)]
    pub action: DatasetAction,
}

/// What can be done with data sets.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum DatasetAction {
    /// Read every file of a data set and report counts, sizes, label ids and every problem with its file name
    Check(CheckArguments),
    /// List every sample with its files, and the classes, for scripts
    List(ListArguments),
    /// Print the `dataset.toml` that says of a folder what its layout says, to be changed and kept there
    Manifest(CheckArguments),
    /// Make the sample data: street scenes as seen by five sensors, by day and by night
    Sample(SampleArguments),
}

/// `fusionscope dataset check` and `manifest`.
#[derive(Clone, Debug, Args)]
pub struct CheckArguments {
    /// The data set's folder
    pub dir: PathBuf,
    /// How far its manifest may lead.
    #[command(flatten)]
    pub trust: Trust,
    /// How much is said.
    #[command(flatten)]
    pub voice: Voice,
}

/// `fusionscope dataset list`.
#[derive(Clone, Debug, Args)]
pub struct ListArguments {
    /// Which data set.
    #[command(flatten)]
    pub of: CheckArguments,
    /// Add this run's mean IoU on each scene alone, as its newest evaluation of the split counted it with all sensors
    #[arg(long, value_name = "RUN")]
    pub run: Option<PathBuf>,
}

/// `fusionscope dataset sample`.
#[derive(Clone, Debug, Args)]
pub struct SampleArguments {
    /// The folder to make; it must be empty or not exist
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The seed that every scene follows from
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Scenes in the splits train, val and test
    #[arg(long, value_name = "TRAIN,VAL,TEST", value_parser = counts_from_words)]
    pub count: Option<[usize; 3]>,
    /// Width × height of a scene in pixels
    #[arg(long, value_name = "WxH", value_parser = size_from_words)]
    pub size: Option<(u32, u32)>,
    /// How much is said.
    #[command(flatten)]
    pub voice: Voice,
}
