//! IoU or another figure class by class, as bars in the class's colour.

use egui::{Align, Align2, CornerRadius, FontId, Layout, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use fusionscope_engine::protocol::{EvaluationReport, SubsetScores};

use super::measure::Measure;
use crate::look::{self, size, space};
use crate::panes::PaneContext;
use crate::store::metrics::{per_cent, per_cent_sign};

const ROW: f32 = 20.0;

/// One bar a class. `reference`, where given, is marked on every bar: the score with all sensors.
pub fn show(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    report: &EvaluationReport,
    measure: Measure,
    (scores, reference): (&SubsetScores, Option<&SubsetScores>),
    is_sorted: &mut bool,
) {
    let tokens = ctx.tokens;
    let word = measure.of_class_word();
    ui.horizontal(|ui| {
        let with = scores.sensors.join(" + ");
        let tag = if scores.tag.is_empty() { String::new() } else { format!(" · {}", scores.tag) };
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if look::button(ui, tokens, None, "Sort", *is_sorted)
                .on_hover_text("Order classes by this figure, best first")
                .clicked()
            {
                *is_sorted = !*is_sorted;
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let caption = look::caption(tokens, format!("{word} by class (%) · {with}{tag}"));
                ui.add(egui::Label::new(caption).truncate()).on_hover_text(measure.meaning());
            });
        });
    });
    let colours = ctx.store.class_colours(report.classes.len());
    let mut order: Vec<usize> = (0..scores.classes.len()).collect();
    if *is_sorted {
        let share = |class: &usize| measure.of_class(scores, *class).unwrap_or(-1.0);
        order.sort_by(|one, other| share(other).total_cmp(&share(one)));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let width = ui.available_width();
    let name_width = (0.34 * width).clamp(60.0, 130.0);
    let hovered = *ctx.store.scene.hover_class.get();
    for class in order {
        let figures = &scores.classes[class];
        let share = measure.of_class(scores, class);
        let name = report.classes.get(class).map_or("", String::as_str);
        let colour = colours.get(class as u8).unwrap_or(tokens.faint);
        let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Label, true, format!("{word} of {name}: {}", per_cent_sign(share)))
        });
        if response.hovered() {
            ctx.store.scene.hover_class.set(Some(class as u8));
        }
        if response.hovered() || hovered == Some(class as u8) {
            ui.painter().rect_filled(rect, CornerRadius::same(space::RADIUS), tokens.hovered);
        }
        let middle = rect.center().y;
        let square = Rect::from_center_size(pos2(rect.left() + 9.0, middle), vec2(9.0, 9.0));
        look::fill_outlined(ui.painter(), tokens, square, 2, colour);
        let font = FontId::proportional(size::BODY);
        let galley = look::elided(ui, name, font.clone(), name_width - 28.0, tokens.text);
        let at = pos2(rect.left() + 20.0, middle - galley.size().y / 2.0);
        ui.painter().galley(at, galley, tokens.text);
        let track =
            Rect::from_min_max(pos2(rect.left() + name_width, middle - 3.0), pos2(rect.right() - 44.0, middle + 3.0));
        ui.painter().rect_filled(track, CornerRadius::same(2), tokens.raised);
        if let Some(share) = share {
            let bar = track.with_max_x(track.left() + track.width() * share.clamp(0.0, 1.0) as f32);
            look::fill_outlined(ui.painter(), tokens, bar, 2, colour);
        }
        let before = reference.and_then(|reference| measure.of_class(reference, class));
        if let Some(before) = before {
            let x = track.left() + track.width() * before.clamp(0.0, 1.0) as f32;
            let line = Stroke::new(1.5, tokens.text);
            ui.painter().vline(x, track.expand(2.0).y_range(), line);
        }
        let ink = if share.is_some() { tokens.text } else { tokens.faint };
        let place = pos2(rect.right() - 6.0, middle);
        ui.painter().text(place, Align2::RIGHT_CENTER, per_cent(share), font, ink);
        response.on_hover_ui(|ui| {
            ui.label(look::semibold(name).color(tokens.text));
            let words = match figures.iou {
                None => "in neither truth nor prediction".to_owned(),
                Some(_) => {
                    format!(
                        "IoU {} · found {} of its pixels",
                        per_cent_sign(figures.iou),
                        per_cent_sign(figures.accuracy)
                    )
                }
            };
            ui.label(look::small(words).color(tokens.weak));
            if let Some(further) = scores.further.as_ref().and_then(|further| further.classes.get(class)) {
                let (contour, rank) = (per_cent_sign(further.boundary_iou), per_cent_sign(further.average_precision));
                ui.label(look::small(format!("boundary IoU {contour} · average precision {rank}")).color(tokens.weak));
            }
            ui.label(look::small(look::counted(figures.pixels, "labelled pixel")).color(tokens.weak));
            if before.is_some() {
                ui.label(
                    look::small(format!("{} with all sensors (the mark)", per_cent_sign(before))).color(tokens.weak),
                );
            }
        });
    }
    ui.spacing_mut().item_spacing.y = space::XS;
}
