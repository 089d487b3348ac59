//! A run in a list of runs.

use fusionscope_engine::protocol::RunCard;
use fusionscope_engine::recipe::catalogue::training;

use super::Family;

/// A run as it stands on the shelf.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What is known of it.
    pub card: RunCard,
    /// Runs of one family differ by their seed alone; `None` where the recipe does not read.
    pub family: Option<Family>,
}

impl Listed {
    /// The name of its folder, which no other run beside it has.
    pub fn name(&self) -> String {
        self.card.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// What its recipe is called; its folder's name where that does not read.
    pub fn title(&self) -> String {
        self.card.recipe.as_ref().map_or_else(|| self.name(), |recipe| recipe.name.clone())
    }

    /// The title, with the seed that tells it from others of its family.
    pub fn title_and_seed(&self) -> String {
        match self.seed() {
            Some(seed) => format!("{}, seed {seed}", self.title()),
            None => self.title(),
        }
    }

    /// What its random numbers begin with.
    pub fn seed(&self) -> Option<u64> {
        let recipe = self.card.recipe.as_ref()?;
        Some(recipe.get(training::SEED))
    }
}
