//! The legend: what the class colours mean, how much of the picture each has, and which are drawn.

use egui::{Role, ScrollArea, Ui, WidgetInfo, vec2};

use super::state::InspectPane;
use crate::action::Action;
use crate::look::{self, ClassColours, LegendEntry};
use crate::panes::PaneContext;
use crate::store::ClassesOf;

/// The strip of classes; two rows at most, then it scrolls.
pub(super) fn strip_ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>) {
    let names = ctx.store.class_names(ClassesOf::Answers);
    let colours = ctx.store.colours_of(ClassesOf::Answers);
    let counts = pane.class_counts(ctx).to_vec();
    let total = counts.iter().sum::<u64>().max(1);
    ScrollArea::vertical().id_salt("legend").max_height(44.0).auto_shrink([false, true]).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
            if ctx.store.answers_with_own_classes() {
                ui.label(look::small("The network's classes:").color(ctx.tokens.weak)).on_hover_text(
                    "The data set has other classes or none, so the network answers with its own and nothing is scored",
                );
            }
            for (class, name) in names.iter().enumerate() {
                let share = counts.get(class).map(|count| *count as f64 / total as f64);
                entry_ui(ui, ctx, (class as u8, name), &colours, share);
            }
        });
    });
}

fn entry_ui(ui: &mut Ui, ctx: &PaneContext<'_>, (class, name): (u8, &str), colours: &ClassColours, share: Option<f64>) {
    let (scene, tokens) = (&ctx.store.scene, ctx.tokens);
    let drawn = scene.is_class_shown(class);
    let present = share.is_some_and(|share| share > 0.0);
    let figure = match share {
        Some(share) if share > 0.0 => look::share(share),
        Some(_) => "–".to_owned(),
        None => String::new(),
    };
    let colour = colours.get(class).unwrap_or(tokens.hairline);
    let entry = LegendEntry {
        word: name,
        figure: &figure,
        widest: "88.8 %",
        colour,
        radius: 2,
        is_shown: drawn,
        is_faint: !(drawn && (present || share.is_none())),
        is_lit: scene.solo == Some(class),
    };
    let response = entry.ui(ui, tokens);
    let state = if drawn { "shown" } else { "hidden" };
    response.widget_info(|| {
        let share = share.map_or_else(String::new, |share| format!(", {}", look::share(share)));
        WidgetInfo::selected(Role::CheckBox, true, drawn, format!("Class {name} {state}{share}"))
    });
    if response.hovered() {
        scene.hover_class.set(Some(class));
    }
    let alone = ui.input(|input| input.modifiers.command || input.modifiers.alt);
    if response.double_clicked() || (response.clicked() && alone) {
        ctx.act(Action::SoloClass(class));
    } else if response.clicked() {
        ctx.act(Action::ToggleClass(class));
    }
    let menu = look::context_menu(&response, |ui| {
        if ui.button("Show alone").clicked() {
            ctx.act(Action::SoloClass(class));
        }
        let mut chosen = colour;
        if look::colour_menu(ui, &mut chosen) {
            let colour = Some([chosen.r(), chosen.g(), chosen.b()]);
            ctx.act(Action::SetClassColour { class, colour });
        }
        if ctx.store.colour_by_hand(class).is_some() && ui.button("Usual colour").clicked() {
            ctx.act(Action::SetClassColour { class, colour: None });
        }
        ui.separator();
        for action in [Action::ShowAllClasses, Action::ToggleOwnColours] {
            let known = action.describe(ctx.store);
            if ui.add_enabled(known.enabled.is_ok(), egui::Button::new(known.title)).clicked() {
                ctx.act(action);
            }
        }
    });
    if menu.is_none() {
        response.on_hover_text(format!(
            "{name}: click to show or hide, Ctrl-click to show it alone, right click to recolour"
        ));
    }
}
