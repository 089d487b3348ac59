//! How a network does on each scene of a split, by what an evaluation counted.

use std::collections::HashMap;

use crate::evaluation::{ConfusionMatrix, Convention};
use crate::protocol::SceneCounts;

/// The mean IoU of the scenes of these ids with all sensors, 0 to 1, in their order; `None` of one that was not counted.
/// Nothing where the counts are of other classes than these, as before a class map, or of no sensors.
pub fn score_scenes<'a>(
    ids: impl IntoIterator<Item = &'a str>,
    classes: &[String],
    counts: &SceneCounts,
    convention: Convention,
) -> Option<Vec<Option<f32>>> {
    let subset = counts.subsets.first().filter(|_| counts.classes == classes)?;
    let places: HashMap<&str, usize> =
        counts.scenes.iter().enumerate().map(|(place, scene)| (scene.id.as_str(), place)).collect();
    let miou = ids.into_iter().map(|id| {
        let mut matrix = ConfusionMatrix::new(classes.len());
        matrix.add_cells(subset.scene(*places.get(id)?), 1);
        convention.mean_iou(&matrix, classes).map(|miou| miou as f32)
    });
    Some(miou.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{CountedCell, CountedScene};

    #[test]
    fn scenes_are_scored_one_by_one_and_those_that_were_not_counted_have_no_figure() {
        let classes = ["road", "car"].map(str::to_owned);
        let mut counts = SceneCounts::new(&classes, [vec!["colour".to_owned()]]);
        // Of the second scene every car is taken for road: IoU 1/2 and 0.
        for (id, predicted) in [("right", 1), ("half", 0), ("gone", 1)] {
            counts.scenes.push(CountedScene { id: id.to_owned(), tags: Vec::new(), fusion_image: None });
            let cell = |truth, predicted| CountedCell { truth, predicted, pixels: 10 };
            counts.subsets[0].push([cell(0, 0), cell(1, predicted)]);
        }
        let scored = |classes: &[String]| score_scenes(["new", "half", "right"], classes, &counts, Convention::NanMean);
        assert_eq!(scored(&classes), Some(vec![None, Some(0.25), Some(1.0)]));
        assert_eq!(scored(&classes[..1]), None, "counts of other classes say nothing of these");
    }
}
