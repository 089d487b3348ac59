use crate::data::align::Size;
use crate::data::augment::Augmentation;
use crate::data::{IGNORE, Modality, ModalityKind, Normalisation, Plane, Sample, Window};
use crate::random::Streams;
use crate::recipe::Recipe;

const HEIGHT: usize = 12;
const WIDTH: usize = 16;

fn sensor(kind: ModalityKind, high: f32) -> Modality {
    let channels = if kind == ModalityKind::Colour { 3 } else { 1 };
    let (name, unit) = (kind.name().to_owned(), String::new());
    Modality { name, kind, channels, unit, low: -1.0, high, normalisation: Normalisation::Unit }
}

/// Every plane and the label hold the same column numbers.
fn ramp() -> (Sample, Vec<Modality>) {
    let kinds =
        [ModalityKind::Colour, ModalityKind::Thermal, ModalityKind::Depth, ModalityKind::Lidar, ModalityKind::Event];
    let column = |at: usize| (at % WIDTH) as f32;
    let plane = |&kind: &ModalityKind| {
        let channels = if kind == ModalityKind::Colour { 3 } else { 1 };
        Plane { channels, values: (0..channels * HEIGHT * WIDTH).map(column).collect() }
    };
    let sample = Sample {
        id: "ramp".to_owned(),
        tags: Vec::new(),
        height: HEIGHT,
        width: WIDTH,
        planes: kinds.iter().map(plane).collect(),
        label: Some((0..HEIGHT * WIDTH).map(|at| (at % WIDTH) as u8).collect()),
        valid: Window::whole(Size::new(HEIGHT, WIDTH)),
    };
    (sample, kinds.iter().map(|&kind| sensor(kind, 20.0)).collect())
}

fn augmentation(settings: &[(&str, &str)]) -> Augmentation {
    let mut recipe = Recipe::defaults("test");
    for (key, value) in settings {
        recipe.set_text(key, value).unwrap();
    }
    Augmentation::from_recipe(&recipe)
}

#[test]
fn geometry_changes_alike_for_every_sensor_and_the_label() {
    for (scale, crop) in [("1.0", "9"), ("1.0", "24"), ("0.6", "9"), ("1.7", "14"), ("2.0", "40")] {
        let augmentation = augmentation(&[
            ("data.scale_min", scale),
            ("data.scale_max", scale),
            ("data.crop", crop),
            ("data.flip", "0.5"),
        ]);
        let mut mirrored = 0;
        for index in 0..24 {
            let (sample, sensors) = ramp();
            let draw = augmentation.draw(&mut Streams::new(3).stream("augment", index));
            let target = augmentation.target(std::slice::from_ref(&sample));
            let after = draw.apply(sample, &sensors, target);
            let label = after.label.unwrap();
            assert_eq!((label.len(), after.height, after.width), (target.area(), target.height, target.width));
            let inside: Vec<usize> = (0..label.len()).filter(|&at| label[at] != IGNORE).collect();
            assert!(!inside.is_empty());
            mirrored += usize::from(label[inside[0]] > label[*inside.last().unwrap()]);
            for (sensor, plane) in sensors.iter().zip(&after.planes) {
                for values in plane.values.chunks(target.area()) {
                    for at in 0..label.len() {
                        let expected = if label[at] == IGNORE { -1.0 } else { f32::from(label[at]) };
                        // Photographs lie between the columns that maps take whole.
                        let smooth = matches!(sensor.kind, ModalityKind::Colour | ModalityKind::Thermal);
                        let tolerance = if smooth && scale != "1.0" && label[at] != IGNORE { 0.8 } else { 0.0 };
                        assert!((values[at] - expected).abs() <= tolerance, "{} at {at}", sensor.name);
                    }
                }
            }
        }
        assert!((4..=20).contains(&mirrored), "{mirrored} of 24 mirrored");
    }
}

#[test]
fn a_cut_tells_what_shows_the_scene_mirrored_or_not() {
    for flip in ["0", "1"] {
        let augmentation = augmentation(&[
            ("data.scale_min", "0.5"),
            ("data.scale_max", "1.5"),
            ("data.crop", "18"),
            ("data.flip", flip),
        ]);
        let mut padded = 0;
        for index in 0..24 {
            let (sample, sensors) = ramp();
            let draw = augmentation.draw(&mut Streams::new(3).stream("augment", index));
            let target = augmentation.target(std::slice::from_ref(&sample));
            let Sample { label, valid, .. } = draw.apply(sample, &sensors, target);
            let label = label.unwrap();
            for (at, &class) in label.iter().enumerate() {
                let shows = valid.rows.contains(&(at / target.width)) && valid.columns.contains(&(at % target.width));
                assert_eq!(shows, class != IGNORE, "{at} of {valid:?}");
            }
            padded += usize::from(label.contains(&IGNORE));
        }
        assert!(padded > 12, "{padded} of 24 padded");
    }
}

#[test]
fn everything_off_leaves_the_sample_as_it_is() {
    let augmentation = augmentation(&[("data.flip", "0")]);
    let (sample, sensors) = ramp();
    let draw = augmentation.draw(&mut Streams::new(1).stream("augment", 0));
    let target = augmentation.target(std::slice::from_ref(&sample));
    assert_eq!(draw.apply(augmentation.sized(sample.clone(), &sensors), &sensors, target), sample);
}

#[test]
fn jitter_and_blur_change_the_colour_image_alone() {
    let augmentation = augmentation(&[("data.flip", "0"), ("data.jitter", "1"), ("data.blur", "1")]);
    let (mut sample, sensors) = ramp();
    let spread = |value: &mut f32| *value /= 40.0;
    sample.planes.iter_mut().flat_map(|plane| &mut plane.values).for_each(spread);
    let draw = augmentation.draw(&mut Streams::new(5).stream("augment", 0));
    let after = draw.apply(sample.clone(), &sensors, Size::new(HEIGHT, WIDTH));
    assert_ne!(after.planes[0], sample.planes[0]);
    assert!(after.planes[0].values.iter().all(|value| (0.0..=1.0).contains(value)));
    assert_eq!(after.planes[1..], sample.planes[1..]);
    assert_eq!(after.label, sample.label);
}

#[test]
fn one_pixel_samples_survive_every_change() {
    let augmentation = augmentation(&[
        ("data.scale_min", "0.25"),
        ("data.scale_max", "4"),
        ("data.jitter", "1"),
        ("data.blur", "1"),
        ("data.crop", "3"),
    ]);
    let (_, sensors) = ramp();
    let plane = |sensor: &Modality| Plane { channels: sensor.channels, values: vec![0.5; sensor.channels] };
    let planes: Vec<Plane> = sensors.iter().map(plane).collect();
    let (tags, valid) = (Vec::new(), Window::whole(Size::new(1, 1)));
    let sample = Sample { id: "dot".to_owned(), tags, height: 1, width: 1, planes, label: Some(vec![4]), valid };
    for index in 0..20 {
        let draw = augmentation.draw(&mut Streams::new(9).stream("augment", index));
        let after = draw.apply(sample.clone(), &sensors, Size::new(3, 3));
        assert!(after.label.unwrap().contains(&4));
        assert!(after.planes.iter().all(|plane| plane.values.iter().all(|value| value.is_finite())));
    }
}

#[test]
fn a_scene_too_large_for_a_network_is_refused_in_words_and_a_large_one_is_cut_alone() {
    let scene = |width: usize, height: usize| Sample {
        id: "vast".to_owned(),
        tags: Vec::new(),
        height,
        width,
        planes: Vec::new(),
        label: None,
        valid: Window::whole(Size::new(height, width)),
    };
    let message = crate::data::batch_of(&[scene(4097, 4096)], &[], &[], 0).unwrap_err().to_string();
    assert!(message.contains("`vast`") && message.contains("at most 16777216 px, found 4097 × 4096"), "{message}");
    assert!(message.contains("`data.height`") && message.contains("`data.crop`"), "{message}");
    assert!(crate::data::batch_of(&[scene(4096, 4096)], &[], &[], 0).is_ok());
    let mut recipe = Recipe::defaults("r");
    recipe.set_text("data.crop", "64").unwrap();
    let cut = Augmentation::from_recipe(&recipe);
    // What it is cut to is sure without the others of its batch, where it is as large as the crop.
    let large = scene(9000, 7000);
    assert_eq!(cut.sure_target(&large), Some(cut.target([&large, &scene(20, 20)])));
    assert_eq!(cut.sure_target(&scene(9000, 20)), None);
    assert!(cut.fitting(scene(9000, 7000)).is_ok());
    recipe.set_text("data.crop", "0").unwrap();
    let whole = Augmentation::from_recipe(&recipe);
    assert_eq!(whole.sure_target(&large), None);
    assert!(whole.fitting(scene(9000, 7000)).is_err() && whole.fitting(scene(900, 700)).is_ok());
}
