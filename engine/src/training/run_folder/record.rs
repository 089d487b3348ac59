//! `record.jsonl`, what its lines are, and what of them stands.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read as _};

use crate::protocol::{Happening, LiveChange, Recorded};
use crate::recipe::{Kind, Value, setting};

/// Of pauses, checkpoints and the like the newest this many are read.
pub(super) const MOST_MARKS: usize = 20_000;
/// The most live changes and begins of runs and phases that a record may hold: what it says would be wrong without any.
pub(super) const MOST_CHANGES: usize = 100_000;
/// Longer than any line of ours. What is longer is read in pieces, which do not read as lines.
const MAX_LINE_BYTES: u64 = 1 << 18;

/// What was read of a record, in the order of its lines.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) entries: Vec<Recorded>,
    /// Lines that do not read.
    pub(super) unread: u64,
    /// Older lines that were left out, because others came after them that are of their kind.
    pub(super) left_out: u64,
}

impl Reading {
    /// Reads a record of any length, in memory that does not grow with it.
    pub(super) fn of(mut file: impl BufRead) -> io::Result<Self> {
        let (mut changes, mut marks, mut left_out) = (Vec::new(), VecDeque::new(), 0);
        for number in 0_u64.. {
            let mut line = Vec::new();
            if file.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if may_change(&line) {
                changes.push((number, line));
            } else {
                marks.push_back((number, line));
            }
            if changes.len() > MOST_CHANGES {
                let words =
                    format!("it holds more than {MOST_CHANGES} live changes, the most that are read of one run");
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, words));
            }
            if marks.len() > MOST_MARKS {
                marks.pop_front();
                left_out += 1;
            }
        }
        let mut lines = changes;
        lines.extend(marks);
        lines.sort_unstable_by_key(|(number, _)| *number);
        let mut reading = Self { entries: Vec::with_capacity(lines.len()), unread: 0, left_out };
        for (_, line) in lines {
            match serde_json::from_slice(&line) {
                Ok(entry) => reading.entries.push(read(entry)),
                Err(_blank) if line.trim_ascii().is_empty() => {}
                // The line that a kill has cut short says nothing that the run has gone by.
                Err(_torn) if !line.ends_with(b"\n") && (line.len() as u64) < MAX_LINE_BYTES => {}
                Err(_damaged) => reading.unread += 1,
            }
        }
        Ok(reading)
    }
}

/// Whether a line may hold what decides how the run went on: all others are marks. It is looked at without being read,
/// which takes far longer.
fn may_change(line: &[u8]) -> bool {
    const WORDS: [&[u8]; 4] = [b"change", b"resume", b"start", b"phase"];
    line.split(|&byte| byte == b'"').any(|piece| WORDS.contains(&piece))
}

/// A line as it is written: a number that JSON would not give back to its last bit stands as text.
pub(super) fn written(entry: &Recorded) -> Recorded {
    let safe = |value: &Value| match value {
        Value::Number(number) if !json_gives_back(*number) => Value::Text(number.to_string()),
        other => other.clone(),
    };
    with_values(entry.clone(), |_, value| safe(value))
}

fn json_gives_back(number: f64) -> bool {
    let text = serde_json::to_string(&number).unwrap_or_default();
    serde_json::from_str(&text).is_ok_and(|read: f64| read.to_bits() == number.to_bits())
}

/// The reverse of [`written`].
pub(super) fn read(entry: Recorded) -> Recorded {
    with_values(entry, |key, value| match value {
        Value::Text(text) if matches!(setting(key).map(|setting| setting.kind), Some(Kind::Number { .. })) => {
            text.parse().map_or_else(|_none| value.clone(), Value::Number)
        }
        other => other.clone(),
    })
}

fn with_values(entry: Recorded, to: impl Fn(&str, &Value) -> Value) -> Recorded {
    let what = match entry.what {
        Happening::Change { key, old, new } => {
            let (old, new) = (to(&key, &old), to(&key, &new));
            Happening::Change { key, old, new }
        }
        other => other,
    };
    Recorded { what, ..entry }
}

/// What stands of a record, by step: a resume undoes what had happened after its step but for live changes, and a live
/// change undoes those of its key that were to be made again later.
pub(super) fn as_it_stands(entries: Vec<Recorded>) -> Vec<Recorded> {
    let mut stands: Vec<Recorded> = Vec::new();
    // No entry that stands is of a later step.
    let mut latest = 0;
    for entry in entries {
        // Where nothing came later, nothing is undone.
        if entry.step < latest {
            let is_resume = matches!(entry.what, Happening::Resume { .. });
            let is_undone = |old: &Recorded| match (old.changed_key(), entry.changed_key()) {
                (None, _) => is_resume,
                (old, new) => old == new,
            };
            stands.retain(|old| old.step <= entry.step || !is_undone(old));
            latest = stands.iter().map(|old| old.step).max().unwrap_or(0);
        }
        latest = latest.max(entry.step);
        stands.push(entry);
    }
    stands.sort_by_key(|entry| entry.step);
    stands
}

/// The changes in a record, those that were taken back before they acted left out.
pub(crate) fn changes_in(record: &[Recorded]) -> Vec<LiveChange> {
    let mut changes = Vec::new();
    for change in record.iter().filter_map(Recorded::change) {
        change.note(&mut changes);
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(step: u64, what: &str) -> String {
        format!("{{\"at\":\"2026-11-21T08:15:00Z\",\"step\":{step},\"what\":\"{what}\"}}\n")
    }

    fn change(step: u64) -> String {
        let key = "exchange.channel.enabled";
        let (old, new) = (step.is_multiple_of(2), !step.is_multiple_of(2));
        line(step, &format!("change\",\"key\":\"{key}\",\"old\":{old},\"new\":{new},\"of\":\"a program to come"))
    }

    #[test]
    fn of_a_very_long_record_every_change_and_the_newest_marks_are_read() {
        let marks = 10 * MOST_MARKS as u64;
        let text: String =
            (0..marks).map(|step| if step % 1000 == 7 { change(step) } else { line(step, "pause") }).collect();
        let (reading, most_bytes) = crate::kernels::most_bytes(|| Reading::of(text.as_bytes()).unwrap());
        let changes = reading.entries.iter().filter(|entry| entry.change().is_some());
        assert!(changes.map(|entry| entry.step).eq((7..marks).step_by(1000)));
        let kept = reading.entries.len() as u64 - marks / 1000;
        assert_eq!((kept, kept + reading.left_out), (MOST_MARKS as u64, marks - marks / 1000));
        assert_eq!(reading.entries.last().unwrap().step, marks - 1);
        assert!(reading.entries.is_sorted_by_key(|entry| entry.step));
        assert_eq!(reading.unread, 0);
        assert!(most_bytes < text.len(), "{most_bytes} bytes for {}", text.len());
    }

    #[test]
    fn a_record_of_more_changes_than_are_read_is_refused_in_words() {
        let changes = |count: usize| (0..count as u64).map(change).collect::<String>();
        let refused = Reading::of(changes(MOST_CHANGES + 1).as_bytes()).unwrap_err();
        assert!(refused.to_string().contains("more than 100000 live changes"), "{refused}");
        let begun = std::time::Instant::now();
        let whole = as_it_stands(Reading::of(changes(MOST_CHANGES).as_bytes()).unwrap().entries);
        assert_eq!(changes_in(&whole).len(), MOST_CHANGES);
        // Every change was once compared with all before it, which took minutes.
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }

    #[test]
    fn a_line_without_an_end_takes_bounded_memory_and_is_counted() {
        let text = vec![b'x'; 5 * MAX_LINE_BYTES as usize + 9];
        assert_eq!(Reading::of(&text[..]).unwrap().unread, 5);
    }
}
