//! What was said during a session: a bounded list in which repetitions are counted.

use std::collections::VecDeque;

use fusionscope_engine::protocol::Level;

/// Lines kept; older ones give way.
pub const CAPACITY: usize = 1024;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// How much it matters.
    pub level: Level,
    /// The sentence.
    pub text: String,
    /// How often it was said in a row.
    pub count: u64,
    /// Seconds since the window opened, when it was last said.
    pub at_secs: f64,
    /// The setting that was changed, and its value before, where the line tells of an edit.
    edit: Option<(String, String)>,
}

/// The newest lines, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    forgotten: u64,
}

impl Log {
    /// Adds a line. The same line again only raises its count.
    pub fn push(&mut self, level: Level, text: impl Into<String>, at_secs: f64) {
        let text = text.into();
        if let Some(last) = self.entries.back_mut()
            && last.level == level
            && last.text == text
        {
            last.count += 1;
            last.at_secs = at_secs;
            return;
        }
        if self.entries.len() == CAPACITY {
            self.entries.pop_front();
            self.forgotten += 1;
        }
        self.entries.push_back(Entry { level, text, count: 1, at_secs, edit: None });
    }

    /// Adds an edit of a setting. Further edits of it right after stay one line: a slider is dragged through many
    /// values.
    pub fn push_edit(&mut self, key: &str, (old, new): (&str, &str), at_secs: f64) {
        let last = self.entries.back().and_then(|last| last.edit.clone());
        let first = match last.filter(|(edited, _)| edited == key) {
            Some((_, first)) => {
                self.entries.pop_back();
                first
            }
            None => old.to_owned(),
        };
        if first == new {
            return;
        }
        self.push(Level::Info, format!("{key}: {first} → {new}"), at_secs);
        if let Some(last) = self.entries.back_mut() {
            last.edit = Some((key.to_owned(), first));
        }
    }

    /// All lines, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter()
    }

    /// The newest line of at least this weight.
    pub fn newest(&self, at_least: Level) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| weight(entry.level) >= weight(at_least))
    }

    /// How many lines gave way to newer ones.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// How many lines of each level there are: notes, warnings, errors. Repetitions count.
    pub fn counts(&self) -> [u64; 3] {
        let mut counts = [0; 3];
        for entry in &self.entries {
            counts[weight(entry.level)] += entry.count;
        }
        counts
    }

    /// Removes all lines.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// 0 for a note, 1 for a warning, 2 for an error.
pub fn weight(level: Level) -> usize {
    match level {
        Level::Info => 0,
        Level::Warning => 1,
        Level::Error => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_counted_and_not_listed() {
        let mut log = Log::default();
        log.push(Level::Warning, "label 9 out of range", 1.0);
        log.push(Level::Warning, "label 9 out of range", 2.0);
        log.push(Level::Info, "label 9 out of range", 3.0);
        let seen: Vec<_> = log.entries().map(|entry| (entry.count, entry.at_secs)).collect();
        assert_eq!(seen, [(2, 2.0), (1, 3.0)]);
        assert_eq!(log.counts(), [1, 2, 0]);
    }

    #[test]
    fn a_drag_of_a_slider_is_one_line_from_its_first_value_to_its_last() {
        let mut log = Log::default();
        for (old, new) in [("1", "0.9"), ("0.9", "0.7"), ("0.7", "0.5")] {
            log.push_edit("objective.contrast.weight", (old, new), 1.0);
        }
        log.push_edit("data.batch_size", ("4", "2"), 2.0);
        let lines: Vec<&str> = log.entries().map(|entry| entry.text.as_str()).collect();
        assert_eq!(lines, ["objective.contrast.weight: 1 → 0.5", "data.batch_size: 4 → 2"]);
        log.push_edit("data.batch_size", ("2", "4"), 3.0);
        assert_eq!(log.entries().len(), 1, "nothing was changed in the end");
    }

    #[test]
    fn the_oldest_lines_give_way_and_are_counted() {
        let mut log = Log::default();
        for line in 0..CAPACITY + 10 {
            log.push(Level::Info, line.to_string(), 0.0);
        }
        assert_eq!(log.entries().len(), CAPACITY);
        assert_eq!(log.forgotten(), 10);
        assert_eq!(log.entries().next().unwrap().text, "10");
        assert_eq!(log.newest(Level::Info).unwrap().text, (CAPACITY + 9).to_string());
        assert_eq!(log.newest(Level::Error), None);
    }
}
