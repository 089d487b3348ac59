//! Which machine the engine shall be on, and what it needs to know of it.

use std::collections::BTreeMap;

use egui::{Context, RichText, TextEdit, Ui};
use fusionscope_engine::wire::Photographs;

use crate::action::Action;
use crate::link::Place;
use crate::link::ssh::{PROGRAM, Remote};
use crate::look::{self, Icon, Tokens, space};

/// The most machines that are offered by name.
const OFFERED: usize = 12;

/// The card about another machine.
#[derive(Debug, Default)]
pub(super) struct MachineCard {
    remote: Option<Remote>,
    /// What was chosen of machines before, by their names.
    known: BTreeMap<String, Remote>,
}

impl MachineCard {
    /// Opens it; of machines that the engine was on, it knows what was chosen then.
    pub(super) fn open(&mut self, known: &BTreeMap<String, Remote>) {
        self.known.clone_from(known);
        self.remote = Some(Remote::default());
    }

    /// Whether it lies over the panes.
    pub(super) fn is_open(&self) -> bool {
        self.remote.is_some()
    }

    /// Draws it; returns what was decided.
    pub(super) fn ui(&mut self, ctx: &Context, tokens: &Tokens, machines: &[String]) -> Option<Action> {
        let Self { remote, known } = self;
        let chosen = remote.as_mut()?;
        let mut attaches = false;
        let ((), goes) = look::modal(ctx, "machine", 520.0, |ui| {
            ui.heading("The engine on another machine");
            let words = "By `ssh` as you have set it up: its keys and its agent, no password, and no port of Fusionscope's own. \
                         Data and runs are those of that machine; a run goes on there without this window";
            ui.add(egui::Label::new(RichText::new(words).color(tokens.weak)).wrap());
            ui.add_space(space::S);
            offers(ui, tokens, (machines, known), chosen);
            field(ui, "Machine", "a name of ~/.ssh/config, or user@machine", &mut chosen.host);
            field(ui, "Program there", PROGRAM, &mut chosen.program);
            field(ui, "Folder of runs there", "runs", &mut chosen.runs);
            ui.horizontal(|ui| {
                ui.label("Photographs come as");
                for (photographs, word, hint) in [
                    (Photographs::Png, "PNG", "As they are"),
                    (
                        Photographs::Jpeg,
                        "JPEG",
                        "A tenth of the bytes, for slow lines; masks and maps stay as they are",
                    ),
                ] {
                    if ui.radio(chosen.photographs == photographs, word).on_hover_text(hint).clicked() {
                        chosen.photographs = photographs;
                    }
                }
            });
            ui.add_space(space::M);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add_enabled_ui(!chosen.host.trim().is_empty(), |ui| {
                    attaches = look::primary_button(ui, tokens, Icon::Play, "Attach").clicked();
                });
                if look::button(ui, tokens, None, "Cancel", false).clicked() {
                    ui.close();
                }
            });
        });
        if attaches {
            let remote = self.remote.take().unwrap_or_default();
            let remote = Remote { host: remote.host.trim().to_owned(), ..remote };
            return Some(Action::UseEngine(Place::Afar(remote)));
        }
        if goes {
            self.remote = None;
        }
        None
    }
}

fn offers(
    ui: &mut Ui,
    tokens: &Tokens,
    (machines, known): (&[String], &BTreeMap<String, Remote>),
    chosen: &mut Remote,
) {
    if machines.is_empty() {
        return;
    }
    ui.label(look::caption(tokens, "In your SSH configuration"));
    ui.horizontal_wrapped(|ui| {
        for machine in machines.iter().take(OFFERED) {
            if ui.selectable_label(chosen.host == *machine, machine).clicked() {
                *chosen = known.get(machine).cloned().unwrap_or_else(|| Remote::new(machine));
            }
        }
    });
}

fn field(ui: &mut Ui, name: &str, hint: &str, text: &mut String) {
    ui.horizontal(|ui| {
        ui.add_sized([150.0, space::ROW], egui::Label::new(name).selectable(false));
        let field = TextEdit::singleline(text).hint_text(hint).desired_width(ui.available_width());
        ui.add(field.margin(egui::Margin::symmetric(8, 5))).accessible_name(name);
    });
}
