//! Edits that wait for a new run, at the foot of the pane.

use egui::Ui;
use fusionscope_engine::protocol::value_words;
use fusionscope_engine::recipe::Difference;

use super::sight::Sight;
use crate::action::Action;
use crate::look::{self, Icon, space};

/// Lines that are listed before the rest is only counted.
const LISTED: usize = 3;

/// The room that [`show`] takes.
pub fn height(waiting: &[Difference]) -> f32 {
    let lines = waiting.len().min(LISTED) + usize::from(waiting.len() > LISTED);
    80.0 + 16.0 * lines as f32
}

/// Lists them, with a button that restarts the run and one that drops them.
pub fn show(ui: &mut Ui, sight: &Sight<'_>) {
    let waiting = sight.waiting();
    if waiting.is_empty() {
        return;
    }
    let ctx = sight.ctx;
    let tokens = ctx.tokens;
    ui.add_space(space::XS);
    egui::Frame::new().fill(tokens.warning_weak).corner_radius(space::RADIUS).inner_margin(8).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 2.0;
        let words = format!("{} for a new run", look::counted(waiting.len() as u64, "change waits/changes wait"));
        ui.label(look::medium(words).color(tokens.warning));
        for edit in waiting.iter().take(LISTED) {
            let words = format!("{}  {} → {}", edit.key, value_words(&edit.theirs), value_words(&edit.ours));
            ui.add(egui::Label::new(look::small(words).color(tokens.weak)).truncate());
        }
        if waiting.len() > LISTED {
            ui.label(look::small(format!("and {} more", waiting.len() - LISTED)).color(tokens.weak));
        }
        ui.add_space(space::XS);
        ui.horizontal(|ui| {
            let can = Action::Restart.enabled(ctx.store) && sight.findings.impossible.is_none();
            let answer =
                ui.add_enabled_ui(can, |ui| look::button(ui, tokens, Some(Icon::Restart), "Restart with these", true));
            if answer.inner.on_hover_text("Ends this run with a checkpoint and begins a new one").clicked() {
                ctx.act(Action::Restart);
            }
            if look::button(ui, tokens, None, "Discard", false)
                .on_hover_text("Back to the recipe of this run")
                .clicked()
            {
                for edit in waiting {
                    ctx.act(Action::SetSetting { key: edit.key.to_owned(), value: edit.theirs.clone() });
                }
            }
        });
    });
}
