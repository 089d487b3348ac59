//! The folders below which runs are listed.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, Serializer};

use crate::places;

/// The user's folders of runs; until there is a choice that into which this program puts its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct RunsFolders(#[serde(serialize_with = "texts")] Option<Vec<PathBuf>>);

/// The paths that are text: one that is none would keep all else from being remembered too.
#[allow(clippy::ref_option, reason = "serde hands over the field as it is")]
fn texts<S: Serializer>(paths: &Option<Vec<PathBuf>>, serializer: S) -> Result<S::Ok, S::Error> {
    let texts = paths.as_ref().map(|paths| paths.iter().filter_map(|path| path.to_str()).collect::<Vec<_>>());
    texts.serialize(serializer)
}

impl RunsFolders {
    /// This one alone.
    pub(super) fn only(path: &Path) -> Self {
        Self(Some(vec![path.to_owned()]))
    }

    /// Whether nobody has chosen.
    pub(super) fn is_untouched(&self) -> bool {
        self.0.is_none()
    }

    /// All of them, in the order in which they were added.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.0.clone().unwrap_or_else(|| vec![absolute(&places::runs())])
    }

    /// One more.
    pub(super) fn add(&mut self, path: &Path) {
        let (mut paths, path) = (self.paths(), absolute(path));
        if !paths.contains(&path) {
            paths.push(path);
        }
        self.0 = Some(paths);
    }

    /// One less.
    pub(super) fn remove(&mut self, path: &Path) {
        let mut paths = self.paths();
        paths.retain(|known| known != path);
        self.0 = Some(paths);
    }
}

/// It shall be found again from whatever folder the program is started in.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_unknown| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_added_once_and_kept_and_the_own_one_can_be_left_out() {
        let mut folders = RunsFolders::default();
        let own = absolute(&places::runs());
        assert_eq!(folders.paths(), std::slice::from_ref(&own));
        for _ in 0..2 {
            folders.add(Path::new("/studies"));
        }
        assert_eq!(folders.paths(), [own.clone(), PathBuf::from("/studies")]);
        folders.remove(&own);
        let kept = serde_json::to_string(&folders).unwrap();
        assert_eq!(serde_json::from_str::<RunsFolders>(&kept).unwrap().paths(), [PathBuf::from("/studies")]);
        folders.remove(Path::new("/studies"));
        let kept = serde_json::to_string(&folders).unwrap();
        assert!(serde_json::from_str::<RunsFolders>(&kept).unwrap().paths().is_empty());
    }
}
