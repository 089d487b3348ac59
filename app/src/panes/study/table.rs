//! The table of a study: mean ± deviation of each figure, differences with their intervals as bars beside a line at
//! zero, and a small square for every run.

use egui::{Align2, Color32, CornerRadius, FontId, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use fusionscope_engine::study::{Cell, Cost, Table, TableRow, interval_words, signed, spread, words};

use super::{preview, row_runs, squares};
use crate::link::StudyView;
use crate::look::{self, Tokens, size, space};
use crate::panes::PaneContext;
use crate::store::metrics::per_cent;

const ROW: f32 = 26.0;
/// The width of a difference's bar.
const BAR: f32 = 112.0;
/// The smallest difference that fills half of the bars' width.
const LEAST_REACH: f64 = 0.005;

/// Draws it; a click on a row lists its runs. What rows cost stands where there is room for it, or where `shows_all`.
pub(super) fn show(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    view: &StudyView,
    open_row: &mut Option<usize>,
    shows_all: &mut bool,
) {
    let tokens = ctx.tokens;
    let mut columns = columns(ui, &view.table, view.study.seeds.len());
    let without_room = without_room(&columns, ui.available_width());
    if !*shows_all {
        columns.retain(|column| !matches!(column.shows, Shows::Cost(cost) if without_room.contains(&cost)));
    }
    let width = columns.iter().map(Column::whole).sum::<f32>();
    ScrollArea::horizontal().id_salt("study-table").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        heads(ui, tokens, &columns, width);
        for at in 0..view.table.rows.len() {
            let response = row(ui, ctx, view, &columns, (width, *open_row == Some(at)), at);
            let response = response.on_hover_ui(|ui| card(ui, tokens, view, &view.table.rows[at]));
            if response.clicked() {
                *open_row = (*open_row != Some(at)).then_some(at);
            }
            if *open_row == Some(at) {
                row_runs::show(ui, ctx, view, &view.table.rows[at].name);
            }
        }
    });
    ui.add_space(space::S);
    if !without_room.is_empty() {
        let heads: Vec<&str> = without_room.iter().map(|cost| cost.head()).collect();
        let words = look::small(format!("Also what has no room: {}", heads.join(" · "))).color(tokens.weak);
        ui.checkbox(shows_all, words)
            .on_hover_text("The table then scrolls sideways; what is exported has every column");
    }
    for words in notes(&view.table, &columns) {
        ui.add(egui::Label::new(look::small(words).color(tokens.weak)).wrap());
    }
    for words in &view.table.warnings {
        ui.add(egui::Label::new(look::small(words.as_str()).color(tokens.warning)).wrap());
    }
}

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    Name,
    Runs,
    Mean(usize),
    Difference(usize),
    Needed(usize),
    Printed(usize),
    PrintedDifference(usize),
    Cost(Cost),
}

#[derive(Debug)]
struct Column {
    shows: Shows,
    head: String,
    width: f32,
    /// The largest difference of the column, in fractions.
    reach: f64,
}

impl Column {
    fn whole(&self) -> f32 {
        self.width + space::L
    }
}

fn columns(ui: &Ui, table: &Table, seeds: usize) -> Vec<Column> {
    let text = |text: &str| {
        let font = FontId::proportional(size::BODY);
        ui.painter().layout_no_wrap(text.to_owned(), font, Color32::WHITE).size().x
    };
    let column = |shows: Shows, head: &str, least: f32| {
        let cells = table.rows.iter().map(|row| text(&words_of(row, shows)));
        let beside = if matches!(shows, Shows::Difference(_)) { BAR + space::S } else { 0.0 };
        let width = cells.fold(0.0, f32::max) + beside;
        Column { shows, head: head.to_owned(), width: width.max(text(head)).max(least), reach: reach_of(table, shows) }
    };
    let mut columns = vec![column(Shows::Name, "", 96.0), column(Shows::Runs, "runs", squares::width(seeds) + 44.0)];
    for (at, title) in table.figures.iter().enumerate() {
        let any = |has: &dyn Fn(&Cell) -> bool| table.rows.iter().any(|row| row.cells.get(at).is_some_and(has));
        columns.push(column(Shows::Mean(at), title, 84.0));
        if table.rows.iter().any(|row| row.against.is_some()) {
            columns.push(column(Shows::Difference(at), "difference", BAR));
        }
        if any(&|cell| cell.seeds_needed_words().is_some()) {
            columns.push(column(Shows::Needed(at), "told from noise by", 0.0));
        }
        if any(&|cell| cell.printed.is_some()) {
            columns.push(column(Shows::Printed(at), "printed", 0.0));
        }
        if any(&|cell| cell.printed_difference.is_some()) {
            columns.push(column(Shows::PrintedDifference(at), "printed difference", 0.0));
        }
    }
    columns.extend(Cost::all_of(table).into_iter().map(|cost| column(Shows::Cost(cost), cost.head(), 0.0)));
    columns
}

/// What rows cost as far as there is no room for it: the last of it first, but never the seconds, which people plan by.
fn without_room(columns: &[Column], room: f32) -> Vec<Cost> {
    let mut width = columns.iter().map(Column::whole).sum::<f32>() - space::L;
    let mut left_out = Vec::new();
    for column in columns.iter().rev() {
        if let Shows::Cost(cost) = column.shows
            && cost != Cost::Secs
            && width > room
        {
            width -= column.whole();
            left_out.insert(0, cost);
        }
    }
    left_out
}

fn reach_of(table: &Table, shows: Shows) -> f64 {
    let Shows::Difference(at) = shows else { return 0.0 };
    let ends = table.rows.iter().filter_map(|row| {
        let (mean, cell) = difference_of(row.cells.get(at)?)?;
        Some(cell.interval().map_or(mean.abs(), |[low, high]| low.abs().max(high.abs())))
    });
    ends.fold(LEAST_REACH, f64::max)
}

/// What a cell says in words; a reader of the screen hears the same.
fn words_of(row: &TableRow, shows: Shows) -> String {
    let cell = |at: usize| row.cells.get(at);
    match shows {
        Shows::Name => row.label(),
        Shows::Runs => format!("{} of {}", row.seeds.len(), row.wanted),
        Shows::Mean(at) => cell(at).map_or_else(String::new, |cell| spread(cell.summary)),
        Shows::Difference(at) => match (&row.against, cell(at).and_then(difference_of)) {
            (None, _) => String::new(),
            (Some(_), None) => "–".to_owned(),
            (Some(_), Some((mean, cell))) => {
                let star = if cell.is_told_from_noise() { " *" } else { "" };
                format!("{}{}{star}", signed(mean), interval_words(cell))
            }
        },
        Shows::Needed(at) => cell(at).and_then(Cell::seeds_needed_words).unwrap_or_default(),
        Shows::Printed(at) => match cell(at).and_then(|cell| cell.printed) {
            None => String::new(),
            printed => per_cent(printed),
        },
        Shows::PrintedDifference(at) => {
            cell(at).and_then(|cell| cell.printed_difference).map_or_else(String::new, signed)
        }
        Shows::Cost(cost) => cost.words(row),
    }
}

/// The mean of a cell's difference, with the cell.
fn difference_of(cell: &Cell) -> Option<(f64, &Cell)> {
    Some((cell.difference?.differences.mean, cell))
}

fn heads(ui: &mut Ui, tokens: &Tokens, columns: &[Column], width: f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(width, 22.0), Sense::hover());
    let mut left = rect.left();
    for column in columns {
        let (at, align) = match column.shows {
            Shows::Name | Shows::Runs | Shows::Difference(_) => (left, Align2::LEFT_CENTER),
            _ => (left + column.width, Align2::RIGHT_CENTER),
        };
        ui.painter().text(
            pos2(at, rect.center().y),
            align,
            &column.head,
            FontId::proportional(size::SMALL),
            tokens.weak,
        );
        left += column.whole();
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.hairline));
}

fn row(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    view: &StudyView,
    columns: &[Column],
    (width, is_open): (f32, bool),
    at: usize,
) -> egui::Response {
    let tokens = ctx.tokens;
    let row = &view.table.rows[at];
    let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::click());
    let said: Vec<String> =
        columns.iter().map(|column| words_of(row, column.shows)).filter(|word| !word.is_empty()).collect();
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_open, format!("Row {}", said.join(", "))));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, CornerRadius::same(space::RADIUS), tokens.hovered);
    }
    let font = FontId::proportional(size::BODY);
    let mut left = rect.left();
    for column in columns {
        let words = words_of(row, column.shows);
        let middle = rect.center().y;
        match column.shows {
            Shows::Name => {
                ui.painter().text(pos2(left, middle), Align2::LEFT_CENTER, words, font.clone(), tokens.text);
            }
            Shows::Runs => {
                let from = squares::show(ui, ctx.tokens, view, &row.name, pos2(left, middle));
                ui.painter().text(pos2(from, middle), Align2::LEFT_CENTER, words, font.clone(), tokens.weak);
            }
            Shows::Difference(figure) => {
                let bar = Rect::from_min_size(pos2(left, rect.top()), vec2(BAR, ROW));
                let wants_less = view.study.figures.get(figure).is_some_and(|figure| figure.metric.wants_less());
                let ink = bar_of(ui, tokens, (&row.cells[figure], wants_less), column.reach, bar);
                let place = pos2(bar.right() + space::S, middle);
                ui.painter().text(place, Align2::LEFT_CENTER, words, font.clone(), ink);
            }
            Shows::Mean(_) | Shows::Needed(_) | Shows::Printed(_) | Shows::PrintedDifference(_) | Shows::Cost(_) => {
                let ink = if matches!(column.shows, Shows::Mean(_)) { tokens.text } else { tokens.weak };
                let place = pos2(left + column.width, middle);
                ui.painter().text(place, Align2::RIGHT_CENTER, words, font.clone(), ink);
            }
        }
        left += column.whole();
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.hairline));
    response
}

/// In what a row differs from the one that it is compared with.
fn card(ui: &mut Ui, tokens: &Tokens, view: &StudyView, row: &TableRow) {
    let recipe = |name: &str| view.study.rows.iter().find(|known| known.name == name).map(|known| &known.recipe);
    ui.label(look::medium(&row.name).color(tokens.text));
    if !row.what_if.is_empty() {
        ui.label(look::small(format!("Scored with: {}", row.what_if)).color(tokens.warning));
    }
    if let Some(against) = &row.against
        && let (Some(theirs), Some(ours)) = (recipe(against), recipe(&row.name))
    {
        let words = format!("Beside {against}: {}", preview::differences(theirs, ours));
        ui.label(look::small(words).color(tokens.weak));
    }
    ui.label(look::small("A click lists its runs").color(tokens.faint));
}

/// The interval of a difference as a bar, its mean as a dot, and the line at zero. Returns the ink of its words.
fn bar_of(ui: &Ui, tokens: &Tokens, (cell, wants_less): (&Cell, bool), reach: f64, room: Rect) -> Color32 {
    let painter = ui.painter();
    painter.vline(room.center().x, room.y_range(), Stroke::new(1.0, tokens.outline));
    let Some((mean, cell)) = difference_of(cell) else { return tokens.weak };
    let ink = if !cell.is_told_from_noise() {
        tokens.weak
    } else if (mean > 0.0) != wants_less {
        tokens.good
    } else {
        tokens.error
    };
    let along = |value: f64| room.center().x + (0.5 * room.width() - 5.0) * (value / reach).clamp(-1.0, 1.0) as f32;
    if let Some(ends) = cell.interval() {
        let [low, high] = ends.map(along);
        let stroke = Stroke::new(2.0, ink);
        painter.hline(low..=high, room.center().y, stroke);
        for end in [low, high] {
            painter.vline(end, room.center().y - 3.0..=room.center().y + 3.0, stroke);
        }
    }
    painter.circle_filled(pos2(along(mean), room.center().y), 3.5, ink);
    ink
}

/// What must be said below the table of these columns.
fn notes(table: &Table, columns: &[Column]) -> Vec<String> {
    let mut notes = vec![words(table)];
    if table.dataset.is_empty() {
        return notes;
    }
    let cells = || table.rows.iter().flat_map(|row| &row.cells);
    let mut against: Vec<&str> = table.rows.iter().filter_map(|row| row.against.as_deref()).collect();
    against.sort_unstable();
    against.dedup();
    if !against.is_empty() {
        let mut words = format!("Mean ± standard deviation over seeds. Differences to {}", against.join(" and "));
        if cells().any(|cell| cell.difference.is_some_and(|found| found.half_width.is_some())) {
            words.push_str(", paired by seed, with 95 % intervals by Student's t");
        }
        if cells().any(|cell| cell.over_scenes.is_some()) {
            words.push_str("; from one seed the 95 % interval over scenes stands in brackets");
        }
        notes.push(words + "; a star where the interval leaves out 0");
    }
    let costs = columns.iter().filter_map(|column| match column.shows {
        Shows::Cost(cost) => Some(cost),
        _ => None,
    });
    notes.extend(costs.filter_map(|cost| cost.note(table)));
    if cells().any(|cell| cell.printed.is_some()) {
        notes.push(format!("Printed: {}", table.source));
    }
    notes
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use fusionscope_engine::study::{Study, Summary, paired};

    use super::*;

    fn table() -> Table {
        let text = "title = 't'\nbase = 'baseline-demo'\nseeds = 3\nreference = 'a'\n[[rows]]\nname = 'a'\n\
                    [[rows]]\nname = 'b'\nset = { data.flip = 0.0 }\n";
        let study = Study::from_text(text, Path::new("s.toml")).unwrap();
        let mut table = study.table_from([]);
        table.rows[1].cells[0].difference = paired(&[(0.6, 0.5), (0.7, 0.55), (0.65, 0.5)]);
        table.rows[1].cells[0].summary = Some(Summary { count: 3, mean: 0.65, deviation: Some(0.05) });
        table
    }

    #[test]
    fn cells_say_mean_and_spread_and_a_difference_its_interval_and_star() {
        let table = table();
        assert_eq!(words_of(&table.rows[0], Shows::Mean(0)), "–");
        assert_eq!(words_of(&table.rows[1], Shows::Mean(0)), "65.0 ± 5.0");
        let difference = words_of(&table.rows[1], Shows::Difference(0));
        assert!(difference.starts_with("+13.3 ± ") && difference.ends_with('*'), "{difference}");
        assert_eq!(words_of(&table.rows[0], Shows::Difference(0)), "");
        assert_eq!(words_of(&table.rows[1], Shows::Runs), "0 of 3");
        assert_eq!(signed(-0.012), "−1.2");
    }

    #[test]
    fn what_a_paper_prints_stands_with_its_own_difference() {
        let mut table = table();
        let cell = &mut table.rows[1].cells[0];
        (cell.printed, cell.printed_difference) = (Some(0.612), Some(-0.008));
        let shown = [Shows::Printed(0), Shows::PrintedDifference(0)];
        assert_eq!(shown.map(|shows| words_of(&table.rows[1], shows)), ["61.2", "−0.8"]);
        assert_eq!(shown.map(|shows| words_of(&table.rows[0], shows)), ["", ""]);
    }

    #[test]
    fn what_rows_cost_is_left_out_from_the_last_where_it_has_no_room_but_for_the_seconds() {
        let column = |shows| Column { shows, head: String::new(), width: 100.0 - space::L, reach: 0.0 };
        let costs = [Cost::Parameters, Cost::MultiplyAdds, Cost::Secs, Cost::PeakMemory].map(Shows::Cost);
        let columns: Vec<Column> = [Shows::Name, Shows::Mean(0)].into_iter().chain(costs).map(column).collect();
        assert_eq!(without_room(&columns, 600.0), []);
        assert_eq!(without_room(&columns, 500.0), [Cost::PeakMemory]);
        assert_eq!(without_room(&columns, 420.0), [Cost::MultiplyAdds, Cost::PeakMemory]);
        assert_eq!(without_room(&columns, 50.0), [Cost::Parameters, Cost::MultiplyAdds, Cost::PeakMemory]);
    }

    #[test]
    fn bars_reach_as_far_as_the_widest_interval_and_never_to_nothing() {
        let mut table = table();
        let found = table.rows[1].cells[0].difference.unwrap();
        let widest = found.differences.mean + found.half_width.unwrap();
        assert!((reach_of(&table, Shows::Difference(0)) - widest).abs() < 1e-12);
        table.rows[1].cells[0].difference = None;
        assert_eq!(reach_of(&table, Shows::Difference(0)), LEAST_REACH);
    }
}
