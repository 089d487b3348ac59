//! What is laid out and how: features, scenes, points, perplexity, and the buttons that steer.

use std::path::Path;

use egui::{ComboBox, DragValue, Slider, Ui};
use fusionscope_engine::protocol::{EmbeddingRequest, EmbeddingStage, EmbeddingView, Steer};
use serde::{Deserialize, Serialize};

use crate::action::{Action, Exported};
use crate::look::{self, Icon, space};
use crate::panes::{PaneContext, PaneKind};
use crate::store::embedding::FIRST_SCENES;

/// Which scenes the pixels are taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Scenes {
    /// The one in view.
    Shown,
    /// The first so many of the split in view.
    First(usize),
}

/// What one side of the pane lays out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    pub(super) features: String,
    pub(super) scenes: Scenes,
    pub(super) points: usize,
    pub(super) seed: u64,
    pub(super) perplexity: f32,
    /// Whether the sensors that are dropped in the inspect pane are dropped here too.
    pub(super) drops: bool,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            features: "stage4".to_owned(),
            scenes: Scenes::First(FIRST_SCENES),
            points: 2000,
            seed: 1,
            perplexity: 30.0,
            drops: false,
        }
    }
}

impl Wish {
    /// Takes over what somebody else has asked for.
    pub(super) fn follow(&mut self, request: &EmbeddingRequest) {
        self.features.clone_from(&request.features);
        (self.points, self.seed) = (request.points, request.seed);
    }

    /// The request for a slot; `None` where there is nothing to gather from.
    pub(super) fn request(&self, ctx: &PaneContext<'_>, slot: u64) -> Option<EmbeddingRequest> {
        let (split, scene) = (ctx.store.split()?, &ctx.store.scene);
        let scenes = match self.scenes {
            Scenes::Shown => vec![scene.index],
            Scenes::First(count) => (0..count.min(split.ids.len())).collect(),
        };
        let dropped = if self.drops { scene.what_if.dropped() } else { Vec::new() };
        Some(EmbeddingRequest {
            slot,
            features: self.features.clone(),
            split: split.name.clone(),
            scenes,
            points: self.points,
            seed: self.seed,
            dropped,
            run: ctx.store.embedding.run(slot as usize).map(Path::to_owned),
        })
    }
}

/// The last request of this pane, and the one that the layout in view answers: where a new one is not the pane's own,
/// somebody else has asked.
#[derive(Debug, Default)]
pub(super) struct Requests {
    own: Option<EmbeddingRequest>,
    seen: Option<EmbeddingRequest>,
}

/// What is laid out.
pub(super) fn wish_ui(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    (wish, requests): (&mut Wish, &mut Requests),
    slot: u64,
    view: Option<&EmbeddingView>,
) {
    if let Some(view) = view.filter(|view| requests.seen.as_ref() != Some(&view.request)) {
        if requests.own.as_ref() != Some(&view.request) {
            wish.follow(&view.request);
        }
        requests.seen = Some(view.request.clone());
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::S, space::XS);
        run_ui(ui, ctx, slot);
        let before = wish.clone();
        let offered = view.map_or(&[][..], |view| view.offered.as_slice());
        let combo = ComboBox::from_id_salt(("features", slot)).selected_text(wish.features.clone());
        let features = combo.show_ui(ui, |ui| {
            for name in offered {
                ui.selectable_value(&mut wish.features, name.clone(), name);
            }
        });
        features.response.accessible_name("Features");
        let count = ctx.store.split().map_or(0, |split| split.ids.len());
        let words = match wish.scenes {
            Scenes::Shown => "this scene".to_owned(),
            Scenes::First(wanted) => look::counted(wanted.min(count) as u64, "scene"),
        };
        let scenes = ComboBox::from_id_salt(("scenes", slot)).selected_text(words).show_ui(ui, |ui| {
            ui.selectable_value(&mut wish.scenes, Scenes::Shown, "this scene");
            for some in [5, 10, 20, 40, 100, 400].into_iter().filter(|some| *some <= count.max(5)) {
                ui.selectable_value(&mut wish.scenes, Scenes::First(some), look::counted(some as u64, "scene"));
            }
        });
        scenes.response.accessible_name("Scenes");
        let points = DragValue::new(&mut wish.points).range(200..=50_000).speed(50.0).suffix(" points");
        ui.add(points).on_hover_text("Vectors at most, as many of each class as there are");
        ui.add(DragValue::new(&mut wish.seed).prefix("seed ")).on_hover_text("What the choice of pixels follows from");
        if !ctx.store.scene.what_if.dropped().is_empty() || wish.drops {
            ui.checkbox(&mut wish.drops, "dropped sensors")
                .on_hover_text("Without the sensors that are dropped in view");
        }
        let gather = look::button(ui, ctx.tokens, Some(Icon::Restart), "Gather", view.is_none());
        let is_new = *wish != before && view.is_some() && !ui.ctx().egui_is_using_pointer();
        if (gather.on_hover_text("Read these features anew from the network as it stands").clicked() || is_new)
            && let Some(request) = wish.request(ctx, slot)
        {
            requests.own = Some(request.clone());
            ctx.act(Action::Embed(request));
        }
    });
}

/// Whose features: the network in view, or another run's.
fn run_ui(ui: &mut Ui, ctx: &PaneContext<'_>, slot: u64) {
    let chosen = ctx.store.embedding.run(slot as usize);
    let name = |run: &Path| run.file_name().unwrap_or(run.as_os_str()).to_string_lossy().into_owned();
    let words = chosen.map_or("network in view".to_owned(), name);
    let combo = ComboBox::from_id_salt(("run", slot)).selected_text(words).width(140.0).truncate();
    let combo = combo.show_ui(ui, |ui| {
        if ui.selectable_label(chosen.is_none(), "network in view").clicked() {
            ctx.act(Action::SetLayoutRun { slot, run: None });
        }
        if let Some(run) = chosen {
            let _shown = ui.selectable_label(true, name(run)).on_hover_text(run.display().to_string());
        }
        if ui.selectable_label(false, "another run…").clicked() {
            ctx.act(Action::ChooseLayoutRun(slot));
        }
    });
    combo.response.accessible_name("Network").on_hover_text("Whose features are laid out");
}

/// What the button that steers t-SNE can say.
const T_SNE: [&str; 3] = ["Start t-SNE", "Pause t-SNE", "Continue t-SNE"];

/// Start, pause, perplexity, follow, export.
pub(super) fn steer_ui(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    wish: &mut Wish,
    slot: u64,
    view: &EmbeddingView,
    follows: &mut bool,
) {
    let steer = |steer| ctx.act(Action::SteerEmbedding { slot, steer });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::S, space::XS);
        match view.stage {
            EmbeddingStage::Running | EmbeddingStage::Preparing { .. } => {
                if look::changing_button(ui, ctx.tokens, Some(Icon::Pause), "Pause t-SNE", &T_SNE, false).clicked() {
                    steer(Steer::Pause);
                }
            }
            EmbeddingStage::Paused => {
                if look::changing_button(ui, ctx.tokens, Some(Icon::Play), "Continue t-SNE", &T_SNE, true).clicked() {
                    steer(Steer::Resume);
                }
            }
            _ => {
                if look::changing_button(ui, ctx.tokens, Some(Icon::Play), "Start t-SNE", &T_SNE, true).clicked() {
                    steer(Steer::Start);
                    steer(Steer::Perplexity(wish.perplexity));
                }
            }
        }
        ui.spacing_mut().slider_width = 72.0;
        let slider = Slider::new(&mut wish.perplexity, 5.0..=100.0).logarithmic(true).fixed_decimals(0);
        let response = ui.add(slider).accessible_name("Perplexity");
        let response = response.on_hover_text("Perplexity: about how many neighbours each point is drawn to");
        if response.drag_stopped() || response.lost_focus() {
            steer(Steer::Perplexity(wish.perplexity));
        }
        let hint =
            "Gather the same pixels again while the network trains, and let the cloud move on from where it stands";
        if ui.checkbox(follows, "follow training").on_hover_text(hint).changed() {
            steer(Steer::Follow(*follows));
        }
        let export = look::button(ui, ctx.tokens, None, "Export…", false);
        if export.on_hover_text("The layout as a picture, and as CSV with labels").clicked() {
            ctx.act(Action::Export(Exported::pane(PaneKind::Embedding)));
        }
    });
}
