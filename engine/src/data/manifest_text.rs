//! A manifest as text: read, checked, written.

use std::path::Path;

use super::error::DataError;
use super::manifest::{MANIFEST_NAME, MANIFEST_VERSION, Manifest};
use super::manifest_check::check_manifest;
use super::text::{MAX_MANIFEST_BYTES, read_text};
use crate::files::toml_error;

impl Manifest {
    /// Reads and checks the manifest at `path`.
    pub fn read(path: &Path) -> Result<Self, DataError> {
        let text = read_text(path, "the manifest", MAX_MANIFEST_BYTES)?;
        if text.contains('\0') {
            return Err(DataError::ManifestSyntax {
                reason: "it is no text; give a folder, or a `dataset.toml`".to_owned(),
                path: path.to_owned(),
            });
        }
        Self::from_toml(&text, path)
    }

    /// Reads and checks a manifest's text; `path` is for messages.
    pub fn from_toml(text: &str, path: &Path) -> Result<Self, DataError> {
        let text = text.trim_start_matches('\u{feff}');
        let syntax =
            |error| DataError::ManifestSyntax { reason: toml_error::reason(text, &error), path: path.to_owned() };
        // The version first: a newer manifest may have keys that are unknown here.
        let table: toml::Table = text.parse().map_err(syntax)?;
        if let Some(found) = table.get("version").and_then(toml::Value::as_integer)
            && found > MANIFEST_VERSION
        {
            return Err(DataError::NewerManifest { found, supported: MANIFEST_VERSION, path: path.to_owned() });
        }
        let manifest: Self = toml::from_str(text).map_err(syntax)?;
        check_manifest(&manifest).map_err(|refused| refused.in_file(path))?;
        Ok(manifest)
    }

    /// The manifest as text that reads back the same.
    pub fn to_toml(&self) -> Result<String, DataError> {
        toml::to_string(self)
            .map_err(|error| DataError::ManifestSyntax { reason: error.to_string(), path: MANIFEST_NAME.into() })
    }
}
