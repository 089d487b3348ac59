//! The legend is the control: each curve's name shows and hides it, its menu singles it out and recolours it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use egui::{Color32, CornerRadius, FontId, Galley, Role, Sense, Stroke, Ui, WidgetInfo, vec2};
use serde::{Deserialize, Serialize};

use super::curve::{self, Curve};
use crate::look::{self, Tokens, size};

/// What the user has decided about single curves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    hidden: BTreeSet<String>,
    colours: BTreeMap<String, Color32>,
}

impl Choices {
    /// Whether a curve is to be drawn.
    pub fn is_shown(&self, key: &str) -> bool {
        !self.hidden.contains(key)
    }

    /// Shows or hides a curve.
    pub fn toggle(&mut self, key: &str) {
        if !self.hidden.remove(key) {
            self.hidden.insert(key.to_owned());
        }
    }

    /// Shows this curve alone among `all`; where it is alone already, shows all.
    pub fn single_out(&mut self, key: &str, all: &[Curve<'_>]) {
        let is_alone = self.is_shown(key) && all.iter().all(|curve| curve.key == key || !self.is_shown(&curve.key));
        for curve in all {
            self.hidden.remove(&curve.key);
            if !is_alone && curve.key != key {
                self.hidden.insert(curve.key.clone());
            }
        }
    }

    /// The curve's colour: the user's, else its own.
    pub fn colour(&self, curve: &Curve<'_>) -> Color32 {
        self.colours.get(&curve.key).copied().unwrap_or(curve.colour)
    }
}

/// The room in points that the button of the folded names takes.
const FOLDED: f32 = 52.0;

/// The height of a row of names in points.
const ROW: f32 = 18.0;
/// Below this height in points, legend included, the plot needs all but one row.
const LOW: f32 = 210.0;
/// The share of the height that rows of names may take from the plot.
const MOST: f32 = 0.25;

/// Names, each with its newest value, in as many rows as the `height` of legend and plot together leaves them. Where
/// that is too little they stay one row, and names without room stand in a menu at its end.
pub fn show(ui: &mut Ui, tokens: &Tokens, curves: &[Curve<'_>], choices: &mut Choices, height: f32) {
    let spacing = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 0.0);
        ui.spacing_mut().interact_size.y = 18.0;
    };
    let words: Vec<Words> =
        curves.iter().map(|curve| Words::of(ui, tokens, curve, choices.is_shown(&curve.key))).collect();
    let widths: Vec<f32> = words.iter().map(|words| words.width() + 4.0).collect();
    let draw = |ui: &mut Ui, places: Range<usize>, choices: &mut Choices| {
        for (curve, words) in curves[places.clone()].iter().zip(&words[places]) {
            chip(ui, tokens, (curve, words), curves, choices);
        }
    };
    if height >= LOW && ROW * rows(&widths, ui.available_width()) <= MOST * height {
        ui.horizontal_wrapped(|ui| {
            spacing(ui);
            draw(ui, 0..curves.len(), choices);
        });
        return;
    }
    ui.horizontal(|ui| {
        spacing(ui);
        let shown = fitting(&widths, ui.available_width());
        draw(ui, 0..shown, choices);
        if shown == curves.len() {
            return;
        }
        let button = egui::Button::new(look::small(format!("+{}  ▾", curves.len() - shown)).color(tokens.weak));
        let response = ui.add(button.frame(false).min_size(vec2(36.0, 18.0)));
        let name = look::counted((curves.len() - shown) as u64, "more curve");
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        egui::Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            draw(ui, shown..curves.len(), choices);
        });
    });
}

/// How many rows names take that wrap.
fn rows(widths: &[f32], room: f32) -> f32 {
    let (mut rows, mut left) = (1.0, room);
    for width in widths {
        if *width > left && left < room {
            rows += 1.0;
            left = room;
        }
        left -= width;
    }
    rows
}

/// How many names from the first on have room in one row, the button of the others included where some have none.
fn fitting(widths: &[f32], room: f32) -> usize {
    if widths.iter().sum::<f32>() <= room {
        return widths.len();
    }
    let mut left = room - FOLDED;
    widths
        .iter()
        .take_while(|width| {
            left -= **width;
            left >= 0.0
        })
        .count()
}

/// A curve's name and its newest value, laid out.
struct Words {
    name: Arc<Galley>,
    value: Arc<Galley>,
    /// The width that is kept for the value, in points.
    room: f32,
}

impl Words {
    fn of(ui: &Ui, tokens: &Tokens, curve: &Curve<'_>, is_shown: bool) -> Self {
        let font = FontId::proportional(size::SMALL);
        let (ink, faint) = if is_shown { (tokens.text, tokens.weak) } else { (tokens.faint, tokens.faint) };
        let newest = curve.series.last().map(|sample| f64::from(sample.smoothed)).filter(|value| value.is_finite());
        let value = newest.map(|value| curve.unit.text(value)).unwrap_or_default();
        let layout = |text: String, ink| ui.painter().layout_no_wrap(text, font.clone(), ink);
        let value = layout(value, faint);
        let room = value.size().x.max(layout(curve.unit.widest().to_owned(), faint).size().x);
        Self { name: layout(curve.label.clone(), ink), value, room }
    }

    fn width(&self) -> f32 {
        10.0 + 6.0 + self.name.size().x + 5.0 + self.room + 12.0
    }
}

fn chip(ui: &mut Ui, tokens: &Tokens, (curve, words): (&Curve<'_>, &Words), all: &[Curve<'_>], choices: &mut Choices) {
    let is_shown = choices.is_shown(&curve.key);
    let colour = choices.colour(curve);
    let wanted = vec2(words.width(), 18.0);
    let (name, value) = (Arc::clone(&words.name), Arc::clone(&words.value));
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_shown, format!("Curve {}", curve.label)));
    if ui.is_rect_visible(rect) {
        let radius = CornerRadius::same(look::space::RADIUS);
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, radius, tokens.raised);
        }
        let line = egui::Rect::from_center_size(
            egui::pos2(rect.left() + 11.0, rect.center().y),
            vec2(10.0, if is_shown { 3.0 } else { 1.0 }),
        );
        let stroke = if is_shown { colour } else { tokens.faint };
        let pieces = match curve.stroke {
            curve::Stroke::Solid => 1,
            curve::Stroke::Dashed => 2,
            curve::Stroke::Dotted => 3,
        };
        let width = (line.width() - 2.0 * (pieces - 1) as f32) / pieces as f32;
        for piece in 0..pieces {
            let left = line.left() + piece as f32 * (width + 2.0);
            ui.painter().rect_filled(line.with_min_x(left).with_max_x(left + width), 1.0, stroke);
        }
        let name_at = egui::pos2(rect.left() + 20.0, rect.center().y - name.size().y / 2.0);
        let value_at = egui::pos2(name_at.x + name.size().x + 5.0, rect.center().y - value.size().y / 2.0);
        if !is_shown {
            let middle = rect.center().y + 0.5;
            let ends = [egui::pos2(name_at.x, middle), egui::pos2(name_at.x + name.size().x, middle)];
            ui.painter().line_segment(ends, Stroke::new(1.0, tokens.faint));
        }
        ui.painter().galley(name_at, name, tokens.text);
        ui.painter().galley(value_at, value, tokens.weak);
    }
    if response.clicked() {
        if ui.input(|input| input.modifiers.alt) {
            choices.single_out(&curve.key, all);
        } else {
            choices.toggle(&curve.key);
        }
    }
    look::context_menu(&response, |ui| menu(ui, curve, all, choices));
    response.on_hover_text("Click hides or shows this curve, Alt-click shows it alone, right click recolours it");
}

fn menu(ui: &mut Ui, curve: &Curve<'_>, all: &[Curve<'_>], choices: &mut Choices) {
    if ui.button("Show only this").clicked() {
        choices.single_out(&curve.key, all);
        ui.close();
    }
    if ui.button("Show all").clicked() {
        for other in all {
            choices.hidden.remove(&other.key);
        }
        ui.close();
    }
    ui.separator();
    let mut colour = choices.colour(curve);
    if look::colour_menu(ui, &mut colour) {
        choices.colours.insert(curve.key.clone(), colour);
    }
    if choices.colours.contains_key(&curve.key) && ui.button("Usual colour").clicked() {
        choices.colours.remove(&curve.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panes::curves::unit::Unit;
    use crate::store::curves::Series;

    #[test]
    fn names_wrap_into_as_many_rows_as_they_need() {
        assert_eq!(rows(&[40.0, 40.0], 100.0), 1.0);
        assert_eq!(rows(&[40.0, 40.0, 40.0], 100.0), 2.0);
        assert_eq!(rows(&[140.0, 140.0], 100.0), 2.0, "each stands alone where none has room");
    }

    #[test]
    fn a_row_folds_what_it_has_no_room_for_and_leaves_room_for_the_button() {
        assert_eq!(fitting(&[100.0, 100.0, 100.0], 300.0), 3);
        assert_eq!(fitting(&[100.0, 100.0, 100.0], 299.0), 2);
        assert_eq!(fitting(&[100.0, 100.0, 100.0], 240.0), 1);
        assert_eq!(fitting(&[100.0], 40.0), 0);
        assert_eq!(fitting(&[], 40.0), 0);
    }

    #[test]
    fn singling_out_a_curve_twice_shows_all_again() {
        let series = Series::new(0.0);
        let curve = |key: &str| Curve {
            key: key.to_owned(),
            label: key.to_owned(),
            series: &series,
            colour: Color32::TRANSPARENT,
            unit: Unit::PerCent,
            has_dots: false,
            stroke: curve::Stroke::Solid,
            band: None,
        };
        let all = [curve("a"), curve("b"), curve("c")];
        let shown = |choices: &Choices| all.iter().map(|curve| choices.is_shown(&curve.key)).collect::<Vec<_>>();
        let mut choices = Choices::default();
        choices.single_out("b", &all);
        assert_eq!(shown(&choices), [false, true, false]);
        choices.single_out("b", &all);
        assert_eq!(shown(&choices), [true, true, true]);
        choices.toggle("c");
        assert_eq!(shown(&choices), [true, true, false]);
    }
}
