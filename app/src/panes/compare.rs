//! The compare pane: the runs that were ticked, side by side. Their figures, each with its difference to the first
//! side, and of their recipes only what differs.

use std::sync::Arc;

use egui::containers::menu::MenuButton;
use egui::{Grid, RichText, ScrollArea, Ui, vec2};
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
    /// What was worked out last, for which state of the shelf and which figures.
    compared: Option<(u64, Option<FiguresBy>, Arc<Compared>)>,
}

/// What is kept of the compare pane.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// Which figures; those of the test split where the runs have none of these.
    by: Option<FiguresBy>,
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
            ScrollArea::both().auto_shrink(false).show(ui, |ui| {
                figures_ui(ui, ctx, &compared);
                ui.add_space(space::L);
                settings_ui(ui, ctx, &compared);
            });
        });
    }
}

impl ComparePane {
    fn compared(&mut self, ctx: &PaneContext<'_>) -> Arc<Compared> {
        let (shelf, by) = (&ctx.store.shelf, &self.kept.by);
        match &self.compared {
            Some((revision, before, compared)) if *revision == shelf.revision() && before == by => Arc::clone(compared),
            _ => {
                let compared = Arc::new(Compared::of(shelf, by.as_ref()));
                self.compared = Some((shelf.revision(), by.clone(), Arc::clone(&compared)));
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

/// The head of a table: each side with its colour.
fn heads(ui: &mut Ui, ctx: &PaneContext<'_>, compared: &Compared, first: &str) {
    ui.label(look::caption(ctx.tokens, first));
    for (name, place) in &compared.sides {
        ui.horizontal(|ui| {
            look::swatch(ui, ctx.tokens.series(*place));
            ui.label(look::semibold(name).color(ctx.tokens.text));
        });
    }
    ui.end_row();
}

fn figures_ui(ui: &mut Ui, ctx: &PaneContext<'_>, compared: &Compared) {
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
                heads(ui, ctx, compared, &format!("{part}, %"));
            }
            ui.label(RichText::new(&row.title).color(tokens.weak));
            for side in 0..row.values.len() {
                figure_ui(ui, ctx, row, side);
            }
            ui.end_row();
        }
    });
    ui.add_space(space::XS);
    let several = compared.sides.len() > 1;
    let mut words = "Mean ± standard deviation where a side has several runs".to_owned();
    if several {
        words.push_str(". Small: points to the first side. The largest of a row is underlined");
    }
    ui.label(look::small(words).color(tokens.faint));
}

/// A figure, the largest of its row underlined, and by how many points it differs from that of the first side.
fn figure_ui(ui: &mut Ui, ctx: &PaneContext<'_>, row: &FigureRow, side: usize) {
    let tokens = ctx.tokens;
    let Some(spread) = row.values[side] else {
        ui.label(RichText::new("–").color(tokens.faint));
        return;
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let text = RichText::new(spread.per_cent()).color(tokens.text);
        ui.label(if row.best == Some(side) { text.underline() } else { text });
        if let (Some(Spread { mean, .. }), true) = (row.values[0], side > 0) {
            let (points, ink) = look::points(tokens, 100.0 * (spread.mean - mean));
            ui.label(look::small(points).color(ink));
        }
    });
}

fn settings_ui(ui: &mut Ui, ctx: &PaneContext<'_>, compared: &Compared) {
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
        heads(ui, ctx, compared, "Settings that differ");
        for row in &compared.settings {
            ui.label(RichText::new(row.key).color(tokens.weak)).on_hover_text(row.title);
            for value in &row.values {
                // What is as on the first side is not what one looks for.
                let ink = if *value == row.values[0] { tokens.faint } else { tokens.text };
                ui.label(RichText::new(value.as_deref().unwrap_or("–")).color(ink));
            }
            ui.end_row();
        }
    });
}
