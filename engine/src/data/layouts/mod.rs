//! Public data sets in the folder structures in which people have them: each looks at a folder and makes a manifest.
//!
//! A new layout is one file with a function like the others' and one line in [`LAYOUTS`].

mod mfnet;
mod msrs;
mod nyudv2;

use std::path::{Path, PathBuf};

use super::decode;
use super::manifest::{MANIFEST_VERSION, Manifest, ModalityFiles, SplitSource, TagRule};
use super::pattern::Pattern;
use super::sample::ModalityKind;
use crate::progress::{Progress, Stopped, disk, tell};

/// A folder structure that is recognised without a manifest.
pub struct Layout {
    /// What the message about an unrecognised folder calls it.
    pub name: &'static str,
    /// The manifest of a folder that has this structure.
    recognise: fn(&Path) -> Option<Manifest>,
}

/// All layouts, in the order in which they are tried.
pub static LAYOUTS: &[Layout] = &[
    Layout { name: "MFNet (official)", recognise: mfnet::official },
    Layout { name: "MFNet (CMX)", recognise: mfnet::cmx },
    Layout { name: "MFNet (MRFS)", recognise: mfnet::mrfs },
    Layout { name: "MSRS", recognise: msrs::official },
    Layout { name: "MSRS (SeAFusion)", recognise: msrs::sea_fusion },
    Layout { name: "NYUDv2 (CMX)", recognise: nyudv2::cmx },
    Layout { name: "NYUDv2 (CEN)", recognise: nyudv2::cen },
];

/// The manifest of the first layout that the folder fits.
pub(crate) fn recognise(root: &Path, progress: &mut Progress<'_>) -> Result<Option<Manifest>, Stopped> {
    for layout in LAYOUTS {
        tell(progress, "Looking at the folder", 0, 0)?;
        if let Some(manifest) = (layout.recognise)(root) {
            return Ok(Some(manifest));
        }
    }
    Ok(None)
}

/// The layouts' names, for messages.
pub(crate) fn names() -> String {
    LAYOUTS.iter().map(|layout| layout.name).collect::<Vec<_>>().join(", ")
}

/// Whether the folder has each of these folders, spelt exactly so (some file systems do not tell `RGB` from `rgb`).
fn has_folders(root: &Path, names: &[&str]) -> bool {
    let spelt = |parent: &Path, name: &str| {
        let entries = disk::list(parent).ok()?;
        entries.flatten().any(|entry| entry.file_name() == name && entry.path().is_dir()).then(|| parent.join(name))
    };
    names.iter().all(|name| name.split('/').try_fold(root.to_owned(), |parent, step| spelt(&parent, step)).is_some())
}

/// The first file, by name, that fits a pattern without `{split}`, and the id in it.
fn first_file(root: &Path, pattern: &str) -> Option<(String, PathBuf)> {
    let parsed = Pattern::parse(pattern).ok()?;
    let found = parsed.find(root, "", &mut |_| Ok(())).ok()?.captures;
    found.first().map(|captures| (captures[0].1.clone(), parsed.path(root, "", captures)))
}

/// Bits and channels of an image file; a broken one counts as plain 8-bit, its error comes when it is read.
fn depth_and_channels(path: &Path) -> (u8, usize) {
    decode::read_header(path).map_or((8, 1), |header| (header.bits, header.channels))
}

/// A split for each list that exists; all samples as `test` where there is none.
fn listed_splits(root: &Path, names: &[&str]) -> Vec<SplitSource> {
    let list = |name: &&str| format!("{name}.txt");
    let exists = |name: &&&str| disk::is_file(&root.join(list(name)));
    let splits: Vec<_> = names.iter().filter(exists).map(|name| SplitSource::listed(name, &list(name))).collect();
    if splits.is_empty() { vec![SplitSource::found("test")] } else { splits }
}

/// A manifest without class maps.
fn manifest(name: &str, modalities: Vec<ModalityFiles>, splits: Vec<SplitSource>) -> Manifest {
    Manifest {
        version: MANIFEST_VERSION,
        name: name.to_owned(),
        class_map: String::new(),
        modalities,
        labels: None,
        splits,
        tags: Vec::new(),
        class_maps: Vec::new(),
    }
}

/// A colour and a thermal camera, 8 bits each.
fn colour_and_thermal(colour: &str, thermal: &str) -> Vec<ModalityFiles> {
    vec![
        ModalityFiles::new("colour", ModalityKind::Colour, colour),
        ModalityFiles::new("thermal", ModalityKind::Thermal, thermal),
    ]
}

/// MFNet's naming: the last letter of an id tells day from night.
fn day_and_night() -> Vec<TagRule> {
    vec![TagRule::by_suffix("day", "D"), TagRule::by_suffix("night", "N")]
}

/// Whether an id is one of MFNet's: digits and a closing D or N.
fn is_day_or_night(id: &str) -> bool {
    let digits = id.strip_suffix(['D', 'N']).unwrap_or("");
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn words(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[cfg(test)]
mod tests;
