//! Which of several encoders in one file of weights is meant.

use std::path::{Path, PathBuf};

/// The file, and the prefix that stands behind its name and a `#`, where there is no file of the whole name.
pub fn file_and_prefix(path: &Path) -> (PathBuf, Option<String>) {
    let text = path.to_string_lossy();
    match text.rsplit_once('#') {
        Some((file, prefix)) if !path.is_file() && !file.is_empty() => {
            let dot = if prefix.is_empty() || prefix.ends_with('.') { "" } else { "." };
            (PathBuf::from(file), Some(format!("{prefix}{dot}")))
        }
        _ => (path.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_stands_behind_the_name_unless_a_file_is_called_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a#1.pth");
        assert_eq!(file_and_prefix(&path), (folder.path().join("a"), Some("1.pth.".to_owned())));
        std::fs::write(&path, b"").unwrap();
        assert_eq!(file_and_prefix(&path), (path.clone(), None));
        let asked = PathBuf::from(format!("{}#rgb.", path.display()));
        assert_eq!(file_and_prefix(&asked), (path, Some("rgb.".to_owned())));
        assert_eq!(file_and_prefix(Path::new("w.pth#")), (PathBuf::from("w.pth"), Some(String::new())));
    }
}
