//! Layouts of features: what came, what is kept of earlier steps, and which pixels are selected.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fusionscope_engine::protocol::{EmbeddingRequest, EmbeddingStage, EmbeddingView, PointMark};

use super::hover::Buffered;
use super::revised::Revised;
use super::scene::Pixel;

/// Scenes that features are gathered from, unless told otherwise.
pub const FIRST_SCENES: usize = 20;

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

/// Which network's layout a selection was made in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The run folder; `None` for a packed model.
    pub run: Option<PathBuf>,
    /// What people call it.
    pub name: String,
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
    /// Where they were selected.
    pub origin: Origin,
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

    /// Takes pixels into the selection, or out of it. Pixels of another split or network are not mixed with them.
    pub fn select(&mut self, split: &str, pixels: BTreeSet<PixelId>, choosing: Choosing, origin: Origin) {
        if self.split != split || self.origin != origin || choosing == Choosing::Replace {
            self.selected.clear();
        }
        split.clone_into(&mut self.split);
        self.origin = origin;
        match choosing {
            Choosing::Replace | Choosing::Add => self.selected.extend(pixels),
            Choosing::Subtract => self.selected.retain(|pixel| !pixels.contains(pixel)),
        }
    }

    /// Selects nothing.
    pub fn clear(&mut self) {
        if !self.selected.is_empty() {
            self.selected.clear();
        }
    }

    /// The scenes that the selection touches, in order, each with how many of its pixels are selected.
    pub fn touched(&self) -> BTreeMap<u32, u64> {
        let mut scenes = BTreeMap::new();
        for (scene, _) in self.selected.iter() {
            *scenes.entry(*scene).or_default() += 1;
        }
        scenes
    }

    /// The name of the network whose layout the selection was made in, where it is not the one in view (`run`), or not
    /// that of a layout that is shown.
    pub fn foreign(&self, run: Option<&Path>) -> Option<&str> {
        let shown = self.shown.iter().flatten().map(|view| view.request.run.as_deref().or(run));
        let is_foreign = shown.chain([run]).any(|run| run != self.origin.run.as_deref());
        (is_foreign && !self.selected.is_empty()).then_some(self.origin.name.as_str())
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
    use super::*;

    fn view(step: u64, stage: EmbeddingStage) -> Arc<EmbeddingView> {
        Arc::new(EmbeddingView { step: Some(step), stage, ..EmbeddingView::default() })
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
        let here = Origin::default;
        store.select("test", pixels(&[1, 2]), Choosing::Replace, here());
        store.select("test", pixels(&[3]), Choosing::Add, here());
        store.select("test", pixels(&[1]), Choosing::Subtract, here());
        assert_eq!(*store.selected, pixels(&[2, 3]));
        assert_eq!(store.selected_in("test", 7).count(), 2);
        assert_eq!(store.selected_in("val", 7).count() + store.selected_in("test", 8).count(), 0);
        store.select("val", pixels(&[4]), Choosing::Add, here());
        assert_eq!(*store.selected, pixels(&[4]));
        store.clear();
        assert!(store.selected.is_empty());
    }

    #[test]
    fn a_selection_knows_its_scenes_and_which_run_it_was_made_in() {
        let mut store = EmbeddingStore::default();
        let origin = |run: &str| Origin { run: Some(run.into()), name: run.to_owned() };
        let pixels: BTreeSet<PixelId> = [(30, [0, 0]), (7, [1, 0]), (30, [2, 0])].into();
        assert_eq!(store.foreign(Some(Path::new("a"))), None, "nothing is selected");
        store.select("test", pixels, Choosing::Replace, origin("a"));
        assert_eq!(store.touched().into_iter().collect::<Vec<_>>(), [(7, 1), (30, 2)]);
        assert_eq!(store.foreign(Some(Path::new("a"))), None);
        assert_eq!(store.foreign(Some(Path::new("b"))), Some("a"));
        assert_eq!(store.foreign(None), Some("a"), "a packed model is another one, too");
        let mut of_b = (*view(1, EmbeddingStage::Done)).clone();
        of_b.request.run = Some("b".into());
        store.take(1, Some(Arc::new(of_b)));
        assert_eq!(store.foreign(Some(Path::new("a"))), Some("a"), "it lies beside the cloud of b");
        store.select("test", BTreeSet::from([(9, [0, 0])]), Choosing::Add, origin("b"));
        assert_eq!(store.touched().into_keys().collect::<Vec<_>>(), [9], "selections of two networks do not mix");
    }
}
