//! The log pane.

use super::{Pane, PaneContext, PaneKind};

/// The log pane.
#[derive(Debug, Default)]
pub struct LogPane;

impl Pane for LogPane {
    fn kind(&self) -> PaneKind {
        PaneKind::Log
    }

    fn ui(&mut self, ui: &mut egui::Ui, ctx: &PaneContext<'_>) {
        let _ = (ui, ctx);
    }
}
