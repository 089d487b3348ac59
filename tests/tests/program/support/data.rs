//! Data sets so small that a training step takes milliseconds.

use std::path::{Path, PathBuf};

use image::{GrayImage, Luma, Rgb, RgbImage};

/// A network and a schedule that suit [`tiny_data`]: three teacher steps, five student steps, every component on.
const TINY_RECIPE: &str = r#"version = 1
data.batch_size = 2
encoder.family = "nano"
decoder.channels = 8
decoder.skip_channels = 4
decoder.rates = [1, 2, 3]
objective.contrast.anchors = 16
objective.contrast.width = 8
objective.contrast.stages = [4, 5]
teacher.steps = 3
training.steps = 5
training.learning_rate = 1e-2
training.checkpoint_every = 2
training.checkpoint_keep = 3
"#;

/// Width of a scene in pixels.
pub const WIDTH: u32 = 48;
/// Height of a scene in pixels.
pub const HEIGHT: u32 = 32;

/// A data set of a few scenes with a colour and a thermal camera and three classes.
pub struct Tiny {
    /// The folder.
    pub path: PathBuf,
}

/// Writes the recipe into `folder`; lines of `changes` take the place of those with the same key.
pub fn write_recipe(folder: &Path, changes: &str) -> PathBuf {
    let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
    let changed: Vec<String> = changes.lines().map(key).collect();
    let kept = TINY_RECIPE.lines().filter(|line| !changed.contains(&key(line)));
    let path = folder.join("tiny.toml");
    std::fs::write(&path, kept.chain(changes.lines()).collect::<Vec<_>>().join("\n")).unwrap();
    path
}

/// Makes a data set in `path`: four scenes to train on, two to choose by, three to test on, every second one at night.
///
/// A warm square moves over a floor below a wall; at night the colour image is all but black.
pub fn tiny_data(path: &Path) -> Tiny {
    let tiny = Tiny { path: path.to_owned() };
    for (split, scenes) in [("train", 4), ("val", 2), ("test", 3)] {
        for scene in 0..scenes {
            tiny.add_scene(split, &scene_id(scene), scene);
        }
    }
    tiny.write_manifest("");
    tiny
}

fn scene_id(scene: u32) -> String {
    format!("{scene:02}-{}", if scene % 2 == 1 { "night" } else { "day" })
}

impl Tiny {
    /// Where a scene's image of a sensor (or `label`) lies.
    pub fn file(&self, split: &str, sensor: &str, id: &str) -> PathBuf {
        self.path.join(split).join(sensor).join(format!("{id}.png"))
    }

    /// The folder as an argument.
    pub fn argument(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// Writes the three files of a scene.
    pub fn add_scene(&self, split: &str, id: &str, seed: u32) {
        for sensor in ["colour", "thermal", "label"] {
            std::fs::create_dir_all(self.path.join(split).join(sensor)).unwrap();
        }
        let night = id.ends_with("night");
        let left = 4 + 9 * seed % (WIDTH - 16);
        let class = |x: u32, y: u32| -> u8 {
            if (left..left + 10).contains(&x) && (12..24).contains(&y) { 2 } else { u8::from(y >= HEIGHT / 2) }
        };
        let grain = |x: u32, y: u32| (x * 7 + y * 13 + seed * 5) % 11;
        let colour = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
            let [red, green, blue] = [[90, 120, 160], [110, 100, 90], [170, 60, 60]][usize::from(class(x, y))];
            let shade = |value: u32| ((value + grain(x, y)) / if night { 12 } else { 1 }) as u8;
            Rgb([shade(red), shade(green), shade(blue)])
        });
        let thermal = GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
            Luma([([70, 80, 200][usize::from(class(x, y))] + grain(x, y)) as u8])
        });
        let label = GrayImage::from_fn(WIDTH, HEIGHT, |x, y| Luma([if x == 0 { 255 } else { class(x, y) }]));
        colour.save(self.file(split, "colour", id)).unwrap();
        thermal.save(self.file(split, "thermal", id)).unwrap();
        label.save(self.file(split, "label", id)).unwrap();
    }

    /// Replaces words of `dataset.toml`.
    #[track_caller]
    pub fn change(&self, changes: &[(&str, &str)]) {
        let path = self.path.join("dataset.toml");
        let mut manifest = std::fs::read_to_string(&path).unwrap();
        for (from, to) in changes {
            assert!(manifest.contains(from), "{from}: {manifest}");
            manifest = manifest.replace(from, to);
        }
        std::fs::write(&path, manifest).unwrap();
    }

    /// Writes `dataset.toml`, whose splits are found by their files; `extra` is added at its end.
    pub fn write_manifest(&self, extra: &str) {
        let splits = "[[splits]]\nname = \"train\"\n[[splits]]\nname = \"val\"\n[[splits]]\nname = \"test\"\n";
        self.write_manifest_with(splits, extra);
    }

    /// Writes `dataset.toml` with other splits.
    pub fn write_manifest_with(&self, splits: &str, extra: &str) {
        let text = format!(
            r#"version = 1
name = "tiny"

[[modalities]]
name = "colour"
kind = "colour"
pattern = "{{split}}/colour/{{id}}.png"

[[modalities]]
name = "thermal"
kind = "thermal"
pattern = "{{split}}/thermal/{{id}}.png"

[labels]
pattern = "{{split}}/label/{{id}}.png"
names = ["wall", "floor", "walker"]
colours = [[90, 120, 160], [110, 100, 90], [220, 20, 60]]

{splits}
[[tags]]
name = "day"
suffix = "day"

[[tags]]
name = "night"
suffix = "night"
{extra}"#
        );
        std::fs::write(self.path.join("dataset.toml"), text).unwrap();
    }
}
