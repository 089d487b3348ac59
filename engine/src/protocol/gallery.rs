//! All scenes of the open data set at a glance: small pictures of those in sight, and what the files of all hold.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::frame::Frame;
use super::problem::{Problem, Severity};
use crate::files::path_json;

/// What the app asks about the scenes of the open data set. It is done beside everything else and waits for nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum GalleryCommand {
    /// Make these small pictures. What was asked for before and is not made yet is dropped.
    Show(ThumbnailRequest),
    /// Look at the files of all scenes and tell what they hold (`true`), as far as it is known and whenever more is; or
    /// rest (`false`). Small pictures go first. It is asked for anew when another data set was opened, or what was told
    /// is not there any more.
    Survey(bool),
}

/// Which small pictures to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThumbnailRequest {
    /// The asker's number; pictures come with it, so that those of an earlier data set are known by it.
    pub number: u64,
    /// The scenes, the first first.
    pub scenes: Vec<ScenePlace>,
    /// The longer side of a picture in pixels; smaller scenes are not enlarged. It is held to 16 to 512.
    pub side_px: u32,
}

/// One scene of the open data set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ScenePlace {
    /// The place of its split in [`super::DatasetSummary::splits`].
    pub split: u32,
    /// Its place in that split.
    pub index: u32,
}

/// What is told about the scenes of the open data set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum GalleryNews {
    /// Small pictures that were asked for.
    Thumbnails {
        /// The request's number.
        number: u64,
        /// The pictures.
        thumbnails: Vec<Thumbnail>,
    },
    /// What the files hold, as far as they were looked at.
    Survey(Box<DatasetSurvey>),
}

/// The small pictures of one scene.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Thumbnail {
    /// The scene.
    pub scene: ScenePlace,
    /// Each sensor's picture, in the data set's order; `None` where its file cannot be used.
    pub sensors: Vec<Option<Frame>>,
    /// The label; `None` where there is none or it cannot be used.
    pub label: Option<Frame>,
    /// Why pictures are missing, a sentence each.
    pub faults: Vec<String>,
}

/// What the files of a data set hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetSurvey {
    /// The data set's folder.
    #[serde(with = "path_json")]
    pub path: PathBuf,
    /// Names of its classes, by id.
    pub classes: Vec<String>,
    /// Scenes that were looked at: whole splits in the order of [`super::DatasetSummary::splits`], and the first ones of
    /// the split in hand.
    pub done: u64,
    /// All scenes.
    pub total: u64,
    /// One entry a split.
    pub splits: Vec<SplitSurvey>,
    /// One entry a sensor.
    pub sensors: Vec<SensorSpread>,
    /// What is wrong with files, as `dataset check` finds it; the first [`DatasetSurvey::MOST_PROBLEMS`].
    pub problems: Vec<FoundProblem>,
    /// Further problems, which are only counted.
    pub further_problems: u64,
}

impl DatasetSurvey {
    /// The most problems that are told in words; [`SplitSurvey::worst`] knows of all.
    pub const MOST_PROBLEMS: usize = 1000;

    /// Whether all scenes were looked at.
    pub fn is_done(&self) -> bool {
        self.done >= self.total
    }

    /// What is known of one scene; `None` where it was not looked at yet.
    pub fn scene(&self, scene: ScenePlace) -> Option<SceneSurvey<'_>> {
        let split = self.splits.get(scene.split as usize)?;
        let worst = *split.worst.get(scene.index as usize)?;
        let words = split.words_a_scene();
        let from = scene.index as usize * words;
        let classes = split.pixels.len();
        let from_share = scene.index as usize * classes;
        let shares = split.class_shares.get(from_share..from_share + classes).unwrap_or_default();
        Some(SceneSurvey { classes: split.presence.get(from..from + words)?, shares, worst })
    }
}

/// What the files of one split hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SplitSurvey {
    /// Label pixels by class id, over all scenes that were looked at.
    pub pixels: Vec<u64>,
    /// Label pixels that count nowhere.
    pub ignored: u64,
    /// Scenes with at least one pixel of the class, by class id.
    pub scenes: Vec<u64>,
    /// Which classes each scene that was looked at has: a bit a class from the lowest on, in as many words a scene as
    /// the classes need.
    pub presence: Vec<u64>,
    /// How much of each scene that was looked at is of each class: the share of its pixels that count, in 65,535ths, by
    /// class id, as many a scene as there are classes.
    pub class_shares: Vec<u16>,
    /// The worst that is wrong with the files of each scene that was looked at.
    pub worst: Vec<Option<Severity>>,
}

impl SplitSurvey {
    /// Words of [`SplitSurvey::presence`] that each scene has.
    pub fn words_a_scene(&self) -> usize {
        self.pixels.len().div_ceil(64)
    }

    /// The share of each class among the pixels that count, 0 to 1, by class id; zeros without any.
    pub fn shares(&self) -> Vec<f64> {
        let all = self.pixels.iter().sum::<u64>().max(1) as f64;
        self.pixels.iter().map(|&pixels| pixels as f64 / all).collect()
    }
}

/// What is known of one scene's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SceneSurvey<'a> {
    /// A bit a class.
    classes: &'a [u64],
    /// In 65,535ths.
    shares: &'a [u16],
    /// The worst that is wrong.
    pub worst: Option<Severity>,
}

impl SceneSurvey<'_> {
    /// Whether any pixel of the scene's label is of this class.
    pub fn has_class(&self, class: usize) -> bool {
        self.classes.get(class / 64).is_some_and(|word| word >> (class % 64) & 1 == 1)
    }

    /// The share of the label's pixels that count which are of this class, 0 to 1.
    pub fn share(&self, class: usize) -> f32 {
        self.shares.get(class).map_or(0.0, |&share| f32::from(share) / f32::from(u16::MAX))
    }
}

/// How often the values of one sensor occur.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SensorSpread {
    /// The sensor.
    pub name: String,
    /// Its unit; empty for photographs.
    pub unit: String,
    /// Where the first bin begins.
    pub low: f32,
    /// Where the last bin ends. Values beyond either end are counted in the outermost bins.
    pub high: f32,
    /// Values by bin, all of one width.
    pub bins: Vec<u64>,
    /// The smallest measured value.
    pub min: f32,
    /// The largest measured value.
    pub max: f32,
    /// The mean of measured values.
    pub mean: f32,
    /// The share of measured values outside `low..high`, 0 to 1.
    pub clamped: f32,
    /// The share of all values where nothing was measured, 0 to 1.
    pub unmeasured: f32,
}

impl SensorSpread {
    /// Bins of every sensor.
    pub const BINS: usize = 64;
}

/// One thing that is wrong, and with which scene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundProblem {
    /// The scene; `None` where it is about none alone, or about one that was left out.
    pub scene: Option<ScenePlace>,
    /// What it is.
    pub problem: Problem,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_has_the_classes_whose_bits_are_set_and_nothing_before_it_was_looked_at() {
        let split = SplitSurvey {
            pixels: vec![0; 70],
            presence: vec![0b101, 0, 1 << 63, 1 << 5],
            worst: vec![None, Some(Severity::Error)],
            ..SplitSurvey::default()
        };
        let survey = DatasetSurvey { splits: vec![split], ..DatasetSurvey::default() };
        let scene = |index: u32| survey.scene(ScenePlace { split: 0, index });
        let classes = |index: u32| (0..300).filter(|&class| scene(index).unwrap().has_class(class)).collect::<Vec<_>>();
        assert_eq!((classes(0), classes(1)), (vec![0, 2], vec![63, 69]));
        assert_eq!((scene(0).unwrap().worst, scene(1).unwrap().worst), (None, Some(Severity::Error)));
        assert_eq!((scene(2), survey.scene(ScenePlace { split: 1, index: 0 })), (None, None));
    }
}
