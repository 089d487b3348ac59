//! Squares of colours and what they stand for.

use super::cell::Words;
use crate::drawing::{Anchor, Ink, Shape, TEXT, Weight};

/// The line around squares, so that pale ones are seen on white.
const EDGE: Ink = [0x9a, 0xa1, 0xab];

/// Words side by side in lines of this width; the height that they take. `x` and `y` are the upper left corner.
pub(super) fn flow(words: &Words, [x, y]: [f64; 2], width: f64, letters: f64, shapes: &mut Vec<Shape>) -> f64 {
    let (line, apart) = (letters * 1.5, letters * 1.2);
    let (mut left, mut top) = (x, y);
    for (word, ink) in words {
        let room = width - letters * 1.3;
        let word = Weight::Regular.elided(word, letters, room);
        let wide = letters * 1.3 + Weight::Regular.width(&word, letters);
        if left > x && left + wide > x + width {
            (left, top) = (x, top + line);
        }
        entry(&word, *ink, [left, top], letters, shapes);
        left += wide + apart;
    }
    if words.is_empty() { 0.0 } else { top + line - y }
}

fn entry(word: &str, ink: Ink, [x, y]: [f64; 2], letters: f64, shapes: &mut Vec<Shape>) {
    let side = letters * 0.9;
    let from = [x, y + letters * 0.1];
    shapes.push(Shape::Rect { from, size: [side; 2], ink });
    shapes.push(Shape::Edge { from, size: [side; 2], width: letters * 0.06, ink: EDGE });
    let at = [x + letters * 1.3, y + letters * 0.9];
    shapes.push(Shape::text(at, Anchor::Start, letters, Weight::Regular, TEXT, word));
}

/// The words of all lists, each with its colour once, in the order in which they come.
pub(super) fn joined<'a>(lists: impl IntoIterator<Item = &'a Words>) -> Words {
    let mut joined = Words::new();
    for entry in lists.into_iter().flatten() {
        if !joined.contains(entry) {
            joined.push(entry.clone());
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(names: &[&str]) -> Words {
        names.iter().map(|&name| (name.to_owned(), [1, 2, 3])).collect()
    }

    #[test]
    fn entries_stand_in_lines_within_the_width() {
        let mut shapes = Vec::new();
        let names = ["road", "sidewalk", "vegetation", "a class with a name that has no room at all"];
        let height = flow(&words(&names), [10.0, 20.0], 120.0, 10.0, &mut shapes);
        assert!(height >= 45.0, "{height}");
        for shape in &shapes {
            let Shape::Text { at, text, .. } = shape else { continue };
            let end = at[0] + Weight::Regular.width(text, 10.0);
            assert!(end <= 130.001 && at[1] <= 20.0 + height, "{text}: {end}");
        }
        assert_eq!(flow(&Words::new(), [0.0; 2], 100.0, 10.0, &mut shapes), 0.0);
    }

    #[test]
    fn lists_are_joined_without_saying_anything_twice() {
        let joined = joined([&words(&["road", "car"]), &words(&["car", "sky"])]);
        assert_eq!(joined.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>(), ["road", "car", "sky"]);
    }
}
