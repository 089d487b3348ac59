//! Writes the sample data set: PNG files and their manifest.

use std::ops::ControlFlow;
use std::path::Path;

use rayon::prelude::*;

use super::class::{COLOURS, NAMES};
use super::error::SceneError;
use super::png::{self, Format};
use super::readme::{README_NAME, readme};
use super::render::{Scene, render};
use super::settings::SceneSettings;
use super::{depth, event, lidar, thermal};
use crate::data::{
    LabelFiles, MANIFEST_NAME, MANIFEST_VERSION, Manifest, ModalityFiles, ModalityKind, SplitSource, TagRule,
};

/// What rendered streets are called, wherever they lie.
pub const SAMPLE_NAME: &str = "Fusionscope sample streets";

/// The folder of day scenes' thermal images by night, which is none of the data set's sensors.
const THERMAL_NIGHT: &str = "thermal-night";

fn refused(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> SceneError {
    let path = path.to_owned();
    move |error| SceneError::File { action, reason: error.to_string(), path }
}

/// Renders all scenes of `settings` into `dir`; `progress` hears how many of how many are done, and
/// answers whether to go on.
///
/// The manifest is written last, so a folder that was interrupted is not taken for a data set.
pub fn write_dataset(
    dir: &Path,
    settings: &SceneSettings,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<(), SceneError> {
    let (width, height) = (settings.width, settings.height);
    if !(16..=4096).contains(&width) || !(16..=4096).contains(&height) {
        return Err(SceneError::Size { width, height });
    }
    if settings.train == 0 {
        return Err(SceneError::Empty);
    }
    for (split, _) in settings.splits().iter().filter(|(_, count)| *count > 0) {
        for sensor in ["colour", "thermal", THERMAL_NIGHT, "depth", "lidar", "event", "label"] {
            let folder = dir.join(split).join(sensor);
            std::fs::create_dir_all(&folder).map_err(refused("make a folder", &folder))?;
        }
    }
    let scenes: Vec<(&str, usize)> =
        settings.splits().iter().flat_map(|&(split, count)| (0..count).map(move |index| (split, index))).collect();
    let mut done = 0;
    for chunk in scenes.chunks(8) {
        chunk.par_iter().try_for_each(|&(split, index)| write_scene(dir, split, &render(settings, split, index)))?;
        done += chunk.len() as u64;
        if progress(done, scenes.len() as u64).is_break() {
            return Err(SceneError::Stopped);
        }
    }
    let path = dir.join(README_NAME);
    std::fs::write(&path, readme(dir, settings)?).map_err(refused("write the page beside the data", &path))?;
    let path = dir.join(MANIFEST_NAME);
    std::fs::write(&path, dataset_manifest(settings).to_toml()?).map_err(refused("write the manifest", &path))
}

/// The description of the data set that [`write_dataset`] writes.
pub fn dataset_manifest(settings: &SceneSettings) -> Manifest {
    let files = |name: &str, kind| ModalityFiles::new(name, kind, &format!("{{split}}/{name}/{{id}}.png"));
    let metres = |name: &str, kind, scale: f32, high: f32| ModalityFiles {
        bit_depth: 16,
        scale: Some(scale),
        unit: "m".to_owned(),
        low: Some(0.0),
        high: Some(high),
        ..files(name, kind)
    };
    let splits = settings.splits().into_iter().filter(|(_, count)| *count > 0);
    let tag = |name: &str| TagRule { name: name.to_owned(), suffix: Some(format!("-{name}")), ..TagRule::default() };
    Manifest {
        version: MANIFEST_VERSION,
        name: SAMPLE_NAME.to_owned(),
        class_map: String::new(),
        modalities: vec![
            files("colour", ModalityKind::Colour),
            ModalityFiles {
                scale: Some(thermal::SCALE),
                offset: thermal::OFFSET,
                unit: "°C".to_owned(),
                low: Some(-10.0),
                high: Some(42.0),
                ..files("thermal", ModalityKind::Thermal)
            },
            metres("depth", ModalityKind::Depth, depth::SCALE, depth::FARTHEST * 0.5),
            metres("lidar", ModalityKind::Lidar, lidar::SCALE, lidar::FARTHEST * 0.5),
            ModalityFiles {
                scale: Some(1.0 / event::STEP as f32),
                offset: -f32::from(event::NONE) / event::STEP as f32,
                unit: "events".to_owned(),
                low: Some(-3.0),
                high: Some(3.0),
                ..files("event", ModalityKind::Event)
            },
        ],
        labels: Some(LabelFiles {
            pattern: "{split}/label/{id}.png".to_owned(),
            names: NAMES.map(str::to_owned).to_vec(),
            colours: COLOURS.to_vec(),
            ..LabelFiles::default()
        }),
        splits: splits.map(|(name, _)| SplitSource { name: name.to_owned(), ..SplitSource::default() }).collect(),
        tags: vec![tag("day"), tag("night")],
        class_maps: Vec::new(),
        proposals: Vec::new(),
    }
}

fn write_scene(dir: &Path, split: &str, scene: &Scene) -> Result<(), SceneError> {
    for (sensor, bytes) in encode(scene) {
        let path = dir.join(split).join(sensor).join(format!("{}.png", scene.id));
        std::fs::write(&path, bytes).map_err(refused("write a picture", &path))?;
    }
    Ok(())
}

/// The PNG files of a scene, by sensor.
pub fn encode(scene: &Scene) -> Vec<(&'static str, Vec<u8>)> {
    let png = |bytes: &[u8], format| png::encode(bytes, scene.width, scene.height, format);
    let wide = |values: &[u16]| values.iter().flat_map(|value| value.to_be_bytes()).collect::<Vec<u8>>();
    let mut files = vec![
        ("colour", png(&scene.colour, Format::Rgb8)),
        ("thermal", png(&scene.thermal, Format::Grey8)),
        ("depth", png(&wide(&scene.depth), Format::Grey16)),
        ("lidar", png(&wide(&scene.lidar), Format::Grey16)),
        ("event", png(&scene.event, Format::Grey8)),
        ("label", png(&scene.label, Format::Grey8)),
    ];
    if !scene.thermal_night.is_empty() {
        files.push((THERMAL_NIGHT, png(&scene.thermal_night, Format::Grey8)));
    }
    files
}
