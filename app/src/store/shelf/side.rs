//! What stands beside each other where runs are compared: one run, or several that differ by their seed alone and were
//! chosen together.

use fusionscope_engine::protocol::value_words;
use fusionscope_engine::recipe::Recipe;

use super::{Listed, Shelf, differing};

/// So many settings tell two sides of one name apart; their list of settings has all.
const MOST_TOLD: usize = 2;

/// One side of a comparison.
#[derive(Clone, Debug)]
pub struct Side<'a> {
    /// The place of its colour.
    pub place: usize,
    /// One run or more.
    pub runs: Vec<&'a Listed>,
}

impl Side<'_> {
    fn recipe(&self) -> Option<&Recipe> {
        self.runs.first()?.card.recipe.as_ref()
    }

    /// The run's name, or that of its recipe and how many runs there are.
    fn label(&self) -> String {
        match self.runs.as_slice() {
            [only] => only.title_and_seed(),
            [first, ..] => format!("{}, {} runs", first.title(), self.runs.len()),
            [] => String::new(),
        }
    }
}

/// What sides that stand beside each other are called. Those whose recipe has one name are told apart by the settings in
/// which they differ, and where there are none, by the names of their folders.
pub fn labels(sides: &[Side<'_>]) -> Vec<String> {
    let plain: Vec<String> = sides.iter().map(Side::label).collect();
    let alike = |labels: &[String], at: usize| -> Vec<usize> {
        (0..labels.len()).filter(|&other| labels[other] == labels[at]).collect()
    };
    let with_settings: Vec<String> = (0..sides.len())
        .map(|at| {
            let recipes: Vec<&Recipe> = alike(&plain, at).iter().filter_map(|&other| sides[other].recipe()).collect();
            let told = differing(&recipes).into_iter().filter_map(|key| {
                let value = sides[at].recipe()?.value(key)?;
                Some(format!("{key} {}", value_words(value)))
            });
            std::iter::once(plain[at].clone()).chain(told.take(MOST_TOLD)).collect::<Vec<_>>().join(", ")
        })
        .collect();
    (0..sides.len())
        .map(|at| match (alike(&with_settings, at).len(), sides[at].runs.first()) {
            (2.., Some(first)) => format!("{}, {}", with_settings[at], first.name()),
            _ => with_settings[at].clone(),
        })
        .collect()
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
