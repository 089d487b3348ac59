//! What two runs predict differently, or dropped sensors change, in figures that can be read from the last row of a lecture hall.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align, FontFamily, FontId, Role, Sense, Ui, WidgetInfo, vec2};
use fusionscope_engine::protocol::{Disagreement, Effect, WhatIf};

use crate::look::{self, size};
use crate::panes::PaneContext;

/// Letters are this share of the window's height: in a lecture, and else.
const IN_A_LECTURE: f32 = 0.045;
const AT_A_DESK: f32 = 0.028;
/// No smaller than this, however little room there is, in points.
const LEAST: f32 = 14.0;

/// One piece of the line.
struct Piece {
    text: String,
    is_figure: bool,
    ink: egui::Color32,
}

/// The strip above the wall. It stands there as long as differences are looked at, so that pictures do not move when a
/// sensor is dropped.
pub(super) fn strip_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    let share = if ctx.teaching { IN_A_LECTURE } else { AT_A_DESK };
    let large = (share * ui.ctx().content_rect().height()).clamp(18.0, 72.0);
    let scene = &ctx.store.scene;
    let hinted = |text: String| vec![Piece { text, is_figure: false, ink: ctx.tokens.weak }];
    let between = scene.seen_beside().filter(|_| !scene.is_outdated()).map(|seen| &seen.disagreement);
    let effect = scene.effect_that_counts();
    let pieces = match (between, effect) {
        (Some(Ok(found)), _) => figures_of_two(ctx, found),
        (Some(Err(why)), _) => hinted(format!("Not compared: {why}")),
        (None, Some(found)) => figures(ctx, found),
        (None, None) => hinted(hint(ctx)),
    };
    let width = ui.available_width();
    let wide = |large: f32| ui.fonts_mut(|fonts| fonts.layout_job(job(&pieces, large, f32::INFINITY))).size().x;
    let mut fitting = large;
    // The words between the figures shrink less than these do.
    for _ in 0..4 {
        fitting = (fitting * (width / wide(fitting).max(1.0)).min(1.0)).max(LEAST);
    }
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job(&pieces, fitting, width)));
    let (rect, response) = ui.allocate_exact_size(vec2(width, 1.25 * large), Sense::hover());
    let words: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words.trim()));
    let corner = rect.left_center() - vec2(0.0, galley.size().y / 2.0);
    ui.painter().galley(corner, galley, ctx.tokens.text);
    if let Some(Ok(found)) = between {
        response.on_hover_text(format!(
            "The share of all pixels whose class is another one for the other run ({} of {}); of these, with a label, the \
             ones where either run is right; and the mean IoU of this one scene of both, in per cent ({})",
            look::count(found.differing),
            look::count(found.pixels),
            found.convention
        ));
    } else if let Some(found) = effect {
        response.on_hover_text(format!(
            "Head {}: the share of all pixels whose class is another one with what is supposed, or than at the other step, and \
             the mean IoU of this one scene before and after, in per cent ({})",
            found.head, found.convention
        ));
    }
}

/// How many pixels differ, which run is right there, and what that comes to.
fn figures_of_two(ctx: &PaneContext<'_>, found: &Disagreement) -> Vec<Piece> {
    let tokens = ctx.tokens;
    let figure = |text: String, ink| Piece { text, is_figure: true, ink };
    let word = |text: &str| Piece { text: text.to_owned(), is_figure: false, ink: tokens.weak };
    let of_differing = |pixels: u64| look::share(pixels as f64 / found.differing.max(1) as f64);
    let mut pieces = vec![figure(look::share(found.share()), tokens.text), word(" of the pixels differ    ")];
    let has_label = found.right.iter().sum::<u64>() + found.both_wrong > 0;
    if has_label {
        pieces.extend([
            word("right there: in view "),
            figure(of_differing(found.right[0]), tokens.good),
            word("  other "),
            figure(of_differing(found.right[1]), tokens.warning),
            word("  neither "),
            figure(of_differing(found.both_wrong), tokens.error),
        ]);
    } else if found.differing > 0 {
        pieces.push(word("no label there"));
    }
    if let [Some(ours), Some(theirs)] = found.miou {
        let (points, ink) = look::points(tokens, 100.0 * (theirs - ours));
        pieces.push(word("    scene mIoU "));
        pieces.push(figure(format!("{} → {} %", look::percent(ours), look::percent(theirs)), tokens.text));
        pieces.push(figure(format!("  {points}"), ink));
    }
    pieces
}

fn figures(ctx: &PaneContext<'_>, found: &Effect) -> Vec<Piece> {
    let tokens = ctx.tokens;
    let supposed = match (ctx.store.scene.seen_since(), ctx.store.scene.shown()) {
        (Some(step), _) => format!("since step {}", look::count(step)),
        (None, shown) => shown.map(|shown| supposed(&shown.view.request.what_if)).unwrap_or_default(),
    };
    let figure = |text: String, ink| Piece { text, is_figure: true, ink };
    let word = |text: String| Piece { text, is_figure: false, ink: tokens.weak };
    let mut pieces =
        vec![figure(look::share(found.share()), tokens.text), word(format!(" of the pixels change {supposed}    "))];
    let [Some(before), Some(after)] = found.miou else {
        pieces.push(word("no label, no IoU".to_owned()));
        return pieces;
    };
    let (points, ink) = look::points(tokens, 100.0 * (after - before));
    pieces.push(word("scene mIoU ".to_owned()));
    pieces.push(figure(format!("{} → {} %", look::percent(before), look::percent(after)), tokens.text));
    pieces.push(figure(format!("  {points}"), ink));
    pieces
}

/// "without colour", "with thermal moved by 3, 0 px".
fn supposed(what_if: &WhatIf) -> String {
    if what_if.is_more_than_absence() {
        format!("with {}", what_if.words().join(", "))
    } else {
        format!("without {}", what_if.dropped().join(", "))
    }
}

/// Why there are no figures.
fn hint(ctx: &PaneContext<'_>) -> String {
    let scene = &ctx.store.scene;
    if scene.beside.is_some() {
        "comparing…".to_owned()
    } else if scene.time.at().is_some() {
        "Compare with another step (A), to see what has changed since".to_owned()
    } else if scene.what_if.is_empty() {
        "Drop a sensor (keys 1 to 9), or suppose something else (W), to see what changes".to_owned()
    } else if scene.is_outdated() || scene.shown().is_none() {
        "comparing…".to_owned()
    } else {
        format!("No head answers {}", supposed(&scene.what_if))
    }
}

fn job(pieces: &[Piece], large: f32, width: f32) -> LayoutJob {
    let mut job = LayoutJob { wrap: TextWrapping::truncate_at_width(width), ..LayoutJob::default() };
    for piece in pieces {
        let font = if piece.is_figure {
            FontId::new(large, FontFamily::Name("semibold".into()))
        } else {
            FontId::proportional((0.5 * large).max(size::SMALL))
        };
        let format = TextFormat { font_id: font, color: piece.ink, valign: Align::BOTTOM, ..TextFormat::default() };
        job.append(&piece.text, 0.0, format);
    }
    job
}
