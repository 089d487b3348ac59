//! The shipped data is what the code renders, and what it renders has the physics that make fusion matter.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::class::{Class, NAMES};
use super::material::{CarPaint, Skin};
use super::settings::{is_night, scene_id};
use super::vector::{Vec3, v};
use super::weather::Weather;
use super::write::encode;
use super::*;
use crate::data::Manifest;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets-sample")
}

/// The first scenes of the training split, days or nights; rendered once for all tests.
fn scenes(night: bool) -> &'static [Scene] {
    static SCENES: LazyLock<[Vec<Scene>; 2]> = LazyLock::new(|| {
        let settings = SceneSettings::default();
        let of = |night| {
            (0..40).filter(move |&index| is_night(index) == night).map(|index| render(&settings, "train", index))
        };
        [of(false).collect(), of(true).collect()]
    });
    &SCENES[usize::from(night)]
}

/// The size of a shipped picture of 8 bits, and what its file holds: of a label map with a palette, class ids.
fn stored(path: &Path) -> ([usize; 2], Vec<u8>) {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut decoder = ::png::Decoder::new(std::io::BufReader::new(file));
    decoder.set_transformations(::png::Transformations::IDENTITY);
    let mut reader = decoder.read_info().expect("a picture");
    let mut values = vec![0; reader.output_buffer_size().expect("a size")];
    let frame = reader.next_frame(&mut values).expect("a picture");
    assert_eq!(frame.bit_depth, ::png::BitDepth::Eight, "{}", path.display());
    values.truncate(frame.buffer_size());
    ([frame.width as usize, frame.height as usize], values)
}

/// Brightness, 0 to 255.
fn grey(scene: &Scene) -> Vec<f32> {
    scene.colour.chunks_exact(3).map(|c| c.iter().map(|&x| f32::from(x)).sum::<f32>() / 3.0).collect()
}

fn thermal(scene: &Scene) -> Vec<f32> {
    scene.thermal.iter().map(|&x| f32::from(x) * 0.25 - 20.0).collect()
}

fn mean_and_variance(values: &[f32]) -> (f32, f32) {
    let count = values.len() as f32;
    let mean = values.iter().sum::<f32>() / count;
    (mean, values.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / count)
}

/// How far apart two sets of values are, in deviations.
fn separation(a: &[f32], b: &[f32]) -> f32 {
    let ((mean_a, variance_a), (mean_b, variance_b)) = (mean_and_variance(a), mean_and_variance(b));
    (mean_a - mean_b).abs() / ((variance_a + variance_b) * 0.5 + 1e-6).sqrt()
}

/// How far a class stands out from what lies within four pixels of it, in deviations, averaged over scenes.
fn contrast(scenes: &[Scene], class: Class, image: impl Fn(&Scene) -> Vec<f32>) -> f32 {
    let mut found = Vec::new();
    for scene in scenes {
        let values = image(scene);
        let is_class = |x: i32, y: i32| {
            let inside = x >= 0 && y >= 0 && x < scene.width as i32 && y < scene.height as i32;
            inside && scene.label[y as usize * scene.width + x as usize] == class as u8
        };
        let (mut own, mut ring) = (Vec::new(), Vec::new());
        for (index, &value) in values.iter().enumerate() {
            let (x, y) = ((index % scene.width) as i32, (index / scene.width) as i32);
            if is_class(x, y) {
                own.push(value);
            } else if (-4..=4).any(|d| is_class(x + d, y) || is_class(x, y + d)) {
                ring.push(value);
            }
        }
        if own.len() >= 24 && ring.len() >= 24 {
            found.push(separation(&own, &ring));
        }
    }
    assert!(found.len() >= 4, "only {} scenes show {class:?}", found.len());
    found.iter().sum::<f32>() / found.len() as f32
}

#[test]
fn the_shipped_scenes_are_rendered_again_byte_for_byte() {
    let settings = SceneSettings::default();
    for (split, index) in [("train", 0), ("train", 101), ("val", 7), ("test", 39), ("test", 20)] {
        let scene = render(&settings, split, index);
        for (sensor, bytes) in encode(&scene) {
            let path = shipped().join(split).join(sensor).join(format!("{}.png", scene.id));
            let kept = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(kept == bytes, "{} differs from what the generator writes", path.display());
        }
    }
}

#[test]
fn the_shipped_manifest_is_the_written_one_and_reads_back() {
    let settings = SceneSettings::default();
    let written = dataset_manifest(&settings);
    let text = std::fs::read_to_string(shipped().join("dataset.toml")).expect("a manifest");
    assert_eq!(text, written.to_toml().expect("text"));
    assert_eq!(Manifest::from_toml(&text, Path::new("dataset.toml")).expect("a valid manifest"), written);
    for (split, count) in settings.splits() {
        for sensor in ["colour", "thermal", "depth", "lidar", "event", "label"] {
            let files = std::fs::read_dir(shipped().join(split).join(sensor)).expect("a folder").count();
            assert_eq!(files, count, "{split}/{sensor}");
        }
        let by_night = std::fs::read_dir(shipped().join(split).join("thermal-night")).expect("a folder").count();
        assert_eq!(by_night, count / 2, "every day scene has a thermal image by night");
    }
}

#[test]
fn every_shipped_day_scene_has_a_pseudo_label_and_a_thermal_image_by_night_and_no_night_scene_has() {
    let settings = SceneSettings::default();
    let size = [settings.width, settings.height];
    for index in 0..settings.train {
        let id = scene_id(index);
        let file = |folder: &str| shipped().join("train").join(folder).join(format!("{id}.png"));
        let (labels, by_night) = (file("pseudo-labels"), file("thermal-night"));
        if is_night(index) {
            assert!(!labels.exists() && !by_night.exists(), "{id}");
            continue;
        }
        let (found, labels) = stored(&labels);
        assert_eq!((found, labels.len()), (size, size[0] * size[1]), "{id}");
        assert!(labels.iter().all(|&class| usize::from(class) < NAMES.len()), "{id} holds ids that are no class");
        let (found, thermal) = stored(&by_night);
        assert_eq!((found, thermal.len()), (size, size[0] * size[1]), "{id}");
    }
    let files = std::fs::read_dir(shipped().join("train/pseudo-labels")).expect("a folder").count();
    assert_eq!(files, settings.train / 2 + 1, "the labels and the page that says how they were made");
}

#[test]
fn the_page_of_the_shipped_pseudo_labels_says_how_good_they_are() {
    let train = shipped().join("train");
    let (mut hits, mut unions) = ([0_u32; NAMES.len()], [0_u32; NAMES.len()]);
    for id in (0..SceneSettings::default().train).filter(|&index| !is_night(index)).map(scene_id) {
        let [labels, truth] =
            ["pseudo-labels", "label"].map(|folder| stored(&train.join(folder).join(format!("{id}.png"))).1);
        for (label, truth) in labels.into_iter().zip(truth).map(|(label, truth)| (label as usize, truth as usize)) {
            hits[truth] += u32::from(label == truth);
            unions[truth] += 1;
            unions[label] += u32::from(label != truth);
        }
    }
    let iou = |class: usize| 100.0 * f64::from(hits[class]) / f64::from(unions[class]);
    let mean = (0..NAMES.len()).map(iou).sum::<f64>() / NAMES.len() as f64;
    let (person, sign) = (iou(Class::Person as usize), iou(Class::Pole as usize));
    let words = format!("mean IoU is {mean:.1} %: people reach {person:.0} and signs {sign:.0} %");
    let page = std::fs::read_to_string(train.join("pseudo-labels/README.md")).expect("a page");
    assert!(page.contains(&words), "{words}");
}

#[test]
fn the_readme_holds_what_is_measured_on_the_shipped_data() {
    let readme = std::fs::read_to_string(shipped().join("README.md")).expect("a README");
    let written = super::readme::readme(&shipped(), &SceneSettings::default()).expect("a page");
    assert!(readme == written, "datasets-sample/README.md is not what the generator writes, which is:\n{written}");
}

#[test]
fn a_small_data_set_is_written_complete_and_twice_the_same() {
    let settings = SceneSettings { seed: 7, train: 3, val: 1, test: 0, width: 48, height: 32 };
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    for folder in &folders {
        let mut heard = Vec::new();
        write_dataset(folder.path(), &settings, &mut |done, all| {
            heard.push((done, all));
            ControlFlow::Continue(())
        })
        .expect("written");
        assert_eq!(heard.last(), Some(&(4, 4)));
    }
    for name in ["dataset.toml", "train/colour/0001-night.png", "val/depth/0000-day.png", "train/event/0002-day.png"] {
        let [first, second] = folders.each_ref().map(|folder| std::fs::read(folder.path().join(name)).expect(name));
        assert!(first == second, "{name} differs between two runs");
    }
    assert!(!folders[0].path().join("test").exists());
}

#[test]
fn impossible_sizes_and_unwritable_folders_are_refused_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let refuse = |settings: SceneSettings, dir: &Path| {
        write_dataset(dir, &settings, &mut |_, _| ControlFlow::Continue(())).expect_err("refused").to_string()
    };
    let empty = SceneSettings { width: 0, ..SceneSettings::default() };
    assert!(refuse(empty, folder.path()).contains("0 × 120"));
    let none = SceneSettings { train: 0, ..SceneSettings::default() };
    assert!(refuse(none, folder.path()).contains("at least one"));
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").expect("a file");
    assert!(refuse(SceneSettings::default(), &file).contains("file"));
    assert!(describe(folder.path()).expect_err("nothing there").to_string().contains("label"));
}

#[test]
fn people_glow_in_thermal_and_vanish_in_night_colour() {
    let nights = scenes(true);
    let (seen, felt) = (contrast(nights, Class::Person, grey), contrast(nights, Class::Person, thermal));
    assert!(felt > 1.5, "people differ from their surroundings by {felt:.2} deviations in thermal");
    assert!(felt > 2.5 * seen, "thermal {felt:.2} against night colour {seen:.2}");
}

#[test]
fn cold_things_vanish_in_thermal_where_people_do_not() {
    let nights = scenes(true);
    let person = contrast(nights, Class::Person, thermal);
    for class in [Class::Bicycle, Class::Cone] {
        let cold = contrast(nights, class, thermal);
        assert!(person > 2.0 * cold, "person {person:.2}, {class:?} {cold:.2} deviations from the surroundings");
    }
    let days = scenes(false);
    let orange = |scene: &Scene| -> Vec<f32> {
        scene.colour.chunks_exact(3).map(|c| f32::from(c[0]) - f32::from(c[2])).collect()
    };
    let (seen, felt) = (contrast(days, Class::Cone, orange), contrast(days, Class::Cone, thermal));
    assert!(seen > 2.0 * felt, "cones by day: colour {seen:.2}, thermal {felt:.2}");
}

#[test]
fn road_and_sidewalk_differ_in_colour_and_hardly_in_thermal() {
    let mut measured = [Vec::new(), Vec::new()];
    for scene in scenes(true) {
        for (image, found) in [grey(scene), thermal(scene)].iter().zip(&mut measured) {
            // Along the same rows, where distance and headlights are alike.
            for row in [85, 95, 105] {
                let of = |class: Class| -> Vec<f32> {
                    let pixels = row * scene.width..(row + 8) * scene.width;
                    pixels.filter(|&i| scene.label[i] == class as u8).map(|i| image[i]).collect()
                };
                let (road, sidewalk) = (of(Class::Road), of(Class::Sidewalk));
                if road.len() > 60 && sidewalk.len() > 60 {
                    found.push(mean_and_variance(&road).0 - mean_and_variance(&sidewalk).0);
                }
            }
        }
    }
    let size = |differences: &[f32]| differences.iter().map(|d| d.abs()).sum::<f32>() / differences.len() as f32;
    let [grey_levels, kelvin] = measured.map(|differences| size(&differences));
    assert!(grey_levels > 20.0, "{grey_levels:.1} grey levels apart in colour");
    assert!(kelvin < 0.4, "{kelvin:.2} K apart in thermal");
}

#[test]
fn a_running_car_is_hot_where_a_parked_one_is_cold() {
    let mut dice = super::arithmetic::Dice::new(crate::random::Streams::new(1).stream("test", 0));
    let weather = Weather::throw(true, &mut dice);
    let car = |running| CarPaint {
        colour: Vec3::all(0.3),
        half_length: 2.2,
        half_width: 0.9,
        belt: 0.95,
        axles: (1.35, -1.3),
        wheel: 0.32,
        running,
    };
    let bonnet = |running| Skin::Body(car(running)).heat(v(0.0, 0.8, 1.7), v(0.0, 1.0, 0.0), &weather).celsius;
    assert!(bonnet(true) > bonnet(false) + 10.0);
    let tyre = |running| Skin::Tyre { running, radius: 0.32 }.heat(Vec3::default(), v(1.0, 0.0, 0.0), &weather).celsius;
    assert!(tyre(true) > tyre(false) + 5.0);
    let look = |running| Skin::Body(car(running)).look(v(0.7, 0.6, 2.2), v(0.0, 0.0, 1.0), &weather);
    assert!(look(true).emission.x > 1.0 && look(false).emission.x == 0.0, "headlights shine when the engine runs");
}

#[test]
fn every_sensor_has_its_own_faults() {
    for night in [false, true] {
        for scene in scenes(night) {
            let pixels = scene.label.len() as f32;
            let solid = scene.label.iter().filter(|&&id| id != Class::Sky as u8).count() as f32;
            let holes = scene.depth.iter().zip(&scene.label).filter(|&(&d, &id)| d == 0 && id != Class::Sky as u8);
            let holes = holes.count() as f32 / solid;
            assert!((0.005..0.6).contains(&holes), "{}: {holes:.3} of the depth is missing", scene.id);
            let returns = scene.lidar.iter().filter(|&&d| d > 0).count() as f32 / pixels;
            assert!((0.02..0.3).contains(&returns), "{}: LiDAR returns at {returns:.3} of the pixels", scene.id);
            let quiet = scene.event.iter().map(|&event| f32::from(u8::from(event == 128))).sum::<f32>() / pixels;
            assert!((0.5..0.999).contains(&quiet), "{}: no events at {quiet:.3} of the pixels", scene.id);
        }
    }
}

#[test]
fn all_classes_appear_by_day_and_by_night() {
    for night in [false, true] {
        let mut seen = [0_usize; NAMES.len()];
        for scene in scenes(night) {
            for &id in &scene.label {
                seen[usize::from(id)] += 1;
            }
        }
        for (name, count) in NAMES.iter().zip(seen) {
            assert!(count > 300, "{name}: {count} pixels in twenty scenes, night = {night}");
        }
    }
}

#[test]
fn a_day_scene_seen_by_night_is_the_same_place_without_sunlight() {
    // How much the ground's temperatures differ along rows: by day sunlit and shaded places lie beside each other.
    let spread = |image: &[u8], label: &[u8]| {
        let ground: Vec<f64> =
            image.iter().zip(label).filter(|(_, class)| **class <= 1).map(|(value, _)| f64::from(*value)).collect();
        let mean = ground.iter().sum::<f64>() / ground.len() as f64;
        (ground.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / ground.len() as f64).sqrt()
    };
    let (scenes, nights) = (scenes(false), scenes(true));
    assert!(scenes.iter().all(|scene| scene.thermal_night.len() == scene.thermal.len()));
    let mean = |image: fn(&Scene) -> &[u8]| {
        scenes.iter().map(|scene| spread(image(scene), &scene.label)).sum::<f64>() / scenes.len() as f64
    };
    let (day, night) = (mean(|scene| &scene.thermal), mean(|scene| &scene.thermal_night));
    assert!(night < 0.7 * day, "the ground varies by {day} by day and {night} by night");
    assert!(nights.iter().all(|scene| scene.thermal_night.is_empty()));
}
