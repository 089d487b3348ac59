//! Whether a folder that is laid out like a public data set holds that data set: other people use the same folder
//! names.

use std::path::Path;

use crate::data::decode::{self, Raster};
use crate::data::folders::Folders;
use crate::data::manifest::Manifest;
use crate::data::pattern::{Captures, Pattern};
use crate::data::sample::IGNORE;
use crate::progress::Stopped;

/// Files that are looked at: enough to tell, and soon read.
const IDS: usize = 16;
const LABELS: usize = 4;

/// What tells a data set from others in the same folders.
pub(super) struct Signs {
    /// Whether an id is one of its.
    pub(super) is_id: fn(&str) -> bool,
    /// What its ids are, in words.
    pub(super) ids: &'static str,
    /// The largest id in its label files, but for 255.
    pub(super) max_label: u16,
    /// Width and height of its images as published; copies of other sizes are common.
    pub(super) size: (usize, usize),
}

/// Why the folder is taken for the data set, or why it is not, in words. `goes_on` is asked at every file.
pub(super) fn examine(
    root: &Path,
    manifest: &Manifest,
    signs: &Signs,
    goes_on: &mut dyn FnMut(u64) -> Result<(), Stopped>,
) -> Result<Result<String, String>, Stopped> {
    let Some((pattern, (folder, scenes))) = scenes(root, manifest, goes_on)? else {
        return Ok(Ok("its folders".to_owned()));
    };
    let id = |captures: &Captures| captures.last().map_or_else(String::new, |(_, id)| id.clone());
    let some: Vec<String> = scenes.iter().step_by(scenes.len().div_ceil(IDS)).map(id).collect();
    let odd: Vec<&String> = some.iter().filter(|id| !(signs.is_id)(id)).collect();
    if odd.len() * 2 > some.len() {
        return Ok(Err(format!("its ids such as `{}` are not {}", odd[0], signs.ids)));
    }
    let folders = Folders::default();
    let mut because = format!("its folders and its ids ({}, such as `{}`)", signs.ids, some[0]);
    if let Some(labels) = &manifest.labels
        && let Ok(labels) = Pattern::parse(&labels.pattern)
    {
        let files = scenes.iter().step_by(scenes.len().div_ceil(LABELS));
        let ids = files.filter_map(|captures| first_channel_ids(&labels.path(root, &folder, captures, &folders)));
        let found: Vec<u16> = ids.collect();
        let odd: Vec<&u16> = found.iter().filter(|&&id| id > signs.max_label).collect();
        // One broken file of several does not make it another data set; it is named where it is used.
        if let Some(id) = odd.iter().max().filter(|_| odd.len() * 2 > found.len()) {
            return Ok(Err(format!("its labels hold id {id}, which is above {}", signs.max_label)));
        }
        if odd.is_empty() && !found.is_empty() {
            because += &format!(" and its label ids (none above {})", signs.max_label);
        }
    }
    let header = decode::read_header(&pattern.path(root, &folder, &scenes[0], &folders)).ok();
    if let Some(header) = header.filter(|header| (header.width, header.height) != signs.size) {
        because += &format!(
            ", though its images of {} × {} are not the published {} × {}",
            header.width, header.height, signs.size.0, signs.size.1
        );
    }
    Ok(Ok(because))
}

/// The folder of a split, and what a pattern finds there.
type Scenes = (String, Vec<Captures>);

/// The first sensor's pattern, and what it finds in the first split that has files, with that split's folder.
fn scenes(
    root: &Path,
    manifest: &Manifest,
    goes_on: &mut dyn FnMut(u64) -> Result<(), Stopped>,
) -> Result<Option<(Pattern, Scenes)>, Stopped> {
    let Some(first) = manifest.modalities.first() else { return Ok(None) };
    let Ok(pattern) = Pattern::parse(&first.pattern) else { return Ok(None) };
    for folder in splits_of(manifest) {
        let captures = pattern.find(root, folder, goes_on)?.captures;
        if !captures.is_empty() {
            return Ok(Some((pattern, (folder.to_owned(), captures))));
        }
    }
    Ok(None)
}

/// What `{split}` stands for in the splits of a manifest.
fn splits_of(manifest: &Manifest) -> impl Iterator<Item = &str> {
    manifest.splits.iter().map(|split| split.folder.as_deref().unwrap_or(&split.name))
}

/// The largest whole number but for 255 in the first channel of a label file; `None` where it cannot be read.
fn first_channel_ids(path: &Path) -> Option<u16> {
    let largest = |raster: Raster| {
        let values = (0..raster.width * raster.height).map(|pixel| raster.values.get(pixel * raster.channels) as u16);
        Ok(values.filter(|&id| id != u16::from(IGNORE)).max())
    };
    decode::visit_label(path, largest).ok()?
}
