//! The curves pane.

use super::{Pane, PaneContext, PaneKind};

/// The curves pane.
#[derive(Debug, Default)]
pub struct CurvesPane;

impl Pane for CurvesPane {
    fn kind(&self) -> PaneKind {
        PaneKind::Curves
    }

    fn ui(&mut self, ui: &mut egui::Ui, ctx: &PaneContext<'_>) {
        let _ = (ui, ctx);
    }
}
