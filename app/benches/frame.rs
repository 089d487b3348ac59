//! How long one frame takes where there is much to draw: layout, thinning and tessellation, no graphics card.
//!
//! `cargo bench --profile release --workspace --bench frame` prints the median and the 99th percentile of the curves
//! pane with a long run, of the embedding pane with many points, of the runs pane with a thousand runs, and of the
//! dataset pane with sixty thousand scenes, and how long a list of these takes to be made.
#![allow(clippy::print_stdout, reason = "a bench speaks on standard output")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use egui_kittest::Harness;
use fusionscope::look::{self, Theme, Tokens};
use fusionscope::panes::{self, PaneContext, PaneKind};
use fusionscope::store::Store;
use fusionscope::store::embedding::{Choosing, Origin, pixel_of};
use fusionscope::store::gallery::{Arranged, Order, Wishes};
use fusionscope_engine::protocol::{
    DatasetSummary, DatasetSurvey, EmbeddingRequest, EmbeddingStage, EmbeddingView, Event, Figure, Frame, GalleryNews,
    ModalitySummary, NetworkSummary, Pixels, PointMark, Quantity, RunCard, ScenePlace, SceneScores, ShelfNews,
    SplitSummary, SplitSurvey, StepReport, Thumbnail,
};
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::recipe::catalogue::training;

const FRAMES: usize = 400;
const STEPS: u64 = 100_000;
const POINTS: usize = 50_000;
const SCENES: usize = 200;
const CLASSES: usize = 10;
const RUNS: u64 = 1000;
const ALL_SCENES: usize = 60_000;

fn store_of_curves() -> Store {
    let mut store = Store::default();
    store.curves.set_smoothing(0.9);
    let names = ["total", "segmentation.fused", "segmentation.colour", "segmentation.thermal", "relation", "contrast"];
    let reports = (1..=STEPS).map(|step| StepReport {
        step,
        total_steps: STEPS,
        secs: 0.1,
        terms: names
            .iter()
            .enumerate()
            .map(|(place, name)| Figure::new(*name, Quantity::Loss, ((step * 7919 + 31 * place as u64) % 1009) as f32))
            .collect(),
        ..StepReport::default()
    });
    store.apply(Event::Steps(reports.collect()));
    store
}

/// Points on a spiral that turns with the iterations.
fn cloud(iteration: u32) -> Arc<EmbeddingView> {
    let mark = |point: usize| PointMark {
        scene: (point % SCENES) as u32,
        source: (point % 2) as u8,
        label: (point % CLASSES) as u8,
        predicted: (point % 7) as u8,
        pixel: [(point / SCENES) as u16, (point % 251) as u16],
    };
    let place = |point: usize| {
        let angle = point as f32 * 0.37 + iteration as f32 * 0.01;
        let radius = (point as f32 / POINTS as f32).sqrt() * 40.0;
        [radius * angle.cos(), radius * angle.sin()]
    };
    Arc::new(EmbeddingView {
        request: EmbeddingRequest {
            split: "test".to_owned(),
            scenes: (0..SCENES).collect(),
            ..EmbeddingRequest::default()
        },
        step: Some(1),
        sources: vec!["colour".to_owned(), "thermal".to_owned()],
        offered: Vec::new(),
        marks: (0..POINTS).map(mark).collect(),
        layout: (0..POINTS).map(place).collect(),
        stage: EmbeddingStage::Running,
        iteration,
        iterations: 1000,
        divergences: vec![(iteration, 1.0)],
        perplexity: 30.0,
        device: String::new(),
        measures: None,
    })
}

fn store_of_points() -> Store {
    let mut store = Store::default();
    let split = SplitSummary {
        name: "test".to_owned(),
        ids: (0..SCENES).map(|scene| scene.to_string()).collect(),
        tags: vec![Vec::new(); SCENES],
        held_out: false,
    };
    store.apply(Event::Dataset(DatasetSummary {
        classes: (0..CLASSES).map(|class| format!("class {class}")).collect(),
        colours: vec![[90; 3]; CLASSES],
        splits: vec![split],
        ..DatasetSummary::default()
    }));
    store.apply(Event::Network(NetworkSummary::default()));
    store.embedding.take(0, Some(cloud(0)));
    store
}

/// Draws frames of one pane; `turn` happens before each.
fn measure(what: &str, kind: PaneKind, size: [f32; 2], store: Store, mut turn: impl FnMut(&mut Store, u32)) {
    measure_with(what, kind, size, store, move |harness, frame| turn(harness.state_mut(), frame));
}

/// The same where something is done with the window before each frame.
fn measure_with(
    what: &str,
    kind: PaneKind,
    size: [f32; 2],
    store: Store,
    mut turn: impl FnMut(&mut Harness<'_, Store>, u32),
) {
    let mut pane = panes::make(kind);
    let tokens = Tokens::of(Theme::Dark);
    let draw = move |ui: &mut egui::Ui, store: &mut Store| {
        let ctx = PaneContext::new(store, tokens, false);
        pane.ui(ui, &ctx);
    };
    let builder = Harness::builder().with_size(size).with_context_setup(look::install);
    let mut harness = builder.build_ui_state(draw, store);
    harness.run_steps(4);
    let mut frame = |number: usize| {
        turn(&mut harness, number as u32);
        let start = Instant::now();
        harness.step();
        let shapes = harness.output().shapes.clone();
        let meshes = harness.ctx.tessellate(shapes, 1.0);
        assert!(!meshes.is_empty());
        1000.0 * start.elapsed().as_secs_f64()
    };
    let mut millis: Vec<f64> = (0..FRAMES).map(&mut frame).collect();
    millis.sort_by(f64::total_cmp);
    let [width, height] = size;
    println!(
        "{what}, {width}×{height}: median {:.2} ms, 99th percentile {:.2} ms of {FRAMES} frames",
        millis[FRAMES / 2],
        millis[FRAMES * 99 / 100],
    );
}

/// Runs of two hundred recipes from five seeds each.
fn store_of_runs() -> Store {
    let mut store = Store::default();
    let cards = (0..RUNS).map(|number| {
        let mut recipe = Recipe::defaults(&format!("recipe-{}", number / 5));
        // Both are in the keys' ranges.
        let _fit = recipe.put(training::SEED, number % 5);
        let _fits = recipe.put(training::LEARNING_RATE, 1e-4 * (1 + number / 5) as f64);
        RunCard {
            path: format!("/runs/2026-run-{number:04}").into(),
            recipe: Some(recipe),
            step: number,
            steps: RUNS,
            ..RunCard::default()
        }
    });
    let news = ShelfNews::Cards { cards: cards.collect(), gone: Vec::new(), waiting: 0, remarks: Vec::new() };
    store.apply(Event::Shelf(news));
    store
}

/// Sixty thousand scenes of four sensors, all of which were read and scored.
fn store_of_scenes() -> Store {
    let mut store = Store::default();
    let sensor = |name: &str| ModalitySummary { name: name.to_owned(), kind: name.to_owned(), unit: String::new() };
    let ids = (0..ALL_SCENES).map(|scene| format!("{:05}", scene * 7919 % ALL_SCENES)).collect();
    let tags = (0..ALL_SCENES).map(|scene| vec![if scene % 2 == 0 { "day" } else { "night" }.to_owned()]).collect();
    store.apply(Event::Dataset(DatasetSummary {
        modalities: ["colour", "thermal", "depth", "event"].map(sensor).to_vec(),
        classes: (0..CLASSES).map(|class| format!("class {class}")).collect(),
        splits: vec![SplitSummary { name: "train".to_owned(), ids, tags, held_out: false }],
        ..DatasetSummary::default()
    }));
    let split = SplitSurvey {
        pixels: vec![1000; CLASSES],
        ignored: 0,
        scenes: vec![ALL_SCENES as u64; CLASSES],
        presence: (0..ALL_SCENES as u64).collect(),
        class_shares: (0..ALL_SCENES * CLASSES).map(|cell| (cell * 7919 % 6000) as u16).collect(),
        worst: vec![None; ALL_SCENES],
    };
    let total = ALL_SCENES as u64;
    let classes = store.dataset.iter().flat_map(|dataset| dataset.classes.clone()).collect();
    let survey = DatasetSurvey { classes, done: total, total, splits: vec![split], ..DatasetSurvey::default() };
    store.apply(Event::Gallery(GalleryNews::Survey(Box::new(survey))));
    let miou = (0..ALL_SCENES).map(|scene| Some((scene * 7919 % 1000) as f32 / 1000.0)).collect();
    let scores = SceneScores { split: "train".to_owned(), miou, ..SceneScores::default() };
    store.apply(Event::SceneScores(vec![scores]));
    store
}

/// Pictures of scenes from this one on.
fn pictures(from: u32, scenes: u32) -> Event {
    let frame = Frame { width: 128, height: 96, pixels: Pixels::Rgba(vec![200; 4 * 128 * 96]) };
    let made = |index| Thumbnail {
        scene: ScenePlace { split: 0, index },
        sensors: vec![Some(frame.clone()); 4],
        ..Thumbnail::default()
    };
    let thumbnails = (from..from + scenes).map(made).collect();
    // Of whatever request they are: nobody has asked for a number here.
    Event::Gallery(GalleryNews::Thumbnails { number: u64::MAX, thumbnails })
}

/// Turns the wheel over the pane: up by so many points, or down where they are negative.
fn scroll(harness: &Harness<'_, Store>, points: f32) {
    harness.hover_at(egui::pos2(300.0, 400.0));
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, points),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: egui::Modifiers::NONE,
    });
}

fn measure_scenes() {
    let size = [1280.0, 640.0];
    let scenes = |how: &str| format!("dataset pane, {ALL_SCENES} scenes, {how}");
    let mut store = store_of_scenes();
    store.apply(pictures(0, 60));
    measure(&scenes("at rest"), PaneKind::Dataset, size, store, |_, _| {});
    // A screen and a half a second, with the pictures of each new row.
    measure_with(&scenes("scrolling"), PaneKind::Dataset, size, store_of_scenes(), |harness, frame| {
        harness.state_mut().apply(pictures(frame, 8));
        scroll(harness, -16.0);
    });
    let store = store_of_scenes();
    let Some(dataset) = &store.dataset else { return };
    for (how, wishes) in [
        ("as listed", Wishes::default()),
        ("of a tag", Wishes { tags: ["night".to_owned()].into(), ..Wishes::default() }),
        ("of a class", Wishes { classes: ["class 3".to_owned()].into(), ..Wishes::default() }),
        ("by words", Wishes { words: "17".to_owned(), ..Wishes::default() }),
        ("by id", Wishes { order: Order::Id, ..Wishes::default() }),
        ("by error", Wishes { order: Order::Error, ..Wishes::default() }),
        ("by share of a class", Wishes { order: Order::Class("class 3".to_owned()), ..Wishes::default() }),
    ] {
        let mut millis: Vec<f64> = (0..20)
            .map(|_| {
                let start = Instant::now();
                let list = Arranged::of(dataset, &store.gallery, &wishes);
                assert!(!list.scenes.is_empty());
                1000.0 * start.elapsed().as_secs_f64()
            })
            .collect();
        millis.sort_by(f64::total_cmp);
        println!("{ALL_SCENES} scenes arranged anew, {how}: median {:.2} ms", millis[millis.len() / 2]);
    }
}

fn measure_runs() {
    let runs = |how: &str| format!("runs pane, {RUNS} runs, {how}");
    let size = [1280.0, 640.0];
    measure(&runs("at rest"), PaneKind::Runs, size, store_of_runs(), |_, _| {});
    // Down and up again: folded by their seeds they are not long enough for all frames one way.
    measure_with(&runs("scrolling"), PaneKind::Runs, size, store_of_runs(), |harness, frame| {
        scroll(harness, if (frame as usize) < FRAMES / 2 { -16.0 } else { 16.0 });
    });
    // A run that is trained is told of again and again, and the whole list is arranged anew.
    measure(&runs("one of them moving"), PaneKind::Runs, size, store_of_runs(), |store, frame| {
        let path = Path::new("/runs/2026-run-0007");
        let Some(mut card) = store.shelf.run(path).map(|run| run.card.clone()) else { return };
        card.step = u64::from(frame);
        let news = ShelfNews::Cards { cards: vec![card], gone: Vec::new(), waiting: 0, remarks: Vec::new() };
        store.apply(Event::Shelf(news));
    });
}

fn main() {
    measure_scenes();
    measure_runs();
    let curves = format!("curves pane, 6 terms of {STEPS} steps");
    measure(&curves, PaneKind::Curves, [1280.0, 400.0], store_of_curves(), |_, _| {});
    let size = [1120.0, 640.0];
    let points = |how: &str| format!("embedding pane, {POINTS} points, {how}");
    measure(&points("at rest"), PaneKind::Embedding, size, store_of_points(), |_, _| {});
    // As often as new layouts come: every second frame at 60 frames a second.
    let views: Vec<Arc<EmbeddingView>> = (0..8).map(cloud).collect();
    measure(&points("moving"), PaneKind::Embedding, size, store_of_points(), |store, frame| {
        store.embedding.take(0, Some(Arc::clone(&views[frame as usize / 2 % views.len()])));
    });
    let mut store = store_of_points();
    let chosen: BTreeSet<_> = cloud(0).marks.iter().step_by(2).map(pixel_of).collect();
    store.embedding.select("test", chosen, Choosing::Replace, Origin::default());
    measure(&points("half of them selected"), PaneKind::Embedding, size, store, |_, _| {});
}
