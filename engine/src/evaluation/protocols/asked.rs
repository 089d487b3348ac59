//! Who is asked, about what.

use std::sync::Arc;

use crate::data::Dataset;
use crate::network::Model;
use crate::protocol::{Protocol, Trial};

/// A protocol, and the network and scenes that it is run on.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The protocol.
    pub protocol: Protocol,
    /// The network.
    pub model: &'a Model,
    /// The frozen teacher that it learned from, where there is one; [`Protocol::Heads`] asks it too.
    pub teacher: Option<&'a Model>,
    /// The data set.
    pub dataset: &'a Arc<Dataset>,
    /// The split's name.
    pub split: &'a str,
}

/// What a network answered about one scene.
#[derive(Clone, Copy, Debug)]
pub struct Predicted<'a> {
    /// What was done to the images, and which answer it is.
    pub trial: &'a Trial,
    /// The trial's place in the report.
    pub place: usize,
    /// The scene's id.
    pub scene: &'a str,
    /// Height in pixels.
    pub height: usize,
    /// Width in pixels.
    pub width: usize,
    /// The most probable class of each pixel, row by row.
    pub ids: &'a [u8],
    /// The true class of each pixel.
    pub truth: &'a [u8],
}
