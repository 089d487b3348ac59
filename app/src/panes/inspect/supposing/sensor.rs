//! What is supposed of one sensor.

use egui::{ComboBox, DragValue, ScrollArea, Slider, Ui};
use fusionscope_engine::protocol::{Absence, OtherScene, SensorChange, Touch};
use fusionscope_engine::recipe::Kind;
use fusionscope_engine::recipe::catalogue::evaluation;

use super::degradation;
use super::line::line;
use crate::action::Action;
use crate::look::{self, Icon};
use crate::panes::PaneContext;
use crate::store::Tool;

/// The controls of a sensor; what they change is asked for as one action.
pub(super) fn ui(ui: &mut Ui, ctx: &PaneContext<'_>, name: &str) {
    let own = ctx.store.scene.what_if.sensors.get(name).cloned().unwrap_or_default();
    let mut change = own.clone();
    presence_ui(ui, ctx, name, &mut change);
    scene_ui(ui, ctx, name, &mut change);
    shift_ui(ui, ctx, name, &mut change);
    degradation::ui(ui, ctx, name, &mut change);
    brush_ui(ui, ctx, name, &mut change);
    if change != own {
        ctx.act(Action::ChangeSensor { sensor: name.to_owned(), change });
    }
}

fn presence_ui(ui: &mut Ui, ctx: &PaneContext<'_>, name: &str, change: &mut SensorChange) {
    let words = |absent: Option<Absence>| match absent {
        None => "present".to_owned(),
        Some(Absence::Recipe) => {
            format!("absent: {}, as the recipe says", ctx.store.recipe.get(evaluation::MISSING).word())
        }
        Some(absence) => format!("absent: {}", absence.word()),
    };
    line(ui, ctx, "it is", |ui| {
        let choices = std::iter::once(None).chain(Absence::ALL.map(Some));
        let combo = ComboBox::from_id_salt(("presence", name)).selected_text(words(change.absent)).truncate();
        let response = combo.width(ui.available_width()).show_ui(ui, |ui| {
            for absent in choices {
                let option = ui.selectable_value(&mut change.absent, absent, words(absent));
                if let Some(summary) = absent.and_then(summary_of) {
                    option.on_hover_text(summary);
                }
            }
        });
        response.response.accessible_name(format!("Presence of {name}"));
    });
}

/// What a way of being absent means.
fn summary_of(absence: Absence) -> Option<&'static str> {
    let Kind::Choice { options, .. } = evaluation::MISSING.setting().kind else { return None };
    options.iter().find(|option| option.id == absence.word()).map(|option| option.summary)
}

/// Which scene it sees.
fn scene_ui(ui: &mut Ui, ctx: &PaneContext<'_>, name: &str, change: &mut SensorChange) {
    let Some(split) = ctx.store.split() else { return };
    let shown = change.scene.as_ref().map_or_else(|| "its own scene".to_owned(), |scene| scene.id.clone());
    let at = change.scene.as_ref().and_then(|scene| split.ids.iter().position(|id| *id == scene.id));
    let of = |index: usize| Some(OtherScene { split: split.name.clone(), id: split.ids.get(index)?.clone() });
    line(ui, ctx, "sees", |ui| {
        let others = split.ids.len() > 1;
        let turned = [(Icon::Left, -1, "before"), (Icon::Right, 1, "after")].map(|(icon, by, word)| {
            let title = format!("{name} of the scene {word}");
            let pressed = ui.add_enabled_ui(others, |ui| look::icon_button(ui, ctx.tokens, icon, &title, false));
            pressed.inner.on_hover_text(title).clicked().then_some(by)
        });
        if let Some(by) = turned.into_iter().flatten().next() {
            let from = at.unwrap_or(ctx.store.scene.index) as isize;
            change.scene = of((from + by).rem_euclid(split.ids.len() as isize) as usize);
        }
        let menu = ui.menu_button(format!("{shown}  ▾"), |ui| {
            ui.set_min_width(180.0);
            if ui.selectable_label(change.scene.is_none(), "Its own scene").clicked() {
                change.scene = None;
                ui.close();
            }
            ui.separator();
            let row = ui.text_style_height(&egui::TextStyle::Body) + 4.0;
            ScrollArea::vertical().max_height(260.0).show_rows(ui, row, split.ids.len(), |ui, rows| {
                for index in rows {
                    let id = split.ids[index].as_str();
                    if ui.selectable_label(at == Some(index), id).clicked() {
                        change.scene = of(index);
                        ui.close();
                    }
                }
            });
        });
        menu.response
            .accessible_name(format!("Scene that {name} sees"))
            .on_hover_text("Another scene's image in place of its own: as if the sensor had frozen, or was swapped");
    });
}

fn shift_ui(ui: &mut Ui, ctx: &PaneContext<'_>, name: &str, change: &mut SensorChange) {
    line(ui, ctx, "moved", |ui| {
        tool_ui(ui, ctx, Tool::Move, "Drag");
        let [right, down] = &mut change.shift;
        for (value, suffix, way) in [(right, " px →", "right"), (down, " px ↓", "down")] {
            let field = DragValue::new(value).range(-500..=500).speed(0.25).suffix(suffix);
            ui.add(field).accessible_name(format!("{name} moved {way}"));
        }
        if change.shift != [0, 0] && undo_ui(ui, ctx, &format!("{name} where it was")) {
            change.shift = [0, 0];
        }
    });
}

fn brush_ui(ui: &mut Ui, ctx: &PaneContext<'_>, name: &str, change: &mut SensorChange) {
    line(ui, ctx, "painted", |ui| {
        tool_ui(ui, ctx, Tool::Paint(Touch::Black), "Black out");
        tool_ui(ui, ctx, Tool::Paint(Touch::Restore), "Restore");
        if !change.brush.is_empty() && undo_ui(ui, ctx, &format!("Clear the brush on {name}")) {
            change.brush.clear();
        }
    });
    let is_painting = matches!(ctx.store.scene.supposing.tool, Some(Tool::Paint(_)));
    if is_painting || !change.brush.is_empty() {
        line(ui, ctx, "brush", |ui| {
            // A brush is as wide as twice its radius.
            let mut width = 200.0 * ctx.store.scene.supposing.radius;
            ui.spacing_mut().slider_width = (ui.available_width() - 64.0).max(40.0);
            let slider = Slider::new(&mut width, 1.0..=60.0).logarithmic(true);
            let slider = slider.custom_formatter(|value, _| format!("{value:.0} %"));
            let response = ui.add(slider).accessible_name("Width of the brush");
            if response.on_hover_text("As a share of the picture's width").changed() {
                ctx.act(Action::SetBrush(width / 200.0));
            }
        });
    }
}

/// A tool as a switch.
fn tool_ui(ui: &mut Ui, ctx: &PaneContext<'_>, tool: Tool, words: &str) {
    let known = Action::UseTool(tool).describe(ctx.store);
    let chip = look::toggle_chip(ui, ctx.tokens, words, ctx.store.scene.supposing.tool == Some(tool));
    let hint = format!("{}: drag on the sensor's own picture", known.hint(ui.ctx()));
    if chip.accessible_name(known.title).on_hover_text(hint).clicked() {
        ctx.act(Action::UseTool(tool));
    }
}

fn undo_ui(ui: &mut Ui, ctx: &PaneContext<'_>, name: &str) -> bool {
    look::icon_button(ui, ctx.tokens, Icon::Restart, name, false).on_hover_text(name).clicked()
}
