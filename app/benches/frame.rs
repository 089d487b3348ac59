//! How long one frame takes where there is much to draw: layout, thinning and tessellation, no graphics card.
//!
//! `cargo bench --profile release -p fusionscope --bench frame` prints the median and the 99th percentile of the curves
//! pane with a long run, and of the embedding pane with many points.
#![allow(clippy::print_stdout, reason = "a bench speaks on standard output")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use egui_kittest::Harness;
use fusionscope::look::{self, Theme, Tokens};
use fusionscope::panes::{self, PaneContext, PaneKind};
use fusionscope::store::Store;
use fusionscope::store::embedding::{Choosing, Origin, pixel_of};
use fusionscope_engine::protocol::{
    DatasetSummary, EmbeddingRequest, EmbeddingStage, EmbeddingView, Event, Figure, NetworkSummary, PointMark,
    Quantity, SplitSummary, StepReport,
};

const FRAMES: usize = 400;
const STEPS: u64 = 100_000;
const POINTS: usize = 50_000;
const SCENES: usize = 200;
const CLASSES: usize = 10;

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
        turn(harness.state_mut(), number as u32);
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

fn main() {
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
