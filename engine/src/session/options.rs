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
    /// How far the manifests of data sets may lead.
    pub reach: Reach,
    /// Called after events or pictures were sent.
    pub wake: Option<Wake>,
    /// The command line, for `environment.json`.
    pub command_line: Vec<String>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            device: DeviceChoice::Auto,
            runs_dir: PathBuf::from("runs"),
            reach: Reach::Folder,
            wake: None,
            command_line: std::env::args().collect(),
        }
    }
}
