//! The small pictures of one scene.

use super::cache::Cache;
use super::fingerprint::{Fingerprint, preparation};
use super::kept::{bytes_of, thumbnail_from};
use crate::data::{DataError, Dataset, SampleEntry, Small};
use crate::inspection::{label_frame, sensor_frame};
use crate::protocol::{ScenePlace, Thumbnail};

/// The shortest and the longest side of a small picture that can be asked for, in pixels.
const SIDES_PX: [u32; 2] = [16, 512];

/// The small pictures of a scene, of each sensor and of the label, as they are kept, else made and kept. What cannot be
/// used is left out and said.
pub fn thumbnail(dataset: &Dataset, scene: ScenePlace, side_px: u32, cache: &Cache) -> Thumbnail {
    let split = dataset.splits.get(scene.split as usize);
    let Some(entry) = split.and_then(|split| split.samples.get(scene.index as usize)) else {
        let fault = "The open data set has no such scene".to_owned();
        return Thumbnail { scene, faults: vec![fault], ..Thumbnail::default() };
    };
    let side_px = side_px.clamp(SIDES_PX[0], SIDES_PX[1]);
    let what = format!("small pictures of {side_px} px");
    // Looked at before the files are read, so that what changes meanwhile is not taken for what it was.
    let of = Fingerprint::new(&what, &preparation(dataset)).with_files(entry);
    if let Some(kept) = cache.get(&of).and_then(|bytes| thumbnail_from(&bytes, scene)) {
        return kept;
    }
    let made = made(dataset, entry, scene, side_px as usize);
    if let Some(bytes) = bytes_of(&made) {
        cache.put(&of, &bytes);
    }
    made
}

fn made(dataset: &Dataset, entry: &SampleEntry, scene: ScenePlace, side_px: usize) -> Thumbnail {
    let mut faults = Vec::new();
    let mut said = |error: DataError| faults.push(error.to_string());
    let mut sensors = Vec::with_capacity(dataset.modalities.len());
    for (place, modality) in dataset.modalities.iter().enumerate() {
        let small = dataset.small_plane(entry, place, side_px).map_err(&mut said).ok();
        sensors.push(
            small.map(|Small { height, width, of }| sensor_frame(modality, &of, dataset.hole(place), height, width)),
        );
    }
    let label = dataset.small_label(entry, side_px).map_err(&mut said).ok().flatten();
    let label = label.map(|Small { height, width, of }| label_frame(of, Vec::new(), height, width));
    Thumbnail { scene, sensors, label, faults }
}
