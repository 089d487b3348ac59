//! What the lines of a list name: the first column counts.

use std::path::Path;

use super::folders::{Folders, split_ending};
use super::pattern::{Captures, Pattern};
use super::reach::leads_out;
use crate::progress::disk;

/// What a line of a list names.
pub(super) struct Listed {
    pub(super) captures: Captures,
    /// Whether the first sensor's file of that name exists.
    pub(super) exists: bool,
    /// Names of two files that differ, where the line has such: the one that counts and the other.
    pub(super) names: Option<(String, String)>,
}

/// The sample that a line names: the whole line where such a file exists (names may have spaces), else its first
/// column; folder and ending are dropped where the file needs them dropped.
pub(super) fn listed(first: &Pattern, root: &Path, folders: &Folders, line: &str, folder: &str) -> Option<Listed> {
    let parts = first.holes().len();
    let columns = columns(line);
    let column = columns.first()?.replace('\\', "/");
    let whole = unquoted(line).replace('\\', "/");
    let mut candidates = vec![whole.clone(), without_ending(&whole).to_owned()];
    let mut add = |token: &str| {
        for candidate in [token, tail(token, parts)] {
            candidates.extend([candidate.to_owned(), without_ending(candidate).to_owned()]);
        }
    };
    add(&column);
    if is_one_path(root, &whole, &columns) {
        add(&whole);
    }
    let exists = |captures: &Captures| disk::is_file(&first.path(root, folder, captures, folders));
    let named = candidates.iter().filter_map(|candidate| captures_of(first, candidate)).find(exists);
    let has_separators =
        |id: &str| id.contains(|letter: char| letter.is_whitespace() || letter == ',' || letter == ';');
    let is_whole = |(_, id): &(String, String)| has_separators(id) && without_ending(&whole).ends_with(id.as_str());
    let is_whole = named.as_ref().and_then(|captures| captures.last()).is_some_and(is_whole);
    let (captures, exists) = match named {
        Some(captures) => (captures, true),
        None => (captures_of(first, without_ending(tail(&column, parts)))?, false),
    };
    let names = if is_whole { None } else { differing(&columns) };
    Some(Listed { captures, exists, names })
}

/// Whether blanks in a line belong to a single path: such a file exists, or only its last word ends as an image does.
fn is_one_path(root: &Path, whole: &str, columns: &[String]) -> bool {
    let Some((last, before)) = columns.split_last() else { return false };
    let is_image = |column: &String| split_ending(column).is_some();
    (!leads_out(whole) && disk::is_file(&root.join(whole)))
        || (is_image(last)
            && !before.iter().any(is_image)
            && before.first().is_some_and(|first| first.contains(['/', '\\'])))
}

/// The names of the first column and of another that names a different file.
fn differing(columns: &[String]) -> Option<(String, String)> {
    let stem = |column: &str| without_ending(base(column)).to_owned();
    let first = stem(columns.first()?);
    let others = columns.iter().skip(1).filter(|column| split_ending(column).is_some());
    let other =
        others.map(|column| stem(column)).find(|other| !other.contains(&first) && !first.contains(other.as_str()))?;
    Some((first, other))
}

/// A line's columns, without quotes: separated by tabs where there are any, else by commas and semicolons, else by
/// blanks.
pub(super) fn columns(line: &str) -> Vec<String> {
    let bare = outside_quotes(line);
    let is_separator = |letter: char| {
        if bare.contains('\t') {
            letter == '\t'
        } else if bare.contains([',', ';']) {
            letter == ',' || letter == ';'
        } else {
            letter.is_whitespace()
        }
    };
    let mut columns = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.chars() {
        is_quoted ^= letter == '"';
        if !is_quoted && is_separator(letter) {
            columns.push(String::new());
        } else if let Some(last) = columns.last_mut() {
            last.push(letter);
        }
    }
    columns.iter().map(|column| unquoted(column).to_owned()).filter(|column| !column.is_empty()).collect()
}

/// A line without what stands in double quotes.
fn outside_quotes(line: &str) -> String {
    line.split('"').step_by(2).collect()
}

/// A word without the quotes around it.
fn unquoted(word: &str) -> &str {
    let word = word.trim();
    let between = |quote: char| {
        let inner = word.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then_some(inner)
    };
    between('"').or_else(|| between('\'')).unwrap_or(word).trim()
}

/// What people call the first column of a list, in lower case.
const HEADINGS: [&str; 22] = [
    "color",
    "colour",
    "file",
    "file name",
    "file_name",
    "filename",
    "filenames",
    "files",
    "frame",
    "id",
    "ids",
    "image",
    "image_id",
    "image_path",
    "images",
    "img",
    "name",
    "path",
    "rgb",
    "sample",
    "sample_id",
    "scene",
];

/// Whether a line that names no file is the heading of a list's columns.
pub(super) fn is_heading(line: &str) -> bool {
    let line = line.trim_start_matches('#');
    columns(line).first().is_some_and(|first| HEADINGS.contains(&first.to_lowercase().as_str()))
}

/// Puts values in the first pattern's order, which is the order of an id's parts.
pub(super) fn ordered(found: Vec<Captures>, first: &Pattern) -> Vec<Captures> {
    let holes = first.holes();
    let place = |captures: Captures| -> Captures {
        let value = |name: &str| captures.iter().find(|(known, _)| known == name).cloned();
        holes.iter().filter_map(|name| value(name)).collect()
    };
    found.into_iter().map(place).collect()
}

/// Splits an id at `/` among the placeholders of the first pattern; with one placeholder it takes the whole id. Ids
/// that lead out of the folder are refused.
pub(super) fn captures_of(first: &Pattern, id: &str) -> Option<Captures> {
    let holes = first.holes();
    let steps: Vec<&str> = id.split('/').collect();
    if steps.iter().any(|step| step.is_empty() || *step == "." || *step == "..") || id.contains('\0') {
        return None;
    }
    let values: Vec<&str> = if holes.len() == 1 { vec![id] } else { steps };
    (values.len() == holes.len())
        .then(|| holes.iter().zip(values).map(|(name, value)| ((*name).to_owned(), value.to_owned())).collect())
}

pub(super) fn base(token: &str) -> &str {
    token.rsplit(['/', '\\']).next().unwrap_or(token)
}

/// The last `parts` steps of a path.
fn tail(token: &str, parts: usize) -> &str {
    let start = token.rmatch_indices('/').nth(parts.saturating_sub(1)).map_or(0, |(at, _)| at + 1);
    &token[start..]
}

/// Drops `.png` and the like; a dot that belongs to the name stays.
pub(super) fn without_ending(token: &str) -> &str {
    split_ending(token).map_or(token, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_one_kind_of_separator_and_no_quotes() {
        assert_eq!(columns("\"rgb/0 1.png\",\"label/0 1.png\""), ["rgb/0 1.png", "label/0 1.png"]);
        assert_eq!(columns("'a.png' 'b.png'"), ["a.png", "b.png"]);
        assert_eq!(columns("a b.png\tc, d.png"), ["a b.png", "c, d.png"]);
        assert_eq!(columns("\"a,b\" c"), ["a,b", "c"]);
        assert_eq!(columns("a;b,c"), ["a", "b", "c"]);
        assert_eq!(columns("it's"), ["it's"]);
        assert_eq!(columns("  "), Vec::<String>::new());
    }

    #[test]
    fn names_of_one_scene_do_not_differ() {
        let differ = |line: &str| differing(&columns(line)).is_some();
        assert!(differ("00001.png 00002.png") && differ("rgb/a.png,label/b.tif"));
        for line in ["rgb/1.png label/1.png", "1.jpg 1_label.png", "1.png 480 640", "1 2", "1.png"] {
            assert!(!differ(line), "{line}");
        }
    }
}
