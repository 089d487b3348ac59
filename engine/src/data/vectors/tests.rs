use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::*;

/// A file with these vectors.
fn written(folder: &Path, vectors: &[(&str, &[f32])]) -> PathBuf {
    let bytes: Vec<(String, Vec<u8>, usize)> = vectors
        .iter()
        .map(|(name, numbers)| {
            (name.to_string(), numbers.iter().flat_map(|number| number.to_le_bytes()).collect(), numbers.len())
        })
        .collect();
    let views = bytes
        .iter()
        .map(|(name, bytes, count)| (name.as_str(), TensorView::new(Dtype::F32, vec![*count], bytes).unwrap()));
    let path = folder.join("vectors.safetensors");
    std::fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
    path
}

fn names(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

#[test]
fn scenes_are_compared_with_their_captions_sensor_by_sensor() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(
        folder.path(),
        &[
            ("scene/night/0001", &[0.0, 2.0]),
            ("image/night/0001/colour", &[3.0, 3.0]),
            ("image/night/0001/thermal", &[0.0, -1.0]),
            ("scene/0002", &[0.0, 0.0]),
            ("image/0002/colour", &[1.0, 0.0]),
        ],
    );
    let file = VectorFile::open(&path).unwrap();
    let sensors = names(&["thermal", "colour"]);
    let found = file.correlations("night/0001", &sensors).unwrap().unwrap();
    assert!((found[0] + 1.0).abs() < 1e-12 && (found[1] - 0.5_f64.sqrt()).abs() < 1e-12, "{found:?}");
    assert_eq!(file.correlations("0002", &names(&["colour"])).unwrap(), Some(vec![0.0]), "no direction");
    assert!(file.knows("night/0001", &sensors));
    for (id, sensors) in [("0002", &sensors), ("0003", &sensors), ("night/0001", &names(&["depth"]))] {
        assert!(!file.knows(id, sensors));
        assert_eq!(file.correlations(id, sensors).unwrap(), None);
    }
}

#[test]
fn class_names_are_found_however_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), &[("class/road line", &[1.0, 0.0]), ("class/Car", &[1.0, 1.0])]);
    let file = VectorFile::open(&path).unwrap();
    let found = file.likeness(&names(&["RoadLine", "car"])).unwrap().unwrap();
    for (found, expected) in found.into_iter().zip([1.0, 0.5_f64.sqrt(), 0.5_f64.sqrt(), 1.0]) {
        assert!((found - expected).abs() < 1e-7);
    }
    assert_eq!(file.likeness(&names(&["car", "tree", "sky"])).unwrap(), Err(names(&["tree", "sky"])));
}

#[test]
fn class_names_of_every_supported_data_set_ship_with_the_program() {
    let shipped = VectorFile::shipped().unwrap();
    let sets = [
        "road, sidewalk, building, vegetation, sky, car, person, bicycle, pole/sign, cone",
        "unlabelled, car, person, bike, curve, car stop, guardrail, colour cone, bump",
        "unlabeled, car, person, bike, curve, car_stop, guardrail, color_cone, bump",
        "background, fire extinguisher, backpack, hand drill, survivor",
        "background, Road, Sidewalk, Building, Lamp, Sign, Vegetation, Sky, Person, Car, Truck, Bus, Motorcycle, Bicycle, Pole",
        "background, Car, Bus, Motorcycle, Bicycle, Pedestrian, Motorcyclist, Bicyclist, Cart, Bench, Umbrella, Box, Pole, \
         Street_lamp, Traffic_light, Traffic_sign, Car_stop, Color_cone, Sky, Road, Sidewalk, Curb, Vegetation, Terrain, \
         Building, Ground",
        "wall, floor, cabinet, bed, chair, sofa, table, door, window, bookshelf, picture, counter, blinds, desk, shelves, \
         curtain, dresser, pillow, mirror, floor mat, clothes, ceiling, books, refridgerator, television, paper, towel, \
         shower curtain, box, whiteboard, person, night stand, toilet, sink, lamp, bathtub, bag, otherstructure, \
         otherfurniture, otherprop",
        "void, bed, books, ceiling, chair, floor, furniture, objects, painting, sofa, table, tv, wall, window",
        "Building, Fence, Other, Pedestrian, Pole, RoadLine, Road, SideWalk, Vegetation, Cars, Wall, TrafficSign, Sky, Ground, \
         Bridge, RailTrack, GroundRail, TrafficLight, Static, Dynamic, Water, Terrain, TwoWheeler, Bus, Truck",
        "asphalt, concrete, metal, road_marking, fabric, glass, plaster, plastic, rubber, sand, gravel, ceramic, cobblestone, \
         brick, grass, wood, leaf, water, human, sky",
        "road, sidewalk, building, wall, fence, pole, traffic light, traffic sign, vegetation, terrain, sky, person, rider, \
         car, truck, bus, train, motorcycle, bicycle, void",
    ];
    for set in sets {
        let classes: Vec<String> = set.split(", ").map(str::to_owned).collect();
        let table = shipped.likeness(&classes).unwrap().unwrap();
        let count = classes.len();
        assert_eq!(table.len(), count * count);
        for row in 0..count {
            assert!((table[row * count + row] - 1.0).abs() < 1e-9, "{}", classes[row]);
            for column in 0..row {
                let cosine = table[row * count + column];
                assert_eq!(cosine, table[column * count + row]);
                assert!((-0.5..0.99).contains(&cosine), "{} and {}: {cosine}", classes[row], classes[column]);
            }
        }
    }
    let streets = shipped.likeness(&names(&["bicycle", "motorcycle", "sky"])).unwrap().unwrap();
    assert!(streets[1] > streets[2], "a bicycle is more like a motorcycle than like the sky");
}

#[test]
fn unfit_files_are_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| VectorFile::open(path).unwrap_err().to_string();
    let missing = refused(&folder.path().join("none.safetensors"));
    assert!(missing.contains("the file of teacher vectors") && missing.ends_with("none.safetensors"), "{missing}");
    let path = written(folder.path(), &[("scene/a", &[1.0, 2.0]), ("scene/b", &[1.0, 2.0, 3.0])]);
    assert!(refused(&path).contains("as many as all others have"), "{}", refused(&path));
    let path = written(folder.path(), &[("scene/a", &[1.0, 2.0]), ("image/a/colour", &[1.0, f32::NAN])]);
    let error = VectorFile::open(&path).unwrap().correlations("a", &names(&["colour"])).unwrap_err().to_string();
    assert!(error.contains("`image/a/colour`") && error.contains("no number"), "{error}");
    let bytes = std::fs::read(&path).unwrap();
    let with = |header: &str| {
        let header = header.as_bytes();
        std::fs::write(&path, [&(header.len() as u64).to_le_bytes(), header, &[0; 8]].concat()).unwrap();
        refused(&path)
    };
    let listed = |dtype: &str, shape: &str, end: u32| {
        with(&format!(r#"{{"scene/a": {{"dtype": "{dtype}", "shape": {shape}, "data_offsets": [0, {end}]}}}}"#))
    };
    for (found, expected) in [
        (listed("I64", "[1]", 8), "I64"),
        (listed("F32", "[1, 2]", 8), "[1, 2]"),
        (listed("F32", "[2]", 4), "lies at"),
        (listed("F32", "[8]", 32), "lies at"),
        (listed("F32", "[1]", 4), "expected 4 bytes"),
        (with("no json"), "table of contents"),
        (with(r#"{"scene/a": 3}"#), "`scene/a`"),
    ] {
        assert!(found.contains(expected), "{found}");
    }
    for length in 0..bytes.len() {
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(!refused(&path).is_empty());
    }
    std::fs::write(&path, [&u64::MAX.to_le_bytes()[..], b"{}"].concat()).unwrap();
    assert!(refused(&path).contains("expected a safetensors file"));
}

#[cfg(unix)]
#[test]
fn vectors_that_never_end_are_refused() {
    for path in ["/dev/zero", "/dev"] {
        let message = VectorFile::open(Path::new(path)).unwrap_err().to_string();
        assert!(message.contains("not a regular file"), "{message}");
    }
}
