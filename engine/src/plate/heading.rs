//! Headings in lines that have room.

use crate::drawing::Weight;

/// The most lines that a heading takes.
const MOST_LINES: usize = 3;

/// A heading in lines, broken behind what parts words and names of views; what has no room is left out.
pub(super) fn heading_lines(text: &str, size: f64, room: f64) -> Vec<String> {
    let weight = Weight::Regular;
    let mut lines: Vec<String> = Vec::new();
    for part in text.split_inclusive([' ', '.', '_', '-', '/']) {
        match lines.last_mut() {
            Some(line) if weight.width(format!("{line}{part}").trim_end(), size) <= room => line.push_str(part),
            _ => lines.push(part.to_owned()),
        }
    }
    if lines.len() > MOST_LINES {
        let rest = lines.split_off(MOST_LINES - 1).concat();
        lines.push(rest);
    }
    lines.into_iter().map(|line| weight.elided(line.trim_end(), size, room)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_views_are_broken_behind_dots_and_cut_where_they_have_no_room() {
        assert_eq!(heading_lines("label", 10.0, 100.0), ["label"]);
        let lines = heading_lines("uncertainty.entropy.fused", 10.0, 62.0);
        assert_eq!(lines, ["uncertainty.", "entropy.", "fused"]);
        let many = heading_lines("a.very.long.name.of.a.view.that.has.no.room", 10.0, 36.0);
        assert!(many.len() == 3 && many[2].ends_with('…'), "{many:?}");
        assert!(many.iter().all(|line| Weight::Regular.width(line, 10.0) <= 36.0), "{many:?}");
        assert!(heading_lines("", 10.0, 30.0).is_empty());
    }
}
