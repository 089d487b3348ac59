use std::path::Path;

use proptest::prelude::*;

use crate::data::fixture::{SMALL, open, small, write};
use crate::data::sample::IGNORE;
use crate::data::{DataError, Manifest, ModalityFiles, ModalityKind, SplitSource};

fn read(text: &str) -> Result<Manifest, DataError> {
    Manifest::from_toml(text, Path::new("data/dataset.toml"))
}

#[test]
fn a_written_manifest_reads_back_the_same() {
    let mut manifest = read(SMALL).unwrap();
    manifest.modalities.push(ModalityFiles {
        normalisation: Some(crate::data::Normalisation::MeanStd { mean: [0.5; 3], std: [0.25; 3] }),
        ..ModalityFiles::new("event", ModalityKind::Event, "event/{id}.*")
    });
    manifest.splits.push(SplitSource {
        from: Some("train".to_owned()),
        fraction: Some(0.5),
        ..SplitSource::found("val")
    });
    assert_eq!(read(&manifest.to_toml().unwrap()).unwrap(), manifest);
}

#[test]
fn every_refusal_names_key_expectation_finding_and_file() {
    let cases = [
        ("version = 1\n", "version = 0\n", "version", "0"),
        ("pattern = \"depth/{id}.png\"", "pattern = \"depth/{name}.png\"", "modalities[1].pattern", "{name}"),
        ("pattern = \"rgb/{id}.png\"", "pattern = \"rgb/{id.png\"", "modalities[0].pattern", "never closed"),
        ("bit_depth = 16", "bit_depth = 12", "modalities[1].bit_depth", "12"),
        ("high = 5.0", "high = -5.0", "modalities[1].high", "-5"),
        ("high = 5.0", "high = nan", "modalities[1].high", "NaN"),
        ("scale = 0.001", "scale = inf", "modalities[1].scale", "inf"),
        ("map = [0, 1, 0]", "map = [0, 1]", "class_maps[0].map", "2"),
        ("map = [0, 1, 0]", "map = [0, 1, 2]", "class_maps[0].map", "2"),
        ("names = [\"road\", \"car\", \"sky\"]", "names = []", "labels.names", "0"),
        ("name = \"train\"", "name = \"train\"\nlist = \"a\"\nids = []", "splits[0]", "several"),
        ("name = \"train\"", "name = \"val\"\nfrom = \"train\"\nfraction = 0.5", "splits[0].from", "train"),
        ("suffix = \"N\"", "suffix = \"\"", "tags[0]", "0"),
        ("name = \"depth\"", "name = \"colour\"", "modalities", "twice"),
    ];
    for (from, to, key, found) in cases {
        let message = read(&SMALL.replacen(from, to, 1)).unwrap_err().to_string();
        let complete = message.contains(&format!("`{key}`")) && message.contains("expected") && message.contains(found);
        assert!(complete && message.ends_with("dataset.toml"), "{message}");
    }
}

#[test]
fn classes_sensors_and_letters_have_limits_that_are_said() {
    let refused = |text: &str, words: &str| {
        let message = read(text).unwrap_err().to_string();
        assert!(message.contains(words) && message.len() < 1000, "{message}");
    };
    let sensors = |count: usize| {
        let sensor =
            |at| format!("[[modalities]]\nname = \"s{at}\"\nkind = \"other\"\npattern = \"s{at}/{{id}}.png\"\n");
        SMALL.replacen("[labels]", &format!("{}\n[labels]", (2..count).map(sensor).collect::<String>()), 1)
    };
    assert_eq!(read(&sensors(16)).unwrap().modalities.len(), 16);
    refused(&sensors(17), "`modalities`: expected at most 16 sensors, found 17");
    let classes = |count: usize| {
        let names: Vec<String> = (0..count).map(|id| format!("\"c{id}\"")).collect();
        let maps = SMALL.find("[[class_maps]]").unwrap();
        SMALL[..maps].replace("[\"road\", \"car\", \"sky\"]", &format!("[{}]", names.join(",")))
    };
    assert_eq!(read(&classes(254)).unwrap().labels.unwrap().names.len(), 254);
    refused(&classes(255), "`labels.names`: expected 1 to 254 class names, found 255");
    let long = "x".repeat(70_000);
    for (from, key) in [
        ("\"road\"", "labels.names[0]"),
        ("\"depth\"", "modalities[1].name"),
        ("\"train\"", "splits[0].name"),
        ("\"night\"", "tags[0].name"),
        ("\"small\"", "name"),
        ("\"two\"", "class_maps[0].name"),
        ("\"rest\"", "class_maps[0].names[0]"),
    ] {
        let words = format!("`{key}`: expected a name of at most 200 letters, found 70000");
        refused(&SMALL.replacen(from, &format!("\"{long}\""), 1), &words);
        assert!(read(&SMALL.replacen(from, &format!("\"{}\"", &long[..200]), 1)).is_ok(), "{key}");
    }
    refused(&SMALL.replace("rgb/{id}.png", &format!("{long}/{{id}}.png")), "a pattern of 70009 letters");
}

#[test]
fn a_map_of_many_ids_is_looked_up_and_not_searched() {
    let map: Vec<String> = (0..60_000).map(|id| format!("[{id}, {}]", id % 3)).collect();
    let ignore: Vec<String> = (-30_000..0).map(|id| id.to_string()).collect();
    let keys = format!("[labels]\nmap = [{}]\nignore = [{}]", map.join(","), ignore.join(","));
    let manifest = read(&SMALL.replace("[labels]", &keys)).unwrap();
    let began = std::time::Instant::now();
    let table = crate::data::labels::LabelTable::new(manifest.labels.as_ref().unwrap(), None);
    assert_eq!(table.stored_ids(3), [Some(0), Some(1), Some(2)]);
    assert!(began.elapsed().as_secs() < 2, "{:?}", began.elapsed());
}

#[cfg(unix)]
#[test]
fn manifests_and_lists_that_never_end_are_refused() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 4);
    let pipe = |name: &str| {
        let path = root.path().join(name);
        let _gone = std::fs::remove_file(&path);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    };
    pipe("ids.txt");
    for text in [
        SMALL.replace("name = \"train\"", "name = \"train\"\nlist = \"ids.txt\""),
        SMALL.replace("suffix = \"N\"", "list = \"ids.txt\""),
    ] {
        write(root.path(), "dataset.toml", text.as_bytes());
        let message = open(root.path()).unwrap_err().to_string();
        assert!(message.contains("not a regular file") && message.ends_with("ids.txt"), "{message}");
    }
    // A scene's file that is a pipe is a scene that lacks it.
    write(root.path(), "dataset.toml", SMALL.as_bytes());
    pipe("depth/0001N.png");
    let dataset = open(root.path()).unwrap();
    assert_eq!(dataset.skipped().len(), 1);
    pipe("dataset.toml");
    let message = open(root.path()).unwrap_err().to_string();
    assert!(message.contains("not a regular file") && message.ends_with("dataset.toml"), "{message}");
}

#[test]
fn unknown_and_missing_keys_are_named() {
    let message = read(&SMALL.replace("unit = \"m\"", "units = \"m\"")).unwrap_err().to_string();
    assert!(message.contains("units") && message.contains("unit"), "{message}");
    let message = read(&SMALL.replace("kind = \"depth\"", "kind = \"sonar\"")).unwrap_err().to_string();
    assert!(message.contains("sonar") && message.contains("disparity"), "{message}");
    let message = read("version = 1\nname = \"x\"").unwrap_err().to_string();
    assert!(message.contains("modalities"), "{message}");
    assert!(matches!(read("version = 7\nshape = 1"), Err(DataError::NewerManifest { found: 7, .. })));
}

#[test]
fn scale_offset_and_class_map_reach_the_sample() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 4);
    write(root.path(), "dataset.toml", SMALL.replace("scale = 0.001", "scale = 0.001\noffset = 1.0").as_bytes());
    let dataset = open(root.path()).unwrap().with_class_map("two").unwrap();
    let sample = dataset.sample("train", 0, &[1]).unwrap();
    let scene = f32::from(sample.id[..4].parse::<u8>().unwrap());
    assert!((sample.planes[0].values[1] - (1.1 + scene * 0.001)).abs() < 1e-5);
    assert!(sample.label.unwrap().iter().all(|&id| id < 2));
    assert_eq!(dataset.classes, ["rest", "car"]);
}

#[test]
fn labels_out_of_range_are_an_error_with_the_id_and_mapped_or_ignored_ones_are_not() {
    let root = tempfile::tempdir().unwrap();
    small(root.path(), 4);
    let with = |labels: &str| {
        write(root.path(), "dataset.toml", SMALL.replace("[labels]", &format!("[labels]\n{labels}")).as_bytes());
        open(root.path()).unwrap().sample("train", 0, &[])
    };
    let message = with("offset = 1").unwrap_err().to_string();
    assert!(message.contains("label id 2 is out of range") && message.contains("-1 to 1"), "{message}");
    let seen = |sample: crate::data::Sample| {
        let mut ids = sample.label.unwrap();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    assert_eq!(seen(with("offset = 1\nignore = [2]").unwrap()), [1, 2, IGNORE]);
    assert_eq!(seen(with("map = [[2, 0], [0, 255]]").unwrap()), [0, 1, IGNORE]);
}

#[test]
fn a_deep_folder_structure_with_conditions_can_be_described() {
    let root = tempfile::tempdir().unwrap();
    for (weather, split, place, id) in
        [("fog", "train", "M1", "1"), ("sun", "train", "M2", "1"), ("sun", "val", "M2", "2")]
    {
        for (folder, ending) in [("img", "rgb"), ("lidar", "lidar"), ("semantic", "semantic")] {
            let name = format!("{folder}/{weather}/{split}/{place}/{id}_{ending}_front.png");
            crate::data::fixture::flat(root.path(), &name, 4, 4, png::ColorType::Grayscale, 1);
        }
    }
    let text = r#"
        version = 1
        name = "deep"
        modalities = [
            { name = "colour", kind = "colour", pattern = "img/{weather}/{split}/{map}/{id}_rgb_front.png" },
            { name = "lidar", kind = "lidar", pattern = "lidar/{weather}/{split}/{map}/{id}_lidar_front.png" },
        ]
        labels = { pattern = "semantic/{weather}/{split}/{map}/{id}_semantic_front.png", names = ["a", "b"] }
        splits = [{ name = "train" }, { name = "val" }]
        tags = [{ name = "fog", contains = "/fog/" }]
    "#;
    write(root.path(), "dataset.toml", text.as_bytes());
    let dataset = open(root.path()).unwrap();
    let train = &dataset.split("train").unwrap().samples;
    assert_eq!(train.iter().map(crate::data::SampleEntry::id).collect::<Vec<_>>(), ["fog/M1/1", "sun/M2/1"]);
    assert_eq!(train[0].tags(), ["fog"]);
    assert_eq!(dataset.sample("val", 0, &[1]).unwrap().label.unwrap(), vec![1; 16]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_as_a_manifest_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = crate::data::text::text_from_bytes(&bytes);
        prop_assert!(read(&text).is_err());
    }

    #[test]
    fn damaged_manifests_are_refused_or_read_without_a_panic(
        at in any::<prop::sample::Index>(),
        length in 0_usize..30,
        insert in "[\\[\\]{}=\"0-9a-z. \n-]{0,12}",
    ) {
        let start = at.index(SMALL.len());
        let end = (start + length).min(SMALL.len());
        let text = format!("{}{insert}{}", &SMALL[..start], &SMALL[end..]);
        if let Ok(manifest) = read(&text) {
            prop_assert_eq!(read(&manifest.to_toml().unwrap()).unwrap(), manifest);
        }
    }
}
