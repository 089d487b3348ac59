//! What is trained, and how.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::protocol::AlbumWish;
use fusionscope_engine::recipe::FIRST_RECIPE;

use super::shared::{Trust, Voice};
use super::words::seconds_from_words;

/// Which recipe, and what is changed in it.
#[derive(Clone, Debug, Args)]
pub struct RecipeArguments {
    /// A preset (see `fusionscope recipes`) or a recipe file
    #[arg(long, value_name = "NAME|FILE", default_value = FIRST_RECIPE)]
    pub recipe: OsString,
    /// Change one setting of the recipe, or a whole component as in `exchange.channel.variant=code`; may be given many
    /// times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
    /// The seed that every random number follows from
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Steps of the student phase; a teacher or adaptation phase has steps of its own, as teacher.steps and
    /// adaptation.steps
    #[arg(long, value_name = "N", conflicts_with = "epochs")]
    pub steps: Option<u64>,
    /// Epochs of the student phase
    #[arg(long, value_name = "N")]
    pub epochs: Option<u64>,
    /// Weights that the encoder begins with: nano, mit-nano or mscan-nano as they come with the program, or a file of
    /// PyTorch or safetensors, such as ImageNet weights; `FILE#PREFIX` for one of several encoders in it
    #[arg(long, value_name = "NAME|FILE")]
    pub pretrained: Option<PathBuf>,
}

/// `fusionscope train`.
#[derive(Clone, Debug, Args)]
pub struct TrainArguments {
    /// What to train.
    #[command(flatten)]
    pub recipe: RecipeArguments,
    /// The data set's folder: a known layout, or one with a `dataset.toml` [default: the sample data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// How far its manifest may lead.
    #[command(flatten)]
    pub trust: Trust,
    /// Where to train: auto, cpu or gpu:N
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
    /// The folder in which the run folder is made
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub out: PathBuf,
    /// End the whole run after N steps of all its phases, for a quick try: with a checkpoint, from which --resume goes
    /// on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_steps: Option<u64>,
    /// Go on with this run folder where its newest checkpoint stands
    #[arg(long, value_name = "RUN", conflicts_with_all = ["recipe", "settings", "seed", "steps", "epochs", "pretrained"])]
    pub resume: Option<PathBuf>,
    /// Stop, with a checkpoint, when standard input ends: for programs that start this one and may go first
    #[arg(long)]
    pub until_input_ends: bool,
    /// Write event files for TensorBoard into the run folder: every figure, and a scene's pictures at each evaluation
    #[arg(long)]
    pub tensorboard: bool,
    /// Which scene: its id, or its place in the validation split [default: the first there]
    #[arg(long, value_name = "ID|PLACE", requires = "tensorboard")]
    pub tensorboard_scene: Option<String>,
    /// Keep in the run folder how the run sees this scene, step by step: the window's slider and `inspect --at` show it;
    /// may be given many times
    #[arg(long = "pin", value_name = "ID")]
    pub pins: Vec<String>,
    /// Maps to keep of pinned scenes beside the predictions, as `inspect` lists them, with commas between them
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "pins")]
    pub pin_views: Vec<String>,
    /// Steps from one page of a pinned scene to the next
    #[arg(long, value_name = "N", requires = "pins", default_value_t = AlbumWish::EVERY,
        value_parser = clap::value_parser!(u64).range(1..))]
    pub pin_every: u64,
    /// How many MB pinned scenes take at most; where that is full, every other page goes
    #[arg(long, value_name = "MB", requires = "pins", default_value_t = AlbumWish::MOST_MIB,
        value_parser = clap::value_parser!(u32).range(1..=65536))]
    pub pin_mb: u32,
    /// How much is said.
    #[command(flatten)]
    pub voice: Voice,
}

/// `fusionscope bench`.
#[derive(Clone, Debug, Args)]
pub struct BenchArguments {
    /// Whose steps; `--steps` of each phase are counted, 20 unless told.
    #[command(flatten)]
    pub recipe: RecipeArguments,
    /// The data set's folder [default: the sample data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// How far its manifest may lead.
    #[command(flatten)]
    pub trust: Trust,
    /// Where to train: auto, cpu or gpu:N
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
    /// Print where the time of a step goes
    #[arg(long)]
    pub profile: bool,
    /// Say how many steps of each phase, in the recipe's proportion, take so many seconds here
    #[arg(long, value_name = "SECONDS", value_parser = seconds_from_words)]
    pub within: Option<f64>,
    /// How much is said.
    #[command(flatten)]
    pub voice: Voice,
}
