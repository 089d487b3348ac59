//! Cards that teach: what a component or a setting does, where it is from, what to look at.

use egui::Ui;
use fusionscope_engine::recipe::{Change, Component, Kind, Setting};

use super::Sight;
use super::header::shown;
use crate::look::{self, Tokens, space};

/// A component's card.
pub fn component(ui: &mut Ui, tokens: &Tokens, component: &Component) {
    ui.set_max_width(340.0);
    ui.spacing_mut().item_spacing.y = space::XS;
    ui.label(look::semibold(component.title).color(tokens.text));
    ui.label(component.summary);
    if !component.formula.is_empty() {
        egui::Frame::new().fill(tokens.field).corner_radius(space::RADIUS).inner_margin(6).show(ui, |ui| {
            ui.label(egui::RichText::new(component.formula).color(tokens.text));
        });
    }
    if !component.watch.is_empty() {
        ui.label(look::caption(tokens, "What to look at"));
        ui.label(egui::RichText::new(component.watch).color(tokens.weak));
    }
    if !component.source.is_empty() {
        ui.label(look::small(component.source).color(tokens.faint));
    }
}

/// A setting's card.
pub fn setting(ui: &mut Ui, sight: &Sight<'_>, setting: &Setting) {
    let tokens = sight.ctx.tokens;
    ui.set_max_width(340.0);
    ui.spacing_mut().item_spacing.y = space::XS;
    ui.label(look::semibold(setting.title).color(tokens.text));
    ui.label(setting.summary);
    let now = sight.ctx.store.recipe.value(setting.key).map(shown).unwrap_or_default();
    if let Kind::Choice { options, .. } = setting.kind {
        for option in options {
            let ink = if option.id == now { tokens.text } else { tokens.weak };
            ui.label(look::small(format!("{}: {}", option.id, option.summary)).color(ink));
        }
    }
    let range = match setting.kind {
        Kind::Integer { min, max, .. } if max < i64::MAX => format!("{min} to {max}"),
        Kind::Number { min, max, .. } => format!("{min} to {max}"),
        _ => String::new(),
    };
    let preset = sight.ctx.store.origin.value(setting.key).map(shown).unwrap_or_default();
    let mut facts = vec![format!("{preset} in {}", sight.ctx.store.origin.name)];
    if !range.is_empty() {
        facts.push(range);
    }
    facts.push(
        match setting.change {
            Change::Live => "changes at the next step",
            Change::Structural => "restarts the run",
        }
        .to_owned(),
    );
    ui.label(look::small(facts.join(" · ")).color(tokens.weak));
    ui.label(egui::RichText::new(setting.key).monospace().color(tokens.faint));
}
