//! `fusionscope embed`: points of many dimensions in two.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use fusionscope_engine::device::{DeviceChoice, cpu_words};
use fusionscope_engine::embedding::{
    EmbeddingError, Optimiser, Points, Prepared, Schedule, Start, engine_for, projection, read_points, write_places,
};

use super::arguments::{EmbedArguments, EmbedMethod};
use super::exit::{Exit, Failure, OrExit as _, Outcome};
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::{drivers, output};

/// Iterations between two looks at the keyboard and at the progress bar.
const CHUNK: u32 = 25;

/// What came of it.
struct Made {
    layout: Vec<[f32; 2]>,
    device: String,
    /// Divergence, iterations and perplexity of t-SNE.
    optimised: Option<(f64, u32, f32)>,
    is_whole: bool,
    secs: f64,
}

/// Lays out the points of a file and writes their places.
pub fn run(arguments: &EmbedArguments) -> Outcome {
    if matches!(arguments.device, DeviceChoice::Gpu(_)) {
        drivers::hush();
    }
    let interrupt = Interrupt::listen("Stopping; the layout as it stands is written")?;
    let points = read_points(&arguments.points).or_exit(Exit::BadData)?;
    let start = start_of(&arguments.init)?;
    let made = match arguments.threads {
        None => lay_out(arguments, &points, &start, interrupt)?,
        Some(threads) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build().or_exit(Exit::Failed)?;
            pool.install(|| lay_out(arguments, &points, &start, interrupt))?
        }
    };
    write_places(&arguments.out, &made.layout).or_exit(Exit::Failed)?;
    say(arguments, &points, &made)?;
    Ok(if made.is_whole { Exit::Done } else { Exit::Interrupted })
}

/// The start in words: `pca`, `random`, or a file of places.
fn start_of(words: &str) -> Result<Start, Failure> {
    match words {
        "pca" => Ok(Start::Pca),
        "random" => Ok(Start::Random),
        file => {
            let places = read_points(Path::new(file)).or_exit(Exit::BadData)?;
            if places.width() != 2 {
                let found = places.width();
                return Err(Failure::new(
                    Exit::BadData,
                    format!("expected places with 2 columns, found {found}: {file}"),
                ));
            }
            Ok(Start::Given(places.numbers().as_chunks::<2>().0.to_vec()))
        }
    }
}

fn lay_out(arguments: &EmbedArguments, points: &Points, start: &Start, interrupt: Interrupt) -> Result<Made, Failure> {
    let began = Instant::now();
    if arguments.method == EmbedMethod::Pca {
        let layout = projection(points).or_exit(Exit::BadData)?;
        return Ok(Made {
            layout,
            device: cpu_words(),
            optimised: None,
            is_whole: true,
            secs: began.elapsed().as_secs_f64(),
        });
    }
    let mut progress = Progress::new(arguments.voice);
    progress.begin("looking for neighbours", 0);
    progress.advance(0, 0, "");
    let goes_on = |_done| if interrupt.was_pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let prepared = Prepared::new(points, arguments.perplexity, &goes_on).map_err(failure)?;
    let (graph, perplexity) = prepared.graph(arguments.perplexity).map_err(failure)?;
    let places = start.places(prepared.points(), arguments.seed).map_err(failure)?;
    let schedule =
        Schedule { stops_early: arguments.early_stop, ..Schedule::fresh(points.count(), arguments.iterations) };
    let engine = engine_for(arguments.device).map_err(failure)?;
    let mut optimiser = Optimiser::new(engine, Arc::new(graph), &places, schedule).map_err(failure)?;
    progress.begin("t-SNE", 0);
    let mut note = String::new();
    while let Some(stats) = optimiser.advance(CHUNK).map_err(failure)? {
        if let Some(divergence) = stats.divergence {
            note = format!("KL {divergence:.4}");
        }
        progress.advance(u64::from(optimiser.iteration()), u64::from(optimiser.iterations()), &note);
        if interrupt.was_pressed() {
            break;
        }
    }
    progress.end();
    let is_whole = optimiser.is_done();
    let layout = optimiser.layout().map_err(failure)?;
    let secs = began.elapsed().as_secs_f64();
    let divergence = optimiser.divergence().map_err(failure)?;
    let optimised = Some((divergence, optimiser.iteration(), perplexity));
    Ok(Made { layout, device: optimiser.words(), optimised, is_whole, secs })
}

/// Gives an error of the engine its exit code.
fn failure(error: EmbeddingError) -> Failure {
    let exit = match error {
        EmbeddingError::Perplexity { .. } | EmbeddingError::Choice(_) | EmbeddingError::TooMany { .. } => Exit::Usage,
        EmbeddingError::Cancelled => Exit::Interrupted,
        EmbeddingError::OtherCount { .. } | EmbeddingError::BadStart { .. } => Exit::BadData,
        _ => Exit::Failed,
    };
    Failure { exit, error: error.into() }
}

fn say(arguments: &EmbedArguments, points: &Points, made: &Made) -> anyhow::Result<()> {
    let Made { device, optimised, secs, .. } = made;
    let (count, width, out) = (points.count(), points.width(), arguments.out.display());
    if arguments.voice.json {
        let (divergence, iterations, perplexity) = match *optimised {
            Some((divergence, iterations, perplexity)) => (Some(divergence), Some(iterations), Some(perplexity)),
            None => (None, None, None),
        };
        return output::json(&serde_json::json!({
            "event": "embedding", "path": arguments.out, "points": count, "columns": width,
            "method": if optimised.is_some() { "tsne" } else { "pca" }, "kl": divergence, "iterations": iterations,
            "perplexity": perplexity, "seed": arguments.seed, "secs": secs, "device": device,
        }));
    }
    let how = optimised.map_or(String::new(), |(divergence, iterations, perplexity)| {
        format!(", KL {divergence:.4} after {iterations} iterations at perplexity {perplexity}")
    });
    output::line(&format!("{out}: {count} points of {width} columns in {secs:.2} s on {device}{how}"))
}
