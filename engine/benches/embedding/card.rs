//! The WGSL engine alone, on a graphics card.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use fusionscope_engine::device::{DeviceChoice, any_graphics, graphics};
use fusionscope_engine::embedding::{GpuEngine, Optimiser, Prepared, Schedule, Start};

use crate::data::{self, Set};
use crate::{ITERATIONS, PERPLEXITY};

/// Layouts that are read back one by one, as a window does.
const FRAMES: u32 = 50;

/// Seconds of whole runs, and layouts a second, of 5,000 to 50,000 points. `tiny` is 500 points on any adapter and a run
/// of a few iterations, to try that all of it runs.
pub fn print(tiny: bool) {
    let adapter = if tiny { any_graphics() } else { graphics(DeviceChoice::Gpu(0)).ok().flatten() };
    let Some(adapter) = adapter else {
        println!("t-SNE on a graphics card left out: there is no adapter");
        return;
    };
    println!("\nt-SNE in WGSL on {}", adapter.get_info().name);
    println!("{:<26} {:>13} {:>13} {:>13}", "", "neighbours, s", "iterations, s", "layouts/s");
    let (sets, iterations) = if tiny { (&data::TINY[..], 2 * FRAMES) } else { (&data::SETS[1..], ITERATIONS) };
    for set in sets {
        if let Err(reason) = print_set(set, &adapter, iterations) {
            println!("{:<26} left out: {reason}", set.title);
        }
    }
}

fn print_set(set: &Set, adapter: &wgpu::Adapter, iterations: u32) -> Result<(), String> {
    let words = |error: fusionscope_engine::embedding::EmbeddingError| error.to_string();
    let points = set.mixed().ok_or("it is not made up")?;
    let began = Instant::now();
    let prepared = Prepared::new(&points, PERPLEXITY, &|_| ControlFlow::Continue(())).map_err(words)?;
    let graph = Arc::new(prepared.graph(PERPLEXITY).map_err(words)?.0);
    let places = Start::Pca.places(prepared.points(), 0).map_err(words)?;
    let prepared_in = began.elapsed().as_secs_f64();
    let engine = Box::new(GpuEngine::new(adapter).map_err(words)?);
    let schedule = Schedule::fresh(points.count(), iterations);
    let mut optimiser = Optimiser::new(engine, graph, &places, schedule).map_err(words)?;
    let began = Instant::now();
    for _ in 0..FRAMES {
        optimiser.advance(1).map_err(words)?;
        optimiser.layout().map_err(words)?;
    }
    let frames = f64::from(FRAMES) / began.elapsed().as_secs_f64();
    let began = Instant::now();
    while optimiser.advance(50).map_err(words)?.is_some() {}
    optimiser.layout().map_err(words)?;
    // As long as all of them would have taken without being read one by one.
    let run = began.elapsed().as_secs_f64() * f64::from(iterations) / f64::from(iterations - FRAMES);
    println!("{:<26} {prepared_in:>13.2} {run:>13.2} {frames:>13.1}", set.title);
    Ok(())
}
