//! What the network makes of several scenes, while someone is about to write a figure of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use fusionscope_engine::protocol::{SceneView, ViewRequest};

/// The views of a figure's scenes.
#[derive(Debug, Default)]
pub struct Figured {
    asked: Vec<ViewRequest>,
    taken: BTreeMap<u64, Arc<SceneView>>,
    is_news: bool,
}

impl Figured {
    /// What was asked for.
    pub fn asked(&self) -> &[ViewRequest] {
        &self.asked
    }

    /// Waits for these.
    pub fn ask(&mut self, asked: Vec<ViewRequest>) {
        *self = Self { asked, ..Self::default() };
    }

    /// All views, in the order of the requests, once all are there.
    pub fn views(&self) -> Option<Vec<SceneView>> {
        let is_whole = !self.asked.is_empty() && self.taken.len() == self.asked.len();
        is_whole.then(|| self.taken.values().map(|view| view.as_ref().clone()).collect())
    }

    /// Whether the last of them has come since this was last asked.
    pub fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.is_news)
    }

    /// Takes a view in; the first of a scene counts, so that all are of about one step of a network in training.
    pub(super) fn take(&mut self, view: Arc<SceneView>) {
        if self.asked.contains(&view.request) && !self.taken.contains_key(&view.request.view) {
            self.taken.insert(view.request.view, view);
            self.is_news = self.taken.len() == self.asked.len();
        }
    }
}
