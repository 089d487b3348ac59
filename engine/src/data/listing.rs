//! What the lines of a list name.

use std::path::Path;

use super::pattern::{Captures, EXTENSIONS, Pattern};

/// What a line of a list names: the whole line where such a file exists (names may have spaces), else its first column;
/// folder and extension are dropped where the file needs them dropped.
pub(super) fn captures_of_line(first: &Pattern, root: &Path, line: &str, folder: &str) -> Option<Captures> {
    let parts = first.holes().len();
    let column = first_column(line);
    let tab = line.split('\t').next().unwrap_or(line).trim();
    let mut candidates: Vec<String> = Vec::new();
    for token in [line, tab, column] {
        let token = token.replace('\\', "/");
        let short = tail(&token, parts);
        for candidate in [token.as_str(), without_extension(&token), short, without_extension(short)] {
            if !candidates.iter().any(|known| known == candidate) {
                candidates.push(candidate.to_owned());
            }
        }
    }
    let captured = candidates.iter().filter_map(|candidate| captures_of(first, candidate));
    let mut captured: Vec<Captures> = captured.collect();
    let exists = captured.iter().position(|captures| first.path(root, folder, captures).is_file());
    if let Some(at) = exists {
        return Some(captured.swap_remove(at));
    }
    captures_of(first, without_extension(tail(&column.replace('\\', "/"), parts)))
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

/// Splits an id at `/` among the placeholders of the first pattern; with one placeholder it takes the whole id. Ids that
/// lead out of the folder are refused.
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

pub(super) fn first_column(line: &str) -> &str {
    line.split([' ', '\t', ',', ';']).next().unwrap_or(line)
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
pub(super) fn without_extension(token: &str) -> &str {
    match token.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && EXTENSIONS.contains(&extension) => stem,
        _ => token,
    }
}
