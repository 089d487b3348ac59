//! Reading `metrics.jsonl`, which may be larger than memory: whole where it is short, in places where it is long.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use crate::protocol::StepReport;

/// A file up to this size is read whole.
pub(super) const WHOLE_BYTES: u64 = 8 << 20;
/// Of a longer one this much at its end is read whole …
const TAIL_BYTES: u64 = 2 << 20;
/// … and before that a line at each of this many places, evenly apart.
pub(super) const PLACES: u64 = 8192;
/// The last report is looked for in this much at the end: more than two of the longest lines that the program writes.
const LAST_BYTES: u64 = 1 << 17;
/// What is read at one go in search of a line's end.
const PIECE: usize = 4096;
/// Longer than any line of ours.
const MAX_LINE_BYTES: usize = 1 << 18;
/// Where bisection ends, because what is left is read at one go.
const WINDOW_BYTES: u64 = 1 << 16;

/// The steps of a run as they were read.
#[derive(Debug, Default)]
pub struct History {
    /// The reports, oldest first: all of them, or of a long run the newest and some evenly apart among the older. Steps
    /// count up by one, so gaps show what is missing.
    pub steps: Vec<StepReport>,
    /// What could not be read, one sentence each.
    pub warnings: Vec<String>,
}

impl History {
    /// Nothing was read, for this reason.
    pub fn unread(reason: String) -> Self {
        Self { steps: Vec::new(), warnings: vec![reason] }
    }
}

/// What was read of a file of step reports.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The reports, in the file's order.
    pub(super) reports: Vec<StepReport>,
    /// Whole lines that hold none.
    pub(super) unreadable: Vec<Unreadable>,
}

/// A whole line that holds no report.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// Where it stands, its line feed included.
    pub(super) bytes: Range<u64>,
    /// Its number, counted from 1, where all lines before it were read too.
    pub(super) line: Option<u64>,
}

/// Where the reports up to a step end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The end of the last report to be kept.
    pub(super) kept: u64,
    /// The beginning of the first later report, or the end of the file. What lies between the two does not read.
    pub(super) later: u64,
}

/// One line of a file.
struct Line {
    /// Where it stands, its line feed included.
    range: Range<u64>,
    bytes: Vec<u8>,
}

/// Reads a file of step reports: all of it, or of a long one its end and lines evenly apart before that.
pub(super) fn read(file: &mut (impl Read + Seek)) -> io::Result<Reading> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut reading = Reading::default();
    if length <= WHOLE_BYTES {
        for (number, line) in (1..).zip(lines_between(file, 0..length)?) {
            reading.take(&line, Some(number));
        }
        return Ok(reading);
    }
    let tail = length - TAIL_BYTES;
    let mut end = 0;
    for place in (0..PLACES).map(|number| number * tail / PLACES) {
        if place < end {
            continue;
        }
        match line_from(file, place)? {
            Some(line) if line.range.start >= tail => break,
            Some(line) => {
                reading.take(&line, None);
                end = line.range.end;
            }
            None => end = place + MAX_LINE_BYTES as u64,
        }
    }
    for line in lines_between(file, tail.max(end).min(length)..length)? {
        reading.take(&line, None);
    }
    Ok(reading)
}

/// The last report of a file, whatever its size.
pub(super) fn last(file: &mut (impl Read + Seek)) -> io::Result<Option<StepReport>> {
    let length = file.seek(SeekFrom::End(0))?;
    let lines = lines_between(file, length.saturating_sub(LAST_BYTES)..length)?;
    Ok(lines.iter().rev().find_map(Line::report))
}

/// Finds the end of the reports up to `step` by bisection, because steps ascend: a resume must not read everything.
pub(super) fn cut(file: &mut (impl Read + Seek), step: u64) -> io::Result<Cut> {
    let length = file.seek(SeekFrom::End(0))?;
    // Reports that begin before `low` are kept; among those from `high` on none is.
    let (mut low, mut high, mut later) = (0, length, length);
    while high - low > WINDOW_BYTES {
        let middle = low + (high - low) / 2;
        match first_report(file, middle..high)? {
            Some((range, report)) if report.step <= step => low = range.end,
            found => {
                later = found.map_or(later, |(range, _)| range.start);
                high = middle;
            }
        }
    }
    let mut kept = low;
    for line in lines_between(file, low..later.min(high + MAX_LINE_BYTES as u64))? {
        match line.report() {
            Some(report) if report.step <= step => kept = line.range.end,
            Some(_) => {
                later = line.range.start;
                break;
            }
            None => {}
        }
    }
    Ok(Cut { kept, later })
}

impl Reading {
    fn take(&mut self, line: &Line, number: Option<u64>) {
        if line.bytes.trim_ascii().is_empty() {
            // What was set aside has left blanks.
        } else if let Some(report) = line.report() {
            self.reports.push(report);
        } else {
            self.unreadable.push(Unreadable { bytes: line.range.clone(), line: number });
        }
    }
}

impl Line {
    fn report(&self) -> Option<StepReport> {
        serde_json::from_slice(&self.bytes).ok()
    }
}

/// The first report that begins within `range`, and where it stands.
fn first_report(file: &mut (impl Read + Seek), range: Range<u64>) -> io::Result<Option<(Range<u64>, StepReport)>> {
    let mut place = range.start;
    while let Some(line) = line_from(file, place)?.filter(|line| line.range.start < range.end) {
        if let Some(report) = line.report() {
            return Ok(Some((line.range, report)));
        }
        place = line.range.end;
    }
    Ok(None)
}

/// The first whole line that begins at `place` or after it; `None` where there is none within the reach of a line.
fn line_from(file: &mut (impl Read + Seek), place: u64) -> io::Result<Option<Line>> {
    // One byte earlier: a line feed there makes `place` itself the beginning of a line.
    let from = place.saturating_sub(1);
    file.seek(SeekFrom::Start(from))?;
    let line_feed = |bytes: &[u8]| bytes.iter().position(|&byte| byte == b'\n');
    let mut bytes = Vec::new();
    while bytes.len() < 2 * MAX_LINE_BYTES {
        let before = bytes.len();
        file.by_ref().take(before.max(PIECE) as u64).read_to_end(&mut bytes)?;
        let start = if place == 0 { Some(0) } else { line_feed(&bytes).map(|at| at + 1) };
        if let Some((start, length)) = start.and_then(|start| Some((start, line_feed(&bytes[start..])?))) {
            let begin = from + start as u64;
            let range = begin..begin + length as u64 + 1;
            return Ok(Some(Line { range, bytes: bytes[start..start + length].to_vec() }));
        }
        if bytes.len() == before {
            break;
        }
    }
    Ok(None)
}

/// The whole lines that begin and end within `range`.
fn lines_between(file: &mut (impl Read + Seek), range: Range<u64>) -> io::Result<Vec<Line>> {
    let from = range.start.saturating_sub(1);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.by_ref().take(range.end.saturating_sub(from)).read_to_end(&mut bytes)?;
    let mut place = from;
    let lines = bytes.split_inclusive(|&byte| byte == b'\n').map(|line| {
        let range = place..place + line.len() as u64;
        place = range.end;
        (range, line)
    });
    // The first of them is the end of an earlier line, or its line feed. A last one without a line feed is torn.
    let whole = lines.skip(usize::from(range.start > 0)).filter_map(|(range, line)| {
        let bytes = line.strip_suffix(b"\n")?.to_vec();
        Some(Line { range, bytes })
    });
    Ok(whole.collect())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::protocol::{Figure, Quantity};

    /// A file that counts what is read of it.
    struct Counted<F> {
        file: F,
        bytes: u64,
    }

    impl<F: Read> Read for Counted<F> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.file.read(into)?;
            self.bytes += count as u64;
            Ok(count)
        }
    }

    impl<F: Seek> Seek for Counted<F> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.file.seek(to)
        }
    }

    fn line(step: u64) -> String {
        let figure =
            |number: u32| Figure::new(format!("segmentation.part{number}"), Quantity::Loss, 0.123 * step as f32);
        let report = StepReport { step, terms: (0..10).map(figure).collect(), ..StepReport::default() };
        format!("{}\n", serde_json::to_string(&report).unwrap())
    }

    fn long(steps: u64) -> Counted<Cursor<Vec<u8>>> {
        let text: Vec<u8> = (1..=steps).flat_map(|step| line(step).into_bytes()).collect();
        assert!(text.len() as u64 > 4 * WHOLE_BYTES);
        Counted { file: Cursor::new(text), bytes: 0 }
    }

    #[test]
    fn a_long_history_is_read_in_places_and_its_end_whole() {
        let steps = 120_000;
        let mut file = long(steps);
        let length = file.file.get_ref().len() as u64;
        let reading = read(&mut file).unwrap();
        // What is read does not grow with the file.
        assert!(file.bytes <= TAIL_BYTES + 1 + PLACES * PIECE as u64 && file.bytes < length, "{} bytes", file.bytes);
        let found: Vec<u64> = reading.reports.iter().map(|report| report.step).collect();
        assert!(found.is_sorted_by(|one, next| one < next), "a step stands twice or out of order");
        assert_eq!((found[0], found[found.len() - 1]), (1, steps));
        let gap = found.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(gap <= 2 * steps / PLACES, "a gap of {gap} steps");
        let tail = found.iter().rev().zip((1..=steps).rev()).take_while(|(found, step)| *found == step).count();
        assert!(tail > 3000, "{tail} steps at the end");
        assert!(reading.unreadable.is_empty());
    }

    #[test]
    fn a_cut_in_a_long_history_reads_next_to_nothing() {
        let steps = 120_000;
        let mut file = long(steps);
        let mut place = 0;
        for step in 0..=steps {
            if step % 9973 == 0 || step == steps {
                file.bytes = 0;
                let found = cut(&mut file, step).unwrap();
                assert_eq!(found, Cut { kept: place, later: place }, "step {step}");
                assert!(file.bytes < 1 << 19, "{} bytes for step {step}", file.bytes);
            }
            place += line(step + 1).len() as u64;
        }
    }

    #[test]
    fn a_long_file_without_a_line_costs_no_memory() {
        let mut file = Counted { file: Cursor::new(vec![0; 3 * WHOLE_BYTES as usize]), bytes: 0 };
        let length = 3 * WHOLE_BYTES;
        assert!(read(&mut file).unwrap().reports.is_empty());
        assert!(file.bytes < 4 * length, "{} bytes", file.bytes);
        assert_eq!(cut(&mut file, 7).unwrap(), Cut { kept: 0, later: length });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Blocks of good lines and of lines that do not read, in any order: the cut is where reading all would put it.
        #[test]
        fn a_cut_by_bisection_is_the_one_by_reading_everything(
            blocks in proptest::collection::vec((any::<bool>(), 1..400_u64), 1..8),
            wanted in 0..1600_u64,
        ) {
            let (mut text, mut step, mut kept, mut later) = (Vec::new(), 0, 0, None);
            for (is_good, count) in blocks {
                for _ in 0..count {
                    if is_good {
                        step += 1;
                        if step > wanted && later.is_none() {
                            later = Some(text.len() as u64);
                        }
                        text.extend(line(step).into_bytes());
                        if step <= wanted {
                            kept = text.len() as u64;
                        }
                    } else {
                        text.extend(b"\x7b\"step\": 4\xff, and so on, over some length that is like that of a line\n");
                    }
                }
            }
            text.extend(b"{\"phase\":\"stud");
            let expected = Cut { kept, later: later.unwrap_or(text.len() as u64) };
            prop_assert_eq!(cut(&mut Cursor::new(&text), wanted).unwrap(), expected);
            let reading = read(&mut Cursor::new(&text)).unwrap();
            prop_assert_eq!(reading.reports.len() as u64, step);
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'\n')], 0..300)) {
            let reading = read(&mut Cursor::new(&bytes)).unwrap();
            prop_assert!(reading.reports.is_empty());
            let found = cut(&mut Cursor::new(&bytes), 3).unwrap();
            prop_assert!(found.kept <= found.later && found.later <= bytes.len() as u64);
        }
    }
}
