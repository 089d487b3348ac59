//! How good the fusion images are, as distributions over the scenes (AMDANet Fig. 6).

use egui::{Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use fusionscope_engine::protocol::{FusionImageScores, Spread};

use crate::look::{self, space};
use crate::panes::PaneContext;

const ROW: f32 = 20.0;

/// A box plot a figure: whiskers to the extremes, a box around the middle half, a line at the median.
pub fn show(ui: &mut Ui, ctx: &PaneContext<'_>, scores: &FusionImageScores) {
    ui.label(look::caption(ctx.tokens, "Fusion image"))
        .on_hover_text(format!("{}; box: the middle half, line: the median", look::counted(scores.scenes, "scene")));
    let figures = [
        ("EN", "Entropy of the grey levels, bits", scores.entropy, 2),
        ("SD", "Standard deviation of the grey levels", scores.deviation, 1),
        ("SF", "Spatial frequency, grey levels", scores.spatial_frequency, 1),
        ("SCD", "Sum of the correlations of differences, −2 to 2", scores.correlations_of_differences, 2),
    ];
    for (name, meaning, spread, digits) in figures {
        let words = format!("{:.digits$} ± {:.digits$}", spread.mean, spread.deviation);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            let word = ui.add_sized(vec2(32.0, ROW), egui::Label::new(look::medium(name).color(ctx.tokens.text)));
            word.on_hover_text(meaning);
            let width = (ui.available_width() - 96.0).max(40.0);
            let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{name} {words}")));
            plot(ui, ctx, rect, &spread);
            let [low, _, median, _, high] = spread.quartiles.map(|value| format!("{value:.digits$}"));
            response.on_hover_text(format!("{meaning}\n{low} to {high}, median {median}"));
            ui.label(look::small(words).color(ctx.tokens.weak));
        });
    }
}

fn plot(ui: &Ui, ctx: &PaneContext<'_>, rect: Rect, spread: &Spread) {
    let [low, .., high] = spread.quartiles;
    let reach = (high - low).max(1e-9);
    let at = |value: f64| rect.left() + 4.0 + ((value - low) / reach) as f32 * (rect.width() - 8.0);
    let [low, lower, median, upper, high] = spread.quartiles.map(at);
    let middle = rect.center().y;
    let painter = ui.painter();
    let line = |x: f32, half: f32, stroke: Stroke| painter.vline(x, middle - half..=middle + half, stroke);
    let thin = Stroke::new(1.0, ctx.tokens.weak);
    painter.hline(low..=high, middle, thin);
    line(low, 3.0, thin);
    line(high, 3.0, thin);
    let middle_half = Rect::from_min_max(pos2(lower, middle - 5.0), pos2(upper, middle + 5.0));
    painter.rect(middle_half, 2.0, ctx.tokens.raised, thin, egui::StrokeKind::Inside);
    line(median, 5.0, Stroke::new(2.0, ctx.tokens.accent));
}
