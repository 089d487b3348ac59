//! What a layout of gathered features says: its measures, and the layout as a table.

use std::fmt::Write as _;

use crate::embedding::Points;
use crate::embedding::measures::{JUDGED, NEIGHBOURS, purity, silhouette, trustworthiness};
use crate::protocol::{EmbeddingMeasures, PointMark};

/// Judges a layout of these points; what cannot be told (a single class, too few points) is NaN. Of many points a sample is looked
/// at, which follows from the seed.
pub fn judge_layout(points: &Points, layout: &[[f32; 2]], marks: &[PointMark], seed: u64) -> EmbeddingMeasures {
    let labels = |of: fn(&PointMark) -> u8| marks.iter().map(|mark| u32::from(of(mark))).collect::<Vec<u32>>();
    let (classes, sources) = (labels(|mark| mark.label), labels(|mark| mark.source));
    let trust = trustworthiness(points, layout, NEIGHBOURS, JUDGED, seed);
    let apart = silhouette(points, &classes, JUDGED, seed);
    EmbeddingMeasures {
        trustworthiness: trust.map_or(f64::NAN, |found| found.trustworthiness),
        class_purity: purity(layout, &classes, NEIGHBOURS, JUDGED, seed).unwrap_or(f64::NAN),
        source_purity: purity(layout, &sources, NEIGHBOURS, JUDGED, seed).unwrap_or(f64::NAN),
        silhouette: apart.map_or(f64::NAN, |found| found.mean),
    }
}

/// CSV, a line a point: its place, its classes, its source, and where it is in which scene of the split, across and down 0 to 1.
pub fn layout_table(
    layout: &[[f32; 2]],
    marks: &[PointMark],
    sources: &[String],
    split: &str,
    classes: &[String],
) -> String {
    let class_name = |class: u8| classes.get(usize::from(class)).map_or("", String::as_str);
    let mut text = "x,y,class,predicted,source,split,scene,across,down\n".to_owned();
    for (mark, [x, y]) in marks.iter().zip(layout) {
        let source = sources.get(usize::from(mark.source)).map_or("", String::as_str);
        let [across, down] = mark.pixel.map(|place| f32::from(place) / f32::from(u16::MAX));
        let (class, predicted, scene) = (class_name(mark.label), class_name(mark.predicted), mark.scene);
        let _infallible = writeln!(text, "{x},{y},{class},{predicted},{source},{split},{scene},{across:.4},{down:.4}");
    }
    text
}
