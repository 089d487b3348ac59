//! Above the wall: which pixels are outlined, and how that is ended.

use egui::{Align, Label, Layout, Ui};

use super::state::InspectPane;
use crate::action::Action;
use crate::canvas::mask_of_both;
use crate::look;
use crate::panes::PaneContext;
use crate::store::{ClassesOf, Outline};

/// The line that names them.
pub(super) fn strip_ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>) {
    let Some(outline) = ctx.store.scene.outline else { return };
    let what = words(ctx, outline);
    let words = match pixels(pane, ctx) {
        Some(pixels) => format!("Outlined: {what}, {} in this scene", look::counted(pixels, "pixel")),
        None => format!("To outline: {what}; there is no label and answer to find it in"),
    };
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let removed = look::button(ui, ctx.tokens, None, "Remove the outline", false);
            if removed.on_hover_text("Escape removes it, too").clicked() {
                ctx.act(Action::ClearOutline);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(look::small(words).color(ctx.tokens.accent)).truncate());
            });
        });
    });
}

/// `person taken for building`.
fn words(ctx: &PaneContext<'_>, outline: Outline) -> String {
    let name = |class| ctx.store.class_name_of(ClassesOf::Labels, class);
    if outline.truth == outline.predicted {
        format!("{} found", name(outline.truth))
    } else {
        format!("{} taken for {}", name(outline.truth), name(outline.predicted))
    }
}

/// How many there are, counted once a picture.
fn pixels(pane: &mut InspectPane, ctx: &PaneContext<'_>) -> Option<u64> {
    let (outline, labels, answer) = ctx.store.scene.outlined_in()?;
    let stamp = (ctx.store.scene.shown()?.serial, outline);
    if pane.outlined.is_none_or(|(known, _)| known != stamp) {
        let mask = mask_of_both(labels, outline.truth, answer, outline.predicted)?;
        pane.outlined = Some((stamp, mask.count() as u64));
    }
    pane.outlined.map(|(_, count)| count)
}
