//! The runs of one row: how far each is, and the button that opens it.

use egui::{Grid, Ui, vec2};
use fusionscope_engine::study::Standing;

use super::squares::ink_of;
use crate::action::Action;
use crate::link::StudyView;
use crate::look::{self, space};
use crate::panes::PaneContext;
use crate::store::metrics::per_cent;
use crate::store::study::{JobState, state_of};

/// Draws them.
pub(super) fn show(ui: &mut Ui, ctx: &PaneContext<'_>, view: &StudyView, row: &str) {
    let tokens = ctx.tokens;
    egui::Frame::new().inner_margin(egui::Margin { left: 20, right: 0, top: 2, bottom: 6 }).show(ui, |ui| {
        Grid::new(("study-runs", row)).num_columns(3).spacing(vec2(space::M, 2.0)).show(ui, |ui| {
            for (job, standing) in view.runs_of(row) {
                let state = state_of(view, *job, standing);
                ui.horizontal(|ui| {
                    look::swatch(ui, ink_of(tokens, &state));
                    ui.label(format!("seed {}", job.seed));
                });
                let words = words_of(&state, standing, view);
                let ink = if matches!(state, JobState::Failed(_)) { tokens.error } else { tokens.weak };
                ui.label(look::small(words).color(ink));
                if let Some(run) = standing.run() {
                    let action = Action::OpenRunFolder(run.to_owned());
                    let hint = action.describe(ctx.store).hint(ui.ctx());
                    let button = |ui: &mut Ui| ui.button(look::small("Open")).on_hover_text(run.display().to_string());
                    let open = ui.add_enabled_ui(action.enabled(ctx.store), button).inner;
                    let open = open.accessible_name(format!("Open seed {} of {row}", job.seed));
                    if open.on_disabled_hover_text(hint).clicked() {
                        ctx.act(action);
                    }
                }
                ui.end_row();
            }
        });
    });
}

/// How far a run is, in a few words.
fn words_of(state: &JobState, standing: &Standing, view: &StudyView) -> String {
    match state {
        JobState::Missing => "not begun".to_owned(),
        JobState::Stale(reason) => format!("stale: {reason}"),
        JobState::Running { of: 0, .. } => "starting".to_owned(),
        JobState::Running { step, of } => format!("running, step {} of {}", look::count(*step), look::count(*of)),
        JobState::Begun { of: 0, .. } => "begun".to_owned(),
        JobState::Begun { step, of } => format!("at step {} of {}", look::count(*step), look::count(*of)),
        JobState::Trained => "trained, not scored yet".to_owned(),
        JobState::Failed(reason) => format!("failed: {reason}"),
        JobState::Done => match standing {
            Standing::Done(done) => {
                let figures = view.study.figures.iter();
                let words = figures
                    .map(|figure| format!("{} {}", figure.title, per_cent(figure.read(&done.report, &done.protocols))));
                words.collect::<Vec<_>>().join(" · ")
            }
            _ => "done".to_owned(),
        },
    }
}
