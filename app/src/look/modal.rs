//! Questions that lie over the window until they are answered.

use egui::{Context, Frame, Id, Modal, Ui};

use super::tokens::space;

/// Draws a question over everything, at most `width` points wide. Returns what `content` says, and whether the question
/// goes: by Escape, which first closes a list that is open in it, by a click beside it, or by [`Ui::close`] within.
pub fn modal<R>(ctx: &Context, name: &'static str, width: f32, content: impl FnOnce(&mut Ui) -> R) -> (R, bool) {
    let frame = Frame::popup(&ctx.global_style()).inner_margin(space::L);
    let room = (ctx.content_rect().width() - 64.0).max(160.0);
    let shown = Modal::new(Id::unique(name)).frame(frame).show(ctx, |ui| {
        ui.set_width(width.min(room));
        content(ui)
    });
    let goes = shown.should_close();
    (shown.inner, goes)
}
