//! The recipe pane.

use super::{Pane, PaneContext, PaneKind};

/// The recipe pane.
#[derive(Debug, Default)]
pub struct RecipePane;

impl Pane for RecipePane {
    fn kind(&self) -> PaneKind {
        PaneKind::Recipe
    }

    fn ui(&mut self, ui: &mut egui::Ui, ctx: &PaneContext<'_>) {
        let _ = (ui, ctx);
    }
}
