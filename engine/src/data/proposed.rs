//! What the papers of a data set set otherwise than a recipe does.

use super::dataset::Dataset;
use crate::protocol::Proposal;
use crate::recipe::Recipe;

impl Dataset {
    /// A sentence on the settings that this recipe's preset has otherwise in its paper, on this data; `None` where the
    /// recipe has them all, or no preset's name.
    pub fn proposed_for(&self, recipe: &Recipe) -> Option<String> {
        let proposal = self.proposals().iter().find(|proposal| proposal.recipe == recipe.name)?;
        let differs = |setting: &&String| {
            setting.split_once('=').is_some_and(|(key, value)| {
                let mut other = recipe.clone();
                other.set_text(key, value).is_ok() && other != *recipe
            })
        };
        let settings: Vec<String> = proposal.settings.iter().filter(differs).cloned().collect();
        (!settings.is_empty()).then(|| {
            let differing = Proposal { settings, ..proposal.clone() };
            format!(
                "on {} the paper has other settings, which are taken where you give them: {}",
                self.name,
                differing.words()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::data::fixture::{SMALL, open, small, write};
    use crate::recipe::preset;

    #[test]
    fn a_recipe_is_told_what_it_has_otherwise_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        small(root.path(), 4);
        let proposals = "[[proposals]]\nrecipe = \"smmcl\"\nwhy = \"in the dark\"\n\
                         settings = [\"training.epochs=500\", \"data.batch_size=16\", \"no.such=1\"]\n";
        write(root.path(), "dataset.toml", format!("{SMALL}{proposals}").as_bytes());
        let dataset = open(root.path()).unwrap();
        let mut recipe = preset("smmcl").unwrap();
        let told = dataset.proposed_for(&recipe).unwrap();
        assert!(told.contains("--recipe smmcl --set training.epochs=500 (in the dark)"), "{told}");
        recipe.set_text("training.epochs", "500").unwrap();
        assert_eq!(dataset.proposed_for(&recipe), None);
        assert_eq!(dataset.proposed_for(&preset("amdanet").unwrap()), None);
    }
}
