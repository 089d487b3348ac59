//! The modality table: a row a subset of the sensors, a column a condition.

use egui::{
    Align, Align2, ComboBox, CornerRadius, FontFamily, FontId, Layout, Pos2, Role, Sense, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};
use fusionscope_engine::protocol::{EvaluationReport, MeanScores, SubsetScores};

use super::measure::Measure;
use crate::look::{self, size, space};
use crate::panes::PaneContext;
use crate::store::metrics::{Row, cell, columns, headline, per_cent, rows};

const ROW: f32 = 24.0;
const CELL: f32 = 42.0;
/// The name of the last row.
const MEAN: &str = "Mean of subsets";
/// The heads of the cards' columns, those that every evaluation has first.
const HEADS: [&str; 7] = ["mIoU %", "mAcc %", "pixel acc %", "F1 %", "bIoU %", "mAP %", "ECE %"];

/// What was chosen: a row, or all sensors; and a condition tag.
pub type Choice = (Option<(Vec<String>, String)>, String);

/// The table's head, with a choice of what it shows where the evaluation has more than IoU. Returns what is shown.
pub fn measure_ui(ui: &mut Ui, ctx: &PaneContext<'_>, report: &EvaluationReport, chosen: &mut Measure) -> Measure {
    let offered: Vec<Measure> = Measure::ALL.into_iter().filter(|measure| measure.is_in(report)).collect();
    let shown = if offered.contains(chosen) { *chosen } else { Measure::Iou };
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.horizontal(|ui| {
        ui.set_min_height(20.0);
        let caption = look::caption(ctx.tokens, format!("{} by sensors (%)", shown.word()));
        ui.label(caption).on_hover_text(shown.meaning());
        if offered.len() < 2 {
            return;
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let combo = ComboBox::from_id_salt("measure").width(64.0).selected_text(shown.word()).show_ui(ui, |ui| {
                for measure in offered {
                    ui.selectable_value(chosen, measure, measure.word()).on_hover_text(measure.meaning());
                }
            });
            combo.response.accessible_name("Figure of the tables");
        });
    });
    shown
}

/// Draws the table. Returns a new choice when a row or a column was clicked.
pub fn show(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    report: &EvaluationReport,
    measure: Measure,
    chosen: Option<&(Vec<String>, String)>,
    tag: &str,
) -> Option<Choice> {
    let tokens = ctx.tokens;
    let tags = columns(report);
    let rows = rows(report);
    let all_sensors = rows.iter().map(|row| row.sensors).max_by_key(|sensors| sensors.len())?;
    let all_head = headline(report).map_or("", |scores| scores.head.as_str());
    let mut answer: Option<Choice> = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    let width = ui.available_width();
    // Of two tags or more there is a mean as well, in a last column.
    let has_mean = tags.len() > 2;
    let count = tags.len() + usize::from(has_mean);
    let cell_width = CELL.min((width - 96.0) / count as f32).max(30.0);
    let left_of = |rect: egui::Rect, column: usize| rect.right() - (count - column) as f32 * cell_width;

    // Heads of the columns; a click shows the classes under that condition.
    let (head, _) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
    for (column, name) in tags.iter().enumerate() {
        let rect = egui::Rect::from_min_size(pos2(left_of(head, column), head.top()), vec2(cell_width, 20.0));
        let word = if name.is_empty() { "all" } else { name };
        let response = ui.interact(rect, ui.scope_id().with(("tag", column)), Sense::click());
        let is_on = *name == tag;
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_on, format!("Condition {word}")));
        let ink = if is_on { tokens.text } else { tokens.weak };
        let place = pos2(rect.right() - 6.0, rect.center().y);
        ui.painter().text(place, Align2::RIGHT_CENTER, word, FontId::proportional(size::SMALL), ink);
        if response.on_hover_text(format!("Classes on {word} scenes")).clicked() {
            answer = Some((chosen.cloned(), (*name).to_owned()));
        }
    }
    if has_mean {
        let at = pos2(head.right() - 6.0, head.center().y);
        ui.painter().text(at, Align2::RIGHT_CENTER, "mean", FontId::proportional(size::SMALL), tokens.weak);
        let rect = egui::Rect::from_min_max(pos2(left_of(head, tags.len()), head.top()), head.max);
        let words = format!("Mean over {}", tags[1..].join(", "));
        ui.interact(rect, ui.scope_id().with("mean of tags"), Sense::hover()).on_hover_text(words);
    }
    ui.painter().hline(head.x_range(), head.bottom(), Stroke::new(1.0, tokens.hairline));

    for (place, row) in rows.iter().enumerate() {
        let is_all = row.sensors == all_sensors && row.head == all_head;
        let is_chosen = match chosen {
            Some((sensors, head)) => row.sensors == *sensors && row.head == head,
            None => is_all,
        };
        let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::click());
        let name = row_name(row);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_chosen, format!("Scores with {name}")));
        let ground = if is_chosen { tokens.accent_weak } else { tokens.hovered };
        if is_chosen || response.hovered() {
            ui.painter().rect_filled(rect, CornerRadius::same(space::RADIUS), ground);
        }
        let text_from = chips(ui, ctx, row, all_sensors, rect.left_center() + vec2(6.0, 0.0));
        let room = left_of(rect, 0) - text_from - 4.0;
        let ink = if is_chosen { tokens.text } else { tokens.weak };
        let galley = look::elided(ui, &name, FontId::proportional(size::BODY), room, ink);
        ui.painter().galley(pos2(text_from, rect.center().y - galley.size().y / 2.0), galley, tokens.text);
        for (column, name) in tags.iter().enumerate() {
            let scores = cell(report, row, name);
            let family = if is_all { FontFamily::Name("semibold".into()) } else { FontFamily::Proportional };
            let at = pos2(left_of(rect, column) + cell_width - 6.0, rect.center().y);
            let ink = if is_chosen && *name == tag { tokens.text } else { tokens.weak };
            let words = per_cent(scores.and_then(|scores| measure.of(scores)));
            ui.painter().text(at, Align2::RIGHT_CENTER, words, FontId::new(size::BODY, family), ink);
        }
        if has_mean {
            let at = pos2(rect.right() - 6.0, rect.center().y);
            let words = per_cent(report.mean_of_tags(row.sensors).and_then(|mean| measure.of_mean(&mean)));
            ui.painter().text(at, Align2::RIGHT_CENTER, words, FontId::proportional(size::BODY), tokens.weak);
        }
        if response.clicked() {
            let own = (!is_all).then(|| (row.sensors.to_vec(), row.head.to_owned()));
            answer = Some((own, tag.to_owned()));
        }
        response.on_hover_ui(|ui| card(ui, ctx, report, row, &tags));
        if place + 1 < rows.len() {
            ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.hairline));
        }
    }
    if let Some(mean) = report.mean_of_subsets("") {
        let of_tags = tags.iter().map(|tag| report.mean_of_subsets(tag));
        let last = has_mean.then(|| report.mean_of_subsets_and_tags());
        let means: Vec<Option<MeanScores>> = of_tags.chain(last).collect();
        let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
        ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, tokens.outline));
        let room = left_of(rect, 0) - rect.left() - 10.0;
        let galley = look::elided(ui, MEAN, FontId::proportional(size::BODY), room, tokens.weak);
        let at = pos2(rect.left() + 6.0, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, tokens.weak);
        for (column, mean) in means.iter().enumerate() {
            let at = pos2(left_of(rect, column) + cell_width - 6.0, rect.center().y);
            let words = per_cent(mean.and_then(|mean| measure.of_mean(&mean)));
            ui.painter().text(at, Align2::RIGHT_CENTER, words, FontId::proportional(size::BODY), tokens.weak);
        }
        let words = format!("{MEAN}: {} {}", per_cent(measure.of_mean(&mean)), measure.word());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words.clone()));
        response.on_hover_ui(|ui| means_card(ui, ctx, &tags, &means));
    }
    ui.spacing_mut().item_spacing.y = space::XS;
    answer
}

/// All figures of the means over subsets, a line a tag.
fn means_card(ui: &mut Ui, ctx: &PaneContext<'_>, tags: &[&str], means: &[Option<MeanScores>]) {
    let tokens = ctx.tokens;
    ui.label(look::semibold(MEAN).color(tokens.text));
    egui::Grid::new("means").spacing(vec2(12.0, 2.0)).show(ui, |ui| {
        let further = means.iter().flatten().any(|mean| mean.calibration_error.is_some());
        let heads = if further { &HEADS[..] } else { &HEADS[..4] };
        ui.label("");
        for word in heads.iter().copied() {
            ui.label(look::small(word).color(tokens.faint));
        }
        ui.end_row();
        let names = tags.iter().map(|tag| if tag.is_empty() { "all" } else { tag }).chain(["mean of tags"]);
        for (name, mean) in names.zip(means) {
            let Some(mean) = mean else { continue };
            ui.label(look::small(name).color(tokens.weak));
            let MeanScores { miou, mean_accuracy, pixel_accuracy, mean_f1, .. } = *mean;
            let further = [mean.boundary_iou, mean.average_precision, mean.calibration_error];
            let shares = [miou, mean_accuracy, pixel_accuracy, mean_f1].into_iter().chain(further);
            for share in shares.take(heads.len()) {
                ui.label(look::small(per_cent(share)));
            }
            ui.end_row();
        }
    });
}

/// One dot a sensor, full where it is present. Returns where the text may begin.
fn chips(ui: &Ui, ctx: &PaneContext<'_>, row: &Row<'_>, all: &[String], from: Pos2) -> f32 {
    let mut x = from.x + 4.0;
    for sensor in all {
        let hue = ctx.store.hue(ctx.tokens, sensor);
        if row.sensors.contains(sensor) {
            ui.painter().circle_filled(pos2(x, from.y), 4.0, hue);
        } else {
            ui.painter().circle_stroke(pos2(x, from.y), 3.5, Stroke::new(1.0, ctx.tokens.outline));
        }
        x += 11.0;
    }
    x + 2.0
}

fn card(ui: &mut Ui, ctx: &PaneContext<'_>, report: &EvaluationReport, row: &Row<'_>, tags: &[&str]) {
    let tokens = ctx.tokens;
    ui.label(look::semibold(row_name(row)).color(tokens.text));
    let head = if row.head.is_empty() { String::new() } else { format!("head {} · ", row.head) };
    ui.label(
        look::small(format!("{head}missing sensors: {} · means by {}", report.missing_words(), report.convention))
            .color(tokens.weak),
    );
    egui::Grid::new("scores").spacing(vec2(12.0, 2.0)).show(ui, |ui| {
        let has_further = report.subsets.iter().any(|scores| scores.further.is_some());
        let heads = if has_further { &HEADS[..] } else { &HEADS[..4] };
        ui.label("");
        for word in heads.iter().copied().chain(["scenes"]) {
            ui.label(look::small(word).color(tokens.faint));
        }
        ui.end_row();
        for tag in tags {
            let Some(scores) = cell(report, row, tag) else { continue };
            ui.label(look::small(if tag.is_empty() { "all" } else { tag }).color(tokens.weak));
            let SubsetScores { miou, mean_accuracy, pixel_accuracy, mean_f1, .. } = *scores;
            let further = [scores.boundary_iou(), scores.average_precision(), scores.calibration_error()];
            let shares = [miou, mean_accuracy, pixel_accuracy, mean_f1].into_iter().chain(further);
            for share in shares.take(heads.len()) {
                ui.label(look::small(per_cent(share)));
            }
            ui.label(look::small(look::count(scores.scenes)).color(tokens.weak));
            ui.end_row();
        }
    });
}

fn row_name(row: &Row<'_>) -> String {
    let names = row.sensors.join(" + ");
    let is_plain = row.head.is_empty() || row.head == "fused" || row.sensors == [row.head.to_owned()];
    if is_plain { names } else { format!("{names}, head {}", row.head) }
}
