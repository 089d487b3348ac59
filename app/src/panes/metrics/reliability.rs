//! The reliability diagram: how often a network is right that is so sure.

use egui::{FontId, Rangef, Role, Sense, Stroke, Ui, Vec2b, WidgetInfo};
use egui_plot::{AxisHints, Bar, BarChart, Line, LineStyle, Plot, PlotPoint, Points};
use fusionscope_engine::protocol::{FurtherScores, ReliabilityBin};

use crate::look::{self, Icon, size};
use crate::panes::PaneContext;
use crate::store::metrics::per_cent_sign;

/// Height of the plot in points.
const HEIGHT: f32 = 160.0;

/// Draws it, folded away until asked for.
pub(super) fn show(ui: &mut Ui, ctx: &PaneContext<'_>, further: &FurtherScores, is_open: &mut bool) {
    let icon = if *is_open { Icon::Down } else { Icon::Right };
    if look::button(ui, ctx.tokens, Some(icon), "Reliability", false)
        .on_hover_text("How often a prediction is right, by how probable the network calls it (Guo et al., ICML 2017)")
        .clicked()
    {
        *is_open = !*is_open;
    }
    if !*is_open {
        return;
    }
    let words = words(further);
    ui.add(egui::Label::new(look::small(words.as_str()).color(ctx.tokens.weak)).wrap());
    plot(ui, ctx, further, &words);
}

/// The error, and to which side it mostly is.
fn words(further: &FurtherScores) -> String {
    let sum = |figure: &dyn Fn(&ReliabilityBin) -> f64| further.reliability.iter().map(figure).sum::<f64>();
    let (right, sure) = (sum(&|bin| bin.right as f64), sum(&|bin| bin.confidence * bin.pixels as f64));
    let pixels = sum(&|bin| bin.pixels as f64);
    let side = match (sure - right) / pixels.max(1.0) {
        0.005.. => ", surer than it is right",
        ..-0.005 => ", more often right than it is sure",
        _ => "",
    };
    format!("Calibration error {}{side}", per_cent_sign(further.calibration_error))
}

fn plot(ui: &mut Ui, ctx: &PaneContext<'_>, further: &FurtherScores, words: &str) {
    let tokens = ctx.tokens;
    let bins = &further.reliability;
    let width = 1.0 / bins.len().max(1) as f64;
    let total = bins.iter().map(|bin| bin.pixels).sum::<u64>().max(1) as f64;
    let shares: Vec<Bar> = bins
        .iter()
        .enumerate()
        .map(|(at, bin)| Bar::new((at as f64 + 0.5) * width, bin.pixels as f64 / total).width(0.92 * width))
        .collect();
    let found: Vec<[f64; 2]> = bins.iter().filter_map(|bin| Some([bin.confidence, bin.accuracy()?])).collect();
    let font = FontId::proportional(size::SMALL);
    let axis = |axis: AxisHints<'static>| {
        axis.formatter(|mark, _| format!("{:.0}", 100.0 * mark.value))
            .tick_label_color(tokens.faint)
            .tick_label_font(font.clone())
    };
    let grid = |_| {
        let mark = |at: u8| egui_plot::GridMark { value: 0.25 * f64::from(at), step_size: 0.25 };
        (0..=4).map(mark).collect()
    };
    let answer = look::still_plot(Plot::new("reliability"), tokens)
        .height(HEIGHT)
        .sense(Sense::hover())
        .show_grid(Vec2b::TRUE)
        .grid_spacing(Rangef::new(8.0, 16.0))
        .x_grid_spacer(grid)
        .y_grid_spacer(grid)
        .custom_x_axes(vec![axis(AxisHints::new_x()).min_thickness(16.0)])
        .custom_y_axes(vec![axis(AxisHints::new_y()).min_thickness(28.0)])
        .show(ui, |plot| {
            plot.set_plot_bounds_x(0.0..=1.0);
            plot.set_plot_bounds_y(0.0..=1.0);
            let faint = look::with_alpha(tokens.weak, 0.3);
            plot.bar_chart(BarChart::new("pixels", shares).color(faint).allow_hover(false));
            let stroke = Stroke::new(1.0, tokens.faint);
            let diagonal = Line::new("as sure as right", vec![[0.0, 0.0], [1.0, 1.0]]).stroke(stroke);
            plot.line(diagonal.style(LineStyle::dashed_dense()).allow_band(false).allow_hover(false));
            let curve = Line::new("right", found.clone()).stroke(Stroke::new(1.5, tokens.accent));
            plot.line(curve.allow_band(false).allow_hover(false));
            plot.points(Points::new("bins", found).radius(2.5).color(tokens.accent).allow_hover(false));
        });
    answer.response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Reliability. {words}")));
    ui.label(look::small("Probability (%) · dots: right (%) · bars: share of the pixels (%)").color(tokens.faint));
    let Some(pointer) = answer.response.hover_pos() else { return };
    let PlotPoint { x, .. } = answer.transform.value_from_position(pointer);
    let Some((at, bin)) = bins.iter().enumerate().rfind(|(at, _)| x >= *at as f64 * width) else { return };
    let ends = [at, at + 1].map(|end| per_cent_sign(Some(end as f64 * width)));
    answer.response.on_hover_ui_at_pointer(|ui| {
        ui.label(look::semibold(format!("{} to {}", ends[0], ends[1])).color(tokens.text));
        ui.label(look::small(look::counted(bin.pixels, "pixel")).color(tokens.weak));
        if let Some(accuracy) = bin.accuracy() {
            let (right, sure) = (per_cent_sign(Some(accuracy)), per_cent_sign(Some(bin.confidence)));
            ui.label(look::small(format!("{right} right, called {sure} probable")).color(tokens.weak));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_to_which_side_a_network_errs() {
        let of = |right, confidence| {
            let reliability = vec![ReliabilityBin { pixels: 100, right, confidence }, ReliabilityBin::default()];
            words(&FurtherScores { calibration_error: Some(0.2), reliability, ..FurtherScores::default() })
        };
        assert_eq!(of(50, 0.7), "Calibration error 20.0 %, surer than it is right");
        assert_eq!(of(90, 0.7), "Calibration error 20.0 %, more often right than it is sure");
        assert_eq!(of(70, 0.7), "Calibration error 20.0 %");
        assert_eq!(words(&FurtherScores::default()), "Calibration error –");
    }
}
