//! Switches of the method that act on a network which is only asked.

use egui::{Checkbox, ComboBox, DragValue, Slider, Ui};
use fusionscope_engine::protocol::{significant, value_words};
use fusionscope_engine::recipe::{Kind, Setting, Value, component_of, setting};

use super::section::section;
use crate::action::Action;
use crate::look;
use crate::panes::PaneContext;

/// The switches, by component; nothing where the network has none.
pub(super) fn ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let Some(shown) = ctx.store.scene.shown() else { return };
    let known = shown.view.switches.iter().filter_map(|(key, own)| Some((setting(key)?, own)));
    let mut last = "";
    for (setting, own) in known {
        if last.is_empty() {
            section(ui, ctx, "The method, for this look");
        }
        let component = component_of(setting.key).map_or("", |component| component.title);
        // A component's own switch bears its name; others stand below it.
        if component != last && !setting.key.ends_with(".enabled") {
            ui.label(look::small(component).color(ctx.tokens.weak));
        }
        last = component;
        switch_ui(ui, ctx, setting, own);
    }
}

fn switch_ui(ui: &mut Ui, ctx: &PaneContext<'_>, setting: &'static Setting, own: &Value) {
    let supposed = ctx.store.scene.what_if.settings.get(setting.key);
    let now = supposed.unwrap_or(own);
    let title = match component_of(setting.key) {
        Some(component) if setting.key.ends_with(".enabled") => component.title,
        _ => setting.title,
    };
    let ink = if supposed.is_some() { ctx.tokens.accent_ink } else { ctx.tokens.text };
    let mut wanted = now.clone();
    let response = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let words = look::small(title).color(ink);
        match (&setting.kind, &mut wanted) {
            (Kind::Switch(_), Value::Switch(on)) => {
                ui.add(Checkbox::new(on, words));
            }
            (Kind::Number { min, max, .. }, Value::Number(number)) => {
                ui.add(egui::Label::new(words).truncate());
                ui.spacing_mut().slider_width = 70.0;
                // What is shown is rounded, what is supposed is not.
                let slider = Slider::new(number, *min..=*max).custom_formatter(|value, _| significant(value));
                ui.add(slider).accessible_name(setting.key);
            }
            (Kind::Integer { min, max, .. }, Value::Integer(number)) => {
                ui.label(words);
                ui.add(DragValue::new(number).range(*min..=*max)).accessible_name(setting.key);
            }
            (Kind::Choice { options, .. }, Value::Text(word)) => {
                ui.label(words);
                let combo = ComboBox::from_id_salt(setting.key).selected_text(word.as_str()).truncate();
                let combo = combo.width(ui.available_width().min(120.0)).show_ui(ui, |ui| {
                    for option in *options {
                        ui.selectable_value(word, option.id.to_owned(), option.id).on_hover_text(option.summary);
                    }
                });
                combo.response.accessible_name(setting.key);
            }
            // Lists are of a network's structure.
            _ => {}
        }
    });
    let as_trained = value_words(own);
    response.response.on_hover_text(format!("{}. As trained: {as_trained}  ({})", setting.summary, setting.key));
    if wanted != *now {
        let value = if wanted == *own { None } else { Some(wanted) };
        ctx.act(Action::SetSwitch { key: setting.key.to_owned(), value });
    }
}
