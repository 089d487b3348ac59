//! What is asked before a run that could not be saved is given up.

use crate::action::Action;
use crate::look::{self, Icon, Tokens, space};
use crate::store::Store;

/// The action that would give the run up, while nobody has decided yet.
#[derive(Debug, Default)]
pub(super) struct Question(Option<Action>);

/// What was decided.
#[derive(Debug, PartialEq)]
pub(super) enum Decision {
    /// Try to save the run again; the action is not done.
    Save,
    /// Do it; the run is lost.
    GiveUp(Action),
}

impl Question {
    /// Asks whether this may be done.
    pub(super) fn ask(&mut self, action: Action) {
        self.0 = Some(action);
    }

    /// Whether it is asked.
    pub(super) fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Draws it over everything; returns what was decided.
    pub(super) fn ui(&mut self, ctx: &egui::Context, store: &Store, tokens: &Tokens) -> Option<Decision> {
        let action = self.0.take()?;
        // The run may have been saved or left meanwhile: then there is nothing to ask.
        let Some(why) = &store.unsaved else { return Some(Decision::GiveUp(action)) };
        let title = action.title(store);
        let mut decision = None;
        let ((), goes) = look::modal(ctx, "unsaved-run", 460.0, |ui| {
            ui.heading("The last run is not saved");
            ui.label(egui::RichText::new(&why.text).color(tokens.weak));
            ui.label("It is lost when something else takes its place");
            ui.add_space(space::M);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if look::primary_button(ui, tokens, Icon::Check, "Save it again").clicked() {
                    decision = Some(Decision::Save);
                }
                if look::button(ui, tokens, None, &format!("{title} without it"), false).clicked() {
                    decision = Some(Decision::GiveUp(action.clone()));
                }
                if look::button(ui, tokens, None, "Cancel", false).clicked() {
                    ui.close();
                }
            });
        });
        if decision.is_none() && !goes {
            self.0 = Some(action);
        }
        decision
    }
}
