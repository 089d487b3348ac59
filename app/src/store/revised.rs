//! Values that know when they were last changed, so that what follows from them is worked out once a change and not
//! once a frame.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts over all values, so that a value which replaces another never has its number.
static STATES: AtomicU64 = AtomicU64::new(0);

/// A value and the number of its state: whoever could have changed it has given it a new number.
// Not `Clone`: `recipe.clone()` is meant to be a recipe.
#[derive(Debug)]
pub struct Revised<T> {
    value: T,
    revision: u64,
}

impl<T> Revised<T> {
    /// A value in its first state.
    pub fn new(value: T) -> Self {
        Self { value, revision: STATES.fetch_add(1, Ordering::Relaxed) }
    }

    /// The number of its state; no other state of any value has it.
    pub fn revision(&self) -> u64 {
        self.revision
    }
}

impl<T: Default> Default for Revised<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: PartialEq> PartialEq for Revised<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T> Deref for Revised<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Revised<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.revision = STATES.fetch_add(1, Ordering::Relaxed);
        &mut self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chance_to_change_a_value_makes_a_state_of_its_own() {
        let mut numbers = Revised::new(vec![1]);
        let first = numbers.revision();
        assert_eq!(numbers.len(), 1);
        assert_eq!(numbers.revision(), first, "reading changes nothing");
        numbers.push(2);
        let second = numbers.revision();
        assert_ne!(second, first);
        numbers = Revised::new(vec![1]);
        assert!(numbers.revision() != first && numbers.revision() != second);
        assert!(numbers == Revised::new(vec![1]), "what is compared are values");
    }
}
