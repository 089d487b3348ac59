//! What the run stands on: phase and speed, network, device, data set and run folder.

use egui::{Align, Label, Layout, Ui, vec2};
use fusionscope_engine::protocol::{Proposal, SessionState, changes_words};

use crate::action::Action;
use crate::look::{self, Icon, space};
use crate::panes::PaneContext;
use crate::store::curves::{TimeLeft, rate_text};

/// Everything, in three small groups.
pub fn show(ui: &mut Ui, ctx: &PaneContext<'_>) {
    speed(ui, ctx);
    network(ui, ctx);
    data(ui, ctx);
    folder(ui, ctx);
}

fn speed(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let progress = ctx.store.curves.progress();
    let Some(last) = progress.last() else { return };
    let phase = format!("{} · {}/{}", last.phase.name(), look::count(last.phase_step), look::count(last.phase_steps));
    fact(ui, ctx, "Phase", &phase);
    fact(ui, ctx, "Step", &format!("{}/{}", look::count(last.step), look::count(last.total_steps)));
    let is_moving = ctx.store.state == SessionState::Training;
    // What is not known at the moment keeps its line: the buttons below stay where they are.
    let rate = progress.rate().filter(|_| is_moving).map(rate_text);
    fact(ui, ctx, "Rate", rate.as_deref().unwrap_or("–"));
    let left = progress.time_left().filter(|_| is_moving).map(TimeLeft::words);
    fact(ui, ctx, "Time left", left.as_deref().unwrap_or("–"));
    fact(ui, ctx, "Learning rate", &look::significant(last.learning_rate));
    ui.add_space(space::M);
}

fn network(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let device = if ctx.store.device.is_empty() { "chosen when a run starts" } else { &ctx.store.device };
    fact(ui, ctx, "Device", device);
    if let Some(network) = &ctx.store.network {
        let words = format!("{} parameters", millions(network.parameters));
        fact(ui, ctx, "Network", &words);
        fact(ui, ctx, "Sensors", &network.sensors.join(", "));
        fact(ui, ctx, "Heads", &network.heads.join(", "));
    }
    ui.add_space(space::M);
}

fn data(ui: &mut Ui, ctx: &PaneContext<'_>) {
    match &ctx.store.dataset {
        Some(dataset) => {
            fact(ui, ctx, "Data set", &dataset.name);
            let splits: Vec<String> = dataset
                .splits
                .iter()
                .map(|split| format!("{} {}", split.name, look::count(split.ids.len() as u64)))
                .collect();
            fact(ui, ctx, "Scenes", &splits.join(", "));
            path(ui, ctx, "Folder", &dataset.path.display().to_string());
            if !dataset.proposals.is_empty() {
                proposed(ui, ctx, &dataset.proposals);
            }
        }
        None => fact(ui, ctx, "Data set", "none open"),
    }
    ui.horizontal_wrapped(|ui| {
        for (action, words) in [(Action::OpenData, "Open a data set…"), (Action::OpenSampleData, "Sample data")] {
            let can = action.enabled(ctx.store);
            let icon = (action == Action::OpenData).then_some(Icon::Folder);
            let pressed = ui.add_enabled_ui(can, |ui| look::button(ui, ctx.tokens, icon, words, false)).inner;
            let pressed = pressed.on_disabled_hover_text("Stop the run first");
            if pressed.clicked() {
                ctx.act(action);
            }
        }
    });
    ui.add_space(space::S);
}

/// Which presets the data set's papers set otherwise; how stands in the tooltip, and is copied by a click.
fn proposed(ui: &mut Ui, ctx: &PaneContext<'_>, proposals: &[Proposal]) {
    row(ui, ctx, "Proposed for", |ui| {
        for proposal in proposals {
            let words = proposal.words();
            let link =
                ui.link(&proposal.recipe).on_hover_text(format!("{words}. Click to copy; nothing is set by itself"));
            if link.clicked() {
                ui.ctx().copy_text(words);
            }
        }
    });
}

fn folder(ui: &mut Ui, ctx: &PaneContext<'_>) {
    match &ctx.store.run {
        Some(run) => path(ui, ctx, "Run folder", &run.display().to_string()),
        None => fact(ui, ctx, "Run folder", "made when a run starts"),
    }
    let changed = ctx.store.curves.changes();
    if !changed.is_empty() {
        row(ui, ctx, "Changed live", |ui| {
            let words = egui::RichText::new(changes_words(changed)).color(ctx.tokens.warning);
            ui.add(Label::new(words).truncate());
        });
    }
    if let Some(step) = ctx.store.checkpoint {
        fact(ui, ctx, "Checkpoint", &format!("step {}", look::count(step)));
    }
}

/// A name and its value, the value elided at the end where there is no room.
fn fact(ui: &mut Ui, ctx: &PaneContext<'_>, name: &str, value: &str) {
    row(ui, ctx, name, |ui| {
        ui.add(Label::new(egui::RichText::new(value).color(ctx.tokens.text)).truncate());
    });
}

/// A name and a path, with a button that copies it.
fn path(ui: &mut Ui, ctx: &PaneContext<'_>, name: &str, value: &str) {
    row(ui, ctx, name, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if look::icon_button(ui, ctx.tokens, Icon::Folder, &format!("Copy path: {name}"), false)
                .on_hover_text(format!("Copy {value}"))
                .clicked()
            {
                ui.ctx().copy_text(value.to_owned());
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(egui::RichText::new(value).color(ctx.tokens.text)).truncate());
            });
        });
    });
}

fn row(ui: &mut Ui, ctx: &PaneContext<'_>, name: &str, value: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.set_min_height(20.0);
        ui.allocate_ui_with_layout(vec2(92.0, 18.0), Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(92.0);
            ui.label(egui::RichText::new(name).color(ctx.tokens.weak));
        });
        value(ui);
    });
}

fn millions(count: u64) -> String {
    if count >= 1_000_000 { format!("{:.2} M", count as f64 / 1e6) } else { look::count(count) }
}
