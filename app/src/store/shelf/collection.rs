//! The shelf: all runs, as the session tells of them, and which of them are compared.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fusionscope_engine::protocol::{FiguresBy, RunsWatch, ShelfNews};

use super::family::Families;
use super::{Listed, Trace};

/// The runs.
#[derive(Debug, Default)]
pub struct Shelf {
    folders: Vec<PathBuf>,
    opened: Vec<PathBuf>,
    runs: BTreeMap<PathBuf, Listed>,
    families: Families,
    /// The runs that are compared, each with the place of its colour: those that were chosen together share one.
    chosen: BTreeMap<PathBuf, usize>,
    /// The run beside the one in view, which is read like those that are compared.
    beside: Option<PathBuf>,
    traces: BTreeMap<PathBuf, Trace>,
    waiting: Option<u64>,
    remarks: Vec<String>,
    revision: u64,
}

impl Shelf {
    /// Takes in what the session tells.
    pub fn take(&mut self, news: ShelfNews) {
        self.revision += 1;
        match news {
            ShelfNews::Cards { cards, gone, waiting, remarks } => {
                for run in gone {
                    self.forget(&run);
                }
                for card in cards {
                    let known = self
                        .runs
                        .get(&card.path)
                        .filter(|known| known.card.recipe == card.recipe && known.card.data_sum == card.data_sum);
                    let family = match known {
                        Some(known) => known.family,
                        None => card.recipe.as_ref().map(|recipe| self.families.of(recipe, &card.data_sum)),
                    };
                    self.runs.insert(card.path.clone(), Listed { card, family });
                }
                (self.waiting, self.remarks) = (Some(waiting), remarks);
            }
            ShelfNews::Trace(trace) => {
                if self.is_traced(&trace.run) {
                    self.traces.entry(trace.run.clone()).or_default().take(trace);
                }
            }
            ShelfNews::Binned { run, .. } => self.forget(&run),
        }
    }

    fn forget(&mut self, run: &Path) {
        self.runs.remove(run);
        self.chosen.remove(run);
        self.traces.remove(run);
    }

    /// Looks below these folders from now on, and at these runs.
    pub fn look_at(&mut self, folders: Vec<PathBuf>, opened: Vec<PathBuf>) {
        if (&self.folders, &self.opened) != (&folders, &opened) {
            self.revision += 1;
            (self.folders, self.opened, self.waiting) = (folders, opened, None);
        }
    }

    /// The user's folders of runs.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// What the session shall look at.
    pub fn watch(&self) -> RunsWatch {
        RunsWatch {
            folders: self.folders.iter().chain(&self.opened).chain(&self.beside).cloned().collect(),
            traced: self
                .chosen
                .keys()
                .chain(self.beside.iter().filter(|run| !self.chosen.contains_key(*run)))
                .cloned()
                .collect(),
        }
    }

    /// Reads what this run keeps, too, as long as it stands beside the one in view; a packed model keeps nothing.
    pub fn follow(&mut self, beside: Option<PathBuf>) {
        let beside = beside.filter(|path| path.extension().is_none_or(|ending| ending != "safetensors"));
        if let Some(before) = std::mem::replace(&mut self.beside, beside)
            && !self.is_traced(&before)
        {
            self.traces.remove(&before);
        }
        self.revision += 1;
    }

    fn is_traced(&self, run: &Path) -> bool {
        self.chosen.contains_key(run) || self.beside.as_deref() == Some(run)
    }

    /// Changes whenever something here does.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// All runs, by their folders.
    pub fn runs(&self) -> impl Iterator<Item = &Listed> {
        self.runs.values()
    }

    /// The run in a folder.
    pub fn run(&self, path: &Path) -> Option<&Listed> {
        self.runs.get(path)
    }

    /// How many runs there are.
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Runs that were found and are still to be read; `None` before anything was told.
    pub fn waiting(&self) -> Option<u64> {
        self.waiting
    }

    /// Why not everything could be read.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Every way in which figures of these runs were made, the one of most runs first.
    pub fn kinds_of_figures(&self) -> Vec<(FiguresBy, usize)> {
        let mut counts: BTreeMap<&FiguresBy, usize> = BTreeMap::new();
        for figures in self.runs().flat_map(|run| &run.card.figures) {
            *counts.entry(&figures.by).or_default() += 1;
        }
        let mut kinds: Vec<(FiguresBy, usize)> = counts.into_iter().map(|(by, count)| (by.clone(), count)).collect();
        kinds.sort_by_key(|(_, count)| Reverse(*count));
        kinds
    }

    /// Chooses runs to be compared, all in one colour, or leaves them out.
    pub fn choose(&mut self, runs: &[PathBuf], is_on: bool) {
        self.revision += 1;
        for run in runs {
            self.chosen.remove(run);
            if !is_on && self.beside.as_ref() != Some(run) {
                self.traces.remove(run);
            }
        }
        if is_on {
            let taken: BTreeSet<usize> = self.chosen.values().copied().collect();
            let free = (0..=taken.len()).find(|place| !taken.contains(place)).unwrap_or_default();
            let known = runs.iter().filter(|run| self.runs.contains_key(*run));
            self.chosen.extend(known.map(|run| (run.clone(), free)));
        }
    }

    /// Leaves all runs out of the comparison.
    pub fn choose_none(&mut self) {
        self.revision += 1;
        self.chosen.clear();
        self.traces.retain(|run, _| self.beside.as_ref() == Some(run));
    }

    /// The runs that are compared, those of one colour together, in the order in which their colours were given.
    pub fn chosen(&self) -> Vec<&Listed> {
        let mut chosen: Vec<(usize, &Listed)> =
            self.chosen.iter().filter_map(|(run, place)| Some((*place, self.runs.get(run)?))).collect();
        chosen.sort_by_key(|(place, _)| *place);
        chosen.into_iter().map(|(_, run)| run).collect()
    }

    /// The place of a run's colour among those of chosen runs.
    pub fn colour_of(&self, run: &Path) -> Option<usize> {
        self.chosen.get(run).copied()
    }

    /// Steps and evaluations of a chosen run, or the one beside, once they were read.
    pub fn trace(&self, run: &Path) -> Option<&Trace> {
        self.traces.get(run)
    }
}
