//! The head of the pane: the preset, and how far the recipe has gone from it.

use egui::{ComboBox, Ui};
use fusionscope_engine::protocol::{LiveChange, value_words};
use fusionscope_engine::recipe::presets;

use super::sight::{Sight, message};
use crate::action::Action;
use crate::look;

/// Draws it.
pub fn show(ui: &mut Ui, sight: &Sight<'_>) {
    let ctx = sight.ctx;
    let store = ctx.store;
    let width = ui.available_width();
    ui.spacing_mut().combo_width = width;
    let combo = ComboBox::from_id_salt("preset")
        .selected_text(look::medium(&store.origin.name))
        .width(width - 2.0)
        .truncate()
        .height(400.0)
        .show_ui(ui, |ui| {
            let mut is_demo = true;
            for preset in presets() {
                if is_demo && !preset.name.ends_with("-demo") {
                    is_demo = false;
                    ui.separator();
                }
                let is_chosen = preset.name == store.origin.name;
                if ui.selectable_label(is_chosen, preset.name).on_hover_text(preset.summary).clicked() {
                    ctx.act(Action::UsePreset(preset.name.to_owned()));
                }
            }
            ui.separator();
            if ui.button("Open a recipe…").clicked() {
                ctx.act(Action::OpenRecipe);
            }
        });
    combo
        .response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, format!("Preset {}", store.origin.name)));
    let summary = presets().iter().find(|preset| preset.name == store.origin.name).map(|preset| preset.summary);
    combo.response.on_hover_text(summary.unwrap_or("A recipe of your own"));
    ui.horizontal(|ui| {
        ui.set_min_height(20.0);
        if sight.findings.changes.is_empty() {
            ui.label(look::small("As shipped").color(ctx.tokens.faint));
        } else {
            let words = look::counted(sight.findings.changes.len() as u64, "change");
            ui.label(look::small(words).color(ctx.tokens.accent_ink)).on_hover_ui(|ui| {
                for change in &sight.findings.changes {
                    let words =
                        format!("{}  {} → {}", change.key, value_words(&change.theirs), value_words(&change.ours));
                    ui.label(look::small(words));
                }
            });
            ui.label(look::small("·").color(ctx.tokens.faint));
            let reset = egui::Button::new(look::small("reset").color(ctx.tokens.weak)).frame(false);
            let answer = ui.add(reset);
            answer.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, "Reset the recipe"));
            if answer.on_hover_text(format!("Back to {}", store.origin.name)).clicked() {
                ctx.act(Action::ResetRecipe);
            }
        }
        // In the same row: what lies below must not move under the hand that has just switched something.
        let changed = store.curves.changes();
        if !changed.is_empty() {
            changed_live(ui, sight, changed);
        }
    });
    if let Some((key, reason)) = &sight.findings.impossible
        && key.is_empty()
    {
        message(ui, sight, reason);
    }
}

/// Which settings are no longer what the run in hand began with.
fn changed_live(ui: &mut Ui, sight: &Sight<'_>, changed: &[LiveChange]) {
    let tokens = sight.ctx.tokens;
    let words = format!("Changed live: {}", changed.len());
    let label = egui::Label::new(look::small(words).color(tokens.warning)).truncate();
    let label = ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| ui.add(label)).inner;
    label.on_hover_ui(|ui| {
        ui.label(look::small("recipe.toml keeps the recipe that the run began with; since then").color(tokens.weak));
        for change in changed {
            ui.label(look::small(change.to_string()));
        }
    });
}
