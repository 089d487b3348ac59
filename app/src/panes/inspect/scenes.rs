//! The scenes of the split by how far two runs differ on them, as a list beside the wall.

use std::cmp::Ordering;
use std::sync::Arc;

use egui::{
    Align, Color32, FontId, Label, Layout, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2,
};
use fusionscope_engine::protocol::{CountedFrom, SceneComparison, SessionState, SplitComparison, SplitRequest};

use crate::action::Action;
use crate::look::{self, Icon, Tokens, size, space};
use crate::panes::PaneContext;

/// A row's height in points: two lines.
const ROW: f32 = 36.0;
/// Classes named in a row.
const NAMED: usize = 2;

/// What the scenes are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Column {
    /// As the split has them.
    Scene,
    /// The share of pixels that differ.
    #[default]
    Differ,
    /// The change of the scene's mean IoU.
    Change,
    /// The change of a class's IoU.
    Class(u8),
}

/// The list: how it is sorted, and the order that this makes.
#[derive(Debug, Default)]
pub(super) struct SceneList {
    column: Column,
    /// Smallest first, where that is not the column's own way.
    is_turned: bool,
    order: Option<Order>,
}

/// The scenes' places in a comparison, sorted.
#[derive(Debug)]
struct Order {
    of: Arc<SplitComparison>,
    column: Column,
    is_turned: bool,
    places: Arc<[usize]>,
}

impl SceneList {
    /// Draws the list.
    pub(super) fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        head_ui(ui, ctx);
        let Some(found) = ctx.store.scene.differing.clone() else {
            look::empty(
                ui,
                ctx.tokens,
                "Which scenes do the two runs see differently? Compare them on the split in view",
            );
            return;
        };
        summary_ui(ui, ctx, &found);
        self.columns_ui(ui, ctx, &found);
        let order = self.order_of(&found);
        let height = ui.available_height();
        ScrollArea::vertical().id_salt("differing-scenes").max_height(height).auto_shrink(false).show_rows(
            ui,
            ROW,
            order.len(),
            |ui, rows| {
                for place in rows {
                    if let Some(scene) = order.get(place).and_then(|&at| found.scenes.get(at)) {
                        row_ui(ui, ctx, &found, scene);
                    }
                }
            },
        );
    }

    /// The heads of the columns, each a button that sorts.
    fn columns_ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, found: &SplitComparison) {
        if found.share.is_none() && self.column == Column::Differ {
            self.column = Column::Change;
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            for (column, word) in [(Column::Scene, "scene"), (Column::Differ, "differ"), (Column::Change, "Δ mIoU")] {
                if column != Column::Differ || found.share.is_some() {
                    self.head_of_column(ui, ctx, column, word);
                }
            }
            let chosen = match self.column {
                Column::Class(class) => found.classes.get(usize::from(class)).map_or("class", String::as_str),
                _ => "class",
            };
            let menu = ui.menu_button(RichText::new(format!("{chosen}  ▾")).size(size::SMALL), |ui| {
                look::fitting(ui, |ui| {
                    for (class, name) in found.classes.iter().enumerate() {
                        let change = found.iou.get(class).and_then(|[ours, theirs]| Some((*theirs)? - (*ours)?));
                        let words = format!("{name}  {}", points(ctx.tokens, change).0);
                        let column = Column::Class(class as u8);
                        if ui.selectable_label(self.column == column, words).clicked() {
                            (self.column, self.is_turned) = (column, false);
                        }
                    }
                });
            });
            menu.response.on_hover_text(
                "Sort by the change of one class's IoU. Beside each class stands its change over the whole split, in points",
            );
        });
    }

    fn head_of_column(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, column: Column, word: &str) {
        let is_chosen = self.column == column;
        let words = match (is_chosen, self.is_turned) {
            (false, _) => word.to_owned(),
            (true, false) => format!("{word} ↓"),
            (true, true) => format!("{word} ↑"),
        };
        let pressed = look::button(ui, ctx.tokens, None, &words, is_chosen)
            .on_hover_text("Sort by it; once more turns the order")
            .clicked();
        if pressed {
            self.is_turned = is_chosen && !self.is_turned;
            self.column = column;
        }
    }

    /// The scenes' places in the comparison, sorted; those without a figure last.
    fn order_of(&mut self, found: &Arc<SplitComparison>) -> Arc<[usize]> {
        let (column, is_turned) = (self.column, self.is_turned);
        let is_it =
            |order: &&Order| Arc::ptr_eq(&order.of, found) && (order.column, order.is_turned) == (column, is_turned);
        if let Some(order) = self.order.as_ref().filter(is_it) {
            return Arc::clone(&order.places);
        }
        let places: Arc<[usize]> = sorted(&found.scenes, column, is_turned).into();
        self.order = Some(Order { of: Arc::clone(found), column, is_turned, places: Arc::clone(&places) });
        places
    }
}

/// Most different first; changes by what is lost first.
fn sorted(scenes: &[SceneComparison], column: Column, is_turned: bool) -> Vec<usize> {
    let figure = |scene: &SceneComparison| match column {
        Column::Scene => Some(scene.index as f64),
        Column::Differ => scene.share.map(|share| -share),
        Column::Change => scene.change(),
        Column::Class(class) => scene.changes.get(usize::from(class)).copied().flatten().map(f64::from),
    };
    let mut order: Vec<(usize, Option<f64>)> =
        scenes.iter().enumerate().map(|(place, scene)| (place, figure(scene))).collect();
    order.sort_by(|(one_place, one), (other_place, other)| {
        let by_figure = match (one, other) {
            (Some(one), Some(other)) if is_turned => other.total_cmp(one),
            (Some(one), Some(other)) => one.total_cmp(other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        by_figure.then(one_place.cmp(other_place))
    });
    order.into_iter().map(|(place, _)| place).collect()
}

/// The button that compares, how far that is, and how to leave the list.
fn head_ui(ui: &mut Ui, ctx: &PaneContext<'_>) {
    ui.horizontal(|ui| {
        ui.label(look::caption(ctx.tokens, format!("Scenes of {} by difference", ctx.store.scene.split)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if look::icon_button(ui, ctx.tokens, Icon::Close, "Close the list of scenes", false).clicked() {
                ctx.act(Action::ToggleDifferingScenes);
            }
        });
    });
    if let SessionState::Evaluating { done, total } = ctx.store.state {
        let share = if total > 0 { done as f32 / total as f32 } else { 0.0 };
        let words = format!("{} of {} scenes", look::count(done), look::count(total));
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if look::button(ui, ctx.tokens, None, "Stop", false).clicked() {
                    ctx.act(Action::Stop);
                }
                let bar = egui::ProgressBar::new(share).desired_height(space::ROW).text(look::small(words));
                ui.add(bar.desired_width(ui.available_width()));
            });
        });
        return;
    }
    let action = Action::CompareScenes;
    let known = action.describe(ctx.store);
    let hint = known.hint(ui.ctx());
    let button = ui
        .add_enabled_ui(known.enabled.is_ok(), |ui| {
            look::button(ui, ctx.tokens, Some(Icon::Play), "Compare all scenes", false)
        })
        .inner;
    if button.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
        ctx.act(action);
    }
}

/// What both come to on the whole split, from which counts, and whether that is still what is in view.
fn summary_ui(ui: &mut Ui, ctx: &PaneContext<'_>, found: &SplitComparison) {
    let tokens = ctx.tokens;
    if let [Some(ours), Some(theirs)] = found.miou {
        let (points, ink) = look::points(tokens, 100.0 * (theirs - ours));
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            ui.label(look::small(format!("mIoU {} → {} %", look::percent(ours), look::percent(theirs))));
            ui.label(look::small(points).color(ink));
        });
    }
    let scenes = look::counted(found.scenes.len() as u64, "scene");
    let steps = format!("steps {} and {}", look::count(found.steps[0]), look::count(found.steps[1]));
    let words = match (found.from, found.share) {
        (CountedFrom::Predictions, Some(share)) => {
            format!("{} of all pixels differ, {scenes}, {steps}", look::share(share))
        }
        (CountedFrom::Predictions, None) => format!("{scenes}, {steps}"),
        (CountedFrom::Evaluations, _) => {
            format!("From what the evaluations counted, {scenes}, {steps}: no share of differing pixels")
        }
    };
    ui.add(Label::new(look::small(words).color(tokens.weak)).wrap()).on_hover_text(format!(
        "mIoU of the run in view → of the other one, over all these scenes ({})",
        found.convention
    ));
    if let Some(why) = outdated(ctx, found) {
        look::badge(ui, "not what is in view", tokens.warning, tokens.warning_weak).on_hover_text(why);
    }
    if !found.warnings.is_empty() {
        look::badge(ui, "scenes left out", tokens.warning, tokens.warning_weak)
            .on_hover_text(found.warnings.join("\n"));
    }
}

/// How the list differs from what is looked at.
fn outdated(ctx: &PaneContext<'_>, found: &SplitComparison) -> Option<String> {
    let scene = &ctx.store.scene;
    let now = scene.split_request();
    let words = |of: &SplitRequest| match of.dropped.as_slice() {
        [] => format!("{} with all sensors", of.split),
        dropped => format!("{} without {}", of.split, dropped.join(", ")),
    };
    if found.of != now {
        return Some(format!("The list is of {}, in view is {}", words(&found.of), words(&now)));
    }
    let step = scene.shown().and_then(|shown| shown.view.step)?;
    (step != found.steps[0]).then(|| {
        format!(
            "The list is of step {} of the run in view, which stands at step {}",
            look::count(found.steps[0]),
            look::count(step)
        )
    })
}

/// A scene: its name, what differs, and the classes that change most.
fn row_ui(ui: &mut Ui, ctx: &PaneContext<'_>, found: &SplitComparison, scene: &SceneComparison) {
    let tokens = ctx.tokens;
    let dataset = ctx.store.dataset.as_ref();
    let split = dataset.and_then(|dataset| dataset.splits.iter().find(|split| split.name == found.of.split));
    let id = split.and_then(|split| split.ids.get(scene.index)).map_or("–", String::as_str);
    let is_in_view = ctx.store.scene.split == found.of.split && ctx.store.scene.index == scene.index;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let changes = named_changes(tokens, found, scene);
    let share = scene.share.map_or_else(String::new, look::share);
    let (change, ink) = points(tokens, scene.change());
    response.widget_info(|| {
        let words = format!("Scene {id}: {share} differ, mIoU {change}, {changes}");
        WidgetInfo::selected(Role::Button, true, is_in_view, words)
    });
    let ground = if is_in_view {
        tokens.accent_weak
    } else if response.hovered() {
        tokens.hovered
    } else {
        tokens.surface
    };
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, 4.0, ground);
    let font = || FontId::proportional(size::SMALL);
    let right = painter.layout_no_wrap(change, font(), ink);
    let middle = painter.layout_no_wrap(share, font(), tokens.text);
    let top = rect.top() + 4.0;
    painter.galley(pos2(rect.right() - 6.0 - right.size().x, top), right, ink);
    let middle_right = rect.right() - 64.0;
    let middle_left = middle_right - middle.size().x;
    painter.galley(pos2(middle_left, top), middle, tokens.text);
    let room = Rect::from_min_max(pos2(rect.left() + 6.0, top), pos2(middle_left - 6.0, rect.bottom()));
    let name = look::elided(ui, id, font(), room.width().max(8.0), tokens.text);
    painter.galley(room.min, name, tokens.text);
    let below = look::elided(ui, changes, font(), rect.width() - 12.0, tokens.weak);
    painter.galley(pos2(room.left(), rect.top() + 19.0), below, tokens.weak);
    if response.on_hover_text(format!("{id}: click to open it")).clicked() {
        ctx.act(Action::ShowScene { split: found.of.split.clone(), index: scene.index });
    }
}

/// The classes whose IoU changes most: `person −12.1, car +3.0`.
fn named_changes(tokens: &Tokens, found: &SplitComparison, scene: &SceneComparison) -> String {
    let mut changes: Vec<(usize, f32)> =
        scene.changes.iter().enumerate().filter_map(|(class, change)| Some((class, (*change)?))).collect();
    changes.retain(|(_, change)| change.abs() >= 0.0005);
    changes.sort_by(|(_, one), (_, other)| other.abs().total_cmp(&one.abs()));
    let words = changes.iter().take(NAMED).filter_map(|(class, change)| {
        Some(format!("{} {}", found.classes.get(*class)?, points(tokens, Some(f64::from(*change))).0))
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { "no class changes".to_owned() } else { words.join(", ") }
}

/// A change as points of per cent with its sign, and its ink; a dash where there is none.
fn points(tokens: &Tokens, change: Option<f64>) -> (String, Color32) {
    change.map_or_else(|| ("–".to_owned(), tokens.weak), |change| look::points(tokens, 100.0 * change))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::Theme;

    fn scene(index: usize, share: Option<f64>, miou: [Option<f64>; 2], person: Option<f32>) -> SceneComparison {
        SceneComparison { index, share, miou, changes: vec![Some(0.0), person] }
    }

    fn scenes() -> Vec<SceneComparison> {
        vec![
            scene(0, Some(0.1), [Some(0.5), Some(0.6)], Some(0.2)),
            scene(1, Some(0.4), [Some(0.5), Some(0.2)], None),
            scene(2, Some(0.2), [None, None], Some(-0.3)),
        ]
    }

    #[test]
    fn the_most_different_and_the_greatest_losses_come_first_and_what_has_no_figure_last() {
        let scenes = scenes();
        assert_eq!(sorted(&scenes, Column::Differ, false), [1, 2, 0]);
        assert_eq!(sorted(&scenes, Column::Differ, true), [0, 2, 1]);
        assert_eq!(sorted(&scenes, Column::Change, false), [1, 0, 2]);
        assert_eq!(sorted(&scenes, Column::Change, true), [0, 1, 2]);
        assert_eq!(sorted(&scenes, Column::Class(1), false), [2, 0, 1]);
        assert_eq!(sorted(&scenes, Column::Class(7), false), [0, 1, 2]);
        assert_eq!(sorted(&scenes, Column::Scene, true), [2, 1, 0]);
    }

    #[test]
    fn a_row_names_the_classes_that_change_most() {
        let found = SplitComparison {
            classes: ["road", "person"].map(str::to_owned).to_vec(),
            scenes: scenes(),
            ..SplitComparison::default()
        };
        let tokens = Tokens::of(Theme::Dark);
        assert_eq!(named_changes(tokens, &found, &found.scenes[2]), "person −30.0");
        assert_eq!(named_changes(tokens, &found, &found.scenes[1]), "no class changes");
        assert_eq!(points(tokens, None).0, "–");
    }
}
