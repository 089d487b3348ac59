//! What a layout of gathered features says: its measures.

use crate::embedding::Points;
use crate::embedding::measures::{JUDGED, NEIGHBOURS, purity, silhouette, trustworthiness};
use crate::protocol::{EmbeddingMeasures, PointMark};

/// Judges a layout of these points; what cannot be told (a single class, too few points) is NaN. Of many points a
/// sample is looked at, which follows from the seed.
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
