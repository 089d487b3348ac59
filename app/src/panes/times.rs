//! The time pane: where a training step's time goes.

use egui::{Grid, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use fusionscope_engine::files::csv;
use fusionscope_engine::protocol::{TimeReport, TimeShare};
use fusionscope_engine::robustness::{Grid as Figures, GridRow, grid_picture};

use super::{Pane, PaneContext};
use crate::exhibit::{Exhibit, paper};
use crate::look::{self, Tokens, space};

/// The time pane.
#[derive(Debug, Default)]
pub struct TimesPane;

impl Pane for TimesPane {
    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        let report = ctx.store.times.as_ref().ok_or("no step of a run was timed yet")?;
        let (grid, paper) = (shares(report), paper(ctx.tokens));
        let exhibit = Exhibit::new("Where a step's time goes", "times").csv(times_csv(report));
        Ok(vec![exhibit.drawn_as_it_is(move || Ok(grid_picture(&grid).on(paper)))])
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        let Some(report) = &ctx.store.times else {
            let words = "Where a step's time goes is shown while a run trains";
            look::empty(ui, ctx.tokens, words);
            return;
        };
        egui::Frame::new().inner_margin(space::M).show(ui, |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                headline(ui, ctx.tokens, report);
                ui.add_space(space::S);
                bar(ui, ctx.tokens, report);
                ui.add_space(space::S);
                table(ui, ctx.tokens, "Parts of a step", &with_rest(report), report.millis, true);
                if !report.kernels.is_empty() {
                    ui.add_space(space::M);
                    let mut kernels = report.kernels.clone();
                    kernels.sort_by(|left, right| right.millis.total_cmp(&left.millis));
                    table(ui, ctx.tokens, "CPU kernels inside them", &kernels, report.millis, false);
                }
            });
        });
    }
}

fn headline(ui: &mut Ui, tokens: &Tokens, report: &TimeReport) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let figure =
            look::semibold(look::milliseconds(report.millis as f32)).size(look::size::TITLE).color(tokens.text);
        ui.label(figure);
        let words =
            format!("a step, mean of {} up to step {}", look::counted(report.steps, "step"), look::count(report.step));
        ui.label(look::small(words).color(tokens.weak));
    });
}

/// Each part's share of a step.
fn shares(report: &TimeReport) -> Figures {
    let whole = report.millis.max(f64::MIN_POSITIVE);
    let row =
        |part: TimeShare| GridRow { name: part.name, cells: vec![Some(part.millis / whole)], ..GridRow::default() };
    Figures {
        title: format!("Share of a step of {}, %", look::milliseconds(report.millis as f32)),
        sensors: Vec::new(),
        columns: vec!["share".to_owned()],
        rows: with_rest(report).into_iter().map(row).collect(),
        notes: vec![format!("Mean of {} up to step {}", look::counted(report.steps, "step"), look::count(report.step))],
    }
}

fn times_csv(report: &TimeReport) -> String {
    let mut text = csv::line(["kind", "name", "milliseconds", "calls"]);
    let parts = with_rest(report).into_iter().map(|part| ("part", part));
    for (kind, row) in parts.chain(report.kernels.iter().cloned().map(|kernel| ("kernel", kernel))) {
        text.push_str(&csv::line([kind, &row.name, &row.millis.to_string(), &row.calls.to_string()]));
    }
    text
}

/// The parts, and what lies between them.
fn with_rest(report: &TimeReport) -> Vec<TimeShare> {
    let mut parts = report.parts.clone();
    let named: f64 = parts.iter().map(|part| part.millis).sum();
    parts.push(TimeShare { name: "rest".to_owned(), millis: (report.millis - named).max(0.0), calls: 1.0 });
    parts
}

/// All parts side by side, as wide as they are long.
fn bar(ui: &mut Ui, tokens: &Tokens, report: &TimeReport) {
    let parts = with_rest(report);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 14.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, "Parts of a step"));
    let whole: f64 = parts.iter().map(|part| part.millis).sum::<f64>().max(f64::MIN_POSITIVE);
    let mut left = rect.left();
    for (place, part) in parts.iter().enumerate() {
        let right = left + rect.width() * (part.millis / whole) as f32;
        let piece = Rect::from_min_max(pos2(left, rect.top()), pos2((right - 1.0).max(left), rect.bottom()));
        ui.painter().rect_filled(piece, 1.0, colour_of(tokens, place, parts.len()));
        left = right;
    }
}

/// The rest comes last and is grey.
fn colour_of(tokens: &Tokens, place: usize, count: usize) -> egui::Color32 {
    if place + 1 == count { tokens.faint } else { tokens.series(place) }
}

fn table(ui: &mut Ui, tokens: &Tokens, title: &str, rows: &[TimeShare], whole: f64, coloured: bool) {
    ui.label(look::caption(tokens, title));
    ui.add_space(2.0);
    Grid::new(title).num_columns(4).spacing(vec2(space::M, 3.0)).show(ui, |ui| {
        for (place, row) in rows.iter().enumerate() {
            ui.horizontal(|ui| {
                if coloured {
                    look::swatch(ui, colour_of(tokens, place, rows.len()));
                }
                ui.label(egui::RichText::new(&row.name).color(tokens.text));
            });
            ui.label(look::medium(look::milliseconds(row.millis as f32)).color(tokens.text));
            let share = look::share(row.millis / whole.max(f64::MIN_POSITIVE));
            ui.label(egui::RichText::new(share).color(tokens.weak));
            let calls = if row.calls > 1.0 { format!("{:.0} calls", row.calls) } else { String::new() };
            ui.label(look::small(calls).color(tokens.faint));
            ui.end_row();
        }
    });
}
