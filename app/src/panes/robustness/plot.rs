//! One small plot: mean IoU over the severity of one degradation of one sensor, a line a run.

use egui::{
    Align, Color32, FontId, Layout, Rangef, Response, Role, Sense, Stroke, Ui, UiBuilder, Vec2b, WidgetInfo, vec2,
};
use egui_plot::{AxisHints, GridMark, Line, Plot, Points};
use fusionscope_engine::protocol::Degradation;
use fusionscope_engine::recipe::Choice as _;

use crate::look::{self, Tokens, size};
use crate::panes::PaneContext;
use crate::store::metrics::per_cent;

/// A plot's size in points, its title included.
const SIZE: egui::Vec2 = egui::Vec2::new(196.0, 132.0);
const TITLE: f32 = 18.0;

/// A run's line.
#[derive(Clone, Debug)]
pub(super) struct Drawn<'a> {
    /// Whose it is.
    pub(super) name: &'a str,
    /// Severity and mean IoU, from 0, which is clean.
    pub(super) points: &'a [[f64; 2]],
    /// The mean IoU over all severities.
    pub(super) area: f64,
    pub(super) ink: Color32,
    /// Whether it is of the run in hand.
    pub(super) is_own: bool,
}

/// Draws a plot, up to a mean IoU of `top`.
pub(super) fn show(ui: &mut Ui, ctx: &PaneContext<'_>, sensor: &str, kind: Degradation, lines: &[Drawn<'_>], top: f64) {
    let degradation = kind.word();
    let (rect, response) = ui.allocate_exact_size(SIZE, Sense::hover());
    if !ui.is_rect_visible(rect) {
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words(sensor, degradation, lines)));
        return;
    }
    let inside = UiBuilder::new().max_rect(rect.shrink2(vec2(3.0, 0.0))).layout(Layout::top_down(Align::Min));
    let mut inner = ui.new_child(inside);
    title(&mut inner, ctx.tokens, degradation, lines);
    let response = curves(&mut inner, ctx.tokens, (sensor, degradation), lines, top);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words(sensor, degradation, lines)));
    response.on_hover_ui_at_pointer(|ui| card(ui, ctx, sensor, kind, lines));
}

fn title(ui: &mut Ui, tokens: &Tokens, degradation: &str, lines: &[Drawn<'_>]) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), TITLE), Sense::hover());
    let area = lines.first().map_or_else(String::new, |line| format!("area {}", per_cent(Some(line.area))));
    let font = FontId::proportional(size::SMALL);
    let area = ui.painter().layout_no_wrap(area, font.clone(), tokens.weak);
    let name = look::elided(ui, degradation, font, rect.width() - area.size().x - 8.0, tokens.text);
    let top = rect.center().y;
    ui.painter().galley(egui::pos2(rect.left() + 2.0, top - name.size().y / 2.0), name, tokens.text);
    let left = rect.right() - area.size().x - 2.0;
    ui.painter().galley(egui::pos2(left, top - area.size().y / 2.0), area, tokens.weak);
}

fn curves(ui: &mut Ui, tokens: &Tokens, id: (&str, &str), lines: &[Drawn<'_>], top: f64) -> Response {
    let font = FontId::proportional(9.5);
    let x_axis = AxisHints::new_x()
        .formatter(|mark, _| if mark.value == 0.0 { "clean".to_owned() } else { mark.value.to_string() })
        .tick_label_color(tokens.faint)
        .tick_label_font(font.clone())
        .min_thickness(13.0)
        .label_spacing(Rangef::new(16.0, 20.0));
    let y_axis = AxisHints::new_y()
        .formatter(|mark, _| format!("{:.0}", 100.0 * mark.value))
        .tick_label_color(tokens.faint)
        .tick_label_font(font)
        .min_thickness(22.0)
        .label_spacing(Rangef::new(8.0, 10.0));
    let step = if top > 0.45 { 0.2 } else { 0.1 };
    let plot = look::still_plot(Plot::new(id), tokens)
        .height(ui.available_height())
        .sense(Sense::hover())
        .show_grid(Vec2b::new(false, true))
        .x_grid_spacer(|_| marks(0.5, 1.0))
        .y_grid_spacer(move |_| marks(step, top))
        .custom_x_axes(vec![x_axis])
        .custom_y_axes(vec![y_axis]);
    let answer = plot.show(ui, |plot| {
        plot.set_plot_bounds_x(-0.04..=1.04);
        plot.set_plot_bounds_y(0.0..=top * 1.04);
        // The run in hand lies over the others.
        for (place, line) in lines.iter().enumerate().rev() {
            let width = if line.is_own { 2.0 } else { 1.5 };
            plot.line(
                Line::new(format!("line {place}"), line.points.to_vec())
                    .stroke(Stroke::new(width, line.ink))
                    .allow_band(false)
                    .allow_hover(false),
            );
            plot.points(
                Points::new(format!("dots {place}"), line.points.to_vec())
                    .radius(2.2)
                    .color(line.ink)
                    .allow_hover(false),
            );
        }
    });
    answer.response
}

fn marks(step: f64, last: f64) -> Vec<GridMark> {
    let count = (last / step + 1e-9) as u32;
    (0..=count).map(|place| GridMark { value: f64::from(place) * step, step_size: step }).collect()
}

/// What a reader of the screen hears.
fn words(sensor: &str, degradation: &str, lines: &[Drawn<'_>]) -> String {
    let of = |line: &Drawn<'_>| {
        let at = |point: Option<&[f64; 2]>| per_cent(point.map(|point| point[1]));
        let (clean, worst) = (at(line.points.first()), at(line.points.last()));
        format!("{} from {clean} clean to {worst}, area {}", line.name, per_cent(Some(line.area)))
    };
    let lines: Vec<String> = lines.iter().map(of).collect();
    format!("{degradation} of {sensor}: {}", lines.join("; "))
}

/// Every figure of a plot.
fn card(ui: &mut Ui, ctx: &PaneContext<'_>, sensor: &str, kind: Degradation, lines: &[Drawn<'_>]) {
    let tokens = ctx.tokens;
    ui.label(look::semibold(format!("{sensor}: {}", kind.word())).color(tokens.text));
    if let Some(option) = Degradation::OPTIONS.iter().find(|option| option.id == kind.word()) {
        ui.label(look::small(option.summary).color(tokens.weak));
    }
    egui::Grid::new("severities").spacing(vec2(12.0, 2.0)).show(ui, |ui| {
        ui.label(look::small("mIoU % at severity").color(tokens.faint));
        for point in lines.first().map_or(&[][..], |line| line.points) {
            let words = if point[0] == 0.0 { "clean".to_owned() } else { point[0].to_string() };
            ui.label(look::small(words).color(tokens.faint));
        }
        ui.label(look::small("area").color(tokens.faint));
        ui.end_row();
        for line in lines {
            ui.horizontal(|ui| {
                look::swatch(ui, line.ink);
                ui.label(look::small(line.name).color(tokens.text));
            });
            for point in lines.first().map_or(&[][..], |line| line.points) {
                let own = line.points.iter().find(|own| own[0] == point[0]).map(|own| own[1]);
                ui.label(look::small(per_cent(own)));
            }
            ui.label(look::small(per_cent(Some(line.area))));
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_is_told_by_its_ends_and_areas() {
        let points = [[0.0, 0.61], [1.0, 0.2]];
        let line = Drawn { name: "ogp", points: &points, area: 0.405, ink: Color32::WHITE, is_own: true };
        assert_eq!(words("colour", "fog", &[line]), "fog of colour: ogp from 61.0 clean to 20.0, area 40.5");
        let values: Vec<f64> = marks(0.5, 1.0).iter().map(|mark| mark.value).collect();
        assert_eq!(values, [0.0, 0.5, 1.0]);
    }
}
