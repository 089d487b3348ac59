//! What is asked before the engine moves under a run, and what is told of one that is gone, with what helps.

use egui::{Align, Context, Frame, Label, Layout, Margin, RichText, ScrollArea};
use fusionscope_engine::protocol::FailureKind;

use crate::action::Action;
use crate::link::Seat;
use crate::look::{self, Icon, Tokens, space};
use crate::store::{Lost, Recovery, Store};

/// The card about the engine.
#[derive(Debug, Default)]
pub(super) enum EngineCard {
    /// There is nothing to ask or to tell.
    #[default]
    Closed,
    /// Whether the run under way shall go on there.
    Asks(Seat),
    /// The engine is gone.
    TellsLoss,
}

impl EngineCard {
    /// Whether it lies over the panes.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self, Self::Closed)
    }

    /// Draws it; returns what was decided.
    pub(super) fn ui(&mut self, ctx: &Context, store: &Store, tokens: &Tokens) -> Option<Action> {
        let (pressed, goes) = match self {
            Self::Closed => return None,
            Self::Asks(seat) => asks_ui(ctx, store, tokens, seat),
            Self::TellsLoss => match &store.engine.lost {
                Some(lost) => loss_ui(ctx, store, tokens, lost),
                // It was seen to elsewhere.
                None => (None, true),
            },
        };
        if goes || pressed.is_some() {
            *self = Self::Closed;
        }
        pressed
    }
}

fn asks_ui(ctx: &Context, store: &Store, tokens: &Tokens, seat: &Seat) -> (Option<Action>, bool) {
    let mut pressed = None;
    let ((), goes) = look::modal(ctx, "move-engine", 480.0, |ui| {
        ui.heading("Move the engine?");
        let words = if store.work().run.is_some() {
            "The run is stopped with a checkpoint and goes on from it there, bit for bit on the same kind of device"
        } else {
            "What is under way is ended; data and network are opened again there"
        };
        ui.add(Label::new(RichText::new(words).color(tokens.weak)).wrap());
        ui.add_space(space::M);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if look::primary_button(ui, tokens, Icon::Check, "Stop and move").clicked() {
                pressed = Some(Action::MoveEngine(seat.place.clone()));
            }
            if look::button(ui, tokens, None, "Cancel", false).clicked() {
                ui.close();
            }
        });
    });
    (pressed, goes)
}

fn loss_ui(ctx: &Context, store: &Store, tokens: &Tokens, lost: &Lost) -> (Option<Action>, bool) {
    let mut pressed = None;
    let ((), goes) = look::modal(ctx, "engine-lost", 560.0, |ui| {
        ui.heading("There is no engine");
        ui.add(Label::new(look::message(&lost.failure.text).color(tokens.error)).wrap());
        ui.add(Label::new(RichText::new(left_words(lost)).color(tokens.weak)).wrap());
        if !lost.last_words.is_empty() {
            ui.add_space(space::S);
            ui.label(look::caption(tokens, "What it said last"));
            Frame::new().fill(tokens.field).inner_margin(Margin::same(8)).show(ui, |ui| {
                ScrollArea::vertical().max_height(140.0).auto_shrink([false, true]).stick_to_bottom(true).show(
                    ui,
                    |ui| {
                        let words = RichText::new(lost.last_words.join("\n")).monospace().size(look::size::SMALL);
                        ui.add(Label::new(words.color(tokens.text)).wrap());
                    },
                );
            });
        }
        ui.add_space(space::M);
        let mut helps = Vec::from(Recovery::ALL.map(Action::Recover));
        helps.retain(|action| action.enabled(store));
        if lost.failure.kind == FailureKind::OutOfMemory {
            // The same again would end the same way.
            helps.sort_by_key(|action| *action == Action::Recover(Recovery::GoOn));
        }
        for (place, action) in helps.into_iter().enumerate() {
            let known = action.describe(store);
            let button = if place == 0 {
                look::primary_button(ui, tokens, Icon::Play, &known.title)
            } else {
                look::button(ui, tokens, None, &known.title, false)
            };
            if button.on_hover_text(known.words).clicked() {
                pressed = Some(action);
            }
        }
        if look::button(ui, tokens, None, "Leave it", false)
            .on_hover_text("The window stays as it is; the menu of the engine starts it again")
            .clicked()
        {
            ui.close();
        }
    });
    (pressed, goes)
}

/// What there is to go on from.
fn left_words(lost: &Lost) -> String {
    match (&lost.work.run, lost.work.checkpoint) {
        (None, _) => "No run was under way; what it had open is opened again".to_owned(),
        (Some(_), Some(step)) => format!("The run is kept up to its checkpoint of step {}", look::count(step)),
        (Some(_), None) => "The run had no checkpoint yet and begins again at its first step".to_owned(),
    }
}
