//! Class maps in files of their own: how one data set's classes become those of a network that was trained on another.

use std::path::Path;

use super::dataset::Dataset;
use super::error::DataError;
use super::manifest::ClassMap;
use super::manifest_check::check_class_map;
use super::sample::IGNORE;
use super::text::{MAX_MANIFEST_BYTES, read_text};
use crate::files::{toml_error, write_whole};

impl ClassMap {
    /// Whether `data.class_map` names a file rather than a map of the manifest.
    pub(super) fn is_file(name: &str) -> bool {
        Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
    }

    /// Reads a map for label files of `classes` classes: a file with the keys of one of the manifest's `class_maps`.
    pub fn read(path: &Path, classes: usize) -> Result<Self, DataError> {
        let text = read_text(path, "the class map", MAX_MANIFEST_BYTES)?;
        let map: Self = toml::from_str(&text).map_err(|error| DataError::ManifestSyntax {
            reason: toml_error::reason(&text, &error),
            path: path.to_owned(),
        })?;
        check_class_map(&map, "class_map", classes).map_err(|refused| refused.in_file(path))?;
        Ok(map)
    }

    /// Writes the map where [`ClassMap::read`] finds it, whole or not at all.
    pub fn write(&self, path: &Path) -> Result<(), DataError> {
        let refused =
            |reason: String| DataError::Unwritable { what: "the class map".to_owned(), reason, path: path.to_owned() };
        let text = toml::to_string(self).map_err(|error| refused(error.to_string()))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| refused(error.to_string()))?;
        }
        write_whole(path, text.as_bytes()).map_err(|error| refused(error.to_string()))
    }
}

impl Dataset {
    /// The map that turns the label files' own classes into those of `names`, where `picks` says which of these each of
    /// [`Dataset::classes`] becomes; `None` counts nowhere, and so does a class without a pick.
    pub fn class_map_of(&self, name: &str, picks: &[Option<u8>], names: &[String], colours: &[[u8; 3]]) -> ClassMap {
        let own = self.manifest.labels.as_ref().map_or(0, |labels| labels.names.len());
        let before = |class: usize| match &self.class_map {
            Some(map) => map.map.get(class).copied().unwrap_or(IGNORE),
            None => u8::try_from(class).unwrap_or(IGNORE),
        };
        let after = |class: u8| picks.get(usize::from(class)).copied().flatten().unwrap_or(IGNORE);
        ClassMap {
            name: name.to_owned(),
            map: (0..own).map(|class| after(before(class))).collect(),
            names: names.to_vec(),
            colours: colours.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{CLASSES, TinyData, open_tiny_data, write_tiny_data};

    #[test]
    fn a_map_made_by_names_is_read_from_its_file_and_joins_the_labels() {
        let folder = tempfile::tempdir().unwrap();
        write_tiny_data(folder.path(), &TinyData::default()).unwrap();
        let dataset = open_tiny_data(folder.path()).unwrap();
        let names = ["thing".to_owned(), "ground".to_owned()];
        let mut picks = vec![Some(0); CLASSES.len()];
        picks[0] = Some(1);
        picks[1] = None;
        let map = dataset.class_map_of("mine", &picks, &names, &[[1, 2, 3], [4, 5, 6]]);
        let file = folder.path().join("maps/mine.toml");
        map.write(&file).unwrap();
        let own = dataset.sample("val", 0, &[0]).unwrap().label.unwrap();
        let mapped = dataset.with_class_map(&file.to_string_lossy()).unwrap();
        assert_eq!((mapped.classes.as_slice(), mapped.colours[1]), (&names[..], [4, 5, 6]));
        let label = mapped.sample("val", 0, &[0]).unwrap().label.unwrap();
        let expected = |id: &u8| match *id {
            IGNORE | 1 => IGNORE,
            0 => 1,
            _ => 0,
        };
        assert_eq!(label, own.iter().map(expected).collect::<Vec<u8>>());

        // A map of mapped classes is one of the labels' own.
        let back = mapped.class_map_of("back", &[Some(5), Some(6)], &names, &[]);
        assert_eq!((back.map[0], back.map[1], back.map[2]), (6, IGNORE, 5));
    }

    #[test]
    fn a_map_for_other_classes_is_refused_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("other.toml");
        let map = ClassMap { name: "other".to_owned(), map: vec![0], names: vec!["a".to_owned()], colours: Vec::new() };
        map.write(&file).unwrap();
        assert_eq!(ClassMap::read(&file, 1).unwrap(), map);
        for classes in [0, 2, 40] {
            let message = ClassMap::read(&file, classes).unwrap_err().to_string();
            assert!(message.contains("other.toml") && message.contains(&classes.to_string()), "{message}");
        }
        std::fs::write(&file, "name = 3").unwrap();
        assert!(ClassMap::read(&file, 1).unwrap_err().to_string().contains("other.toml"));
        assert!(ClassMap::read(&folder.path().join("none.toml"), 1).unwrap_err().to_string().contains("none.toml"));
    }
}
