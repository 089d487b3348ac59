//! Above the wall, while an explanation is on it: what it is about. The region is drawn on any picture.

use egui::{Align2, ComboBox, CornerRadius, FontId, Painter, Rect, Response, Stroke, StrokeKind, Ui, pos2};
use fusionscope_engine::protocol::{Explained, Layer};

use super::region::Drawing;
use super::state::InspectPane;
use crate::action::Action;
use crate::look::{self, size, space};
use crate::panes::PaneContext;
use crate::store::ClassesOf;

/// The choices in one line: class, head, layer where Grad-CAM is shown, region, and the pixel that was picked.
pub(super) fn strip_ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>) {
    let scene = &ctx.store.scene;
    let mut wanted = scene.explained.clone();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.label(look::small("Explained").color(ctx.tokens.weak));
        let classes = ctx.store.class_names(ClassesOf::Answers);
        choice(ui, "Class", "each pixel's own class", classes, &mut wanted.class)
            .on_hover_text("Whose probability or score is explained");
        let heads = ctx.store.network.as_ref().map_or(&[][..], |network| network.heads.as_slice());
        choice(ui, "Head", "the head that counts", heads, &mut wanted.head).on_hover_text("Whose answer is explained");
        if scene.watched.iter().any(|name| name.starts_with("explain.gradcam")) {
            let shown = layer_words(wanted.layer);
            let combo = ComboBox::from_id_salt("explain-layer").selected_text(shown).show_ui(ui, |ui| {
                for layer in Layer::ALL {
                    ui.selectable_value(&mut wanted.layer, layer, layer_words(layer));
                }
            });
            combo.response.accessible_name("Layer").on_hover_text("The maps that Grad-CAM weighs");
        }
        region_ui(pane, ui, ctx, &mut wanted);
        if scene.pixel.is_some() && scene.asks_about_a_pixel() {
            let forgets = look::button(ui, ctx.tokens, None, "Forget the pixel", false);
            if forgets.on_hover_text("Explain all pixels of the class again; a click on a picture picks one").clicked()
            {
                ctx.act(Action::ForgetPixel);
            }
        }
    });
    if wanted != scene.explained {
        ctx.act(Action::Explain(wanted));
    }
}

fn region_ui(pane: &mut InspectPane, ui: &mut Ui, ctx: &PaneContext<'_>, wanted: &mut Explained) {
    let words = if pane.region.is_drawn() { "Drag over a picture" } else { "Draw a region" };
    let draws = look::button(ui, ctx.tokens, None, words, pane.region.is_drawn());
    if draws.on_hover_text("What the prediction would be without this part of each sensor's picture").clicked() {
        pane.region = Drawing::begun(!pane.region.is_drawn());
    }
    if wanted.region.is_some() && look::button(ui, ctx.tokens, None, "Remove the region", false).clicked() {
        wanted.region = None;
    }
}

/// A list of names, one of which may be chosen; `none` says what holds where none is.
fn choice(ui: &mut Ui, name: &str, none: &str, names: &[String], chosen: &mut Option<String>) -> Response {
    let shown = chosen.clone().unwrap_or_else(|| none.to_owned());
    let combo = ComboBox::from_id_salt(("explain", name)).selected_text(shown).show_ui(ui, |ui| {
        ui.selectable_value(chosen, None, none);
        for known in names {
            ui.selectable_value(chosen, Some(known.clone()), known);
        }
    });
    combo.response.accessible_name(name)
}

fn layer_words(layer: Layer) -> String {
    match layer {
        Layer::Classifier => "before the classifier".to_owned(),
        Layer::Stage(number) => format!("stage {number}"),
    }
}

/// The region in a picture, and the one that is being drawn.
pub(super) fn paint(pane: &InspectPane, ctx: &PaneContext<'_>, whole: Rect, painter: &Painter) {
    let scene = &ctx.store.scene;
    if !scene.explains() {
        return;
    }
    let drawn = scene.hover.get().and_then(|pixel| pane.region.until(pixel));
    let Some(region) = drawn.or(scene.explained.region) else { return };
    let at = |across: u16, down: u16| {
        let share = |place: u16| f32::from(place) / f32::from(u16::MAX);
        pos2(whole.left() + share(across) * whole.width(), whole.top() + share(down) * whole.height())
    };
    let rect = Rect::from_min_max(at(region.left, region.top), at(region.right, region.bottom));
    for (width, colour) in [(3.0, ctx.tokens.on_picture_dark), (1.5, ctx.tokens.on_picture)] {
        painter.rect_stroke(rect, CornerRadius::ZERO, Stroke::new(width, colour), StrokeKind::Middle);
    }
}

/// Why a map is not there, in as many lines as its tile has room for.
pub(super) fn reason(painter: &Painter, ctx: &PaneContext<'_>, body: Rect, reason: &str) {
    let font = FontId::proportional(size::SMALL);
    let words = painter.layout(reason.to_owned(), font, ctx.tokens.faint, (body.width() - 16.0).max(16.0));
    let corner = Align2::CENTER_CENTER.anchor_size(body.center(), words.size()).min;
    painter.with_clip_rect(body).galley(corner, words, ctx.tokens.faint);
}
