//! How a sensor's images become worse.

use egui::{Label, ScrollArea, Slider, Ui};
use fusionscope_engine::protocol::{Degradation, ModalityKind, SensorChange};

use super::line::line;
use crate::look::{self, Icon};
use crate::panes::PaneContext;

/// What a kind begins with when it is added: enough to be seen.
const FIRST: f32 = 0.5;

/// What happens to the sensor, each with its severity, and what else can.
pub(super) fn ui(ui: &mut Ui, ctx: &PaneContext<'_>, name: &str, change: &mut SensorChange) {
    line(ui, ctx, "worse by", |ui| {
        let menu = ui.menu_button("add…  ▾", |ui| {
            ui.set_min_width(190.0);
            ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                let others: Vec<_> = kinds(ctx, name).filter(|kind| !change.degraded.contains_key(kind)).collect();
                for kind in others {
                    let facts = kind.facts();
                    let option = ui.selectable_label(false, facts.title);
                    if option.on_hover_text(format!("{}\n{}", facts.physics, facts.source)).clicked() {
                        change.degraded.insert(kind, FIRST);
                        ui.close();
                    }
                }
            });
        });
        menu.response.accessible_name(format!("Degrade {name}")).on_hover_text("What can happen to such a sensor");
    });
    let mut removed = None;
    for (&kind, severity) in &mut change.degraded {
        if kind_ui(ui, ctx, name, kind, severity) {
            removed = Some(kind);
        }
    }
    if let Some(kind) = removed {
        change.degraded.remove(&kind);
    }
}

/// The kinds that fit the sensor, in the catalogue's order.
fn kinds(ctx: &PaneContext<'_>, name: &str) -> impl Iterator<Item = Degradation> + use<> {
    ModalityKind::of(ctx.store.sensor_kind(name)).into_iter().flat_map(Degradation::of_kind)
}

/// One of them; says whether it shall go.
fn kind_ui(ui: &mut Ui, ctx: &PaneContext<'_>, name: &str, kind: Degradation, severity: &mut f32) -> bool {
    let facts = kind.facts();
    let mut goes = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.label(look::medium(facts.title).size(look::size::SMALL).color(ctx.tokens.text));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let title = format!("No {} on {name}", facts.title.to_lowercase());
            goes = look::icon_button(ui, ctx.tokens, Icon::Close, &title, false).on_hover_text(&title).clicked();
        });
    });
    ui.spacing_mut().slider_width = (ui.available_width() - 52.0).max(60.0);
    // What is shown is rounded, what a file says is not.
    let slider = ui.add(Slider::new(severity, 0.0..=1.0).custom_formatter(|value, _| format!("{value:.2}")));
    slider.accessible_name(format!("Severity of {} on {name}", facts.title.to_lowercase()));
    let words = format!("{}  {}", facts.physics, facts.source);
    ui.add(Label::new(look::small(words).color(ctx.tokens.weak)).wrap());
    goes
}
