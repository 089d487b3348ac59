//! Sessions as a list of events: what an engine would have said.

use std::path::PathBuf;
use std::sync::Arc;

use fusionscope::store::Store;
use fusionscope_engine::protocol::{
    Album, AlbumScene, BesideRun, BesideView, ClassScores, Content, CountedFrom, DISAGREEMENT, DatasetSummary,
    Disagreement, Effect, EvaluationReport, Event, Failure, FailureKind, Figure, FiguresBy, Frame, FurtherClassScores,
    FurtherScores, Happening, Level, ModalitySummary, NetworkSummary, OUTCOME, Phase, Pixels, Quantity, Recorded,
    ReliabilityBin, RunCard, RunFigures, RunNotes, RunStanding, RunTrace, SceneComparison, SceneView, SessionState,
    ShelfNews, SplitComparison, SplitRequest, SplitSummary, StepReport, Subject, SubsetFigure, SubsetScores, Tile,
    TimeReport, TimeShare, TrainingTime, ViewRequest,
};
use fusionscope_engine::recipe::catalogue::{exchange, training};
use fusionscope_engine::recipe::{Recipe, Value};

const CLASSES: [&str; 10] =
    ["road", "sidewalk", "building", "vegetation", "sky", "car", "person", "bicycle", "pole", "cone"];

/// The sample data's summary.
pub fn dataset() -> DatasetSummary {
    let sensor = |name: &str, unit: &str| ModalitySummary {
        name: name.to_owned(),
        kind: name.to_owned(),
        unit: unit.to_owned(),
    };
    let split = |name: &str, count: usize| SplitSummary {
        name: name.to_owned(),
        ids: (0..count).map(|place| format!("{name}-{place:03}")).collect(),
        tags: (0..count).map(|place| vec![if place % 2 == 0 { "day" } else { "night" }.to_owned()]).collect(),
        held_out: false,
    };
    DatasetSummary {
        name: "sample".to_owned(),
        path: "datasets-sample".into(),
        modalities: vec![sensor("colour", ""), sensor("thermal", "°C"), sensor("depth", "m")],
        classes: CLASSES.map(str::to_owned).to_vec(),
        colours: (0..10_u8).map(|class| [20 * class, 200 - 15 * class, 90]).collect(),
        splits: vec![split("train", 200), split("val", 40), split("test", 40)],
        proposals: Vec::new(),
    }
}

fn noise(step: u64, stream: u64) -> f32 {
    let mut mixed = (step.wrapping_mul(0x9E37_79B9_7F4A_7C15)) ^ (stream.wrapping_mul(0xD1B5_4A32_D192_ED03));
    mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^= mixed >> 29;
    (mixed >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
}

/// The report of one step of a made-up run of 100 teacher and 600 student steps.
pub fn step(step: u64) -> StepReport {
    let is_teacher = step <= 100;
    let phase = if is_teacher { Phase::Teacher } else { Phase::Student };
    let phase_step = if is_teacher { step } else { step - 100 };
    let fall = |from: f32, to: f32, pace: f32, stream: u64| {
        (to + (from - to) * (-(phase_step as f32) / pace).exp()) * (1.0 + 0.3 * noise(step, stream))
    };
    let mut losses = vec![("segmentation.colour", fall(3.0, 0.7, 60.0, 1))];
    if !is_teacher {
        losses.push(("segmentation.thermal", fall(3.1, 0.5, 70.0, 2)));
        losses.push(("segmentation.fused", fall(3.0, 0.3, 60.0, 3)));
        losses.push(("relation", fall(0.9, 0.2, 90.0, 4)));
        losses.push(("feature", fall(0.4, 0.05, 50.0, 5)));
        if !(320..=380).contains(&step) {
            losses.push(("contrast", fall(4.2, 2.6, 120.0, 6)));
        }
    }
    let spike = if step == 451 { 9.0 } else { 0.0 };
    losses.insert(0, ("total", losses.iter().map(|(_, value)| value).sum::<f32>() + spike));
    let losses = losses.into_iter().map(|(name, value)| Figure::new(name, Quantity::Loss, value));
    let share = Figure::new("exchange.channel.share", Quantity::Share, 0.05 + 0.0004 * phase_step as f32);
    let terms = losses.chain((!is_teacher).then_some(share)).collect();
    StepReport {
        phase,
        step,
        phase_step,
        phase_steps: if is_teacher { 100 } else { 600 },
        total_steps: 700,
        secs: 0.11,
        peak_bytes: None,
        learning_rate: 4e-3 * (1.0 - step as f64 / 700.0).powf(0.9),
        terms,
    }
}

/// A made-up evaluation of the validation split.
pub fn evaluation(step: u64) -> EvaluationReport {
    let learned = 1.0 - (-(step as f64) / 250.0).exp();
    let subsets: [(&[&str], &str, f64, f64); 3] = [
        (&["colour", "thermal"], "fused", 0.66, 0.62),
        (&["colour"], "colour", 0.58, 0.21),
        (&["thermal"], "thermal", 0.49, 0.50),
    ];
    let mut report = EvaluationReport {
        dataset: "sample".to_owned(),
        split: "val".to_owned(),
        step,
        missing: "drop".to_owned(),
        convention: "nanmean".to_owned(),
        classes: CLASSES.map(str::to_owned).to_vec(),
        secs: 1.4,
        ..EvaluationReport::default()
    };
    for tag in ["", "day", "night"] {
        for (sensors, head, day, night) in subsets {
            let miou = learned
                * match tag {
                    "day" => day,
                    "night" => night,
                    _ => 0.5 * (day + night),
                };
            let class = |place: usize| ClassScores {
                iou: (place != 9 || tag == "day").then(|| (miou * (1.35 - 0.09 * place as f64)).clamp(0.0, 1.0)),
                accuracy: Some((miou * 1.1).min(1.0)),
                pixels: 400_000 >> place,
            };
            let confusion =
                (0..100_u64).map(|cell| if cell / 10 == cell % 10 { 9_000 } else { (cell * 7919) % 900 }).collect();
            report.subsets.push(SubsetScores {
                sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
                tag: tag.to_owned(),
                head: head.to_owned(),
                scenes: if tag.is_empty() { 40 } else { 20 },
                miou: Some(miou),
                conventions: vec![("nanmean".to_owned(), Some(miou))],
                mean_accuracy: Some((miou * 1.12).min(1.0)),
                pixel_accuracy: Some(0.5 + 0.5 * miou),
                mean_f1: Some(miou * 1.15),
                frequency_weighted_iou: Some(miou * 1.1),
                classes: (0..10).map(class).collect(),
                confusion,
                further: None,
            });
        }
    }
    report
}

/// A run as [`running`], whose newest evaluation has contours that are worse than areas, and a network that is surer than
/// it should be.
pub fn running_with_further(step: u64) -> Store {
    let mut store = running(step);
    let mut report = store.metrics.latest().unwrap().clone();
    for scores in &mut report.subsets {
        scores.further = Some(Box::new(further(scores.miou.unwrap(), &scores.tag)));
    }
    store.apply(Event::Evaluation(report));
    store
}

fn further(miou: f64, tag: &str) -> FurtherScores {
    let class = |place: usize| FurtherClassScores {
        boundary_iou: (place != 9 || tag == "day").then(|| (miou * (0.9 - 0.06 * place as f64)).clamp(0.0, 1.0)),
        average_precision: (place != 9 || tag == "day").then(|| (miou * (1.4 - 0.08 * place as f64)).clamp(0.0, 1.0)),
    };
    let bin = |place: u64| {
        let (pixels, confidence) = (if place < 2 { 0 } else { 900 << place }, (place as f64 + 0.6) / 15.0);
        ReliabilityBin { pixels, right: (pixels as f64 * confidence * (0.7 + 0.3 * miou)) as u64, confidence }
    };
    FurtherScores {
        boundary_iou: Some(0.6 * miou),
        calibration_error: Some(0.2 - 0.15 * miou),
        average_precision: Some((1.05 * miou).min(1.0)),
        average_precision_error: Some(0.0004),
        reliability: (0..15).map(bin).collect(),
        classes: (0..10).map(class).collect(),
    }
}

pub const WIDTH: usize = 64;
const HEIGHT: usize = 48;

/// The class at a place of the made-up scene: sky over buildings, a road with a pavement, a car and a person.
fn class_at(x: usize, y: usize) -> u8 {
    match (x, y) {
        (30..=38, 18..=38) => 6,
        (8..=22, 26..=34) => 5,
        (_, 30..) if x + 20 > 2 * (HEIGHT - y) => 0,
        (_, 30..) => 1,
        (20..=44, 0..=12) => 4,
        _ => 2,
    }
}

fn map(of: impl Fn(usize, usize) -> u8) -> Vec<u8> {
    (0..WIDTH * HEIGHT).map(|place| of(place % WIDTH, place / WIDTH)).collect()
}

/// What each head makes of the scene. Without the colour camera the fused head takes the car for road.
fn predicted(head: &str, dropped: &[String]) -> Vec<u8> {
    let is_blind = dropped.iter().any(|name| name == "colour");
    map(|x, y| match (head, class_at(x, y)) {
        ("fused", 5) if is_blind => 0,
        ("fused", 6) if x > 36 => 2,
        ("colour", 6) => 2,
        ("thermal", 1 | 4) => 2,
        (_, class) => class,
    })
}

/// The pictures of one made-up scene, as a session would answer a request at `step`.
pub fn scene_view(request: ViewRequest, step: u64) -> SceneView {
    let tile = |content, pixels| Tile { content, frame: Frame { width: WIDTH as u32, height: HEIGHT as u32, pixels } };
    let scalar = |values, low, high, unit: &str| {
        let has_holes = unit == "m";
        Pixels::Scalar { values, low, high, unit: unit.to_owned(), has_holes }
    };
    let truth = map(class_at);
    let photograph = map(|x, y| 40 + 20 * class_at(x, y) + (noise(x as u64, y as u64) * 16.0) as u8);
    let rgba = photograph.iter().flat_map(|&value| [value, value / 2 + 40, 255 - value, 255]).collect();
    let warm = map(|x, y| match class_at(x, y) {
        6 => 230,
        5 => 170,
        _ => (70 + y) as u8,
    });
    let mut tiles = vec![
        tile(Content::Sensor("colour".to_owned()), Pixels::Rgba(rgba)),
        tile(Content::Sensor("thermal".to_owned()), scalar(warm, -10.0, 40.0, "°C")),
        tile(Content::Sensor("depth".to_owned()), scalar(map(|_, y| (255 - 5 * y) as u8), 0.0, 40.0, "m")),
        tile(Content::Label, Pixels::Labels { ids: truth.clone(), confidence: Vec::new() }),
    ];
    let dropped = request.what_if.dropped();
    for head in ["fused", "colour", "thermal"] {
        if request.what_if.is_absent(head) {
            continue;
        }
        let ids = predicted(head, &dropped);
        let wrong = ids.iter().zip(&truth).map(|(one, other)| u8::from(one != other)).collect();
        let confidence = vec![204; ids.len()];
        tiles.push(tile(Content::Prediction(head.to_owned()), Pixels::Labels { ids, confidence }));
        tiles.push(tile(Content::Error(head.to_owned()), Pixels::Errors(wrong)));
    }
    let heads = ["fused", "colour", "thermal"].into_iter().filter(|head| !request.what_if.is_absent(head));
    let mut effects = Vec::new();
    // At the other step it saw as little as without the colour camera.
    let then = if request.since.is_some() { vec!["colour".to_owned()] } else { Vec::new() };
    for head in heads.filter(|_| request.compares || request.since.is_some()) {
        let (before, now) = (predicted(head, &then), predicted(head, &dropped));
        let became = |((&truth, &was), &is): ((&u8, &u8), &u8)| match () {
            () if was == is => 0,
            () if is == truth => 1,
            () if was == truth => 2,
            () => 3,
        };
        let ids: Vec<u8> = truth.iter().zip(&before).zip(&now).map(became).collect();
        let mut counts = [0; OUTCOME.len()];
        for &id in &ids {
            counts[usize::from(id)] += 1;
        }
        let after = if counts[0] < ids.len() as u64 { 0.489 } else { 0.614 };
        effects.push(Effect {
            head: head.to_owned(),
            counts,
            miou: [Some(0.614), Some(after)],
            // One of the classes is nowhere.
            classes: (0..7).map(|class| if class == 3 { [None; 2] } else { [Some(0.9), Some(0.8)] }).collect(),
            convention: "nanmean".to_owned(),
        });
        let confidence = vec![204; before.len()];
        tiles.push(tile(Content::Before(head.to_owned()), Pixels::Labels { ids: before, confidence }));
        let legend = OUTCOME.map(str::to_owned).to_vec();
        tiles.push(tile(Content::Outcome(head.to_owned()), Pixels::Categories { ids, legend }));
    }
    SceneView {
        effects,
        switches: vec![
            ("exchange.channel.enabled".to_owned(), Value::Switch(true)),
            ("exchange.channel.threshold".to_owned(), Value::Number(0.02)),
            ("inference.single".to_owned(), Value::Text("both".to_owned())),
        ],
        offered: vec!["gsu.gate.first".to_owned(), "gsu.gate.second".to_owned()],
        refused: Vec::new(),
        figures: Vec::new(),
        beside: None,
        id: request.split.clone(),
        tags: vec!["night".to_owned()],
        step: Some(step),
        answer: Some("fused".to_owned()),
        unfit: None,
        lack: None,
        missing: "drop".to_owned(),
        tiles,
        millis: 18.0,
        request,
    }
}

/// The made-up run that is compared with: a baseline that sees with the colour camera's eyes.
pub fn beside() -> BesideRun {
    BesideRun {
        path: "runs/2026-11-20-baseline".into(),
        recipe: "baseline-demo".to_owned(),
        step: 1500,
        network: NetworkSummary {
            sensors: vec!["colour".to_owned(), "thermal".to_owned()],
            heads: vec!["fused".to_owned(), "colour".to_owned(), "thermal".to_owned()],
            classes: dataset().classes,
            ..NetworkSummary::default()
        },
    }
}

/// What that run makes of the scene, put into a view of it.
pub fn with_beside(view: SceneView) -> SceneView {
    let frame = |pixels| Frame { width: WIDTH as u32, height: HEIGHT as u32, pixels };
    let (ours, theirs) = (predicted("fused", &view.request.what_if.dropped()), predicted("colour", &[]));
    let truth = map(class_at);
    let place = |at: usize| match (ours[at], theirs[at], truth[at]) {
        (ours, theirs, _) if ours == theirs => 0,
        (ours, _, truth) if ours == truth => 1,
        (_, theirs, truth) if theirs == truth => 2,
        _ => 3,
    };
    let ids: Vec<u8> = (0..ours.len()).map(place).collect();
    let count = |word: u8| ids.iter().map(|&id| u64::from(id == word)).sum::<u64>();
    let disagreement = Disagreement {
        pixels: ids.len() as u64,
        differing: ids.len() as u64 - count(0),
        right: [count(1), count(2)],
        both_wrong: count(3),
        miou: [Some(0.614), Some(0.502)],
        convention: "nanmean".to_owned(),
    };
    let wrong = theirs.iter().zip(&truth).map(|(one, other)| u8::from(one != other)).collect();
    let confidence = vec![150; theirs.len()];
    let mut tiles = view.tiles.clone();
    for (content, pixels) in [
        (Content::Prediction("fused".to_owned()).beside(), Pixels::Labels { ids: theirs, confidence }),
        (Content::Error("fused".to_owned()).beside(), Pixels::Errors(wrong)),
        (Content::Disagreement, Pixels::Categories { ids, legend: DISAGREEMENT.map(str::to_owned).to_vec() }),
    ] {
        tiles.push(Tile { content, frame: frame(pixels) });
    }
    let seen = BesideView {
        step: 1500,
        answer: Some("fused".to_owned()),
        unfit: None,
        lack: None,
        missing: "drop".to_owned(),
        refused: Vec::new(),
        offered: vec!["uncertainty.entropy.fused".to_owned()],
        figures: Vec::new(),
        disagreement: Ok(disagreement),
    };
    SceneView { tiles, beside: Some(seen), ..view }
}

/// A run under way, compared with another one.
pub fn compared(until: u64) -> Store {
    let mut store = running(until);
    store.apply(Event::Beside(Some(beside())));
    let request = store.scene.request();
    store.scene.take(Arc::new(with_beside(scene_view(request, until))));
    store
}

/// How far the two made-up runs differ on the scenes of the test split: the later a scene, the more pixels.
pub fn differing() -> SplitComparison {
    let scene = |index: usize| SceneComparison {
        index,
        share: Some(0.002 * index as f64),
        miou: [Some(0.6), Some(0.6 + index as f64 * if index.is_multiple_of(2) { 0.01 } else { -0.01 })],
        changes: (0..10).map(|class| (class == 6).then_some(-0.01 * index as f32)).collect(),
    };
    SplitComparison {
        of: SplitRequest { split: "test".to_owned(), dropped: Vec::new() },
        steps: [150, 1500],
        from: CountedFrom::Predictions,
        convention: "nanmean".to_owned(),
        classes: dataset().classes,
        scenes: (0..40).map(scene).collect(),
        share: Some(0.039),
        miou: [Some(0.614), Some(0.583)],
        iou: (0..10).map(|class| [Some(0.6), Some(0.6 - 0.01 * f64::from(class))]).collect(),
        warnings: Vec::new(),
    }
}

/// Both runs, and the list of scenes beside their pictures.
pub fn listed(until: u64) -> Store {
    let mut store = compared(until);
    store.scene.lists_differing = true;
    store.apply(Event::Compared(Box::new(differing())));
    store
}

/// Nothing has happened yet.
pub fn empty() -> Store {
    Store::default()
}

/// What a session says while it gets ready: data, recipe, network and run.
pub fn opening() -> Vec<Event> {
    vec![
        Event::Dataset(dataset()),
        Event::State(SessionState::Preparing { what: "Building the network".to_owned(), done: 1, total: 3 }),
        Event::Recipe(Store::default().recipe.clone()),
        Event::Network(NetworkSummary {
            sensors: vec!["colour".to_owned(), "thermal".to_owned()],
            heads: vec!["fused".to_owned(), "colour".to_owned(), "thermal".to_owned()],
            classes: dataset().classes,
            colours: dataset().colours,
            parameters: 412_338,
            exchangeable: 1312,
            device: "CPU, 2 threads".to_owned(),
        }),
        Event::Run { path: "runs/2026-11-21-ogp-net-demo".into(), checkpoint: None },
        Event::State(SessionState::Training),
    ]
}

/// Data are open and a run is under way at step `until`.
pub fn running(until: u64) -> Store {
    let mut store = Store::default();
    for event in opening() {
        store.apply(event);
    }
    store.curves.set_smoothing(0.8);
    for done in 1..=until {
        store.apply(Event::Steps(vec![step(done)]));
        let entries: Vec<Recorded> = recorded().into_iter().filter(|entry| entry.step == done).collect();
        if !entries.is_empty() {
            store.apply(Event::Recorded(entries));
        }
        if done % 100 == 0 && done > 100 {
            store.apply(Event::Evaluation(evaluation(done)));
        }
    }
    let share = |name: &str, millis, calls| TimeShare { name: name.to_owned(), millis, calls };
    store.apply(Event::Times(TimeReport {
        step: until,
        steps: 7,
        millis: 68.4,
        parts: vec![
            share("wait for data", 0.2, 1.0),
            share("forward", 21.3, 1.0),
            share("teacher", 4.8, 1.0),
            share("losses", 7.9, 1.0),
            share("backward", 31.2, 1.0),
            share("update", 1.6, 1.0),
        ],
        kernels: vec![share("convolution", 12.5, 88.0), share("norm", 5.1, 61.0)],
    }));
    let notice = |level, text: &str| Event::Notice { about: Subject::Data, level, text: text.to_owned() };
    store.apply(notice(Level::Info, "Took the first two sensors of the manifest: colour, thermal"));
    store.apply(notice(Level::Warning, "Left out 2 samples of train that have no thermal image: thermal/0031.png"));
    for _ in 0..3 {
        store.apply(notice(Level::Info, "The loader waited for the disk"));
    }
    look(&mut store, until);
    store
}

/// Pages of the scene in view at these steps.
pub fn album(store: &Store, steps: &[u64]) -> Event {
    let scene = AlbumScene {
        dataset: "sample".to_owned(),
        split: store.scene.split.clone(),
        id: store.scene_id().expect("a scene").to_owned(),
        pages: steps.iter().map(|step| (*step, 40_000)).collect(),
    };
    Event::Album(Album { scenes: vec![scene], every: 50 })
}

/// A run under way whose scene in view is seen as it was at step 100, compared with step 50.
pub fn travelling(until: u64) -> Store {
    let mut store = running(until);
    store.toggle_pin();
    let album = album(&store, &[0, 50, 100, 150]);
    store.apply(album);
    store.settle_time();
    store.scene.time.go(Some(50));
    store.scene.time.mark();
    store.scene.time.go(Some(100));
    look(&mut store, 100);
    store
}

/// What happens to the made-up run beside its steps.
pub fn recorded() -> Vec<Recorded> {
    let contrast = |old, new| Happening::Change {
        key: "objective.contrast.enabled".to_owned(),
        old: Value::Switch(old),
        new: Value::Switch(new),
    };
    let happenings = [
        (200, Happening::Checkpoint),
        (320, contrast(true, false)),
        (380, contrast(false, true)),
        (400, Happening::Checkpoint),
    ];
    let entry = |(step, what)| Recorded { at: "2026-11-21T08:15:00Z".to_owned(), step, what };
    happenings.map(entry).into()
}

/// The made-up run is opened again: its steps, evaluations, and what was done to it.
pub fn reopened() -> Store {
    let mut store = Store::default();
    let mut events = opening();
    events.pop();
    let changed = recorded().iter().filter_map(Recorded::change).collect();
    events.push(Event::Steps((1..=500).map(step).collect()));
    events.extend([200, 300, 400].map(|step| Event::Evaluation(evaluation(step))));
    events.extend([Event::Recorded(recorded()), Event::Changed(changed), Event::State(SessionState::Idle)]);
    for event in events {
        store.apply(event);
    }
    look(&mut store, 400);
    store
}

/// A run that is not in hand: a recipe with channel exchange or without, from a seed.
pub fn card(exchanges: bool, seed: u64) -> RunCard {
    let mut recipe = Recipe::defaults(if exchanges { "with-exchange" } else { "no-exchange" });
    recipe.put(training::SEED, seed).expect("a seed");
    recipe.turn(exchange::channel::ENABLED, exchanges);
    let report = evaluation(400 + 20 * seed + 40 * u64::from(exchanges));
    let subset = |scores: &SubsetScores| SubsetFigure {
        sensors: scores.sensors.clone(),
        tag: scores.tag.clone(),
        miou: scores.miou,
    };
    let is_running = exchanges && seed == 3;
    RunCard {
        path: format!("/studies/{}/seed-{seed}/run-{seed}", recipe.name).into(),
        recipe: Some(recipe),
        started: format!("2026-11-2{seed}T08:15:00Z"),
        dataset: "sample".to_owned(),
        data_sum: "7".to_owned(),
        epoch_steps: 50,
        step: if is_running { 412 } else { 700 },
        steps: 700,
        standing: if is_running { RunStanding::Running } else { RunStanding::Complete },
        holder: if is_running { "process 4711 on lab, since 2026-11-23T08:15:00Z".to_owned() } else { String::new() },
        training: Some(TrainingTime { secs: 77.0 + seed as f64, is_whole: true }),
        figures: vec![RunFigures {
            by: FiguresBy::of(&report),
            step: report.step,
            is_changed: false,
            subsets: report.subsets.iter().map(subset).collect(),
        }],
        notes: RunNotes { tags: if exchanges { vec!["thesis".to_owned()] } else { Vec::new() }, note: String::new() },
    }
}

/// Six runs that are not in hand, of two recipes.
pub fn cards() -> Vec<RunCard> {
    [true, false].into_iter().flat_map(|exchanges| (1..=3).map(move |seed| card(exchanges, seed))).collect()
}

/// What is told of their course.
pub fn trace(card: &RunCard) -> RunTrace {
    let steps = (1..=card.step).map(step).collect();
    let evaluations = [300, 400].map(evaluation).into_iter().map(|mut report| {
        for subset in &mut report.subsets {
            subset.confusion.clear();
        }
        report
    });
    let evaluations = evaluations.collect();
    RunTrace { run: card.path.clone(), is_whole: true, steps, evaluations, ..RunTrace::default() }
}

/// A run is under way, and others are listed and compared.
pub fn beside_others() -> Store {
    let mut store = running(150);
    let cards = cards();
    let traces: Vec<RunTrace> = cards.iter().map(trace).collect();
    let paths: Vec<PathBuf> = cards.iter().map(|card| card.path.clone()).collect();
    let torn = RunCard {
        path: "/studies/torn".into(),
        standing: RunStanding::Unreadable("the recipe does not read".to_owned()),
        ..RunCard::default()
    };
    let cards = cards.into_iter().chain([torn]).collect();
    let news = ShelfNews::Cards { cards, gone: Vec::new(), waiting: 0, remarks: Vec::new() };
    store.apply(Event::Shelf(news));
    store.shelf.choose(&paths[..3], true);
    store.shelf.choose(&paths[3..], true);
    for trace in traces {
        store.apply(Event::Shelf(ShelfNews::Trace(trace)));
    }
    store
}

/// The pictures of the scene in view arrive as asked for.
pub fn look(store: &mut Store, step: u64) {
    let request = store.scene.request();
    store.scene.take(Arc::new(scene_view(request, step)));
}

/// The run broke down.
pub fn failed() -> Store {
    let mut store = running(42);
    store.apply(Event::State(SessionState::Failed(Failure::new(
        FailureKind::Broken,
        "The loss term `contrast` is not a number at step 43; lower `training.learning_rate` and resume",
    ))));
    store
}
