//! Files and folders that lie where another was looked for and bear nearly its name.

use std::path::{Path, PathBuf};

use super::folders::split_ending;
use crate::progress::disk;

/// Entries of a folder that are compared.
const ENTRIES: usize = 100_000;

/// What lies under `root` nearly where `path` was looked for: another letter case, another ending, a folder spelt a
/// little differently. `None` where the path itself exists, or nothing is near.
pub(crate) fn near_twin(root: &Path, path: &Path) -> Option<PathBuf> {
    let steps: Vec<_> = path.strip_prefix(root).ok()?.components().collect();
    let mut found = root.to_owned();
    for (at, step) in steps.iter().enumerate() {
        let wanted = step.as_os_str().to_str()?;
        let next = found.join(wanted);
        found = if next.exists() { next } else { closest(&found, wanted, at + 1 == steps.len())? };
    }
    (found != path).then_some(found)
}

/// The words `; … is there` for a message, where there is a near twin.
pub(crate) fn twin_words(root: &Path, path: &Path) -> String {
    near_twin(root, path).map_or_else(String::new, |twin| format!("; {} is there", twin.display()))
}

fn closest(folder: &Path, wanted: &str, is_file: bool) -> Option<PathBuf> {
    let entries = disk::list(folder).ok()?.flatten().take(ENTRIES);
    let near = entries.filter_map(|entry| {
        let name = entry.file_name().to_str()?.to_owned();
        let distance = if is_file { file_distance(wanted, &name) } else { folder_distance(wanted, &name) };
        distance.filter(|_| entry.path().is_dir() != is_file).map(|distance| (distance, name))
    });
    near.min().map(|(_, name)| folder.join(name))
}

/// How near two names of files are; numbers that differ name different scenes, so digits count.
fn file_distance(wanted: &str, name: &str) -> Option<usize> {
    let lower = |text: &str| text.to_lowercase();
    if lower(wanted) == lower(name) {
        return Some(0);
    }
    let ((stem, _), (other, _)) = (split_ending(wanted)?, split_ending(name)?);
    let (stem, other) = (lower(stem), lower(other));
    if stem == other {
        return Some(1);
    }
    // `0001_label.png` for `0001.png`.
    let rest = other.strip_prefix(&stem).or_else(|| stem.strip_prefix(&other))?;
    rest.starts_with(['_', '-', '.', ' ']).then_some(2)
}

/// How near two names of folders are: letter case, one the beginning of the other, two letters at most.
fn folder_distance(wanted: &str, name: &str) -> Option<usize> {
    let (wanted, name) = (wanted.to_lowercase(), name.to_lowercase());
    if wanted == name {
        return Some(0);
    }
    let begins = wanted.len() >= 2 && name.len() >= 2 && (wanted.starts_with(&name) || name.starts_with(&wanted));
    let edits = edits(&wanted, &name);
    if edits <= 2 && edits < wanted.chars().count() { Some(edits) } else { begins.then_some(3) }
}

/// Letters to insert, delete or exchange (Levenshtein).
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, &other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture::write;

    #[test]
    fn near_names_are_found_and_other_numbers_are_not() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        for name in ["labels/0001.PNG", "labels/0003.tif", "labels/0004_label.png", "Thermal/a/0001.png"] {
            write(root, name, b"");
        }
        let twin =
            |path: &str| near_twin(root, &root.join(path)).map(|twin| twin.strip_prefix(root).unwrap().to_owned());
        assert_eq!(twin("label/0001.png").unwrap(), Path::new("labels/0001.PNG"));
        assert_eq!(twin("labels/0003.png").unwrap(), Path::new("labels/0003.tif"));
        assert_eq!(twin("labels/0004.png").unwrap(), Path::new("labels/0004_label.png"));
        assert_eq!(twin("therm/a/0001.png").unwrap(), Path::new("Thermal/a/0001.png"));
        assert_eq!(twin("labels/0002.png"), None);
        assert_eq!(twin("depth/0001.png"), None);
        assert_eq!(twin("labels/0001.PNG"), None);
    }
}
