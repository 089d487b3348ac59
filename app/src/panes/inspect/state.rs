//! What the inspect pane remembers from frame to frame.

use std::collections::BTreeSet;

use egui::Pos2;
use fusionscope_engine::protocol::Content;
use serde::{Deserialize, Serialize};

use super::region::Drawing;
use super::scenes::SceneList;
use super::shares::Shares;
use super::tones::Tones;
use super::working::Working;
use crate::canvas::{Camera, Textures, Tone};
use crate::panes::PaneContext;
use crate::store::{ClassesOf, Outline, Pixel};

/// The inspect pane: how it looks at the scene. What it looks at stands in the store.
#[derive(Debug)]
pub struct InspectPane {
    pub(super) camera: Camera,
    pub(super) textures: Textures,
    /// The tile that fills the pane.
    pub(super) maximised: Option<Content>,
    /// Tiles switched on or off by hand.
    pub(super) added: BTreeSet<Content>,
    pub(super) removed: BTreeSet<Content>,
    /// The maps that were asked for when the wall was last drawn.
    pub(super) watched: Vec<String>,
    /// Tiles in the order they were dragged into; others follow in their own.
    pub(super) order: Vec<Content>,
    /// Where the swipe line stands, as a share of the picture.
    pub(super) swipe_at: f32,
    pub(super) fit_seen: u64,
    /// How much of each categorical map every word has.
    pub(super) shares: Shares,
    pub(super) counts: Option<(u64, Vec<u64>)>,
    /// How many pixels are outlined in which view.
    pub(super) outlined: Option<((u64, Outline), u64)>,
    /// The scenes by how far two runs differ on them.
    pub(super) scenes: SceneList,
    /// Which range each picture is drawn over.
    pub(super) tones: Tones,
    /// The region of an explanation, while it is drawn.
    pub(super) region: Drawing,
    /// What is under way with a tool, and on the what-if card.
    pub(super) working: Working,
    /// Where the menu of a tile was opened.
    pub(super) menu_at: Pos2,
}

/// What is kept of the inspect pane.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    pub(super) added: BTreeSet<Content>,
    pub(super) removed: BTreeSet<Content>,
    pub(super) order: Vec<Content>,
    /// By name, since what suits a map suits it in every run.
    pub(super) tones: Vec<(Content, Tone)>,
}

impl Default for InspectPane {
    fn default() -> Self {
        Self {
            camera: Camera::default(),
            textures: Textures::default(),
            maximised: None,
            added: BTreeSet::new(),
            removed: BTreeSet::new(),
            watched: Vec::new(),
            order: Vec::new(),
            swipe_at: 0.5,
            fit_seen: 0,
            shares: Shares::default(),
            counts: None,
            outlined: None,
            scenes: SceneList::default(),
            tones: Tones::default(),
            region: Drawing::default(),
            working: Working::default(),
            menu_at: Pos2::ZERO,
        }
    }
}

impl InspectPane {
    /// Pixels of each class in the picture that counts: the first head's prediction, or the label.
    pub(super) fn class_counts(&mut self, ctx: &PaneContext<'_>) -> &[u64] {
        let classes = ctx.store.class_names(ClassesOf::Answers).len();
        // Labels of other classes count for none of those that the legend lists.
        let label = (!ctx.store.answers_with_own_classes()).then_some(Content::Label);
        let serial = ctx.store.scene.shown().map_or(0, |shown| shown.serial);
        if self.counts.as_ref().is_none_or(|(stamp, _)| *stamp != serial) {
            let heads = ctx.store.network.iter().flat_map(|network| network.heads.iter());
            let frame = heads
                .map(|head| Content::Prediction(head.clone()))
                .chain(label)
                .find_map(|content| ctx.store.scene.frame(&content));
            let counts = frame.map_or_else(Vec::new, |frame| crate::canvas::class_counts(frame, classes));
            self.counts = Some((serial, counts));
        }
        self.counts.as_ref().map_or(&[], |(_, counts)| counts)
    }

    pub(super) fn swipe_to(&mut self, pixel: Pixel) {
        self.swipe_at = pixel.x;
    }
}
