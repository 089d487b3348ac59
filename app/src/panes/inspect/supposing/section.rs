//! The parts of the card.

use egui::Ui;

use crate::look;
use crate::panes::PaneContext;

/// A line, and what stands below it is called.
pub(super) fn section(ui: &mut Ui, ctx: &PaneContext<'_>, title: &str) {
    ui.separator();
    ui.label(look::medium(title).color(ctx.tokens.text));
}
