//! One scene with what-ifs of every kind, and what is remembered between them.

use std::ops::ControlFlow;

use super::bench::fitting_bench;
use super::{SceneMemory, scene_view, scene_view_from};
use crate::data::Dataset;
use crate::evaluation::{StandIns, input_from_sample, predict_scene};
use crate::network::Model;
use crate::protocol::{
    Absence, Content, OUTCOME, OtherScene, Pixels, SceneView, SensorChange, Stroke, Touch, ViewRequest, WhatIf,
};
use crate::recipe::Value;
use crate::recipe::catalogue::evaluation::Missing;

struct Bench {
    _folder: tempfile::TempDir,
    dataset: Dataset,
    model: Model,
}

impl Bench {
    fn new() -> Self {
        let (folder, dataset, model) = fitting_bench();
        Self { _folder: folder, dataset, model }
    }

    fn seen(&self, what_if: &WhatIf) -> SceneView {
        scene_view(Some(&self.model), &self.dataset, &request(what_if), &[]).unwrap()
    }

    /// What the network says of these planes, apart from all that views do.
    fn predicted(&self, planes: [(usize, &str, usize); 2], absent: [Option<Missing>; 2]) -> Vec<u8> {
        let mut sample = self.dataset.sample("val", 0, &[0, 1]).unwrap();
        for (at, (modality, split, index)) in planes.into_iter().enumerate() {
            sample.planes[at] = self.dataset.sample(split, index, &[modality]).unwrap().planes.remove(0);
        }
        let images = input_from_sample(&self.model, &sample, 0).unwrap();
        let stand_ins = StandIns::new(Missing::Drop, self.model.normalisations.clone(), Vec::new());
        let inputs = stand_ins.fill_by(&images, &absent);
        predict_scene(&self.model, &inputs, 32, 32).unwrap().remove(0).ids
    }
}

fn request(what_if: &WhatIf) -> ViewRequest {
    ViewRequest { split: "val".to_owned(), what_if: what_if.clone(), compares: true, ..ViewRequest::default() }
}

fn of(sensor: &str, change: SensorChange) -> WhatIf {
    let mut what_if = WhatIf::default();
    what_if.change(sensor, change);
    what_if
}

fn ids(view: &SceneView, content: &Content) -> Vec<u8> {
    let tile = view.tiles.iter().find(|tile| tile.content == *content).unwrap();
    let (Pixels::Labels { ids, .. } | Pixels::Categories { ids, .. }) = &tile.frame.pixels else { panic!() };
    ids.clone()
}

fn answer(view: &SceneView) -> Vec<u8> {
    ids(view, &Content::Prediction(view.answer.clone().unwrap()))
}

/// All that a view shows, but for how long it took.
fn shown(view: &SceneView) -> SceneView {
    SceneView { millis: 0.0, ..view.clone() }
}

const OWN: [(usize, &str, usize); 2] = [(0, "val", 0), (1, "val", 0)];

#[test]
fn each_way_of_being_absent_predicts_what_the_network_says_of_its_stand_in() {
    let bench = Bench::new();
    let ways = [(Absence::Drop, Missing::Drop), (Absence::Zeros, Missing::Zeros), (Absence::Copy, Missing::Copy)];
    for (absence, missing) in ways.into_iter().chain([(Absence::Black, Missing::Black)]) {
        let change = SensorChange { absent: Some(absence), ..SensorChange::default() };
        let view = bench.seen(&of("colour", change));
        assert_eq!(answer(&view), bench.predicted(OWN, [Some(missing), None]), "{}", absence.word());
        assert_eq!(view.missing, missing.word());
    }
    // Each sensor in a way of its own.
    let mut both = of("colour", SensorChange { absent: Some(Absence::Zeros), ..SensorChange::default() });
    both.change("thermal", SensorChange { absent: Some(Absence::Black), ..SensorChange::default() });
    let view = bench.seen(&both);
    assert_eq!(answer(&view), bench.predicted(OWN, [Some(Missing::Zeros), Some(Missing::Black)]));
    assert_eq!(view.missing, "zeros, black");
}

#[test]
fn another_scene_s_image_is_shown_and_predicted_from() {
    let bench = Bench::new();
    let scene = OtherScene { split: "train".to_owned(), id: "train003N".to_owned() };
    let change = SensorChange { scene: Some(scene), ..SensorChange::default() };
    let view = bench.seen(&of("thermal", change));
    assert_eq!(answer(&view), bench.predicted([OWN[0], (1, "train", 3)], [None; 2]));
    let plain = bench.seen(&WhatIf::default());
    let frame = |view: &SceneView, sensor: &str| {
        let content = Content::Sensor(sensor.to_owned());
        view.tiles.iter().find(|tile| tile.content == content).unwrap().frame.clone()
    };
    assert_ne!(frame(&view, "thermal"), frame(&plain, "thermal"));
    assert_eq!(frame(&view, "colour"), frame(&plain, "colour"));
}

#[test]
fn what_shift_and_brush_change_is_counted_pixel_by_pixel() {
    let bench = Bench::new();
    let plain = bench.seen(&WhatIf::default());
    assert!(plain.effects.is_empty() && !plain.tiles.iter().any(|tile| matches!(tile.content, Content::Before(_))));
    let stroke = Stroke { touch: Touch::Black, radius: 0.4, points: vec![[0.5, 0.5]] };
    let painted = SensorChange { shift: [7, -5], brush: vec![stroke], ..SensorChange::default() };
    let mut what_if = of("thermal", painted.clone());
    what_if.change("colour", painted);
    let view = bench.seen(&what_if);
    let effect = &view.effects[0];
    let (before, after) = (answer(&plain), answer(&view));
    assert_eq!(ids(&view, &Content::Before(effect.head.clone())), before);
    let truth = ids(&plain, &Content::Label);
    let became = ids(&view, &Content::Outcome(effect.head.clone()));
    for place in 0..truth.len() {
        let word = OUTCOME[usize::from(became[place])];
        let expected = match (before[place] == truth[place], after[place] == truth[place]) {
            _ if before[place] == after[place] => "same",
            (false, true) => "turned right",
            (true, false) => "turned wrong",
            _ => "other wrong",
        };
        assert_eq!(word, expected);
    }
    for (id, count) in effect.counts.iter().enumerate() {
        assert_eq!(*count, became.iter().filter(|&&became| usize::from(became) == id).count() as u64);
    }
    assert!(effect.changed() > 0, "a network that looks at its images says something else of such ones");
}

#[test]
fn a_switch_acts_for_one_view_and_the_network_is_as_it_was() {
    let bench = Bench::new();
    let recipe = bench.model.recipe.clone();
    let plain = bench.seen(&WhatIf::default());
    let exchange = "exchange.channel.enabled".to_owned();
    assert!(plain.switches.contains(&(exchange.clone(), Value::Switch(true))), "{:?}", plain.switches);
    let what_if = |value| WhatIf { settings: [(exchange.clone(), value)].into(), ..WhatIf::default() };
    let off = bench.seen(&what_if(Value::Switch(false)));
    let mut other = bench.model.clone();
    other.recipe.set(&exchange, Value::Switch(false)).unwrap();
    let expected = scene_view(Some(&other), &bench.dataset, &request(&WhatIf::default()), &[]).unwrap();
    assert_eq!(answer(&off), answer(&expected));
    assert_eq!(off.switches, plain.switches, "what there is to switch is told as it is without");
    assert_eq!(bench.model.recipe, recipe);
    assert_eq!(shown(&bench.seen(&WhatIf::default())), shown(&plain));
    let refused = scene_view(Some(&bench.model), &bench.dataset, &request(&what_if(Value::Integer(3))), &[]);
    assert!(refused.unwrap_err().to_string().contains("exchange.channel.enabled"));
}

#[test]
fn what_is_remembered_changes_no_view_and_is_forgotten_with_its_files() {
    let bench = Bench::new();
    let mut memory = SceneMemory::default();
    let moved = of("colour", SensorChange { shift: [2, 2], ..SensorChange::default() });
    let mut seen = |model: &Model, what_if: &WhatIf, index| {
        let request = ViewRequest { index, ..request(what_if) };
        let mut never = |_, _| ControlFlow::Continue(());
        let remembered = scene_view_from(Some(model), &bench.dataset, &request, &[], &mut memory, &mut never).unwrap();
        assert_eq!(shown(&remembered), shown(&scene_view(Some(model), &bench.dataset, &request, &[]).unwrap()));
        remembered
    };
    for index in [0, 0, 1, 0] {
        for what_if in [&WhatIf::default(), &moved, &WhatIf::without(&["thermal"]), &moved] {
            seen(&bench.model, what_if, index);
        }
    }
    // Another step, another way of asking.
    let later = Model { step: bench.model.step + 1, ..bench.model.clone() };
    seen(&later, &moved, 0);
    let mut other = later.clone();
    other.recipe.set_text("exchange.channel", "off").unwrap();
    seen(&other, &moved, 0);
    // The scene's own files are others now.
    let colour = bench.dataset.root.join("colour");
    std::fs::copy(colour.join("val001N.png"), colour.join("val000D.png")).unwrap();
    seen(&other, &moved, 0);
}
