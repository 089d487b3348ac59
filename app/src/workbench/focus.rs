//! Where the keys go: Tab in reading order, F6 from one part of the window to the next, and a ring around what has
//! them.
//!
//! By itself egui goes through widgets in the order in which they were made, which is no order to read in where rows
//! are filled from the right and panels from the outside, and it never skips any.

use std::ops::Range;

use egui::accesskit::{self, ActionRequest, TreeId};
use egui::{Context, Event, FocusDirection, Id, Key, LayerId, Rect, Stroke, StrokeKind, Ui};

use crate::arrangement::PaneKind;
use crate::look::{Tokens, space};
use crate::store::Way;

/// A part of the window: the bar, a pane with its tab.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Where it stands.
    pub(super) rect: Rect,
    /// Its widgets among those of the window's ground, counted in the order in which they were made.
    pub(super) widgets: Range<usize>,
    /// The pane that it is; `None` for the bar.
    pub(super) pane: Option<PaneKind>,
}

impl Part {
    /// The part that `draw` draws into `rect`.
    pub(super) fn drawn<R>(ui: &mut Ui, rect: Rect, draw: impl FnOnce(&mut Ui) -> R) -> (Self, R) {
        let from = made(ui);
        let answer = draw(ui);
        (Self { rect, widgets: from..made(ui), pane: None }, answer)
    }
}

/// How many widgets the ground has by now.
fn made(ui: &Ui) -> usize {
    ui.ctx().viewport(|viewport| viewport.this_pass.widgets.get_layer(LayerId::background()).count())
}

/// Something that can have the keys.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stop {
    id: Id,
    rect: Rect,
    /// Whether all of it is in sight; the rest of a list is scrolled out of it.
    is_seen: bool,
}

/// Who has the keys, and where they can go.
#[derive(Debug, Default)]
pub(super) struct Focus {
    /// The parts as they were drawn last.
    pub(super) parts: Vec<Part>,
    /// The tabs above panes. What else stands there, such as the strip that all of them are dragged by, is for the
    /// pointer alone.
    pub(super) tabs: Vec<Id>,
    /// A part is to be left.
    turning: Option<Way>,
    last: Option<Id>,
    was_typing: bool,
}

impl Focus {
    /// Goes on to the next part, or back to the one before, in the next frame.
    pub(super) fn turn(&mut self, way: Way) {
        self.turning = Some(way);
    }

    /// The pane in hand: that which has the keys, else the one under the pointer.
    pub(super) fn pane(&self, ctx: &Context) -> Option<PaneKind> {
        let focused = ctx.memory(egui::Memory::focused);
        let widget = |id: Id| ctx.viewport(|viewport| viewport.prev_pass.widgets.get(id).map(|widget| widget.rect));
        let places = [focused.and_then(widget).map(|rect| rect.center()), ctx.pointer_latest_pos()];
        places.into_iter().flatten().find_map(|place| self.parts.iter().find(|part| part.rect.contains(place))?.pane)
    }

    /// Whether a text field had the keys in the frame before; Escape takes them from it before anybody is asked.
    pub(super) fn was_typing(&self) -> bool {
        self.was_typing
    }

    /// Gives the keys back to what had them before Escape took them.
    pub(super) fn give_back(&self, ctx: &Context) {
        if let Some(id) = self.last {
            ctx.memory_mut(|memory| memory.request_focus(id));
        }
    }

    /// Takes Tab and F6 before anything is drawn.
    pub(super) fn follow(&mut self, ctx: &Context) {
        let (mut ahead, mut back) = (0, 0);
        ctx.input(|input| {
            for event in &input.events {
                if let Event::Key { key: Key::Tab, pressed: true, modifiers, .. } = event {
                    ahead += usize::from(modifiers.is_none());
                    back += usize::from(modifiers.shift_only());
                }
            }
        });
        let turning = self.turning.take();
        if ahead + back > 0 || turning.is_some() {
            ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
            let groups = groups(ctx, &self.parts, &self.tabs);
            let focused = ctx.memory(egui::Memory::focused);
            let target = match turning {
                Some(way) => beyond(&groups, focused, way),
                None => after(&groups.concat(), focused, ahead, back),
            };
            if let Some(stop) = target {
                ctx.memory_mut(|memory| memory.request_focus(stop.id));
            }
        }
        self.reveal(ctx);
    }

    /// Lists scroll to what has got the keys, unless it was clicked.
    fn reveal(&mut self, ctx: &Context) {
        let focused = ctx.memory(egui::Memory::focused);
        let is_clicked = ctx.input(|input| input.pointer.any_down() || input.pointer.any_released());
        if focused == self.last || is_clicked {
            return;
        }
        let Some(id) = focused else { return };
        let widget = ctx.viewport(|viewport| viewport.prev_pass.widgets.get(id).copied());
        if widget.is_some_and(|widget| !is_seen(&widget)) {
            // The one request that every widget answers where it is made, inside the list that it stands in.
            let request = ActionRequest {
                action: accesskit::Action::ScrollIntoView,
                target_tree: TreeId::ROOT,
                target_node: id.accesskit_id(),
                data: None,
            };
            ctx.input_mut(|input| input.events.push(Event::AccessKitActionRequest(request)));
        }
    }

    /// Draws the ring, over everything in its layer; to be called when the window is drawn.
    pub(super) fn ring(&mut self, ctx: &Context, tokens: &Tokens) {
        self.last = ctx.memory(egui::Memory::focused);
        self.was_typing = ctx.text_edit_focused();
        ring(ctx, tokens);
    }
}

/// A ring around what has the keys in this window, the only one there is. Text fields have one of their own.
pub(super) fn ring(ctx: &Context, tokens: &Tokens) {
    let Some(id) = ctx.memory(egui::Memory::focused) else { return };
    if ctx.text_edit_focused() {
        return;
    }
    let Some(widget) = ctx.viewport(|viewport| viewport.this_pass.widgets.get(id).copied()) else { return };
    if widget.interact_rect.is_positive() {
        let stroke = Stroke::new(2.0, tokens.accent_ink);
        let painter = ctx.layer_painter(widget.layer_id);
        let rect = ringed(widget.interact_rect, ctx.content_rect(), stroke.width);
        painter.rect_stroke(rect, space::RADIUS, stroke, StrokeKind::Outside);
    }
}

/// What a ring of this width goes around: a little more than the widget, and no more than leaves the ring in the window.
fn ringed(widget: Rect, window: Rect, width: f32) -> Rect {
    widget.expand(1.0).intersect(window.shrink(width))
}

fn is_seen(widget: &egui::WidgetRect) -> bool {
    widget.interact_rect.is_positive() && widget.interact_rect.height() > widget.rect.height() - 1.0
}

/// The stops of the last frame: those of each part in reading order, then those of each window over them.
fn groups(ctx: &Context, parts: &[Part], tabs: &[Id]) -> Vec<Vec<Stop>> {
    let above: Vec<LayerId> = ctx.memory(|memory| memory.layer_ids().collect());
    let ground = LayerId::background();
    let layers = std::iter::once(ground).chain(above.into_iter().filter(|layer| *layer != ground));
    let mut groups = Vec::new();
    for layer in layers {
        // A question or a menu keeps the keys to itself.
        let is_behind = layer == ground && egui::Popup::is_any_open(ctx);
        if is_behind || !ctx.memory(|memory| memory.allows_interaction(layer)) {
            continue;
        }
        let widgets: Vec<egui::WidgetRect> =
            ctx.viewport(|viewport| viewport.prev_pass.widgets.get_layer(layer).copied().collect());
        let stops = widgets.iter().enumerate().filter(|(_, widget)| {
            widget.enabled && widget.visible && widget.sense.is_focusable() && widget.rect.is_positive()
        });
        let stops =
            stops.map(|(place, widget)| (place, Stop { id: widget.id, rect: widget.rect, is_seen: is_seen(widget) }));
        if layer == ground {
            groups.extend(by_part(stops, parts, tabs));
        } else {
            groups.push(in_reading_order(stops.map(|(_, stop)| stop).collect()));
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// The stops of the ground, part by part as the window is read. A tab belongs to the pane below it.
fn by_part(stops: impl Iterator<Item = (usize, Stop)>, parts: &[Part], tabs: &[Id]) -> Vec<Vec<Stop>> {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|one, other| {
        let (one, other) = (parts[*one].rect, parts[*other].rect);
        one.top().total_cmp(&other.top()).then(one.left().total_cmp(&other.left()))
    });
    // What belongs to no part, such as the edge that a pane is resized by, is for the pointer alone.
    let mut groups = vec![Vec::new(); parts.len()];
    for (place, stop) in stops {
        let made_in = order.iter().position(|part| parts[*part].widgets.contains(&place));
        let with_tab = |part: &usize| {
            let rect = parts[*part].rect;
            rect.with_min_y(rect.top() - TAB).contains(stop.rect.center())
        };
        let part = made_in.or_else(|| order.iter().position(with_tab).filter(|_| tabs.contains(&stop.id)));
        if let Some(part) = part {
            groups[part].push(stop);
        }
    }
    groups.into_iter().map(in_reading_order).collect()
}

/// How far above a pane its tab may stand.
const TAB: f32 = 30.0;

/// Row by row from above, each from the left. What is scrolled out of sight stays behind what was made before it, so
/// that a list is gone through as a whole.
fn in_reading_order(stops: Vec<Stop>) -> Vec<Stop> {
    let mut rows: Vec<Vec<Stop>> = Vec::new();
    for stop in stops {
        match rows.last_mut() {
            Some(row) if row.last().is_some_and(|last| is_beside(last, &stop)) => row.push(stop),
            _ => rows.push(vec![stop]),
        }
    }
    let mut top = f32::NEG_INFINITY;
    let mut placed: Vec<(f32, Vec<Stop>)> = Vec::new();
    for row in rows {
        if row.iter().all(|stop| stop.is_seen) {
            top = row.iter().map(|stop| stop.rect.top()).fold(f32::INFINITY, f32::min);
        }
        placed.push((top, row));
    }
    placed.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    for (_, row) in &mut placed {
        row.sort_by(|one, other| one.rect.left().total_cmp(&other.rect.left()));
    }
    placed.into_iter().flat_map(|(_, row)| row).collect()
}

/// Whether both stand in one row.
fn is_beside(one: &Stop, other: &Stop) -> bool {
    let shared = one.rect.y_range().intersection(other.rect.y_range()).span();
    one.is_seen == other.is_seen && shared >= 0.5 * one.rect.height().min(other.rect.height())
}

/// The stop so many presses of Tab away; behind the last one comes the first.
fn after(stops: &[Stop], focused: Option<Id>, ahead: usize, back: usize) -> Option<Stop> {
    let count = stops.len();
    if count == 0 {
        return None;
    }
    let here = focused.and_then(|id| stops.iter().position(|stop| stop.id == id));
    let from = match (here, ahead >= back) {
        (Some(place), _) => place,
        (None, true) => count - 1,
        (None, false) => 0,
    };
    stops.get((from + count + ahead % count - back % count) % count).copied()
}

/// The first stop of the next group, or of the one before.
fn beyond(groups: &[Vec<Stop>], focused: Option<Id>, way: Way) -> Option<Stop> {
    let count = groups.len();
    let here = focused.and_then(|id| groups.iter().position(|group| group.iter().any(|stop| stop.id == id)));
    let next = match (here, way) {
        (Some(place), Way::Forth) => place + 1,
        (Some(place), Way::Back) => place + count - 1,
        (None, Way::Forth) => 0,
        (None, Way::Back) => count.saturating_sub(1),
    };
    groups.get(next.checked_rem(count)?)?.first().copied()
}

#[cfg(test)]
mod tests {
    use egui::{pos2, vec2};

    use super::*;

    fn stop(name: &'static str, left: f32, top: f32, is_seen: bool) -> Stop {
        Stop { id: Id::unique(name), rect: Rect::from_min_size(pos2(left, top), vec2(40.0, 20.0)), is_seen }
    }

    fn ids(stops: &[Stop]) -> Vec<Id> {
        stops.iter().map(|stop| stop.id).collect()
    }

    fn named(names: &[&'static str]) -> Vec<Id> {
        names.iter().map(|name| Id::unique(*name)).collect()
    }

    #[test]
    fn the_ring_of_what_fills_the_window_is_seen() {
        let window = Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, 600.0));
        let ring = |widget| ringed(widget, window, 2.0).expand(2.0);
        assert_eq!(ring(window), window);
        let corner = Rect::from_min_max(pos2(700.0, 500.0), pos2(800.0, 600.0));
        assert!(window.contains_rect(ring(corner)) && ring(corner).left() < corner.left());
        let inside = Rect::from_min_size(pos2(10.0, 10.0), vec2(40.0, 20.0));
        assert_eq!(ring(inside), inside.expand(3.0), "and it hides nothing of a button");
    }

    #[test]
    fn rows_that_are_filled_from_the_right_are_read_from_the_left() {
        let made = vec![
            stop("title", 0.0, 0.0, true),
            stop("last", 200.0, 2.0, true),
            stop("middle", 100.0, 2.0, true),
            stop("foot", 0.0, 90.0, true),
            stop("picture", 0.0, 40.0, true),
        ];
        assert_eq!(ids(&in_reading_order(made)), named(&["title", "middle", "last", "picture", "foot"]));
    }

    #[test]
    fn a_list_is_gone_through_as_a_whole_though_most_of_it_is_scrolled_away() {
        let made = vec![
            stop("head", 0.0, 0.0, true),
            stop("above", 0.0, -60.0, false),
            stop("shown", 0.0, 30.0, true),
            stop("below", 0.0, 400.0, false),
            stop("button", 0.0, 100.0, true),
        ];
        assert_eq!(ids(&in_reading_order(made)), named(&["head", "above", "shown", "below", "button"]));
    }

    #[test]
    fn parts_are_gone_through_as_the_window_is_read_and_a_tab_goes_with_its_pane() {
        let part = |left: f32, top: f32, widgets| Part {
            rect: Rect::from_min_size(pos2(left, top), vec2(90.0, 80.0)),
            widgets,
            pane: None,
        };
        // The right pane is drawn before the left one, and its tab before both.
        let parts = [part(100.0, 130.0, 2..3), part(0.0, 130.0, 3..4), part(0.0, 0.0, 4..5)];
        let made = [
            stop("right tab", 110.0, 105.0, true),
            stop("strip of the right tab", 100.0, 104.0, true),
            stop("right", 110.0, 140.0, true),
            stop("left", 10.0, 140.0, true),
            stop("bar", 10.0, 10.0, true),
        ];
        let groups = by_part(made.into_iter().enumerate(), &parts, &[Id::unique("right tab")]);
        let groups: Vec<Vec<Id>> = groups.iter().filter(|group| !group.is_empty()).map(|group| ids(group)).collect();
        assert_eq!(groups, [named(&["bar"]), named(&["left"]), named(&["right tab", "right"])]);
    }

    #[test]
    fn behind_the_last_stop_comes_the_first_and_before_the_first_the_last() {
        let stops = [stop("a", 0.0, 0.0, true), stop("b", 50.0, 0.0, true), stop("c", 90.0, 0.0, true)];
        let id = |name: &'static str| Some(Id::unique(name));
        let after = |focused, ahead, back| super::after(&stops, focused, ahead, back).map(|stop| stop.id);
        assert_eq!(after(None, 1, 0), id("a"));
        assert_eq!(after(None, 0, 1), id("c"));
        assert_eq!(after(id("c"), 1, 0), id("a"));
        assert_eq!(after(id("a"), 0, 1), id("c"));
        assert_eq!(after(id("a"), 7, 0), id("b"));
        assert_eq!(super::after(&[], None, 1, 0), None);
    }

    #[test]
    fn a_part_is_left_for_the_first_stop_of_the_next_one() {
        let groups = [vec![stop("a", 0.0, 0.0, true), stop("b", 50.0, 0.0, true)], vec![stop("c", 0.0, 50.0, true)]];
        let id = |name: &'static str| Some(Id::unique(name));
        let beyond = |focused, way| super::beyond(&groups, focused, way).map(|stop| stop.id);
        assert_eq!(beyond(None, Way::Forth), id("a"));
        assert_eq!(beyond(id("b"), Way::Forth), id("c"));
        assert_eq!(beyond(id("c"), Way::Forth), id("a"));
        assert_eq!(beyond(id("a"), Way::Back), id("c"));
        assert_eq!(super::beyond(&[], None, Way::Forth), None);
    }
}
