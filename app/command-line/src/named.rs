//! Runs that are given a name on the command line.

use std::ffi::OsStr;
use std::path::PathBuf;

/// `NAME=RUN` as both, `RUN` where no name is given or where a file is called so as a whole.
pub fn named(words: &OsStr) -> (Option<String>, PathBuf) {
    let path = PathBuf::from(words);
    match words.to_str().and_then(|words| words.split_once('=')) {
        Some((name, rest)) if !name.is_empty() && !path.exists() => (Some(name.to_owned()), PathBuf::from(rest)),
        _ => (None, path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_may_be_named_and_a_path_may_hold_any_sign() {
        assert_eq!(named(OsStr::new("ogp=runs/a")), (Some("ogp".to_owned()), "runs/a".into()));
        assert_eq!(named(OsStr::new("runs/a")), (None, "runs/a".into()));
        assert_eq!(named(OsStr::new("=a")), (None, "=a".into()));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a=b");
        std::fs::create_dir(&path).unwrap();
        assert_eq!(named(path.as_os_str()), (None, path));
    }
}
