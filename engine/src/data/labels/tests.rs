use std::path::Path;

use png::{BitDepth, ColorType};

use super::LabelTable;
use crate::data::decode::decode;
use crate::data::fixture::{grey_jpeg, npy_bytes, npy_halves, open, png_bytes, small, tiff_of_jpeg, write};
use crate::data::manifest::{ClassMap, LabelFiles};
use crate::data::sample::IGNORE;
use crate::progress::unwatched;

/// Black, green, blue, yellow: in the first three the red channel is 0 everywhere.
const COLOURS: [[u8; 3]; 4] = [[0, 0, 0], [0, 128, 0], [0, 0, 128], [128, 128, 0]];

fn four() -> LabelFiles {
    LabelFiles { names: ["ground", "car", "person", "cone"].map(str::to_owned).to_vec(), ..LabelFiles::default() }
}

/// Class ids, or the sentence that refuses the file.
fn read(labels: &LabelFiles, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let (table, path) = (LabelTable::new(labels, None), Path::new("label/a.png"));
    let label = table.decode(&decode(bytes).unwrap(), path).map_err(|error| error.to_string())?;
    table.refusal(&label, path).map_or(Ok(label.ids), |error| Err(error.to_string()))
}

fn rgb(pixels: &[[u8; 3]]) -> Vec<u8> {
    png_bytes(pixels.len() as u32, 1, ColorType::Rgb, BitDepth::Eight, pixels.as_flattened())
}

fn rgba(pixels: &[[u8; 4]]) -> Vec<u8> {
    png_bytes(pixels.len() as u32, 1, ColorType::Rgba, BitDepth::Eight, pixels.as_flattened())
}

#[test]
fn a_picture_in_colours_is_refused_by_its_channels_with_both_ways_out() {
    for picture in [&COLOURS[..], &COLOURS[..3], &[[0, 128, 0]; 3], &[[0, 0, 0], [255, 0, 0]]] {
        let message = read(&four(), &rgb(picture)).unwrap_err();
        assert!(message.contains("found 3 channels that differ"), "{message}");
        assert!(message.contains("`labels.colours`") && message.contains("`labels.channel`"), "{message}");
        assert!(message.ends_with("label/a.png"), "{message}");
        let opaque: Vec<[u8; 4]> = picture.iter().map(|&[r, g, b]| [r, g, b, 255]).collect();
        assert!(read(&four(), &rgba(&opaque)).unwrap_err().contains("found 4 channels"));
    }
    // Of 150 classes, ids 120, 6 and 80 exist; as a wall, the sky and a floor of ADE20K they are red.
    let many = LabelFiles { names: (0..150).map(|id| id.to_string()).collect(), ..LabelFiles::default() };
    assert!(read(&many, &rgb(&[[120, 120, 120], [6, 230, 230], [80, 50, 50]])).is_err());
}

#[test]
fn colours_that_the_manifest_names_are_read_by_colour() {
    let named = LabelFiles { colours: COLOURS.to_vec(), ..four() };
    let picture = [COLOURS[2], COLOURS[0], COLOURS[3], COLOURS[1]];
    assert_eq!(read(&named, &rgb(&picture)).unwrap(), [2, 0, 3, 1]);
    let opaque = picture.map(|[r, g, b]| [r, g, b, 255]);
    assert_eq!(read(&named, &rgba(&opaque)).unwrap(), [2, 0, 3, 1]);
    let void = [COLOURS[1], [224, 224, 192]];
    let message = read(&LabelFiles { by_colour: true, ..named.clone() }, &rgb(&void)).unwrap_err();
    assert!(message.contains("[224, 224, 192], found in 1 px") && message.contains("ignore_colours"), "{message}");
    assert!(read(&named, &rgb(&void)).unwrap_err().contains("`labels.colours` lacks some"));
    let ignored = LabelFiles { ignore_colours: vec![[224, 224, 192]], ..named.clone() };
    assert_eq!(read(&ignored, &rgb(&void)).unwrap(), [1, IGNORE]);
    let joined = ClassMap { map: vec![0, 1, 1, 255], ..ClassMap::default() };
    let label = LabelTable::new(&named, Some(&joined)).decode(&decode(&rgb(&picture)).unwrap(), Path::new("f"));
    assert_eq!(label.unwrap().ids, [1, 0, IGNORE, 1]);
}

#[test]
fn ids_stay_ids_beside_colours_for_display() {
    let named = LabelFiles { colours: vec![[9, 9, 9], [0, 128, 0], [0, 0, 128], [0, 0, 0]], ..four() };
    let grey = png_bytes(4, 1, ColorType::Grayscale, BitDepth::Eight, &[0, 1, 2, 3]);
    assert_eq!(read(&named, &grey).unwrap(), [0, 1, 2, 3]);
    assert_eq!(read(&named, &rgb(&[[0; 3], [1; 3], [2; 3], [3; 3]])).unwrap(), [0, 1, 2, 3]);
    // All black is class 0 by id and class 3 by colour.
    let message = read(&named, &rgb(&[[0; 3]; 4])).unwrap_err();
    assert!(message.contains("`labels.channel = 0`") && message.contains("`labels.by_colour = true`"), "{message}");
    assert_eq!(read(&LabelFiles { channel: Some(0), ..named.clone() }, &rgb(&[[0; 3]; 2])).unwrap(), [0, 0]);
    assert_eq!(read(&LabelFiles { by_colour: true, ..named }, &rgb(&[[0; 3]; 2])).unwrap(), [3, 3]);
}

#[test]
fn ids_thrice_and_ids_in_red_are_read_as_before() {
    assert_eq!(read(&four(), &rgb(&[[0; 3], [2; 3], [255; 3]])).unwrap(), [0, 2, IGNORE]);
    assert_eq!(read(&four(), &rgba(&[[1, 1, 1, 255], [3, 3, 3, 255]])).unwrap(), [1, 3]);
    let grey_alpha = png_bytes(2, 1, ColorType::GrayscaleAlpha, BitDepth::Eight, &[1, 255, 3, 255]);
    assert_eq!(read(&four(), &grey_alpha).unwrap(), [1, 3]);
    assert_eq!(read(&four(), &rgb(&[[0, 0, 0], [2, 0, 0], [3, 0, 0]])).unwrap(), [0, 2, 3]);
    assert_eq!(read(&four(), &rgb(&[[2, 0, 0]; 2])).unwrap(), [2, 2]);
    assert_eq!(read(&four(), &rgb(&[[0, 0, 0], [1, 7, 0], [1, 8, 0], [2, 1, 3]])).unwrap(), [0, 1, 1, 2]);
    let blue = LabelFiles { channel: Some(2), ..four() };
    assert_eq!(read(&blue, &rgb(&[[9, 200, 1], [9, 100, 3]])).unwrap(), [1, 3]);
    let message = read(&LabelFiles { channel: Some(3), ..four() }, &rgb(&[[0; 3]])).unwrap_err();
    assert!(message.contains("expected at least 4 channels, found 3"), "{message}");
}

#[test]
fn one_plane_a_class_is_refused_with_their_number_in_every_order_of_axes() {
    let planes: Vec<u8> = (0..4 * 2 * 20).map(|at| u8::from(at / 40 == at % 4)).collect();
    let floats: Vec<f32> = planes.iter().map(|&value| f32::from(value)).collect();
    let last: Vec<u8> = (0..20 * 2 * 3).map(|at| u8::from(at % 3 == at / 3 % 3)).collect();
    for (bytes, count) in [
        (npy_bytes(&[4, 2, 20], npyz::Order::C, &planes), 4),
        (npy_bytes(&[4, 2, 20], npyz::Order::C, &floats), 4),
        (npy_bytes(&[20, 2, 3], npyz::Order::C, &last), 3),
        (rgb(&[[1, 0, 0], [0, 1, 0], [0, 0, 1]]), 3),
    ] {
        let message = read(&four(), &bytes).unwrap_err();
        assert!(message.contains(&format!("found {count} planes with a single 1")), "{message}");
    }
    let probabilities: Vec<f32> = floats.iter().map(|value| 0.1 + 0.6 * value).collect();
    let message = read(&four(), &npy_bytes(&[4, 2, 20], npyz::Order::C, &probabilities)).unwrap_err();
    assert!(message.contains("found 4 channels that differ"), "{message}");
}

#[test]
fn minus_one_nan_and_fractions_are_called_by_their_names() {
    let table = |ignore: &[i32]| LabelFiles { ignore: ignore.to_vec(), ..four() };
    let whole = npy_bytes(&[1, 3], npyz::Order::C, &[-1_i64, 0, 3]);
    let small = npy_bytes(&[1, 3], npyz::Order::C, &[-1_i8, 0, 3]);
    let float = npy_bytes(&[1, 3], npyz::Order::C, &[-1.0_f32, 0.0, 3.0]);
    for bytes in [&whole, &small, &float] {
        let message = read(&table(&[]), bytes).unwrap_err();
        assert!(message.contains("id -1 is out of range") && message.contains("`ignore = [-1]`"), "{message}");
        assert_eq!(read(&table(&[-1]), bytes).unwrap(), [IGNORE, 0, 3]);
        assert_eq!(read(&LabelFiles { map: vec![[-1, 2]], ..four() }, bytes).unwrap(), [2, 0, 3]);
    }
    assert_eq!(
        read(&LabelFiles { offset: 1, ..four() }, &npy_bytes(&[1, 2], npyz::Order::C, &[-1_i16, 0])).unwrap(),
        [0, 1]
    );
    // Where 65535 is ignored, as it was called before, it swallows none of these.
    for (value, name) in
        [(f32::NAN, "NaN in 1 px"), (0.5, "fractions such as 0.5 in 1 px"), (f32::INFINITY, "inf in 1 px")]
    {
        let message = read(&table(&[65_535, 0]), &npy_bytes(&[1, 2], npyz::Order::C, &[value, 1.0])).unwrap_err();
        assert!(message.contains(name), "{message}");
    }
    let message = read(&table(&[]), &npy_bytes(&[1, 1], npyz::Order::C, &[100_000_u32])).unwrap_err();
    assert!(message.contains("id 100000 is"), "{message}");
    let many: Vec<u8> = (0..100).collect();
    let message = read(&four(), &png_bytes(10, 10, ColorType::Grayscale, BitDepth::Eight, &many)).unwrap_err();
    assert!(
        message.contains("ids 4, 5, 6, 7, 8 and 91 more are out of range") && message.contains("96 px"),
        "{message}"
    );
}

#[test]
fn half_precision_and_boolean_arrays_hold_ids() {
    let halves = npy_halves(&[1, 3], &[0.0, 2.0, 3.0]);
    assert_eq!(read(&four(), &halves).unwrap(), [0, 2, 3]);
    assert!(read(&four(), &npy_halves(&[1, 1], &[f32::NAN])).unwrap_err().contains("found NaN"));
    assert_eq!(read(&four(), &npy_bytes(&[1, 2], npyz::Order::C, &[true, false])).unwrap(), [1, 0]);
}

#[test]
fn a_palette_whose_colours_are_those_of_other_classes_is_ambiguous() {
    // In the fixture's palette index 1 is red.
    let indexed = png_bytes(4, 1, ColorType::Indexed, BitDepth::Two, &[0b00_01_01_00]);
    assert_eq!(read(&four(), &indexed).unwrap(), [0, 1, 1, 0]);
    let colours = vec![[0, 0, 0], [1, 1, 1], [255, 0, 0], [2, 2, 2]];
    let named = LabelFiles { colours, ..four() };
    assert!(read(&named, &indexed).unwrap_err().contains("`labels.by_colour = true`"));
    assert_eq!(read(&LabelFiles { by_colour: true, ..named.clone() }, &indexed).unwrap(), [0, 2, 2, 0]);
    let same = LabelFiles { colours: vec![[0, 0, 0], [255, 0, 0], [7, 7, 7], [2, 2, 2]], ..named };
    assert_eq!(read(&same, &indexed).unwrap(), [0, 1, 1, 0]);
}

#[test]
fn a_label_that_was_saved_lossily_is_refused_in_one_line_whatever_its_name() {
    use image::ImageEncoder as _;
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 4);
    let mut jpeg = Vec::new();
    let ids: Vec<u8> = (0..8 * 6).map(|at| at % 3).collect();
    image::codecs::jpeg::JpegEncoder::new(&mut jpeg).write_image(&ids, 8, 6, image::ExtendedColorType::L8).unwrap();
    write(root.path(), "label/0000D.png", &jpeg);
    let dataset = open(root.path()).unwrap();
    let read = |split: &crate::data::Split| {
        let at = split.samples.iter().position(|sample| sample.id() == "0000D")?;
        dataset.sample(&split.name, at, &[]).err()
    };
    let message = dataset.splits.iter().find_map(read).unwrap().to_string();
    assert!(message.contains("saved as JPEG") && message.ends_with("0000D.png"), "{message}");
    let report = crate::data::check(root.path(), &mut unwatched).unwrap();
    let lines: Vec<_> = report.problems.iter().filter(|problem| problem.file.ends_with("0000D.png")).collect();
    assert!(lines.len() == 1 && lines[0].text.contains("JPEG"), "{}", report.text());
}

#[test]
fn a_jpeg_within_a_tiff_is_refused_as_a_label_and_read_as_a_picture() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 4);
    let ids: Vec<u8> = (0..8 * 6).map(|at| (at % 3) as u8).collect();
    let bytes = tiff_of_jpeg(8, 6, &grey_jpeg(8, 6, &ids));
    assert_eq!(decode(&bytes).unwrap().values.len(), 48);
    for folder in ["rgb", "depth", "label"] {
        std::fs::remove_file(root.path().join(format!("{folder}/0003N.png"))).unwrap();
    }
    for id in ["0000D", "0001N", "0002D"] {
        std::fs::remove_file(root.path().join(format!("label/{id}.png"))).unwrap();
        write(root.path(), &format!("label/{id}.tif"), &bytes);
    }
    let text = crate::data::fixture::SMALL.replace("label/{id}.png", "label/{id}.*");
    write(root.path(), "dataset.toml", text.as_bytes());
    let dataset = open(root.path()).unwrap();
    let message = dataset.sample("train", 0, &[]).unwrap_err().to_string();
    assert!(message.contains("TIFF with JPEG compression") && message.contains("label/"), "{message}");
    let report = crate::data::check(root.path(), &mut unwatched).unwrap();
    let named = report.problems.iter().filter(|problem| problem.text.contains("TIFF with JPEG compression")).count();
    assert_eq!(named, 3, "{:?}", report.problems);
}
