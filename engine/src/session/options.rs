//! How a session is set up, and how it wakes a sleeping window.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbaImage;

use crate::data::Reach;
use crate::device::DeviceChoice;
use crate::places;
use crate::protocol::{Content, DatasetSummary, Frame};

/// Called by the worker after it has sent events or pictures, to wake a sleeping window.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Makes of a frame the picture that people see: what it shows, its bytes, and whose classes and colours they are.
pub type Paint = fn(&Content, &Frame, &DatasetSummary) -> RgbaImage;

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
    /// The folder that keeps small pictures of scenes and what their files hold; none are kept without one.
    pub cache: Option<PathBuf>,
    /// Called after events or pictures were sent.
    pub wake: Option<Wake>,
    /// What colours the pictures in event files, which have none without it: the engine itself draws nothing.
    pub paint: Option<Paint>,
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
            cache: places::cache(),
            wake: None,
            paint: None,
            command_line: std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect(),
        }
    }
}
