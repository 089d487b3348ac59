//! Names of image files in folders, read once a folder: endings fit in any letter case, and two files of one name are
//! noticed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::progress::disk;

/// Endings of image formats that can be read, in the order in which they are preferred.
pub(crate) const ENDINGS: &[&str] = &["png", "jpg", "jpeg", "tif", "tiff", "npy"];

/// Whether files that end so are images, in any letter case.
pub(crate) fn is_image_ending(ending: &str) -> bool {
    rank(ending).is_some()
}

fn rank(ending: &str) -> Option<usize> {
    ENDINGS.iter().position(|known| known.eq_ignore_ascii_case(ending))
}

/// A name without the ending of an image, and the ending.
pub(crate) fn split_ending(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.').filter(|(stem, ending)| !stem.is_empty() && is_image_ending(ending))
}

/// What was read of folders so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folders {
    known: RefCell<HashMap<PathBuf, HashMap<String, Vec<String>>>>,
}

impl Folders {
    /// The images in a folder that bear this name before their ending, the preferred first.
    pub(crate) fn images(&self, folder: &Path, stem: &str) -> Vec<PathBuf> {
        let mut known = self.known.borrow_mut();
        let names = known.entry(folder.to_owned()).or_insert_with(|| names_in(folder));
        names.get(stem).into_iter().flatten().map(|name| folder.join(name)).collect()
    }
}

/// Names by what stands before the ending; nothing for a folder that cannot be read, which is named where its files are
/// missed.
fn names_in(folder: &Path) -> HashMap<String, Vec<String>> {
    let mut names: HashMap<String, Vec<String>> = HashMap::new();
    for name in disk::names(folder).into_iter().flatten().flatten() {
        if let Some(name) = name.to_str()
            && let Some((stem, _)) = split_ending(name)
        {
            names.entry(stem.to_owned()).or_default().push(name.to_owned());
        }
    }
    let order = |name: &String| {
        let ending = split_ending(name).map_or("", |(_, ending)| ending);
        // The plain spelling before others.
        (rank(ending), !ENDINGS.contains(&ending), name.clone())
    };
    for names in names.values_mut() {
        names.sort_by_cached_key(order);
    }
    names
}
