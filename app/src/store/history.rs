//! What can be taken back: changes of the recipe, of the layout and of class colours.

use fusionscope_engine::recipe::Recipe;

const LIMIT: usize = 200;

/// One thing as it was before.
#[derive(Clone, Debug)]
pub enum Undone {
    /// The recipe before an edit.
    Recipe(Box<Recipe>),
    /// The arrangement of panes before a change, serialised.
    Layout(String),
    /// The colour that a class had by hand before it was given another; `None` where it had none.
    ClassColour {
        /// The data set's name.
        dataset: String,
        /// The class.
        class: u8,
        /// Red, green, blue.
        before: Option<[u8; 3]>,
    },
}

/// A stack of what was. Edits of one setting in quick succession count as one.
#[derive(Debug, Default)]
pub struct History {
    entries: Vec<Undone>,
    last_key: Option<(String, std::time::Instant)>,
}

impl History {
    /// Remembers the recipe before `key` is changed; a drag of a slider is one entry.
    pub fn before_edit(&mut self, key: &str, recipe: &Recipe) {
        self.push_once(key, || Undone::Recipe(Box::new(recipe.clone())));
    }

    /// Remembers something before it is changed; changes under one `key` in quick succession are one entry.
    pub fn push_once(&mut self, key: &str, entry: impl FnOnce() -> Undone) {
        let now = std::time::Instant::now();
        let same_drag = self
            .last_key
            .as_ref()
            .is_some_and(|(last, when)| last == key && now.duration_since(*when).as_secs_f32() < 1.0);
        if !same_drag {
            self.push(entry());
        }
        self.last_key = Some((key.to_owned(), now));
    }

    /// Remembers something.
    pub fn push(&mut self, entry: Undone) {
        self.last_key = None;
        self.entries.push(entry);
        if self.entries.len() > LIMIT {
            self.entries.remove(0);
        }
    }

    /// Takes the newest entry.
    pub fn pop(&mut self) -> Option<Undone> {
        self.last_key = None;
        self.entries.pop()
    }

    /// Whether there is nothing to take back.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_is_taken_back_at_once() {
        let (first, mut history) = (Recipe::defaults("a"), History::default());
        for _ in 0..5 {
            history.before_edit("objective.contrast.weight", &first);
        }
        history.before_edit("data.flip", &Recipe::defaults("b"));
        assert!(matches!(history.pop(), Some(Undone::Recipe(recipe)) if recipe.name == "b"));
        assert!(matches!(history.pop(), Some(Undone::Recipe(recipe)) if recipe.name == "a"));
        assert!(history.is_empty());
    }
}
