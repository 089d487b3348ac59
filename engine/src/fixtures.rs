//! Tiny data sets and recipes for tests of this crate and of the whole program, and what a test does that misses
//! something.

pub mod slow_line;

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
        proposals: Vec::new(),
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

/// What a machine may lack, so that a test cannot run there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A graphics adapter; software is fine.
    Window,
    /// Real images and pretrained weights.
    RealData,
    /// A `python3`.
    Python,
    /// A `python3` that has PyTorch, NumPy and Pillow.
    Torch,
    /// The right to mount a small one.
    Tmpfs,
    /// The right to become another user, where one is root.
    Users,
    /// Slurm and MUNGE, for a cluster of one node.
    Slurm,
    /// OpenSSH, client and server.
    Ssh,
    /// A `python3` that has TensorBoard.
    Tensorboard,
    /// A `pdflatex` with `booktabs`.
    Tex,
}

impl Need {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Window,
        Self::RealData,
        Self::Python,
        Self::Torch,
        Self::Tmpfs,
        Self::Users,
        Self::Slurm,
        Self::Ssh,
        Self::Tensorboard,
        Self::Tex,
    ];

    /// As `FUSIONSCOPE_REQUIRE` names it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::RealData => "realdata",
            Self::Python => "python",
            Self::Torch => "torch",
            Self::Tmpfs => "tmpfs",
            Self::Users => "users",
            Self::Slurm => "slurm",
            Self::Ssh => "ssh",
            Self::Tensorboard => "tensorboard",
            Self::Tex => "tex",
        }
    }

    /// The needs in a list of words. A word that names none would require nothing in silence: it is the error.
    pub fn listed(words: &str) -> Result<Vec<Self>, &str> {
        let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(|word| Self::ALL.into_iter().find(|need| need.word() == word).ok_or(word)).collect()
    }
}

/// Says on the terminal that a test is skipped and what it misses; panics where `FUSIONSCOPE_REQUIRE` names the need.
#[track_caller]
pub fn skip(test: &str, need: Need, missing: &str) {
    let words = std::env::var("FUSIONSCOPE_REQUIRE").unwrap_or_default();
    let required = Need::listed(&words).unwrap_or_else(|word| {
        panic!("FUSIONSCOPE_REQUIRE names `{word}`; expected {}", Need::ALL.map(Need::word).join(", "))
    });
    let word = need.word();
    assert!(!required.contains(&need), "{test} misses {missing}, and FUSIONSCOPE_REQUIRE names `{word}`");
    // Past the test runner, which keeps what a passed test prints to itself.
    let _unread = writeln!(std::io::stderr(), "skipped: {test} misses {missing}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_is_a_list_of_whole_words() {
        assert_eq!(Need::listed("window, realdata"), Ok(vec![Need::Window, Need::RealData]));
        assert_eq!(Need::listed(""), Ok(Vec::new()));
        assert_eq!(Need::listed("window,windows"), Err("windows"));
    }

    #[test]
    fn continuous_integration_requires_all_that_a_test_may_miss() {
        let script = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../.ci/run")).unwrap();
        let (_, rest) = script.split_once("export FUSIONSCOPE_REQUIRE=\"${FUSIONSCOPE_REQUIRE-").unwrap();
        assert_eq!(Need::listed(rest.split_once('}').unwrap().0), Ok(Need::ALL.to_vec()));
    }
}
