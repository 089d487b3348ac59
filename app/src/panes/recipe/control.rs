//! The field of one setting, by its kind. A field answers once an edit is finished, so that a drag is one change.

use egui::{ComboBox, DragValue, Id, Response, Role, Slider, TextEdit, Ui, WidgetInfo};
use fusionscope_engine::protocol::value_words;
use fusionscope_engine::recipe::catalogue::objective::mutual;
use fusionscope_engine::recipe::catalogue::sensors;
use fusionscope_engine::recipe::{CUSTOM, Component, Kind, Option_, Setting, Value};

use super::marks;
use super::sight::Sight;
use crate::look::{self, space};
use crate::store::Store;

/// What came of an edit: a value to set, or why the text is no value. `None` while nothing was finished.
pub type Edit = Option<Result<Value, String>>;

/// Lists of at most this many whole numbers show as chips.
const CHIPS: i64 = 8;

/// The height of a setting's row.
pub const HEIGHT: f32 = space::ROW + 2.0;

/// Draws the field into `room` points of width.
pub fn field(ui: &mut Ui, sight: &Sight<'_>, setting: &'static Setting, room: f32) -> Edit {
    let recipe = &sight.ctx.store.recipe;
    let id = ui.scope_id().with(setting.key);
    match (setting.kind, recipe.value(setting.key)?) {
        (Kind::Switch(_), &Value::Switch(is_on)) => {
            let answer = marks::switch(ui, sight.ctx.tokens, is_on, setting.key);
            answer.clicked().then_some(Ok(Value::Switch(!is_on)))
        }
        (Kind::Integer { min, max, .. }, &Value::Integer(now)) => held(ui, id, now, |ui, value| {
            let speed = (now as f64 * 0.01).clamp(0.05, 1e4);
            let field = DragValue::new(value).range(min..=max).speed(speed);
            named(ui.add(field), setting, now as f64)
        })
        .map(|value| Ok(Value::Integer(value))),
        (Kind::Number { min, max, .. }, &Value::Number(now)) => {
            held(ui, id, now, |ui, value| number(ui, setting, value, min, max, room))
                .map(|value| Ok(Value::Number(value)))
        }
        (Kind::Choice { options, .. }, Value::Text(word)) => choice(ui, setting, options, word, room),
        (Kind::Text(_), Value::Text(now)) => {
            text(ui, setting, now, "none", room, |words| Ok(Value::Text(words.to_owned())))
        }
        (Kind::Integers { min, max, .. }, Value::Integers(now)) if max - min < CHIPS => {
            integers(ui, sight, setting, now, min, max).map(|numbers| Ok(Value::Integers(numbers)))
        }
        (Kind::Integers { .. }, now @ Value::Integers(_)) => {
            text(ui, setting, &value_words(now), "none", room, |words| parsed(sight, setting, words))
        }
        (Kind::Texts(_), _) if setting.key == sensors::USE.id() && sight.ctx.store.dataset.is_some() => {
            sensors(ui, sight).map(|names| Ok(Value::Texts(names)))
        }
        (Kind::Texts(_), Value::Texts(names)) => {
            let takes_first = [sensors::USE.id(), mutual::HEADS.id()].contains(&setting.key);
            let hint = if takes_first { "first two" } else { "none" };
            text(ui, setting, &names.join(", "), hint, room, |words| parsed(sight, setting, words))
        }
        // A recipe's values are of their settings' kinds.
        (
            Kind::Switch(_)
            | Kind::Integer { .. }
            | Kind::Number { .. }
            | Kind::Choice { .. }
            | Kind::Text(_)
            | Kind::Integers { .. }
            | Kind::Texts(_),
            _,
        ) => None,
    }
}

/// Keeps a value aside while it is dragged or typed, and gives it back when that is over.
fn held<T: Clone + PartialEq + Send + Sync + 'static>(
    ui: &mut Ui,
    id: Id,
    now: T,
    draw: impl FnOnce(&mut Ui, &mut T) -> Response,
) -> Option<T> {
    let before: Option<T> = ui.data(|data| data.get_temp(id));
    let mut value = before.clone().unwrap_or_else(|| now.clone());
    let response = draw(ui, &mut value);
    let is_held = response.dragged() || response.has_focus();
    if is_held {
        if value != now || before.is_some() {
            ui.data_mut(|data| data.insert_temp(id, value));
        }
        return None;
    }
    if before.is_some() {
        ui.data_mut(|data| data.remove::<T>(id));
    }
    (value != now).then_some(value)
}

fn number(ui: &mut Ui, setting: &Setting, value: &mut f64, min: f64, max: f64, room: f32) -> Response {
    let shown = *value;
    if min == 0.0 && max == 1.0 && room > 110.0 {
        ui.spacing_mut().interact_size.y = 16.0;
        ui.spacing_mut().slider_width = (room - 62.0).clamp(40.0, 96.0);
        return named(ui.add(Slider::new(value, min..=max).max_decimals(3).show_value(true)), setting, shown);
    }
    let speed = (value.abs() * 0.01).max((max - min) * 1e-5).max(1e-6);
    let field = DragValue::new(value).range(min..=max).speed(speed).max_decimals(8).custom_formatter(|number, _| {
        if number != 0.0 && number.abs() < 1e-3 { format!("{number:e}") } else { format!("{number}") }
    });
    named(ui.add(field), setting, shown)
}

fn choice(ui: &mut Ui, setting: &'static Setting, options: &'static [Option_], now: &str, room: f32) -> Edit {
    let mut chosen = None;
    let combo = ComboBox::from_id_salt(setting.key).selected_text(now).width(room - 4.0).truncate().show_ui(ui, |ui| {
        for option in options {
            if ui.selectable_label(option.id == now, option.id).on_hover_text(option.summary).clicked()
                && option.id != now
            {
                chosen = Some(Ok(Value::Text(option.id.to_owned())));
            }
        }
    });
    let name = format!("{} {now}", setting.key);
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
    if let Some(option) = options.iter().find(|option| option.id == now) {
        combo.response.on_hover_text(option.summary);
    }
    chosen
}

/// The variants of a component; the answer is the one that was chosen.
pub fn variants(ui: &mut Ui, component: &'static Component, now: &str, room: f32) -> Option<&'static str> {
    let mut chosen = None;
    let id = (component.id, "variant");
    let combo = ComboBox::from_id_salt(id).selected_text(now).width(room - 4.0).truncate().show_ui(ui, |ui| {
        for variant in component.variants {
            if ui.selectable_label(variant.id == now, variant.id).on_hover_text(variant.summary).clicked()
                && variant.id != now
            {
                chosen = Some(variant.id);
            }
        }
        // Nothing to choose: it is what settings of one's own are called.
        ui.add_enabled_ui(false, |ui| ui.selectable_label(now == CUSTOM, CUSTOM));
    });
    let name = format!("{}.variant {now}", component.id);
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
    chosen
}

fn text(
    ui: &mut Ui,
    setting: &'static Setting,
    now: &str,
    hint: &str,
    room: f32,
    value_of: impl FnOnce(&str) -> Result<Value, String>,
) -> Edit {
    let id = ui.scope_id().with((setting.key, "text"));
    let edited = held(ui, id, now.to_owned(), |ui, words| {
        let field =
            TextEdit::singleline(words).hint_text(hint).desired_width(room - 12.0).align(egui::Align2::LEFT_CENTER);
        let response = ui.add(field);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, setting.key));
        response
    });
    edited.map(|words| value_of(words.trim()))
}

/// Reads a list as `--set` would, so that both refuse the same things with the same words.
fn parsed(sight: &Sight<'_>, setting: &Setting, words: &str) -> Result<Value, String> {
    let mut trial = sight.ctx.store.recipe.clone();
    trial.set_text(setting.key, words).map_err(|error| error.to_string())?;
    trial.value(setting.key).cloned().ok_or_else(|| format!("setting `{}` is unknown", setting.key))
}

/// A chip a number; the list stays sorted.
fn integers(ui: &mut Ui, sight: &Sight<'_>, setting: &Setting, now: &[i64], min: i64, max: i64) -> Option<Vec<i64>> {
    let mut edited = None;
    ui.spacing_mut().item_spacing.x = 3.0;
    for number in (min..=max).rev() {
        let is_on = now.contains(&number);
        let answer = chip(ui, sight, &number.to_string(), is_on, &format!("{} {number}", setting.key));
        if answer.clicked() {
            let mut list: Vec<i64> = now.iter().copied().filter(|other| *other != number).collect();
            if !is_on {
                list.push(number);
                list.sort_unstable();
            }
            edited = Some(list);
        }
    }
    edited
}

/// A chip a sensor of the data set, in the data set's order, which puts the guiding sensor first.
fn sensors(ui: &mut Ui, sight: &Sight<'_>) -> Option<Vec<String>> {
    let store = sight.ctx.store;
    let used = sensors_in_use(store);
    let mut edited = None;
    ui.spacing_mut().item_spacing.x = 3.0;
    let all: Vec<&str> =
        store.dataset.iter().flat_map(|data| &data.modalities).map(|sensor| sensor.name.as_str()).collect();
    for name in all.iter().rev() {
        let is_on = used.iter().any(|own| own == name);
        let letter: String = name.chars().next().into_iter().flat_map(char::to_uppercase).collect();
        let answer = chip(ui, sight, &letter, is_on, &format!("Use {name}"));
        let hue = store.hue(sight.ctx.tokens, name);
        let foot = answer.rect.with_min_y(answer.rect.bottom() - 2.0).shrink2(egui::vec2(3.0, 0.0));
        ui.painter().rect_filled(foot, 1.0, if is_on { hue } else { look::with_alpha(hue, 0.35) });
        if answer.on_hover_text(*name).clicked() {
            let is_wanted =
                |other: &&&str| if **other == *name { !is_on } else { used.iter().any(|own| own == **other) };
            edited = Some(all.iter().filter(is_wanted).map(|name| (*name).to_owned()).collect());
        }
    }
    edited
}

/// Names of the sensors that the next run will use.
pub fn sensors_in_use(store: &Store) -> Vec<String> {
    let named = store.recipe.get(sensors::USE);
    if !named.is_empty() {
        return named.to_vec();
    }
    let all = store.dataset.iter().flat_map(|data| &data.modalities);
    all.take(2).map(|sensor| sensor.name.clone()).collect()
}

/// A sentence on sensors that the open data set does not have.
pub fn unknown_sensors(store: &Store) -> Option<String> {
    let dataset = store.dataset.as_ref()?;
    let named = store.recipe.get(sensors::USE);
    let unknown: Vec<&String> =
        named.iter().filter(|name| dataset.modalities.iter().all(|sensor| sensor.name != **name)).collect();
    let first = unknown.first()?;
    let known: Vec<&str> = dataset.modalities.iter().map(|sensor| sensor.name.as_str()).collect();
    Some(format!("{} has no sensor named `{first}`; choose from {}", dataset.name, known.join(", ")))
}

fn chip(ui: &mut Ui, sight: &Sight<'_>, words: &str, is_on: bool, name: &str) -> Response {
    let tokens = sight.ctx.tokens;
    let (rect, response) = ui.allocate_exact_size(egui::vec2(18.0, 18.0), egui::Sense::click());
    let is_enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, is_enabled, is_on, name));
    let ground = match (is_on, response.hovered()) {
        (true, _) => tokens.pressed,
        (false, true) => tokens.hovered,
        (false, false) => tokens.field,
    };
    ui.painter().rect_filled(rect, egui::CornerRadius::same(3), ground);
    let ink = if is_on { tokens.text } else { tokens.faint };
    let font = egui::FontId::proportional(look::size::SMALL);
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, words, font, ink);
    response
}

fn named(response: Response, setting: &Setting, value: f64) -> Response {
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::SpinButton, true, setting.key);
        info.value = Some(value);
        info
    });
    response
}
