//! What went wrong, in place, with the button that helps.

use egui::{Frame, Margin, Panel, Ui};
use fusionscope_engine::protocol::{Level, SessionState};

use crate::action::Action;
use crate::look::{self, Icon, Tokens};
use crate::store::Store;

/// What was pressed in the banner.
pub(super) enum Pressed {
    /// A button that helps.
    Act(Action),
    /// The cross.
    PutAway,
}

/// Draws the banner where there is something to tell.
pub(super) fn ui(ui: &mut Ui, store: &Store, tokens: &Tokens) -> Option<Pressed> {
    let failed = matches!(store.state, SessionState::Failed { .. });
    let (level, text) = match (&store.state, &store.alert) {
        (_, Some((level, text))) => (*level, text.clone()),
        (SessionState::Failed { reason }, None) => (Level::Error, reason.clone()),
        _ => return None,
    };
    let (ink, ground) = match level {
        Level::Error => (tokens.error, tokens.error_weak),
        _ => (tokens.warning, tokens.warning_weak),
    };
    let mut pressed = None;
    Panel::top("banner")
        .frame(Frame::NONE.fill(ground).inner_margin(Margin::symmetric(12, 6)))
        .show_separator_line(false)
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(Icon::room(), egui::Sense::hover());
                Icon::Warning.paint(ui.painter(), rect, ink);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if store.alert.is_some()
                        && look::icon_button(ui, tokens, Icon::Close, "Put the message away", false).clicked()
                    {
                        pressed = Some(Pressed::PutAway);
                    }
                    let help = if failed && store.dataset.is_some() {
                        Some(Action::Train)
                    } else if store.dataset.is_none() {
                        Some(Action::OpenData)
                    } else {
                        None
                    };
                    if let Some(action) = help.filter(|action| action.enabled(store)) {
                        let word = if action == Action::Train { "Train again" } else { "Open a data set…" };
                        if look::button(ui, tokens, None, word, false).clicked() {
                            pressed = Some(Pressed::Act(action));
                        }
                    }
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        ui.add(egui::Label::new(egui::RichText::new(text).color(tokens.text)).wrap());
                    });
                });
            });
        });
    pressed
}
