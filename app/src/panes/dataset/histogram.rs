//! How often the values of each sensor occur, as bars in its hue.

use egui::{Align2, FontId, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use fusionscope_engine::protocol::{DatasetSurvey, SensorSpread};

use crate::look::{self, size, space};
use crate::panes::PaneContext;

/// The height of the bars in points, and of the line of words below them.
const BARS: f32 = 56.0;
const AXIS: f32 = 14.0;

/// One histogram a sensor.
pub(super) fn show(ui: &mut Ui, ctx: &PaneContext<'_>, survey: &DatasetSurvey) {
    if survey.sensors.iter().all(|sensor| sensor.bins.iter().all(|&count| count == 0)) {
        look::empty(ui, ctx.tokens, "No file of any sensor could be read");
        return;
    }
    for sensor in &survey.sensors {
        sensor_ui(ui, ctx, sensor);
        ui.add_space(space::S);
    }
}

fn sensor_ui(ui: &mut Ui, ctx: &PaneContext<'_>, sensor: &SensorSpread) {
    let tokens = ctx.tokens;
    let hue = ctx.store.hue(tokens, &sensor.name);
    ui.horizontal(|ui| {
        look::swatch(ui, hue);
        let unit = if sensor.unit.is_empty() { String::new() } else { format!(", {}", sensor.unit) };
        ui.label(look::medium(format!("{}{unit}", sensor.name)).color(tokens.text));
    });
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - 6.0, BARS + AXIS), Sense::hover());
    let field = rect.with_max_y(rect.top() + BARS);
    let words = words(sensor);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Values of {}: {words}", sensor.name)));
    ui.painter().rect_filled(field, 2.0, tokens.field);
    let most = sensor.bins.iter().copied().max().unwrap_or(0).max(1) as f32;
    let step = field.width() / sensor.bins.len().max(1) as f32;
    let bar = |place: usize| {
        let left = field.left() + place as f32 * step;
        Rect::from_min_max(pos2(left, field.top()), pos2(left + step, field.bottom()))
    };
    for (place, &count) in sensor.bins.iter().enumerate().filter(|(_, count)| **count > 0) {
        // The square root shows rare values beside frequent ones.
        let height = ((count as f32 / most).sqrt() * (BARS - 4.0)).max(1.0);
        ui.painter().rect_filled(bar(place).with_min_y(field.bottom() - height).shrink2(vec2(0.3, 0.0)), 0.0, hue);
    }
    let mean = (sensor.mean - sensor.low) / (sensor.high - sensor.low);
    if (0.0..=1.0).contains(&mean) {
        let x = field.left() + mean * field.width();
        ui.painter().vline(x, field.y_range(), Stroke::new(1.0, tokens.text));
    }
    let font = FontId::proportional(size::SMALL);
    let end = |value: f32| look::significant(f64::from(value));
    ui.painter().text(rect.left_bottom(), Align2::LEFT_BOTTOM, end(sensor.low), font.clone(), tokens.weak);
    ui.painter().text(rect.right_bottom(), Align2::RIGHT_BOTTOM, end(sensor.high), font, tokens.weak);
    ui.add(egui::Label::new(look::small(words).color(tokens.weak)).wrap());
    let under_pointer = response.hover_pos().filter(|at| field.contains(*at));
    response.on_hover_ui_at_pointer(|ui| {
        if let Some(at) = under_pointer {
            let place = (((at.x - field.left()) / step) as usize).min(sensor.bins.len().saturating_sub(1));
            let count = sensor.bins.get(place).copied().unwrap_or_default();
            let all = sensor.bins.iter().sum::<u64>().max(1);
            let span = (sensor.high - sensor.low) / sensor.bins.len().max(1) as f32;
            let from = sensor.low + place as f32 * span;
            let unit = if sensor.unit.is_empty() { String::new() } else { format!(" {}", sensor.unit) };
            ui.label(format!(
                "{} to {}{unit}: {}",
                end(from),
                end(from + span),
                look::share(count as f64 / all as f64)
            ));
        }
        let words = "Bars by the square root of the count; the line is the mean. Values beyond either end count in the \
                     outermost bars";
        ui.label(look::small(words).color(tokens.faint));
    });
}

/// `−3 to 60, mean 21.4; 0.2 % clamped; 1.1 % not measured`.
fn words(sensor: &SensorSpread) -> String {
    let number = |value: f32| look::significant(f64::from(value));
    let mut words = vec![format!("{} to {}, mean {}", number(sensor.min), number(sensor.max), number(sensor.mean))];
    for (share, what) in [(sensor.clamped, "clamped to the range"), (sensor.unmeasured, "not measured")] {
        if share > 0.0 {
            words.push(format!("{} {what}", look::share(f64::from(share))));
        }
    }
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_and_what_is_missing_is_said_where_there_is_some() {
        let sensor = SensorSpread { min: -3.0, max: 60.5, mean: 21.4, ..SensorSpread::default() };
        assert_eq!(words(&sensor), "-3.00 to 60.5, mean 21.4");
        let holes = SensorSpread { clamped: 0.002, unmeasured: 0.25, ..sensor };
        assert_eq!(words(&holes), "-3.00 to 60.5, mean 21.4; 0.2 % clamped to the range; 25.0 % not measured");
    }
}
