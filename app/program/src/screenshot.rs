//! `fusionscope screenshot`: the real window, drawn off-screen.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use eframe::egui_wgpu::WgpuSetup;
use egui_kittest::Harness;
use egui_kittest::wgpu::WgpuTestRenderer;
use fusionscope::action::{Action, Layout};
use fusionscope::lesson::lessons;
use fusionscope::link::Studying;
use fusionscope::panes::PaneKind;
use fusionscope::store::Alert;
use fusionscope::store::embedding::SLOTS;
use fusionscope::workbench::{Launch, Workbench};
use fusionscope::{canvas, look, places};
use fusionscope_command_line::arguments::{ScreenshotArguments, Theme, Voice};
use fusionscope_command_line::exit::{Exit, Failure, OrExit as _, Outcome};
use fusionscope_command_line::interrupt::Interrupt;
use fusionscope_command_line::{output, recipe_of, sample_data, view_names};
use fusionscope_engine::data::Reach;
use fusionscope_engine::device::{self, DeviceChoice};
use fusionscope_engine::files::picture::write_png;
use fusionscope_engine::protocol::{EmbeddingRequest, EmbeddingStage, Level, SessionState, Steer, WhatIf};
use fusionscope_engine::session::{Session, SessionOptions};

/// How long pictures may take once nothing else is under way.
const PATIENCE: Duration = Duration::from_secs(90);
/// How many pixels are laid out where a picture shows an embedding.
const EMBEDDED_POINTS: usize = 2000;
/// Frames drawn after everything has arrived, so that what is measured in one frame is used in the next.
const SETTLING: usize = 6;

/// Draws the window off-screen into a PNG file.
pub fn run(arguments: &ScreenshotArguments, interrupt: Interrupt) -> Outcome {
    let layout = Layout::named(&arguments.layout).ok_or_else(|| {
        let known = Layout::ALL.map(|layout| layout.name().to_lowercase()).join(", ");
        Failure::new(Exit::Usage, format!("there is no layout `{}`; choose one of {known}", arguments.layout))
    })?;
    if !device::list().iter().any(|device| device.backend != "flex") {
        let message =
            "no graphics adapter was found to draw with; a software one will do (Debian: mesa-vulkan-drivers)";
        return Err(Failure::new(Exit::Failed, message));
    }
    let recipe = recipe_of(&arguments.recipe)?;
    // A run brings its own data.
    let data = match (&arguments.data, &arguments.model) {
        (None, Some(run)) if run.is_dir() => None,
        (data, _) => Some(sample_data::given_or_sample(data.as_deref(), Voice::default(), interrupt)?),
    };
    let runs = Scratch::beside(&arguments.out);
    let theme = match arguments.theme {
        Theme::Dark => look::Theme::Dark,
        Theme::Light => look::Theme::Light,
    };
    let launch = Launch {
        data,
        run: arguments.model.clone().or_else(places::demo_checkpoint),
        recipe: Some(recipe),
        layout: Some(layout),
        theme: Some(theme),
        ..Launch::default()
    };
    let mut window = open(arguments.size, arguments.scale, launch, arguments.device, arguments.trust.reach(), &runs.0)?;
    wait_for_pictures(&mut window, None, interrupt)?;
    if let Some(id) = &arguments.sample {
        show_sample(&mut window, id)?;
        wait_for_pictures(&mut window, None, interrupt)?;
    }
    let trained = match arguments.after_steps {
        0 => None,
        steps => Some(train(&mut window, steps, interrupt)?),
    };
    wait_for_pictures(&mut window, trained, interrupt)?;
    if let Some(run) = &arguments.beside {
        compare_with(&mut window, run, interrupt)?;
        wait_for_pictures(&mut window, trained, interrupt)?;
    }
    if !arguments.views.is_empty() {
        check_views(&window, &arguments.views)?;
        let ctx = window.ctx.clone();
        window.state_mut().perform(Action::Watch(arguments.views.clone()), Some(&ctx));
        wait_for_pictures(&mut window, trained, interrupt)?;
    }
    if let Some(file) = &arguments.what_if {
        suppose(&mut window, file)?;
        wait_for_pictures(&mut window, trained, interrupt)?;
    }
    if arguments.at.or(arguments.since).is_some() {
        travel(&mut window, arguments.at, arguments.since)?;
        wait_for_pictures(&mut window, None, interrupt)?;
    }
    if !arguments.embed.is_empty() {
        embed(&mut window, &arguments.embed, interrupt)?;
    }
    if let Some(study) = &arguments.study {
        show_study(&mut window, study, interrupt)?;
    }
    if let Some(folder) = &arguments.runs {
        show_runs(&mut window, folder, interrupt)?;
    }
    if let Some(place) = arguments.lesson {
        follow_lesson(&mut window, place, interrupt)?;
        wait_for_pictures(&mut window, None, interrupt)?;
    }
    if let Some(name) = &arguments.pane {
        show_pane(&mut window, name, arguments.runs.is_some())?;
        wait_for_scenes(&mut window, interrupt)?;
    }
    for _ in 0..SETTLING {
        window.step();
    }
    let picture = window
        .render()
        .map_err(|error| Failure::new(Exit::Failed, format!("the window could not be drawn: {error}")))?;
    drop(window);
    write_png(&arguments.out, &picture).map_err(|error| {
        let message = format!("could not write the picture: {error}: {}", arguments.out.display());
        Failure::new(Exit::Failed, message)
    })?;
    output::complain(&format!("Written to {}", arguments.out.display()));
    Ok(Exit::Done)
}

/// Shows the scene of that id, whichever split it is in; where several have one, none to train on if possible, as
/// `train --pin` finds it.
fn show_sample(window: &mut Harness<'_, Workbench>, id: &str) -> Result<(), Failure> {
    let ctx = window.ctx.clone();
    let dataset = window.state().store().dataset.as_ref();
    let mut splits: Vec<_> = dataset.into_iter().flat_map(|dataset| &dataset.splits).collect();
    splits.sort_by_key(|split| split.name == "train");
    let place = splits
        .into_iter()
        .find_map(|split| split.ids.iter().position(|known| known == id).map(|index| (split.name.clone(), index)));
    let Some((split, index)) = place else {
        return Err(Failure::new(Exit::Usage, format!("--sample: the data set has no sample `{id}`")));
    };
    window.state_mut().perform(Action::ShowScene { split, index }, Some(&ctx));
    Ok(())
}

/// Shows the scene as it was seen at one step, compared with another one.
fn travel(window: &mut Harness<'_, Workbench>, at: Option<u64>, since: Option<u64>) -> Result<(), Failure> {
    let ctx = window.ctx.clone();
    let time = &window.state().store().scene.time;
    for (option, step) in [("--at", at), ("--since", since)] {
        if let Some(step) = step.filter(|step| !time.steps().contains(step)) {
            let steps: Vec<String> = time.steps().iter().map(u64::to_string).collect();
            let there = if steps.is_empty() { "it keeps none of this scene".to_owned() } else { steps.join(", ") };
            let message = format!("{option}: the run has no page of step {step}: {there}");
            return Err(Failure::new(Exit::Usage, message));
        }
    }
    let compared = since.map(|since| [Action::GoToTime(Some(since)), Action::CompareTime, Action::ToggleDifference]);
    for action in compared.into_iter().flatten().chain([Action::GoToTime(at)]) {
        window.state_mut().perform(action, Some(&ctx));
    }
    Ok(())
}

/// Shows another run beside the one in view, and what the two predict differently.
fn compare_with(window: &mut Harness<'_, Workbench>, run: &Path, interrupt: Interrupt) -> Result<(), Failure> {
    let ctx = window.ctx.clone();
    for action in [Action::CompareWith(run.to_owned()), Action::ToggleDifference] {
        window.state_mut().perform(action, Some(&ctx));
    }
    let begun = Instant::now();
    while window.state().store().scene.seen_beside().is_none() {
        window.step();
        go_on(window, interrupt)?;
        if begun.elapsed() > PATIENCE {
            return Err(Failure::new(Exit::Failed, "the run to compare with was not opened within 90 seconds"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Supposes what a file says, and opens the card of the first sensor that it is of.
fn suppose(window: &mut Harness<'_, Workbench>, file: &Path) -> Result<(), Failure> {
    let what_if = WhatIf::read(file).map_err(|why| Failure::new(Exit::Usage, format!("--what-if: {why}")))?;
    let ctx = window.ctx.clone();
    let sensors = window.state().store().sensors();
    let place = sensors.iter().position(|sensor| what_if.sensors.contains_key(&sensor.name));
    for action in [Action::Suppose(what_if), place.map_or(Action::ToggleWhatIf, Action::OpenCard)] {
        window.state_mut().perform(action, Some(&ctx));
    }
    Ok(())
}

/// Refuses maps that the scene has not.
fn check_views(window: &Harness<'_, Workbench>, wanted: &[String]) -> Result<(), Failure> {
    let Some(shown) = window.state().store().scene.shown() else { return Ok(()) };
    let known = view_names(&shown.view);
    match wanted.iter().find(|name| !known.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let message =
                format!("--views: there is no view `{name}` of this scene; choose among {}", known.join(", "));
            Err(Failure::new(Exit::Usage, message))
        }
    }
}

/// A folder for the run that the picture needs, removed when the picture is done.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(out: &Path) -> Self {
        let name = format!(".fusionscope-screenshot-{}", std::process::id());
        Self(out.parent().unwrap_or(Path::new("")).join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Without training there was nothing to remove.
        let _absent = std::fs::remove_dir_all(&self.0);
    }
}

/// The largest side of a picture that egui asks a graphics adapter for.
const LARGEST_SIDE: u32 = 8192;

/// How the window is drawn, and the largest side that the adapter draws, known once it is in use. Interfaces that
/// training does not use, OpenGL among them, are not asked: where no other has an adapter, [`device::list`] has none.
fn drawing_setup() -> (WgpuSetup, Arc<AtomicU32>) {
    let limit = Arc::new(AtomicU32::new(LARGEST_SIDE));
    let mut setup = egui_kittest::wgpu::default_wgpu_setup();
    if let WgpuSetup::CreateNew(new) = &mut setup {
        new.instance_descriptor.backends = wgpu::Backends::METAL | wgpu::Backends::VULKAN | wgpu::Backends::DX12;
        let (usual, limit) = (Arc::clone(&new.device_descriptor), Arc::clone(&limit));
        new.device_descriptor = Arc::new(move |adapter| {
            let mut descriptor = usual(adapter);
            let side = adapter.limits().max_texture_dimension_2d.min(LARGEST_SIDE);
            descriptor.required_limits.max_texture_dimension_2d = side;
            limit.store(side, Ordering::Relaxed);
            descriptor
        });
    }
    (setup, limit)
}

fn open(
    (width, height): (u32, u32),
    scale: Option<u8>,
    launch: Launch,
    device: DeviceChoice,
    reach: Reach,
    runs: &Path,
) -> Result<Harness<'static, Workbench>, Failure> {
    let (setup, limit) = drawing_setup();
    let renderer = WgpuTestRenderer::from_setup(setup);
    let largest = limit.load(Ordering::Relaxed);
    if width.max(height) > largest {
        let message =
            format!("--size: {width}x{height} is larger than the graphics adapter draws, {largest} pixels a side");
        return Err(Failure::new(Exit::Usage, message));
    }
    // Beyond the size of a usual screen the window is drawn as on a finer one.
    let scale = scale.map_or(if width >= 2880 { 2.0 } else { 1.0 }, f32::from);
    // A layout that magnifies everything has fewer points in the same pixels.
    let points = scale * look::scale_of(launch.layout == Some(Layout::Teach));
    let session = Session::spawn(SessionOptions {
        device,
        runs_dir: runs.to_owned(),
        reach,
        wake: Some(Arc::new(|| {})),
        ..SessionOptions::default()
    })
    .or_exit(Exit::Failed)?;
    let studying = Studying::spawn(None, places::studies(), || {}).or_exit(Exit::Failed)?;
    let theme = match launch.theme {
        Some(look::Theme::Light) => egui::Theme::Light,
        _ => egui::Theme::Dark,
    };
    Ok(Harness::builder()
        .with_size(egui::vec2(width as f32 / points, height as f32 / points))
        .with_pixels_per_point(scale)
        .with_theme(theme)
        .with_render_cursor(false)
        .with_accessibility_check(false)
        .allow_missing_glyphs()
        .renderer(renderer)
        .build_eframe(move |creation| {
            if let Some(state) = &creation.wgpu_render_state {
                canvas::install(state);
            }
            Workbench::new(&creation.egui_ctx, None, Box::new(session), launch).with_studies(Box::new(studying))
        }))
}

/// Shows the embedding pane, and waits until these features, `NAME` or `NAME@RUN`, are laid out and judged.
fn embed(window: &mut Harness<'_, Workbench>, wanted: &[String], interrupt: Interrupt) -> Result<(), Failure> {
    let ctx = window.ctx.clone();
    if wanted.len() > SLOTS {
        let message = format!("--embed: {SLOTS} layouts fit side by side, found {}", wanted.len());
        return Err(Failure::new(Exit::Usage, message));
    }
    let mut actions = vec![Action::ShowPane(PaneKind::Embedding)];
    if wanted.len() > 1 {
        actions.push(Action::FloatPane(PaneKind::Embedding));
    }
    for (slot, words) in (0..).zip(wanted) {
        let (features, run) = words.split_once('@').map_or((words.as_str(), None), |(name, run)| (name, Some(run)));
        let store = window.state().store();
        let run = run.map(PathBuf::from);
        actions.push(Action::SetLayoutRun { slot, run: run.clone() });
        let request = store.embedding_request(features, EMBEDDED_POINTS);
        actions.push(Action::Embed(EmbeddingRequest { slot, run, ..request }));
    }
    for action in actions {
        window.state_mut().perform(action, Some(&ctx));
    }
    let begun = Instant::now();
    let mut started = vec![false; wanted.len()];
    loop {
        window.step();
        go_on(window, interrupt)?;
        let store = window.state().store();
        let mut done = 0;
        let mut begins = Vec::new();
        for (slot, started) in started.iter_mut().enumerate() {
            let Some(view) = store.embedding.shown(slot) else { continue };
            if let EmbeddingStage::Failed(failure) = &view.stage {
                return Err(failure.into());
            }
            done += usize::from(view.stage == EmbeddingStage::Done && view.measures.is_some());
            if !std::mem::replace(started, true) {
                begins.push(Action::SteerEmbedding { slot: slot as u64, steer: Steer::Start });
            }
        }
        if done == wanted.len() {
            return Ok(());
        }
        for action in begins {
            window.state_mut().perform(action, Some(&ctx));
        }
        if begun.elapsed() > PATIENCE {
            return Err(Failure::new(Exit::Failed, "the layout was not done within 90 seconds"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Shows the study pane, and waits until the runs of this study have been looked at.
fn show_study(window: &mut Harness<'_, Workbench>, study: &Path, interrupt: Interrupt) -> Result<(), Failure> {
    let ctx = window.ctx.clone();
    window.state_mut().perform(Action::OpenStudy(study.to_owned()), Some(&ctx));
    let begun = Instant::now();
    while window.state().store().study.view.is_none() {
        window.step();
        go_on(window, interrupt)?;
        if let Some(problem) = &window.state().store().study.problem {
            return Err(Failure::new(Exit::Usage, problem));
        }
        if begun.elapsed() > PATIENCE {
            return Err(Failure::new(Exit::Failed, "the study was not looked at within 90 seconds"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Follows a lesson up to a step, both counted from 1, and does what the buttons say.
fn follow_lesson(
    window: &mut Harness<'_, Workbench>,
    (lesson, last): (usize, usize),
    interrupt: Interrupt,
) -> Result<(), Failure> {
    let ctx = window.ctx.clone();
    let steps = lessons().get(lesson - 1).map_or(0, |lesson| lesson.steps.len());
    if last > steps {
        let message = format!("--lesson: there is no step {last} of lesson {lesson}; there are {}", lessons().len());
        return Err(Failure::new(Exit::Usage, message));
    }
    window.state_mut().perform(Action::OpenLesson(lesson - 1), Some(&ctx));
    for step in 1..=last {
        if Action::DoLessonStep.enabled(window.state().store()) {
            window.state_mut().perform(Action::DoLessonStep, Some(&ctx));
        }
        window.step();
        while !window.state().store().lesson_step_is_done() {
            window.step();
            go_on(window, interrupt)?;
            std::thread::sleep(Duration::from_millis(20));
        }
        if step < last {
            window.state_mut().perform(Action::LessonNext, Some(&ctx));
        }
    }
    Ok(())
}

/// Lists the runs below a folder and compares them, those of one recipe together; waits until they have been read.
fn show_runs(window: &mut Harness<'_, Workbench>, folder: &Path, interrupt: Interrupt) -> Result<(), Failure> {
    let ctx = window.ctx.clone();
    window.state_mut().perform(Action::ListRunsFolder(folder.to_owned()), Some(&ctx));
    let begun = Instant::now();
    let mut is_chosen = false;
    loop {
        window.step();
        go_on(window, interrupt)?;
        let shelf = &window.state().store().shelf;
        if shelf.waiting() == Some(0) && !is_chosen {
            let folder = std::path::absolute(folder).unwrap_or_else(|_unknown| folder.to_owned());
            let mut families: BTreeMap<_, Vec<PathBuf>> = BTreeMap::new();
            // What does not read has no course to be compared.
            let own = shelf.runs().filter(|run| run.family.is_some() && run.card.path.starts_with(&folder));
            for run in own {
                families.entry(run.family).or_default().push(run.card.path.clone());
            }
            if families.is_empty() {
                let message = format!("--runs: there is no run below the folder: {}", folder.display());
                return Err(Failure::new(Exit::BadData, message));
            }
            for runs in families.into_values() {
                window.state_mut().perform(Action::CompareRuns { runs, is_on: true }, Some(&ctx));
            }
            is_chosen = true;
            continue;
        }
        if is_chosen && shelf.chosen().iter().all(|run| shelf.trace(&run.card.path).is_some()) {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err(Failure::new(Exit::Failed, "the runs were not read within 90 seconds"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Brings a pane to the front.
fn show_pane(window: &mut Harness<'_, Workbench>, name: &str, has_runs: bool) -> Result<(), Failure> {
    let ctx = window.ctx.clone();
    let kind = PaneKind::all().find(|kind| kind.title().eq_ignore_ascii_case(name)).ok_or_else(|| {
        let known = PaneKind::all().map(|kind| kind.title().to_lowercase()).collect::<Vec<_>>().join(", ");
        Failure::new(Exit::Usage, format!("--pane: there is no pane `{name}`; choose one of {known}"))
    })?;
    let action = if kind == PaneKind::Curves && has_runs { Action::OverlayCurves } else { Action::ShowPane(kind) };
    window.state_mut().perform(action, Some(&ctx));
    Ok(())
}

/// Where all scenes are in sight as small pictures, draws frames until these are there, and what is said beside them.
fn wait_for_scenes(window: &mut Harness<'_, Workbench>, interrupt: Interrupt) -> Result<(), Failure> {
    for _ in 0..SETTLING {
        window.step();
    }
    let begun = Instant::now();
    while window.state().shows_scenes() && !window.state().shows_all_scenes() {
        window.step();
        go_on(window, interrupt)?;
        if begun.elapsed() > PATIENCE {
            return Err(Failure::new(Exit::Failed, "the small pictures did not come within 90 seconds"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    // A frame makes a part of what is drawn.
    for _ in 0..SETTLING {
        window.step();
    }
    Ok(())
}

/// Draws frames until the scene as asked for is there, of the network as it was `trained`. The network of an opened run
/// stands at its checkpoint, which may be before the last step of its curves.
fn wait_for_pictures(
    window: &mut Harness<'_, Workbench>,
    trained: Option<u64>,
    interrupt: Interrupt,
) -> Result<(), Failure> {
    let begun = Instant::now();
    loop {
        window.step();
        go_on(window, interrupt)?;
        let store = window.state().store();
        let is_busy = matches!(store.state, SessionState::Preparing { .. });
        let is_fresh = store.scene.shown().is_some_and(|shown| {
            let step = shown.view.step;
            step.is_none() || trained.is_none() || step == trained
        });
        if !is_busy && is_fresh && !store.scene.is_outdated() {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err(Failure::new(Exit::Failed, "the pictures of the scene did not come within 90 seconds"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Trains, and holds the run as soon as it has done `steps` steps. Returns how many it has done.
fn train(window: &mut Harness<'_, Workbench>, steps: u64, interrupt: Interrupt) -> Result<u64, Failure> {
    let ctx = window.ctx.clone();
    window.state_mut().perform(Action::Train, Some(&ctx));
    let mut held = false;
    loop {
        window.step();
        go_on(window, interrupt)?;
        let store = window.state().store();
        let done = store.curves.progress().last().map_or(0, |last| last.step);
        match store.state {
            SessionState::Paused | SessionState::Finished | SessionState::Stopped { .. } => return Ok(done),
            SessionState::Training if done >= steps && !held => {
                held = true;
                window.state_mut().perform(Action::Pause, Some(&ctx));
            }
            _ => {}
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ends with what the session complains of, or because the user wants it.
fn go_on(window: &Harness<'_, Workbench>, interrupt: Interrupt) -> Result<(), Failure> {
    if interrupt.was_pressed() {
        return Err(Failure::new(Exit::Interrupted, "interrupted before the picture was drawn"));
    }
    let store = window.state().store();
    match (&store.state, &store.alert) {
        (SessionState::Failed(failure), _) => Err(failure.into()),
        // What was asked for could not be opened.
        (_, Some(Alert { level: Level::Error, text, .. })) => Err(Failure::new(Exit::BadData, text)),
        _ => Ok(()),
    }
}
