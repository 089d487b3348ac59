//! Above the wall: which two runs are looked at, and how the other one is let go.

use egui::{Align, CornerRadius, Layout, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, vec2};
use fusionscope_engine::protocol::BesideRun;

use crate::action::Action;
use crate::look::{self, space};
use crate::panes::PaneContext;

/// The line of both names.
pub(super) fn strip_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let Some(beside) = &ctx.store.scene.beside else { return };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let action = Action::StopComparing;
            if look::button(ui, ctx.tokens, None, "Stop comparing", false)
                .on_hover_text(action.describe(ctx.store).words)
                .clicked()
            {
                ctx.act(action);
            }
            let action = Action::ToggleDifferingScenes;
            let words = action.describe(ctx.store).words;
            let lists = ctx.store.scene.lists_differing;
            if look::button(ui, ctx.tokens, None, "Scenes", lists).on_hover_text(words).clicked() {
                ctx.act(action);
            }
            trouble_ui(ui, ctx);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                if ui.available_width() > TWO_NAMES {
                    own_ui(ui, ctx);
                }
                mark(ui, ctx, false);
                other_ui(ui, ctx, beside);
            });
        });
    });
}

/// The room in points that both names need; where there is less, the bar tells the one in view.
const TWO_NAMES: f32 = 460.0;

/// The run in view.
fn own_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    mark(ui, ctx, true);
    let step = ctx.store.scene.shown().and_then(|shown| shown.view.step);
    let step = step.map_or_else(String::new, |step| format!(", step {}", look::count(step)));
    ui.label(look::small(format!("in view: {}{step}", ctx.store.run_name())));
    ui.add_space(space::S);
}

/// The other run.
fn other_ui(ui: &mut Ui, ctx: &PaneContext<'_>, beside: &BesideRun) {
    let name = ctx.store.beside_name().unwrap_or_default();
    let words = look::small(format!("other: {name}, step {}", look::count(beside.step)));
    let seen = ctx.store.scene.seen_beside();
    let missing = seen.filter(|_| !ctx.store.scene.what_if.dropped().is_empty()).map(|seen| seen.missing.as_str());
    let missing = missing.map_or_else(String::new, |missing| format!("\nMissing sensors: {missing}"));
    let hover = format!("{}\n{}{missing}", beside.path.display(), beside.network.sensors.join(", "));
    ui.add(egui::Label::new(words).truncate()).on_hover_text(hover);
}

/// Why it predicts nothing, or is not compared.
fn trouble_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let Some(seen) = ctx.store.scene.seen_beside() else { return };
    let lack = seen.lack.as_ref().map(|lack| ("fails on this scene", lack.text.as_str()));
    let unfit = seen.unfit.as_deref().map(|why| match seen.answer {
        Some(_) => ("answers with its own classes", why),
        None => ("does not fit these data", why),
    });
    let apart = seen.disagreement.as_ref().err().map(|why| ("not compared", why.as_str()));
    if let Some((words, why)) = lack.or(unfit).or(apart) {
        let why = match apart {
            Some((_, apart)) if apart != why => format!("{why}. The answers are not compared: {apart}"),
            _ => why.to_owned(),
        };
        look::badge(ui, words, ctx.tokens.warning, ctx.tokens.warning_weak).on_hover_text(why);
    }
}

/// The mark that the pictures of a run carry: filled for the one in view, hollow for the other.
fn mark(ui: &mut Ui, ctx: &PaneContext<'_>, is_filled: bool) {
    let (rect, _) = ui.allocate_exact_size(vec2(10.0, space::ROW), Sense::hover());
    let at = Rect::from_center_size(rect.center(), Vec2::splat(8.0));
    paint_mark(ui.painter(), at, ctx.tokens.text, is_filled);
}

/// Draws that mark.
pub(super) fn paint_mark(painter: &egui::Painter, at: Rect, ink: egui::Color32, is_filled: bool) {
    let corner = CornerRadius::same(2);
    if is_filled {
        painter.rect_filled(at, corner, ink);
    } else {
        painter.rect_stroke(at, corner, Stroke::new(1.5, ink), StrokeKind::Inside);
    }
}
