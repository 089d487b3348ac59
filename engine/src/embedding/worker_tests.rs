//! The worker as its owner sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::tests::bunches;
use super::*;
use crate::device::DeviceChoice;

fn request(points: &Arc<Points>, iterations: u32) -> Request {
    Request {
        points: Arc::clone(points),
        device: DeviceChoice::Cpu,
        perplexity: 10.0,
        largest_perplexity: 30.0,
        course: Course::Fresh { iterations, start: Start::Pca },
        seed: 0,
        stops_early: false,
    }
}

/// Waits until the latest snapshot is as wanted.
#[track_caller]
fn wait(worker: &Worker, what: &str, wanted: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let began = Instant::now();
    loop {
        let latest = worker.latest();
        if wanted(&latest) {
            return latest;
        }
        assert!(began.elapsed() < Duration::from_mins(2), "{what} never came; there is {:?}", latest.stage);
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn is_done(snapshot: &Snapshot) -> bool {
    snapshot.stage == Stage::Done
}

#[test]
fn a_worker_lays_out_what_the_engine_would() {
    let points = Arc::new(bunches(300, 6, 4, 31));
    let worker = Worker::start(|_| {}).unwrap();
    worker.begin(request(&points, 120));
    let shown = wait(&worker, "the end", is_done);
    assert_eq!((shown.iteration, shown.iterations, shown.request), (120, 120, 1));
    assert_eq!(shown.divergences.iter().map(|(iteration, _)| *iteration).collect::<Vec<_>>(), [50, 100, 120]);
    let prepared = Prepared::new(&points, 30.0, &|_| std::ops::ControlFlow::Continue(())).unwrap();
    let graph = Arc::new(prepared.graph(10.0).unwrap().0);
    let places = Start::Pca.places(prepared.points(), 0).unwrap();
    let engine = Box::new(CpuEngine::new(Repulsion::Auto));
    let mut optimiser = Optimiser::new(engine, graph, &places, Schedule::fresh(300, 120)).unwrap();
    while optimiser.advance(50).unwrap().is_some() {}
    assert_eq!(*shown.layout, optimiser.layout().unwrap(), "how a run is cut changes its result");
}

#[test]
fn principal_components_come_first_and_snapshots_stay_few() {
    let (points, count) = (Arc::new(bunches(400, 6, 4, 32)), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    let worker = Worker::start(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
    })
    .unwrap();
    worker.pause();
    let began = Instant::now();
    worker.begin(request(&points, 300));
    wait(&worker, "the end", is_done);
    // One before the neighbours, at most twenty-one while they are sought, one at the end.
    let most = 23 + (began.elapsed().as_secs_f64() * 31.0) as usize;
    assert!(
        count.load(Ordering::Relaxed) <= most,
        "{} snapshots in {:?}",
        count.load(Ordering::Relaxed),
        began.elapsed()
    );
    worker.set_visible(false);
    worker.begin(request(&points, 300));
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(worker.latest().request, 1, "it works while nobody looks");
    worker.set_visible(true);
    let second = wait(&worker, "the second request", |shown| shown.request == 2);
    assert!(second.is_projection || second.iteration > 0);
    assert_eq!(second.layout.len(), 400);
}

#[test]
fn it_pauses_hides_resumes_and_takes_changes() {
    let points = Arc::new(bunches(500, 6, 4, 33));
    let worker = Worker::start(|_| {}).unwrap();
    worker.begin(request(&points, 100_000));
    wait(&worker, "iterations", |shown| shown.iteration > 10);
    worker.pause();
    let paused = wait(&worker, "the pause", |shown| shown.stage == Stage::Paused);
    std::thread::sleep(Duration::from_millis(80));
    assert_eq!(worker.latest().iteration, paused.iteration);
    worker.set_perplexity(25.0);
    let changed = wait(&worker, "the perplexity", |shown| shown.perplexity == 25.0);
    assert_eq!(changed.iteration, paused.iteration, "it iterates while it is paused");
    worker.set_exaggeration(Some(4.0));
    worker.resume();
    wait(&worker, "iterations", |shown| shown.iteration > paused.iteration + 10);
    worker.set_visible(false);
    std::thread::sleep(Duration::from_millis(200));
    let hidden = worker.latest().iteration;
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(worker.latest().iteration, hidden, "it iterates while it is hidden");
    worker.set_visible(true);
    wait(&worker, "iterations", |shown| shown.iteration > hidden);
    worker.cancel();
    let cancelled = wait(&worker, "the cancellation", |shown| shown.stage == Stage::Idle);
    assert_eq!(cancelled.layout.len(), 500, "the last layout is gone");
}

#[test]
fn a_warm_start_goes_on_and_iterations_can_be_added() {
    let points = Arc::new(bunches(300, 6, 4, 34));
    let worker = Worker::start(|_| {}).unwrap();
    worker.begin(request(&points, 600));
    let first = wait(&worker, "the first layout", is_done);
    worker.begin(Request { course: Course::Warm { layout: Arc::clone(&first.layout) }, ..request(&points, 0) });
    let warm = wait(&worker, "the warm layout", |shown| shown.request == 2 && is_done(shown));
    assert_eq!(warm.iteration, 250);
    assert!(movement(&first.layout, &warm.layout) < 0.5);
    worker.extend(30);
    let more = wait(&worker, "more iterations", |shown| shown.iteration == 280 && is_done(shown));
    assert_eq!(more.iterations, 280);
}

#[test]
fn what_cannot_be_laid_out_is_a_sentence() {
    let points = Arc::new(bunches(20, 3, 2, 35));
    let worker = Worker::start(|_| {}).unwrap();
    worker.begin(Request { course: Course::Warm { layout: Arc::new(vec![[0.0; 2]; 3]) }, ..request(&points, 0) });
    let failed = wait(&worker, "the failure", |shown| matches!(shown.stage, Stage::Failed(_)));
    let Stage::Failed(failure) = &failed.stage else { panic!("{:?}", failed.stage) };
    assert_eq!(failure.text, "The layout to start from has 3 points; expected 20, as many as are laid out");
    worker.begin(request(&points, 10));
    wait(&worker, "the next request", is_done);
}
