//! The recipe pane: every entry of the catalogue as a switch or a field, with what it does and what it is doing.

mod card;
mod component;
mod control;
mod header;
mod list;
mod marks;
mod pending;

use std::collections::{BTreeMap, BTreeSet};

use egui::Ui;
use fusionscope_engine::recipe::{Component, Difference, Recipe, RecipeError, catalogue};

use super::{Pane, PaneContext, PaneKind};
use crate::look::{self, Icon, space};

/// The recipe pane.
#[derive(Debug)]
pub struct RecipePane {
    /// Groups whose components are listed.
    open_groups: BTreeSet<&'static str>,
    /// Components whose settings are listed.
    open_components: BTreeSet<&'static str>,
    /// What is wrong with the last thing typed into a field, by key.
    refused: BTreeMap<&'static str, String>,
}

impl Default for RecipePane {
    fn default() -> Self {
        Self {
            open_groups: BTreeSet::from(["Exchange", "Fusion", "Objective", "Training"]),
            open_components: BTreeSet::new(),
            refused: BTreeMap::new(),
        }
    }
}

/// What every row of the pane needs to know.
struct Sight<'a> {
    ctx: &'a PaneContext<'a>,
    /// What differs from the preset or file that the recipe came from.
    changes: Vec<Difference>,
    /// What differs from the run in hand.
    waiting: Vec<Difference>,
    /// The combination that no run could satisfy, if there is one: its key and what to do.
    impossible: Option<(String, String)>,
}

impl Sight<'_> {
    fn is_changed(&self, key: &str) -> bool {
        self.changes.iter().any(|change| change.key == key)
    }

    fn is_waiting(&self, key: &str) -> bool {
        self.waiting.iter().any(|change| change.key == key)
    }

    fn changes_of(&self, component: &Component) -> usize {
        component.settings.iter().filter(|setting| self.is_changed(setting.key)).count()
    }
}

impl Pane for RecipePane {
    fn kind(&self) -> PaneKind {
        PaneKind::Recipe
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let store = ctx.store;
        let sight = Sight {
            ctx,
            changes: store.recipe.differences(&store.origin),
            waiting: pending::waiting(store),
            impossible: impossible(&store.recipe),
        };
        if let Some((key, _)) = &sight.impossible
            && let Some(component) = fusionscope_engine::recipe::component_of(key)
        {
            self.open_groups.insert(component.group);
            self.open_components.insert(component.id);
        }
        egui::Frame::new().inner_margin(egui::Margin::symmetric(10, 8)).show(ui, |ui| {
            header::show(ui, &sight);
            ui.add_space(space::XS);
            let foot = if sight.waiting.is_empty() { 0.0 } else { pending::height(&sight.waiting) };
            let room = (ui.available_height() - foot).max(40.0);
            egui::ScrollArea::vertical().auto_shrink(false).max_height(room).show(ui, |ui| self.groups(ui, &sight));
            pending::show(ui, &sight);
        });
    }
}

impl RecipePane {
    fn groups(&mut self, ui: &mut Ui, sight: &Sight<'_>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut from = 0;
        let all = catalogue();
        while from < all.len() {
            let group = all[from].group;
            let to = from + all[from..].iter().take_while(|component| component.group == group).count();
            let members = &all[from..to];
            from = to;
            if let [only] = members {
                component::show(ui, sight, only, 0.0, self);
            } else if self.group_head(ui, sight, group, members) {
                for component in members {
                    component::show(ui, sight, component, 12.0, self);
                }
            }
        }
        ui.add_space(space::S);
    }

    fn group_head(&mut self, ui: &mut Ui, sight: &Sight<'_>, group: &'static str, members: &[Component]) -> bool {
        let is_open = self.open_groups.contains(group);
        let changes: usize = members.iter().map(|component| sight.changes_of(component)).sum();
        let row = list::head(ui, sight.ctx.tokens, &format!("Group {group}"), is_open, 0.0);
        let ink = sight.ctx.tokens.weak;
        let text = look::medium(group).color(ink);
        list::text(ui, &row, text);
        if !is_open && changes > 0 {
            list::aside(ui, &row, sight.ctx.tokens, &list::counted(changes, "change"));
        }
        if row.response.clicked() && !self.open_groups.remove(group) {
            self.open_groups.insert(group);
        }
        is_open
    }
}

/// What no run could satisfy.
fn impossible(recipe: &Recipe) -> Option<(String, String)> {
    match recipe.check() {
        Ok(()) => None,
        Err(RecipeError::Impossible { key, reason }) => Some((key, reason)),
        Err(other) => Some((String::new(), other.to_string())),
    }
}

/// A message that stays where its cause is.
fn message(ui: &mut Ui, sight: &Sight<'_>, words: &str) {
    let tokens = sight.ctx.tokens;
    notice(ui, words, tokens.error, tokens.error_weak);
}

/// What is on and yet does nothing, and why.
fn remark(ui: &mut Ui, sight: &Sight<'_>, words: &str) {
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
