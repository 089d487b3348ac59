//! The runs pane: every run below the user's folders as a table, filtered, sorted, runs of other seeds folded into one
//! row, and ticked to be compared.

mod columns;
mod family;
mod noting;
mod row;
mod table;
mod toolbar;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use egui::Ui;
use fusionscope_engine::files::csv;
use fusionscope_engine::protocol::FiguresBy;
use serde::{Deserialize, Serialize};

use self::noting::Noting;
use super::{Errand, Pane, PaneContext};
use crate::exhibit::Exhibit;
use crate::look::{self, space};
use crate::store::Shelf;
use crate::store::shelf::{Arranged, Column, Family, Filter, Row, Wishes};

/// The runs pane.
#[derive(Debug, Default)]
pub struct RunsPane {
    kept: Kept,
    unfolded: BTreeSet<Family>,
    /// The list as it was arranged last, for which state of the shelf, and how.
    arranged: Option<(u64, Wishes, Arc<Arranged>)>,
    /// Every way in which figures of the runs were made, for which state of the shelf.
    kinds: Option<(u64, Arc<Kinds>)>,
    /// The filter shall have the keys.
    is_searching: bool,
    noting: Noting,
}

/// Ways in which figures were made, each with the number of runs.
type Kinds = Vec<(FiguresBy, usize)>;

/// What is kept of the runs pane.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    filter: String,
    sorted_by: (Column, bool),
    /// Which figures are shown; those of most runs where it has none of these.
    by: Option<FiguresBy>,
    folds: bool,
    columns: Vec<Column>,
    /// Widths in points that differ from the usual ones, by the column's head.
    widths: BTreeMap<String, f32>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            filter: String::new(),
            sorted_by: (Column::Began, false),
            by: None,
            folds: true,
            columns: Column::first(),
            widths: BTreeMap::new(),
        }
    }
}

impl Pane for RunsPane {
    fn choices(&self) -> Option<String> {
        serde_json::to_string(&self.kept).ok()
    }

    fn restore(&mut self, choices: &str) {
        if let Ok(mut kept) = serde_json::from_str::<Kept>(choices) {
            if kept.columns.is_empty() {
                kept.columns = Column::first();
            }
            *self = Self { kept, ..Self::default() };
        }
    }

    fn exhibits(&mut self, ctx: &PaneContext<'_>) -> Result<Vec<Exhibit>, String> {
        let shelf = &ctx.store.shelf;
        let kinds = self.kinds(shelf);
        let by = chosen_kind(self.kept.by.as_ref(), &kinds);
        let list = self.arrange(shelf, by.clone());
        if list.rows.is_empty() {
            return Err(nothing(shelf));
        }
        Ok(vec![Exhibit::new("Table of runs", "runs").csv(self.csv(shelf, &list, by.as_ref()))])
    }

    fn run(&mut self, errand: &Errand) {
        if *errand == Errand::Search {
            self.is_searching = true;
        }
    }

    fn ui(&mut self, ui: &mut Ui, ctx: &PaneContext<'_>) {
        ctx.show_runs();
        egui::Frame::new().inner_margin(egui::Margin::symmetric(10, 6)).show(ui, |ui| {
            let kinds = self.kinds(&ctx.store.shelf);
            let by = chosen_kind(self.kept.by.as_ref(), &kinds);
            let list = self.arrange(&ctx.store.shelf, by.clone());
            self.toolbar(ui, ctx, &kinds, by.as_ref(), &list);
            for remark in ctx.store.shelf.remarks() {
                ui.add(egui::Label::new(look::small(remark).color(ctx.tokens.warning)).wrap());
            }
            ui.add_space(space::XS);
            if list.rows.is_empty() {
                look::empty(ui, ctx.tokens, &nothing(&ctx.store.shelf));
            } else {
                self.table(ui, ctx, &list, by.as_ref());
            }
        });
        self.noting.ui(ui, ctx);
    }
}

impl RunsPane {
    fn kinds(&mut self, shelf: &Shelf) -> Arc<Kinds> {
        match &self.kinds {
            Some((revision, kinds)) if *revision == shelf.revision() => Arc::clone(kinds),
            _ => {
                let kinds = Arc::new(shelf.kinds_of_figures());
                self.kinds = Some((shelf.revision(), Arc::clone(&kinds)));
                kinds
            }
        }
    }

    /// The list as wished, worked out only where the shelf or a wish has changed.
    fn arrange(&mut self, shelf: &Shelf, by: Option<FiguresBy>) -> Arc<Arranged> {
        let wishes = Wishes {
            filter: Filter::of(&self.kept.filter),
            sorted_by: self.kept.sorted_by.clone(),
            by,
            folds: self.kept.folds,
            unfolded: self.unfolded.clone(),
        };
        match &self.arranged {
            Some((revision, before, list)) if *revision == shelf.revision() && *before == wishes => Arc::clone(list),
            _ => {
                let list = Arc::new(Arranged::of(shelf, &wishes));
                self.arranged = Some((shelf.revision(), wishes, Arc::clone(&list)));
                list
            }
        }
    }
}

impl RunsPane {
    /// The columns that are shown, of every run that the filter leaves, in the order of the list, and where each lies.
    fn csv(&self, shelf: &Shelf, list: &Arranged, by: Option<&FiguresBy>) -> String {
        let heads = self.kept.columns.iter().map(Column::title);
        let mut text = csv::line(heads.chain(["folder".to_owned()]));
        let mut written = BTreeSet::new();
        for row in &list.rows {
            let paths = match row {
                Row::Family { runs, .. } => runs.as_slice(),
                Row::Run { path, .. } => std::slice::from_ref(path),
            };
            for run in paths.iter().filter(|path| written.insert((*path).clone())).filter_map(|path| shelf.run(path)) {
                let cells = self.kept.columns.iter().map(|column| match column {
                    Column::Differs => list.differences(run),
                    column => column.text(run, by),
                });
                text.push_str(&csv::line(cells.chain([run.card.path.display().to_string()])));
            }
        }
        text
    }
}

/// Which figures are shown: those that were chosen, where there are any; else those of the test split that most runs
/// have, else those that most runs have.
fn chosen_kind(chosen: Option<&FiguresBy>, kinds: &[(FiguresBy, usize)]) -> Option<FiguresBy> {
    let is = |kind: &&(FiguresBy, usize)| Some(&kind.0) == chosen;
    let found = kinds.iter().find(is).or_else(|| kinds.iter().find(|(by, _)| by.split == "test"));
    found.or_else(|| kinds.first()).map(|(by, _)| by.clone())
}

/// Why there is no row.
fn nothing(shelf: &Shelf) -> String {
    match (shelf.waiting(), shelf.is_empty()) {
        (_, false) => "No run fits the filter".to_owned(),
        (Some(0), true) if shelf.folders().is_empty() => {
            "No folder of runs is listed: add one with Folders, or open a run".to_owned()
        }
        (Some(0), true) => {
            let folders: Vec<String> = shelf.folders().iter().map(|folder| folder.display().to_string()).collect();
            format!("There is no run yet. Runs are looked for below {}; Folders adds others", folders.join(", "))
        }
        _ => "Looking for runs …".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_the_test_split_come_first_and_a_choice_stays_where_it_can() {
        let by = |split: &str| FiguresBy { split: split.to_owned(), ..FiguresBy::default() };
        let kinds = [(by("val"), 9), (by("test"), 2)];
        assert_eq!(chosen_kind(None, &kinds), Some(by("test")));
        assert_eq!(chosen_kind(Some(&by("val")), &kinds), Some(by("val")));
        assert_eq!(chosen_kind(Some(&by("train")), &kinds[..1]), Some(by("val")));
        assert_eq!(chosen_kind(None, &[]), None);
    }

    #[test]
    fn what_was_chosen_in_the_list_of_runs_is_there_again() {
        let mut pane = RunsPane::default();
        pane.kept.filter = "tag:good".to_owned();
        pane.kept.sorted_by = (Column::Name, true);
        pane.kept.columns = vec![Column::Name, Column::Note];
        let kept = pane.choices().unwrap();
        let mut again = RunsPane::default();
        again.restore(&kept);
        assert_eq!(again.choices(), Some(kept));
        again.restore("{\"columns\":[]}");
        assert_eq!(again.kept.columns, Column::first(), "a table without a column could not be mended");
    }
}
