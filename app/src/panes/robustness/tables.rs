//! The tables that a run's figures on a split make: subsets of the sensors, and what protocols print.

use egui::{Label, ScrollArea, Ui};
use fusionscope_engine::protocol::{EvaluationReport, Protocol};
use fusionscope_engine::robustness::{Grid, GridRow, Kept, grid_picture};

use super::export;
use super::heat_map::{self, Sort};
use super::sorts::Sorts;
use crate::action::Action;
use crate::exhibit::{Exhibit, paper};
use crate::look::{self, Tokens};
use crate::panes::{PaneContext, PaneKind};

/// A table, and what it is kept and exported by.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) grid: Grid,
}

/// Every table of a run, those by sensors first.
pub(super) fn tables(kept: Kept<'_>, split: &str) -> Vec<Table> {
    let newest = |protocol| kept.newest(protocol, Some(split));
    let of_split = |report: &&EvaluationReport| report.split == split && !report.of_teacher;
    let evaluation = kept.evaluations.iter().filter(of_split).max_by_key(|report| report.step);
    let subsets = newest(Protocol::Subsets).filter(|report| evaluation.is_none_or(|other| report.step > other.step));
    let by_sensors = match subsets {
        Some(report) => Grid::of_combinations(report),
        None => evaluation.and_then(Grid::of_subsets),
    };
    let combinations = |protocol| newest(protocol).and_then(Grid::of_combinations);
    let averaged: Vec<_> = [Protocol::Emm, Protocol::Rmm, Protocol::Subsets].into_iter().filter_map(newest).collect();
    let printed = |protocol| newest(protocol).map(Grid::of_figures);
    let all = [
        ("subsets", by_sensors),
        ("averages", Grid::of_averages(&averaged)),
        ("noise", newest(Protocol::Nm).and_then(Grid::of_noise)),
        ("EMM", combinations(Protocol::Emm)),
        ("RMM", combinations(Protocol::Rmm)),
        ("conditions", printed(Protocol::Conditions)),
        ("heads", printed(Protocol::Heads)),
        ("HeatNet", printed(Protocol::Heatnet)),
    ];
    all.into_iter().filter_map(|(name, grid)| Some(Table { name, grid: grid? })).collect()
}

/// A table with its picture and its numbers.
pub(super) fn exhibit(table: &Table, tokens: &Tokens) -> Exhibit {
    let (grid, paper) = (table.grid.clone(), paper(tokens));
    let stem = format!("robustness-{}", table.name.to_lowercase());
    Exhibit::new(table.name, stem).csv(grid.csv()).drawn_as_it_is(move || Ok(grid_picture(&grid).on(paper)))
}

/// Draws a table with its export; a click on a subset makes it the inspector's.
pub(super) fn show(ui: &mut Ui, ctx: &PaneContext<'_>, table: &Table, sorts: &mut Sorts) {
    let Table { name, grid } = table;
    ui.push_id(*name, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(look::caption(ctx.tokens, &grid.title));
            export::button(ui, ctx, name);
        });
        let sort: &mut Sort = sorts.of(name);
        let pressed = ScrollArea::horizontal()
            .show(ui, |ui| heat_map::show(ui, ctx, grid, sort, &|row: &GridRow| is_in_view(ctx, grid, row)))
            .inner;
        if let Some(pressed) = pressed {
            ctx.act(Action::KeepSensors(sensors_of(grid, &grid.rows[pressed.row])));
            if pressed.twice {
                ctx.act(Action::ShowPane(PaneKind::Inspect));
            }
        }
        for note in &grid.notes {
            ui.add(Label::new(look::small(note.as_str()).color(ctx.tokens.faint)).wrap());
        }
    });
}

fn sensors_of(grid: &Grid, row: &GridRow) -> Vec<String> {
    let there = grid.sensors.iter().zip(&row.present).filter(|(_, present)| **present);
    there.map(|(sensor, _)| sensor.clone()).collect()
}

/// Whether the scenes in view are seen with exactly the sensors of a row.
fn is_in_view(ctx: &PaneContext<'_>, grid: &Grid, row: &GridRow) -> bool {
    let what_if = &ctx.store.scene.what_if;
    row.is_subset
        && !grid.sensors.is_empty()
        && grid.sensors.iter().all(|sensor| ctx.store.uses_sensor(sensor))
        && grid.sensors.iter().zip(&row.present).all(|(sensor, present)| *present != what_if.is_absent(sensor))
}
