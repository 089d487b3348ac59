//! A grid of figures as a heat map: a dot a sensor that is there, a cell a figure, brighter the higher; sorted by a column.

use egui::{
    Align2, Color32, CornerRadius, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use fusionscope_engine::robustness::{Grid, GridRow};
use serde::{Deserialize, Serialize};

use crate::look::{self, ScalarMap, size, space};
use crate::panes::PaneContext;
use crate::store::metrics::per_cent;

const ROW: f32 = 24.0;
/// The widest names.
const NAMES: f32 = 230.0;

/// By which column rows are sorted; as they come where it is none of theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sort {
    by: Option<String>,
    ascending: bool,
}

impl Sort {
    /// The best first, then the worst first, then as they come.
    fn press(&mut self, column: &str) {
        *self = match self.by.as_deref() {
            Some(by) if by == column && !self.ascending => Self { by: Some(by.to_owned()), ascending: true },
            Some(by) if by == column => Self::default(),
            _ => Self { by: Some(column.to_owned()), ascending: false },
        };
    }

    /// The places of a grid's rows in this order; rows without a figure come last.
    fn order(&self, grid: &Grid) -> Vec<usize> {
        let mut order: Vec<usize> = (0..grid.rows.len()).collect();
        if let Some(column) = self.column(grid) {
            let figure = |row: &usize| grid.rows[*row].cells.get(column).copied().flatten();
            order.sort_by(|one, other| match (figure(one), figure(other)) {
                (Some(one), Some(other)) if self.ascending => one.total_cmp(&other),
                (Some(one), Some(other)) => other.total_cmp(&one),
                (one, other) => other.is_some().cmp(&one.is_some()),
            });
        }
        order
    }

    fn column(&self, grid: &Grid) -> Option<usize> {
        grid.columns.iter().position(|column| Some(column) == self.by.as_ref())
    }
}

/// A row that was clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pressed {
    /// Its place in the grid.
    pub(super) row: usize,
    /// Whether it was clicked twice.
    pub(super) twice: bool,
}

/// Where a grid's columns stand, from the left of a row.
struct Columns {
    names: f32,
    sensors: Vec<f32>,
    figures: Vec<f32>,
}

impl Columns {
    fn of(ui: &Ui, grid: &Grid) -> Self {
        let wide = |text: &str, points: f32| {
            let font = FontId::proportional(points);
            ui.painter().layout_no_wrap(text.to_owned(), font, Color32::WHITE).size().x
        };
        Self {
            names: grid.rows.iter().map(|row| wide(&row.name, size::BODY)).fold(48.0, f32::max).min(NAMES) + space::M,
            sensors: grid.sensors.iter().map(|name| (wide(name, size::SMALL) + 10.0).clamp(28.0, 92.0)).collect(),
            // Room for the mark of the order beside the words.
            figures: grid.columns.iter().map(|name| (wide(name, size::SMALL) + 24.0).max(56.0)).collect(),
        }
    }

    fn width(&self) -> f32 {
        self.names + self.sensors.iter().chain(&self.figures).sum::<f32>()
    }

    /// The left edge and width of each column of sensors, then of each of figures.
    fn places(&self, from: f32) -> impl Iterator<Item = (f32, f32)> {
        let mut left = from + self.names;
        self.sensors.iter().chain(&self.figures).map(move |width| {
            let place = (left, *width);
            left += width;
            place
        })
    }
}

/// Draws it. Rows that are subsets of the sensors can be clicked; `is_shown` says of which sensors the scenes are in view.
pub(super) fn show(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    grid: &Grid,
    sort: &mut Sort,
    is_shown: &dyn Fn(&GridRow) -> bool,
) -> Option<Pressed> {
    let columns = Columns::of(ui, grid);
    let mut pressed = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    heads(ui, ctx, grid, &columns, sort);
    for row in sort.order(grid) {
        let response = line(ui, ctx, grid, &columns, row, is_shown(&grid.rows[row]));
        if response.clicked() {
            pressed = Some(Pressed { row, twice: false });
        }
        if response.double_clicked() {
            pressed = Some(Pressed { row, twice: true });
        }
    }
    ui.spacing_mut().item_spacing.y = space::XS;
    ui.add_space(space::XS);
    scale(ui, ctx, grid.reach());
    pressed
}

fn heads(ui: &mut Ui, ctx: &PaneContext<'_>, grid: &Grid, columns: &Columns, sort: &mut Sort) {
    let tokens = ctx.tokens;
    let (rect, _) = ui.allocate_exact_size(vec2(columns.width(), 22.0), Sense::hover());
    let font = FontId::proportional(size::SMALL);
    let count = grid.sensors.len();
    for (place, (left, width)) in columns.places(rect.left()).enumerate() {
        let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
        if let Some(sensor) = grid.sensors.get(place) {
            let words = look::elided(ui, sensor, font.clone(), width - 4.0, tokens.weak);
            let at = pos2(cell.center().x - words.size().x / 2.0, cell.center().y - words.size().y / 2.0);
            ui.painter().galley(at, words, tokens.weak);
            continue;
        }
        let name = &grid.columns[place - count];
        let is_by = sort.by.as_ref() == Some(name);
        let response = ui.interact(cell, ui.scope_id().with(("sort", place)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_by, format!("Sort by {name}")));
        let mark = match (is_by, sort.ascending) {
            (true, true) => " ▴",
            (true, false) => " ▾",
            (false, _) => "",
        };
        let ink = if is_by || response.hovered() { tokens.text } else { tokens.weak };
        ui.painter().text(cell.center(), Align2::CENTER_CENTER, format!("{name}{mark}"), font.clone(), ink);
        if response.on_hover_text("Sort: the best first, the worst first, as they come").clicked() {
            sort.press(name);
        }
    }
}

fn line(ui: &mut Ui, ctx: &PaneContext<'_>, grid: &Grid, columns: &Columns, at: usize, is_shown: bool) -> Response {
    let (tokens, row) = (ctx.tokens, &grid.rows[at]);
    let can = row.is_subset && !grid.sensors.is_empty();
    let sense = if can { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(columns.width(), ROW), sense);
    let figures: Vec<String> =
        grid.columns.iter().zip(&row.cells).map(|(name, cell)| format!("{name} {}", per_cent(*cell))).collect();
    let words = format!("{}: {}", row.name, figures.join(", "));
    response.widget_info(|| {
        if can {
            WidgetInfo::selected(Role::Button, true, is_shown, &words)
        } else {
            WidgetInfo::labeled(Role::Label, true, &words)
        }
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    if can && (response.hovered() || response.has_focus()) {
        ui.painter().rect_filled(rect, CornerRadius::same(space::RADIUS), tokens.hovered);
    }
    let ink = if is_shown { tokens.text } else { tokens.weak };
    let name = look::elided(ui, &row.name, FontId::proportional(size::BODY), columns.names - space::S, ink);
    ui.painter().galley(pos2(rect.left() + 4.0, rect.center().y - name.size().y / 2.0), name, ink);
    let reach = grid.reach();
    let count = grid.sensors.len();
    for (place, (left, width)) in columns.places(rect.left()).enumerate() {
        let middle = pos2(left + width / 2.0, rect.center().y);
        if let Some(sensor) = grid.sensors.get(place) {
            if row.present.get(place).copied().unwrap_or_default() {
                ui.painter().circle_filled(middle, 5.0, ctx.store.hue(tokens, sensor));
            } else {
                ui.painter().circle_stroke(middle, 3.5, Stroke::new(1.0, tokens.outline));
            }
            continue;
        }
        let cell = Rect::from_center_size(middle, vec2(width - 2.0, ROW - 2.0));
        let figure = row.cells.get(place - count).copied().flatten();
        let (ground, ink) = figure.map_or((tokens.field, tokens.faint), |share| inks(share / reach));
        ui.painter().rect_filled(cell, 2.0, ground);
        ui.painter().text(middle, Align2::CENTER_CENTER, per_cent(figure), FontId::proportional(size::BODY), ink);
    }
    if is_shown {
        let radius = CornerRadius::same(space::RADIUS);
        ui.painter().rect_stroke(rect, radius, Stroke::new(1.5, tokens.accent), StrokeKind::Inside);
    }
    if can {
        let hint = "Click: the inspector sees these sensors alone, the others missing as the recipe says. Twice: and comes to the \
                    front";
        return response.on_hover_text(hint);
    }
    response
}

/// The ground of a share of the scale, and what is read on it.
fn inks(share: f64) -> (Color32, Color32) {
    let place = (share.clamp(0.0, 1.0) * 255.0).round() as usize;
    let ground = ScalarMap::Viridis.table()[place];
    (ground, if ground.intensity() > 0.45 { Color32::BLACK } else { Color32::WHITE })
}

/// The bar of colours, from 0 to the largest figure.
fn scale(ui: &mut Ui, ctx: &PaneContext<'_>, reach: f64) {
    let words = format!("{:.0} % mIoU", 100.0 * reach);
    ui.horizontal(|ui| {
        ui.label(look::small("0").color(ctx.tokens.faint));
        let (rect, response) = ui.allocate_exact_size(vec2(110.0, 8.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Colours from 0 to {words}")));
        let table = ScalarMap::Viridis.table();
        for step in 0..55_usize {
            let left = rect.left() + 2.0 * step as f32;
            let part = Rect::from_min_size(pos2(left, rect.top()), vec2(2.0, rect.height()));
            ui.painter().rect_filled(part, 0.0, table[step * 255 / 54]);
        }
        ui.label(look::small(words.as_str()).color(ctx.tokens.faint));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_sorts_best_first_then_worst_first_then_not_and_gaps_come_last() {
        let row = |cell| GridRow { cells: vec![cell], ..GridRow::default() };
        let grid = Grid {
            columns: vec!["all".to_owned()],
            rows: [Some(0.2), None, Some(0.6), Some(0.4)].map(row).into(),
            ..Grid::default()
        };
        let mut sort = Sort::default();
        let mut orders = vec![sort.order(&grid)];
        for _ in 0..3 {
            sort.press("all");
            orders.push(sort.order(&grid));
        }
        assert_eq!(orders, [[0, 1, 2, 3], [2, 3, 0, 1], [0, 3, 2, 1], [0, 1, 2, 3]]);
        sort.press("a column that is not there");
        assert_eq!(sort.order(&grid), [0, 1, 2, 3]);
    }

    #[test]
    fn figures_are_read_on_every_ground() {
        assert_eq!((inks(0.0).1, inks(1.0).1), (Color32::WHITE, Color32::BLACK));
        assert_eq!(inks(7.0), inks(1.0));
    }
}
