//! Which scenes a split asks for: those of its list, of its ids, or all that fit.

use std::collections::BTreeMap;

use super::{Indexer, list_text, parsed};
use crate::data::error::DataError;
use crate::data::listing::{captures_of, columns, is_heading, listed, ordered, without_ending};
use crate::data::manifest::SplitSource;
use crate::data::pattern::{Captures, Pattern};
use crate::data::text::{MAX_LINE_BYTES, is_comment, lines};
use crate::failure::short;
use crate::progress::{Stopped, disk};
use crate::protocol::Severity;

impl Indexer<'_> {
    /// The placeholders' values of each sample that a split asks for.
    pub(super) fn captures(
        &mut self,
        source: &SplitSource,
        folder: &str,
        goes_on: &mut dyn FnMut(u64) -> Result<(), Stopped>,
    ) -> Result<Vec<Captures>, DataError> {
        let first = &self.patterns[0];
        if let Some(ids) = &source.ids {
            return Ok(ids.iter().filter_map(|id| captures_of(first, id)).collect());
        }
        let Some(list) = &source.list else {
            let files = source.files.as_deref().map(|files| parsed("splits.files", files, self.root)).transpose()?;
            let found = files.as_ref().unwrap_or(first).find(self.root, folder, goes_on)?;
            let captures = ordered(found.captures, first);
            self.note_unreadable(&source.name, found.unreadable);
            return Ok(captures);
        };
        let path = self.root.join(list);
        let text = list_text(&path, &format!("the list of split {}", source.name))?;
        let line = source.line.as_deref().map(|line| parsed("splits.line", line, self.root)).transpose()?;
        if let Some(line) = line.as_ref().filter(|line| line.holes().len() < first.holes().len()) {
            return self.captures_of_parts(source, (list, &text), line, folder, goes_on);
        }
        let (mut found, mut odd, mut differing, mut heading) = (Vec::new(), Vec::new(), Vec::new(), None);
        let begins = lines(&text).position(|line| !is_comment(line)).unwrap_or(0);
        for (done, text) in lines(&text).enumerate() {
            goes_on(done as u64)?;
            let captures = if text.len() > MAX_LINE_BYTES {
                None
            } else if let Some(line) = &line {
                let exists =
                    |captures: &Captures| disk::is_file(&first.path(self.root, folder, captures, &self.folders));
                let matched = line.matches(text).or_else(|| line.matches(columns(text).first()?));
                matched.filter(|captures| !is_comment(text) || exists(captures))
            } else {
                let listed = listed(first, self.root, &self.folders, text, folder);
                if done == begins && is_heading(text) && listed.as_ref().is_none_or(|listed| !listed.exists) {
                    heading = Some(text);
                    continue;
                }
                let listed = listed.filter(|listed| listed.exists || !is_comment(text));
                listed.map(|listed| {
                    differing.extend(listed.names);
                    listed.captures
                })
            };
            match captures {
                Some(captures) => found.push(captures),
                None if is_comment(text) => {}
                None => odd.push(text.to_owned()),
            }
        }
        if let Some(heading) = heading.map(short) {
            let text = format!(
                "the first line of {list}, `{heading}`, names no file and is taken for the heading of its columns; remove it where it \
                 is, and bring the file where it is a sample"
            );
            self.problem(Severity::Warning, text, &path);
        }
        if let Some((first, other)) = differing.first() {
            let text = format!(
                "{} lines of {list} name two files, such as {first} and {other}; the first column counts",
                differing.len()
            );
            self.problem(Severity::Warning, text, &path);
        }
        self.note_odd(list, &odd);
        Ok(ordered(found, &self.patterns[0]))
    }

    /// The samples of the parts that a list's lines name, such as all of a video.
    fn captures_of_parts(
        &mut self,
        source: &SplitSource,
        (list, text): (&str, &str),
        line: &Pattern,
        folder: &str,
        goes_on: &mut dyn FnMut(u64) -> Result<(), Stopped>,
    ) -> Result<Vec<Captures>, DataError> {
        let first = &self.patterns[0];
        let files = source.files.as_deref().map(|files| parsed("splits.files", files, self.root)).transpose()?;
        let found = files.as_ref().unwrap_or(first).find(self.root, folder, goes_on)?;
        let holes = line.holes();
        let parts_of = |captures: &Captures| -> Vec<String> {
            let value = |hole: &&str| captures.iter().find(|(name, _)| name == hole).map(|(_, value)| value.clone());
            holes.iter().filter_map(value).collect()
        };
        let mut wanted: BTreeMap<Vec<String>, bool> = BTreeMap::new();
        let mut odd = Vec::new();
        for text in lines(text).filter(|text| !is_comment(text)) {
            let column = columns(text).into_iter().next().unwrap_or_default();
            let captures = line.matches(&column).or_else(|| line.matches(without_ending(&column)));
            match captures.filter(|_| text.len() <= MAX_LINE_BYTES) {
                Some(captures) => {
                    wanted.entry(parts_of(&captures)).or_default();
                }
                None => odd.push(text.to_owned()),
            }
        }
        let mut is_wanted = |captures: &Captures| {
            let is_found = wanted.get_mut(&parts_of(captures));
            is_found.map(|is_found| *is_found = true).is_some()
        };
        let kept: Vec<Captures> = found.captures.into_iter().filter(|captures| is_wanted(captures)).collect();
        odd.extend(wanted.into_iter().filter(|(_, is_found)| !is_found).map(|(parts, _)| parts.join("/")));
        let captures = ordered(kept, first);
        self.note_unreadable(&source.name, found.unreadable);
        self.note_odd(list, &odd);
        Ok(captures)
    }
}
