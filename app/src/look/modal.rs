//! Questions that lie over the window until they are answered.

use egui::{Context, Frame, Id, Modal, Order, Ui};

use super::tokens::space;

/// Draws a question over everything, at most `width` points wide. Returns what `content` says, and whether the question
/// goes: by Escape, which first closes a list that is open in it, by a click beside it, or by [`Ui::close`] within.
pub fn modal<R>(ctx: &Context, name: &'static str, width: f32, content: impl FnOnce(&mut Ui) -> R) -> (R, bool) {
    let frame = Frame::popup(&ctx.global_style()).inner_margin(space::L);
    let room = (ctx.content_rect().width() - 64.0).max(160.0);
    // Below the lists that open in it: a press on the question lifts it over them where they are of one order.
    let area = Modal::default_area(Id::unique(name)).order(Order::Middle);
    let shown = Modal::new(area.layer().id).area(area).frame(frame).show(ctx, |ui| {
        ui.set_width(width.min(room));
        content(ui)
    });
    let goes = shown.should_close();
    (shown.inner, goes)
}
