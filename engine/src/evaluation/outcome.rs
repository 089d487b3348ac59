//! What becomes of a pixel when something is changed.

use crate::data::IGNORE;

/// The place in [`OUTCOME`](crate::protocol::OUTCOME) of a pixel of this truth that was taken for one class and now is for
/// another one.
pub fn outcome(truth: u8, was: u8, is: u8) -> u8 {
    match () {
        () if was == is => 0,
        () if truth == IGNORE => 4,
        () if is == truth => 1,
        () if was == truth => 2,
        () => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::OUTCOME;

    #[test]
    fn every_pixel_becomes_exactly_one_thing() {
        let word = |truth, was, is| OUTCOME[usize::from(outcome(truth, was, is))];
        assert_eq!(word(1, 1, 1), "same");
        assert_eq!(word(1, 2, 2), "same", "wrong as before");
        assert_eq!(word(1, 2, 1), "turned right");
        assert_eq!(word(1, 1, 2), "turned wrong");
        assert_eq!(word(1, 2, 3), "other wrong");
        assert_eq!(word(IGNORE, 1, 2), "no label");
        assert_eq!(word(IGNORE, 1, 1), "same");
    }
}
