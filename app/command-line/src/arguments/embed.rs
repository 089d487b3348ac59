//! Layouts of features, or of any points.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use fusionscope_engine::device::DeviceChoice;

use super::shared::{Trust, Voice};

/// How points are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum EmbedMethod {
    /// t-distributed stochastic neighbour embedding
    #[default]
    Tsne,
    /// The first two principal components
    Pca,
}

/// `fusionscope embed`.
#[derive(Clone, Debug, Args)]
pub struct EmbedArguments {
    /// The run folder or packed model whose features are laid out; without `--features` they are listed
    pub run: Option<PathBuf>,
    /// Other points in place of a run's: an NPY file of shape [points, columns], or text with a point a line
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    pub points: Option<PathBuf>,
    /// Which of the run's features, for example `stage4` (all sensors) or `stage4.thermal`
    #[arg(long, value_name = "NAME", requires = "run")]
    pub features: Option<String>,
    /// The data set's folder [default: the one of the run, else the sample data]
    #[arg(long, value_name = "DIR", requires = "run")]
    pub data: Option<PathBuf>,
    /// How far its manifest may lead.
    #[command(flatten)]
    pub trust: Trust,
    /// The split whose pixels are taken [default: test, else val, else the last]
    #[arg(long, value_name = "NAME", requires = "run")]
    pub split: Option<String>,
    /// Vectors at most, classes in equal shares
    #[arg(long, value_name = "N", default_value = "5000", requires = "run")]
    pub count: NonZeroUsize,
    /// A sensor that the network must do without; may be given many times
    #[arg(long, value_name = "SENSOR", requires = "run")]
    pub without: Vec<String>,
    /// Write the vectors, too: an NPY file of shape [points, columns]
    #[arg(long, value_name = "FILE", requires = "run")]
    pub vectors: Option<PathBuf>,
    /// How they are laid out
    #[arg(long, value_enum, default_value_t)]
    pub method: EmbedMethod,
    /// How many neighbours each point looks at, roughly; with few points, a third of them
    #[arg(long, value_name = "N", default_value_t = 30.0)]
    pub perplexity: f32,
    /// Iterations; the first quarter, at most 250, with exaggeration 12
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub iterations: u32,
    /// End where the layout has come to rest; later iterations still lower the divergence a little
    #[arg(long)]
    pub early_stop: bool,
    /// The seed that random places and the choice of pixels follow from
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Where points start: pca, random, or a file of places, which are taken as they are
    #[arg(long, value_name = "pca|random|FILE", default_value = "pca")]
    pub init: OsString,
    /// Where to compute: auto, cpu or gpu:N
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
    /// Threads of the CPU [default: all]; the layout does not depend on it
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// The places: an NPY file of shape [points, 2], or text where the name ends in .csv, which says of a run's points
    /// whose they are
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How much is said.
    #[command(flatten)]
    pub voice: Voice,
}
