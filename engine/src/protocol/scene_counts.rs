//! What an evaluation counted, scene by scene.

use serde::{Deserialize, Serialize};

use super::report::EvaluationReport;

/// The most cells that are kept of one evaluation: 32 MiB of memory, and about half of that on the disk.
pub const MOST_CELLS: usize = 1 << 22;

/// As many cells as a scene's name and tags take.
const NAME: usize = 16;

/// An evaluation, with what was counted in each scene.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluated {
    /// Figures of the whole split and of each condition tag.
    pub report: EvaluationReport,
    /// What they are sums of; `None` where it was not kept.
    pub scenes: Option<SceneCounts>,
}

/// The confusion matrices of single scenes, which sum up to those of the report.
///
/// Of one scene few cells are not 0, and only those are held. Where they and the scenes' names take more than
/// [`MOST_CELLS`], the last subsets of the sensors go, each as a whole; all sensors together stand first and go last, and
/// the names with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SceneCounts {
    /// Class names by id.
    pub classes: Vec<String>,
    /// The scenes that were counted, as the split has them.
    pub scenes: Vec<CountedScene>,
    /// One entry a subset of the sensors, in the report's order.
    pub subsets: Vec<SubsetCounts>,
}

/// A scene that was counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CountedScene {
    /// Its name in the split.
    pub id: String,
    /// Its condition tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// How much its fusion image holds of its sources, all sensors present, where the network makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fusion_image: Option<FusionImageFigures>,
}

/// The figures of one fusion image, on 8-bit grey levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FusionImageFigures {
    /// EN in bits.
    pub entropy: f64,
    /// SD in grey levels.
    pub deviation: f64,
    /// SF in grey levels.
    pub spatial_frequency: f64,
    /// SCD, −2 to 2; `None` where one of the images has a single value everywhere.
    pub correlations_of_differences: Option<f64>,
}

/// What was counted with some sensors present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubsetCounts {
    /// Names of the sensors present.
    pub sensors: Vec<String>,
    /// Where each scene's cells end.
    ends: Vec<usize>,
    cells: Vec<CountedCell>,
}

/// Some pixels of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedCell {
    /// The class that they are of.
    pub truth: u8,
    /// The class that they were taken for.
    pub predicted: u8,
    /// How many, 1 or more.
    pub pixels: u32,
}

impl SceneCounts {
    /// Nothing counted yet with each of these subsets of the sensors.
    pub fn new(classes: &[String], subsets: impl IntoIterator<Item = Vec<String>>) -> Self {
        let subsets = subsets.into_iter().map(SubsetCounts::new).collect();
        Self { classes: classes.to_vec(), scenes: Vec::new(), subsets }
    }

    /// What was counted with exactly these sensors present, in any order.
    pub fn subset<S: AsRef<str>>(&self, sensors: &[S]) -> Option<&SubsetCounts> {
        self.subsets.iter().find(|subset| {
            subset.sensors.len() == sensors.len()
                && sensors.iter().all(|sensor| subset.sensors.iter().any(|name| name == sensor.as_ref()))
        })
    }

    /// Lets the last subsets go for as long as there are too many cells; `None` where all of them had to.
    pub fn bounded(mut self) -> Option<Self> {
        self.keep_at_most(MOST_CELLS);
        (!self.subsets.is_empty()).then_some(self)
    }

    /// Lets the last subsets go for as long as more is held than so many cells take.
    pub fn keep_at_most(&mut self, cells: usize) {
        while self.in_cells() > cells && self.subsets.pop().is_some() {}
        if self.subsets.is_empty() {
            self.scenes = Vec::new();
        }
    }

    /// What is held, in cells.
    fn in_cells(&self) -> usize {
        let of_subset = |subset: &SubsetCounts| subset.cells.len() + subset.ends.len();
        self.subsets.iter().map(of_subset).sum::<usize>() + NAME * self.scenes.len()
    }
}

impl SubsetCounts {
    /// Nothing counted yet with these sensors present.
    pub fn new(sensors: Vec<String>) -> Self {
        Self { sensors, ..Self::default() }
    }

    /// Adds the next scene's cells.
    pub fn push(&mut self, cells: impl IntoIterator<Item = CountedCell>) {
        self.cells.extend(cells);
        self.ends.push(self.cells.len());
    }

    /// How many scenes there are.
    pub fn scenes(&self) -> usize {
        self.ends.len()
    }

    /// The cells of a scene by its place, by truth and then by prediction; none of a place that is no scene's.
    pub fn scene(&self, place: usize) -> &[CountedCell] {
        let begin = place.checked_sub(1).map_or(0, |before| self.ends.get(before).copied().unwrap_or(0));
        let end = self.ends.get(place).copied().unwrap_or(begin);
        &self.cells[begin..end]
    }

    /// The confusion matrix of all scenes, row = truth, `classes × classes`.
    pub fn sum(&self, classes: usize) -> Vec<u64> {
        let mut sum = vec![0; classes * classes];
        for cell in &self.cells {
            let place = usize::from(cell.truth) * classes + usize::from(cell.predicted);
            if let Some(count) = sum.get_mut(place) {
                *count += u64::from(cell.pixels);
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_cells_cost_the_last_subsets_and_all_sensors_last() {
        let subsets = [vec!["a", "b"], vec!["a"]].map(|names| names.into_iter().map(str::to_owned).collect());
        let mut counts = SceneCounts::new(&["road".to_owned()], subsets);
        counts.scenes.push(CountedScene::default());
        for subset in &mut counts.subsets {
            subset.push([CountedCell { truth: 0, predicted: 0, pixels: 7 }]);
        }
        assert_eq!((counts.subset(&["b", "a"]).unwrap().sum(1), counts.subset(&["b"])), (vec![7], None));
        // Two subsets of a cell and its end, and a name.
        counts.keep_at_most(NAME + 4);
        assert_eq!(counts.subsets.len(), 2);
        counts.keep_at_most(NAME + 3);
        assert_eq!(counts.subsets[0].sensors, ["a", "b"]);
        assert_eq!((counts.subsets[0].scene(0).len(), counts.subsets[0].scene(1).len()), (1, 0));
        counts.keep_at_most(NAME + 1);
        assert_eq!((counts.scenes.len(), counts.bounded()), (0, None));
    }

    #[test]
    fn any_number_of_scenes_takes_no_more_memory_than_the_bound() {
        const CELLS: usize = 20_000;
        let count = || {
            let subsets = [vec!["a", "b"], vec!["a"]].map(|names| names.into_iter().map(str::to_owned).collect());
            let mut counts = SceneCounts::new(&["road".to_owned()], subsets);
            for scene in 0..100_000 {
                for subset in &mut counts.subsets {
                    subset.push([CountedCell { truth: 0, predicted: 0, pixels: 7 }]);
                }
                counts.scenes.push(CountedScene {
                    id: format!("{scene:06}"),
                    tags: vec!["night".to_owned()],
                    fusion_image: None,
                });
                counts.keep_at_most(CELLS);
            }
            counts
        };
        let (counts, bytes) = crate::kernels::most_bytes(count);
        assert!(bytes < 4 * CELLS * size_of::<CountedCell>(), "{bytes} bytes");
        assert_eq!(counts.bounded(), None, "of more scenes than can be held nothing is kept");
    }
}
