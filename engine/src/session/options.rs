//! How a session is set up, and how it wakes a sleeping window.

use std::path::PathBuf;
use std::sync::Arc;

use crate::data::Reach;
use crate::device::DeviceChoice;

/// Called by the worker after it has sent events or pictures, to wake a sleeping window.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// How a session is set up.
#[derive(Clone)]
pub struct SessionOptions {
    /// Where to train.
    pub device: DeviceChoice,
    /// The folder in which run folders are made.
    pub runs_dir: PathBuf,
    /// Ends a run, as [`crate::protocol::Command::Stop`] does, once it has taken this many steps in all; resumed with a
    /// higher limit, or without one, it goes on.
    pub max_steps: Option<u64>,
    /// How far the manifests of data sets may lead.
    pub reach: Reach,
    /// Called after events or pictures were sent.
    pub wake: Option<Wake>,
    /// The command line, for `environment.json`; what is no text in it is written as nearly as text can.
    pub command_line: Vec<String>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            device: DeviceChoice::Auto,
            runs_dir: PathBuf::from("runs"),
            max_steps: None,
            reach: Reach::Folder,
            wake: None,
            command_line: std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect(),
        }
    }
}
