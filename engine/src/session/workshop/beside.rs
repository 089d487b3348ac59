//! The network that a session has opened beside the one in hand.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::Dataset;
use crate::network::Model;
use crate::protocol::SceneView;

/// The network beside the one in view. It stays as it was opened, whatever that one does.
pub(super) struct Beside {
    /// The run folder or packed model.
    pub(super) path: PathBuf,
    pub(super) model: Model,
    /// The open data set as this network's recipe reads it, and what it was made of.
    pub(super) read: RefCell<Option<(Arc<Dataset>, Arc<Dataset>)>>,
    /// What it made of the scene that was asked for last: it would make the same of it again.
    pub(super) seen: RefCell<Option<SceneView>>,
}

impl Beside {
    pub(super) fn new(path: &Path, model: Model) -> Self {
        Self { path: path.to_owned(), model, read: RefCell::default(), seen: RefCell::default() }
    }
}
