//! The shown curves as a CSV file or on the clipboard.

use std::path::PathBuf;

use crossbeam_channel::{Receiver, bounded};
use egui::Ui;
use fusionscope_engine::files::write_whole;

use super::legend::Choices;
use crate::look;
use crate::panes::PaneContext;

/// A file choice that is under way on a thread of its own: a file dialog may hang, the window may not.
#[derive(Debug, Default)]
pub struct Export {
    answer: Option<Receiver<Result<Option<PathBuf>, String>>>,
    /// What came of the last export, shown until the next one.
    outcome: Option<Result<String, String>>,
}

impl Export {
    /// The button and its menu.
    pub fn button(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, choices: &Choices) {
        let curves = &ctx.store.curves;
        let has_any = !curves.terms().is_empty() || !curves.scores().is_empty();
        ui.add_enabled_ui(has_any && self.answer.is_none(), |ui| {
            let response = look::button(ui, ctx.tokens, None, "CSV", false).on_hover_text(
                "Every step and every evaluation of the shown curves, raw values: save to a file or copy",
            );
            egui::Popup::menu(&response).show(|ui| {
                if ui.button("Save as…").clicked() {
                    self.save(ui, curves.csv(|name| choices.is_shown(name)));
                    ui.close();
                }
                if ui.button("Copy").clicked() {
                    ui.ctx().copy_text(curves.csv(|name| choices.is_shown(name)));
                    self.outcome = Some(Ok("Copied the shown curves as CSV".to_owned()));
                    ui.close();
                }
            });
        });
    }

    fn save(&mut self, ui: &Ui, text: String) {
        let (send, receive) = bounded(1);
        let repaint = ui.ctx().clone();
        let work = move || {
            let path = rfd::FileDialog::new().add_filter("CSV", &["csv"]).set_file_name("curves.csv").save_file();
            let answer = match path {
                None => Ok(None),
                Some(path) => match write_whole(&path, text.as_bytes()) {
                    Ok(()) => Ok(Some(path)),
                    Err(error) => Err(format!("Could not write the curves: {error}: {}", path.display())),
                },
            };
            // The pane may be gone by now; then nobody needs the answer.
            drop(send.send(answer));
            repaint.request_repaint();
        };
        match std::thread::Builder::new().name("curves-export".to_owned()).spawn(work) {
            Ok(_detached) => self.answer = Some(receive),
            Err(error) => self.outcome = Some(Err(format!("Could not open a file dialog: {error}"))),
        }
    }

    /// Shows what came of an export, in the corner of the pane.
    pub fn report(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        if let Some(answer) = self.answer.as_ref().and_then(|receiver| receiver.try_recv().ok()) {
            self.answer = None;
            self.outcome = match answer {
                Ok(Some(path)) => Some(Ok(format!("Saved {}", path.display()))),
                Ok(None) => None,
                Err(words) => Some(Err(words)),
            };
        }
        let Some(outcome) = &self.outcome else { return };
        let (words, ink) = match outcome {
            Ok(words) => (words, ctx.tokens.weak),
            Err(words) => (words, ctx.tokens.error),
        };
        let mut is_seen = false;
        let corner = ui.max_rect().right_bottom() - egui::vec2(12.0, 24.0);
        egui::Area::new(ui.scope_id().with("export-outcome"))
            .order(egui::Order::Foreground)
            .pivot(egui::Align2::RIGHT_BOTTOM)
            .fixed_pos(corner)
            .show(ui.ctx(), |ui| {
                egui::Frame::popup(ui.style()).show(ui, |ui| {
                    ui.horizontal(|ui| {
                        ui.label(look::small(words.as_str()).color(ink));
                        is_seen = look::icon_button(ui, ctx.tokens, look::Icon::Close, "Dismiss", false).clicked();
                    });
                });
            });
        if is_seen {
            self.outcome = None;
        }
    }
}
