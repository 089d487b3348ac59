//! Values that are written while one frame is drawn and read in the next, so that all panes agree within a frame.

use std::cell::RefCell;

/// A double-buffered value.
#[derive(Debug, Default)]
pub struct Buffered<T> {
    shown: T,
    next: RefCell<Option<T>>,
}

impl<T: Default + PartialEq> Buffered<T> {
    /// What the last frame wrote.
    pub fn get(&self) -> &T {
        &self.shown
    }

    /// Writes the value that the next frame reads; the last writer of a frame wins.
    pub fn set(&self, value: T) {
        *self.next.borrow_mut() = Some(value);
    }

    /// Turns the page; a value nobody wrote becomes its default. Says whether the shown value changed.
    pub fn turn(&mut self) -> bool {
        let next = self.next.get_mut().take().unwrap_or_default();
        let changed = next != self.shown;
        self.shown = next;
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_shows_in_the_next_frame_and_fades_after_it() {
        let mut hover: Buffered<Option<u8>> = Buffered::default();
        hover.set(Some(3));
        assert_eq!(*hover.get(), None);
        assert!(hover.turn());
        assert_eq!(*hover.get(), Some(3));
        assert!(hover.turn());
        assert!(!hover.turn());
        assert_eq!(*hover.get(), None);
    }
}
