//! A tiny folder of each public data set, true to its formats, and what opens from it.

use std::path::Path;

use png::{BitDepth, ColorType};

use crate::data::fixture::{flat, npy_bytes, open, png_bytes, write};
use crate::data::{Dataset, IGNORE, Manifest, Normalisation};
use crate::recipe::{Recipe, preset};

const GREY: ColorType = ColorType::Grayscale;
const RGB: ColorType = ColorType::Rgb;

/// A data set's folder, and the files of one of its training scenes.
pub(super) struct Set {
    pub(super) name: &'static str,
    pub(super) write: fn(&Path),
    /// The first sensor's file, another's, and the label.
    pub(super) files: [&'static str; 3],
    /// A list, and the split that it is of.
    pub(super) list: Option<(&'static str, &'static str)>,
}

pub(super) static SETS: [Set; 10] = [
    Set {
        name: "MFNet",
        write: mfnet,
        files: ["rgb/00002N.png", "ther/00002N.png", "labels/00002N.png"],
        list: Some(("train.txt", "train")),
    },
    Set {
        name: "PST900",
        write: pst900,
        files: ["train/rgb/B_frame2.png", "train/thermal/B_frame2.png", "train/labels/B_frame2.png"],
        list: None,
    },
    Set {
        name: "MSRS",
        write: msrs,
        files: ["train/vi/00002N.png", "train/ir/00002N.png", "train/Segmentation_labels/00002N.png"],
        list: None,
    },
    Set {
        name: "FMB",
        write: fmb,
        files: ["train/Visible/00002.png", "train/Infrared/00002.png", "train/Label/00002.png"],
        list: None,
    },
    Set {
        name: "MVSS",
        write: mvss,
        files: ["data/a/visible/2v.jpg", "data/a/infrared/2i.png", "data/a/label/2l.png"],
        list: Some(("train.txt", "train")),
    },
    Set {
        name: "NYUDv2",
        write: nyudv2,
        files: ["RGB/2.png", "Depth/2.png", "Label/2.png"],
        list: Some(("train.txt", "train")),
    },
    Set {
        name: "LLRGBD",
        write: llrgbd,
        files: ["train/rgb/2.png", "train/depth/2.png", "train/label/2.png"],
        list: Some(("train/train.txt", "train")),
    },
    Set {
        name: "DELIVER",
        write: deliver,
        files: [
            "img/night/train/MAP_1_point2/002_rgb_front.png",
            "hha/night/train/MAP_1_point2/002_depth_front.png",
            "semantic/night/train/MAP_1_point2/002_semantic_front.png",
        ],
        list: None,
    },
    Set {
        name: "MCubeS",
        write: mcubes,
        files: ["polL_color/scene_2.png", "NIR_warped/scene_2.png", "GT/scene_2.png"],
        list: Some(("list_folder/train.txt", "train")),
    },
    Set {
        name: "KAIST",
        write: kaist,
        files: [
            "images/set00/V000/visible/I00002.jpg",
            "images/set00/V000/lwir/I00002.jpg",
            "labels/set00_V000_I00002.png",
        ],
        list: Some(("train.txt", "train")),
    },
];

/// The scenes of train and test.
const SPLITS: [(&str, [u8; 3]); 2] = [("train", [1, 2, 3]), ("test", [4, 5, 6])];

/// Each scene of each split.
fn each(mut scene: impl FnMut(&str, u8)) {
    for (split, scenes) in SPLITS {
        for number in scenes {
            scene(split, number);
        }
    }
}

/// An 8-bit image of 8 × 6, of one value.
fn image(root: &Path, name: &str, colour: ColorType, value: u8) {
    flat(root, name, 8, 6, colour, value);
}

/// A 16-bit grey image of one value.
fn wide(root: &Path, name: &str, (width, height): (u32, u32), value: u16) {
    let data = value.to_be_bytes().repeat((width * height) as usize);
    write(root, name, &png_bytes(width, height, GREY, BitDepth::Sixteen, &data));
}

/// A colour JPEG of 8 × 6, of one grey.
fn jpeg(root: &Path, name: &str, value: u8) {
    use image::ImageEncoder as _;
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
    encoder.write_image(&[value; 8 * 6 * 3], 8, 6, image::ExtendedColorType::Rgb8).unwrap();
    write(root, name, &bytes);
}

/// MFNet's lists, which others have as well.
fn lists(root: &Path, line: impl Fn(u8) -> String) {
    for (split, scenes) in SPLITS {
        let text: String = scenes.into_iter().map(|scene| format!("{}\n", line(scene))).collect();
        write(root, &format!("{split}.txt"), text.as_bytes());
    }
}

fn by_hour(scene: u8) -> String {
    format!("{scene:05}{}", if scene.is_multiple_of(2) { "N" } else { "D" })
}

/// CMX's folders.
fn mfnet(root: &Path) {
    each(|_, scene| {
        let id = by_hour(scene);
        image(root, &format!("rgb/{id}.png"), RGB, 10 + scene);
        image(root, &format!("ther/{id}.png"), GREY, 20 + scene);
        image(root, &format!("labels/{id}.png"), GREY, scene % 9);
    });
    lists(root, by_hour);
}

fn pst900(root: &Path) {
    each(|split, scene| {
        let id = format!("{}_frame{scene}", char::from(b'@' + scene));
        image(root, &format!("{split}/rgb/{id}.png"), RGB, 10 + scene);
        let thermal: Vec<u8> = (0..48).map(|pixel| if pixel < 6 { 0 } else { 100 + scene }).collect();
        write(root, &format!("{split}/thermal/{id}.png"), &png_bytes(8, 6, GREY, BitDepth::Eight, &thermal));
        let raw: Vec<u8> =
            (0..48_u16).flat_map(|pixel| if pixel < 6 { [0; 2] } else { (7000 + pixel).to_be_bytes() }).collect();
        write(root, &format!("{split}/thermal_raw/{id}.png"), &png_bytes(8, 6, GREY, BitDepth::Sixteen, &raw));
        wide(root, &format!("{split}/depth/{id}.png"), (8, 6), 2560 * u16::from(scene));
        image(root, &format!("{split}/labels/{id}.png"), GREY, scene % 5);
    });
}

fn msrs(root: &Path) {
    each(|split, scene| {
        let id = by_hour(scene);
        image(root, &format!("{split}/vi/{id}.png"), RGB, 10 + scene);
        image(root, &format!("{split}/ir/{id}.png"), GREY, 20 + scene);
        image(root, &format!("{split}/Segmentation_labels/{id}.png"), GREY, scene % 9);
    });
}

fn fmb(root: &Path) {
    each(|split, scene| {
        image(root, &format!("{split}/Visible/{scene:05}.png"), RGB, 10 + scene);
        image(root, &format!("{split}/Infrared/{scene:05}.png"), RGB, 20 + scene);
        image(root, &format!("{split}/Label/{scene:05}.png"), GREY, 8 + scene);
        image(root, &format!("{split}/color/{scene:05}.png"), RGB, 8 + scene);
    });
}

fn mvss(root: &Path) {
    for (video, scenes) in [("a", [1, 2, 3]), ("b", [4, 5, 6])] {
        for scene in scenes {
            jpeg(root, &format!("data/{video}/visible/{scene}v.jpg"), 10 + scene);
            image(root, &format!("data/{video}/infrared/{scene}i.png"), RGB, 20 + scene);
            image(root, &format!("data/{video}/label/{scene}l.png"), GREY, 19 + scene);
        }
        // A frame between, which nobody has labelled.
        jpeg(root, &format!("data/{video}/visible/9v.jpg"), 9);
        image(root, &format!("data/{video}/infrared/9i.png"), RGB, 9);
    }
    write(root, "train.txt", b"a\n");
    write(root, "test.txt", b"b\n");
    write(root, "test_night.txt", b"b\n");
}

/// CMX's folders with raw depth of 8 bits.
fn nyudv2(root: &Path) {
    each(|_, scene| {
        image(root, &format!("RGB/{scene}.png"), RGB, 10 + scene);
        image(root, &format!("Depth/{scene}.png"), GREY, 50 + scene);
        image(root, &format!("Label/{scene}.png"), GREY, scene);
    });
    lists(root, |scene| scene.to_string());
}

fn llrgbd(root: &Path) {
    each(|split, scene| {
        image(root, &format!("{split}/rgb/{scene}.png"), RGB, 10 + scene);
        image(root, &format!("{split}/depth/{scene}.png"), GREY, 50 + scene);
        image(root, &format!("{split}/label/{scene}.png"), GREY, scene - 1);
    });
    write(root, "train/train.txt", b"1\n2\n3\n");
    write(root, "test/test.txt", b"4\n5\n6\n");
}

fn deliver(root: &Path) {
    each(|split, scene| {
        let weather = if scene.is_multiple_of(2) { "night" } else { "fog" };
        let map = if scene == 3 { "MAP_3_point1_motionblur" } else { "MAP_1_point2" };
        let place = |kind: &str, word: &str| format!("{kind}/{weather}/{split}/{map}/{scene:03}_{word}_front.png");
        image(root, &place("img", "rgb"), RGB, 10 + scene);
        image(root, &place("hha", "depth"), RGB, 50 + scene);
        // Events of another size and shape.
        flat(root, &place("event", "event"), 6, 3, RGB, 90 + scene);
        image(root, &place("lidar", "lidar"), RGB, 70 + scene);
        let red = [[scene * 4, 7, 9]; 48].concat();
        write(root, &place("semantic", "semantic"), &png_bytes(8, 6, RGB, BitDepth::Eight, &red));
    });
}

fn mcubes(root: &Path) {
    const SIZE: (u32, u32) = (196, 4);
    let floats = |root: &Path, name: &str, left: f32, right: f32| {
        let values: Vec<f32> = (0..196 * 4).map(|at| if at % 196 < 192 { left } else { right }).collect();
        write(root, name, &npy_bytes(&[4, 196], npyz::Order::C, &values));
    };
    for (split, scenes) in [("train", [1_u8, 2, 3]), ("val", [7, 8, 9]), ("test", [4, 5, 6])] {
        for scene in scenes {
            let id = format!("scene_{scene}");
            let colour = [[255_u8, 255, 0, 0, 127, 255]; 196 * 4].concat();
            let colour = png_bytes(SIZE.0, SIZE.1, RGB, BitDepth::Sixteen, &colour);
            write(root, &format!("polL_color/{id}.png"), &colour);
            floats(root, &format!("polL_aolp_sin/{id}.npy"), 9.0, -0.6);
            floats(root, &format!("polL_aolp_cos/{id}.npy"), 9.0, 0.8);
            floats(root, &format!("polL_dolp/{id}.npy"), 9.0, 0.25);
            wide(root, &format!("NIR_warped/{id}.png"), SIZE, 13107);
            // The last column is not seen in near infrared.
            let mask: Vec<u8> = (0..196 * 4).map(|at| if at % 196 == 195 { 255 } else { 0 }).collect();
            write(root, &format!("NIR_warped_mask/{id}.png"), &png_bytes(196, 4, GREY, BitDepth::Eight, &mask));
            flat(root, &format!("GT/{id}.png"), 196, 4, GREY, scene);
        }
        let list: String = scenes.iter().map(|scene| format!("scene_{scene}\n")).collect();
        write(root, &format!("list_folder/{split}.txt"), list.as_bytes());
    }
}

fn kaist(root: &Path) {
    let set = |scene: u8| if scene == 5 { "set03" } else { "set00" };
    each(|_, scene| {
        let frame = format!("I{scene:05}");
        jpeg(root, &format!("images/{}/V000/visible/{frame}.jpg", set(scene)), 10 + scene);
        jpeg(root, &format!("images/{}/V000/lwir/{frame}.jpg", set(scene)), 120 + scene);
        image(root, &format!("labels/{}_V000_{frame}.png", set(scene)), GREY, 13 + scene);
    });
    lists(root, |scene| format!("{}_V000_I{scene:05}.png", set(scene)));
}

pub(super) fn count(dataset: &Dataset) -> usize {
    dataset.splits.iter().map(|split| split.samples.len()).sum()
}

/// The ids of a split.
fn ids(dataset: &Dataset, split: &str) -> Vec<String> {
    dataset.split(split).unwrap().samples.iter().map(|sample| sample.id.clone()).collect()
}

fn written(set: &str) -> (tempfile::TempDir, Dataset) {
    let root = tempfile::tempdir().unwrap();
    let set = SETS.iter().find(|known| known.name == set).unwrap();
    (set.write)(root.path());
    let dataset = open(root.path()).unwrap();
    assert_eq!(dataset.name, set.name);
    (root, dataset)
}

fn close(found: f32, expected: f32) {
    assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
}

#[test]
fn every_set_opens_whole_and_its_proposals_fit_their_presets() {
    for set in &SETS {
        let (_root, dataset) = written(set.name);
        assert!(dataset.skipped().is_empty() && dataset.problems.is_empty(), "{}: {:?}", set.name, dataset.notes);
        assert_eq!(ids(&dataset, "test").len(), 3, "{}", set.name);
        assert!(count(&dataset) >= 6, "{}", set.name);
        for sensors in [vec![0, 1], (0..dataset.modalities.len()).collect()] {
            let sample = dataset.sample("test", 0, &sensors).unwrap();
            assert_eq!(sample.planes.len(), sensors.len(), "{}", set.name);
            assert!(sample.label.is_some(), "{}", set.name);
        }
        let text = dataset.manifest().to_toml().unwrap();
        let read = Manifest::from_toml(&text, Path::new("dataset.toml"));
        assert_eq!(&read.unwrap(), dataset.manifest(), "{}", set.name);
        for proposal in dataset.proposals() {
            let mut recipe: Recipe = preset(&proposal.recipe).unwrap();
            let before = recipe.clone();
            for setting in &proposal.settings {
                let (key, value) = setting.split_once('=').unwrap();
                recipe.set_text(key, value).unwrap();
            }
            recipe.check().unwrap();
            assert_ne!(recipe, before, "{}: {}", set.name, proposal.words());
        }
    }
}

#[test]
fn pst900_has_holes_in_its_thermal_image_and_raw_thermal_by_percentiles() {
    let (_root, dataset) = written("PST900");
    let names: Vec<&str> = dataset.modalities.iter().map(|modality| modality.name.as_str()).collect();
    assert_eq!(names, ["colour", "thermal", "raw thermal", "depth"]);
    assert_eq!((dataset.hole(0), dataset.hole(1), dataset.hole(2)), (None, Some(0.0), Some(0.0)));
    let sample = dataset.sample("test", 0, &[0, 1, 2, 3]).unwrap();
    close(sample.planes[1].values[0], 0.0);
    close(sample.planes[1].values[6], 104.0 / 255.0);
    let raw = &sample.planes[2].values;
    assert_eq!((raw[0], raw[6], raw[47]), (0.0, 1.0 / 255.0, 1.0), "holes stay, the darkest value is no hole");
    // 7006 to 7047: the first and 99th percentile lie 0.41 steps in.
    close(raw[27], ((255.0_f32 * (21.0 - 0.41) / (41.0 - 0.82)).round()) / 255.0);
    close(sample.planes[3].values[0], 4.0);
    assert_eq!((dataset.classes[1].as_str(), sample.label.unwrap()[0]), ("fire extinguisher", 4));
}

#[test]
fn mvss_takes_the_labelled_frames_of_the_videos_that_its_lists_name() {
    let (_root, dataset) = written("MVSS");
    assert_eq!(ids(&dataset, "test"), ["b/4", "b/5", "b/6"]);
    assert_eq!(dataset.split("test").unwrap().samples[0].tags, ["night"]);
    let sample = dataset.sample("test", 1, &[0, 1]).unwrap();
    close(sample.planes[1].values[0], 25.0 / 255.0);
    assert_eq!(dataset.classes[usize::from(sample.label.unwrap()[0])], "building");
    assert_eq!(dataset.modalities[0].normalisation, Normalisation::Unit);
}

#[test]
fn fmb_has_fifteen_classes_in_its_split_folders_and_in_those_of_mrfs() {
    let (_root, dataset) = written("FMB");
    assert_eq!((dataset.classes.len(), dataset.colours[1]), (15, [179, 228, 228]));
    assert_eq!(dataset.sample("test", 0, &[1]).unwrap().label.unwrap()[0], 12);
    let root = tempfile::tempdir().unwrap();
    for (folder, colour, value) in [("Visible", RGB, 5), ("Infrared", GREY, 6), ("Label", GREY, 14)] {
        flat(root.path(), &format!("{folder}/00007.png"), 800, 600, colour, value);
    }
    write(root.path(), "test.txt", b"00007\n");
    let dataset = open(root.path()).unwrap();
    assert_eq!((dataset.name.as_str(), ids(&dataset, "test")), ("FMB", vec!["00007".to_owned()]));
}

#[test]
fn llrgbd_trains_void_and_proposes_to_leave_it_out_of_the_mean() {
    let (_root, dataset) = written("LLRGBD");
    assert_eq!((dataset.classes[0].as_str(), dataset.classes.len()), ("void", 14));
    let first = dataset.splits.iter().flat_map(|split| &split.samples).position(|sample| sample.id == "1");
    assert!(first.is_some());
    assert_eq!(dataset.modalities[1].normalisation, Normalisation::Imagenet);
    let [proposal] = dataset.proposals() else { panic!("{:?}", dataset.proposals()) };
    let words = proposal.words();
    for part in ["--recipe smmcl", "cross_weight=0.2", "evaluation.convention=no-background"] {
        assert!(words.contains(part), "{words}");
    }
}

#[test]
fn deliver_tells_weathers_and_failures_by_paths_and_stretches_events() {
    let (_root, dataset) = written("DELIVER");
    let tags = |id: &str| {
        let mut all = dataset.splits.iter().flat_map(|split| &split.samples);
        all.find(|sample| sample.id.ends_with(id)).unwrap().tags.clone()
    };
    assert_eq!(
        (tags("/002"), tags("/003")),
        (vec!["night".to_owned()], vec!["fog".to_owned(), "motionblur".to_owned()])
    );
    let names: Vec<&str> = dataset.modalities.iter().map(|modality| modality.name.as_str()).collect();
    assert_eq!(names, ["colour", "depth", "event", "lidar"]);
    let sample = dataset.sample("test", 0, &[0, 1, 2, 3]).unwrap();
    assert_eq!((sample.height, sample.width, sample.id.as_str()), (6, 8, "fog/MAP_1_point2/005"));
    close(sample.planes[2].values[0], 95.0 / 255.0);
    assert!(sample.planes.iter().all(|plane| plane.values.len() == 3 * 48));
    // Stored 20 in red is class 19; stored 24 is class 23, and 0 and 255 are void.
    assert_eq!(sample.label.unwrap()[0], 19);
    let table = dataset.stored_ids().unwrap();
    assert_eq!((table[0], table[24]), (Some(1), Some(25)));
}

#[test]
fn mcubes_is_cut_joined_and_masked() {
    let (_root, dataset) = written("MCubeS");
    let names: Vec<&str> = dataset.modalities.iter().map(|modality| modality.name.as_str()).collect();
    assert_eq!(names, ["colour", "aolp", "dolp", "nir"]);
    let sample = dataset.sample("test", 0, &[0, 1, 2, 3]).unwrap();
    assert_eq!((sample.height, sample.width), (4, 4));
    close(sample.planes[0].values[0], 1.0);
    close(sample.planes[0].values[2 * 16], 32767.0 / 65535.0);
    let aolp = &sample.planes[1];
    assert_eq!(aolp.channels, 3);
    for (channel, expected) in [-0.6, 0.8, -0.6].into_iter().enumerate() {
        assert!(aolp.values[channel * 16..][..16].iter().all(|&value| (value - expected).abs() < 1e-6), "{channel}");
    }
    close(sample.planes[2].values[5], 0.25);
    close(sample.planes[3].values[5], 0.2);
    assert_eq!(sample.label.unwrap()[..4], [4, 4, 4, IGNORE], "the mask's column counts nowhere");
}

#[test]
fn kaist_is_told_day_from_night_by_its_sets() {
    let (root, dataset) = written("KAIST");
    assert_eq!(ids(&dataset, "test"), ["set00/V000/I00004", "set03/V000/I00005", "set00/V000/I00006"]);
    let tags: Vec<_> = dataset.split("test").unwrap().samples.iter().map(|sample| sample.tags.concat()).collect();
    assert_eq!(tags, ["day", "night", "day"]);
    let sample = dataset.sample("test", 2, &[0, 1]).unwrap();
    assert_eq!((sample.planes[1].channels, sample.label.unwrap()[0]), (1, IGNORE), "19 is void");
    assert!((sample.planes[1].values[0] - 126.0 / 255.0).abs() < 0.02);
    drop(root);
    let root = tempfile::tempdir().unwrap();
    for (split, frame) in [("all", 1), ("all", 2), ("val_all", 3)] {
        let id = format!("set0{frame}_V000_I0000{frame}");
        image(root.path(), &format!("pseudo_KP/{split}/{id}_rgb.png"), RGB, 5);
        image(root.path(), &format!("pseudo_KP/{split}/{id}_th.png"), GREY, 6);
        let label =
            if split == "all" { format!("pseudo_KP/all/{id}_pseudo.png") } else { format!("labels/val_all/{id}.png") };
        image(root.path(), &label, GREY, 13);
    }
    let dataset = open(root.path()).unwrap();
    assert_eq!((dataset.name.as_str(), ids(&dataset, "test")), ("KAIST", vec!["set03_V000_I00003".to_owned()]));
    assert_eq!(dataset.split("test").unwrap().samples[0].tags, ["night"]);
    assert!(dataset.proposals()[0].settings.iter().any(|setting| setting.starts_with("data.pseudo_labels=pseudo_KP")));
}

#[test]
fn mfnet_cut_apart_for_adaptation_and_listed_by_the_hour_opens() {
    let root = tempfile::tempdir().unwrap();
    for scene in 1..5 {
        let id = by_hour(scene);
        image(root.path(), &format!("seperated_images/{id}_rgb.png"), RGB, 5);
        image(root.path(), &format!("seperated_images/{id}_th.png"), GREY, 6);
        image(root.path(), &format!("labels/{id}.png"), GREY, 1);
    }
    write(root.path(), "train.txt", b"00001D\n00002N\n");
    write(root.path(), "test_day.txt", b"00003D\n");
    write(root.path(), "test_night.txt", b"00004N\n");
    let dataset = open(root.path()).unwrap();
    assert_eq!((dataset.name.as_str(), ids(&dataset, "test_night")), ("MFNet", vec!["00004N".to_owned()]));
}

#[test]
fn the_labelled_file_of_nyudv2_is_answered_with_what_writes_it_out() {
    let root = tempfile::tempdir().unwrap();
    let file = write(root.path(), "nyu_depth_v2_labeled.mat", b"MATLAB 7.3 MAT-file\0");
    for path in [root.path(), &file] {
        let message = open(path).unwrap_err().to_string();
        assert!(message.contains("assets/tools/export_nyudv2.py"), "{message}");
    }
}
