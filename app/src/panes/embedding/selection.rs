//! What is selected: how many pixels of which scenes, in whose layout, and how to be rid of it.

use egui::{ScrollArea, Ui};

use crate::action::Action;
use crate::look::{self, Icon};
use crate::panes::PaneContext;

/// Draws it where anything is selected.
pub(super) fn row_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let (store, tokens) = (ctx.store, ctx.tokens);
    let pixels = store.embedding.selected.len() as u64;
    if pixels == 0 {
        return;
    }
    let scenes = store.embedding.touched();
    let words = format!("{} in {}  ▾", look::counted(pixels, "pixel"), look::counted(scenes.len() as u64, "scene"));
    let split = &store.embedding.split;
    let menu = ui.menu_button(words, |ui| {
        ui.set_min_width(200.0);
        ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for (&scene, &count) in &scenes {
                let index = scene as usize;
                let is_shown = *split == store.scene.split && store.scene.index == index;
                let words = format!("scene {}  {}", index + 1, look::counted(count, "pixel"));
                if ui.selectable_label(is_shown, words).clicked() {
                    ctx.act(Action::ShowScene { split: split.clone(), index });
                }
            }
        });
    });
    menu.response.on_hover_text(format!("Scenes of {split} with selected pixels; a click shows one"));
    if look::icon_button(ui, tokens, Icon::Close, "Clear the selection", false)
        .on_hover_text("Select nothing (Escape, or a double click on the cloud)")
        .clicked()
    {
        ctx.act(Action::ClearSelection);
    }
    if let Some(name) = store.embedding.foreign(store.run.as_deref()) {
        look::badge(ui, &format!("selected in {name}"), tokens.warning, tokens.warning_weak)
            .on_hover_text("These pixels were selected in the layout of another run than one in view");
    }
}
