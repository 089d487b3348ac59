//! How long the curves pane takes to draw one frame of a long run: layout, thinning and tessellation, no graphics card.
//!
//! `cargo bench -p fusionscope --bench frame [STEPS]` prints the median and the 99th percentile.
#![allow(clippy::print_stdout, reason = "a bench speaks on standard output")]

use std::time::Instant;

use egui_kittest::Harness;
use fusionscope::look::{self, Theme, Tokens};
use fusionscope::panes::{self, PaneContext, PaneKind};
use fusionscope::store::Store;
use fusionscope_engine::protocol::{Event, StepReport};

const FRAMES: usize = 400;

fn store_of(steps: u64) -> Store {
    let mut store = Store::default();
    store.curves.set_smoothing(0.9);
    let names = ["total", "segmentation.fused", "segmentation.colour", "segmentation.thermal", "relation", "contrast"];
    let reports = (1..=steps).map(|step| StepReport {
        step,
        total_steps: steps,
        secs: 0.1,
        terms: names
            .iter()
            .enumerate()
            .map(|(place, name)| ((*name).to_owned(), ((step * 7919 + 31 * place as u64) % 1009) as f32))
            .collect(),
        ..StepReport::default()
    });
    store.apply(Event::Steps(reports.collect()));
    store
}

fn main() {
    let steps = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(100_000);
    let store = store_of(steps);
    let Some(mut pane) = panes::all().into_iter().find(|pane| pane.kind() == PaneKind::Curves) else { return };
    let tokens = Tokens::of(Theme::Dark);
    let mut harness =
        Harness::builder().with_size([1280.0, 400.0]).with_context_setup(look::install).build_ui(move |ui| {
            let ctx = PaneContext::new(&store, tokens, false);
            pane.ui(ui, &ctx);
        });
    harness.run_steps(4);
    let mut millis: Vec<f64> = (0..FRAMES)
        .map(|_| {
            let start = Instant::now();
            harness.step();
            let shapes = harness.output().shapes.clone();
            let meshes = harness.ctx.tessellate(shapes, 1.0);
            assert!(!meshes.is_empty());
            1000.0 * start.elapsed().as_secs_f64()
        })
        .collect();
    millis.sort_by(f64::total_cmp);
    println!(
        "curves pane, 6 terms of {steps} steps, 1280×400: median {:.2} ms, 99th percentile {:.2} ms of {FRAMES} frames",
        millis[FRAMES / 2],
        millis[FRAMES * 99 / 100],
    );
}
