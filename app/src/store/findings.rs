//! What follows from the recipe as edited: what changed, what waits for a new run, what no run could satisfy.

use std::cell::RefCell;
use std::rc::Rc;

use fusionscope_engine::recipe::{Change, Difference, Recipe, RecipeError, Remark};

use super::revised::Revised;

/// What a check of the recipe found.
#[derive(Debug, Default)]
pub struct Findings {
    /// What differs from the preset or file that the recipe came from.
    pub changes: Vec<Difference>,
    /// Structural settings that differ from the run in hand, or the one opened last.
    pub waiting: Vec<Difference>,
    /// The combination that no run could satisfy, if there is one: its key, which is empty where no key is to blame,
    /// and what to do.
    pub impossible: Option<(String, String)>,
    /// What is on and yet does nothing, by key, and why.
    pub remarks: Vec<Remark>,
}

/// The newest findings with the states that they are of.
#[derive(Debug, Default)]
pub(super) struct Check {
    newest: RefCell<Option<([u64; 3], Rc<Findings>)>>,
}

impl Check {
    /// The findings; worked out anew only where one of the recipes may have changed.
    pub(super) fn findings(
        &self,
        recipe: &Revised<Recipe>,
        origin: &Revised<Recipe>,
        in_force: &Revised<Option<Recipe>>,
    ) -> Rc<Findings> {
        let states = [recipe.revision(), origin.revision(), in_force.revision()];
        let mut newest = self.newest.borrow_mut();
        match &*newest {
            Some((known, findings)) if *known == states => Rc::clone(findings),
            _ => {
                let findings = Rc::new(found(recipe, origin, in_force.as_ref()));
                *newest = Some((states, Rc::clone(&findings)));
                findings
            }
        }
    }
}

fn found(recipe: &Recipe, origin: &Recipe, in_force: Option<&Recipe>) -> Findings {
    let mut waiting = in_force.map_or_else(Vec::new, |in_force| recipe.differences(in_force));
    waiting.retain(|difference| difference.change == Change::Structural);
    let impossible = match recipe.check() {
        Ok(()) => None,
        Err(RecipeError::Impossible { key, reason }) => Some((key, reason)),
        Err(other) => Some((String::new(), other.to_string())),
    };
    Findings { changes: recipe.differences(origin), waiting, impossible, remarks: recipe.remarks() }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::recipe::Value;

    use super::*;
    use crate::store::Store;

    #[test]
    fn a_recipe_is_compared_and_checked_once_a_change_and_not_once_a_frame() {
        let mut store = Store::default();
        let first = store.findings();
        for _frame in 0..100 {
            assert!(Rc::ptr_eq(&store.findings(), &first), "worked out again though nothing has changed");
        }
        assert!(first.changes.is_empty() && first.impossible.is_none());
        store.recipe.set("encoder.sharing", Value::Text("shared".to_owned())).unwrap();
        let second = store.findings();
        assert_eq!(second.changes.len(), 1);
        assert!(second.impossible.is_some() && second.waiting.is_empty());
        let running = store.origin.clone();
        *store.in_force = Some(running);
        assert_eq!(store.findings().waiting.len(), 1);
    }
}
