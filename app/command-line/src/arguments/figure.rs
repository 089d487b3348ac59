//! Figures as papers print them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::plate::{Crop, WantedView};
use fusionscope_engine::protocol::Degraded;

use super::explained::ExplainedArguments;
use super::shared::{Trust, Voice};
use super::words::number_from_words;

/// `fusionscope figure`.
#[derive(Clone, Debug, Args)]
pub struct FigureArguments {
    /// Run folders, or packed model files; NAME=RUN says what stands above its columns [default: the recipe's name]
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<OsString>,
    /// The scenes, by their ids, a row each [default: the split's first three]
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub scenes: Vec<String>,
    /// What is shown of each run beside its prediction: names that `inspect` lists, or NAME=HEADING; a sensor's name
    /// adds its column
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub views: Vec<WantedView>,
    /// The figure: .svg, .png or .pdf
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Write the numbers behind it, too, beside it under its name with .csv
    #[arg(long)]
    pub csv: bool,
    /// Write the scene's mean IoU under each prediction
    #[arg(long)]
    pub miou: bool,
    /// A part of the scenes to mark and to enlarge below: left and upper side, width and height, 0 to 1; SCENE=X,Y,W,H
    /// for one scene alone; may be given many times
    #[arg(long = "crop", value_name = "X,Y,W,H")]
    pub crops: Vec<Crop>,
    /// How wide the figure is, in millimetres
    #[arg(long = "width", value_name = "MM", default_value = "180", value_parser = width_from_words)]
    pub width_mm: f64,
    /// How large its letters are, in points
    #[arg(long = "font-size", value_name = "PT", default_value = "8", value_parser = letters_from_words)]
    pub letters_pt: f64,
    /// Pixels an inch of a .png
    #[arg(long, value_name = "N", default_value = "300", value_parser = dpi_from_words)]
    pub dpi: f64,
    /// The data set's folder [default: the one that the first run was trained on]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// How far its manifest may lead.
    #[command(flatten)]
    pub trust: Trust,
    /// The split [default: the one that has the scenes; without any `test`, else `val`, else the last]
    #[arg(long, value_name = "NAME")]
    pub split: Option<String>,
    /// Change a setting of all runs for this time, such as `evaluation.missing=zeros`; may be given many times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
    /// Predict without this sensor; may be given many times
    #[arg(long = "without", value_name = "SENSOR")]
    pub without: Vec<String>,
    /// Make a sensor's images worse first, such as `colour=fog:0.6`; may be given many times
    #[arg(long = "degrade", value_name = "SENSOR=KIND:SEVERITY")]
    pub degraded: Vec<Degraded>,
    /// Suppose what this file says of sensors and method
    #[arg(long, value_name = "FILE.toml")]
    pub what_if: Option<PathBuf>,
    /// What views of one place, and explanations, are about.
    #[command(flatten)]
    pub explained: ExplainedArguments,
    /// Where to compute: auto, cpu or gpu:N
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    pub device: DeviceChoice,
    /// How much is said.
    #[command(flatten)]
    pub voice: Voice,
}

fn width_from_words(words: &str) -> Result<f64, String> {
    number_from_words(words, 20.0, 2000.0)
}

fn letters_from_words(words: &str) -> Result<f64, String> {
    number_from_words(words, 3.0, 72.0)
}

fn dpi_from_words(words: &str) -> Result<f64, String> {
    number_from_words(words, 30.0, 2400.0)
}
