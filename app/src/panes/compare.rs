//! The compare pane: the runs that were ticked, side by side. Their figures, each with its difference to one of the
//! sides, and of their recipes only what differs.

use std::path::PathBuf;
use std::sync::Arc;

use egui::containers::menu::MenuButton;
use egui::{Align2, Button, FontId, Grid, Rect, RichText, ScrollArea, Stroke, Ui, pos2, vec2};
use fusionscope_engine::files::csv;
use fusionscope_engine::protocol::FiguresBy;
use fusionscope_engine::robustness::{Grid as Figures, GridRow, grid_picture};
use serde::{Deserialize, Serialize};

use super::{Pane, PaneContext};
use crate::exhibit::{Exhibit, paper};
use crate::look::{self, space};
use crate::store::shelf::{Compared, FigureRow, Spread};

/// The compare pane.
#[derive(Debug, Default)]
pub struct ComparePane {
    kept: Kept,
    /// What was worked out last, for which state of the shelf and which choices.
    compared: Option<(u64, Kept, Arc<Compared>)>,
}

/// What is kept of the compare pane.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// Which figures; those of the test split where the runs have none of these.
    by: Option<FiguresBy>,
    /// A run of the side that the others are held against; the first side where it is none of them.
    reference: Option<PathBuf>,
}

/// A row of heads as it was drawn: its place, and its words with where they begin.
struct Heads {
    rect: Rect,
    cells: Vec<(f32, String)>,
}

impl Pane for ComparePane {
    fn choices(&self) -> Option<String> {
        serde_json::to_string(&self.kept).ok()
    }

    fn restore(&mut self, choices: &str) {
        if let Ok(kept) = serde_json::from_str(choices) {
            *self = Self { kept, ..Self::default() };
        }
    }

    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        if ctx.store.shelf.chosen().is_empty() {
            return Err("tick runs in the list of runs first".to_owned());
        }
        let compared = self.compared(ctx);
        let (grid, paper) = (grid_of(&compared), paper(ctx.tokens));
        let figures = Exhibit::new("Figures side by side", "compared").csv(figures_csv(&compared));
        let figures = figures.drawn_as_it_is(move || Ok(grid_picture(&grid).on(paper)));
        let settings = Exhibit::new("Settings that differ", "compared-settings").csv(settings_csv(&compared));
        Ok(vec![figures, settings])
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        ctx.show_runs();
        egui::Frame::new().inner_margin(egui::Margin::symmetric(10, 6)).show(ui, |ui| {
            if ctx.store.shelf.chosen().is_empty() {
                let words = "Tick runs in the list of runs to see their figures side by side, and the settings in \
                             which their recipes differ";
                look::empty(ui, ctx.tokens, words);
                return;
            }
            let compared = self.compared(ctx);
            self.kinds_ui(ui, &compared);
            for remark in &compared.remarks {
                ui.add(egui::Label::new(look::small(remark).color(ctx.tokens.warning)).wrap());
            }
            let mut asked = None;
            ScrollArea::both().auto_shrink(false).show(ui, |ui| {
                let mut heads = Vec::new();
                figures_ui(ui, ctx, &compared, &mut heads, &mut asked);
                ui.add_space(space::L);
                settings_ui(ui, ctx, &compared, &mut heads, &mut asked);
                stick(ui, ctx, &heads);
            });
            if asked.is_some() {
                self.kept.reference = asked;
            }
        });
    }
}

impl ComparePane {
    fn compared(&mut self, ctx: &PaneContext<'_>) -> Arc<Compared> {
        let (shelf, kept) = (&ctx.store.shelf, &self.kept);
        match &self.compared {
            Some((revision, before, compared)) if *revision == shelf.revision() && before == kept => {
                Arc::clone(compared)
            }
            _ => {
                let compared = Arc::new(Compared::of(shelf, kept.by.as_ref(), kept.reference.as_deref()));
                self.compared = Some((shelf.revision(), kept.clone(), Arc::clone(&compared)));
                compared
            }
        }
    }

    /// Which figures are compared: those that were made in one way, and no others.
    fn kinds_ui(&mut self, ui: &mut Ui, compared: &Compared) {
        let Some(by) = &compared.by else { return };
        let (button, _) = MenuButton::new(format!("{}  ▾", by.words())).ui(ui, |ui| {
            for kind in &compared.kinds {
                if ui.selectable_label(kind == by, kind.words()).clicked() {
                    self.kept.by = Some(kind.clone());
                    ui.close();
                }
            }
        });
        button.on_hover_text("Figures are compared only where they were made alike");
    }
}

/// The means of every side.
fn grid_of(compared: &Compared) -> Figures {
    let row = |row: &FigureRow| GridRow {
        name: format!("{}: {}", row.part, row.title),
        cells: row.values.iter().map(|spread| spread.map(|spread| spread.mean)).collect(),
        ..GridRow::default()
    };
    let by = compared.by.as_ref().map_or_else(String::new, FiguresBy::words);
    Figures {
        title: "Runs side by side, %".to_owned(),
        sensors: Vec::new(),
        columns: compared.sides.iter().map(|(name, _)| name.clone()).collect(),
        rows: compared.figures.iter().map(row).collect(),
        notes: std::iter::once(by).chain(compared.remarks.iter().cloned()).filter(|note| !note.is_empty()).collect(),
    }
}

/// Of every side mean, standard deviation and number of runs, as shares.
fn figures_csv(compared: &Compared) -> String {
    let mut text = csv::line(["part", "figure", "side", "mean", "deviation", "runs"]);
    for row in &compared.figures {
        for ((side, _), spread) in compared.sides.iter().zip(&row.values) {
            let Some(Spread { count, mean, deviation }) = spread else { continue };
            let deviation = deviation.map_or_else(String::new, |deviation| deviation.to_string());
            let numbers = [mean.to_string(), deviation, count.to_string()];
            text.push_str(&csv::line([row.part, &row.title, side].map(str::to_owned).into_iter().chain(numbers)));
        }
    }
    text
}

fn settings_csv(compared: &Compared) -> String {
    let heads = std::iter::once("setting").chain(compared.sides.iter().map(|(name, _)| name.as_str()));
    let rows = compared.settings.iter().map(|row| {
        let values = row.values.iter().map(|value| value.as_deref().unwrap_or_default());
        csv::line(std::iter::once(row.key).chain(values))
    });
    csv::line(heads) + &rows.collect::<String>()
}

/// The head of a table: each side with its colour. A click makes a side the one that the others are held against.
fn heads(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    compared: &Compared,
    first: &str,
    (drawn, asked): (&mut Vec<Heads>, &mut Option<PathBuf>),
) {
    let mut rect = ui.label(look::caption(ctx.tokens, first)).rect;
    let mut cells = vec![(rect.left(), first.to_owned())];
    for (at, ((name, place), run)) in compared.sides.iter().zip(&compared.runs).enumerate() {
        ui.horizontal(|ui| {
            look::swatch(ui, ctx.tokens.series(*place));
            let is_reference = at == compared.reference && compared.sides.len() > 1;
            let words = look::semibold(name).color(ctx.tokens.text);
            let head = ui.add(Button::selectable(is_reference, words));
            rect = rect.union(head.rect);
            cells.push((head.rect.left(), name.clone()));
            if head.on_hover_text("Hold the others against this side").clicked() {
                *asked = Some(run.clone());
            }
        });
    }
    drawn.push(Heads { rect, cells });
    ui.end_row();
}

/// Which row of heads belongs to what is seen first: the last whose top lies above.
fn sticking(tops: impl Iterator<Item = f32>, edge: f32) -> Option<usize> {
    tops.enumerate().filter(|(_, top)| *top < edge).map(|(at, _)| at).last()
}

/// Draws the heads of what is in view over it where they have been scrolled out of sight.
fn stick(ui: &Ui, ctx: &PaneContext<'_>, heads: &[Heads]) {
    let (clip, tokens) = (ui.clip_rect(), ctx.tokens);
    let Some(at) = sticking(heads.iter().map(|heads| heads.rect.top()), clip.top()) else { return };
    let Heads { rect, cells } = &heads[at];
    let strip = Rect::from_min_max(clip.left_top(), pos2(clip.right(), clip.top() + rect.height()));
    ui.painter().rect_filled(strip, 0.0, tokens.surface);
    ui.painter().hline(strip.x_range(), strip.bottom(), Stroke::new(1.0, tokens.hairline));
    let font = FontId::proportional(look::size::SMALL);
    for (left, words) in cells {
        ui.painter().text(pos2(*left, strip.center().y), Align2::LEFT_CENTER, words, font.clone(), tokens.text);
    }
}

fn figures_ui(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    compared: &Compared,
    drawn: &mut Vec<Heads>,
    asked: &mut Option<PathBuf>,
) {
    let tokens = ctx.tokens;
    if compared.figures.is_empty() {
        ui.label(RichText::new("None of these runs was evaluated yet").color(tokens.weak));
        return;
    }
    Grid::new("figures").striped(true).spacing(vec2(18.0, 3.0)).show(ui, |ui| {
        let mut part = "";
        for row in &compared.figures {
            if row.part != part {
                part = row.part;
                heads(ui, ctx, compared, &format!("{part}, %"), (&mut *drawn, &mut *asked));
            }
            ui.label(RichText::new(&row.title).color(tokens.weak));
            for side in 0..row.values.len() {
                figure_ui(ui, ctx, row, side, compared.reference);
            }
            ui.end_row();
        }
    });
    ui.add_space(space::XS);
    let several = compared.sides.len() > 1;
    let mut words = "Mean ± standard deviation where a side has several runs".to_owned();
    if several {
        words.push_str(". Small: points to the side that is marked, which a click on its name chooses. The largest of a row is underlined");
    }
    ui.label(look::small(words).color(tokens.faint));
}

/// A figure, the largest of its row underlined, and by how many points it differs from that of the reference.
fn figure_ui(ui: &mut Ui, ctx: &PaneContext<'_>, row: &FigureRow, side: usize, reference: usize) {
    let tokens = ctx.tokens;
    let Some(spread) = row.values[side] else {
        ui.label(RichText::new("–").color(tokens.faint));
        return;
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let text = RichText::new(spread.per_cent()).color(tokens.text);
        ui.label(if row.best == Some(side) { text.underline() } else { text });
        if let (Some(Spread { mean, .. }), true) = (row.values[reference], side != reference) {
            let (points, ink) = look::points(tokens, 100.0 * (spread.mean - mean));
            ui.label(look::small(points).color(ink));
        }
    });
}

fn settings_ui(
    ui: &mut Ui,
    ctx: &PaneContext<'_>,
    compared: &Compared,
    drawn: &mut Vec<Heads>,
    asked: &mut Option<PathBuf>,
) {
    let tokens = ctx.tokens;
    if compared.settings.is_empty() {
        let words = if compared.sides.len() > 1 {
            "Their recipes do not differ but for the seed"
        } else {
            "Tick a second run to see in which settings the recipes differ"
        };
        ui.label(RichText::new(words).color(tokens.weak));
        return;
    }
    Grid::new("settings").striped(true).spacing(vec2(18.0, 3.0)).show(ui, |ui| {
        heads(ui, ctx, compared, "Settings that differ", (drawn, asked));
        for row in &compared.settings {
            ui.label(RichText::new(row.key).color(tokens.weak)).on_hover_text(row.title);
            for value in &row.values {
                // What is as on the side that is held against is not what one looks for.
                let ink = if *value == row.values[compared.reference] { tokens.faint } else { tokens.text };
                ui.label(RichText::new(value.as_deref().unwrap_or("–")).color(ink));
            }
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heads_of_what_is_seen_first_stay_in_sight() {
        let tops = [10.0, 200.0, 400.0];
        let at = |edge: f32| sticking(tops.into_iter(), edge);
        assert_eq!([at(5.0), at(10.0), at(11.0), at(399.0), at(900.0)], [None, None, Some(0), Some(1), Some(2)]);
    }
}
