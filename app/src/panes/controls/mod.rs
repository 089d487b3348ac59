//! The run pane: what is going on, how far it is, and the buttons that change it.

mod facts;
mod status;

use egui::{Slider, Ui};
use fusionscope_engine::protocol::SessionState;

pub use self::status::{Status, Tone, status_of};
use super::{Pane, PaneContext};
use crate::action::Action;
use crate::exhibit::Exhibit;
use crate::look::{self, Icon, Tokens, space};
use crate::store::Store;

/// The run pane.
#[derive(Debug, Default)]
pub struct ControlsPane;

impl Pane for ControlsPane {
    fn exhibits(&mut self, _ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        Err("it holds the buttons of the run; export its curves, metrics or recipe".to_owned())
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 10)).show(ui, |ui| {
                ui.set_width(ui.available_width());
                status::show(ui, ctx);
                ui.add_space(space::S);
                buttons(ui, ctx);
                ui.add_space(space::M);
                facts::show(ui, ctx);
                ui.add_space(space::M);
                budget(ui, ctx);
            });
        });
    }
}

/// The button that begins, holds or goes on with a run, always of one width. `promise` is what the pointer is told that
/// beginning would do.
pub fn run_button(ui: &mut Ui, store: &Store, tokens: &Tokens, promise: Option<&str>) -> Option<Action> {
    let all = ["Train", "Pause", "Continue", "Resume"];
    let (action, icon, word) = Action::main(store);
    let known = action.describe(store);
    let hint = known.hint(ui.ctx());
    let stands_out = action != Action::Pause;
    let draw = |ui: &mut Ui| look::main_button(ui, tokens, icon, word, &all, stands_out);
    let response = ui.add_enabled_ui(known.enabled.is_ok(), draw).inner;
    let told = promise.filter(|_| word == "Train").unwrap_or(&hint);
    response.on_hover_text(told).on_disabled_hover_text(&hint).clicked().then_some(action)
}

fn buttons(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let store = ctx.store;
    ui.horizontal_wrapped(|ui| {
        let is_training = store.state == SessionState::Training;
        if let Some(action) = run_button(ui, store, ctx.tokens, None) {
            ctx.act(action);
        }
        let others = [
            (Action::StepOnce, Icon::Step, "One step"),
            (Action::Stop, Icon::Stop, "Stop"),
            (Action::SaveCheckpoint, Icon::Check, "Save a checkpoint"),
            // The last one: it comes and goes with the run, and moves no other.
            (Action::Restart, Icon::Restart, "Restart with the recipe as edited"),
        ];
        for (action, icon, name) in others {
            if action == Action::Restart && !is_training && store.state != SessionState::Paused {
                continue;
            }
            let known = action.describe(store);
            let hint = known.hint(ui.ctx());
            let can = known.enabled.is_ok();
            let answer = ui.add_enabled_ui(can, |ui| look::icon_button(ui, ctx.tokens, icon, name, false)).inner;
            if answer.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
                ctx.act(action);
            }
        }
    });
    if let Some(why) = &store.unsaved {
        ui.add_space(space::XS);
        if look::button(ui, ctx.tokens, Some(Icon::Check), "Save the run again", true)
            .on_hover_text(&why.text)
            .clicked()
        {
            ctx.act(Action::SaveCheckpoint);
        }
    }
    if let Some(step) = store.checkpoint.filter(|_| Action::Resume.enabled(store)) {
        ui.add_space(space::XS);
        let is_main = store.is_interrupted();
        let hint = "Continue the run where its newest checkpoint stands; the trace goes on unchanged";
        let words = format!("Resume from step {}", look::count(step));
        if is_main {
            let words = format!("The newest checkpoint is that of step {}", look::count(step));
            ui.label(look::small(words).color(ctx.tokens.weak)).on_hover_text(hint);
        } else if look::button(ui, ctx.tokens, Some(Icon::Play), &words, false).on_hover_text(hint).clicked() {
            ctx.act(Action::Resume);
        }
    }
    if store.is_interrupted() {
        ui.add_space(space::XS);
        let can = Action::Train.enabled(store);
        let pressed = ui.add_enabled_ui(can, |ui| look::button(ui, ctx.tokens, Some(Icon::Play), "Train", false)).inner;
        if pressed.on_hover_text("Begin another run with this recipe").clicked() {
            ctx.act(Action::Train);
        }
    }
}

fn budget(ui: &mut Ui, ctx: &PaneContext<'_>) {
    ui.label(look::caption(ctx.tokens, "Live pictures"));
    ui.horizontal(|ui| {
        let mut share = ctx.store.view_budget;
        ui.spacing_mut().slider_width = (ui.available_width() - 96.0).clamp(60.0, 180.0);
        ui.spacing_mut().interact_size.y = 16.0;
        let slider = Slider::new(&mut share, 0.0..=0.5).show_value(false);
        let response = ui.add(slider).on_hover_text(
            "The share of the trainer's time that predicting the scene in view may take; 0 stops live pictures",
        );
        response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(share), "Share of time for live pictures"));
        let words = if share > 0.0 { format!("{:.0} % of the time", 100.0 * share) } else { "off".to_owned() };
        ui.label(look::small(words).color(ctx.tokens.weak));
        if response.changed() {
            ctx.act(Action::SetViewBudget((100.0 * share).round() / 100.0));
        }
    });
}
