//! Data sets: looking at one, and making the sample data.

use std::path::PathBuf;

use clap::Args;
use fusionscope_engine::protocol::Degradation;

use super::shared::{Trust, Voice};
use super::words::{counts_from_words, degradations, size_from_words};

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
    /// Write pictures of a scene as its sensors see it when they become worse, from severity 0 to 1
    Degrade(DegradeArguments),
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

/// `fusionscope dataset degrade`.
#[derive(Clone, Debug, Args)]
pub struct DegradeArguments {
    /// The data set's folder
    pub dir: PathBuf,
    /// How far its manifest may lead.
    #[command(flatten)]
    pub trust: Trust,
    /// A sensor; may be given many times [default: all]
    #[arg(long = "sensor", value_name = "SENSOR")]
    pub sensors: Vec<String>,
    /// What happens to it; may be given many times [default: all that its kind of sensor can have]
    #[arg(long = "kind", value_name = "KIND", value_parser = degradations())]
    pub kinds: Vec<Degradation>,
    /// The split [default: `test`, else `val`, else the last]
    #[arg(long, value_name = "NAME")]
    pub split: Option<String>,
    /// The sample's id [default: the split's first]
    #[arg(long, value_name = "ID")]
    pub sample: Option<String>,
    /// How many pixels a side each of the pictures' becomes
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=16))]
    pub scale: u32,
    /// The folder for the pictures: one PNG file a sensor and kind, with severities from left to right
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
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
