//! The small widgets of the house. Each carries a name for screen readers and tests.

use std::sync::Arc;

use egui::containers::menu::{MenuConfig, SubMenuButton};
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Button, Color32, CornerRadius, FontFamily, FontId, Galley, PopupCloseBehavior, Rect, Response, RichText, Role,
    ScrollArea, Sense, Slider, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2,
};

use super::contrast::fill_outlined;
use super::fonts::{MEDIUM, SEMIBOLD};
use super::icons::Icon;
use super::tokens::{Theme, Tokens, size, space};

/// Text in the medium weight.
pub fn medium(text: impl Into<String>) -> RichText {
    RichText::new(text).family(FontFamily::Name(MEDIUM.into()))
}

/// Text in the semibold weight.
pub fn semibold(text: impl Into<String>) -> RichText {
    RichText::new(text).family(FontFamily::Name(SEMIBOLD.into()))
}

/// Text in the small size.
pub fn small(text: impl Into<String>) -> RichText {
    RichText::new(text).size(size::SMALL)
}

/// A message as it was given. Where it has several lines, one may point at a place in another, so all letters are of
/// one width.
pub fn message(text: impl Into<String>) -> RichText {
    let text = text.into();
    if text.contains('\n') { RichText::new(text).monospace() } else { RichText::new(text) }
}

/// A small heading over a group of rows.
pub fn caption(tokens: &Tokens, text: impl Into<String>) -> RichText {
    medium(text).size(size::SMALL).color(tokens.weak)
}

/// The lines of a menu; where the window is too low for all of them, they scroll.
pub fn fitting<R>(ui: &mut Ui, lines: impl FnOnce(&mut Ui) -> R) -> R {
    let most = (ui.ctx().content_rect().height() - 96.0).max(96.0);
    ScrollArea::vertical().max_height(most).show(ui, lines).inner
}

/// One line of text, with an ellipsis at its end where it is wider than `room` points.
pub fn elided(ui: &Ui, text: impl Into<String>, font: FontId, room: f32, ink: Color32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(text.into(), font, ink);
    job.wrap = TextWrapping::truncate_at_width(room.max(8.0));
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// A small square of a class's or sensor's colour.
pub fn swatch(ui: &mut Ui, colour: Color32) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(10.0), Sense::hover());
    let theme = if ui.visuals().dark_mode { Theme::Dark } else { Theme::Light };
    fill_outlined(ui.painter(), Tokens::of(theme), rect, 2, colour);
    response
}

/// What stands in a pane, or a part of one, that has nothing to show yet: why, and what to do about it.
pub fn empty(ui: &mut Ui, tokens: &Tokens, words: &str) {
    egui::Frame::new().inner_margin(space::S).show(ui, |ui| {
        ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
            ui.set_max_width(ui.available_width().min(READABLE));
            ui.add(egui::Label::new(RichText::new(words).color(tokens.weak)).wrap());
        });
    });
}

/// The width in points of a line that is still easy to read.
const READABLE: f32 = 460.0;

/// A word on a tinted ground, such as "stale" or "not used".
pub fn badge(ui: &mut Ui, text: &str, ink: Color32, ground: Color32) -> Response {
    let galley = ui.painter().layout_no_wrap(text.to_owned(), FontId::proportional(size::SMALL), ink);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(12.0, 4.0), Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::same(3), ground);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, ink);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    response
}

/// A square button with an icon. `name` is what screen readers and tests call it.
pub fn icon_button(ui: &mut Ui, tokens: &Tokens, icon: Icon, name: &str, chosen: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(space::ROW), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, chosen, name));
    if ui.is_rect_visible(rect) {
        let (ground, ink) = ground_and_ink(tokens, &response, chosen, enabled);
        ui.painter().rect_filled(rect, CornerRadius::same(space::RADIUS), ground);
        icon.paint(ui.painter(), rect, ink);
    }
    response
}

/// A quiet button of an optional icon and a word.
pub fn button(ui: &mut Ui, tokens: &Tokens, icon: Option<Icon>, text: &str, chosen: bool) -> Response {
    wide_button(ui, tokens, icon, text, 0.0, chosen)
}

/// The same with room for at least so many points of words.
fn wide_button(ui: &mut Ui, tokens: &Tokens, icon: Option<Icon>, text: &str, least: f32, chosen: bool) -> Response {
    let font = FontId::proportional(size::BODY);
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, tokens.text);
    let icon_room = if icon.is_some() { 14.0 + 6.0 } else { 0.0 };
    let wanted = vec2(galley.size().x.max(least) + icon_room + 2.0 * space::S, space::ROW);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, chosen, text));
    if ui.is_rect_visible(rect) {
        let (ground, ink) = ground_and_ink(tokens, &response, chosen, enabled);
        ui.painter().rect_filled(rect, CornerRadius::same(space::RADIUS), ground);
        let mut left = rect.left() + space::S;
        if let Some(icon) = icon {
            let room = Rect::from_center_size(egui::pos2(left + 7.0, rect.center().y), Icon::room());
            icon.paint(ui.painter(), room, ink);
            left += icon_room;
        }
        let top = rect.center().y - galley.size().y / 2.0;
        ui.painter().galley_with_override_text_color(egui::pos2(left, top), galley, ink);
    }
    response
}

/// The one button that stands out.
pub fn primary_button(ui: &mut Ui, tokens: &Tokens, icon: Icon, text: &str) -> Response {
    main_button(ui, tokens, icon, text, &[text], true)
}

/// The same where its words change: wide enough for each of `among`, so that nothing moves when they do. It stands out
/// or is quiet.
pub fn main_button(ui: &mut Ui, tokens: &Tokens, icon: Icon, text: &str, among: &[&str], stands_out: bool) -> Response {
    let font = FontId::new(size::BODY, FontFamily::Name(SEMIBOLD.into()));
    let layout = |word: &str| ui.painter().layout_no_wrap(word.to_owned(), font.clone(), tokens.on_accent);
    let galley = layout(text);
    let widest = among.iter().map(|word| layout(word).size().x).fold(galley.size().x, f32::max);
    let wanted = vec2(widest + 14.0 + 6.0 + 24.0, 28.0);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, text));
    if ui.is_rect_visible(rect) {
        let is_under = response.hovered() || response.has_focus();
        let (ground, ink) = match (enabled, stands_out) {
            (false, _) => (tokens.raised, tokens.faint),
            (true, true) => (if is_under { tokens.accent_hovered } else { tokens.accent }, tokens.on_accent),
            (true, false) => (if is_under { tokens.hovered } else { tokens.accent_weak }, tokens.text),
        };
        ui.painter().rect_filled(rect, CornerRadius::same(5), ground);
        let room = Rect::from_center_size(egui::pos2(rect.left() + 12.0 + 6.0, rect.center().y), Vec2::splat(12.0));
        icon.paint(ui.painter(), room, ink);
        let top = rect.center().y - galley.size().y / 2.0;
        ui.painter().galley_with_override_text_color(egui::pos2(rect.left() + 12.0 + 19.0, top), galley, ink);
    }
    response
}

/// A quiet button whose words change: wide enough for each of `among`.
pub fn changing_button(
    ui: &mut Ui,
    tokens: &Tokens,
    icon: Option<Icon>,
    text: &str,
    among: &[&str],
    chosen: bool,
) -> Response {
    let font = FontId::proportional(size::BODY);
    let width = |word: &&str| ui.painter().layout_no_wrap((*word).to_owned(), font.clone(), tokens.text).size().x;
    let widest = among.iter().map(width).fold(0.0, f32::max);
    wide_button(ui, tokens, icon, text, widest, chosen)
}

/// A few words of which one is chosen; returns the newly chosen place.
pub fn segmented(ui: &mut Ui, tokens: &Tokens, name: &str, words: &[&str], chosen: usize) -> Option<usize> {
    let mut pressed = None;
    let font = FontId::new(size::BODY, FontFamily::Name(MEDIUM.into()));
    let galleys: Vec<_> =
        words.iter().map(|word| ui.painter().layout_no_wrap((*word).to_owned(), font.clone(), tokens.text)).collect();
    let width = galleys.iter().map(|galley| galley.size().x + 20.0).sum::<f32>() + 4.0;
    let (whole, _) = ui.allocate_exact_size(vec2(width, space::ROW + 2.0), Sense::hover());
    ui.painter().rect_filled(whole, CornerRadius::same(5), tokens.field);
    ui.painter().rect_stroke(whole, CornerRadius::same(5), Stroke::new(1.0, tokens.hairline), StrokeKind::Inside);
    let mut left = whole.left() + 2.0;
    for (place, galley) in galleys.into_iter().enumerate() {
        let rect =
            Rect::from_min_size(egui::pos2(left, whole.top() + 2.0), vec2(galley.size().x + 20.0, space::ROW - 2.0));
        left = rect.right();
        let response = ui.interact(rect, ui.scope_id().with((name, place)), Sense::click());
        let on = place == chosen;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, words[place]));
        if on || response.hovered() {
            let ground = if on { tokens.pressed } else { tokens.raised };
            ui.painter().rect_filled(rect, CornerRadius::same(3), ground);
        }
        let ink = if on { tokens.text } else { tokens.weak };
        let corner = rect.center() - galley.size() / 2.0;
        ui.painter().galley_with_override_text_color(corner, galley, ink);
        if response.clicked() {
            pressed = Some(place);
        }
    }
    pressed
}

/// A colour in a menu, with a slider for each of its parts in a submenu: a picker that pops up by itself would close
/// the menu that it belongs to. Says whether the colour was changed.
pub fn colour_menu(ui: &mut Ui, colour: &mut Color32) -> bool {
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let (_, shown) = SubMenuButton::new("Colour").config(config).ui(ui, |ui| {
        let [mut red, mut green, mut blue, _] = colour.to_array();
        ui.spacing_mut().slider_width = 160.0;
        swatch(ui, *colour);
        let mut changed = false;
        for (part, name) in [(&mut red, "Red"), (&mut green, "Green"), (&mut blue, "Blue")] {
            changed |= ui.add(Slider::new(part, 0..=255).text(name)).changed();
        }
        *colour = Color32::from_rgb(red, green, blue);
        changed
    });
    shown.is_some_and(|shown| shown.inner)
}

/// A framed button that stays in, made with egui's own so that it wraps and truncates.
pub fn toggle_chip(ui: &mut Ui, tokens: &Tokens, text: &str, on: bool) -> Response {
    let ink = if on { tokens.text } else { tokens.weak };
    ui.add(
        Button::new(RichText::new(text).color(ink))
            .fill(if on { tokens.accent_weak } else { tokens.raised })
            .stroke(Stroke::new(1.0, if on { tokens.accent } else { Color32::TRANSPARENT })),
    )
}

fn ground_and_ink(tokens: &Tokens, response: &Response, chosen: bool, enabled: bool) -> (Color32, Color32) {
    if !enabled {
        return (Color32::TRANSPARENT, tokens.faint);
    }
    let ground = if response.is_pointer_button_down_on() {
        tokens.pressed
    } else if chosen {
        tokens.accent_weak
    } else if response.hovered() {
        tokens.hovered
    } else {
        Color32::TRANSPARENT
    };
    (ground, if chosen || response.hovered() { tokens.text } else { tokens.weak })
}
