//! One run as a row: its cells, what the pointer is told of it, and what can be done with it.

use std::path::Path;

use egui::{
    Color32, CornerRadius, FontId, Key, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use fusionscope_engine::protocol::{FiguresBy, RunStanding};

use super::RunsPane;
use crate::action::Action;
use crate::look::{self, Tokens, size, space};
use crate::panes::PaneContext;
use crate::store::metrics::per_cent;
use crate::store::shelf::{Arranged, Column, FigureColumn, Listed};

/// The height of a row in points.
pub(super) const ROW: f32 = 22.0;
/// Room in points for the box that chooses a run.
pub(super) const BOX: f32 = 28.0;

/// Where the cells of a row stand, and what they show.
pub(super) struct Cells<'a> {
    pub(super) rect: Rect,
    pub(super) columns: &'a [Column],
    pub(super) widths: &'a [f32],
    pub(super) by: Option<&'a FiguresBy>,
    pub(super) list: &'a Arranged,
}

impl Cells<'_> {
    /// Each column with its place.
    pub(super) fn each(&self) -> impl Iterator<Item = (&Column, Rect)> {
        let mut left = self.rect.left() + BOX;
        self.columns.iter().zip(self.widths).map(move |(column, width)| {
            let cell = Rect::from_min_size(pos2(left, self.rect.top()), vec2(*width, ROW));
            left = cell.right();
            (column, cell)
        })
    }

    /// The ground of the row: under the pointer, open, or at rest.
    pub(super) fn ground(&self, ui: &Ui, tokens: &Tokens, response: &Response, is_open: bool) {
        let ground = match (is_open, response.hovered() || response.has_focus()) {
            (true, _) => tokens.accent_weak,
            (false, true) => tokens.hovered,
            (false, false) => Color32::TRANSPARENT,
        };
        ui.painter().rect_filled(self.rect, 0.0, ground);
        ui.painter().hline(self.rect.x_range(), self.rect.bottom() - 0.5, Stroke::new(1.0, tokens.hairline));
    }
}

/// Words in a cell, at its right where they are numbers.
pub(super) fn write(ui: &Ui, cell: Rect, words: &str, is_of_numbers: bool, ink: Color32) {
    let words = look::elided(ui, words, FontId::proportional(size::BODY), cell.width() - 10.0, ink);
    let left = if is_of_numbers { cell.right() - 8.0 - words.size().x } else { cell.left() + 4.0 };
    ui.painter().galley(pos2(left, cell.center().y - words.size().y / 2.0), words, ink);
}

/// The box that takes runs into the comparison, filled with their colour where they are in it.
pub(super) fn choice(ui: &Ui, tokens: &Tokens, row: &Response, name: &str, colour: Option<Color32>) -> bool {
    let room = Rect::from_min_size(row.rect.min, vec2(BOX, ROW));
    let response = ui.interact(room, row.id.with("compare"), Sense::click());
    let is_on = colour.is_some();
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, format!("Compare {name}")));
    let square = Rect::from_center_size(room.center(), vec2(12.0, 12.0));
    let radius = CornerRadius::same(3);
    if let Some(colour) = colour {
        ui.painter().rect_filled(square, radius, colour);
        let tick = [
            square.left_center() + vec2(3.0, 0.5),
            square.center() + vec2(-1.0, 3.0),
            square.right_top() + vec2(-2.5, 3.5),
        ];
        ui.painter().line(tick.to_vec(), Stroke::new(1.5, tokens.surface));
    } else {
        let ink = if response.hovered() { tokens.text } else { tokens.outline };
        ui.painter().rect_stroke(square, radius, Stroke::new(1.0, ink), StrokeKind::Inside);
    }
    response.on_hover_text("Lay its curves over others, and its recipe and figures beside theirs").clicked()
}

pub(super) fn ink_of(tokens: &Tokens, standing: &RunStanding) -> Color32 {
    match standing {
        RunStanding::Running => tokens.accent_ink,
        RunStanding::Held | RunStanding::Stopped => tokens.warning,
        RunStanding::Complete => tokens.good,
        RunStanding::BrokenOff | RunStanding::Unreadable(_) => tokens.error,
    }
}

impl RunsPane {
    pub(super) fn run_row(
        &mut self,
        ui: &mut Ui,
        ctx: &PaneContext<'_>,
        cells: &Cells<'_>,
        path: &Path,
        is_inner: bool,
    ) {
        let Some(run) = ctx.store.shelf.run(path) else { return };
        let (tokens, card) = (ctx.tokens, &run.card);
        let response = ui.interact(cells.rect, ui.scope_id().with(("run", path)), Sense::click());
        let name = run.name();
        let is_open = is_in_hand(ctx, path);
        response.widget_info(|| {
            WidgetInfo::selected(Role::Button, true, is_open, format!("Run {name}, {}", card.standing.word()))
        });
        cells.ground(ui, tokens, &response, is_open);
        let colour = ctx.store.shelf.colour_of(path).map(|place| tokens.series(place));
        if choice(ui, tokens, &response, &name, colour) {
            ctx.act(Action::CompareRuns { runs: vec![path.to_owned()], is_on: colour.is_none() });
        }
        for (column, cell) in cells.each() {
            let text = match column {
                Column::Differs => cells.list.differences(run),
                column => column.text(run, cells.by),
            };
            let ink = match column {
                Column::State => ink_of(tokens, &card.standing),
                Column::Name | Column::Figure(_) => tokens.text,
                _ => tokens.weak,
            };
            let indent = if is_inner && *column == Column::Name { 18.0 } else { 0.0 };
            write(ui, cell.with_min_x(cell.left() + indent), &text, column.is_of_numbers(), ink);
            if *column == Column::Step && card.standing.is_at_work() && card.steps > 0 {
                let share = (card.step as f32 / card.steps as f32).clamp(0.0, 1.0);
                let line = Rect::from_min_size(
                    pos2(cell.left() + 6.0, cell.bottom() - 3.0),
                    vec2(share * (cell.width() - 14.0), 2.0),
                );
                ui.painter().rect_filled(line, 1.0, tokens.accent);
            }
        }
        let (enter, delete) = ui.input(|input| (input.key_pressed(Key::Enter), input.key_pressed(Key::Delete)));
        if response.double_clicked() || (response.has_focus() && enter) {
            ctx.act(Action::OpenRunFolder(path.to_owned()));
        } else if response.has_focus() && delete {
            ctx.act(Action::BinRuns(vec![path.to_owned()]));
        } else if response.clicked() {
            response.request_focus();
        }
        look::context_menu(&response, |ui| self.run_menu(ui, ctx, run));
        response.on_hover_ui(|ui| card_ui(ui, ctx, run, cells));
    }

    fn run_menu(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, run: &Listed) {
        let path = &run.card.path;
        let is_on = ctx.store.shelf.colour_of(path).is_none();
        let actions = [
            ("Open", Action::OpenRunFolder(path.clone())),
            ("Take its recipe", Action::OpenRecipeFile(path.join("recipe.toml"))),
            (if is_on { "Compare" } else { "Leave out" }, Action::CompareRuns { runs: vec![path.clone()], is_on }),
            ("Show its pictures beside", Action::CompareWith(path.clone())),
            ("Move to the bin…", Action::BinRuns(vec![path.clone()])),
        ];
        let fetch = ctx.store.engine.is_afar().then(|| ("Copy to this machine", Action::FetchRun(path.clone())));
        for (word, action) in actions.into_iter().chain(fetch) {
            let known = action.describe(ctx.store);
            let button = ui.add_enabled(known.enabled.is_ok(), egui::Button::new(word));
            if button.on_disabled_hover_text(known.hint(ui.ctx())).clicked() {
                ctx.act(action);
                ui.close();
            }
        }
        ui.separator();
        if ui.button("Tags and note…").clicked() {
            self.noting.ask(run);
            ui.close();
        }
        if ui.button("Copy the path").clicked() {
            ui.ctx().copy_text(path.display().to_string());
            ui.close();
        }
    }
}

/// Whether this run is the one that the session has in hand.
fn is_in_hand(ctx: &PaneContext<'_>, path: &Path) -> bool {
    let absolute = |path: &Path| std::path::absolute(path).ok();
    ctx.store.run.as_ref().is_some_and(|run| run == path || absolute(run) == absolute(path))
}

/// All that is known of a run.
fn card_ui(ui: &mut Ui, ctx: &PaneContext<'_>, run: &Listed, cells: &Cells<'_>) {
    let (tokens, card) = (ctx.tokens, &run.card);
    ui.set_max_width(460.0);
    ui.label(look::semibold(run.title_and_seed()).color(tokens.text));
    let mut lines = vec![card.path.display().to_string()];
    let data = if card.dataset.is_empty() { "data unknown".to_owned() } else { card.dataset.clone() };
    let began = Column::Began.text(run, None);
    lines.push(format!("{data} · began {began} · steps {}", Column::Step.text(run, None)));
    lines.push(match &card.standing {
        RunStanding::Unreadable(why) => why.clone(),
        standing if card.holder.is_empty() => standing.word().to_owned(),
        standing => format!("{} by {}", standing.word(), card.holder),
    });
    for line in lines {
        ui.add(egui::Label::new(look::small(line).color(tokens.weak)).wrap());
    }
    for figures in &card.figures {
        let (all, mean) = (FigureColumn::All.read(figures), figures.mean_of_subsets());
        let words = format!(
            "{} % at step {}, mean of subsets {} %: {}",
            per_cent(all),
            look::count(figures.step),
            per_cent(mean),
            figures.by.words()
        );
        let ink = if Some(&figures.by) == cells.by { tokens.text } else { tokens.faint };
        ui.add(egui::Label::new(look::small(words).color(ink)).wrap());
    }
    let (unusual, usual) = cells.list.values_of(run);
    ui.add_space(if unusual.is_empty() && usual.is_empty() { 0.0 } else { space::XS });
    for (lines, ink) in [(unusual, tokens.text), (usual, tokens.faint)] {
        for line in lines.iter().take(24) {
            ui.label(look::small(line).color(ink));
        }
    }
    if !card.notes.note.is_empty() {
        ui.add_space(space::XS);
        ui.add(egui::Label::new(look::small(&card.notes.note).color(tokens.text)).wrap());
    }
}
