//! What the worker's thread does: one request after the other, chunk by chunk.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::choice::engine_for;
use super::desk::{Desk, Exaggeration};
use super::error::EmbeddingError;
use super::optimiser::Optimiser;
use super::prepared::Prepared;
use super::request::{Course, Request};
use super::schedule::Schedule;
use super::snapshot::{Snapshot, Stage};
use super::start::projection;
use crate::failure::Failure;

/// The shortest time between two snapshots.
const PUBLISH_EVERY: Duration = Duration::from_millis(33);
/// How long a chunk of iterations may take, so that wishes are heard soon.
const CHUNK: Duration = Duration::from_millis(15);

/// Serves until the owner ends it.
pub(super) fn work(desk: &Desk) {
    while let Some((number, request)) = next_request(desk) {
        let mut shown = Snapshot { request: number, ..Snapshot::default() };
        match serve(desk, number, &request, &mut shown) {
            Ok(()) => {}
            // Hidden while it prepared: it begins again when it is seen.
            Err(EmbeddingError::Cancelled) if is_current(desk, number) => {
                let mut wishes = desk.wishes.lock();
                if wishes.number == number && wishes.request.is_none() {
                    wishes.request = Some(request);
                }
            }
            // Another request speaks for itself.
            Err(EmbeddingError::Cancelled) => {
                if desk.wishes.lock().request.is_none() {
                    desk.publish(Snapshot { stage: Stage::Idle, ..shown });
                }
            }
            Err(error) => {
                if let Some(failure) = Failure::of(&error) {
                    desk.publish(Snapshot { stage: Stage::Failed(failure), ..shown });
                }
            }
        }
    }
}

fn is_current(desk: &Desk, number: u64) -> bool {
    let wishes = desk.wishes.lock();
    wishes.number == number && !wishes.ends
}

fn next_request(desk: &Desk) -> Option<(u64, Box<Request>)> {
    desk.wait(|wishes| {
        if wishes.ends {
            return Some(None);
        }
        if wishes.is_hidden {
            return None;
        }
        let number = wishes.number;
        wishes.request.take().map(|request| Some((number, request)))
    })
}

/// Carries out one request; [`EmbeddingError::Cancelled`] where something else is wanted.
fn serve(desk: &Desk, number: u64, request: &Request, shown: &mut Snapshot) -> Result<(), EmbeddingError> {
    let total = request.points.count();
    shown.stage = Stage::Preparing { done: 0, total };
    // Principal components are there at once; they also are what a fresh start begins with.
    shown.layout = match &request.course {
        Course::Fresh { .. } => Arc::new(projection(&request.points)?),
        Course::Warm { layout } => Arc::clone(layout),
    };
    shown.is_projection = matches!(request.course, Course::Fresh { .. });
    desk.publish(shown.clone());
    let prepared = prepare(desk, number, request, shown)?;
    let (graph, perplexity) = prepared.graph(request.perplexity)?;
    let (places, mut schedule) = match &request.course {
        Course::Fresh { iterations, start } => {
            (start.places(prepared.points(), request.seed)?, Schedule::fresh(total, *iterations))
        }
        Course::Warm { layout } => (layout.to_vec(), Schedule::warm(total)),
    };
    schedule.stops_early = request.stops_early;
    let mut optimiser = Optimiser::new(engine_for(request.device)?, Arc::new(graph), &places, schedule)?;
    shown.perplexity = perplexity;
    shown.device = optimiser.words();
    iterate(desk, number, &prepared, &mut optimiser, shown)
}

fn prepare(desk: &Desk, number: u64, request: &Request, shown: &Snapshot) -> Result<Prepared, EmbeddingError> {
    let total = request.points.count();
    let last_shown = AtomicUsize::new(0);
    let largest = request.largest_perplexity.max(request.perplexity);
    Prepared::new(&request.points, largest, &|done| {
        // A message for every twentieth part is plenty.
        let part = 20 * done / total.max(1);
        if last_shown.fetch_max(part, Ordering::Relaxed) < part {
            desk.publish(Snapshot { stage: Stage::Preparing { done, total }, ..shown.clone() });
        }
        desk.still_wanted(number)
    })
}

/// What to do next.
enum Turn {
    Iterate,
    Show(Stage),
    /// Something changed while it rests.
    Hear,
    Stop,
}

fn iterate(
    desk: &Desk,
    number: u64,
    prepared: &Prepared,
    optimiser: &mut Optimiser,
    shown: &mut Snapshot,
) -> Result<(), EmbeddingError> {
    let mut chunk = 1;
    let mut published: Option<Instant> = None;
    loop {
        hear(desk, prepared, optimiser, shown)?;
        let resting = if optimiser.is_done() { Some(Stage::Done) } else { None };
        match turn(desk, number, resting, &shown.stage) {
            Turn::Stop => return Err(EmbeddingError::Cancelled),
            Turn::Show(stage) => {
                shown.stage = stage;
                show(desk, optimiser, shown)?;
                continue;
            }
            Turn::Hear => {
                hear(desk, prepared, optimiser, shown)?;
                show(desk, optimiser, shown)?;
                continue;
            }
            Turn::Iterate => shown.stage = Stage::Running,
        }
        let began = Instant::now();
        if let Some(divergence) = optimiser.advance(chunk)?.and_then(|stats| stats.divergence) {
            Arc::make_mut(&mut shown.divergences).push((optimiser.iteration(), divergence));
        }
        chunk = paced(chunk, began.elapsed());
        // The last layout is shown by the turn to `Done`.
        if !optimiser.is_done() && published.is_none_or(|published| published.elapsed() >= PUBLISH_EVERY) {
            show(desk, optimiser, shown)?;
            published = Some(Instant::now());
        }
    }
}

/// Applies wishes that came while it iterated.
fn hear(
    desk: &Desk,
    prepared: &Prepared,
    optimiser: &mut Optimiser,
    shown: &mut Snapshot,
) -> Result<(), EmbeddingError> {
    let (perplexity, exaggeration, more) = {
        let mut wishes = desk.wishes.lock();
        (wishes.perplexity.take(), wishes.exaggeration.take(), std::mem::take(&mut wishes.more))
    };
    if let Some(perplexity) = perplexity {
        let (graph, perplexity) = prepared.graph(perplexity)?;
        shown.perplexity = perplexity;
        optimiser.change_graph(Arc::new(graph))?;
    }
    if let Some(Exaggeration(exaggeration)) = exaggeration {
        optimiser.change_exaggeration(exaggeration);
    }
    if more > 0 {
        optimiser.extend(more);
    }
    Ok(())
}

/// Waits while nobody looks, while it is told to, and after the end.
fn turn(desk: &Desk, number: u64, resting: Option<Stage>, shown: &Stage) -> Turn {
    desk.wait(|wishes| {
        if wishes.ends || wishes.number != number {
            return Some(Turn::Stop);
        }
        let has_wish = wishes.perplexity.is_some() || wishes.exaggeration.is_some() || wishes.more > 0;
        let rests = wishes.is_paused.then_some(Stage::Paused);
        match resting.clone().or(rests) {
            Some(stage) if *shown != stage => Some(Turn::Show(stage)),
            _ if wishes.is_hidden => None,
            // Changed wishes are heard even at rest: more iterations, or a look at another perplexity.
            Some(_) if has_wish => Some(Turn::Hear),
            Some(_) => None,
            None => Some(Turn::Iterate),
        }
    })
}

fn show(desk: &Desk, optimiser: &mut Optimiser, shown: &mut Snapshot) -> Result<(), EmbeddingError> {
    shown.layout = Arc::new(optimiser.layout()?);
    shown.is_projection = false;
    (shown.iteration, shown.iterations) = (optimiser.iteration(), optimiser.iterations());
    desk.publish(shown.clone());
    Ok(())
}

/// Iterations for the next chunk. How a run is cut does not change its result.
fn paced(chunk: u32, took: Duration) -> u32 {
    let fits = CHUNK.as_secs_f64() / took.as_secs_f64().max(1e-6) * f64::from(chunk);
    (fits as u32).clamp(1, 2 * chunk).min(50)
}
