//! The table: heads that sort, and the rows in sight.

use egui::{FontId, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use fusionscope_engine::protocol::FiguresBy;

use super::RunsPane;
use super::row::{BOX, Cells, ROW};
use crate::look::{self, size};
use crate::panes::PaneContext;
use crate::store::shelf::{Arranged, Column, Row};

/// The height of the heads in points.
const HEAD: f32 = 22.0;
/// The narrowest column in points.
const NARROWEST: f32 = 40.0;

impl RunsPane {
    pub(super) fn table(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, list: &Arranged, by: Option<&FiguresBy>) {
        let foot = 18.0;
        let height = (ui.available_height() - foot).max(HEAD + ROW);
        let columns = self.kept.columns.clone();
        let widths: Vec<f32> = columns.iter().map(|column| self.width_of(column)).collect();
        let width = (BOX + widths.iter().sum::<f32>()).max(ui.available_width());
        ScrollArea::horizontal().max_height(height).auto_shrink([false, false]).show(ui, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 0.0;
            self.heads(ui, ctx, &widths, width);
            let room = (height - HEAD - 14.0).max(ROW);
            ScrollArea::vertical().max_height(room).auto_shrink([false, false]).show_rows(
                ui,
                ROW,
                list.rows.len(),
                |ui, shown| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    for row in &list.rows[shown] {
                        let (_, rect) = ui.allocate_space(vec2(width, ROW));
                        let cells = Cells { rect, columns: &columns, widths: &widths, by, list };
                        match row {
                            Row::Run { path, is_inner } => self.run_row(ui, ctx, &cells, path, *is_inner),
                            Row::Family { family, runs, is_unfolded } => {
                                self.family_row(ui, ctx, &cells, (*family, runs.as_slice(), *is_unfolded));
                            }
                        }
                    }
                },
            );
        });
        if let Some(by) = by {
            let otherwise = ctx.store.shelf.runs().filter(|run| run.figures(Some(by)).is_none());
            let otherwise = otherwise.filter(|run| !run.card.figures.is_empty()).count();
            let others = match otherwise {
                0 => String::new(),
                count => format!(" · {} evaluated otherwise", look::counted(count as u64, "run")),
            };
            let words = format!("mIoU in per cent: {}{others} · † settings changed while it trained", by.words());
            ui.add(egui::Label::new(look::small(words).color(ctx.tokens.faint)).truncate());
        }
    }

    fn width_of(&self, column: &Column) -> f32 {
        let kept = self.kept.widths.get(&column.title()).copied();
        kept.filter(|width| width.is_finite()).unwrap_or_else(|| column.width()).clamp(NARROWEST, 900.0)
    }

    /// The heads: a click sorts, the border of a column moves.
    fn heads(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, widths: &[f32], width: f32) {
        let tokens = ctx.tokens;
        let (_, whole) = ui.allocate_space(vec2(width, HEAD));
        ui.painter().rect_filled(whole, 0.0, tokens.strip);
        ui.painter().hline(whole.x_range(), whole.bottom(), Stroke::new(1.0, tokens.hairline));
        let mut left = whole.left() + BOX;
        for (column, width) in self.kept.columns.clone().iter().zip(widths) {
            let rect = Rect::from_min_size(pos2(left, whole.top()), vec2(*width, HEAD));
            left = rect.right();
            let (sorted, is_ascending) = &self.kept.sorted_by;
            let mark = match (sorted == column, is_ascending) {
                (false, _) => "",
                (true, true) => " ↑",
                (true, false) => " ↓",
            };
            let title = column.title();
            let response = ui.interact(rect, ui.scope_id().with(("head", &title)), Sense::click());
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Sort by {title}")));
            let ink = if sorted == column || response.hovered() { tokens.text } else { tokens.weak };
            let font = FontId::proportional(size::SMALL);
            let words = look::elided(ui, format!("{title}{mark}"), font, rect.width() - 10.0, ink);
            let at = if column.is_of_numbers() {
                pos2(rect.right() - 8.0 - words.size().x, rect.center().y - words.size().y / 2.0)
            } else {
                pos2(rect.left() + 4.0, rect.center().y - words.size().y / 2.0)
            };
            ui.painter().galley(at, words, ink);
            if response.on_hover_text(column.explanation()).clicked() {
                // Of figures and times one looks for the most first, of words for the first.
                let is_ascending = if sorted == column {
                    !*is_ascending
                } else {
                    !(column.is_of_numbers() || *column == Column::Began)
                };
                self.kept.sorted_by = (column.clone(), is_ascending);
            }
            let border = Rect::from_center_size(pos2(rect.right(), rect.center().y), vec2(6.0, HEAD));
            let handle = ui.interact(border, ui.scope_id().with(("border", &title)), Sense::drag());
            handle.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, format!("Width of {title}")));
            if handle.hovered() || handle.dragged() {
                ui.painter().vline(border.center().x, border.y_range(), Stroke::new(1.0, tokens.accent));
            }
            let handle = handle.on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
            if handle.dragged() {
                let wide = (width + handle.drag_delta().x).clamp(NARROWEST, 900.0);
                self.kept.widths.insert(title, wide);
            }
        }
    }
}
