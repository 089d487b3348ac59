//! What can be taken back and done again: changes of the recipe, of the layout, of what is supposed and of class colours.

use fusionscope_engine::protocol::WhatIf;
use fusionscope_engine::recipe::Recipe;

use crate::arrangement::Layout;

const LIMIT: usize = 200;

/// One thing as it was on the other side of a change.
#[derive(Clone, Debug)]
pub enum Undone {
    /// The recipe.
    Recipe(Box<Recipe>),
    /// The arrangement of panes.
    Layout {
        /// Which one.
        layout: Layout,
        /// Its tree, serialised.
        tree: String,
    },
    /// What was supposed of the scene in view.
    WhatIf(Box<WhatIf>),
    /// The colour that a class was given by hand; `None` where it had none.
    ClassColour {
        /// The data set's name.
        dataset: String,
        /// The class.
        class: u8,
        /// Red, green, blue.
        colour: Option<[u8; 3]>,
    },
}

/// Which way through what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Undo.
    Back,
    /// Redo.
    Forth,
}

/// What was, and what was taken back of it. Edits of one setting in quick succession count as one.
#[derive(Debug, Default)]
pub struct History {
    behind: Vec<Undone>,
    ahead: Vec<Undone>,
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

    /// Remembers something; what was taken back before it cannot be done again.
    pub fn push(&mut self, entry: Undone) {
        self.last_key = None;
        self.ahead.clear();
        self.behind.push(entry);
        if self.behind.len() > LIMIT {
            self.behind.remove(0);
        }
    }

    /// Takes the next entry in this direction. Whoever takes it gives what it replaced to [`Self::turned`].
    pub fn take(&mut self, way: Way) -> Option<Undone> {
        self.last_key = None;
        self.stack(way).pop()
    }

    /// Remembers what an entry taken in this direction replaced, for the way back.
    pub fn turned(&mut self, way: Way, replaced: Undone) {
        let other = match way {
            Way::Back => Way::Forth,
            Way::Forth => Way::Back,
        };
        self.stack(other).push(replaced);
    }

    /// Whether there is nothing left in this direction.
    pub fn is_empty(&self, way: Way) -> bool {
        match way {
            Way::Back => self.behind.is_empty(),
            Way::Forth => self.ahead.is_empty(),
        }
    }

    fn stack(&mut self, way: Way) -> &mut Vec<Undone> {
        match way {
            Way::Back => &mut self.behind,
            Way::Forth => &mut self.ahead,
        }
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
        assert!(matches!(history.take(Way::Back), Some(Undone::Recipe(recipe)) if recipe.name == "b"));
        assert!(matches!(history.take(Way::Back), Some(Undone::Recipe(recipe)) if recipe.name == "a"));
        assert!(history.is_empty(Way::Back));
    }

    #[test]
    fn what_is_taken_back_can_be_done_again_until_something_else_is_done() {
        let recipe = |name: &str| Undone::Recipe(Box::new(Recipe::defaults(name)));
        let mut history = History::default();
        history.push(recipe("first"));
        assert!(history.take(Way::Back).is_some());
        history.turned(Way::Back, recipe("second"));
        assert!(history.is_empty(Way::Back) && !history.is_empty(Way::Forth));
        assert!(matches!(history.take(Way::Forth), Some(Undone::Recipe(recipe)) if recipe.name == "second"));
        history.turned(Way::Forth, recipe("first"));
        assert!(matches!(history.take(Way::Back), Some(Undone::Recipe(recipe)) if recipe.name == "first"));
        history.turned(Way::Back, recipe("second"));
        history.push(recipe("third"));
        assert!(history.is_empty(Way::Forth), "another change leaves nothing to do again");
    }
}
