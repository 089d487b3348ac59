//! Layouts of features: gathered on the session's thread, laid out on threads of their own, read by the app at any
//! time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::engine::Gathered;
use super::halt::Halt;
use super::options::Wake;
use crate::device::DeviceChoice;
use crate::embedding::{Course, Points, Request, Snapshot, Stage, Start, Worker, align, projection};
use crate::inspection::judge_layout;
use crate::protocol::{EmbeddingMeasures, EmbeddingRequest, EmbeddingStage, EmbeddingView, PointMark, Steer};

/// Layouts that a session serves at most.
const MAX_CLOUDS: usize = 4;
/// Iterations of a fresh layout.
const ITERATIONS: u32 = 1000;
/// The perplexity to begin with, and the largest that can be asked for later.
const PERPLEXITY: [f32; 2] = [30.0, 100.0];
/// The share of time that gathering again may take while a layout follows the network.
const FOLLOW_SHARE: f64 = 0.1;
/// Following never gathers more often than this.
const FOLLOW_EVERY: Duration = Duration::from_secs(2);

/// The layouts by slot, shared by the session (writes) and the app (reads).
pub(super) struct Clouds {
    clouds: Mutex<BTreeMap<u64, Arc<Cloud>>>,
    wake: Option<Wake>,
}

/// One layout.
struct Cloud {
    worker: Worker,
    state: Arc<Mutex<CloudState>>,
}

#[derive(Default)]
struct CloudState {
    request: EmbeddingRequest,
    step: Option<u64>,
    sources: Vec<String>,
    offered: Vec<String>,
    marks: Arc<Vec<PointMark>>,
    points: Option<Arc<Points>>,
    /// The principal components, shown until t-SNE was begun.
    projected: Arc<Vec<[f32; 2]>>,
    /// The request of the worker whose layout is shown; `None` while the principal components are.
    begun: Option<u64>,
    measured: Option<(u64, EmbeddingMeasures)>,
    /// What the app was shown last, and the snapshot that it was made from; `None` once anything else has changed.
    seen: Option<(Arc<Snapshot>, Arc<EmbeddingView>)>,
    follows: bool,
    hidden: bool,
    gathered: Option<(Instant, Duration)>,
}

impl Clouds {
    pub(super) fn new(wake: Option<Wake>) -> Self {
        Self { clouds: Mutex::default(), wake }
    }

    /// Takes what was gathered in `took`; a layout of the same points goes on from where it stands.
    pub(super) fn put(&self, request: &EmbeddingRequest, gathered: Gathered, took: Duration) -> Result<(), Halt> {
        let points = Points::new(gathered.table.numbers, gathered.table.width)?;
        let projected = projection(&points)?;
        let cloud = self.cloud(request.slot)?;
        let mut state = cloud.state.lock();
        let same = state.request == *request && *state.marks == gathered.table.marks;
        let same = same || (state.request == *request && places(&state.marks) == places(&gathered.table.marks));
        let projected = if same { align(&projected, &state.projected) } else { projected };
        let points = Arc::new(points);
        let warm = state.begun.filter(|_| same).map(|_| cloud.worker.latest().layout.clone());
        *state = CloudState {
            request: request.clone(),
            step: gathered.step,
            sources: gathered.table.sources,
            offered: gathered.table.offered,
            marks: Arc::new(gathered.table.marks),
            points: Some(Arc::clone(&points)),
            projected: Arc::new(projected),
            begun: None,
            measured: None,
            seen: None,
            follows: state.follows && same,
            hidden: state.hidden,
            gathered: Some((Instant::now(), took)),
        };
        if let Some(layout) = warm.filter(|layout| layout.len() == points.count()) {
            state.begun = Some(cloud.worker.begin(request_of(points, request.seed, Course::Warm { layout })));
        } else {
            cloud.worker.cancel();
        }
        drop(state);
        if let Some(wake) = &self.wake {
            wake();
        }
        Ok(())
    }

    pub(super) fn steer(&self, slot: u64, steer: Steer) {
        let Some(cloud) = self.clouds.lock().get(&slot).cloned() else { return };
        let mut state = cloud.state.lock();
        match steer {
            Steer::Start => {
                if let Some(points) = &state.points {
                    let course = Course::Fresh { iterations: ITERATIONS, start: Start::default() };
                    let begun = cloud.worker.begin(request_of(Arc::clone(points), state.request.seed, course));
                    state.begun = Some(begun);
                }
            }
            Steer::Pause => cloud.worker.pause(),
            Steer::Resume => cloud.worker.resume(),
            Steer::Cancel => cloud.worker.cancel(),
            Steer::Perplexity(perplexity) => cloud.worker.set_perplexity(perplexity),
            Steer::Exaggeration(exaggeration) => cloud.worker.set_exaggeration(exaggeration),
            Steer::Follow(follows) => state.follows = follows,
            Steer::Show(shown) => {
                state.hidden = !shown;
                cloud.worker.set_visible(shown);
            }
        }
        state.seen = None;
    }

    pub(super) fn close(&self, slot: u64) {
        // Its thread is waited for after the lock is free again.
        let gone = self.clouds.lock().remove(&slot);
        drop(gone);
    }

    pub(super) fn clear(&self) {
        let gone = std::mem::take(&mut *self.clouds.lock());
        drop(gone);
    }

    /// A layout that follows the network, is looked at, and whose turn it is.
    pub(super) fn due(&self) -> Option<EmbeddingRequest> {
        let clouds: Vec<Arc<Cloud>> = self.clouds.lock().values().cloned().collect();
        clouds.iter().find_map(|cloud| {
            let state = cloud.state.lock();
            let (at, took) = state.gathered?;
            let rest = took.mul_f64(1.0 / FOLLOW_SHARE).max(FOLLOW_EVERY);
            (state.follows && !state.hidden && at.elapsed() >= rest).then(|| state.request.clone())
        })
    }

    /// How a layout stands; the same `Arc` while nothing has changed.
    pub(super) fn view(&self, slot: u64) -> Option<Arc<EmbeddingView>> {
        let cloud = self.clouds.lock().get(&slot).cloned()?;
        let snapshot = cloud.worker.latest();
        let mut state = cloud.state.lock();
        state.points.as_ref()?;
        if let Some((_, seen)) = state.seen.as_ref().filter(|(known, _)| Arc::ptr_eq(known, &snapshot)) {
            return Some(Arc::clone(seen));
        }
        let view = Arc::new(state.view(&snapshot));
        state.seen = Some((snapshot, Arc::clone(&view)));
        Some(view)
    }

    fn cloud(&self, slot: u64) -> Result<Arc<Cloud>, Halt> {
        let mut clouds = self.clouds.lock();
        if let Some(cloud) = clouds.get(&slot) {
            return Ok(Arc::clone(cloud));
        }
        if clouds.len() >= MAX_CLOUDS {
            return Err(Halt::refused(&format!("{MAX_CLOUDS} layouts are open; close one to open another")));
        }
        let state = Arc::new(Mutex::new(CloudState::default()));
        let (own, wake) = (Arc::clone(&state), self.wake.clone());
        let worker = Worker::start(move |snapshot: &Snapshot| {
            if snapshot.stage == Stage::Done {
                measure(&own, snapshot);
            }
            if let Some(wake) = &wake {
                wake();
            }
        })?;
        let cloud = Arc::new(Cloud { worker, state });
        clouds.insert(slot, Arc::clone(&cloud));
        Ok(cloud)
    }
}

impl CloudState {
    fn view(&self, snapshot: &Snapshot) -> EmbeddingView {
        let begun = self.begun.is_some_and(|number| number == snapshot.request);
        let has_places = begun && snapshot.layout.len() == self.marks.len();
        let stage = match &snapshot.stage {
            _ if self.begun.is_none() => EmbeddingStage::Projected,
            Stage::Preparing { done, total } if begun => EmbeddingStage::Preparing { done: *done, total: *total },
            Stage::Running if begun => EmbeddingStage::Running,
            Stage::Paused if begun => EmbeddingStage::Paused,
            Stage::Done if begun => EmbeddingStage::Done,
            Stage::Failed(failure) if begun => EmbeddingStage::Failed(failure.clone()),
            _ => EmbeddingStage::Preparing { done: 0, total: self.marks.len() },
        };
        EmbeddingView {
            request: self.request.clone(),
            step: self.step,
            sources: self.sources.clone(),
            offered: self.offered.clone(),
            marks: self.marks.to_vec(),
            layout: if has_places { snapshot.layout.to_vec() } else { self.projected.to_vec() },
            stage,
            iteration: if begun { snapshot.iteration } else { 0 },
            iterations: if begun { snapshot.iterations } else { 0 },
            divergences: if begun { snapshot.divergences.to_vec() } else { Vec::new() },
            perplexity: snapshot.perplexity,
            device: snapshot.device.clone(),
            measures: self.measured.filter(|(number, _)| Some(*number) == self.begun).map(|(_, measures)| measures),
        }
    }
}

/// Judges a finished layout, on the thread that made it.
fn measure(state: &Mutex<CloudState>, snapshot: &Snapshot) {
    let (points, marks, seed) = {
        let state = state.lock();
        let Some(points) = state.points.clone().filter(|points| points.count() == snapshot.layout.len()) else {
            return;
        };
        if state.begun != Some(snapshot.request) || state.measured.is_some_and(|(number, _)| number == snapshot.request)
        {
            return;
        }
        (points, Arc::clone(&state.marks), state.request.seed)
    };
    let found = judge_layout(&points, &snapshot.layout, &marks, seed);
    let mut state = state.lock();
    state.measured = Some((snapshot.request, found));
    state.seen = None;
}

fn request_of(points: Arc<Points>, seed: u64, course: Course) -> Request {
    Request {
        points,
        device: DeviceChoice::Auto,
        perplexity: PERPLEXITY[0],
        largest_perplexity: PERPLEXITY[1],
        course,
        seed,
        stops_early: true,
    }
}

/// What makes two gatherings the same points: all but what the network answers there.
fn places(marks: &[PointMark]) -> Vec<PointMark> {
    marks.iter().map(|mark| PointMark { predicted: 0, ..*mark }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;
    use crate::inspection::FeatureTable;

    fn request() -> EmbeddingRequest {
        EmbeddingRequest { slot: 1, features: "stage4".to_owned(), points: 60, seed: 3, ..EmbeddingRequest::default() }
    }

    /// Two groups of points from two sources, `apart` from each other.
    fn gathered(step: u64, apart: f32) -> Gathered {
        let mark = |point: usize| PointMark {
            scene: 0,
            source: (point % 2) as u8,
            label: (point / 30) as u8,
            predicted: step as u8,
            pixel: [point as u16, 0],
        };
        let row = |point: usize| [(point / 30) as f32 * apart, (point as f32 * 0.7).sin(), (point as f32 * 1.3).cos()];
        let table = FeatureTable {
            width: 3,
            numbers: (0..60).flat_map(row).collect(),
            marks: (0..60).map(mark).collect(),
            sources: vec!["colour".to_owned(), "thermal".to_owned()],
            offered: vec!["stage4".to_owned()],
        };
        Gathered { table, step: Some(step) }
    }

    fn wait(clouds: &Clouds, mut until: impl FnMut(&EmbeddingView) -> bool) -> Arc<EmbeddingView> {
        let begun = Instant::now();
        loop {
            let view = clouds.view(1).unwrap();
            if until(&view) {
                return view;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "still {:?}", view.stage);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn components_come_first_and_a_finished_layout_is_judged() {
        let clouds = Clouds::new(None);
        assert!(clouds.view(1).is_none());
        clouds.put(&request(), gathered(5, 8.0), Duration::ZERO).unwrap();
        let first = wait(&clouds, |_| true);
        assert_eq!((first.stage.clone(), first.step, first.layout.len()), (EmbeddingStage::Projected, Some(5), 60));
        assert!(Arc::ptr_eq(&first, &clouds.view(1).unwrap()), "nothing has changed");
        clouds.steer(1, Steer::Start);
        let done = wait(&clouds, |view| view.stage == EmbeddingStage::Done && view.measures.is_some());
        let found = done.measures.unwrap();
        assert!(found.trustworthiness > 0.9 && found.class_purity > 0.9, "{found:?}");
        assert!(found.source_purity < 0.7, "the sources mix: {found:?}");
        assert_ne!(done.layout, first.layout);
        assert!(!done.divergences.is_empty());
    }

    #[test]
    fn a_layout_follows_the_same_points_and_begins_again_with_others() {
        let clouds = Clouds::new(None);
        clouds.put(&request(), gathered(5, 4.0), Duration::ZERO).unwrap();
        clouds.steer(1, Steer::Follow(true));
        clouds.steer(1, Steer::Start);
        let before = wait(&clouds, |view| view.stage == EmbeddingStage::Done);
        assert!(clouds.due().is_none(), "not before two seconds have gone by");
        clouds.put(&request(), gathered(9, 4.4), Duration::ZERO).unwrap();
        let after = wait(&clouds, |view| view.stage == EmbeddingStage::Done);
        assert_eq!((before.step, after.step), (Some(5), Some(9)));
        let moved = crate::embedding::movement(&before.layout, &after.layout);
        assert!(moved < 0.5, "the cloud jumped by {moved}");
        clouds.put(&EmbeddingRequest { seed: 4, ..request() }, gathered(9, 4.0), Duration::ZERO).unwrap();
        assert_eq!(clouds.view(1).unwrap().stage, EmbeddingStage::Projected);
        clouds.close(1);
        assert!(clouds.view(1).is_none());
    }

    #[test]
    fn what_cannot_be_laid_out_is_refused_and_so_are_too_many() {
        let clouds = Clouds::new(None);
        let mut broken = gathered(1, 1.0);
        broken.table.numbers[7] = f32::NAN;
        assert!(clouds.put(&request(), broken, Duration::ZERO).is_err());
        for slot in 0..MAX_CLOUDS as u64 {
            clouds.put(&EmbeddingRequest { slot, ..request() }, gathered(1, 1.0), Duration::ZERO).unwrap();
        }
        let another = EmbeddingRequest { slot: 9, ..request() };
        let refused = clouds.put(&another, gathered(1, 1.0), Duration::ZERO).unwrap_err();
        assert!(matches!(refused, Halt::Failed(Failure { text, .. }) if text.contains("close one")));
    }
}
