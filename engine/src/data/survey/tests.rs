use std::io::Cursor;
use std::path::Path;

use png::{BitDepth, ColorType};
use tiff::encoder::{TiffEncoder, colortype};

use super::SensorValues;
use crate::data::fixture::{npy_bytes, npy_halves, open, png_bytes, write};
use crate::data::{CheckReport, check};
use crate::progress::unwatched;

/// Writes four scenes of 8 × 6: colour, labels of two classes and a second sensor as `second` makes its files.
fn scenes(root: &Path, kind: &str, keys: &str, ending: &str, second: impl Fn(usize) -> Vec<u8>) {
    for scene in 0..4 {
        let png = |colour, data: &[u8]| png_bytes(8, 6, colour, BitDepth::Eight, data);
        let colour: Vec<u8> = (0..8 * 6 * 3).map(|at| ((at * 7 + scene * 13) % 256) as u8).collect();
        let label: Vec<u8> = (0..8 * 6).map(|at| u8::from(at % 5 == 0)).collect();
        write(root, &format!("rgb/{scene}.png"), &png(ColorType::Rgb, &colour));
        write(root, &format!("label/{scene}.png"), &png(ColorType::Grayscale, &label));
        write(root, &format!("second/{scene}.{ending}"), &second(scene));
    }
    let text = format!(
        "version = 1\nname = \"s\"\n[[modalities]]\nname = \"colour\"\nkind = \"colour\"\npattern = \"rgb/{{id}}.png\"\n\
         [[modalities]]\nname = \"second\"\nkind = \"{kind}\"\npattern = \"second/{{id}}.{ending}\"\n{keys}\n\
         [labels]\npattern = \"label/{{id}}.png\"\nnames = [\"road\", \"car\"]\n[[splits]]\nname = \"train\"\n"
    );
    write(root, "dataset.toml", text.as_bytes());
}

fn floats(value: impl Fn(usize) -> f32) -> Vec<u8> {
    let values: Vec<f32> = (0..48).map(value).collect();
    let mut bytes = Cursor::new(Vec::new());
    TiffEncoder::new(&mut bytes).unwrap().write_image::<colortype::Gray32Float>(8, 6, &values).unwrap();
    bytes.into_inner()
}

fn words(value: impl Fn(usize) -> u16) -> Vec<u8> {
    let values: Vec<u8> = (0..48).flat_map(|at| value(at).to_be_bytes()).collect();
    png_bytes(8, 6, ColorType::Grayscale, BitDepth::Sixteen, &values)
}

fn kelvin(at: usize) -> f32 {
    280.0 + at as f32 * 0.8
}

/// The report, the second sensor's values, and the line said on opening.
fn seen(root: &Path) -> (CheckReport, SensorValues, String) {
    let report = check(root, &mut unwatched).unwrap();
    assert!(!report.has_errors(), "{}", report.text());
    let said = open(root).unwrap().look(&mut unwatched).unwrap().unwrap_or_default();
    let values = report.values[1].clone();
    (report, values, said)
}

/// Both the report and the line said on opening warn so.
fn warned(root: &Path, words: &str) -> SensorValues {
    let (report, values, said) = seen(root);
    let warnings: Vec<_> = report.problems.iter().map(|problem| problem.text.as_str()).collect();
    assert!(warnings.iter().any(|text| text.contains(words)), "{words}: {warnings:?}");
    assert!(said.contains(words) && said.lines().count() == 1, "{words}: {said}");
    values
}

#[test]
fn values_within_their_range_are_counted_and_nothing_is_said() {
    let root = tempfile::tempdir().unwrap();
    scenes(root.path(), "thermal", "bit_depth = 32\nunit = \"K\"\nlow = 280\nhigh = 320", "tif", |_| floats(kelvin));
    let (report, values, said) = seen(root.path());
    assert!(report.problems.is_empty() && said.is_empty(), "{} {said}", report.text());
    assert_eq!((values.min, values.max, values.clamped, values.unmeasured), (280.0, 317.6, 0.0, 0.0));
    assert!((values.mean - 298.8).abs() < 1e-3 && values.used > 0.9 && values.used < 1.0, "{values:?}");
    let table = super::values_table(&report.values);
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.contains("280 to 320 K") && table.contains("317.6") && report.text().contains(&table), "{table}");
}

#[test]
fn values_that_are_clamped_are_said_in_every_format() {
    for (kind, keys, ending, file) in [
        ("thermal", "bit_depth = 32\nunit = \"K\"", "tif", floats(kelvin)),
        ("depth", "bit_depth = 16\nunit = \"m\"\nlow = 0\nhigh = 10", "png", words(|at| 800 + 100 * at as u16)),
        ("disparity", "bit_depth = 32\nunit = \"px\"", "npy", npy_bytes(&[6, 8], npyz::Order::C, &[31.5_f32; 48])),
        (
            "near-infrared",
            "bit_depth = 16\nunit = \"DN\"\nlow = 0\nhigh = 4095",
            "png",
            words(|at| 4000 + 10 * at as u16),
        ),
    ] {
        let root = tempfile::tempdir().unwrap();
        scenes(root.path(), kind, keys, ending, |_| file.clone());
        if kind == "disparity" {
            // A constant sensor is said to be one, clamped or not.
            warned(root.path(), "second: every value of 4 files is 31.5 px");
            continue;
        }
        let values = warned(root.path(), "and are clamped");
        assert!(values.clamped > 0.5, "{values:?}");
    }
}

#[test]
fn a_range_of_which_little_is_used_is_said() {
    let root = tempfile::tempdir().unwrap();
    scenes(root.path(), "thermal", "bit_depth = 16", "png", |_| words(|at| 7000 + 20 * at as u16));
    let values = warned(root.path(), "of the range 0 to 1");
    assert!(values.used < 0.02 && values.clamped == 0.0, "{values:?}");
}

#[test]
fn what_is_not_finite_is_a_hole_where_there_are_holes_and_named_elsewhere() {
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MIN];
    let file = |scene: usize| floats(move |at| if at < 12 { odd[scene] } else { 1.0 + at as f32 / 8.0 });
    for kind in ["depth", "disparity", "lidar"] {
        let root = tempfile::tempdir().unwrap();
        scenes(root.path(), kind, "bit_depth = 32\nunit = \"m\"\nlow = 0.5\nhigh = 10", "tif", file);
        let (report, values, said) = seen(root.path());
        assert!(report.problems.is_empty() && said.is_empty(), "{}", report.text());
        assert_eq!((values.unmeasured, values.min), (0.25, 2.5), "{kind}");
        let dataset = open(root.path()).unwrap();
        for scene in 0..dataset.split("train").unwrap().samples.len() {
            let plane = &dataset.sample("train", scene, &[1]).unwrap().planes[0];
            assert!(
                plane.values[..12].iter().all(|&value| Some(value) == dataset.hole(1)),
                "{kind}: {:?}",
                plane.values
            );
        }
    }
    let root = tempfile::tempdir().unwrap();
    scenes(root.path(), "thermal", "bit_depth = 32\nunit = \"K\"\nlow = 0\nhigh = 10", "tif", file);
    let values = warned(root.path(), "second: 25.0 % of the values are not finite and read as 0 K");
    assert_eq!(values.min, 2.5);
}

#[test]
fn colours_that_are_averaged_into_one_channel_are_said_whatever_the_format() {
    let rainbow: Vec<u8> = (0..48_u8).flat_map(|at| [at * 5, 255 - at * 5, 128]).collect();
    let grey: Vec<u8> = (0..48_u8).flat_map(|at| [at * 5, at * 5 + 1, at * 5]).collect();
    let png = |data: &[u8]| png_bytes(8, 6, ColorType::Rgb, BitDepth::Eight, data);
    let words = "second: 4 of 4 files have three channels that differ";
    let root = tempfile::tempdir().unwrap();
    scenes(root.path(), "thermal", "", "png", |_| png(&rainbow));
    warned(root.path(), words);
    let root = tempfile::tempdir().unwrap();
    scenes(root.path(), "near-infrared", "", "npy", |_| npy_bytes(&[6, 8, 3], npyz::Order::C, &rainbow));
    warned(root.path(), words);
    for (keys, data) in [("first_channel = 1", &rainbow), ("channels = 3", &rainbow), ("", &grey)] {
        let root = tempfile::tempdir().unwrap();
        scenes(root.path(), "thermal", keys, "png", |_| png(data));
        let (report, values, _) = seen(root.path());
        assert_eq!(values.averaged_files, 0, "{}", report.text());
    }
}

#[test]
fn half_precision_is_a_sensor_of_floating_point() {
    let root = tempfile::tempdir().unwrap();
    let halves: Vec<_> = (0..48).map(kelvin).collect();
    let keys = "bit_depth = 32\nunit = \"K\"\nlow = 280\nhigh = 320";
    scenes(root.path(), "thermal", keys, "npy", |_| npy_halves(&[6, 8], &halves));
    let (report, values, _) = seen(root.path());
    assert!(report.problems.is_empty() && (values.max - 317.6).abs() < 0.2, "{}", report.text());
}

/// Writes over the labels.
fn labels(root: &Path, value: impl Fn(usize) -> u8) {
    let label: Vec<u8> = (0..48).map(value).collect();
    for scene in 0..4 {
        let bytes = png_bytes(8, 6, ColorType::Grayscale, BitDepth::Eight, &label);
        write(root, &format!("label/{scene}.png"), &bytes);
    }
}

#[test]
fn masks_of_0_and_255_are_explained_with_the_map_that_helps() {
    let root = tempfile::tempdir().unwrap();
    let keys = "bit_depth = 32\nunit = \"K\"\nlow = 280\nhigh = 320";
    scenes(root.path(), "thermal", keys, "tif", |_| floats(kelvin));
    labels(root.path(), |at| if at % 4 == 0 { 255 } else { 0 });
    warned(root.path(), "255 is ignored, in 25.0 % of the pixels; if it stands for car, set `map = [[255, 1]]`");
    let manifest = std::fs::read_to_string(root.path().join("dataset.toml")).unwrap();
    write(root.path(), "dataset.toml", manifest.replace("[labels]", "[labels]\nmap = [[255, 1]]").as_bytes());
    let (report, _, said) = seen(root.path());
    assert!(report.problems.is_empty() && said.is_empty(), "{} {said}", report.text());
    write(root.path(), "dataset.toml", manifest.as_bytes());
    labels(root.path(), |_| 0);
    let (_, _, said) = seen(root.path());
    assert!(said.contains("labels: every pixel that counts is road"), "{said}");
    labels(root.path(), |_| 255);
    let (_, _, said) = seen(root.path());
    assert!(said.contains("labels: every pixel is ignored"), "{said}");
}

#[test]
fn opening_looks_at_few_scenes_of_many() {
    let root = tempfile::tempdir().unwrap();
    crate::data::fixture::small(root.path(), 60);
    let dataset = open(root.path()).unwrap();
    let mut most = 0;
    let mut watch = |_: &str, _, total| {
        most = most.max(total);
        std::ops::ControlFlow::Continue(())
    };
    assert_eq!(dataset.look(&mut watch).unwrap(), None);
    assert_eq!(most, 12);
}
