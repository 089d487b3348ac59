//! The study pane: puts a study together by ticking parts of the recipe, or follows one that is open.

mod builder;
mod exhibits;
mod head;
mod preview;
mod row_runs;
mod squares;
mod table;
mod wish;

use std::path::PathBuf;

use crossbeam_channel::Receiver;
use egui::{Frame, ScrollArea, Ui};
use fusionscope_engine::study::{ShippedStudy, shipped_studies};

use self::builder::Builder;
use self::head::Start;
use super::{Errand, Pane, PaneContext, PaneKind};
use crate::action::{Action, Exported};
use crate::exhibit::Exhibit;
use crate::look::{self, Icon, space};
use crate::panes::saving::Saving;

/// The study pane.
#[derive(Debug, Default)]
pub struct StudyPane {
    builder: Builder,
    saving: Saving,
    /// The file of a study that has just been saved, to be opened.
    saved: Option<Receiver<PathBuf>>,
    start: Start,
    /// The row whose runs are listed.
    open_row: Option<usize>,
    /// The study that the row is of.
    shown: Option<PathBuf>,
    /// The table has all of its columns, also those for which there is no room.
    shows_all: bool,
}

impl Pane for StudyPane {
    fn choices(&self) -> Option<String> {
        serde_json::to_string(&self.shows_all).ok()
    }

    fn restore(&mut self, choices: &str) {
        if let Ok(shows_all) = serde_json::from_str(choices) {
            self.shows_all = shows_all;
        }
    }

    fn run(&mut self, errand: &Errand) {
        if let Errand::AddRow(row) = errand {
            self.builder.add_row(row.clone());
        }
    }

    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        match &ctx.store.study.view {
            Some(view) => Ok(vec![exhibits::of_table(&view.table, ctx.tokens)]),
            None => Ok(vec![exhibits::of_draft(&self.builder.draft(ctx)?)]),
        }
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        if let Some(path) = self.saved.as_ref().and_then(|saved| saved.try_recv().ok()) {
            self.saved = None;
            ctx.act(Action::OpenStudy(path));
        }
        let study = &ctx.store.study;
        if self.shown != study.wanted {
            (self.shown, self.open_row) = (study.wanted.clone(), None);
        }
        Frame::new().inner_margin(space::M).show(ui, |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                Self::bar(ui, ctx);
                if let Some(problem) = &study.problem {
                    ui.add(egui::Label::new(look::message(problem.as_str()).color(ctx.tokens.error)).wrap());
                }
                match &study.view {
                    _ if study.is_opening() => {
                        let name = study.wanted.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
                        look::empty(ui, ctx.tokens, &format!("Opening {name} …"));
                    }
                    Some(view) => {
                        head::show(ui, ctx, view, &mut self.start);
                        ui.add_space(space::M);
                        table::show(ui, ctx, view, &mut self.open_row, &mut self.shows_all);
                    }
                    None => {
                        let (saving, saved) = (&mut self.saving, &mut self.saved);
                        self.builder.show(ui, ctx, saving, saved);
                    }
                }
            });
        });
        self.saving.ui(ui, ctx);
    }
}

impl StudyPane {
    /// What can be opened, and what can be done with what is open.
    fn bar(ui: &mut Ui, ctx: &PaneContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            ui.menu_button("Open a study ▾", |ui| {
                look::fitting(ui, |ui| {
                    if ui.button("A file…").clicked() {
                        ctx.act(Action::ChooseStudy);
                    }
                    ui.menu_button("At the scale of the papers", |ui| look::fitting(ui, |ui| shipped(ui, ctx, true)));
                    ui.separator();
                    ui.label(look::caption(ctx.tokens, "On the sample data"));
                    shipped(ui, ctx, false);
                });
            });
            if ctx.store.study.view.is_none() {
                return;
            }
            let new = look::button(ui, ctx.tokens, Some(Icon::Sliders), "New study", false);
            if new.on_hover_text("Put one together; what carries this one out goes on").clicked() {
                ctx.act(Action::CloseStudy);
            }
            let export = look::button(ui, ctx.tokens, None, "Export…", false);
            if export.on_hover_text("The table in every form, and its differences as a picture").clicked() {
                ctx.act(Action::Export(Exported::pane(PaneKind::Study)));
            }
        });
        ui.add_space(space::S);
    }
}

/// The studies that come with the program: those of papers' own data, or of the sample data.
fn shipped(ui: &mut Ui, ctx: &PaneContext<'_>, at_paper_scale: bool) {
    let line = |study: &ShippedStudy, key: &str| study.text.lines().find_map(|line| line.strip_prefix(key));
    for study in shipped_studies().iter().filter(|study| line(study, "data = ").is_some() == at_paper_scale) {
        let title = line(study, "title = ").unwrap_or(study.name).trim_matches(['"', '\'']);
        if ui.button(study.name).on_hover_text(title).clicked() {
            ctx.act(Action::OpenStudy(study.name.into()));
        }
    }
}
