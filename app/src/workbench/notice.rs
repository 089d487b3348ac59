//! A few words below the bar that go by themselves: why a key did nothing, what a press has replaced.

use std::time::{Duration, Instant};

use egui::{Align2, Area, Context, Frame, Id, Label, Order, RichText, vec2};

use crate::look::{Tokens, space};

/// How long the shortest notice stays.
const STAYS: Duration = Duration::from_secs(3);
/// How much longer for every letter.
const A_LETTER: Duration = Duration::from_millis(45);

/// The notice in view, if there is one.
#[derive(Debug, Default)]
pub(super) struct Notice {
    shown: Option<(String, Instant)>,
}

impl Notice {
    /// Shows these words in place of others.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        let text = text.into();
        let until = Instant::now() + STAYS + A_LETTER * text.chars().count().min(400) as u32;
        self.shown = Some((text, until));
    }

    /// The words in view.
    #[cfg(test)]
    pub(super) fn text(&self) -> Option<&str> {
        self.shown.as_ref().map(|(text, _)| text.as_str())
    }

    /// Draws it over the panes, where it takes neither room nor clicks.
    pub(super) fn ui(&mut self, ctx: &Context, tokens: &Tokens) {
        let Some((text, until)) = &self.shown else { return };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            self.shown = None;
            return;
        }
        ctx.request_repaint_after(left);
        let screen = ctx.content_rect();
        let width = (0.7 * screen.width()).clamp(80.0, 560.0);
        Area::new(Id::unique("notice"))
            .order(Order::Tooltip)
            .anchor(Align2::LEFT_TOP, vec2((screen.width() / 5.0).min(250.0), space::BAR + 6.0))
            .interactable(false)
            .show(ctx, |ui| {
                Frame::popup(ui.style()).inner_margin(egui::Margin::symmetric(12, 7)).show(ui, |ui| {
                    ui.set_max_width(width);
                    ui.add(Label::new(RichText::new(text).color(tokens.text)).wrap());
                });
            });
    }
}
