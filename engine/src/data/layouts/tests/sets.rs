//! A tiny folder of each public data set, true to its formats.

use std::path::Path;

use png::{BitDepth, ColorType};

use crate::data::fixture::{flat, npy_bytes, png_bytes, write};

const GREY: ColorType = ColorType::Grayscale;
const RGB: ColorType = ColorType::Rgb;

/// A data set's folder, and the files of one of its scenes that have labels. Its name begins with the data set's.
pub(super) struct Set {
    pub(super) name: &'static str,
    pub(super) write: fn(&Path),
    /// The first sensor's file, another's (the same where all lie in one), and the label.
    pub(super) files: [&'static str; 3],
    /// A list, and the split that it is of.
    pub(super) list: Option<(&'static str, &'static str)>,
}

impl Set {
    /// Whether one file holds all sensors of a scene.
    pub(super) fn has_joint_files(&self) -> bool {
        self.files[0] == self.files[1]
    }
}

pub(super) static SETS: [Set; 18] = [
    Set {
        name: "MFNet",
        write: mfnet,
        files: ["rgb/00002N.png", "ther/00002N.png", "labels/00002N.png"],
        list: Some(("train.txt", "train")),
    },
    Set {
        name: "MFNet in images of four channels",
        write: mfnet_of_four_channels,
        files: ["images/00002N.png", "images/00002N.png", "labels/00002N.png"],
        list: Some(("train.txt", "train")),
    },
    Set {
        name: "MFNet in the folders of MRFS",
        write: mfnet_of_mrfs,
        files: ["Visible/00002N.png", "Infrared/00002N.png", "Label/00002N.png"],
        list: Some(("train.txt", "train")),
    },
    Set {
        name: "MFNet in the folders of adaptation",
        write: mfnet_of_adaptation,
        files: ["seperated_images/00002N_rgb.png", "seperated_images/00002N_th.png", "labels/00002N.png"],
        list: Some(("train.txt", "train")),
    },
    Set {
        name: "PST900",
        write: pst900,
        files: ["train/rgb/B_frame2.png", "train/thermal/B_frame2.png", "train/labels/B_frame2.png"],
        list: None,
    },
    Set {
        name: "PST900 in the folders of MRFS",
        write: pst900_of_mrfs,
        files: ["Visible/B_frame2.png", "Infrared/B_frame2.png", "Label/B_frame2.png"],
        list: Some(("train.txt", "train")),
    },
    Set {
        name: "MSRS",
        write: msrs,
        files: ["train/vi/00002N.png", "train/ir/00002N.png", "train/Segmentation_labels/00002N.png"],
        list: None,
    },
    Set {
        name: "MSRS in the folders of SeAFusion",
        write: msrs_of_sea_fusion,
        files: ["Visible/train/MSRS/00002N.png", "Infrared/train/MSRS/00002N.png", "Label/train/MSRS/00002N.png"],
        list: None,
    },
    Set {
        name: "FMB",
        write: fmb,
        files: ["train/Visible/00002.png", "train/Infrared/00002.png", "train/Label/00002.png"],
        list: None,
    },
    Set {
        name: "FMB in the folders of MRFS",
        write: fmb_of_mrfs,
        files: ["Visible/00002.png", "Infrared/00002.png", "Label/00002.png"],
        list: Some(("train.txt", "train")),
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
        name: "NYUDv2 in the folders of CEN",
        write: nyudv2_of_cen,
        files: ["rgb/000002.png", "depth/000002.png", "masks/000002.png"],
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
    Set {
        name: "KAIST in the folders of adaptation",
        write: kaist_of_adaptation,
        files: [
            "pseudo_KP/val_all/set03_V000_I00005_rgb.png",
            "pseudo_KP/val_all/set03_V000_I00005_th.png",
            "labels/val_all/set03_V000_I00005.png",
        ],
        list: Some((CRM_LIST, "test")),
    },
];

/// Where those who adapt to KAIST keep CRM's list.
pub(super) const CRM_LIST: &str = "filenames_KP/CRM_split/test.txt";

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

/// A scene of MFNet and MSRS.
fn by_hour(scene: u8) -> String {
    format!("{scene:05}{}", if scene.is_multiple_of(2) { "N" } else { "D" })
}

/// The files of MFNet and MSRS, where `{split}` and `{id}` stand for a scene's.
fn streets(root: &Path, [colour, thermal, label]: [&str; 3]) {
    each(|split, scene| {
        let place = |pattern: &str| pattern.replace("{split}", split).replace("{id}", &by_hour(scene));
        image(root, &place(colour), RGB, 10 + scene);
        image(root, &place(thermal), GREY, 20 + scene);
        image(root, &place(label), GREY, scene % 9);
    });
}

/// CMX's folders.
fn mfnet(root: &Path) {
    streets(root, ["rgb/{id}.png", "ther/{id}.png", "labels/{id}.png"]);
    lists(root, by_hour);
}

/// The official folder: thermal is the fourth channel.
fn mfnet_of_four_channels(root: &Path) {
    each(|_, scene| {
        let (id, colour) = (by_hour(scene), 10 + scene);
        let pixels = [[colour, colour, colour, 20 + scene]; 48].concat();
        let file = png_bytes(8, 6, ColorType::Rgba, BitDepth::Eight, &pixels);
        write(root, &format!("images/{id}.png"), &file);
        image(root, &format!("labels/{id}.png"), GREY, scene % 9);
    });
    lists(root, by_hour);
}

fn mfnet_of_mrfs(root: &Path) {
    streets(root, ["Visible/{id}.png", "Infrared/{id}.png", "Label/{id}.png"]);
    lists(root, by_hour);
}

fn mfnet_of_adaptation(root: &Path) {
    streets(root, ["seperated_images/{id}_rgb.png", "seperated_images/{id}_th.png", "labels/{id}.png"]);
    lists(root, by_hour);
}

/// A scene of PST900, numbered from 1.
fn by_frame(scene: u8) -> String {
    format!("{}_frame{scene}", char::from(b'@' + scene))
}

/// Its thermal image: nothing was measured at the first pixels.
fn holed_thermal(scene: u8) -> Vec<u8> {
    let thermal: Vec<u8> = (0..48).map(|pixel| if pixel < 6 { 0 } else { 100 + scene }).collect();
    png_bytes(8, 6, GREY, BitDepth::Eight, &thermal)
}

fn pst900_of_mrfs(root: &Path) {
    each(|_, scene| {
        let id = by_frame(scene);
        image(root, &format!("Visible/{id}.png"), RGB, 10 + scene);
        write(root, &format!("Infrared/{id}.png"), &holed_thermal(scene));
        image(root, &format!("Label/{id}.png"), GREY, scene % 5);
    });
    lists(root, by_frame);
}

fn pst900(root: &Path) {
    each(|split, scene| {
        let id = by_frame(scene);
        image(root, &format!("{split}/rgb/{id}.png"), RGB, 10 + scene);
        write(root, &format!("{split}/thermal/{id}.png"), &holed_thermal(scene));
        let raw: Vec<u8> =
            (0..48_u16).flat_map(|pixel| if pixel < 6 { [0; 2] } else { (7000 + pixel).to_be_bytes() }).collect();
        write(root, &format!("{split}/thermal_raw/{id}.png"), &png_bytes(8, 6, GREY, BitDepth::Sixteen, &raw));
        wide(root, &format!("{split}/depth/{id}.png"), (8, 6), 2560 * u16::from(scene));
        image(root, &format!("{split}/labels/{id}.png"), GREY, scene % 5);
    });
}

fn msrs(root: &Path) {
    streets(root, ["{split}/vi/{id}.png", "{split}/ir/{id}.png", "{split}/Segmentation_labels/{id}.png"]);
}

fn msrs_of_sea_fusion(root: &Path) {
    let place = |folder: &str| format!("{folder}/{{split}}/MSRS/{{id}}.png");
    streets(root, [&place("Visible"), &place("Infrared"), &place("Label")]);
}

fn fmb(root: &Path) {
    each(|split, scene| {
        image(root, &format!("{split}/Visible/{scene:05}.png"), RGB, 10 + scene);
        image(root, &format!("{split}/Infrared/{scene:05}.png"), RGB, 20 + scene);
        image(root, &format!("{split}/Label/{scene:05}.png"), GREY, 8 + scene);
        image(root, &format!("{split}/color/{scene:05}.png"), RGB, 8 + scene);
    });
}

/// Others have such folders: these are told by the size of their images.
fn fmb_of_mrfs(root: &Path) {
    each(|_, scene| {
        flat(root, &format!("Visible/{scene:05}.png"), 800, 600, RGB, 10 + scene);
        flat(root, &format!("Infrared/{scene:05}.png"), 800, 600, GREY, 20 + scene);
        flat(root, &format!("Label/{scene:05}.png"), 800, 600, GREY, 8 + scene);
    });
    lists(root, |scene| format!("{scene:05}"));
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

/// Depth of 16 bits, and lists of three columns.
fn nyudv2_of_cen(root: &Path) {
    each(|_, scene| {
        image(root, &format!("rgb/{scene:06}.png"), RGB, 10 + scene);
        wide(root, &format!("depth/{scene:06}.png"), (8, 6), 500 * u16::from(scene));
        image(root, &format!("masks/{scene:06}.png"), GREY, 33 + scene);
    });
    lists(root, |scene| format!("rgb/{scene:06}.png\tmasks/{scene:06}.png\tdepth/{scene:06}.png"));
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

/// The set of a scene of KAIST: the fifth is of the night.
fn set_of(scene: u8) -> &'static str {
    if scene == 5 { "set03" } else { "set00" }
}

fn kaist(root: &Path) {
    each(|_, scene| {
        let (set, frame) = (set_of(scene), format!("I{scene:05}"));
        jpeg(root, &format!("images/{set}/V000/visible/{frame}.jpg"), 10 + scene);
        jpeg(root, &format!("images/{set}/V000/lwir/{frame}.jpg"), 120 + scene);
        image(root, &format!("labels/{set}_V000_{frame}.png"), GREY, 13 + scene);
    });
    lists(root, |scene| format!("{}_V000_I{scene:05}.png", set_of(scene)));
}

/// Pseudo-labels to train with, labels to test with, and one scene to test on that CRM's list leaves out.
fn kaist_of_adaptation(root: &Path) {
    for scene in 1..=7 {
        let id = format!("{}_V000_I{scene:05}", set_of(scene));
        let split = if scene < 4 { "all" } else { "val_all" };
        image(root, &format!("pseudo_KP/{split}/{id}_rgb.png"), RGB, 10 + scene);
        image(root, &format!("pseudo_KP/{split}/{id}_th.png"), GREY, 120 + scene);
        let label =
            if scene < 4 { format!("pseudo_KP/all/{id}_pseudo.png") } else { format!("labels/val_all/{id}.png") };
        image(root, &label, GREY, 12 + scene);
    }
    let list: String = [4, 5, 6].map(|scene| format!("{}_V000_I{scene:05}.png\n", set_of(scene))).concat();
    write(root, CRM_LIST, list.as_bytes());
}
