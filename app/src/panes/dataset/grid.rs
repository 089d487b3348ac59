//! The scenes as a grid, of which only the rows in sight are made.

use std::ops::Range;

use egui::{EventFilter, Id, Key, Modifiers, Rect, Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};
use fusionscope_engine::protocol::{DatasetSummary, ScenePlace};

use super::card::{Card, Sizes, id_of};
use super::keys::{KEYS, led_to};
use super::list::List;
use super::thumbs::{Inks, View};
use super::{DatasetPane, open};
use crate::look::{self, space};
use crate::panes::PaneContext;
use crate::store::ClassesOf;
use crate::store::gallery::Sight;

/// Room for the bar that scrolls.
const BAR: f32 = 14.0;
/// Small pictures of scenes that are asked for at once, at most.
const MOST_IN_SIGHT: usize = 1000;
/// The sides of small pictures, in pixels: few, so that a window that is drawn a little larger needs no others.
const SIDES_PX: [u32; 5] = [96, 128, 192, 256, 384];

impl DatasetPane {
    pub(super) fn grid(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, dataset: &DatasetSummary, list: &List) {
        let scenes = &list.arranged.scenes;
        if scenes.is_empty() {
            self.nothing_left(ui, ctx, list);
            return;
        }
        let inks = Inks {
            classes: ctx.store.colours_of(ClassesOf::Labels),
            kinds: dataset.modalities.iter().map(|sensor| sensor.kind.clone()).collect(),
            tokens: ctx.tokens,
        };
        self.thumbs.begin(&inks);
        let views = self.views(dataset);
        let room = ui.available_width() - BAR;
        let sizes = Sizes::of(views.len(), self.kept.size.width(), room);
        let columns = ((room + space::XS) / (sizes.card.x + space::XS)).floor().max(1.0) as usize;
        let row = sizes.card.y + space::XS;
        let rows = scenes.len().div_ceil(columns);
        self.cursor = self.cursor.min(scenes.len() - 1);
        let before = self.cursor;
        let has_keys = self.keys(ui, ctx, list, dataset, (columns, row));
        let jump = self.jump(self.cursor != before, columns, row);

        ui.spacing_mut().item_spacing = Vec2::ZERO;
        let area = ScrollArea::vertical().id_salt("scenes").auto_shrink(false);
        let area = if let Some(top) = jump { area.vertical_scroll_offset(top) } else { area };
        let (grid, cursor) = (grid_id(ui), self.cursor);
        let shown = area.show_rows(ui, row, rows, |ui, shown| {
            let corner = ui.max_rect().min;
            ui.allocate_space(vec2(room, shown.len() as f32 * row));
            let places = shown.start * columns..(shown.end * columns).min(scenes.len());
            for place in places.clone() {
                let (down, along) = (place / columns - shown.start, place % columns);
                let at = corner + vec2(along as f32 * (sizes.card.x + space::XS), down as f32 * row);
                let card = Card {
                    scene: scenes[place],
                    rect: Rect::from_min_size(pos2(at.x, at.y), sizes.card),
                    is_at_keys: has_keys && place == cursor,
                };
                if self.card(ui, ctx, dataset, &card, &views, &sizes, &inks) {
                    self.cursor = place;
                    ui.memory_mut(|memory| memory.request_focus(grid));
                }
            }
            places
        });
        self.scroll = (shown.state.clamped_offset().y, shown.inner_rect.height());
        let side = sizes.picture.x * ui.ctx().pixels_per_point();
        let side_px = SIDES_PX.into_iter().find(|&px| px as f32 >= side).unwrap_or(SIDES_PX[SIDES_PX.len() - 1]);
        ctx.show_scenes(Sight { scenes: in_sight(scenes, shown.inner), side_px });
    }

    /// The columns of pictures that each scene has: at least one.
    fn views(&self, dataset: &DatasetSummary) -> Vec<View> {
        let sensors = dataset.modalities.iter().enumerate();
        let shown = sensors.filter(|(_, sensor)| !self.kept.hidden.contains(&sensor.name));
        let mut views: Vec<View> = shown.map(|(place, _)| View::Sensor(place)).collect();
        if !(self.kept.hides_labels || dataset.classes.is_empty()) {
            views.push(View::Label);
        }
        if views.is_empty() {
            views.push(View::Sensor(0));
        }
        views
    }

    /// Follows the keys where the grid has them, and says whether it does. It is one stop for them; within it the arrow
    /// keys go from scene to scene.
    fn keys(
        &mut self,
        ui: &Ui,
        ctx: &PaneContext<'_>,
        list: &List,
        dataset: &DatasetSummary,
        (columns, row): (usize, f32),
    ) -> bool {
        let scenes = &list.arranged.scenes;
        let whole = ui.available_rect_before_wrap();
        let response = ui.interact(whole, grid_id(ui), Sense::focusable_noninteractive());
        let cursor = scenes[self.cursor];
        response.widget_info(|| {
            let id = id_of(dataset, cursor);
            let words = format!(
                "Scenes: {} of {}, {id}. Arrow keys move, Enter opens",
                look::count(self.cursor as u64 + 1),
                look::count(scenes.len() as u64)
            );
            WidgetInfo::labeled(Role::Grid, true, words)
        });
        if !response.has_focus() {
            return false;
        }
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let page = (self.scroll.1 / row).floor() as usize;
        for key in KEYS {
            if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
                self.cursor = led_to(key, self.cursor, columns, page, scenes.len());
            }
        }
        if ui.input(|input| input.key_pressed(Key::Enter)) {
            open(ctx, dataset, scenes[self.cursor]);
        }
        true
    }

    /// The distance from the top to scroll to, where that must change: to a list that is new, or to the scene at the
    /// keys where these have moved it out of sight.
    fn jump(&mut self, has_moved: bool, columns: usize, row: f32) -> Option<f32> {
        if std::mem::take(&mut self.is_new) {
            return Some(0.0);
        }
        let top = (self.cursor / columns) as f32 * row;
        let (from, height) = self.scroll;
        if !has_moved {
            None
        } else if top < from {
            Some(top)
        } else if top + row > from + height {
            Some((top + row - height).max(0.0))
        } else {
            None
        }
    }

    /// Why no scene is left, and the way back.
    fn nothing_left(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, list: &List) {
        let words = if list.arranged.of == 0 {
            "The data set has no scenes"
        } else if list.wishes.need_scores() && !ctx.store.gallery.has_scores() {
            "No scene is left: evaluate the network on a split first, or open a run that was evaluated"
        } else if list.wishes.need_survey() && ctx.store.gallery.survey().is_none_or(|survey| !survey.is_done()) {
            "No scene that was read so far is left by the filters"
        } else {
            "No scene is left by the filters"
        };
        look::empty(ui, ctx.tokens, words);
        if list.arranged.of > 0 && look::button(ui, ctx.tokens, None, "Show all scenes", false).clicked() {
            self.kept.wishes = self.kept.wishes.of_all();
        }
    }
}

/// What has the keys of all scenes.
fn grid_id(ui: &Ui) -> Id {
    ui.scope_id().with("grid")
}

/// The scenes whose pictures are wanted: those in these places, then as many that follow, then some before.
fn in_sight(scenes: &[ScenePlace], places: Range<usize>) -> Vec<ScenePlace> {
    let (begin, end) = (places.start, places.end);
    let next = end..(end + places.len()).min(scenes.len());
    let before = begin.saturating_sub(places.len() / 2)..begin;
    places.chain(next).chain(before).take(MOST_IN_SIGHT).filter_map(|place| scenes.get(place).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_wanted_of_what_is_in_sight_then_of_what_comes_next_and_never_of_all() {
        let scenes: Vec<ScenePlace> = (0..60_000).map(|index| ScenePlace { split: 0, index }).collect();
        let wanted: Vec<u32> = in_sight(&scenes, 100..104).iter().map(|scene| scene.index).collect();
        assert_eq!(wanted, [100, 101, 102, 103, 104, 105, 106, 107, 98, 99]);
        assert_eq!(in_sight(&scenes, 0..60_000).len(), MOST_IN_SIGHT);
        assert_eq!(in_sight(&scenes[..3], 0..3).len(), 3);
    }
}
