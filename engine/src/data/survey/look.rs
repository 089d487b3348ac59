//! A look at a few scenes when a data set is opened, so that what is off is said before it is trained on.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::tally::ValueTally;
use crate::data::dataset::Dataset;
use crate::data::decode;
use crate::data::entry::SampleEntry;
use crate::data::sample::IGNORE;
use crate::progress::{Progress, Stopped, tell};

/// Scenes that are looked at, spread over all splits: enough to see what all files share, and soon read.
const SCENES: usize = 12;

/// Scenes that are read at once.
const AT_ONCE: usize = 4;

/// Once so many pixels have been read, no more scenes are.
const MAX_PIXELS: u64 = 24 << 20;

/// What one scene holds.
struct Seen {
    sensors: Vec<ValueTally>,
    pixels: u64,
    labels: BTreeMap<u8, u64>,
}

impl Dataset {
    /// What is off with the values of a few scenes, in one line; `None` where nothing is. Files that cannot be read are
    /// passed over: they are named where they are used. `check` reads all files. `progress` may end it.
    pub fn look(&self, progress: &mut Progress<'_>) -> Result<Option<String>, Stopped> {
        let all: Vec<&SampleEntry> = self.splits.iter().flat_map(|split| &split.samples).collect();
        let step = all.len().div_ceil(SCENES).max(1);
        let scenes: Vec<&SampleEntry> = all.into_iter().step_by(step).collect();
        let what = format!("Looking at values of {}", self.name);
        let (mut sensors, mut labels) = (vec![ValueTally::default(); self.modalities.len()], BTreeMap::new());
        let (mut done, mut pixels) = (0, 0);
        for some in scenes.chunks(AT_ONCE) {
            tell(progress, &what, done as u64, scenes.len() as u64)?;
            let seen: Vec<Seen> = some.par_iter().map(|scene| self.look_at(scene)).collect();
            done += some.len();
            for one in seen {
                sensors.iter_mut().zip(&one.sensors).for_each(|(sum, tally)| sum.join(tally));
                one.labels.into_iter().for_each(|(id, count)| *labels.entry(id).or_default() += count);
                pixels += one.pixels;
            }
            if pixels > MAX_PIXELS {
                break;
            }
        }
        tell(progress, &what, done as u64, done as u64)?;
        let mut found: Vec<String> = Vec::new();
        for (tally, files) in sensors.iter().zip(&self.pictures) {
            found.extend(tally.values(files).iter().flat_map(|values| values.warnings(files.hole().is_some())));
        }
        found.extend(mask_of_one_class(self, &labels).or_else(|| lone_class(self, &labels, done)));
        if found.is_empty() {
            return Ok(None);
        }
        let root = self.root.display();
        let found = found.join("; ");
        Ok(Some(format!("in {done} scenes looked at: {found}. `fusionscope dataset check {root}` reads all")))
    }

    fn look_at(&self, scene: &SampleEntry) -> Seen {
        let mut seen = Seen { sensors: Vec::new(), pixels: 0, labels: BTreeMap::new() };
        for (place, (files, path)) in self.pictures.iter().zip(scene.files()).enumerate() {
            let mut tally = ValueTally::default();
            // A file that cannot be read, or does not fit the manifest, is named where it is used.
            let _unfit = decode::visit(&path, |raster| {
                seen.pixels += (raster.width * raster.height) as u64;
                tally.add(&self.prepared(raster, scene, place)?, files, &path)
            });
            seen.sensors.push(tally);
        }
        if let Ok(Some((_, ids))) = self.label(scene) {
            for id in ids {
                *seen.labels.entry(id).or_default() += 1;
            }
        }
        seen
    }
}

/// Why labels of 0 and 255 train nothing, where they hold nothing else; `counts` are pixels by class id.
pub(crate) fn mask_of_one_class(dataset: &Dataset, counts: &BTreeMap<u8, u64>) -> Option<String> {
    let labels = dataset.manifest().labels.as_ref().filter(|labels| labels.names == dataset.classes)?;
    let count = |id: u8| counts.get(&id).copied().unwrap_or(0);
    let others = counts.iter().filter(|&(&id, &pixels)| id != 0 && id != IGNORE && pixels > 0).count();
    let is_default = !labels.map.iter().any(|[stored, _]| *stored == 255) && labels.ignore.is_empty();
    let is_mask = others == 0 && count(0) > 0 && count(IGNORE) > 0 && labels.names.len() > 1 && is_default;
    is_mask.then(|| {
        let share = 100.0 * count(IGNORE) as f64 / (count(0) + count(IGNORE)) as f64;
        format!(
            "labels hold 0 ({}) and 255 alone: 255 is ignored, in {share:.1} % of the pixels; if it stands for {}, set `map = \
             [[255, 1]]` under `[labels]`",
            labels.names[0], labels.names[1]
        )
    })
}

/// That all labels are of one class, or of none, where several scenes were looked at.
fn lone_class(dataset: &Dataset, counts: &BTreeMap<u8, u64>, scenes: usize) -> Option<String> {
    if scenes < 2 || dataset.classes.len() < 2 || counts.is_empty() {
        return None;
    }
    let seen: Vec<u8> = counts.iter().filter(|&(&id, &pixels)| id != IGNORE && pixels > 0).map(|(&id, _)| id).collect();
    match *seen.as_slice() {
        [] => Some("labels: every pixel is ignored".to_owned()),
        [id] => Some(format!("labels: every pixel that counts is {}", dataset.classes.get(usize::from(id))?)),
        _ => None,
    }
}
