//! Studies.

use std::path::PathBuf;

use clap::Args;
use fusionscope_engine::device::DeviceChoice;

use super::shared::Voice;
use super::slurm::{Scheduler, SlurmOption};

/// `fusionscope study`.
#[derive(Clone, Debug, Args)]
pub struct StudyArguments {
    /// What about it.
    #[command(subcommand)]
    pub action: StudyAction,
}

/// What can be done with a study.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum StudyAction {
    /// Train and score whatever the study still lacks, then print its table
    Run(StudyRunArguments),
    /// Say how far each of its runs is
    Status(StudyPlace),
    /// Print its table, of what is done by now
    Table(StudyTableArguments),
    /// Ask whoever carries it out to stop, with a checkpoint of every run
    Stop(StudyPlace),
    /// List the studies that come with the program
    List {
        /// Write one JSON object a line to standard output
        #[arg(long)]
        json: bool,
    },
    /// Print the file of a study that comes with the program, to change and keep
    Show {
        /// Its name, as `fusionscope study list` has it
        name: String,
    },
    /// List the tables that papers print, or print one, with its source and what is known to be wrong about it
    Published {
        /// A paper, or a table of it, such as ogp-net/table-5
        #[arg(value_name = "PAPER[/TABLE]")]
        what: Option<String>,
        /// Write one JSON object a table to standard output
        #[arg(long)]
        json: bool,
    },
}

/// Which study, and where its runs lie.
#[derive(Clone, Debug, Args)]
pub struct StudyPlace {
    /// A study that comes with the program (see `fusionscope study list`) or a study's file
    #[arg(value_name = "NAME|FILE")]
    pub study: PathBuf,
    /// The folder of its runs [default: `studies/` and the study's name]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The data set's folder, in place of the one that the study names
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// How much is said.
    #[command(flatten)]
    pub voice: Voice,
}

/// `fusionscope study run`.
#[derive(Clone, Debug, Args)]
pub struct StudyRunArguments {
    /// Which, and where.
    #[command(flatten)]
    pub place: StudyPlace,
    /// How many runs at once; they share the processor's cores, and queue for a graphics processor [default: 1, and as
    /// many as a cluster has room for]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: Option<u16>,
    /// Where to train: auto, cpu or gpu:N
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
    /// Hand the runs that are missing to a cluster's scheduler, and follow them until Ctrl-C, after which they go on
    #[arg(long, value_enum, value_name = "SCHEDULER")]
    pub submit: Option<Scheduler>,
    /// What its jobs ask for, in the words of `sbatch`, such as partition=gpu time=2:00:00 gres=gpu:1; every run is a
    /// job of its own
    #[arg(long, value_name = "KEY=VALUE", num_args = 1.., requires = "submit")]
    pub slurm: Vec<SlurmOption>,
    /// Carry out this run alone, beside others of the study; the row by its name or its folder's
    #[arg(long, value_name = "ROW/SEED", conflicts_with = "submit")]
    pub only: Option<String>,
    /// Train anew what another build or version of the program has made; without this it is kept, and said
    #[arg(long, conflicts_with = "submit")]
    pub retrain: bool,
    /// Write event files for TensorBoard into the folder of every run that is trained, as `train --tensorboard` does
    #[arg(long)]
    pub tensorboard: bool,
}

/// `fusionscope study table`.
#[derive(Clone, Debug, Args)]
pub struct StudyTableArguments {
    /// Which, and where.
    #[command(flatten)]
    pub place: StudyPlace,
    /// In which form
    #[arg(long, value_enum, default_value_t)]
    pub format: TableFormat,
    /// Draw the differences with their intervals into a file, .svg, .png or .pdf, in place of the table
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "json"])]
    pub picture: Option<PathBuf>,
}

/// The form of a study's table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum TableFormat {
    /// Aligned columns
    #[default]
    Text,
    /// GitHub's Markdown
    Markdown,
    /// Every figure from every seed, as fractions
    Csv,
    /// LaTeX with the rules of booktabs
    Latex,
}
