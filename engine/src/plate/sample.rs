//! What tests lay out: two methods and two scenes.

use image::{Rgba, RgbaImage};

use super::method::Method;
use crate::evaluation::Convention;
use crate::protocol::{Content, DatasetSummary, Frame, ModalitySummary, Pixels, SceneView, Tile, ViewRequest};

pub(super) fn summary() -> DatasetSummary {
    let modality = |name: &str, unit: &str| ModalitySummary {
        name: name.to_owned(),
        kind: name.to_owned(),
        unit: unit.to_owned(),
    };
    DatasetSummary {
        name: "streets".to_owned(),
        modalities: vec![modality("colour", ""), modality("thermal", "°C")],
        classes: ["road", "car", "sky"].map(str::to_owned).to_vec(),
        colours: vec![[90, 90, 100], [0, 90, 200], [136, 204, 238]],
        ..DatasetSummary::default()
    }
}

/// Plain colours: of classes their own, grey for values, violet for holes.
pub(super) fn paint(_content: &Content, frame: &Frame, summary: &DatasetSummary) -> RgbaImage {
    let class = |id: u8| summary.colours.get(usize::from(id)).map_or([0; 4], |&[r, g, b]| [r, g, b, 255]);
    let pixels: Vec<[u8; 4]> = match &frame.pixels {
        Pixels::Rgba(bytes) => bytes.chunks_exact(4).map(|pixel| [pixel[0], pixel[1], pixel[2], pixel[3]]).collect(),
        Pixels::Labels { ids, .. } | Pixels::Categories { ids, .. } => ids.iter().map(|&id| class(id)).collect(),
        Pixels::Scalar { values, has_holes, .. } => {
            let grey =
                |&value: &u8| if *has_holes && value == 0 { [90, 0, 90, 255] } else { [value, value, value, 255] };
            values.iter().map(grey).collect()
        }
        Pixels::Errors(states) => {
            let state = |&state: &u8| match state {
                0 => [230, 230, 230, 255],
                1 => [220, 40, 40, 255],
                _ => [0; 4],
            };
            states.iter().map(state).collect()
        }
    };
    RgbaImage::from_fn(frame.width, frame.height, |x, y| Rgba(pixels[(y * frame.width + x) as usize]))
}

const WIDTH: u32 = 16;
const HEIGHT: u32 = 12;

fn frame(pixels: impl Fn(u32, u32) -> u8, made: impl FnOnce(Vec<u8>) -> Pixels) -> Frame {
    let bytes = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y))).map(|(x, y)| pixels(x, y)).collect();
    Frame { width: WIDTH, height: HEIGHT, pixels: made(bytes) }
}

fn labels(ids: Vec<u8>) -> Pixels {
    Pixels::Labels { ids, confidence: Vec::new() }
}

/// Sky over road with a car; a method that is wrong about so many of the car's columns, and its entropy up to that.
fn view(id: &str, wrong: u32, most: f32, maps: &[&str]) -> SceneView {
    let truth = |x: u32, y: u32| if y < 4 { 2 } else { u8::from((4..10).contains(&x) && (6..10).contains(&y)) };
    let answer = move |x: u32, y: u32| if (4..4 + wrong).contains(&x) && truth(x, y) == 1 { 0 } else { truth(x, y) };
    let scalar = move |low: f32, high: f32, unit: &'static str| {
        move |values| Pixels::Scalar { values, low, high, unit: unit.to_owned(), has_holes: false }
    };
    let colour =
        (0..WIDTH * HEIGHT).flat_map(|at| [(at % WIDTH * 16) as u8, (at / WIDTH * 20) as u8, 90, 255]).collect();
    let thermal = frame(|x, y| (x * 10 + y * 5) as u8, scalar(-10.0, 42.0, "°C"));
    let mut tiles = vec![
        (Content::Sensor("colour".to_owned()), Frame { width: WIDTH, height: HEIGHT, pixels: Pixels::Rgba(colour) }),
        (Content::Sensor("thermal".to_owned()), thermal),
        (Content::Label, frame(truth, labels)),
        (Content::Prediction("fused".to_owned()), frame(answer, labels)),
        (Content::Error("fused".to_owned()), frame(|x, y| u8::from(answer(x, y) != truth(x, y)), Pixels::Errors)),
    ];
    for &map in maps {
        let values = frame(|x, _| (x * 17) as u8, scalar(0.0, most, "nat"));
        tiles.push((Content::Probe(map.to_owned()), values));
    }
    SceneView {
        request: ViewRequest { split: "test".to_owned(), ..ViewRequest::default() },
        id: id.to_owned(),
        tags: Vec::new(),
        step: Some(40),
        answer: Some("fused".to_owned()),
        unfit: None,
        lack: None,
        missing: "drop".to_owned(),
        tiles: tiles.into_iter().map(|(content, frame)| Tile { content, frame }).collect(),
        effects: Vec::new(),
        switches: Vec::new(),
        offered: maps.iter().map(|&map| map.to_owned()).collect(),
        refused: vec![("fdam.gate.stage2".to_owned(), "alignment is switched off".to_owned())],
        figures: Vec::new(),
        beside: None,
        millis: 1.0,
    }
}

/// `ours` is right about all of `a` and half of the car of `b`, `baseline` sees no car in either and has no entropy.
pub(super) fn methods() -> Vec<Method> {
    let method = |name: &str, views: Vec<SceneView>| Method {
        name: name.to_owned(),
        summary: summary(),
        convention: Convention::NanMean,
        views,
    };
    vec![
        method(
            "ours",
            vec![view("a", 0, 1.0, &["uncertainty.entropy.fused"]), view("b", 3, 2.0, &["uncertainty.entropy.fused"])],
        ),
        method("baseline", vec![view("a", 6, 1.0, &[]), view("b", 6, 1.0, &[])]),
    ]
}
