//! The recipe pane: every entry of the catalogue as a switch or a field, with what it does and what it is doing.

mod card;
mod component;
mod control;
mod header;
mod list;
mod marks;
mod pending;
mod sight;

use egui::Ui;
use fusionscope_engine::recipe::{self, Component, catalogue, component_of};

pub use self::sight::RecipePane;
use self::sight::Sight;
use super::{Errand, Pane, PaneContext};
use crate::exhibit::{Exhibit, Format};
use crate::look::{self, space};

impl Pane for RecipePane {
    fn run(&mut self, errand: &Errand) {
        let Errand::Find(key) = errand else { return };
        if let Some(component) = recipe::component(key).or_else(|| component_of(key)) {
            self.open_groups.insert(component.group);
            self.open_components.insert(component.id);
            self.sought = Some(key.clone());
        }
    }

    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        let recipe = &ctx.store.recipe;
        Ok(vec![Exhibit::new("Recipe", recipe.name.clone()).text(Format::Toml, recipe.to_toml())])
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let store = ctx.store;
        let sight = Sight { ctx, findings: store.findings() };
        if let Some((key, _)) = &sight.findings.impossible
            && let Some(component) = component_of(key)
        {
            self.open_groups.insert(component.group);
            self.open_components.insert(component.id);
        }
        egui::Frame::new().inner_margin(egui::Margin::symmetric(10, 8)).show(ui, |ui| {
            header::show(ui, &sight);
            ui.add_space(space::XS);
            let waiting = sight.waiting();
            let foot = if waiting.is_empty() { 0.0 } else { pending::height(waiting) };
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
            list::aside(ui, &row, sight.ctx.tokens, &look::counted(changes as u64, "change"));
        }
        if row.response.clicked() && !self.open_groups.remove(group) {
            self.open_groups.insert(group);
        }
        is_open
    }
}
