//! The metrics pane.

use super::{Pane, PaneContext, PaneKind};

/// The metrics pane.
#[derive(Debug, Default)]
pub struct MetricsPane;

impl Pane for MetricsPane {
    fn kind(&self) -> PaneKind {
        PaneKind::Metrics
    }

    fn ui(&mut self, ui: &mut egui::Ui, ctx: &PaneContext<'_>) {
        let _ = (ui, ctx);
    }
}
