//! The tags of scenes with their counts; a click filters by one.

use egui::{Role, Ui, WidgetInfo};

use crate::look;
use crate::panes::PaneContext;
use crate::store::gallery::Wishes;

/// One line a tag; `shown` is what the list is filtered by, `kept` what a click changes.
pub(super) fn show(ui: &mut Ui, ctx: &PaneContext<'_>, shown: &Wishes, kept: &mut Wishes) {
    let tags = ctx.store.gallery.tags();
    if tags.is_empty() {
        let words = "No scene has a tag. Conditions such as night are named as [[tags]] in a dataset.toml";
        look::empty(ui, ctx.tokens, words);
        return;
    }
    for (tag, scenes) in tags {
        let is_on = shown.tags.contains(tag);
        ui.horizontal(|ui| {
            let chip = look::toggle_chip(ui, ctx.tokens, tag, is_on);
            let words = look::counted(*scenes, "scene");
            chip.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, format!("Tag {tag}, {words}")));
            if chip.on_hover_text("Show only scenes with this tag").clicked() {
                kept.turn_tag(tag);
            }
            ui.label(look::small(words).color(ctx.tokens.weak));
        });
    }
}
