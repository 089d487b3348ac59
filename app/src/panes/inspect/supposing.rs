//! The what-if card beside the pictures: what is supposed of a sensor and of the method, what that changes, and what was
//! kept.

mod degradation;
mod kept;
mod line;
mod method;
mod outcome;
mod section;
mod sensor;

use egui::{ScrollArea, Ui};

use self::section::section;
use super::state::InspectPane;
use crate::action::Action;
use crate::look::{self, Icon, size, space};
use crate::panes::PaneContext;

/// The card; nothing where it is not open.
pub(super) fn card_ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>) {
    let Some(name) = &ctx.store.scene.supposing.card else { return };
    head_ui(ui, ctx);
    ScrollArea::vertical().id_salt("what-if").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        sensors_ui(ui, ctx, name);
        sensor::ui(ui, ctx, name);
        method::ui(ui, ctx);
        section(ui, ctx, "What changes");
        outcome::ui(ui, ctx);
        section(ui, ctx, "Keep and try");
        kept::ui(pane, ui, ctx);
        ui.add_space(space::S);
    });
}

fn head_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let tokens = ctx.tokens;
    ui.horizontal(|ui| {
        ui.label(look::semibold("What if").size(size::TITLE).color(tokens.text));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let close = look::icon_button(ui, tokens, Icon::Close, "Put the what-if card away", false);
            if close.on_hover_text("Close the card; what is supposed stays  (W)").clicked() {
                ctx.act(Action::ToggleWhatIf);
            }
            let known = Action::SupposeNothing.describe(ctx.store);
            let hint = known.hint(ui.ctx());
            let reset = ui.add_enabled_ui(known.enabled.is_ok(), |ui| {
                look::icon_button(ui, tokens, Icon::Restart, &known.title, false)
            });
            if reset.inner.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
                ctx.act(Action::SupposeNothing);
            }
        });
    });
}

/// Which sensor is worked on.
fn sensors_ui(ui: &mut Ui, ctx: &PaneContext<'_>, chosen: &str) {
    let sensors = ctx.store.dataset.iter().flat_map(|dataset| &dataset.modalities).enumerate();
    let used = sensors.filter(|(_, sensor)| ctx.store.looks_at_sensor(&sensor.name));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (place, sensor) in used {
            let is_changed = ctx.store.scene.what_if.sensors.contains_key(&sensor.name);
            let words = if is_changed { format!("{} *", sensor.name) } else { sensor.name.clone() };
            let chip = look::toggle_chip(ui, ctx.tokens, &words, sensor.name == chosen);
            if chip.accessible_name(format!("Card of {}", sensor.name)).clicked() && sensor.name != chosen {
                ctx.act(Action::OpenCard(place));
            }
        }
    });
}
