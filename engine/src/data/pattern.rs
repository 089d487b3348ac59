//! File patterns such as `{split}/colour/{id}.png`: filled in for one sample, or matched against a folder to find
//! samples.

use std::path::{Path, PathBuf};

use super::error::DataError;
use super::folders::{Folders, is_image_ending, split_ending};
pub(crate) use super::segment::Captures;
use super::segment::{Part, match_parts, parts, repeated};
use crate::progress::{Stopped, disk};
use crate::protocol::counted;

/// A relative path with placeholders: `{split}`, `{id}` and any other word; each stands for at least one character
/// and never for a `/`. In one segment at most one new word may come twice. A closing `.*` stands for the extension of
/// any image format that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    segments: Vec<Vec<Part>>,
    any_extension: bool,
}

/// No path is longer on any system.
const LONGEST_PATTERN: usize = 4096;

/// A file or folder on the way, and what the placeholders before it stand for.
type Branch = (PathBuf, Captures);

/// What a pattern found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) captures: Vec<Captures>,
    /// Folders that could not be read.
    pub(crate) unreadable: Vec<(PathBuf, DataError)>,
}

impl Pattern {
    /// Reads a pattern; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (body, any_extension) = text.strip_suffix(".*").map_or((text, false), |body| (body, true));
        if body.is_empty() {
            return Err("an empty pattern".to_owned());
        }
        if text.len() > LONGEST_PATTERN {
            return Err(format!("a pattern of {} letters, more than {LONGEST_PATTERN}", text.len()));
        }
        let segments = body.split(['/', '\\']).filter(|segment| !segment.is_empty() && *segment != ".");
        let segments = segments.map(parts).collect::<Result<Vec<_>, _>>()?;
        let mut known = Vec::new();
        for segment in &segments {
            if let [one, other, ..] = repeated(segment, &known)[..] {
                return Err(format!("`{text}`, where both `{{{one}}}` and `{{{other}}}` come twice in one name"));
            }
            known.extend(segment.iter().filter_map(Part::hole));
        }
        if body.starts_with(['/', '\\']) {
            return Err(format!("`{text}`, which is not relative to the manifest's folder"));
        }
        Ok(Self { segments, any_extension })
    }

    /// Names of the placeholders in order, `split` left out, none twice.
    pub(crate) fn holes(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.segments.iter().flatten().filter_map(Part::hole) {
            if name != "split" && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The path for these values; a placeholder without a value stays as it is written. Of files whose ending differs
    /// in letter case, and of all that a closing `.*` fits, that which is preferred; `.png` where there is none.
    pub(crate) fn path(&self, root: &Path, split: &str, captures: &Captures, folders: &Folders) -> PathBuf {
        self.paths(root, split, captures, folders).swap_remove(0)
    }

    /// [`Pattern::path`], and all others that fit as well.
    pub(crate) fn paths(&self, root: &Path, split: &str, captures: &Captures, folders: &Folders) -> Vec<PathBuf> {
        let mut path = root.to_owned();
        for segment in &self.segments {
            path.push(segment.iter().map(|part| fill(part, split, captures)).collect::<String>());
        }
        let (folder, name) = (path.parent().unwrap_or(root), path.file_name().and_then(std::ffi::OsStr::to_str));
        let mut found = match name {
            Some(stem) if self.any_extension => folders.images(folder, stem),
            Some(name) if !disk::is_file(&path) => split_ending(name).map_or_else(Vec::new, |(stem, ending)| {
                let fits = |path: &PathBuf| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
                folders.images(folder, stem).into_iter().filter(fits).collect()
            }),
            _ => Vec::new(),
        };
        if found.is_empty() {
            if self.any_extension {
                path.as_mut_os_string().push(".png");
            }
            found.push(path);
        }
        found
    }

    /// The placeholders' values if the pattern, as a single line of text, matches all of `text`.
    pub(crate) fn matches(&self, text: &str) -> Option<Captures> {
        let mut captures = Captures::new();
        let mut found: Vec<&str> = text.split('/').collect();
        if self.any_extension {
            let last = found.pop()?;
            let (stem, extension) = last.rsplit_once('.')?;
            is_image_ending(extension).then(|| found.push(stem))?;
        }
        if found.len() != self.segments.len() {
            return None;
        }
        let fits = self.segments.iter().zip(found).all(|(segment, text)| match_parts(segment, text, &mut captures));
        // Values become steps of paths, which never lead upwards.
        let are_names = !captures.iter().any(|(_, value)| value == "." || value == "..");
        (fits && are_names).then_some(captures)
    }

    /// Every set of values for which a file exists under `root`, sorted. Only as many levels are read as the pattern
    /// has, so folders that link to themselves do no harm. Folders that cannot be read are passed over and named. At
    /// every folder and file `goes_on` is asked, with how many have been found.
    pub(crate) fn find(
        &self,
        root: &Path,
        split: &str,
        goes_on: &mut dyn FnMut(u64) -> Result<(), Stopped>,
    ) -> Result<Found, Stopped> {
        let mut found = Found::default();
        let mut level = vec![(root.to_owned(), Captures::new())];
        for (depth, segment) in self.segments.iter().enumerate() {
            let last = depth + 1 == self.segments.len();
            let mut next = Vec::new();
            for (folder, captures) in level {
                let to = (&mut next, &mut found.unreadable);
                match self.descend((&folder, &captures), segment, split, last, to, goes_on) {
                    Ok(()) => {}
                    Err(DataError::Stopped(stopped)) => return Err(stopped),
                    Err(error) => found.unreadable.push((folder, error)),
                }
            }
            level = next;
        }
        found.captures = level.into_iter().map(|(_, captures)| captures).collect();
        found.captures.sort();
        found.captures.dedup();
        Ok(found)
    }

    fn descend(
        &self,
        (folder, captures): (&Path, &Captures),
        segment: &[Part],
        split: &str,
        last: bool,
        (next, unreadable): (&mut Vec<Branch>, &mut Vec<(PathBuf, DataError)>),
        goes_on: &mut dyn FnMut(u64) -> Result<(), Stopped>,
    ) -> Result<(), DataError> {
        let refused = |error: std::io::Error| DataError::unreadable("a folder of the data set", folder, &error);
        goes_on(next.len() as u64)?;
        let segment: Vec<Part> = segment.iter().map(|part| bound(part, split, captures)).collect();
        if let [Part::Text(name)] = segment.as_slice()
            && !(last && self.any_extension)
        {
            let path = folder.join(name);
            if disk::exists(&path) {
                next.push((path, captures.clone()));
            } else if let Some(error) = disk::lack(&path) {
                return Err(refused(error));
            }
            return Ok(());
        }
        let names = match disk::names(folder) {
            Ok(names) => names,
            // A file where other branches have a folder: not a match.
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Ok(()),
            Err(error) => return Err(refused(error)),
        };
        let mut no_text = Vec::new();
        for entry in names {
            goes_on(next.len() as u64)?;
            let entry = entry.map_err(refused)?;
            let name = entry.to_string_lossy();
            if name.starts_with('.') {
                continue;
            }
            let stem = if last && self.any_extension {
                match split_ending(&name) {
                    Some((stem, _)) => stem.to_owned(),
                    None => continue,
                }
            } else {
                as_spelt(&name, &segment)
            };
            let mut captures = captures.clone();
            if match_parts(&segment, &stem, &mut captures) {
                let (is_text, path) = (entry.to_str().is_some(), folder.join(&entry));
                if is_text { next.push((path, captures)) } else { no_text.push(path) }
            }
        }
        if let Some(first) = no_text.first() {
            let names = counted(no_text.len() as u64, "name is/names are");
            let reason = format!("{names} no text (not UTF-8), so that no id comes of it; rename the files");
            let error = std::io::Error::new(std::io::ErrorKind::InvalidData, reason);
            unreadable.push((folder.to_owned(), DataError::unreadable("all files of a folder", first, &error)));
        }
        Ok(())
    }
}

/// A file's name with its ending in the letter case of the pattern's.
fn as_spelt(name: &str, segment: &[Part]) -> String {
    if let Some(Part::Text(text)) = segment.last()
        && let (Some((_, wanted)), Some((stem, ending))) = (text.rsplit_once('.'), split_ending(name))
        && wanted.eq_ignore_ascii_case(ending)
    {
        return format!("{stem}.{wanted}");
    }
    name.to_owned()
}

fn value<'a>(name: &str, split: &'a str, captures: &'a Captures) -> Option<&'a str> {
    if name == "split" {
        return Some(split);
    }
    captures.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn fill(part: &Part, split: &str, captures: &Captures) -> String {
    match part {
        Part::Text(text) => text.clone(),
        Part::Hole(name) => value(name, split, captures).map_or_else(|| format!("{{{name}}}"), str::to_owned),
    }
}

fn bound(part: &Part, split: &str, captures: &Captures) -> Part {
    match part {
        Part::Hole(name) if value(name, split, captures).is_some() => Part::Text(fill(part, split, captures)),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captures(pattern: &str, text: &str) -> Option<Vec<String>> {
        let captures = Pattern::parse(pattern).unwrap().matches(text)?;
        Some(captures.into_iter().map(|(_, value)| value).collect())
    }

    #[test]
    fn placeholders_match_names_with_spaces_and_letters_of_any_script() {
        assert_eq!(captures("{id}.png", "Straße 12.png").unwrap(), ["Straße 12"]);
        assert_eq!(captures("{set}_{video}_{id}.png", "set00_V000_I01.png").unwrap(), ["set00", "V000", "I01"]);
        assert_eq!(captures("{id}v.*", "a.bv.jpg").unwrap(), ["a.b"]);
        assert_eq!(captures("{id}/{id}.png", "a/b.png"), None);
        assert_eq!(captures("{id}/{id}.png", "a/a.png").unwrap(), ["a"]);
        assert_eq!(captures("{a}/{b}/{a}{b}_{a}{b}.png", "x/y/xy_xy.png").unwrap(), ["x", "y"]);
    }

    #[test]
    fn bad_patterns_are_refused_in_words() {
        for text in ["", ".*", "{id.png", "{}.png", "{a b}.png", "/etc/{id}", "{a}{b}_{a}{b}.png"] {
            assert!(!Pattern::parse(text).unwrap_err().is_empty(), "{text}");
        }
    }

    #[test]
    fn files_are_found_and_named_alike() {
        let root = tempfile::tempdir().unwrap();
        for name in ["img/fog/train/M1/2_rgb.png", "img/sun/train/M1/1_rgb.jpg", "img/sun/val/M1/1_rgb.jpg"] {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, b"").unwrap();
        }
        let pattern = Pattern::parse("img/{weather}/{split}/{map}/{id}_rgb.*").unwrap();
        assert_eq!(pattern.holes(), ["weather", "map", "id"]);
        let found = pattern.find(root.path(), "train", &mut |_| Ok(())).unwrap().captures;
        assert_eq!(found.len(), 2);
        assert_eq!(found[0][0].1, "fog");
        assert!(
            pattern.path(root.path(), "train", &found[1], &Folders::default()).ends_with("img/sun/train/M1/1_rgb.jpg")
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_links_to_itself_ends() {
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(".", root.path().join("loop")).unwrap();
        std::os::unix::fs::symlink("circle", root.path().join("circle")).unwrap();
        let pattern = Pattern::parse("{a}/{b}/{c}/{id}.png").unwrap();
        let found = pattern.find(root.path(), "train", &mut |_| Ok(())).unwrap();
        assert!(found.captures.is_empty());
        let named: Vec<String> = found.unreadable.iter().map(|(_, error)| error.to_string()).collect();
        assert!(named.iter().any(|error| error.ends_with("circle")), "{named:?}");
    }
}
