//! The words of `fusionscope engine`.

use std::path::PathBuf;

use clap::Args;
use fusionscope_engine::device::DeviceChoice;

/// What the window starts, here or on another machine.
#[derive(Args, Debug)]
pub struct EngineArguments {
    /// How it is spoken to.
    #[command(flatten)]
    pub way: EngineWay,
    /// With --stdio: speak for the engine that stays, which is started where there is none; it goes on when standard
    /// input ends
    #[arg(long, requires = "stdio")]
    pub attach: bool,
    /// Where to train: auto, cpu or gpu:N
    #[arg(long, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// The folder that run folders are made in; each has an engine of its own that stays
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub out: PathBuf,
}

/// How an engine is spoken to.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct EngineWay {
    /// Speak in messages on standard input and output, until standard input ends; a run under way saves a checkpoint then
    #[arg(long)]
    pub stdio: bool,
    /// Stay, and wait for windows at a socket of this user alone; end ten minutes after the last run and the last window
    #[arg(long)]
    pub host: bool,
    /// End the engine that stays, with a checkpoint of the run under way
    #[arg(long)]
    pub end: bool,
}
