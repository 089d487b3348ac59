//! The words of the command line.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser};
use fusionscope_engine::data::Reach;
use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::recipe::FIRST_RECIPE;
use fusionscope_engine::recipe::catalogue::evaluation::{SUBSET_COUNT, SUBSETS, Subsets};

use super::exit::EXIT_CODES;

/// The program in one line.
const ABOUT: &str = "A workbench for multi-modal semantic segmentation: train, drop a sensor, toggle a component, see why the masks \
                     change";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "fusionscope", version, about = ABOUT, after_help = EXIT_CODES, max_term_width = 110)]
#[command(
    long_about = "A workbench for multi-modal semantic segmentation: train, drop a sensor, toggle a component, see why the \
                        masks change.\n\nWithout a subcommand the window opens; where there is no display, the demo recipe is \
                        trained on the sample data with a progress bar."
)]
pub struct Arguments {
    /// What to do; nothing opens the window.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,
}

/// One subcommand each.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Train a recipe on a data set, or go on with a run
    Train(TrainArguments),
    /// Time the training steps of a recipe
    Bench(BenchArguments),
    /// Score a run on a split, with every subset of its sensors
    Evaluate(EvaluateArguments),
    /// Write the label maps that a run predicts
    Predict(PredictArguments),
    /// Write one picture of one scene: an image, a prediction, or what goes on inside the network
    Inspect(InspectArguments),
    /// Label scenes with what a trained network sees in one sensor, to train another on
    PseudoLabel(PseudoLabelArguments),
    /// Check a data set, or make the sample data
    Dataset(DatasetArguments),
    /// List the devices that can train
    Devices(DevicesArguments),
    /// List the recipes, or print one with every setting resolved
    Recipes(RecipesArguments),
    /// Say what a recipe comes to: stages with their shapes, parameters, multiply-adds, losses and sources
    Describe(DescribeArguments),
    /// Write a picture of the window, drawn off-screen
    Screenshot(ScreenshotArguments),
    /// Pack a run's network into one file
    Export(ExportArguments),
    /// Lay out a run's features, or any points, in two dimensions, by t-SNE or principal components
    Embed(EmbedArguments),
}

/// How much is said, and in which form.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Voice {
    /// Say nothing but results and errors
    #[arg(long)]
    pub quiet: bool,
    /// Write one JSON object a line to standard output
    #[arg(long)]
    pub json: bool,
}

/// How far a data set's manifest may lead.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Trust {
    /// Let the data set's manifest name files outside of its folder
    #[arg(long)]
    pub allow_outside: bool,
}

impl Trust {
    /// The same in the engine's words.
    pub fn reach(self) -> Reach {
        if self.allow_outside { Reach::Anywhere } else { Reach::Folder }
    }
}

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
    /// How much is said.
    #[command(flatten)]
    pub voice: Voice,
}

/// A trained network, and the data that it is asked about.
#[derive(Clone, Debug, Args)]
pub struct AskedArguments {
    /// The run folder, or a packed model file
    pub run: PathBuf,
    /// The data set's folder [default: the one that the run was trained on]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// How far its manifest may lead.
    #[command(flatten)]
    pub trust: Trust,
    /// The split [default: `test`, else `val`, else the last]
    #[arg(long, value_name = "NAME")]
    pub split: Option<String>,
    /// Change a setting for this time, such as `evaluation.missing=zeros`; may be given many times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
    /// Where to compute: auto, cpu or gpu:N
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
    /// How much is said.
    #[command(flatten)]
    pub voice: Voice,
}

/// Which subsets of the sensors are scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubsetChoice {
    /// By a rule.
    Ruled(Subsets),
    /// All sensors together, each alone, and so many others.
    Drawn(usize),
}

impl SubsetChoice {
    /// The same as settings of a recipe.
    pub fn settings(self) -> Vec<String> {
        match self {
            Self::Ruled(rule) => vec![format!("{}={}", SUBSETS.id(), rule.word())],
            Self::Drawn(count) => {
                vec![format!("{}={}", SUBSETS.id(), Subsets::Sample.word()), format!("{}={count}", SUBSET_COUNT.id())]
            }
        }
    }
}

/// A rule's word, or a number.
fn subsets_from_words(words: &str) -> Result<SubsetChoice, String> {
    let rules = Subsets::ALL.into_iter().filter(|&rule| rule != Subsets::Sample);
    let ruled = rules.clone().find(|rule| rule.word() == words).map(SubsetChoice::Ruled);
    ruled.or_else(|| words.parse().ok().map(SubsetChoice::Drawn)).ok_or_else(|| {
        let known: Vec<&str> = rules.map(Subsets::word).collect();
        format!("expected one of {}, or how many to draw, such as 20", known.join(", "))
    })
}

/// `fusionscope evaluate`.
#[derive(Clone, Debug, Args)]
pub struct EvaluateArguments {
    /// Which network, and about what it is asked.
    #[command(flatten)]
    pub asked: AskedArguments,
    /// Which subsets of the sensors are scored: all, or beside all sensors together singles, leave-one-out, or each
    /// alone and N drawn by the seed [default: the recipe's, else all of up to six sensors]
    #[arg(long, value_name = "all|singles|leave-one-out|N", value_parser = subsets_from_words)]
    pub subsets: Option<SubsetChoice>,
    /// Where `evaluation.json` and `evaluation.csv` are written [default: the run folder]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `fusionscope predict`.
#[derive(Clone, Debug, Args)]
pub struct PredictArguments {
    /// Which network, and about what it is asked.
    #[command(flatten)]
    pub asked: AskedArguments,
    /// Predict without this sensor; may be given many times
    #[arg(long = "without", value_name = "SENSOR")]
    pub without: Vec<String>,
    /// Which ids the pixels hold
    #[arg(long, value_enum, default_value_t)]
    pub ids: MapIds,
    /// The folder for the label maps: indexed PNG files with the class colours
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Which ids the pixels of a label map hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum MapIds {
    /// The network's class ids, 0 for the first class
    #[default]
    Class,
    /// The ids that the data set's own label files have for the classes
    Stored,
}

/// `fusionscope inspect`.
#[derive(Clone, Debug, Args)]
pub struct InspectArguments {
    /// Which network, and about what it is asked.
    #[command(flatten)]
    pub asked: AskedArguments,
    /// The sample's id [default: the split's first]
    #[arg(long, value_name = "ID")]
    pub sample: Option<String>,
    /// What to see; `figures` for plain numbers; without it all names are listed
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Predict without this sensor; may be given many times
    #[arg(long = "without", value_name = "SENSOR")]
    pub without: Vec<String>,
    /// The place that maps about one pixel are about, across and down, 0 to 1
    #[arg(long, value_name = "X,Y", value_parser = place_from_words)]
    pub pixel: Option<[f32; 2]>,
    /// How many pixels a side each of the picture's becomes
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=16))]
    pub scale: u32,
    /// The PNG file to write
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `fusionscope pseudo-label`.
#[derive(Clone, Debug, Args)]
pub struct PseudoLabelArguments {
    /// The run folder, or a packed model file
    #[arg(value_name = "MODEL")]
    pub run: PathBuf,
    /// The data set's folder
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// How far its manifest may lead.
    #[command(flatten)]
    pub trust: Trust,
    /// The split
    #[arg(long, value_name = "NAME", default_value = "train")]
    pub split: String,
    /// The sensor to look at [default: the network's first]
    #[arg(long, value_name = "SENSOR")]
    pub sensor: Option<String>,
    /// Ignore pixels that the network is less sure of, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share_from_words)]
    pub min_confidence: f64,
    /// Write over pseudo-labels that are there
    #[arg(long)]
    pub overwrite: bool,
    /// Where to compute: auto, cpu or gpu:N
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
    /// The folder for the labels: indexed PNG files, a pixel holds the class id, 255 where it is ignored
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// How much is said.
    #[command(flatten)]
    pub voice: Voice,
}

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
    List(CheckArguments),
    /// Make the sample data: street scenes as seen by five sensors, by day and by night
    Sample(SampleArguments),
}

/// `fusionscope dataset check` and `fusionscope dataset list`.
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

/// `fusionscope devices`.
#[derive(Clone, Copy, Debug, Args)]
pub struct DevicesArguments {
    /// Write one JSON object a line to standard output
    #[arg(long)]
    pub json: bool,
}

/// `fusionscope recipes`.
#[derive(Clone, Debug, Args)]
pub struct RecipesArguments {
    /// The recipe to print: a preset or a file
    pub recipe: Option<OsString>,
    /// Change one setting before printing; may be given many times
    #[arg(long = "set", value_name = "KEY=VALUE", requires = "recipe")]
    pub settings: Vec<String>,
    /// Write one JSON object a line to standard output
    #[arg(long)]
    pub json: bool,
}

/// `fusionscope describe`.
#[derive(Clone, Debug, Args)]
pub struct DescribeArguments {
    /// A preset (see `fusionscope recipes`) or a recipe file
    pub recipe: OsString,
    /// Change one setting of the recipe; may be given many times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
    /// The sensors, the guiding one first [default: the recipe's, else colour,thermal]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub sensors: Vec<String>,
    /// How many classes the data set has
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u8).range(1..=254))]
    pub classes: u8,
    /// Width × height in pixels [default: the recipe's crop or size, else 640x480]
    #[arg(long, value_name = "WxH", value_parser = size_from_words)]
    pub size: Option<(u32, u32)>,
    /// Also take a forward and a backward pass over one scene on the CPU, and print their time and the most memory held
    #[arg(long)]
    pub step: bool,
    /// Write JSON to standard output
    #[arg(long)]
    pub json: bool,
}

/// The window's colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Theme {
    /// Light text on neutral dark grey
    #[default]
    Dark,
    /// Dark text on white, for projectors and papers
    Light,
}

/// `fusionscope screenshot`.
#[derive(Clone, Debug, Args)]
pub struct ScreenshotArguments {
    /// The layout to show
    #[arg(long, value_name = "NAME", default_value = "debug")]
    pub layout: String,
    /// Width × height of the window in pixels
    #[arg(long, value_name = "WxH", value_parser = size_from_words, default_value = "1600x1000")]
    pub size: (u32, u32),
    /// Pixels a point, as on a finer screen [default: 2 from 2,880 pixels across, else 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=4))]
    pub scale: Option<u8>,
    /// The PNG file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// What is trained, and shown in the recipe pane.
    #[command(flatten)]
    pub recipe: RecipeArguments,
    /// Where to train and predict: auto, cpu or gpu:N
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
    /// Train this many steps of the recipe first
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub after_steps: u64,
    /// The colours
    #[arg(long, value_enum, default_value_t)]
    pub theme: Theme,
    /// The data set's folder [default: the sample data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// How far its manifest may lead.
    #[command(flatten)]
    pub trust: Trust,
    /// The run folder or packed model to show [default: the demo model]
    #[arg(long, value_name = "RUN|FILE")]
    pub model: Option<PathBuf>,
    /// The scene to show, by the sample's id [default: a night scene]
    #[arg(long, value_name = "ID")]
    pub sample: Option<String>,
    /// Maps to put on the wall, as `fusionscope inspect` lists them, with commas between them
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub views: Vec<String>,
    /// Lay these features out by t-SNE first, for example `stage4` or, of another run, `stage4@RUN`, and show the
    /// embedding pane; two, with a comma between them, stand side by side
    #[arg(long, value_name = "FEATURES[@RUN]", value_delimiter = ',')]
    pub embed: Vec<String>,
}

/// `fusionscope export`.
#[derive(Clone, Debug, Args)]
pub struct ExportArguments {
    /// The run folder
    pub run: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Keep 16 bits a number: half the size, for showing rather than for training on
    #[arg(long)]
    pub half: bool,
    /// Write the encoder alone, for `--pretrained` of other trainings
    #[arg(long)]
    pub encoder: bool,
}

/// `0.5,0.25`: across and down, each 0 to 1.
fn place_from_words(text: &str) -> Result<[f32; 2], String> {
    let place: Option<Vec<f32>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    place
        .and_then(|place| <[f32; 2]>::try_from(place).ok())
        .filter(|place| place.iter().all(|share| (0.0..=1.0).contains(share)))
        .ok_or_else(|| "expected two numbers from 0 to 1, across and down, such as 0.5,0.25".to_owned())
}

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

/// Width and height in pixels from words like `160x120`.
fn size_from_words(words: &str) -> Result<(u32, u32), String> {
    let parsed = words.split_once(['x', 'X', '×']).and_then(|(width, height)| {
        let side = |text: &str| text.trim().parse::<u32>().ok().filter(|side| (1..=16_384).contains(side));
        Some((side(width)?, side(height)?))
    });
    parsed.ok_or_else(|| "expected width x height in pixels, each from 1 to 16384, such as 160x120".to_owned())
}

/// A number from 0 to 1.
fn share_from_words(words: &str) -> Result<f64, String> {
    let share = words.trim().parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "expected a number from 0 to 1, such as 0.9".to_owned())
}

/// Three numbers from words like `200,40,40`.
fn counts_from_words(words: &str) -> Result<[usize; 3], String> {
    let counts: Option<Vec<usize>> = words.split(',').map(|word| word.trim().parse().ok()).collect();
    let counts = counts.and_then(|counts| <[usize; 3]>::try_from(counts).ok());
    counts.ok_or_else(|| {
        "expected three whole numbers, scenes to train, choose and test with, such as 200,40,40".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes_read_with_any_cross() {
        assert_eq!(size_from_words("160x120"), Ok((160, 120)));
        assert_eq!(size_from_words("1280 × 720"), Ok((1280, 720)));
        for wrong in ["160", "0x1", "ax2", "99999x1", "-1x5"] {
            assert!(size_from_words(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn subsets_are_chosen_by_a_word_or_a_number() {
        assert_eq!(subsets_from_words("singles").unwrap().settings(), ["evaluation.subsets=singles"]);
        assert_eq!(
            subsets_from_words("20").unwrap().settings(),
            ["evaluation.subsets=sample", "evaluation.subset_count=20"]
        );
        for wrong in ["sample", "-1", "few", "1.5", ""] {
            let refused = subsets_from_words(wrong).unwrap_err();
            assert!(refused.contains("all, singles, leave-one-out"), "{wrong}: {refused}");
        }
    }

    #[test]
    fn a_resumed_run_keeps_its_recipe() {
        let refused = Arguments::try_parse_from(["fusionscope", "train", "--resume", "r", "--set", "a=b"]);
        assert!(refused.is_err());
    }
}
