//! The pictures of one scene as a wall of linked tiles.

use super::{Pane, PaneContext, PaneKind};

/// The inspect pane.
#[derive(Debug, Default)]
pub struct InspectPane;

impl Pane for InspectPane {
    fn kind(&self) -> PaneKind {
        PaneKind::Inspect
    }

    fn ui(&mut self, ui: &mut egui::Ui, ctx: &PaneContext<'_>) {
        let _ = (ui, ctx);
    }
}
