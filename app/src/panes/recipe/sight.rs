//! What the recipe pane remembers, what its rows know, and the messages that stand below them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use egui::Ui;
use fusionscope_engine::recipe::{Component, Difference};

use crate::look::{self, Icon, space};
use crate::panes::PaneContext;
use crate::store::Findings;

/// The recipe pane.
#[derive(Debug)]
pub struct RecipePane {
    /// Groups whose components are listed.
    pub(super) open_groups: BTreeSet<&'static str>,
    /// Components whose settings are listed.
    pub(super) open_components: BTreeSet<&'static str>,
    /// What is wrong with the last thing typed into a field, by key.
    pub(super) refused: BTreeMap<&'static str, String>,
    /// The component or setting that is to come into sight.
    pub(super) sought: Option<String>,
}

impl Default for RecipePane {
    fn default() -> Self {
        Self {
            open_groups: BTreeSet::from(["Exchange", "Fusion", "Objective", "Training"]),
            open_components: BTreeSet::new(),
            refused: BTreeMap::new(),
            sought: None,
        }
    }
}

/// What every row of the pane needs to know.
pub(super) struct Sight<'a> {
    pub(super) ctx: &'a PaneContext<'a>,
    pub(super) findings: Rc<Findings>,
}

impl Sight<'_> {
    /// Structural edits that the run in hand does not have.
    pub(super) fn waiting(&self) -> &[Difference] {
        if self.ctx.store.is_running() { &self.findings.waiting } else { &[] }
    }

    pub(super) fn is_changed(&self, key: &str) -> bool {
        self.findings.changes.iter().any(|change| change.key == key)
    }

    pub(super) fn is_waiting(&self, key: &str) -> bool {
        self.waiting().iter().any(|change| change.key == key)
    }

    pub(super) fn changes_of(&self, component: &Component) -> usize {
        component.settings.iter().filter(|setting| self.is_changed(setting.key)).count()
    }
}

/// A message that stays where its cause is.
pub(super) fn message(ui: &mut Ui, sight: &Sight<'_>, words: &str) {
    let tokens = sight.ctx.tokens;
    notice(ui, words, tokens.error, tokens.error_weak);
}

/// What is on and yet does nothing, and why.
pub(super) fn remark(ui: &mut Ui, sight: &Sight<'_>, words: &str) {
    let tokens = sight.ctx.tokens;
    notice(ui, words, tokens.warning, tokens.warning_weak);
}

fn notice(ui: &mut Ui, words: &str, ink: egui::Color32, behind: egui::Color32) {
    egui::Frame::new().fill(behind).corner_radius(space::RADIUS).inner_margin(egui::Margin::symmetric(8, 5)).show(
        ui,
        |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_top(|ui| {
                let (rect, _) = ui.allocate_exact_size(egui::vec2(14.0, 14.0), egui::Sense::hover());
                Icon::Warning.paint(ui.painter(), rect, ink);
                ui.add(egui::Label::new(look::small(words).color(ink)).wrap());
            });
        },
    );
}
