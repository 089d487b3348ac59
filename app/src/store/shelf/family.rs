//! Which runs differ by their seed alone, and in what the others do.

use std::collections::BTreeMap;

use fusionscope_engine::recipe::catalogue::training;
use fusionscope_engine::recipe::{Recipe, Value, catalogue};

/// Runs whose recipes are alike but for the seed, on the same data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Family(usize);

/// The families there are, by what their runs have in common.
#[derive(Debug, Default)]
pub(super) struct Families(BTreeMap<String, Family>);

impl Families {
    /// The family of a recipe on data of this sum.
    pub(super) fn of(&mut self, recipe: &Recipe, data_sum: &str) -> Family {
        let mut text = format!("{}\n{data_sum}", recipe.name);
        for key in keys() {
            if let Some(value) = recipe.value(key) {
                text.push_str(&format!("\n{}", seedless(value)));
            }
        }
        let next = Family(self.0.len());
        *self.0.entry(text).or_insert(next)
    }
}

/// All settings but the seed, in the catalogue's order.
fn keys() -> impl Iterator<Item = &'static str> {
    let all = catalogue().iter().flat_map(|component| component.settings).map(|setting| setting.key);
    all.filter(|key| *key != training::SEED.id())
}

/// A value in words, without what a study's seeds make different in it: the path of a run of the same seed, such as a
/// teacher's, counts up to the seed.
fn seedless(value: &Value) -> String {
    let words = value.to_string();
    if !matches!(value, Value::Text(_)) {
        return words;
    }
    let is_seed =
        |part: &str| part.strip_prefix("seed-").is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    match words.split(['/', '\\']).position(is_seed) {
        Some(at) => words.split(['/', '\\']).take(at).collect::<Vec<_>>().join("/") + "/seed",
        None => words,
    }
}

/// The settings in which some of these recipes differ, in the catalogue's order. The seed is none of them.
pub fn differing(recipes: &[&Recipe]) -> Vec<&'static str> {
    let Some((first, rest)) = recipes.split_first() else { return Vec::new() };
    let differs = |key: &&'static str| rest.iter().any(|recipe| recipe.value(key) != first.value(key));
    keys().filter(differs).collect()
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::recipe::catalogue::exchange;

    use super::*;

    fn recipe(seed: u64) -> Recipe {
        let mut recipe = Recipe::defaults("a");
        recipe.put(training::SEED, seed).unwrap();
        recipe
    }

    #[test]
    fn runs_that_differ_by_their_seed_alone_are_of_one_family() {
        let mut families = Families::default();
        let first = families.of(&recipe(1), "x");
        assert_eq!(families.of(&recipe(2), "x"), first);
        assert_ne!(families.of(&recipe(2), "y"), first, "other data");
        let mut other = recipe(1);
        other.turn(exchange::channel::ENABLED, !other.get(exchange::channel::ENABLED));
        assert_ne!(families.of(&other, "x"), first);
        let named = |seed: &str| {
            let mut recipe = recipe(1);
            recipe.set_text("data.pseudo_labels", &format!("/out/teacher/{seed}/2026-labels")).unwrap();
            recipe
        };
        let taught = families.of(&named("seed-1"), "x");
        assert_eq!(families.of(&named("seed-2"), "x"), taught, "each has the labels of its own seed");
        assert_ne!(families.of(&named("seed-x"), "x"), taught);
    }

    #[test]
    fn only_settings_in_which_runs_differ_are_named_and_the_seed_is_none() {
        let mut other = recipe(2);
        other.turn(exchange::channel::ENABLED, !other.get(exchange::channel::ENABLED));
        let first = recipe(1);
        assert_eq!(differing(&[&first, &recipe(3)]), Vec::<&str>::new());
        assert_eq!(differing(&[&first, &recipe(3), &other]), [exchange::channel::ENABLED.id()]);
        assert_eq!(differing(&[]), Vec::<&str>::new());
    }
}
