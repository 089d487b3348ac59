//! The window on a real session that trains a tiny network on tiny scenes.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::Action;
use fusionscope::look::Theme;
use fusionscope::store::Store;
use fusionscope::workbench::{Launch, Workbench};
use fusionscope_engine::data::scene::{SceneSettings, write_dataset};
use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::protocol::SessionState;
use fusionscope_engine::recipe::catalogue::exchange;
use fusionscope_engine::recipe::catalogue::objective::relation::{self, Input};
use fusionscope_engine::recipe::{Recipe, preset};
use fusionscope_engine::session::{Session, SessionOptions};

fn recipe() -> Recipe {
    let mut recipe = preset("ogp-net-demo").expect("a shipped recipe");
    for (key, value) in [
        ("data.batch_size", "2"),
        ("decoder.channels", "8"),
        ("decoder.skip_channels", "4"),
        ("decoder.rates", "1,2,3"),
        ("objective.contrast.anchors", "16"),
        ("objective.contrast.width", "8"),
        ("teacher.steps", "2"),
        ("training.steps", "100000"),
        ("training.evaluate_every", "0"),
        ("training.checkpoint_every", "0"),
    ] {
        recipe.set_text(key, value).expect("a fit value");
    }
    recipe
}

/// Draws frames until `reached` holds.
#[track_caller]
pub fn wait(harness: &mut Harness<'_, Workbench>, what: &str, reached: impl Fn(&Store) -> bool) {
    let start = Instant::now();
    loop {
        harness.step();
        let store = harness.state().store();
        if reached(store) {
            return;
        }
        if start.elapsed() > Duration::from_mins(2) {
            let said: Vec<&str> = store.log.entries().map(|entry| entry.text.as_str()).collect();
            panic!("{what}: not reached in two minutes; the state is {:?} and the log says {said:#?}", store.state);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Clicks the first control of this name; the bar and a pane may both have one.
#[track_caller]
pub fn press(harness: &mut Harness<'_, Workbench>, name: &str) {
    harness.get_all_by_label(name).next().expect("at least one").click();
    harness.run_steps(2);
}

/// A session whose runs go into `folder`; it leaves nothing in the user's cache.
pub fn session_in(folder: &Path) -> Session {
    Session::spawn(SessionOptions {
        device: DeviceChoice::Cpu,
        runs_dir: folder.join("runs"),
        command_line: vec!["test".to_owned()],
        cache: None,
        ..SessionOptions::default()
    })
    .expect("a session")
}

/// A window on a session with this data set; runs go into `folder`.
pub fn open_window(folder: &Path, data: PathBuf) -> Harness<'static, Workbench> {
    let session = session_in(folder);
    let launch = Launch { data: Some(data), recipe: Some(recipe()), ..Launch::default() };
    let mut harness = Harness::builder()
        .with_size([1500.0, 980.0])
        .build_eframe(|cc| Workbench::new(&cc.egui_ctx, None, Box::new(session), launch));
    wait(&mut harness, "the data are open", |store| store.dataset.is_some());
    harness
}

#[test]
fn a_run_is_trained_edited_robbed_of_a_sensor_and_stopped_by_the_names_of_its_controls() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let scenes = SceneSettings { seed: 5, train: 4, val: 2, test: 2, width: 48, height: 32 };
    write_dataset(&data, &scenes, &mut |_, _| std::ops::ControlFlow::Continue(())).expect("a data set");
    let mut harness = open_window(folder.path(), data);
    harness.run_steps(2);

    press(&mut harness, "Train");
    wait(&mut harness, "three curve points", |store| store.curves.term("total").is_some_and(|total| total.len() >= 3));
    wait(&mut harness, "the student phase", |store| store.curves.phases().len() == 2);

    let is_exchanging =
        |store: &Store| store.in_force.as_ref().is_some_and(|recipe| recipe.get(exchange::channel::ENABLED));
    wait(&mut harness, "the recipe in force is known", |store| is_exchanging(store));
    press(&mut harness, "Channel exchange on");
    wait(&mut harness, "channel exchange is off and marked on the curves", |store| {
        !store.recipe.get(exchange::channel::ENABLED)
            && store.curves.marks().iter().any(|mark| mark.label.to_lowercase().contains("channel"))
    });

    let input = |store: &Store| store.in_force.as_ref().map(|recipe| recipe.get(relation::INPUT));
    let component = "objective.relation".to_owned();
    harness.state_mut().perform(Action::SetVariant { component, variant: "paper".to_owned() }, None);
    wait(&mut harness, "the paper's variant is in force", |store| input(store) == Some(Input::Logits));
    harness.state_mut().perform(Action::Undo, None);
    wait(&mut harness, "one undo takes a variant back", |store| input(store) == Some(Input::Softmax));

    press(&mut harness, "Drop thermal");
    wait(&mut harness, "a prediction without thermal", |store| {
        store
            .scene
            .shown()
            .is_some_and(|shown| shown.view.request.what_if.dropped() == ["thermal"] && shown.view.step.is_some())
    });
    harness.run_steps(2);
    assert!(
        harness.query_by_label("Tile fused: colour only").is_some(),
        "the head that answers stands in for the fused one"
    );
    assert!(harness.query_by_label("Tile error: colour only").is_some());

    let before = harness.state().store().curves.smoothing();
    press(&mut harness, "Smoothing of curves");
    wait(&mut harness, "a slider that was clicked smooths", |store| store.curves.smoothing() != before);

    press(&mut harness, "Stop the run");
    wait(&mut harness, "the run has stopped", |store| matches!(store.state, SessionState::Stopped { .. }));
    assert!(harness.state().store().checkpoint.is_some(), "a stopped run leaves a checkpoint");

    let run = harness.state().store().run.clone().expect("the run's folder");
    harness.state_mut().perform(Action::CompareWith(run), None);
    wait(&mut harness, "the run is seen beside its own network", |store| {
        store.scene.seen_beside().is_some() && !store.scene.is_outdated()
    });
    let store = harness.state().store();
    let found = store.scene.seen_beside().and_then(|seen| seen.disagreement.clone().ok()).expect("they are compared");
    assert!(found.pixels > 0 && found.differing == 0, "a network does not differ from its own checkpoint: {found:?}");
    press(&mut harness, "Scenes");
    press(&mut harness, "Compare all scenes");
    wait(&mut harness, "every scene is compared", |store| store.scene.differing.is_some());
    let found = harness.state().store().scene.differing.clone().expect("a list");
    assert!(!found.scenes.is_empty() && found.share == Some(0.0), "{found:?}");
    assert_eq!(found.of.dropped, ["thermal"]);
}

/// Draws the first launch, and what dropping a sensor does to it:
/// `FUSIONSCOPE_DRAW=folder cargo test draw_the_window -- --ignored`.
#[test]
#[ignore = "draws pictures for people"]
fn draw_the_window() {
    let Some(folder) = std::env::var_os("FUSIONSCOPE_DRAW") else { return };
    let folder = std::path::PathBuf::from(folder);
    for theme in [Theme::Dark, Theme::Light] {
        let runs = tempfile::tempdir().expect("a folder");
        let options =
            SessionOptions { device: DeviceChoice::Cpu, runs_dir: runs.path().to_owned(), ..SessionOptions::default() };
        let session = Session::spawn(options).expect("a session");
        let launch = Launch { theme: Some(theme), ..Launch::first() };
        let mut harness = Harness::builder()
            .with_size([1440.0, 900.0])
            .with_theme(if theme == Theme::Dark { egui::Theme::Dark } else { egui::Theme::Light })
            .renderer(egui_kittest::wgpu::WgpuTestRenderer::new())
            .build_eframe(|cc| Workbench::new(&cc.egui_ctx, None, Box::new(session), launch));
        wait(&mut harness, "a prediction", |store| store.scene.shown().is_some_and(|shown| shown.view.step.is_some()));
        for (name, keys) in [("first", &[][..]), ("dropped", &[egui::Key::Num1]), ("lidar", &[egui::Key::Num1])] {
            for key in keys {
                harness.key_press(*key);
                harness.run_steps(2);
                wait(&mut harness, "the scene as asked for", |store| !store.scene.is_outdated());
            }
            if name == "lidar" {
                harness.get_by_label_contains("Views").click();
                harness.run_steps(3);
                harness.get_by_label("lidar").click();
                harness.run_steps(3);
                harness.key_press(egui::Key::Escape);
                harness.hover_at(egui::pos2(250.0, 300.0));
            }
            harness.run_steps(30);
            let picture = harness.render().expect("a picture");
            picture.save(folder.join(format!("window-{name}-{theme:?}.png"))).expect("a file");
        }
    }
}
