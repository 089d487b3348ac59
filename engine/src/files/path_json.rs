//! Paths in JSON: a text where they are one, else the bytes as the system has them, `{"Unix": [47, 255]}`, so that any
//! file can be named and found again.
//!
//! For `#[serde(with = "path_json")]` and for values made by hand.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize as _, Serializer};
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(PathBuf),
    Bytes(OsString),
}

impl From<Stored> for PathBuf {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Text(path) => path,
            Stored::Bytes(bytes) => bytes.into(),
        }
    }
}

/// Writes a path.
pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    match path.to_str() {
        Some(text) => serializer.serialize_str(text),
        None => path.as_os_str().serialize(serializer),
    }
}

/// Reads a path.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    Stored::deserialize(deserializer).map(PathBuf::from)
}

/// The same for a path that may be lacking.
pub mod optional {
    use std::path::PathBuf;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::Stored;

    /// Writes a path, or nothing.
    #[allow(clippy::ref_option, reason = "serde hands over the field as it is")]
    pub fn serialize<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
        match path {
            Some(path) => super::serialize(path, serializer),
            None => None::<&str>.serialize(serializer),
        }
    }

    /// Reads a path, or nothing.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<Stored>::deserialize(deserializer)?.map(PathBuf::from))
    }
}

/// A path as a value.
pub fn value(path: &Path) -> Value {
    path.to_str().map_or_else(|| json!(path.as_os_str()), |text| json!(text))
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[derive(serde::Serialize, Deserialize)]
    struct Card {
        #[serde(with = "super")]
        path: PathBuf,
    }

    #[test]
    fn paths_of_any_bytes_read_back() {
        for (bytes, text) in [(&b"/d\xff"[..], r#"{"path":{"Unix":[47,100,255]}}"#), (b"/a b", r#"{"path":"/a b"}"#)] {
            let path = PathBuf::from(OsStr::from_bytes(bytes));
            assert_eq!(serde_json::to_string(&Card { path: path.clone() }).unwrap(), text);
            assert_eq!(serde_json::from_str::<Card>(text).unwrap().path, path);
            assert_eq!(json!({"path": value(&path)}).to_string(), text);
        }
    }
}
