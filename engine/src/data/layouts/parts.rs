//! What layouts have in common: looking at a folder, and the pieces of a manifest.

use std::path::{Path, PathBuf};

use crate::data::decode;
use crate::data::folders::Folders;
use crate::data::manifest::{LabelFiles, MANIFEST_VERSION, Manifest, ModalityFiles, SplitSource, TagRule};
use crate::data::pattern::Pattern;
use crate::data::sample::ModalityKind;
use crate::progress::disk;
use crate::protocol::Proposal;

/// Whether the folder has each of these folders, spelt exactly so (some file systems do not tell `RGB` from `rgb`).
pub(super) fn has_folders(root: &Path, names: &[&str]) -> bool {
    let spelt = |parent: &Path, name: &str| {
        let entries = disk::list(parent).ok()?;
        entries.flatten().any(|entry| entry.file_name() == name && entry.path().is_dir()).then(|| parent.join(name))
    };
    names.iter().all(|name| name.split('/').try_fold(root.to_owned(), |parent, step| spelt(&parent, step)).is_some())
}

/// The first file, by name, that fits a pattern without `{split}`, and the id in it.
pub(super) fn first_file(root: &Path, pattern: &str) -> Option<(String, PathBuf)> {
    let parsed = Pattern::parse(pattern).ok()?;
    let found = parsed.find(root, "", &mut |_| Ok(())).ok()?.captures;
    found.first().map(|captures| (captures[0].1.clone(), parsed.path(root, "", captures, &Folders::default())))
}

/// Bits and channels of an image file; a broken one counts as plain 8-bit, its error comes when it is read.
pub(super) fn depth_and_channels(path: &Path) -> (u8, usize) {
    decode::read_header(path).map_or((8, 1), |header| (header.bits, header.channels))
}

/// A split for each list that exists; all samples as `test` where there is none.
pub(super) fn listed_splits(root: &Path, names: &[&str]) -> Vec<SplitSource> {
    let list = |name: &&str| format!("{name}.txt");
    let exists = |name: &&&str| disk::is_file(&root.join(list(name)));
    let splits: Vec<_> = names.iter().filter(exists).map(|name| SplitSource::listed(name, &list(name))).collect();
    if splits.is_empty() { vec![SplitSource::found("test")] } else { splits }
}

/// A manifest without class maps.
pub(super) fn manifest(name: &str, modalities: Vec<ModalityFiles>, splits: Vec<SplitSource>) -> Manifest {
    Manifest {
        version: MANIFEST_VERSION,
        name: name.to_owned(),
        class_map: String::new(),
        modalities,
        labels: None,
        splits,
        tags: Vec::new(),
        class_maps: Vec::new(),
        proposals: Vec::new(),
    }
}

/// A colour and a thermal camera, 8 bits each.
pub(super) fn colour_and_thermal(colour: &str, thermal: &str) -> Vec<ModalityFiles> {
    vec![
        ModalityFiles::new("colour", ModalityKind::Colour, colour),
        ModalityFiles::new("thermal", ModalityKind::Thermal, thermal),
    ]
}

/// MFNet's naming: the last letter of an id tells day from night.
pub(super) fn day_and_night() -> Vec<TagRule> {
    vec![TagRule::by_suffix("day", "D"), TagRule::by_suffix("night", "N")]
}

/// Whether an id is one of MFNet's: digits and a closing D or N.
pub(super) fn is_day_or_night(id: &str) -> bool {
    let digits = id.strip_suffix(['D', 'N']).unwrap_or("");
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether an id is a number, as many data sets have them.
pub(super) fn is_number(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// Labels of these classes, the ids stored as they are.
pub(super) fn labels(pattern: &str, classes: &[(&str, [u8; 3])]) -> LabelFiles {
    LabelFiles {
        pattern: pattern.to_owned(),
        names: classes.iter().map(|(name, _)| (*name).to_owned()).collect(),
        colours: classes.iter().map(|(_, colour)| *colour).collect(),
        ..LabelFiles::default()
    }
}

/// A sensor of as many bits and channels as its first file has.
pub(super) fn as_stored(root: &Path, name: &str, kind: ModalityKind, pattern: &str) -> ModalityFiles {
    let (bits, channels) = first_file(root, pattern).map_or((8, 1), |(_, file)| depth_and_channels(&file));
    let channels = Some(if channels < 3 { 1 } else { 3 });
    ModalityFiles { bit_depth: bits, channels, ..ModalityFiles::new(name, kind, pattern) }
}

/// The splits among `train`, `val` and `test` for which each of these folders exists; `{split}` stands for the split.
pub(super) fn splits_in_folders(root: &Path, folders: &[&str]) -> Vec<SplitSource> {
    let has = |split: &&&str| folders.iter().all(|folder| has_folders(root, &[&folder.replace("{split}", split)]));
    ["train", "val", "test"].iter().filter(has).map(|split| SplitSource::found(split)).collect()
}

/// Settings that a paper takes in place of its preset's.
pub(super) fn proposal(recipe: &str, why: &str, settings: &[&str]) -> Proposal {
    Proposal { recipe: recipe.to_owned(), why: why.to_owned(), settings: words(settings) }
}

pub(super) fn words(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
