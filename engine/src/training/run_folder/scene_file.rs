//! The bytes of a file of counts.
//!
//! A line of JSON that says what the file is of ([`Head`]), then the counts, then the sum of all bytes before it (8 bytes,
//! the lowest first). Numbers are LEB128 (`files/leb128.rs`). Of each
//! subset of the sensors, and in it of each scene: how many cells are not 0; then of each cell how far its place
//! (`truth · classes + prediction`) is from that of the cell before it (from 0 of the first), and how many pixels it has.

use serde::{Deserialize, Serialize};

use crate::files::{leb128, sum_of};
use crate::protocol::{CountedCell, CountedScene, EvaluationReport, MOST_CELLS, SceneCounts, SubsetCounts};

/// The longest file that is read: every cell at its longest, and names.
pub(super) const MAX_BYTES: u64 = 64 << 20;
const FORMAT: &str = "fusionscope scene counts";
const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
    dataset: String,
    split: String,
    step: u64,
    of_teacher: bool,
    missing: String,
    classes: Vec<String>,
    /// The sensors present, a list a subset.
    subsets: Vec<Vec<String>>,
    scenes: Vec<CountedScene>,
}

/// The file's bytes.
pub(super) fn scene_file(report: &EvaluationReport, counts: &SceneCounts) -> Vec<u8> {
    let EvaluationReport { dataset, split, step, of_teacher, missing, .. } = report;
    let head = Head {
        format: FORMAT.to_owned(),
        version: VERSION,
        dataset: dataset.clone(),
        split: split.clone(),
        step: *step,
        of_teacher: *of_teacher,
        missing: missing.clone(),
        classes: counts.classes.clone(),
        subsets: counts.subsets.iter().map(|subset| subset.sensors.clone()).collect(),
        scenes: counts.scenes.clone(),
    };
    // Plain names and numbers always are JSON.
    let mut bytes = serde_json::to_vec(&head).unwrap_or_default();
    bytes.push(b'\n');
    for subset in &counts.subsets {
        for scene in 0..counts.scenes.len() {
            let cells = subset.scene(scene);
            leb128::push(&mut bytes, cells.len() as u64);
            let mut before = 0;
            for cell in cells {
                let place = u64::from(cell.truth) * counts.classes.len() as u64 + u64::from(cell.predicted);
                leb128::push(&mut bytes, place - before);
                leb128::push(&mut bytes, u64::from(cell.pixels));
                before = place;
            }
        }
    }
    bytes.extend(sum_of(&bytes).to_le_bytes());
    bytes
}

/// What a file holds; a sentence where it is none, or not whole.
pub(super) fn scene_counts_from(bytes: &[u8]) -> Result<SceneCounts, String> {
    let short = || "expected a line of JSON, counts and their sum, found less".to_owned();
    let (bytes, sum) = bytes.split_last_chunk::<8>().ok_or_else(short)?;
    if sum_of(bytes) != u64::from_le_bytes(*sum) {
        return Err("its sum is another, so it was cut or changed".to_owned());
    }
    let end = bytes.iter().position(|&byte| byte == b'\n').ok_or_else(short)?;
    let head: Head = serde_json::from_slice(&bytes[..end]).map_err(|error| error.to_string())?;
    if (head.format.as_str(), head.version) != (FORMAT, VERSION) {
        return Err(format!("expected {FORMAT} of version {VERSION}, found {} of {}", head.format, head.version));
    }
    let mut counts = SceneCounts { classes: head.classes, scenes: head.scenes, subsets: Vec::new() };
    let mut rest = &bytes[end + 1..];
    let mut cells_left = MOST_CELLS as u64;
    for sensors in head.subsets {
        let mut subset = SubsetCounts::new(sensors);
        for _scene in &counts.scenes {
            let cells = leb128::take(&mut rest)?;
            cells_left = cells_left.checked_sub(cells).ok_or_else(|| format!("it has more than {MOST_CELLS} cells"))?;
            let mut before = 0;
            let cell = |place: u64, pixels: u64| {
                let classes = counts.classes.len() as u64;
                Some(CountedCell {
                    truth: u8::try_from(place.checked_div(classes)?).ok().filter(|&id| u64::from(id) < classes)?,
                    predicted: u8::try_from(place.checked_rem(classes)?).ok()?,
                    pixels: u32::try_from(pixels).ok()?,
                })
            };
            let mut found = Vec::new();
            for _cell in 0..cells {
                let place = leb128::take(&mut rest)?.checked_add(before).ok_or_else(short)?;
                let pixels = leb128::take(&mut rest)?;
                found.push(cell(place, pixels).ok_or("it counts pixels of classes that there are not")?);
                before = place;
            }
            subset.push(found);
        }
        counts.subsets.push(subset);
    }
    if rest.is_empty() { Ok(counts) } else { Err(format!("{} bytes stand there that belong to nothing", rest.len())) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::FusionImageFigures;

    fn counts(scenes: Vec<Vec<(u8, u8, u32)>>) -> SceneCounts {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let mut counts = SceneCounts::new(&names(&["road", "tree", "sky"]), [names(&["colour"]), names(&["thermal"])]);
        for (number, cells) in scenes.into_iter().enumerate() {
            let tags = if number % 2 == 0 { vec!["night".to_owned()] } else { Vec::new() };
            let figures =
                (number % 2 == 1).then(|| FusionImageFigures { entropy: 6.25, ..FusionImageFigures::default() });
            counts.scenes.push(CountedScene { id: format!("scene {number}"), tags, fusion_image: figures });
            for subset in &mut counts.subsets {
                let cell = |&(truth, predicted, pixels)| CountedCell { truth, predicted, pixels };
                subset.push(cells.iter().map(cell));
            }
        }
        counts
    }

    #[test]
    fn a_changed_byte_or_a_cut_is_found() {
        let whole = scene_file(&EvaluationReport::default(), &counts(vec![vec![(0, 0, 5), (2, 1, 300)], vec![]]));
        assert!(scene_counts_from(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(scene_counts_from(&whole[..length]).is_err(), "cut to {length}");
        }
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 4;
            assert!(scene_counts_from(&changed).is_err(), "byte {place}");
        }
    }

    #[test]
    fn counts_of_forty_classes_take_a_few_bytes_a_cell() {
        let classes: Vec<String> = (0..40).map(|class| format!("class {class}")).collect();
        let mut counts = SceneCounts::new(&classes, [vec!["colour".to_owned()]]);
        for scene in 0..100_u32 {
            counts.scenes.push(CountedScene { id: format!("{scene:06}"), ..CountedScene::default() });
            let cell = |at: u8| CountedCell { truth: at % 40, predicted: at % 40, pixels: 5000 + scene };
            counts.subsets[0].push((0..40).map(cell));
        }
        assert!(scene_file(&EvaluationReport::default(), &counts).len() < 100 * 40 * 4 + 100 * 20 + 1500);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn counts_come_back(scenes in proptest::collection::vec(
            proptest::collection::btree_map((0_u8..3, 0_u8..3), 1..=u32::MAX, 0..9), 0..6,
        )) {
            let flat = |scene: std::collections::BTreeMap<(u8, u8), u32>| {
                scene.into_iter().map(|((truth, predicted), pixels)| (truth, predicted, pixels)).collect()
            };
            let counts = counts(scenes.into_iter().map(flat).collect());
            let bytes = scene_file(&EvaluationReport::default(), &counts);
            prop_assert_eq!(scene_counts_from(&bytes), Ok(counts));
        }

        #[test]
        fn random_bytes_with_a_right_sum_never_panic(tail in proptest::collection::vec(any::<u8>(), 0..60)) {
            let whole = scene_file(&EvaluationReport::default(), &counts(vec![vec![(0, 0, 5)]; 3]));
            let head = whole.iter().position(|&byte| byte == b'\n').unwrap() + 1;
            for mut bytes in [[&whole[..head], &tail].concat(), tail.clone()] {
                bytes.extend(sum_of(&bytes).to_le_bytes());
                let _any = scene_counts_from(&bytes);
            }
        }
    }
}
