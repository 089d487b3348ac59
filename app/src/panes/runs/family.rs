//! Runs that differ by their seed alone as one row: mean ± deviation and how many, unfolded by a click.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use egui::{Key, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2};

use super::RunsPane;
use super::row::{Cells, choice, write};
use crate::action::Action;
use crate::look;
use crate::panes::PaneContext;
use crate::store::shelf::{Column, Family, FigureColumn, Listed, Spread};

impl RunsPane {
    pub(super) fn family_row(
        &mut self,
        ui: &mut Ui,
        ctx: &PaneContext<'_>,
        cells: &Cells<'_>,
        (family, paths, is_unfolded): (Family, &[PathBuf], bool),
    ) {
        let tokens = ctx.tokens;
        let runs: Vec<&Listed> = paths.iter().filter_map(|path| ctx.store.shelf.run(path)).collect();
        let Some(first) = runs.first() else { return };
        let seeds = runs.iter().map(|run| run.seed()).collect::<BTreeSet<_>>().len();
        let are_alike = seeds == runs.len();
        let seeds = look::counted(seeds as u64, "seed");
        // A recipe may have been trained from one seed more than once.
        let of = if are_alike { seeds } else { format!("{} runs of {seeds}", runs.len()) };
        let name = format!("{}, {of}", first.title());
        let response = ui.interact(cells.rect, ui.scope_id().with(("family", &paths[0])), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_unfolded, format!("Runs of {name}")));
        cells.ground(ui, tokens, &response, false);
        let are_on = paths.iter().all(|path| ctx.store.shelf.colour_of(path).is_some());
        let colour = ctx.store.shelf.colour_of(&paths[0]).filter(|_| are_on).map(|place| tokens.series(place));
        if choice(ui, tokens, &response, &name, colour) {
            ctx.act(Action::CompareRuns { runs: paths.to_vec(), is_on: !are_on });
        }
        for (place, (column, cell)) in cells.each().enumerate() {
            let text = match column {
                Column::Differs => cells.list.differences(first),
                Column::Name => name.clone(),
                column => words(column, &runs, cells),
            };
            let ink = if matches!(column, Column::Name | Column::Figure(_)) { tokens.text } else { tokens.weak };
            // The triangle stands in the first column, whichever that is.
            let indent = if place == 0 { 14.0 } else { 0.0 };
            if place == 0 {
                let middle = pos2(cell.left() + 8.0, cell.center().y);
                let corners = if is_unfolded {
                    [(-4.0, -2.0), (4.0, -2.0), (0.0, 3.0)]
                } else {
                    [(-2.0, -4.0), (3.0, 0.0), (-2.0, 4.0)]
                };
                let corners = corners.map(|(x, y)| middle + egui::vec2(x, y)).to_vec();
                ui.painter().add(Shape::convex_polygon(corners, tokens.weak, Stroke::NONE));
            }
            write(ui, cell.with_min_x(cell.left() + indent), &text, column.is_of_numbers(), ink);
        }
        let delete = response.has_focus() && ui.input(|input| input.key_pressed(Key::Delete));
        if delete {
            ctx.act(Action::BinRuns(paths.to_vec()));
        } else if response.clicked() && !self.unfolded.remove(&family) {
            self.unfolded.insert(family);
        }
        look::context_menu(&response, |ui| {
            let lines = [
                (
                    if are_on { "Leave all out" } else { "Compare all" },
                    Action::CompareRuns { runs: paths.to_vec(), is_on: !are_on },
                ),
                ("Take the recipe", Action::OpenRecipeFile(paths[0].join("recipe.toml"))),
                ("Move all to the bin…", Action::BinRuns(paths.to_vec())),
            ];
            for (word, action) in lines {
                let known = action.describe(ctx.store);
                let button = ui.add_enabled(known.enabled.is_ok(), egui::Button::new(word));
                if button.on_disabled_hover_text(known.hint(ui.ctx())).clicked() {
                    ctx.act(action);
                    ui.close();
                }
            }
        });
        response.on_hover_ui(|ui| {
            ui.label(look::semibold(&name).color(tokens.text));
            for run in &runs {
                let figure = Column::Figure(FigureColumn::All).text(run, cells.by);
                let seed = run.seed().map_or_else(String::new, |seed| format!("seed {seed}: "));
                let words = format!("{seed}{figure} % · {} · {}", run.card.standing.word(), run.name());
                ui.label(look::small(words).color(tokens.weak));
            }
        });
    }
}

/// What a column says of several runs of one recipe.
fn words(column: &Column, runs: &[&Listed], cells: &Cells<'_>) -> String {
    match column {
        Column::Figure(figure) => {
            let read = |run: &&Listed| run.figures(cells.by).and_then(|figures| figure.read(figures));
            let Some(spread) = Spread::of(runs.iter().filter_map(read)) else { return "–".to_owned() };
            let is_changed = |run: &&Listed| run.figures(cells.by).is_some_and(|figures| figures.is_changed);
            let mark = if runs.iter().any(is_changed) { "†" } else { "" };
            // Of fewer than the row says.
            let count = if spread.count < runs.len() { format!(" ({})", spread.count) } else { String::new() };
            format!("{}{mark}{count}", spread.per_cent())
        }
        Column::Time => {
            let secs = runs.iter().filter_map(|run| run.card.training.map(|training| training.secs));
            Spread::of(secs).map_or_else(|| "–".to_owned(), |spread| format!("mean {}", look::clock(spread.mean)))
        }
        Column::State => {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for run in runs {
                *counts.entry(run.card.standing.word()).or_default() += 1;
            }
            match counts.len() {
                1 => counts.into_keys().next().unwrap_or_default().to_owned(),
                _ => counts.into_iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", "),
            }
        }
        Column::Tags => {
            let (first, rest) = (runs[0], &runs[1..]);
            let common =
                first.card.notes.tags.iter().filter(|tag| rest.iter().all(|run| run.card.notes.tags.contains(tag)));
            common.cloned().collect::<Vec<_>>().join(", ")
        }
        Column::Step => {
            let least = runs.iter().min_by_key(|run| run.card.step);
            let most = runs.iter().max_by_key(|run| run.card.step);
            match (least, most) {
                (Some(least), Some(most)) if least.card.step != most.card.step => {
                    format!("{}–{}", look::count(least.card.step), look::count(most.card.step))
                }
                _ => column.text(runs[0], cells.by),
            }
        }
        Column::Note => String::new(),
        Column::Name | Column::Recipe | Column::Differs | Column::Began => column.text(runs[0], cells.by),
    }
}
