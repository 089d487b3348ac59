//! What is asked before runs are moved to the system's bin.

use std::path::PathBuf;

use egui::{Label, RichText, ScrollArea};

use crate::action::Action;
use crate::look::{self, Icon, Tokens, space};

/// The runs, while nobody has decided yet.
#[derive(Debug, Default)]
pub(super) struct Binning(Vec<PathBuf>);

impl Binning {
    /// Asks whether these shall go.
    pub(super) fn ask(&mut self, runs: Vec<PathBuf>) {
        self.0 = runs;
    }

    /// Whether it is asked.
    pub(super) fn is_open(&self) -> bool {
        !self.0.is_empty()
    }

    /// Draws it over everything; returns what was decided to be done.
    pub(super) fn ui(&mut self, ctx: &egui::Context, tokens: &Tokens) -> Option<Action> {
        if !self.is_open() {
            return None;
        }
        let mut is_decided = false;
        let count = look::counted(self.0.len() as u64, "run");
        let ((), goes) = look::modal(ctx, "bin-runs", 560.0, |ui| {
            ui.heading(format!("Move {count} to the bin?"));
            ui.label(
                RichText::new(
                    "The whole folder goes, with its checkpoints; the system's bin keeps it until it is emptied",
                )
                .color(tokens.weak),
            );
            ui.add_space(space::S);
            ScrollArea::vertical().max_height(200.0).show(ui, |ui| {
                for run in &self.0 {
                    ui.add(Label::new(look::small(run.display().to_string()).color(tokens.text)).wrap());
                }
            });
            ui.add_space(space::M);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                is_decided = look::primary_button(ui, tokens, Icon::Check, "Move to the bin").clicked();
                if look::button(ui, tokens, None, "Cancel", false).clicked() {
                    ui.close();
                }
            });
        });
        if is_decided {
            return Some(Action::ReallyBinRuns(std::mem::take(&mut self.0)));
        }
        if goes {
            self.0.clear();
        }
        None
    }
}
