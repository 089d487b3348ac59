//! What was opened last, the newest first.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, Serializer};

/// How many are remembered.
const KEPT: usize = 8;

/// Folders and files that were opened, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Recent(#[serde(serialize_with = "texts")] Vec<PathBuf>);

/// The paths that are text: one that is none would keep all else from being remembered too.
fn texts<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(paths.iter().filter_map(|path| path.to_str()))
}

impl Recent {
    /// Puts one in front.
    pub(super) fn remember(&mut self, path: &Path) {
        // It shall be found again from whatever folder the program is started in.
        let path = std::path::absolute(path).unwrap_or_else(|_unknown| path.to_owned());
        self.0.retain(|known| *known != path);
        self.0.insert(0, path);
        self.0.truncate(KEPT);
    }

    /// All of them.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stands_first_and_once() {
        let mut recent = Recent::default();
        for name in ["/a", "/b", "/a"] {
            recent.remember(Path::new(name));
        }
        assert_eq!(recent.paths(), [PathBuf::from("/a"), PathBuf::from("/b")]);
        for number in 0..20 {
            recent.remember(&PathBuf::from(format!("/run-{number}")));
        }
        assert_eq!(recent.paths().len(), KEPT);
        assert_eq!(recent.paths()[0], PathBuf::from("/run-19"));
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_text_keeps_no_other_from_being_remembered() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;

        let mut recent = Recent::default();
        recent.remember(Path::new("/a"));
        recent.remember(Path::new(OsStr::from_bytes(b"/d\xff")));
        assert_eq!(recent.paths().len(), 2);
        assert_eq!(serde_json::to_string(&recent).unwrap(), r#"["/a"]"#);
    }
}
