//! The runs of a folder, to choose one from.

use std::path::PathBuf;

use egui::{Button, Grid, ScrollArea, Ui, vec2};
use fusionscope_engine::protocol::{RunState, RunSummary};

use crate::action::Action;
use crate::look::{self, Tokens, space};

/// The list, while it is open.
#[derive(Debug, Default)]
pub(super) struct RunList(Option<(PathBuf, Vec<RunSummary>)>);

impl RunList {
    /// Shows the runs of a folder.
    pub(super) fn list(&mut self, folder: PathBuf, runs: Vec<RunSummary>) {
        self.0 = Some((folder, runs));
    }

    /// Whether it is shown.
    pub(super) fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Draws it over everything; returns the opening of the run that was chosen.
    pub(super) fn ui(&mut self, ctx: &egui::Context, tokens: &Tokens) -> Option<Action> {
        let (folder, runs) = self.0.as_ref()?;
        let mut chosen = None;
        let height = ctx.content_rect().height();
        let ((), goes) = look::modal(ctx, "run-list", 760.0, |ui| {
            ui.heading("Open a run");
            ui.label(egui::RichText::new(folder.display().to_string()).color(tokens.weak));
            ui.add_space(space::S);
            ScrollArea::both().max_height((height - 220.0).max(120.0)).auto_shrink([false, true]).show(ui, |ui| {
                Grid::new("runs").num_columns(5).striped(true).spacing(vec2(18.0, 4.0)).show(ui, |ui| {
                    for word in ["Run", "Began (UTC)", "Steps", "State", "mIoU (%)"] {
                        ui.label(look::small(word).color(tokens.weak));
                    }
                    ui.end_row();
                    for run in runs {
                        if row(ui, tokens, run) {
                            chosen = Some(run.path.clone());
                        }
                    }
                });
            });
            ui.add_space(space::M);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if look::button(ui, tokens, None, "Cancel", false).clicked() {
                    ui.close();
                }
            });
        });
        if goes || chosen.is_some() {
            self.0 = None;
        }
        chosen.map(Action::OpenRunFolder)
    }
}

fn row(ui: &mut Ui, tokens: &Tokens, run: &RunSummary) -> bool {
    let can = !matches!(run.state, RunState::Unreadable(_));
    let name = ui.add_enabled(can, Button::selectable(false, &run.name));
    let hint = match &run.state {
        RunState::Unreadable(why) => why.clone(),
        _ => format!("{}\n{}", run.dataset, run.path.display()),
    };
    let clicked = name.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked();
    ui.label(look::small(time_words(&run.started)).color(tokens.weak));
    ui.label(look::small(step_words(run)).color(tokens.text));
    let ink = match run.state {
        RunState::Complete => tokens.good,
        RunState::Incomplete => tokens.warning,
        RunState::Unreadable(_) => tokens.error,
    };
    ui.label(look::small(state_words(&run.state)).color(ink));
    let score = run.score.as_ref().map(|score| format!("{} ({})", look::share(score.miou), score.split));
    ui.label(look::small(score.unwrap_or_else(|| "–".to_owned())).color(tokens.text));
    ui.end_row();
    clicked
}

/// `2026-11-21T08:15:00Z` as `2026-11-21 08:15`.
fn time_words(started: &str) -> String {
    started.get(..16).map_or_else(|| "–".to_owned(), |minute| minute.replace('T', " "))
}

fn step_words(run: &RunSummary) -> String {
    match run.steps {
        0 => look::count(run.step),
        steps => format!("{} of {}", look::count(run.step), look::count(steps)),
    }
}

fn state_words(state: &RunState) -> &'static str {
    match state {
        RunState::Complete => "complete",
        RunState::Incomplete => "incomplete",
        RunState::Unreadable(_) => "not readable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_reads_as_people_count() {
        assert_eq!(time_words("2026-11-21T08:15:00Z"), "2026-11-21 08:15");
        assert_eq!(time_words(""), "–");
        let run = RunSummary {
            path: "runs/a".into(),
            name: "a".to_owned(),
            started: String::new(),
            dataset: String::new(),
            step: 1412,
            steps: 1500,
            state: RunState::Incomplete,
            score: None,
        };
        assert_eq!(step_words(&run), "1,412 of 1,500");
        assert_eq!(step_words(&RunSummary { steps: 0, ..run }), "1,412");
    }
}
