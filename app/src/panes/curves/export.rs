//! The shown curves as a CSV file or on the clipboard.

use egui::Ui;
use fusionscope_engine::files::write_whole;

use super::legend::Choices;
use crate::look;
use crate::panes::PaneContext;
use crate::panes::saving::{self, Saving};
use crate::system_dialog::FileKind;

const CSV: saving::Export = saving::Export {
    title: "Save the curves",
    name: "curves.csv",
    kind: FileKind { name: "CSV: every step and every evaluation of the shown curves", endings: &["csv"] },
};

/// What is exported, and where to.
#[derive(Debug, Default)]
pub struct Export {
    saving: Saving,
    is_wanted: bool,
}

impl Export {
    /// Asks where to save in the next frame.
    pub fn want(&mut self) {
        self.is_wanted = true;
    }

    /// The button and its menu.
    pub fn button(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, choices: &Choices) {
        ui.add_enabled_ui(ctx.store.curves.has_any() && !self.saving.is_busy(), |ui| {
            let response = look::button(ui, ctx.tokens, None, "CSV", false).on_hover_text(
                "Every step and every evaluation of the shown curves, raw values: save to a file or copy",
            );
            egui::Popup::menu(&response).show(|ui| self.items(ui, ctx, choices));
        });
    }

    /// The lines of its menu.
    pub fn items(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, choices: &Choices) {
        let has_any = ctx.store.curves.has_any() && !self.saving.is_busy();
        if ui.add_enabled(has_any, egui::Button::new("Save as CSV…")).clicked() {
            self.want();
            ui.close();
        }
        if ui.add_enabled(has_any, egui::Button::new("Copy as CSV")).clicked() {
            ui.ctx().copy_text(ctx.store.curves.csv(|name| choices.is_shown(name)));
            self.saving.say("Copied the shown curves as CSV");
            ui.close();
        }
    }

    /// Asks where to, and shows what came of it.
    pub fn ui(&mut self, ui: &Ui, ctx: &PaneContext<'_>, choices: &Choices) {
        if std::mem::take(&mut self.is_wanted) {
            let text = ctx.store.curves.csv(|name| choices.is_shown(name));
            self.saving.ask(CSV, move |path| {
                write_whole(path, text.as_bytes())
                    .map_err(|error| format!("Could not write the curves: {error}: {}", path.display()))
            });
        }
        self.saving.ui(ui, ctx);
    }
}
