//! The rows of a list of runs: what a filter leaves, sorted, runs of other seeds folded into one row.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use fusionscope_engine::protocol::{FiguresBy, value_words};
use fusionscope_engine::recipe::Recipe;

use super::column::Worth;
use super::{Column, Family, Filter, Listed, Shelf, Spread, differing};

/// How a list shall be.
#[derive(Clone, Debug, PartialEq)]
pub struct Wishes {
    /// What must fit.
    pub filter: Filter,
    /// The column that rows are sorted by, and whether the smallest come first.
    pub sorted_by: (Column, bool),
    /// Which figures are shown.
    pub by: Option<FiguresBy>,
    /// Folds runs of one family into one row.
    pub folds: bool,
    /// Families whose runs are shown below their row.
    pub unfolded: BTreeSet<Family>,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// Several runs of one family.
    Family {
        /// Which.
        family: Family,
        /// Its runs that are left by the filter.
        runs: Vec<PathBuf>,
        /// Whether they follow.
        is_unfolded: bool,
    },
    /// One run.
    Run {
        /// Its folder.
        path: PathBuf,
        /// Whether it stands below the row of its family.
        is_inner: bool,
    },
}

/// The list.
#[derive(Clone, Debug, Default)]
pub struct Arranged {
    /// From top to bottom.
    pub rows: Vec<Row>,
    /// How many runs are left by the filter.
    pub left: usize,
    /// The settings in which those differ.
    pub differing: Vec<&'static str>,
    /// What most of those have, where they differ.
    usual: BTreeMap<&'static str, String>,
}

impl Arranged {
    /// The runs on the shelf as wished.
    pub fn of(shelf: &Shelf, wishes: &Wishes) -> Self {
        let left: Vec<&Listed> = shelf.runs().filter(|run| wishes.filter.fits(run)).collect();
        // Runs of one family have the same settings, so that one of each is enough.
        let mut one_each: BTreeMap<Family, (&Recipe, usize)> = BTreeMap::new();
        for run in &left {
            if let (Some(family), Some(recipe)) = (run.family, &run.card.recipe) {
                one_each.entry(family).or_insert((recipe, 0)).1 += 1;
            }
        }
        let recipes: Vec<&Recipe> = one_each.values().map(|(recipe, _)| *recipe).collect();
        let differing = differing(&recipes);
        let usual = differing.iter().map(|key| (*key, usual_of(key, one_each.values().copied()))).collect();
        let mut list = Self { rows: Vec::new(), left: left.len(), differing, usual };
        list.rows = list.rows_of(left, wishes);
        list
    }

    fn rows_of(&self, left: Vec<&Listed>, wishes: &Wishes) -> Vec<Row> {
        let (column, is_ascending) = &wishes.sorted_by;
        let worth = |run: &Listed| match column {
            Column::Differs => {
                let text = self.differences(run);
                if text.is_empty() { Worth::Unknown } else { Worth::Text(text) }
            }
            column => column.worth(run, wishes.by.as_ref()),
        };
        let mut runs: Vec<(Worth, &Listed)> = left.into_iter().map(|run| (worth(run), run)).collect();
        // The newest first where nothing else decides; a run never changes its place by chance.
        runs.sort_by(|(one, run), (other, next)| {
            let newest = || (&next.card.started, &next.card.path).cmp(&(&run.card.started, &run.card.path));
            one.compared(other, *is_ascending).then_with(newest)
        });
        let mut families: BTreeMap<Family, Vec<(&Worth, &Listed)>> = BTreeMap::new();
        for (worth, run) in &runs {
            if let Some(family) = run.family.filter(|_| wishes.folds) {
                families.entry(family).or_default().push((worth, *run));
            }
        }
        families.retain(|_, members| members.len() > 1);
        // A family stands where the mean of its runs does; of texts, where the first of them does.
        let mut parts: Vec<(Worth, Vec<Row>)> = Vec::new();
        let mut placed = BTreeSet::new();
        for (worth, run) in &runs {
            let path = run.card.path.clone();
            let Some((family, members)) = run.family.and_then(|family| Some((family, families.get(&family)?))) else {
                parts.push((worth.clone(), vec![Row::Run { path, is_inner: false }]));
                continue;
            };
            if !placed.insert(family) {
                continue;
            }
            let numbers = members.iter().filter_map(|(worth, _)| match worth {
                Worth::Number(number) => Some(*number),
                Worth::Text(_) | Worth::Unknown => None,
            });
            let mean = Spread::of(numbers).map_or_else(|| worth.clone(), |spread| Worth::Number(spread.mean));
            let is_unfolded = wishes.unfolded.contains(&family);
            let paths: Vec<PathBuf> = members.iter().map(|(_, run)| run.card.path.clone()).collect();
            let mut rows = vec![Row::Family { family, runs: paths.clone(), is_unfolded }];
            if is_unfolded {
                rows.extend(paths.into_iter().map(|path| Row::Run { path, is_inner: true }));
            }
            parts.push((mean, rows));
        }
        parts.sort_by(|(one, _), (other, _)| one.compared(other, *is_ascending));
        parts.into_iter().flat_map(|(_, rows)| rows).collect()
    }

    /// A run's values of the settings in which the listed runs differ: those that most do not have come first.
    pub fn differences(&self, run: &Listed) -> String {
        let (unusual, usual) = self.values_of(run);
        unusual.into_iter().chain(usual).collect::<Vec<_>>().join(" · ")
    }

    /// The same as lines, the unusual and the usual ones.
    pub fn values_of(&self, run: &Listed) -> (Vec<String>, Vec<String>) {
        let Some(recipe) = &run.card.recipe else { return (Vec::new(), Vec::new()) };
        let values = self.differing.iter().filter_map(|key| Some((*key, value_words(recipe.value(key)?))));
        let (unusual, usual): (Vec<_>, Vec<_>) = values.partition(|(key, value)| self.usual.get(key) != Some(value));
        let words =
            |values: Vec<(&str, String)>| values.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
        (words(unusual), words(usual))
    }
}

/// The value that most runs have; of several the first in order.
fn usual_of<'a>(key: &str, recipes: impl Iterator<Item = (&'a Recipe, usize)>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (recipe, count) in recipes {
        if let Some(value) = recipe.value(key) {
            *counts.entry(value_words(value)).or_default() += count;
        }
    }
    let most = counts.iter().rev().max_by_key(|(_, count)| **count);
    most.map(|(value, _)| value.clone()).unwrap_or_default()
}
