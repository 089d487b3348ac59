//! What is told of a line that was cut, in place, with the button that helps.

use std::time::{Duration, Instant};

use egui::{RichText, Ui};

use crate::action::Action;
use crate::look::{self, Icon, Tokens};
use crate::store::{Line, Store};

/// Draws it; returns what was pressed.
pub(super) fn ui(ui: &mut Ui, store: &Store, tokens: &Tokens) -> Option<Action> {
    let place = store.engine.seat.place.phrase();
    let mut pressed = None;
    ui.horizontal(|ui| {
        let (words, hint) = match &store.engine.line {
            Line::Holds => return,
            Line::Attaching { tries: 0 } => (format!("Attaching to the engine {place} …"), None),
            Line::Attaching { .. } => (format!("The line to the engine {place} was cut: trying again …"), None),
            Line::Cut { why, again, .. } => {
                let secs = again.map_or(0, |again| again.saturating_duration_since(Instant::now()).as_secs() + 1);
                let when = look::counted(secs, "second");
                let words =
                    format!("The line to the engine {place} was cut; a run goes on there. Trying again in {when}");
                (words, Some(why.text.clone()))
            }
        };
        let label = ui.label(RichText::new(words).color(tokens.text));
        if let Some(hint) = hint {
            label.on_hover_text(hint);
            if look::button(ui, tokens, Some(Icon::Play), "Try now", false).clicked() {
                pressed = Some(Action::AttachAgain);
            }
        }
        if look::button(ui, tokens, None, "Work here instead", false).clicked() {
            pressed = Some(Action::UseEngine(crate::link::Place::Here));
        }
    });
    ui.ctx().request_repaint_after(Duration::from_millis(500));
    pressed
}
