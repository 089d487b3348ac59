//! The button with which a part of the pane is written to files.

use egui::Ui;

use crate::action::{Action, Exported};
use crate::panes::{PaneContext, PaneKind};

/// What the parts are called where they are exported, beside the tables, which have names of their own.
pub(super) const CURVES: &str = "severity curves";
pub(super) const RELIANCE: &str = "reliance";

/// The button of the part that is called so.
pub(super) fn button(ui: &mut Ui, ctx: &PaneContext<'_>, name: &str) {
    let button = ui.button("Export…").on_hover_text("As PNG, SVG, PDF or CSV");
    if button.clicked() {
        ctx.act(Action::Export(Exported::part(PaneKind::Robustness, name)));
    }
    button.accessible_name(format!("Export {name}"));
}
