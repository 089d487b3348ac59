//! The dataset pane: all scenes as a grid of small pictures, filters that find some of them, and what their files hold.

mod card;
mod exhibits;
mod facts;
mod grid;
mod histogram;
mod kept;
mod keys;
mod lack;
mod list;
mod problems;
mod shares;
mod tags;
mod thumbs;
mod toolbar;

use egui::{Stroke, Ui, UiBuilder};
use fusionscope_engine::protocol::{DatasetSummary, ScenePlace};

use self::kept::Kept;
use self::list::Lists;
use self::thumbs::Thumbs;
use super::{Errand, Pane, PaneContext};
use crate::action::Action;
use crate::arrangement::PaneKind;
use crate::exhibit::Exhibit;
use crate::look::{self, Icon, space};

/// The width in points of what stands beside the scenes.
const FACTS: f32 = 304.0;
/// The least width that scenes need beside it.
const SCENES: f32 = 320.0;

/// The dataset pane.
#[derive(Debug, Default)]
pub struct DatasetPane {
    kept: Kept,
    lists: Lists,
    thumbs: Thumbs,
    /// The place in the list that the keys have gone to.
    cursor: usize,
    /// How far the grid is scrolled, and how high the part in sight is, in points.
    scroll: (f32, f32),
    /// The grid shall begin at its top.
    is_new: bool,
    /// In a narrow pane, whether the facts stand in place of the scenes.
    shows_facts_alone: bool,
    /// The filter shall have the keys.
    is_searching: bool,
}

impl Pane for DatasetPane {
    fn choices(&self) -> Option<String> {
        serde_json::to_string(&self.kept).ok()
    }

    fn restore(&mut self, choices: &str) {
        if let Ok(kept) = serde_json::from_str(choices) {
            *self = Self { kept, ..Self::default() };
        }
    }

    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        let dataset = ctx.store.dataset.as_ref().ok_or("open a data set first")?;
        let (list, _) = self.lists.get(dataset, &ctx.store.gallery, &self.kept.wishes);
        Ok(exhibits::exhibits(ctx, dataset, &list.arranged))
    }

    fn run(&mut self, errand: &Errand) {
        if *errand == Errand::Search {
            self.is_searching = true;
        }
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(10, 6)).show(ui, |ui| match &ctx.store.dataset {
            Some(dataset) => self.scenes(ui, ctx, dataset),
            None => nothing_open(ui, ctx),
        });
    }
}

impl DatasetPane {
    fn scenes(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>, dataset: &DatasetSummary) {
        let (list, is_new) = self.lists.get(dataset, &ctx.store.gallery, &self.kept.wishes);
        if is_new {
            (self.cursor, self.is_new) = (0, true);
        }
        let has_room = ui.available_width() >= FACTS + SCENES;
        self.toolbar(ui, ctx, dataset, &list, has_room);
        lack::show(ui, ctx, dataset, &list);
        ui.add_space(space::XS);
        let room = ui.available_rect_before_wrap();
        if !has_room && self.shows_facts_alone {
            self.facts(ui, ctx, dataset, &list);
        } else if has_room && !self.kept.hides_facts {
            let (scenes, facts) = room.split_left_right_at_x(room.right() - FACTS);
            let line = Stroke::new(1.0, ctx.tokens.hairline);
            ui.painter().vline(facts.left() + space::S, facts.y_range(), line);
            ui.scope_builder(UiBuilder::new().max_rect(scenes), |ui| self.grid(ui, ctx, dataset, &list));
            let facts = facts.with_min_x(facts.left() + space::L);
            ui.scope_builder(UiBuilder::new().max_rect(facts), |ui| self.facts(ui, ctx, dataset, &list));
        } else {
            self.grid(ui, ctx, dataset, &list);
        }
    }
}

/// What to do where there is no data set.
fn nothing_open(ui: &mut Ui, ctx: &PaneContext<'_>) {
    look::empty(ui, ctx.tokens, "No data set is open: its scenes, their classes, values and problems are shown here");
    ui.horizontal_wrapped(|ui| {
        ui.add_space(space::XS);
        for action in [Action::OpenData, Action::OpenSampleData] {
            let known = action.describe(ctx.store);
            let hint = known.hint(ui.ctx());
            let button = ui.add_enabled_ui(known.enabled.is_ok(), |ui| {
                look::button(ui, ctx.tokens, Some(Icon::Folder), &known.title, false)
            });
            if button.inner.on_hover_text(&hint).on_disabled_hover_text(&hint).clicked() {
                ctx.act(action);
            }
        }
    });
}

/// Opens a scene among the large pictures.
fn open(ctx: &PaneContext<'_>, dataset: &DatasetSummary, scene: ScenePlace) {
    if let Some(split) = dataset.splits.get(scene.split as usize) {
        ctx.act(Action::ShowScene { split: split.name.clone(), index: scene.index as usize });
        ctx.act(Action::ShowPane(PaneKind::Inspect));
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use fusionscope_engine::protocol::{Event, SceneScores, SplitSummary};

    use super::*;
    use crate::store::Store;
    use crate::store::gallery::{ErrorFilter, Order};

    fn store(scenes: usize) -> Store {
        let mut store = Store::default();
        let split = SplitSummary {
            name: "train".to_owned(),
            ids: (0..scenes).map(|place| format!("{place:06}")).collect(),
            tags: (0..scenes).map(|place| vec![if place % 2 == 0 { "day" } else { "night" }.to_owned()]).collect(),
            held_out: false,
        };
        store.apply(Event::Dataset(DatasetSummary { splits: vec![split], ..DatasetSummary::default() }));
        store
    }

    #[test]
    fn all_scenes_are_looked_through_once_a_change_and_not_once_a_frame() {
        let mut store = store(60_000);
        let mut pane = DatasetPane::default();
        let mut get =
            |store: &Store, kept: &Kept| pane.lists.get(store.dataset.as_ref().unwrap(), &store.gallery, &kept.wishes);
        let mut kept = Kept::default();
        let (first, _) = get(&store, &kept);
        for _frame in 0..100 {
            assert!(Rc::ptr_eq(&get(&store, &kept).0, &first), "arranged again though nothing has changed");
        }
        let scores = SceneScores { split: "train".to_owned(), miou: vec![Some(0.3)], ..SceneScores::default() };
        store.apply(Event::SceneScores(vec![scores.clone()]));
        assert!(Rc::ptr_eq(&get(&store, &kept).0, &first), "the list does not depend on figures");
        kept.wishes.tags.insert("night".to_owned());
        let (night, is_new) = get(&store, &kept);
        assert_eq!((night.arranged.scenes.len(), night.arranged.of, is_new), (30_000, 60_000, true));
        kept.wishes.error = ErrorFilter::Below(50);
        kept.wishes.tags.clear();
        assert_eq!(get(&store, &kept).0.arranged.scenes.len(), 1);
        store.apply(Event::SceneScores(vec![SceneScores { miou: vec![Some(0.3); 2], ..scores }]));
        let (list, is_new) = get(&store, &kept);
        assert_eq!((list.arranged.scenes.len(), is_new), (2, false));
    }

    #[test]
    fn what_was_chosen_among_the_scenes_is_there_again() {
        let mut pane = DatasetPane::default();
        pane.kept.wishes.order = Order::Class("car".to_owned());
        pane.kept.wishes.split = Some("val".to_owned());
        pane.kept.hidden.insert("depth".to_owned());
        let kept = pane.choices().unwrap();
        let mut again = DatasetPane::default();
        again.restore(&kept);
        assert_eq!(again.choices(), Some(kept));
        again.restore("no choices");
        assert_eq!(again.kept, pane.kept);
        // A data set without such a split and class shows all of its scenes.
        let store = store(3);
        let dataset = store.dataset.as_ref().unwrap();
        let (list, _) = again.lists.get(dataset, &store.gallery, &again.kept.wishes);
        assert_eq!(list.arranged.scenes.len(), 3);
        assert!(list.wishes.leave_all() && list.wishes.order == Order::Listed);
    }
}
