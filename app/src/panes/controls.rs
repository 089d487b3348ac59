//! The controls pane.

use super::{Pane, PaneContext, PaneKind};

/// The controls pane.
#[derive(Debug, Default)]
pub struct ControlsPane;

impl Pane for ControlsPane {
    fn kind(&self) -> PaneKind {
        PaneKind::Controls
    }

    fn ui(&mut self, ui: &mut egui::Ui, ctx: &PaneContext<'_>) {
        let _ = (ui, ctx);
    }
}
