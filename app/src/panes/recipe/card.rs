//! Cards that teach: what a component or a setting does, where it is from, what to look at.

use egui::{RectAlign, Response, Tooltip, Ui};
use fusionscope_engine::protocol::value_words;
use fusionscope_engine::recipe::{CUSTOM, Change, Component, Kind, Setting};

use super::sight::Sight;
use crate::look::{self, space};

/// Shows a card beside the row that it explains, so that it covers neither the row nor its neighbours.
pub fn beside(row: &Response, card: impl FnOnce(&mut Ui)) {
    let mut tooltip = Tooltip::for_enabled(row);
    tooltip.popup = tooltip.popup.align(RectAlign::RIGHT_START).align_alternatives(&BESIDE).gap(space::S);
    tooltip.show(card);
}

/// Where a card goes, the best place first; below the row only where neither side has room.
const BESIDE: [RectAlign; 5] =
    [RectAlign::RIGHT_START, RectAlign::RIGHT_END, RectAlign::LEFT_START, RectAlign::LEFT_END, RectAlign::BOTTOM_START];

/// A component's card.
pub fn component(ui: &mut Ui, sight: &Sight<'_>, component: &Component) {
    let tokens = sight.ctx.tokens;
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
    if !component.probes.is_empty() {
        let sensors = sight.ctx.store.network.as_ref().map_or(&[][..], |network| network.sensors.as_slice());
        let pictures: Vec<String> = component.probes.iter().map(|probe| look::probe_words(probe, sensors)).collect();
        ui.label(look::small(format!("Pictures: {}", pictures.join(", "))).color(tokens.weak));
    }
    if let Some(now) = sight.ctx.store.recipe.variant(component) {
        let summary = component.variants.iter().find(|variant| variant.id == now).map(|variant| variant.summary);
        let words = summary.map_or_else(|| now.to_owned(), |summary| format!("{now}. {summary}"));
        ui.label(look::small(format!("Variant: {words}")).color(tokens.weak));
    }
    if !component.source.is_empty() {
        ui.label(look::small(component.source).color(tokens.faint));
    }
}

/// The card of a component's variants: whose reading each is.
pub fn variants(ui: &mut Ui, sight: &Sight<'_>, component: &Component) {
    let tokens = sight.ctx.tokens;
    ui.set_max_width(340.0);
    ui.spacing_mut().item_spacing.y = space::XS;
    ui.label(look::semibold("Variant").color(tokens.text));
    ui.label("Sets all settings below in which the paper and the code behind it differ");
    let now = sight.ctx.store.recipe.variant(component).unwrap_or_default();
    for variant in component.variants {
        let ink = if variant.id == now { tokens.text } else { tokens.weak };
        ui.label(look::small(format!("{}: {}", variant.id, variant.summary)).color(ink));
    }
    let ink = if now == CUSTOM { tokens.text } else { tokens.weak };
    ui.label(look::small(format!("{CUSTOM}: settings that match none of these")).color(ink));
    ui.label(egui::RichText::new(format!("{}.variant", component.id)).monospace().color(tokens.faint));
}

/// A setting's card.
pub fn setting(ui: &mut Ui, sight: &Sight<'_>, setting: &Setting) {
    let tokens = sight.ctx.tokens;
    ui.set_max_width(340.0);
    ui.spacing_mut().item_spacing.y = space::XS;
    ui.label(look::semibold(setting.title).color(tokens.text));
    ui.label(setting.summary);
    let now = sight.ctx.store.recipe.value(setting.key).map(value_words).unwrap_or_default();
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
    let preset = sight.ctx.store.origin.value(setting.key).map(value_words).unwrap_or_default();
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
