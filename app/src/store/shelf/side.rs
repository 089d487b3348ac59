//! What stands beside each other where runs are compared: one run, or several that differ by their seed alone and were
//! chosen together.

use super::{Listed, Shelf};

/// One side of a comparison.
#[derive(Clone, Debug)]
pub struct Side<'a> {
    /// The place of its colour.
    pub place: usize,
    /// One run or more.
    pub runs: Vec<&'a Listed>,
}

impl Side<'_> {
    /// The run's name, or that of its recipe and how many runs there are.
    pub fn label(&self) -> String {
        match self.runs.as_slice() {
            [only] => only.title_and_seed(),
            [first, ..] => format!("{}, {} runs", first.title(), self.runs.len()),
            [] => String::new(),
        }
    }
}

impl Shelf {
    /// The chosen runs as they are compared, in the order of their colours. `folds` takes those together that differ by
    /// their seed alone and were chosen together.
    pub fn sides(&self, folds: bool) -> Vec<Side<'_>> {
        let mut sides: Vec<Side<'_>> = Vec::new();
        for run in self.chosen() {
            let place = self.colour_of(&run.card.path).unwrap_or_default();
            let belongs = |side: &&mut Side<'_>| side.place == place && side.runs[0].family == run.family;
            match sides.iter_mut().find(belongs).filter(|_| folds && run.family.is_some()) {
                Some(side) => side.runs.push(run),
                None => sides.push(Side { place, runs: vec![run] }),
            }
        }
        sides
    }
}
