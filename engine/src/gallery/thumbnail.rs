//! The small pictures of one scene.

use crate::data::{DataError, Dataset, Small};
use crate::inspection::{label_frame, sensor_frame};
use crate::protocol::{Frame, ScenePlace, Thumbnail};

/// The shortest and the longest side of a small picture that can be asked for, in pixels.
const SIDES_PX: [u32; 2] = [16, 512];

/// Makes the small pictures of a scene: of each sensor, and of the label. What cannot be used is left out and said.
pub fn thumbnail(dataset: &Dataset, scene: ScenePlace, side_px: u32) -> Thumbnail {
    let side_px = side_px.clamp(SIDES_PX[0], SIDES_PX[1]) as usize;
    let mut thumbnail = Thumbnail { scene, ..Thumbnail::default() };
    let split = dataset.splits.get(scene.split as usize);
    let Some(entry) = split.and_then(|split| split.samples.get(scene.index as usize)) else {
        thumbnail.faults.push("The open data set has no such scene".to_owned());
        return thumbnail;
    };
    let mut made = |frame: Result<Option<Frame>, DataError>| {
        frame.unwrap_or_else(|error| {
            thumbnail.faults.push(error.to_string());
            None
        })
    };
    let sensors = dataset.modalities.iter().enumerate().map(|(place, modality)| {
        let small = dataset.small_plane(entry, place, side_px);
        made(small.map(|small| Some(sensor_frame(modality, &small.of, dataset.hole(place), small.height, small.width))))
    });
    let sensors = sensors.collect();
    let label = dataset.small_label(entry, side_px);
    let label = made(label.map(|label| {
        let frame = |small: Small<Vec<u8>>| label_frame(small.of, Vec::new(), small.height, small.width);
        label.map(frame)
    }));
    Thumbnail { sensors, label, ..thumbnail }
}
