//! A picture of the window.

use std::path::PathBuf;

use clap::Args;
use fusionscope_engine::device::DeviceChoice;

use super::shared::Trust;
use super::training::RecipeArguments;
use super::words::size_from_words;

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
    /// Another run folder or packed model to compare it with
    #[arg(long, value_name = "RUN|FILE")]
    pub beside: Option<PathBuf>,
    /// Suppose what this file says of sensors and method, and open the card of the first sensor that it names
    #[arg(long, value_name = "FILE.toml")]
    pub what_if: Option<PathBuf>,
    /// Show the scene as the run saw it at this step, where it was pinned, with the slider over its steps
    #[arg(long, value_name = "STEP", conflicts_with_all = ["what_if", "beside"])]
    pub at: Option<u64>,
    /// Compare with this step of a pinned scene
    #[arg(long, value_name = "STEP", conflicts_with_all = ["what_if", "beside"])]
    pub since: Option<u64>,
    /// The scene to show, by the sample's id [default: a night scene]
    #[arg(long, value_name = "ID")]
    pub sample: Option<String>,
    /// Maps to put on the wall, as `fusionscope inspect` lists them, with commas between them
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub views: Vec<String>,
    /// List the runs below this folder, compare them, those of one recipe together, and show the runs pane
    #[arg(long, value_name = "DIR")]
    pub runs: Option<PathBuf>,
    /// Bring this pane to the front, by the word on its tab; with --runs, `curves` shows those of the runs
    #[arg(long, value_name = "NAME")]
    pub pane: Option<String>,
    /// Lay these features out by t-SNE first, for example `stage4` or, of another run, `stage4@RUN`, and show the
    /// embedding pane; two, with a comma between them, stand side by side
    #[arg(long, value_name = "FEATURES[@RUN]", value_delimiter = ',')]
    pub embed: Vec<String>,
    /// Show this study in the study pane, with its runs below `studies`
    #[arg(long, value_name = "NAME|FILE")]
    pub study: Option<PathBuf>,
    /// Follow this lesson up to this step, the first where none is given, and do what its buttons say
    #[arg(long, value_name = "LESSON[:STEP]", value_parser = lesson_step)]
    pub lesson: Option<(usize, usize)>,
}

/// A lesson and one of its steps, both counted from 1.
fn lesson_step(text: &str) -> Result<(usize, usize), String> {
    let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number > 0);
    let (lesson, step) = text.split_once(':').unwrap_or((text, "1"));
    let both = number(lesson).zip(number(step));
    both.ok_or_else(|| format!("a lesson and a step are counted from 1, as in `2:3`; found `{text}`"))
}
