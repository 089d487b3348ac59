//! Studies: handing orders over, and what becomes of a study that is at work when the window is closed.

use egui::{Align, Context, Layout, ViewportCommand};
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::signals;

use super::Workbench;
use super::closing::Closing;
use crate::link::{Studies, StudyOrder};
use crate::look::{self, Icon, space};

impl Workbench {
    /// With somebody who carries out studies. The one that was open when the window was closed is opened again.
    #[must_use]
    pub fn with_studies(mut self, studies: Box<dyn Studies>) -> Self {
        self.studies = studies;
        if let Some(study) = self.choices.study.clone() {
            self.store.study.want(Some(study.clone()));
            self.order(StudyOrder::Open(study));
        }
        self
    }

    /// Hands an order over; where that does not succeed, the study pane says why.
    pub(super) fn order(&mut self, order: StudyOrder) {
        if let Err(why) = self.studies.send(order) {
            self.store.study.is_turning = false;
            self.store.study.problem = Some(why);
        }
    }

    /// Starts or stops the open study.
    pub(super) fn turn_study(&mut self, order: StudyOrder) {
        (self.store.study.problem, self.store.study.is_turning) = (None, true);
        self.order(order);
    }

    /// Measures a step on the data set that the study will use.
    pub(super) fn measure_step(&mut self, recipe: Box<Recipe>) {
        let of_study = self.store.study.view.as_ref().map(|view| view.study.data.clone());
        let open = || self.store.dataset.as_ref().map(|dataset| dataset.path.clone());
        let data = of_study.unwrap_or_else(open);
        (self.store.study.problem, self.store.study.measuring) = (None, Some(recipe.name.clone()));
        self.order(StudyOrder::Measure { recipe, data });
    }

    /// Holds up the closing of the window while a study of its own is at work, until it is said what becomes of that.
    /// Who ends the program from outside is not asked: the study stops, with its checkpoints.
    pub(super) fn follow_closing(&mut self, ctx: &Context) {
        let is_asked = ctx.input(|input| input.viewport().close_requested());
        if !is_asked || self.closing == Closing::Decided || !self.store.study.is_carried_out_here() {
            return;
        }
        if signals::was_asked() {
            self.closing = Closing::Decided;
            self.order(StudyOrder::Stop);
            return;
        }
        self.closing = Closing::Asked;
        ctx.send_viewport_cmd(ViewportCommand::CancelClose);
    }

    /// Asks what shall become of the study.
    pub(super) fn closing_ui(&mut self, ctx: &Context) {
        if !self.closing.is_open() {
            return;
        }
        // It may have come to its end meanwhile.
        if !self.store.study.is_carried_out_here() {
            self.close(ctx);
            return;
        }
        let tokens = self.tokens();
        let (mut goes_on, mut stops) = (false, false);
        let ((), goes) = look::modal(ctx, "closing-study", 520.0, |ui| {
            ui.heading("A study is at work");
            let words = "It can go on without the window: the next window finds it again, as does `fusionscope study \
                         status`. Where it stops, each of its runs keeps a checkpoint to go on from.";
            ui.add(egui::Label::new(egui::RichText::new(words).color(tokens.weak)).wrap());
            ui.add_space(space::M);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                goes_on = look::primary_button(ui, tokens, Icon::Play, "Go on without the window").clicked();
                stops = look::button(ui, tokens, Some(Icon::Stop), "Stop the study", false).clicked();
                if look::button(ui, tokens, None, "Cancel", false).clicked() {
                    ui.close();
                }
            });
        });
        if stops {
            self.order(StudyOrder::Stop);
        }
        if goes_on || stops {
            self.close(ctx);
        } else if goes {
            self.closing = Closing::No;
        }
    }

    fn close(&mut self, ctx: &Context) {
        self.closing = Closing::Decided;
        ctx.send_viewport_cmd(ViewportCommand::Close);
    }
}
