//! What a manifest may ask of files: further files as channels, cuts, functions of angles, percentiles, HHA, masks.

use std::path::Path;

use png::{BitDepth, ColorType};

use crate::data::fixture::{SMALL, flat, npy_bytes, open, png_bytes, small, write};
use crate::data::{DataError, Dataset, IGNORE, Manifest, Sample, Split, check};
use crate::progress::unwatched;

/// The small data set under another manifest.
fn under(change: impl Fn(&str) -> String) -> (tempfile::TempDir, Result<Dataset, DataError>) {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 4);
    write(root.path(), "dataset.toml", change(SMALL).as_bytes());
    let dataset = open(root.path());
    (root, dataset)
}

/// The depth sensor with these keys in place of its own.
fn depth(keys: &str) -> (tempfile::TempDir, Result<Dataset, DataError>) {
    const OWN: &str = "bit_depth = 16\nscale = 0.001\nunit = \"m\"\nhigh = 5.0\n";
    assert!(SMALL.contains(OWN));
    under(|text| text.replace(OWN, keys))
}

/// The scene of that id, in whichever split it was put.
fn by_id(dataset: &Dataset, id: &str, sensor: usize) -> Result<Sample, DataError> {
    let place = |split: &Split| split.samples.iter().position(|sample| sample.id() == id);
    let (split, at) = dataset.splits.iter().find_map(|split| Some((split, place(split)?))).unwrap();
    dataset.sample(&split.name, at, &[sensor])
}

/// The depth image of the first scene, whose first pixel is stored as 0.
fn plane(dataset: &Dataset) -> Vec<f32> {
    by_id(dataset, "0000D", 1).unwrap().planes.remove(0).values
}

#[test]
fn a_cut_takes_the_same_part_of_sensors_and_labels() {
    let (_root, whole) = under(str::to_owned);
    let crop = "crop = { left = 2, top = 1, right = 1 }";
    let (_root, cut) = under(|text| {
        text.replace("name = \"colour\"", &format!("name = \"colour\"\n{crop}"))
            .replace("name = \"depth\"", &format!("name = \"depth\"\n{crop}"))
            .replace("[labels]", &format!("[labels]\n{crop}"))
    });
    let [whole, cut] = [whole, cut].map(|dataset| dataset.unwrap().sample("train", 1, &[0, 1]).unwrap());
    assert_eq!((cut.height, cut.width), (5, 5));
    for y in 0..5 {
        for x in 0..5 {
            let (from, to) = ((y + 1) * 8 + x + 2, y * 5 + x);
            assert_eq!(cut.planes[1].values[to], whole.planes[1].values[from]);
            assert_eq!(cut.planes[0].values[25 + to], whole.planes[0].values[48 + from]);
            assert_eq!(cut.label.as_ref().unwrap()[to], whole.label.as_ref().unwrap()[from]);
        }
    }
}

#[test]
fn a_cut_that_leaves_nothing_and_files_that_differ_are_named() {
    let (root, dataset) =
        under(|text| text.replace("name = \"colour\"", "name = \"colour\"\ncrop = { left = 5, right = 3 }"));
    let message = dataset.unwrap().sample("train", 0, &[0]).unwrap_err().to_string();
    assert!(message.contains("`crop` leaves nothing") && message.contains(".png"), "{message}");
    assert!(check(root.path(), &mut unwatched).unwrap().has_errors());
    let joined =
        "bit_depth = 16\nscale = 0.001\nunit = \"m\"\nhigh = 5.0\njoin = [\"rgb/{id}.png\", \"depth/{id}.png\"]\n";
    let (_root, dataset) = depth(joined);
    let message = dataset.unwrap().sample("train", 0, &[1]).unwrap_err().to_string();
    assert!(message.contains("files that are joined are alike") && message.contains("rgb"), "{message}");
    let (root, dataset) = depth(&joined.replace("rgb/", "other/"));
    let message = dataset.unwrap_err().to_string();
    assert!(message.contains("lack their depth image"), "{message}");
    drop(root);
}

#[test]
fn an_angle_becomes_its_sine_and_cosine_and_nan_is_no_angle() {
    let root = tempfile::tempdir().unwrap();
    let angles: Vec<f32> = [0.0, 30.0, 45.0, 90.0, 135.0, f32::NAN].to_vec();
    write(root.path(), "aolp/a.npy", &npy_bytes(&[2, 3], npyz::Order::C, &angles));
    flat(root.path(), "rgb/a.png", 3, 2, ColorType::Rgb, 9);
    let text = |expression: &str| {
        format!(
            "version = 1\nname = \"p\"\n[[modalities]]\nname = \"colour\"\nkind = \"colour\"\npattern = \"rgb/{{id}}.png\"\n\
             [[modalities]]\nname = \"aolp\"\nkind = \"polarisation\"\npattern = \"aolp/{{id}}.npy\"\nbit_depth = 32\n{expression}\n\
             [[splits]]\nname = \"test\"\n"
        )
    };
    let twice = "unit = \"deg\"\nexpression = [\"sin-twice\", \"cos-twice\", \"sin\"]";
    write(root.path(), "dataset.toml", text(twice).as_bytes());
    let dataset = open(root.path()).unwrap();
    let (modality, values) = (&dataset.modalities[1], dataset.sample("test", 0, &[1]).unwrap().planes.remove(0).values);
    assert_eq!((modality.channels, modality.low, modality.high, modality.unit.as_str()), (3, -1.0, 1.0, ""));
    for (place, expected) in [
        (0, 0.0),
        (1, 0.866_025_4),
        (2, 1.0),
        (4, -1.0),
        (6, 1.0),
        (7, 0.5),
        (10, 0.0),
        (13, 0.5),
        (15, 1.0),
        (17, -1.0),
    ] {
        assert!((values[place] - expected).abs() < 1e-6, "{place}: {}", values[place]);
    }
    for (keys, word) in [
        ("unit = \"deg\"\nexpression = [\"sin\", \"cos\"]\nchannels = 3", "expression"),
        ("expression = [\"sin\"]", "unit"),
        ("unit = \"rad\"\nexpression = [\"tan\"]", "tan"),
    ] {
        let message = Manifest::from_toml(&text(keys), Path::new("dataset.toml")).unwrap_err().to_string();
        assert!(message.contains(word) && message.contains("expected"), "{message}");
    }
}

#[test]
fn percentiles_bring_an_image_to_the_eight_bits_of_numpy() {
    let (_root, dataset) = depth("bit_depth = 16\npercentiles = [10, 90]\nhole = 0\n");
    let values = plane(&dataset.unwrap());
    // np.percentile(np.arange(100, 4800, 100), [10, 90]) is [560, 4240]; place 0 is the hole.
    assert_eq!(values.len(), 48);
    assert_eq!((values[0], values[1], values[47]), (0.0, 1.0 / 255.0, 1.0));
    let expected = (255.0_f64 * (2400.0 - 560.0) / 3680.0).round() / 255.0;
    assert!((f64::from(values[24]) - expected).abs() < 1e-6, "{}", values[24]);
    for keys in ["percentiles = [90, 10]\n", "percentiles = [1, 99]\nhigh = 5.0\n", "percentiles = [nan, 99]\n"] {
        assert!(depth(keys).1.unwrap_err().to_string().contains("expected"), "{keys}");
    }
}

#[test]
fn depth_in_metres_and_a_camera_become_hha() {
    let camera = "hha = { fx = 8.0, fy = 8.0, cx = 4.5, cy = 3.5 }";
    let (root, dataset) = depth(&format!("bit_depth = 16\nscale = 0.001\nunit = \"m\"\n{camera}\n"));
    let dataset = dataset.unwrap();
    let modality = &dataset.modalities[1];
    assert_eq!((modality.channels, modality.high, modality.unit.as_str()), (3, 1.0, ""));
    let values = plane(&dataset);
    assert_eq!(values.len(), 3 * 48);
    // The first pixel is a hole; the disparity of 2.4 m is 31000 / 240, that of anything nearer than 1 m 255.
    assert_eq!((values[0], values[48], values[96]), (0.0, 0.0, 0.0));
    assert!((values[24] - 129.0 / 255.0).abs() < 1e-6 && values[5] == 1.0, "{} {}", values[24], values[5]);
    let report = check(root.path(), &mut unwatched).unwrap();
    assert!(!report.has_errors(), "{}", report.text());
    for keys in [format!("bit_depth = 16\n{camera}\n"), format!("unit = \"m\"\nhigh = 5.0\n{camera}\n")] {
        assert!(depth(&keys).1.unwrap_err().to_string().contains("expected"), "{keys}");
    }
}

#[test]
fn a_mask_takes_pixels_out_of_the_label_and_one_of_another_size_is_named() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 2);
    let text = SMALL.replace("[labels]", "[labels]\nmask = \"mask/{id}.png\"");
    write(root.path(), "dataset.toml", text.as_bytes());
    let mask: Vec<u8> = (0..48).map(|pixel| if pixel < 8 { 7 } else { 0 }).collect();
    write(root.path(), "mask/0000D.png", &png_bytes(8, 6, ColorType::Grayscale, BitDepth::Eight, &mask));
    flat(root.path(), "mask/0001N.png", 4, 3, ColorType::Grayscale, 0);
    let dataset = open(root.path()).unwrap();
    let label = by_id(&dataset, "0000D", 0).unwrap().label.unwrap();
    assert!(label[..8].iter().all(|&id| id == IGNORE) && label[8..].iter().all(|&id| id < 3), "{label:?}");
    let message = by_id(&dataset, "0001N", 0).unwrap_err().to_string();
    assert!(message.contains("expected 8 × 6, found 4 × 3") && message.ends_with("mask/0001N.png"), "{message}");
}

#[test]
fn a_line_that_names_a_part_stands_for_all_of_it_and_unknown_parts_are_named() {
    let root = tempfile::tempdir().unwrap();
    for (video, frame) in [("a", 1), ("a", 2), ("b", 1), ("c", 1)] {
        flat(root.path(), &format!("rgb/{video}/{frame}.png"), 4, 3, ColorType::Rgb, 9);
    }
    write(root.path(), "ids.txt", b"a\r\nc 25\n# b\nnowhere\n");
    let text = |line: &str| {
        format!(
            "version = 1\nname = \"v\"\n[[modalities]]\nname = \"colour\"\nkind = \"colour\"\n\
             pattern = \"rgb/{{video}}/{{id}}.png\"\n[[splits]]\nname = \"test\"\nlist = \"ids.txt\"\n{line}\n"
        )
    };
    write(root.path(), "dataset.toml", text("line = \"{video}\"").as_bytes());
    let dataset = open(root.path()).unwrap();
    let ids: Vec<&str> = dataset.split("test").unwrap().samples.iter().map(crate::data::SampleEntry::id).collect();
    assert_eq!(ids, ["a/1", "a/2", "c/1"]);
    assert!(
        dataset.notes.iter().any(|note| note.contains("1 of the lines") && note.contains("nowhere")),
        "{:?}",
        dataset.notes
    );
    for line in [
        "line = \"{other}\"",
        "line = \"{video}_{id}\"\nfiles = \"rgb/{video}/{id}.png\"",
        "files = \"rgb/{video}/{id}.png\"",
    ] {
        assert!(Manifest::from_toml(&text(line), Path::new("dataset.toml")).is_err(), "{line}");
    }
}
