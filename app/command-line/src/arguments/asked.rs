//! A trained network, and what is asked of it.

use std::path::PathBuf;

use clap::Args;
use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::protocol::{Degraded, Protocol};

use super::explained::ExplainedArguments;
use super::shared::{Trust, Voice};
use super::words::{Scales, SubsetChoice, protocols, scales_from_words, share_from_words, subsets_from_words};

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
    /// Make a sensor's images worse first, such as `colour=fog:0.6`: a kind that `dataset degrade --help` lists, and how
    /// much of it, 0 to 1; may be given many times. Such figures are not kept beside the run's own
    #[arg(long = "degrade", value_name = "SENSOR=KIND:SEVERITY")]
    pub degraded: Vec<Degraded>,
    /// Score the split without and with what this file supposes of sensors and method, in place of its subsets; kept as
    /// `what-if.json`
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = ["subsets", "degraded"])]
    pub what_if: Option<PathBuf>,
    /// Run a robustness protocol instead of scoring subsets: EMM, RMM and NM (Liao et al. 2025), severities and others
    #[arg(long, value_name = "NAME", value_parser = protocols(), conflicts_with_all = ["subsets", "degraded", "what_if"])]
    pub protocol: Option<Protocol>,
    /// Ask at several sizes of the image, such as `0.75,1,1.25`; the mean of the answers counts
    #[arg(long, value_name = "SCALES", value_parser = scales_from_words)]
    pub scales: Option<Scales>,
    /// Ask of the mirrored image too; the mean of both answers counts
    #[arg(long)]
    pub flip: bool,
    /// Write the table of all figures as CSV into this file, too
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write every label map of the protocol, and the truth, into this folder
    #[arg(long, value_name = "DIR", requires = "protocol")]
    pub predictions: Option<PathBuf>,
    /// Where `evaluation.json` and `evaluation.csv`, or `protocol-NAME.json` and `.csv`, are written [default: the run
    /// folder]
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
    /// Another run folder or packed model: its views are named `beside.…`, and `disagreement` shows where the two differ
    #[arg(long, value_name = "RUN|FILE")]
    pub beside: Option<PathBuf>,
    /// What to see; `figures` for plain numbers; without it all names are listed
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Predict without this sensor; may be given many times
    #[arg(long = "without", value_name = "SENSOR")]
    pub without: Vec<String>,
    /// Make a sensor's images worse first, such as `colour=fog:0.6`: a kind that `dataset degrade --help` lists, and how
    /// much of it, 0 to 1; may be given many times
    #[arg(long = "degrade", value_name = "SENSOR=KIND:SEVERITY")]
    pub degraded: Vec<Degraded>,
    /// Suppose what this file says of sensors and method; the views `before.…` and `outcome.…` show what it changes, and
    /// `figures` tells it
    #[arg(long, value_name = "FILE.toml")]
    pub what_if: Option<PathBuf>,
    /// Show the scene as the run saw it at this step, out of the pages that it keeps of scenes pinned by `train --pin`
    #[arg(long, value_name = "STEP", conflicts_with_all = ["without", "degraded", "what_if", "whole_split"])]
    pub at: Option<u64>,
    /// Compare with this step of a pinned scene: the views `before.…` and `outcome.…` show what has changed since, and
    /// `figures` tells it
    #[arg(long, value_name = "STEP", conflicts_with_all = ["without", "degraded", "what_if", "whole_split", "beside"])]
    pub since: Option<u64>,
    /// What views of one place, and explanations, are about.
    #[command(flatten)]
    pub explained: ExplainedArguments,
    /// Sum the view up over all scenes of the split, by class and by tag; `--out` then names a CSV file
    #[arg(long, requires = "view", conflicts_with_all = ["sample", "beside", "pixel", "scale"])]
    pub whole_split: bool,
    /// How many pixels a side each of the picture's becomes
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=16))]
    pub scale: u32,
    /// The PNG file to write; with `--whole-split` a CSV file
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

/// `fusionscope export`.
#[derive(Clone, Debug, Args)]
pub struct ExportArguments {
    /// The run folder
    pub run: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Keep 16 bits a number: half the size, for showing, or for an encoder to begin with, rather than for training on
    #[arg(long)]
    pub half: bool,
    /// Write the encoder alone, for `--pretrained` of other trainings
    #[arg(long)]
    pub encoder: bool,
}
