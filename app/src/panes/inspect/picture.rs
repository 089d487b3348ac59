//! What is painted inside a tile: layers of textures, from the photograph below to the outlines on top.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use egui::{Color32, ColorImage, CornerRadius, FontId, Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use fusionscope_engine::protocol::{Content, Frame, Pixels};

use super::explain;
use super::export::composed;
use super::state::InspectPane;
use super::tones;
use super::wall::Slot;
use crate::canvas::{Arrival, Fading, IDENTITY, Ink, Key, Mask, class_mask, mask_of_both, mask_where};
use crate::look::{self, Theme, size};
use crate::panes::PaneContext;
use crate::store::embedding::place_of;
use crate::store::{AS_ASKED, ClassesOf, Pixel};

const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };

/// Paints the picture of a slot into its body.
pub(super) fn paint(pane: &mut InspectPane, ui: &Ui, ctx: &PaneContext<'_>, slot: Slot<'_>, body: Rect) {
    let (scene, tokens) = (&ctx.store.scene, ctx.tokens);
    let painter = ui.painter_at(body);
    painter.rect_filled(body, CornerRadius::ZERO, tokens.picture);
    let whole = pane.camera.picture(body, slot.aspect);
    let is_prediction = matches!(slot.content.of_either(), Content::Prediction(_));
    let content = if is_prediction && scene.comparing { &Content::Label } else { slot.content };
    if *content.of_either() == Content::Figures {
        figures(ui, ctx, content, body);
        return;
    }
    let Some(frame) = scene.frame(content) else {
        absent(ui, ctx, slot, body);
        return;
    };
    let is_labels = matches!(frame.pixels, Pixels::Labels { .. });
    let is_see_through = is_labels && (scene.overlay < 1.0 || scene.solo.is_some() || !scene.hidden.is_empty());
    if is_see_through && let Some(below) = photograph(ctx) {
        let texture = texture(pane, ui, ctx, &below, whole);
        painter.image(texture, whole, WHOLE, Color32::WHITE);
    }
    let is_dropped = matches!(content, Content::Sensor(name) if scene.what_if.is_absent(name));
    let opacity = if is_labels { scene.overlay } else { 1.0 };
    let opacity = if is_dropped { 0.16 } else { opacity };
    let tint = look::with_alpha(Color32::WHITE, opacity);
    let own = if matches!(content.of_either(), Content::Prediction(_)) {
        fading(pane, ui, ctx, content)
    } else {
        Fading { now: texture(pane, ui, ctx, content, whole), before: None }
    };
    if let Some((before, share)) = own.before {
        // A covering mask stays below the new one; one that shows the picture has to make room for it.
        let below = if is_see_through { look::with_alpha(tint, 1.0 - share) } else { tint };
        painter.image(before, whole, WHOLE, below);
        painter.image(own.now, whole, WHOLE, look::with_alpha(tint, share));
    } else {
        painter.image(own.now, whole, WHOLE, tint);
    }

    let against = scene.counterpart(content).unwrap_or(Content::Label);
    if is_prediction && scene.swipe && !scene.comparing && scene.frame(&against).is_some() {
        let x = whole.left() + pane.swipe_at * whole.width();
        // The run in view is on the left, in both runs' tiles.
        let (from, to) = if content.is_beside() { (body.left(), x) } else { (x, body.right()) };
        let part = Rect::from_min_max(pos2(from, body.top()), pos2(to, body.bottom()));
        let other = texture(pane, ui, ctx, &against, whole);
        let part = painter.with_clip_rect(part.intersect(body));
        if let Some(below) = photograph(ctx).filter(|_| is_see_through) {
            let below = texture(pane, ui, ctx, &below, whole);
            part.image(below, whole, WHOLE, Color32::WHITE);
        }
        part.image(other, whole, WHOLE, tint);
        painter.vline(x, body.y_range(), Stroke::new(3.0, tokens.on_picture_dark));
        painter.vline(x, body.y_range(), Stroke::new(1.0, tokens.on_picture));
    }
    if is_prediction && !scene.comparing {
        difference(pane, ui, ctx, content, whole, &painter);
    }
    // The legend lists the classes of the answers.
    let has_legend = ctx.store.legend_lists(ClassesOf::content(content));
    if is_labels
        && has_legend
        && let Some(class) = *scene.hover_class.get()
    {
        let key = Key { view: AS_ASKED, content: content.clone(), layer: 2 };
        let draw = || of_region(class_mask(frame, class), |mask| mask.outline(tokens.on_picture));
        let texture = pane.textures.get(ui.ctx(), &key, (stamp(ctx), class), false, draw);
        painter.image(texture, whole, WHOLE, Color32::WHITE);
    }
    outlined(pane, ui, ctx, content, whole, &painter);
    selection(ctx, whole, &painter);
    explain::paint(pane, ctx, whole, &painter);
    if is_dropped {
        note(&painter, ctx, body, "dropped");
    }
}

/// A picture as it is drawn, at its own size, for a file: with what shows through a mask and what a dropped sensor
/// changes, without marks. `None` where there are no pixels.
pub(super) fn drawn(pane: &mut InspectPane, ctx: &PaneContext<'_>, content: &Content) -> Option<ColorImage> {
    let scene = &ctx.store.scene;
    let frame = scene.frame(content)?;
    let mut coloured = |content: &Content, frame: &Frame| {
        let tone = pane.tones.window(ctx, content).map_or(IDENTITY, |window| window.table(frame));
        ink_of(ctx, content, frame, tone).image(frame, ctx.tokens)
    };
    let own = coloured(content, frame);
    let Pixels::Labels { .. } = &frame.pixels else { return Some(own) };
    let below = photograph(ctx).and_then(|below| Some(coloured(&below, scene.frame(&below)?)));
    let whole = composed(below.as_ref(), &own, scene.overlay);
    let mask = differing(ctx, content);
    Some(mask.map_or_else(|| whole.clone(), |mask| composed(Some(&whole), &mask.veil(ctx.tokens.scrim), 1.0)))
}

/// The pixels that are selected in the embedding, the one under the pointer there, and the one whose attention is
/// shown.
fn selection(ctx: &PaneContext<'_>, whole: Rect, painter: &egui::Painter) {
    let Some(shown) = ctx.store.scene.shown() else { return };
    let (split, scene) = (shown.view.request.split.as_str(), shown.view.request.index);
    let side = (whole.width() / 60.0).clamp(3.0, 24.0);
    let square = |pixel: [u16; 2]| {
        let Pixel { x, y } = place_of(pixel);
        Rect::from_center_size(
            pos2(whole.left() + x * whole.width(), whole.top() + y * whole.height()),
            vec2(side, side),
        )
    };
    for pixel in ctx.store.embedding.selected_in(split, scene) {
        painter.rect_filled(square(pixel), CornerRadius::same(1), look::with_alpha(ctx.tokens.accent, 0.75));
    }
    let hovered = ctx.store.embedding.hover.get().filter(|(of, _)| *of as usize == scene).map(|(_, pixel)| pixel);
    let asking = ctx.store.scene.pixel.filter(|_| ctx.store.scene.asks_about_a_pixel());
    for pixel in hovered.into_iter().chain(asking) {
        let at = square(pixel).expand(2.0);
        let corner = CornerRadius::same(2);
        painter.rect_stroke(at, corner, Stroke::new(3.0, ctx.tokens.on_picture_dark), StrokeKind::Outside);
        painter.rect_stroke(at, corner, Stroke::new(1.5, ctx.tokens.on_picture), StrokeKind::Outside);
    }
}

/// The pixels of a cell of the confusion matrix, in every picture of the network in view.
fn outlined(
    pane: &mut InspectPane,
    ui: &Ui,
    ctx: &PaneContext<'_>,
    content: &Content,
    whole: Rect,
    painter: &egui::Painter,
) {
    let Some((outline, labels, answer)) = ctx.store.scene.outlined_in() else { return };
    if !matches!(content, Content::Sensor(_) | Content::Label | Content::Prediction(_) | Content::Error(_)) {
        return;
    }
    // One texture for all of them.
    let key = Key { view: AS_ASKED, content: Content::Label, layer: 4 };
    let draw = || {
        let mask = mask_of_both(labels, outline.truth, answer, outline.predicted);
        of_region(mask, |mask| mask.outline(ctx.tokens.accent))
    };
    let texture = pane.textures.get(ui.ctx(), &key, (stamp(ctx), outline), false, draw);
    painter.image(texture, whole, WHOLE, Color32::WHITE);
}

/// What the other run, else the prediction without the what-if, has another class for.
fn differing(ctx: &PaneContext<'_>, content: &Content) -> Option<Mask> {
    let scene = &ctx.store.scene;
    match scene.disagreement_in(content) {
        Some(frame) => mask_where(frame, |id| id != 0),
        None => scene.effect_in(content).and_then(|(_, became)| mask_where(became, |id| id != 0)),
    }
}

/// What differs stands in its full colours, bordered; all else steps back.
fn difference(
    pane: &mut InspectPane,
    ui: &Ui,
    ctx: &PaneContext<'_>,
    content: &Content,
    whole: Rect,
    painter: &egui::Painter,
) {
    let scene = &ctx.store.scene;
    if scene.disagreement_in(content).is_none() && scene.effect_in(content).is_none() {
        return;
    }
    let veil: &dyn Fn(&Mask) -> ColorImage = &|mask| mask.veil(ctx.tokens.scrim);
    let border: &dyn Fn(&Mask) -> ColorImage = &|mask| mask.outline(ctx.tokens.on_picture);
    for (layer, draw) in [(3, veil), (1, border)] {
        let key = Key { view: AS_ASKED, content: content.clone(), layer };
        let draw = || of_region(differing(ctx, content), draw);
        let texture = pane.textures.get(ui.ctx(), &key, stamp(ctx), false, draw);
        painter.image(texture, whole, WHOLE, Color32::WHITE);
    }
}

/// What is drawn of a region, looked for only where its texture is not there yet; nothing where there is none.
fn of_region(mask: Option<Mask>, draw: impl FnOnce(&Mask) -> ColorImage) -> ColorImage {
    mask.map_or_else(|| ColorImage::filled([1, 1], Color32::TRANSPARENT), |mask| draw(&mask))
}

/// What a region of the pictures in view is drawn anew for: other pictures, and the other theme's colours.
fn stamp(ctx: &PaneContext<'_>) -> (Option<u64>, bool) {
    (ctx.store.scene.shown().map(|shown| shown.serial), ctx.tokens.theme == Theme::Dark)
}

/// The texture of a content in the view as asked. Label maps are never blurred; photographs are, until their pixels are
/// large.
fn texture(pane: &mut InspectPane, ui: &Ui, ctx: &PaneContext<'_>, content: &Content, whole: Rect) -> egui::TextureId {
    let scene = &ctx.store.scene;
    let (Some(frame), Some(shown)) = (scene.frame(content), scene.shown()) else {
        return egui::TextureId::default();
    };
    let tone = pane.tones.window(ctx, content).map_or(IDENTITY, |window| window.table(frame));
    let ink = ink_of(ctx, content, frame, tone);
    let point_per_pixel = whole.width() / frame.width.max(1) as f32;
    let smooth =
        matches!(frame.pixels, Pixels::Rgba(_) | Pixels::Scalar { has_holes: false, .. }) && point_per_pixel < 6.0;
    let key = Key { view: AS_ASKED, content: content.clone(), layer: 0 };
    pane.textures.get(ui.ctx(), &key, (shown.serial, &ink), smooth, || ink.image(frame, ctx.tokens))
}

/// The texture of a prediction, which fades from one picture of the scene into the next.
fn fading(pane: &mut InspectPane, ui: &Ui, ctx: &PaneContext<'_>, content: &Content) -> Fading {
    let scene = &ctx.store.scene;
    let (Some(frame), Some(shown)) = (scene.frame(content), scene.shown()) else {
        return Fading { now: egui::TextureId::default(), before: None };
    };
    let ink = ink_of(ctx, content, frame, IDENTITY);
    let key = Key { view: AS_ASKED, content: content.clone(), layer: 0 };
    let mut hasher = DefaultHasher::new();
    (&shown.view.request.split, shown.view.request.index).hash(&mut hasher);
    let arrival = Arrival { scene: hasher.finish(), serial: shown.serial };
    let time = (ui.style().animation_time > 0.0).then(|| ui.input(|input| input.time));
    pane.textures.get_fading(ui.ctx(), (&key, arrival), &ink, time, || ink.image(frame, ctx.tokens))
}

fn ink_of(ctx: &PaneContext<'_>, content: &Content, frame: &Frame, tone: [u8; 256]) -> Ink {
    let scene = &ctx.store.scene;
    let is_labels = matches!(frame.pixels, Pixels::Labels { .. });
    let of = ClassesOf::content(content);
    let classes = if is_labels { ctx.store.class_names(of).len() } else { 0 };
    // The legend, which hides classes, lists those of the answers.
    let has_legend = ctx.store.legend_lists(of);
    Ink {
        colours: if is_labels { ctx.store.colours_of(of) } else { look::class_colours(0, None) },
        visible: (0..classes).map(|class| !has_legend || scene.is_class_shown(class as u8)).collect(),
        categories: match &frame.pixels {
            Pixels::Categories { legend, .. } => category_colours(ctx, legend),
            _ => Vec::new(),
        },
        map: tones::map_of(ctx, content),
        tone,
        dark: ctx.tokens.theme == Theme::Dark,
    }
}

/// What the words of a legend are drawn in: the classes' colours where it names them, a sensor's hue where it is a
/// sensor's name.
pub(super) fn category_colours(ctx: &PaneContext<'_>, legend: &[String]) -> Vec<Color32> {
    if ctx.store.class_names(ClassesOf::Answers) == legend {
        return ctx.store.colours_of(ClassesOf::Answers).all();
    }
    ctx.tokens.categories(legend, ctx.store.sensors())
}

/// The picture that shows through masks: the colour camera's, else the first sensor's.
fn photograph(ctx: &PaneContext<'_>) -> Option<Content> {
    let sensors = &ctx.store.dataset.as_ref()?.modalities;
    let present = |name: &str| {
        let content = Content::Sensor(name.to_owned());
        ctx.store.scene.frame(&content).is_some().then_some(content)
    };
    sensors
        .iter()
        .filter(|sensor| sensor.kind == "colour")
        .chain(sensors.iter())
        .find_map(|sensor| present(&sensor.name))
}

/// The plain numbers that the network's parts tell, one a line.
fn figures(ui: &Ui, ctx: &PaneContext<'_>, content: &Content, body: Rect) {
    let painter = ui.painter_at(body);
    let font = FontId::proportional(size::SMALL);
    let figures = match ctx.store.scene.seen_beside() {
        Some(seen) if content.is_beside() => seen.figures.as_slice(),
        _ => ctx.store.scene.shown().map_or(&[][..], |shown| shown.view.figures.as_slice()),
    };
    let mut top = body.top() + 6.0;
    for (name, value) in figures {
        let number = look::significant(f64::from(*value));
        let number = painter.layout_no_wrap(number, font.clone(), ctx.tokens.text);
        let words = name.replace(['.', '_'], " ");
        let room = body.width() - number.size().x - 24.0;
        let word = look::elided(ui, words, font.clone(), room, ctx.tokens.text);
        let height = word.size().y + 2.0;
        painter.galley(pos2(body.left() + 8.0, top), word, ctx.tokens.text);
        painter.galley(pos2(body.right() - 8.0 - number.size().x, top), number, ctx.tokens.text);
        top += height;
    }
}

/// Why there is nothing to see.
fn absent(ui: &Ui, ctx: &PaneContext<'_>, slot: Slot<'_>, body: Rect) {
    let scene = &ctx.store.scene;
    if let Some(reason) = scene.refusal(slot.content) {
        explain::reason(&ui.painter_at(body), ctx, body, reason);
        return;
    }
    let seen = scene.seen_beside();
    let (is_unfit, answers) = if slot.content.is_beside() {
        seen.map_or((false, false), |seen| (seen.unfit.is_some() || seen.lack.is_some(), seen.answer.is_some()))
    } else {
        let view = scene.shown().map(|shown| &shown.view);
        view.map_or((false, false), |view| (view.unfit.is_some(), view.answer.is_some()))
    };
    let text = match slot.content.of_either() {
        _ if scene.shown().is_none() => "…".to_owned(),
        _ if slot.content.is_beside() && seen.is_none() => "…".to_owned(),
        Content::Disagreement if seen.is_some() => "not compared".to_owned(),
        Content::Disagreement | Content::Before(_) | Content::Outcome(_) => "…".to_owned(),
        Content::Error(_) if is_unfit && answers => "not compared".to_owned(),
        Content::Prediction(_) | Content::Error(_) | Content::Probe(_) if is_unfit => {
            "the network does not fit".to_owned()
        }
        Content::Prediction(head) | Content::Error(head) if scene.what_if.is_absent(head) => {
            format!("needs {head}")
        }
        Content::Label => "no label".to_owned(),
        Content::Error(_) if scene.frame(&Content::Label).is_none() => "no label".to_owned(),
        Content::Prediction(_) | Content::Error(_) if !scene.what_if.dropped().is_empty() => {
            "needs all sensors".to_owned()
        }
        Content::Sensor(_) => "no picture".to_owned(),
        Content::Probe(_) => "…".to_owned(),
        _ if scene.time.at().is_some() => "nothing kept".to_owned(),
        _ => "no prediction yet".to_owned(),
    };
    let words = look::elided(ui, text, FontId::proportional(size::SMALL), body.width() - 8.0, ctx.tokens.faint);
    ui.painter_at(body).galley(body.center() - words.size() / 2.0, words, ctx.tokens.faint);
}

/// A word in the middle of a picture.
fn note(painter: &egui::Painter, ctx: &PaneContext<'_>, body: Rect, text: &str) {
    let font = FontId::proportional(size::SMALL);
    let galley = painter.layout_no_wrap(text.to_owned(), font, ctx.tokens.on_picture);
    let rect = Rect::from_center_size(body.center(), galley.size() + vec2(16.0, 6.0));
    painter.rect_filled(rect, CornerRadius::same(4), ctx.tokens.scrim);
    painter.galley(rect.center() - galley.size() / 2.0, galley, ctx.tokens.on_picture);
}
