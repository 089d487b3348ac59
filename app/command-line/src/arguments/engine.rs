//! The words of `fusionscope engine`.

use std::path::PathBuf;

use clap::Args;
use fusionscope_engine::device::DeviceChoice;

/// What the window starts, here or on another machine.
#[derive(Args, Debug)]
pub struct EngineArguments {
    /// Speak in messages on standard input and output, until standard input ends; a run under way saves a checkpoint then
    #[arg(long, required = true)]
    pub stdio: bool,
    /// Where to train: auto, cpu or gpu:N
    #[arg(long, default_value_t = DeviceChoice::Auto)]
    pub device: DeviceChoice,
    /// The folder that run folders are made in
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub out: PathBuf,
}
