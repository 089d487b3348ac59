//! From a confusion matrix to the figures of a report.

use super::confusion::ConfusionMatrix;
use super::conventions::Convention;
use crate::protocol::SubsetScores;

/// All figures of one subset of the sensors.
///
/// `classes` are the class names by id, `sensors` those present, `tag` the condition that the scenes were chosen by
/// (empty for the whole split), `head` the network's head that was scored.
pub fn scores_from_matrix(
    matrix: &ConfusionMatrix,
    classes: &[String],
    convention: Convention,
    sensors: Vec<String>,
    tag: &str,
    head: &str,
    scenes: u64,
) -> SubsetScores {
    SubsetScores {
        sensors,
        tag: tag.to_owned(),
        head: head.to_owned(),
        scenes,
        miou: convention.mean_iou(matrix, classes),
        conventions: Convention::ALL
            .into_iter()
            .map(|convention| (convention.word().to_owned(), convention.mean_iou(matrix, classes)))
            .collect(),
        mean_accuracy: convention.mean_accuracy(matrix, classes),
        pixel_accuracy: matrix.pixel_accuracy(),
        mean_f1: convention.mean_f1(matrix, classes),
        frequency_weighted_iou: matrix.frequency_weighted_iou(),
        classes: matrix.class_scores(),
        confusion: matrix.counts().to_vec(),
        further: None,
    }
}
