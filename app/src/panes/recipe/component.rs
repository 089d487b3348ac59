//! One component: its title, switch and curve in a row, its settings below when it is open.

use egui::{Align, Label, Layout, Ui, UiBuilder, vec2};
use fusionscope_engine::protocol::value_words;
use fusionscope_engine::recipe::catalogue::{data, decoder, teacher, training};
use fusionscope_engine::recipe::{Change, Component, Kind, Setting, Value, setting};

use super::sight::{RecipePane, Sight, message, remark};
use super::{card, control, list, marks};
use crate::action::Action;
use crate::look::{self, Icon, space};
use crate::store::Idle;

/// Where the column of curves ends, from the right border of a row.
const CURVE_FROM_RIGHT: f32 = 54.0;

/// Draws it.
pub fn show(ui: &mut Ui, sight: &Sight<'_>, component: &'static Component, indent: f32, pane: &mut RecipePane) {
    let ctx = sight.ctx;
    let tokens = ctx.tokens;
    let switch = component.switch();
    let is_on = switch.is_none_or(|setting| ctx.store.recipe.value(setting.key) == Some(&Value::Switch(true)));
    let is_open = pane.open_components.contains(component.id);
    let head = list::head(ui, tokens, &format!("Settings of {}", component.title), is_open, indent);
    let is_changed = sight.changes_of(component) > 0;
    let idle = ctx.store.idle(component);
    let ink = if is_on { tokens.text } else { tokens.faint };
    let reserved = room_for(sight, component, idle.as_ref());
    let mut title = ui.new_child(
        UiBuilder::new()
            .max_rect(head.response.rect.with_min_x(head.left).with_max_x(head.response.rect.right() - reserved))
            .layout(Layout::left_to_right(Align::Center)),
    );
    title.add(Label::new(look::medium(short(component.title)).color(ink)).truncate().selectable(false));
    if is_changed {
        marks::changed(ui, tokens, head.response.rect.with_min_x(head.response.rect.left() + indent));
    }
    list::right(ui, head.response.rect, |ui| {
        if let Some(setting) = switch {
            let name = format!("{} on", component.title);
            if marks::switch(ui, tokens, is_on, &name).clicked() {
                let value = Value::Switch(!is_on);
                ctx.act(Action::SetSetting { key: setting.key.to_owned(), value });
            }
            marks::when(ui, tokens, setting.change);
        } else if !is_open && let Some(word) = word_of(sight, component) {
            ui.label(look::small(word).color(tokens.weak));
        }
        if let Some(idle) = &idle {
            let words = ui.label(look::small(&idle.words).color(tokens.warning));
            words.on_hover_text(&idle.why);
        } else if !component.curve.is_empty() && is_on {
            // One column for all curves, so that they can be compared down the list.
            let used = head.response.rect.right() - 4.0 - ui.min_rect().left();
            ui.add_space((CURVE_FROM_RIGHT - used - 12.0).max(0.0));
            marks::sparkline(ui, ctx, component.curve);
        }
    });
    found(&head.response, component.id, pane);
    if let Some(setting) = switch {
        // It stands in the head.
        found(&head.response, setting.key, pane);
    }
    if head.response.clicked() && !pane.open_components.remove(component.id) {
        pane.open_components.insert(component.id);
    }
    card::beside(&head.response, |ui| card::component(ui, sight, component));
    if is_open {
        if let Some(now) = ctx.store.recipe.variant(component) {
            variant(ui, sight, component, now, indent + 20.0);
        }
        for setting in component.settings {
            if switch.is_some_and(|switch| switch.key == setting.key) {
                problems(ui, sight, setting, pane);
                continue;
            }
            row(ui, sight, setting, indent + 20.0, is_on, pane);
        }
        ui.add_space(space::XS);
    }
}

/// Scrolls to a row that was sought, and gives it the keys.
fn found(row: &egui::Response, key: &str, pane: &mut RecipePane) {
    if pane.sought.as_deref() == Some(key) {
        row.scroll_to_me(Some(Align::Center));
        if row.sense.is_focusable() {
            row.request_focus();
        }
        pane.sought = None;
    }
}

/// The title without its symbol, which the card has.
fn short(title: &str) -> &str {
    title.split(" (").next().unwrap_or(title)
}

/// The one word that says most about a component without a switch.
fn word_of(sight: &Sight<'_>, component: &Component) -> Option<String> {
    let recipe = &sight.ctx.store.recipe;
    match component.id {
        "sensors" => {
            let used = control::sensors_in_use(sight.ctx.store);
            (!used.is_empty()).then(|| used.join(", "))
        }
        "data" => Some(format!("batch {}", recipe.get(data::BATCH_SIZE))),
        "training" => Some(recipe.get(training::OPTIMISER).word().to_owned()),
        "teacher" => Some(match recipe.get(teacher::STEPS) {
            0 => "as the student".to_owned(),
            steps => look::counted(steps, "step"),
        }),
        "decoder" => Some(look::counted(recipe.get(decoder::CHANNELS) as u64, "channel")),
        _ => component.settings.iter().find_map(|setting| match (setting.kind, recipe.value(setting.key)) {
            (Kind::Choice { .. }, Some(Value::Text(word))) => Some(word.clone()),
            _ => None,
        }),
    }
}

fn room_for(sight: &Sight<'_>, component: &'static Component, idle: Option<&Idle>) -> f32 {
    let switch = if component.switch().is_some() { 50.0 } else { 0.0 };
    let has_curve = !component.curve.is_empty() && sight.ctx.store.curves.term(component.curve).is_some();
    let curve = match idle {
        Some(idle) => 6.0 * idle.words.chars().count() as f32 + 8.0,
        None if has_curve => marks::SPARK.x + 6.0,
        None => 0.0,
    };
    let letters = word_of(sight, component).map_or(0, |word| word.chars().count());
    let word = if switch == 0.0 { 6.0 * letters as f32 + 8.0 } else { 0.0 };
    8.0 + switch + curve + word
}

/// Which reading of the paper the settings follow, and a choice of the others.
fn variant(ui: &mut Ui, sight: &Sight<'_>, component: &'static Component, now: &str, indent: f32) {
    let tokens = sight.ctx.tokens;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), control::HEIGHT), egui::Sense::hover());
    let mut title = ui.new_child(
        UiBuilder::new().max_rect(rect.with_min_x(rect.left() + indent)).layout(Layout::left_to_right(Align::Center)),
    );
    title.spacing_mut().item_spacing.x = 6.0;
    let mut keys = component.variants.iter().flat_map(|variant| variant.values).map(|(key, _)| *key);
    let restarts = keys.any(|key| setting(key).is_some_and(|known| known.change == Change::Structural));
    if restarts || sight.ctx.store.in_force.is_some() {
        marks::when(&mut title, tokens, if restarts { Change::Structural } else { Change::Live });
    }
    let words = egui::RichText::new("Variant").color(tokens.weak);
    let label = title.add(Label::new(words).truncate().selectable(false));
    list::right(ui, rect, |ui| {
        let room = (0.58 * rect.width() - 0.5 * indent - 34.0).max(60.0);
        ui.add_space(18.0);
        if let Some(wanted) = control::variants(ui, component, now, room) {
            sight.ctx.act(Action::SetVariant { component: component.id.to_owned(), variant: wanted.to_owned() });
        }
    });
    card::beside(&label.union(response), |ui| card::variants(ui, sight, component));
}

/// One setting: its title on the left, its field on the right.
fn row(ui: &mut Ui, sight: &Sight<'_>, setting: &'static Setting, indent: f32, is_on: bool, pane: &mut RecipePane) {
    let ctx = sight.ctx;
    let tokens = ctx.tokens;
    let is_changed = sight.is_changed(setting.key);
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, control::HEIGHT), egui::Sense::hover());
    if is_changed {
        marks::changed(ui, tokens, rect.with_min_x(rect.left() + indent - 8.0));
    }
    let title_width = (0.42 * width - 0.5 * indent).max(60.0);
    let title = rect.with_min_x(rect.left() + indent).with_max_x(rect.left() + indent + title_width);
    let mut child = ui.new_child(UiBuilder::new().max_rect(title).layout(Layout::left_to_right(Align::Center)));
    child.spacing_mut().item_spacing.x = 6.0;
    if setting.change == Change::Structural || ctx.store.in_force.is_some() {
        marks::when(&mut child, tokens, setting.change);
    }
    let ink = match (is_on, is_changed) {
        (false, _) => tokens.faint,
        (true, true) => tokens.text,
        (true, false) => tokens.weak,
    };
    let words = if sight.is_waiting(setting.key) { format!("{} *", setting.title) } else { setting.title.to_owned() };
    let label = child.add(Label::new(egui::RichText::new(words).color(ink)).truncate().selectable(false));
    list::right(ui, rect, |ui| {
        let side = 18.0;
        if is_changed {
            let (place, answer) = ui.allocate_exact_size(vec2(side, side), egui::Sense::click());
            let name = format!("Reset {}", setting.key);
            answer.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
            let ink = if answer.hovered() { tokens.text } else { tokens.faint };
            Icon::Restart.paint(ui.painter(), place.shrink(3.0), ink);
            let theirs = ctx.store.origin.value(setting.key);
            let words = theirs.map(value_words).unwrap_or_default();
            if answer.on_hover_text(format!("Back to {words}, as in {}", ctx.store.origin.name)).clicked()
                && let Some(value) = theirs
            {
                pane.refused.remove(setting.key);
                ctx.act(Action::SetSetting { key: setting.key.to_owned(), value: value.clone() });
            }
        } else {
            ui.add_space(side);
        }
        let room = (rect.right() - title.right() - side - 16.0).max(60.0);
        ui.add_enabled_ui(is_on || setting.change == Change::Structural, |ui| {
            match control::field(ui, sight, setting, room) {
                Some(Ok(value)) => {
                    pane.refused.remove(setting.key);
                    ctx.act(Action::SetSetting { key: setting.key.to_owned(), value });
                }
                Some(Err(words)) => {
                    pane.refused.insert(setting.key, words);
                }
                None => {}
            }
        });
    });
    found(&response, setting.key, pane);
    card::beside(&label.union(response), |ui| card::setting(ui, sight, setting));
    problems(ui, sight, setting, pane);
}

fn problems(ui: &mut Ui, sight: &Sight<'_>, setting: &Setting, pane: &RecipePane) {
    if let Some(words) = pane.refused.get(setting.key) {
        message(ui, sight, words);
    }
    if let Some((key, reason)) = &sight.findings.impossible
        && key == setting.key
    {
        message(ui, sight, &format!("{} {reason}", setting.title));
    }
    for (_, words) in sight.findings.remarks.iter().filter(|(key, _)| *key == setting.key) {
        remark(ui, sight, words);
    }
    if setting.key == "sensors.use"
        && let Some(words) = control::unknown_sensors(sight.ctx.store)
    {
        message(ui, sight, &words);
    }
}
