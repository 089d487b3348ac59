//! Layouts of features: what came, what is kept of earlier steps, and which pixels are selected.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fusionscope_engine::protocol::{EmbeddingRequest, EmbeddingStage, EmbeddingView, PointMark};

use super::hover::Buffered;
use super::revised::Revised;
use super::scene::Pixel;

/// Layouts side by side.
pub const SLOTS: usize = 2;
/// Layouts of earlier steps that are kept of each.
const KEPT: usize = 60;

/// A pixel of a scene: points of several sensors and layouts share it.
pub type PixelId = (u32, [u16; 2]);

/// The pixel that a point is of.
pub fn pixel_of(mark: &PointMark) -> PixelId {
    (mark.scene, mark.pixel)
}

/// A pixel's place within its scene.
pub fn place_of(pixel: [u16; 2]) -> Pixel {
    let share = |place: u16| f32::from(place) / f32::from(u16::MAX);
    Pixel { x: share(pixel[0]), y: share(pixel[1]) }
}

/// How a selection meets the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choosing {
    /// In its place.
    #[default]
    Replace,
    /// Beside it.
    Add,
    /// Taken out of it.
    Subtract,
}

/// All layouts.
#[derive(Debug, Default)]
pub struct EmbeddingStore {
    shown: [Option<Arc<EmbeddingView>>; SLOTS],
    kept: [Vec<Arc<EmbeddingView>>; SLOTS],
    runs: [Option<PathBuf>; SLOTS],
    /// Which split the selected pixels are of.
    pub split: String,
    /// The selected pixels.
    pub selected: Revised<BTreeSet<PixelId>>,
    /// The pixel under the pointer.
    pub hover: Buffered<Option<PixelId>>,
    /// Whether the pane was drawn in the last frame.
    pub looked_at: Buffered<bool>,
}

impl EmbeddingStore {
    /// A newer state of a slot. The last layout of an earlier step is kept.
    pub fn take(&mut self, slot: usize, view: Option<Arc<EmbeddingView>>) {
        let before = &self.shown[slot];
        if let (Some(before), Some(view)) = (before, &view) {
            if Arc::ptr_eq(before, view) {
                return;
            }
            if before.request != view.request {
                self.kept[slot].clear();
            } else if before.step != view.step && before.stage != EmbeddingStage::Projected {
                self.kept[slot].push(Arc::clone(before));
                if self.kept[slot].len() > KEPT {
                    self.kept[slot].remove(0);
                }
            }
        }
        if view.is_none() {
            self.kept[slot].clear();
        }
        self.shown[slot] = view;
    }

    /// How a slot stands.
    pub fn shown(&self, slot: usize) -> Option<&Arc<EmbeddingView>> {
        self.shown.get(slot)?.as_ref()
    }

    /// What was kept of earlier steps, oldest first.
    pub fn kept(&self, slot: usize) -> &[Arc<EmbeddingView>] {
        self.kept.get(slot).map_or(&[], Vec::as_slice)
    }

    /// The run whose network a slot lays out; `None` for the one in view.
    pub fn run(&self, slot: usize) -> Option<&Path> {
        self.runs.get(slot)?.as_deref()
    }

    /// Another run for a slot. What is shown there has to be gathered anew: the request to send.
    pub fn set_run(&mut self, slot: u64, run: Option<PathBuf>) -> Option<EmbeddingRequest> {
        let slot = slot as usize;
        self.runs.get_mut(slot)?.clone_from(&run);
        let shown = self.shown(slot)?;
        Some(EmbeddingRequest { run, ..shown.request.clone() })
    }

    /// Takes pixels into the selection, or out of it.
    pub fn select(&mut self, split: &str, pixels: BTreeSet<PixelId>, choosing: Choosing) {
        if self.split != split || choosing == Choosing::Replace {
            self.selected.clear();
        }
        split.clone_into(&mut self.split);
        match choosing {
            Choosing::Replace | Choosing::Add => self.selected.extend(pixels),
            Choosing::Subtract => self.selected.retain(|pixel| !pixels.contains(pixel)),
        }
    }

    /// The selected pixels of a scene.
    pub fn selected_in(&self, split: &str, scene: usize) -> impl Iterator<Item = [u16; 2]> {
        let here = if self.split == split { self.selected.iter() } else { NOTHING.iter() };
        here.filter(move |(of, _)| *of as usize == scene).map(|(_, pixel)| *pixel)
    }

    /// Turns the page of what lies under the pointer, and of whether anybody looks. Says whether the first changed, and
    /// the second where it did.
    pub fn turn(&mut self) -> (bool, Option<bool>) {
        let hover = self.hover.turn();
        let seen = self.looked_at.turn();
        (hover, seen.then(|| *self.looked_at.get()))
    }

    /// Whether anything is being computed or could be.
    pub fn is_open(&self) -> bool {
        self.shown.iter().any(Option::is_some)
    }
}

static NOTHING: BTreeSet<PixelId> = BTreeSet::new();

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::EmbeddingRequest;

    use super::*;

    fn view(step: u64, stage: EmbeddingStage) -> Arc<EmbeddingView> {
        Arc::new(EmbeddingView {
            request: EmbeddingRequest::default(),
            step: Some(step),
            sources: Vec::new(),
            offered: Vec::new(),
            marks: Vec::new(),
            layout: Vec::new(),
            stage,
            iteration: 0,
            iterations: 0,
            divergences: Vec::new(),
            perplexity: 30.0,
            device: String::new(),
            measures: None,
        })
    }

    #[test]
    fn the_last_layout_of_each_step_is_kept() {
        let mut store = EmbeddingStore::default();
        for (step, stage) in [
            (1, EmbeddingStage::Running),
            (1, EmbeddingStage::Done),
            (2, EmbeddingStage::Running),
            (2, EmbeddingStage::Done),
            (3, EmbeddingStage::Running),
        ] {
            store.take(0, Some(view(step, stage)));
        }
        let kept: Vec<_> = store.kept(0).iter().map(|view| (view.step, view.stage.clone())).collect();
        assert_eq!(kept, [(Some(1), EmbeddingStage::Done), (Some(2), EmbeddingStage::Done)]);
        store.take(0, None);
        assert!(store.kept(0).is_empty() && !store.is_open());
    }

    #[test]
    fn selections_replace_add_and_subtract() {
        let mut store = EmbeddingStore::default();
        let pixels = |places: &[u16]| places.iter().map(|&place| (7, [place, 0])).collect::<BTreeSet<PixelId>>();
        store.select("test", pixels(&[1, 2]), Choosing::Replace);
        store.select("test", pixels(&[3]), Choosing::Add);
        store.select("test", pixels(&[1]), Choosing::Subtract);
        assert_eq!(*store.selected, pixels(&[2, 3]));
        assert_eq!(store.selected_in("test", 7).count(), 2);
        assert_eq!(store.selected_in("val", 7).count() + store.selected_in("test", 8).count(), 0);
        store.select("val", pixels(&[4]), Choosing::Add);
        assert_eq!(*store.selected, pixels(&[4]));
    }
}
