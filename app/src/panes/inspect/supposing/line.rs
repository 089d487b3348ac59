//! A line of the card.

use egui::{Align, Label, Ui};

use crate::look::{self, space};
use crate::panes::PaneContext;

/// The width in points of the words on the left.
const WORDS: f32 = 48.0;

/// A word on the left, controls behind it.
pub(super) fn line(ui: &mut Ui, ctx: &PaneContext<'_>, words: &str, controls: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        let label = Label::new(look::small(words).color(ctx.tokens.weak)).halign(Align::LEFT);
        ui.add_sized([WORDS, space::ROW], label);
        ui.spacing_mut().item_spacing.x = 4.0;
        controls(ui);
    });
}
