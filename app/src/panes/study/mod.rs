//! The study pane: puts a study together by ticking parts of the recipe, or follows one that is open.

mod builder;
mod export;
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
use self::export::Export;
use self::head::Start;
use super::{Errand, Pane, PaneContext};
use crate::action::Action;
use crate::look::{self, Icon, space};
use crate::panes::saving::Saving;

/// The study pane.
#[derive(Debug, Default)]
pub struct StudyPane {
    builder: Builder,
    export: Export,
    saving: Saving,
    /// The file of a study that has just been saved, to be opened.
    saved: Option<Receiver<PathBuf>>,
    start: Start,
    /// The row whose runs are listed.
    open_row: Option<usize>,
    /// The study that the row is of.
    shown: Option<PathBuf>,
}

impl Pane for StudyPane {
    fn run(&mut self, errand: &Errand) {
        if let Errand::AddRow(row) = errand {
            self.builder.add_row(row.clone());
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
                self.bar(ui, ctx);
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
                        table::show(ui, ctx, view, &mut self.open_row);
                    }
                    None => {
                        let (saving, saved) = (&mut self.saving, &mut self.saved);
                        self.builder.show(ui, ctx, saving, saved);
                    }
                }
            });
        });
        self.saving.ui(ui, ctx);
        self.export.ui(ui, ctx);
    }
}

impl StudyPane {
    /// What can be opened, and what can be done with what is open.
    fn bar(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
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
            let Some(view) = &ctx.store.study.view else { return };
            let new = look::button(ui, ctx.tokens, Some(Icon::Sliders), "New study", false);
            if new.on_hover_text("Put one together; what carries this one out goes on").clicked() {
                ctx.act(Action::CloseStudy);
            }
            self.export.menu(ui, &view.table);
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
