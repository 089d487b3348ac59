//! Tiny data sets and recipes for tests of this crate and of the whole program, and what a test does that misses something.

use std::io::Write as _;
use std::path::Path;

use image::{GrayImage, RgbImage};
use rand::Rng as _;

use crate::data::{
    DataError, LabelFiles, MANIFEST_NAME, MANIFEST_VERSION, Manifest, ModalityFiles, ModalityKind, SplitSource, TagRule,
};
use crate::progress::unwatched;
use crate::random::Streams;
use crate::recipe::Recipe;

/// How large a tiny data set is.
#[derive(Clone, Copy, Debug)]
pub struct TinyData {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Scenes to train on.
    pub train: usize,
    /// Scenes to validate on; 0 leaves the split out.
    pub val: usize,
    /// Scenes to test on; 0 leaves the split out.
    pub test: usize,
}

impl Default for TinyData {
    fn default() -> Self {
        Self { width: 32, height: 32, train: 6, val: 2, test: 2 }
    }
}

/// Class names of the tiny data.
pub const CLASSES: [&str; 3] = ["ground", "person", "sign"];
const COLOURS: [[u8; 3]; 3] = [[90, 90, 90], [200, 60, 60], [60, 60, 200]];

/// Writes a data set of colour and thermal images into `folder`; the same size gives the same bytes.
///
/// A person is bright in the thermal image only, a sign in the colour image only. Every other scene is tagged `night`.
pub fn write_tiny_data(folder: &Path, tiny: &TinyData) -> Result<(), Box<dyn std::error::Error>> {
    let splits = [("train", tiny.train), ("val", tiny.val), ("test", tiny.test)];
    for name in ["colour", "thermal", "label"] {
        std::fs::create_dir_all(folder.join(name))?;
    }
    let mut sources = Vec::new();
    for (split, count) in splits.into_iter().filter(|(_, count)| *count > 0) {
        let mut ids = Vec::new();
        for index in 0..count {
            let id = format!("{split}{index:03}{}", if index % 2 == 1 { "N" } else { "D" });
            write_scene(folder, &id, tiny, split, index as u64)?;
            ids.push(id);
        }
        sources.push(SplitSource { name: split.to_owned(), ids: Some(ids), ..SplitSource::default() });
    }
    std::fs::write(folder.join(MANIFEST_NAME), manifest(sources).to_toml()?)?;
    Ok(())
}

/// Writes a data set of many scenes, all of them links to one, found by listing the folder.
pub fn write_many_scenes(folder: &Path, scenes: usize) -> Result<(), Box<dyn std::error::Error>> {
    write_tiny_data(folder, &TinyData { train: 1, val: 0, test: 0, ..TinyData::default() })?;
    for name in ["colour", "thermal", "label"] {
        for index in 1..scenes {
            std::fs::hard_link(
                folder.join(name).join("train000D.png"),
                folder.join(name).join(format!("{index:05}.png")),
            )?;
        }
    }
    std::fs::write(folder.join(MANIFEST_NAME), manifest(vec![SplitSource::found("train")]).to_toml()?)?;
    Ok(())
}

fn manifest(splits: Vec<SplitSource>) -> Manifest {
    Manifest {
        version: MANIFEST_VERSION,
        name: "tiny".to_owned(),
        class_map: String::new(),
        modalities: vec![
            ModalityFiles::new("colour", ModalityKind::Colour, "colour/{id}.png"),
            ModalityFiles::new("thermal", ModalityKind::Thermal, "thermal/{id}.png"),
        ],
        labels: Some(LabelFiles {
            pattern: "label/{id}.png".to_owned(),
            names: CLASSES.map(str::to_owned).to_vec(),
            colours: COLOURS.to_vec(),
            ..LabelFiles::default()
        }),
        splits,
        tags: vec![TagRule { name: "night".to_owned(), suffix: Some("N".to_owned()), ..TagRule::default() }],
        class_maps: Vec::new(),
    }
}

fn write_scene(
    folder: &Path,
    id: &str,
    tiny: &TinyData,
    split: &str,
    index: u64,
) -> Result<(), Box<dyn std::error::Error>> {
    let TinyData { width, height, .. } = *tiny;
    let mut random = Streams::new(7).stream(split, index);
    let mut below = |limit: u32| (random.next_u64() % u64::from(limit.max(1))) as u32;
    let mut colour = RgbImage::from_fn(width, height, |_, _| {
        let grey = 70 + below(40) as u8;
        image::Rgb([grey, grey, grey])
    });
    let mut thermal = GrayImage::from_fn(width, height, |_, _| image::Luma([40 + below(30) as u8]));
    let mut label = GrayImage::new(width, height);
    for class in [1_u8, 2] {
        let (wide, high) = (1 + below(width / 2), 1 + below(height / 2));
        let (left, top) = (below(width - wide + 1), below(height - high + 1));
        for (x, y) in (top..top + high).flat_map(|y| (left..left + wide).map(move |x| (x, y))) {
            label.put_pixel(x, y, image::Luma([class]));
            if class == 1 {
                thermal.put_pixel(x, y, image::Luma([220]));
            } else {
                colour.put_pixel(x, y, image::Rgb([30, 30, 230]));
            }
        }
    }
    let file = format!("{id}.png");
    colour.save(folder.join("colour").join(&file))?;
    thermal.save(folder.join("thermal").join(&file))?;
    label.save(folder.join("label").join(&file))?;
    Ok(())
}

/// OGP-Net with everything on and as small as it gets: two teacher steps, four student steps.
pub fn tiny_recipe() -> Result<Recipe, crate::recipe::RecipeError> {
    let text = "
        data.batch_size = 2
        encoder.family = \"nano\"
        decoder.channels = 8
        decoder.skip_channels = 4
        decoder.rates = [1, 2, 3]
        objective.contrast.anchors = 16
        objective.contrast.width = 8
        objective.contrast.stages = [5]
        teacher.steps = 2
        training.steps = 4
        training.optimiser = \"adamw\"
        training.learning_rate = 4e-3
        training.checkpoint_every = 3
    ";
    Recipe::from_toml(text, "tiny")
}

/// Opens what [`write_tiny_data`] wrote.
pub fn open_tiny_data(folder: &Path) -> Result<crate::data::Dataset, DataError> {
    crate::data::Dataset::open(folder, &mut unwatched)
}

/// Says on the terminal that a test is skipped and what it misses; panics where `FUSIONSCOPE_REQUIRE` names `word`.
///
/// The words are `window` (a graphics adapter, software is fine), `realdata` (real images and pretrained weights), `tmpfs`
/// (the right to mount one), `users` (the right to become another user, where one is root) and `torch` (a `python3` that has it).
#[track_caller]
pub fn skip(test: &str, word: &str, missing: &str) {
    let required = std::env::var("FUSIONSCOPE_REQUIRE").unwrap_or_default();
    assert!(!is_named(word, &required), "{test} misses {missing}, and FUSIONSCOPE_REQUIRE names `{word}`");
    // Past the test runner, which keeps what a passed test prints to itself.
    let _unread = writeln!(std::io::stderr(), "skipped: {test} misses {missing}");
}

fn is_named(word: &str, required: &str) -> bool {
    required.split(',').any(|required| required.trim() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_is_a_list_of_whole_words() {
        let found = ["window", "realdata", "tmpfs"].map(|word| is_named(word, "window, realdata"));
        assert_eq!(found, [true, true, false]);
        assert!(!is_named("window", "") && !is_named("window", "windows"));
    }
}
