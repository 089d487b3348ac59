//! All scenes of the data set in the window: the grid, its filters and keys, and what the files hold.

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use fusionscope::action::Action;
use fusionscope::look::Theme;
use fusionscope::panes::PaneKind;
use fusionscope::places;
use fusionscope::store::Store;
use fusionscope_engine::data::scene::{SceneSettings, write_dataset};
use fusionscope_engine::protocol::{
    Command, DatasetSummary, DatasetSurvey, Event, FoundProblem, Frame, GalleryCommand, GalleryNews, Pixels, Problem,
    ScenePlace, SceneScores, SensorSpread, Severity, SplitSummary, SplitSurvey, Thumbnail, ThumbnailRequest,
};

use super::panes::{Stage, stage};
use super::scripts;
use super::session::{open_window, press, wait};
use super::whole::{perform, window};

/// What all files hold: every scene has roads, every tenth of `train` a person, the third of it a file that is torn.
fn survey() -> DatasetSurvey {
    let split = |name: &str, scenes: u64| {
        let mut found = SplitSurvey { pixels: vec![0; 10], scenes: vec![0; 10], ..SplitSurvey::default() };
        for scene in 0..scenes {
            let has_person = name == "train" && scene % 10 == 0;
            // The share of persons grows with the scene.
            let persons = if has_person { 1000 + scene } else { 0 };
            for (class, pixels) in [(0, 9000), (6, persons)] {
                found.pixels[class] += pixels;
                found.scenes[class] += u64::from(pixels > 0);
            }
            let mut shares = vec![0; 10];
            (shares[0], shares[6]) = (40_000, persons as u16);
            found.class_shares.extend(shares);
            found.presence.push(if has_person { 1 | 1 << 6 } else { 1 });
            found.worst.push((name == "train" && scene == 3).then_some(Severity::Error));
        }
        found
    };
    let problem = FoundProblem {
        scene: Some(ScenePlace { split: 0, index: 3 }),
        problem: Problem {
            severity: Severity::Error,
            file: "datasets-sample/thermal/train-003.png".into(),
            text: "The file ends too early: datasets-sample/thermal/train-003.png".to_owned(),
        },
    };
    let sensor = SensorSpread {
        name: "thermal".to_owned(),
        unit: "°C".to_owned(),
        low: -20.0,
        high: 60.0,
        bins: (0..SensorSpread::BINS as u64).collect(),
        min: -3.0,
        max: 51.0,
        mean: 21.0,
        ..SensorSpread::default()
    };
    DatasetSurvey {
        path: scripts::dataset().path,
        classes: scripts::dataset().classes,
        done: 280,
        total: 280,
        splits: vec![split("train", 200), split("val", 40), split("test", 40)],
        sensors: vec![sensor],
        problems: vec![problem],
        further_problems: 0,
    }
}

fn scores() -> Vec<SceneScores> {
    let miou = (0..40_u8).map(|scene| Some(f32::from(scene % 20) / 20.0)).collect();
    vec![SceneScores { split: "val".to_owned(), step: 300, convention: "nanmean".to_owned(), miou }]
}

fn surveyed() -> Store {
    let mut store = scripts::running(300);
    store.apply(Event::Gallery(GalleryNews::Survey(Box::new(survey()))));
    store.apply(Event::SceneScores(scores()));
    store
}

fn pane_of(store: Store) -> Harness<'static, Stage> {
    let mut harness = stage(PaneKind::Dataset, store, Theme::Dark, [1200.0, 700.0]);
    harness.run_steps(4);
    harness
}

/// The ids of the scenes in sight, in the order of the grid.
fn shown(harness: &Harness<'_, Stage>) -> Vec<String> {
    let mut cards: Vec<(i64, i64, String)> = harness
        .query_all_by_label_contains("Scene ")
        .filter_map(|node| {
            let label = node.accesskit_node().label()?;
            let id = label.strip_prefix("Scene ")?.split(',').next()?.to_owned();
            let corner = node.rect().min;
            Some((corner.y as i64, corner.x as i64, id))
        })
        .collect();
    cards.sort();
    cards.into_iter().map(|(_, _, id)| id).collect()
}

fn choose(harness: &mut Harness<'_, Stage>, menu: &str, entry: &str) {
    harness.get_by_label(menu).click();
    harness.run_steps(3);
    harness.get_all_by_label(entry).last().expect("an entry").click();
    harness.run_steps(2);
    harness.key_press(Key::Escape);
    harness.run_steps(3);
}

#[test]
fn sixty_thousand_scenes_cost_a_frame_no_more_than_six_hundred() {
    let frame = |scenes: usize| {
        let mut store = Store::default();
        let ids = (0..scenes).map(|place| format!("{place:06}")).collect();
        let split = SplitSummary { name: "train".to_owned(), ids, ..SplitSummary::default() };
        store.apply(Event::Dataset(DatasetSummary { splits: vec![split], ..scripts::dataset() }));
        let mut harness = pane_of(store);
        let first = (shown(&harness), harness.output().shapes.len());
        harness.get_by_label_contains("Scenes: 1 of").focus();
        harness.run_steps(2);
        harness.key_press(Key::End);
        harness.run_steps(3);
        (first, shown(&harness))
    };
    let ((few, shapes), _) = frame(600);
    let ((same, same_shapes), last) = frame(60_000);
    assert!(few.len() > 4 && few.len() < 120, "{}", few.len());
    assert_eq!((&few, shapes), (&same, same_shapes));
    assert_eq!(last.last().map(String::as_str), Some("059999"), "and the last one is reached");
    assert!(last.len() < 120);
}

#[test]
fn a_scene_is_opened_by_a_click_and_by_enter_where_the_arrow_keys_have_gone() {
    let mut harness = pane_of(surveyed());
    assert_eq!(shown(&harness)[..3], ["train-000", "train-001", "train-002"]);
    let opened = |index: usize| {
        let split = "train".to_owned();
        [Action::ShowScene { split, index }, Action::ShowPane(PaneKind::Inspect)]
    };
    harness.get_by_label_contains("Scene train-002,").click();
    harness.run_steps(2);
    assert_eq!(std::mem::take(&mut harness.state_mut().asked), opened(2));
    for (key, at) in [(Key::ArrowRight, 4), (Key::ArrowRight, 5), (Key::ArrowLeft, 4)] {
        harness.key_press(key);
        harness.run_steps(2);
        assert!(harness.query_by_label_contains(&format!("Scenes: {at} of 280, train-00{}", at - 1)).is_some());
    }
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(std::mem::take(&mut harness.state_mut().asked), opened(3));
    harness.key_press(Key::End);
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("Scenes: 280 of 280, test-039").is_some());
    assert_eq!(shown(&harness).last().map(String::as_str), Some("test-039"), "what the keys go to is in sight");
    harness.key_press(Key::Home);
    harness.run_steps(3);
    assert_eq!(shown(&harness)[0], "train-000");
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
}

#[test]
fn the_wheel_leads_away_from_the_scene_at_the_keys_and_a_key_leads_back() {
    let mut harness = pane_of(surveyed());
    harness.get_by_label_contains("Scenes: 1 of").focus();
    harness.run_steps(2);
    harness.hover_at(egui::pos2(300.0, 400.0));
    for _ in 0..10 {
        harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: egui::vec2(0.0, -200.0),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: egui::Modifiers::NONE,
        });
        harness.run_steps(4);
    }
    assert!(!shown(&harness).contains(&"train-000".to_owned()), "{:?}", shown(&harness));
    assert!(harness.query_by_label_contains("Scenes: 1 of 280, train-000").is_some());
    harness.key_press(Key::ArrowRight);
    harness.run_steps(3);
    assert!(shown(&harness).contains(&"train-001".to_owned()));
}

#[test]
fn scenes_are_found_by_split_tag_class_problem_error_and_words_and_all_come_back() {
    let mut harness = pane_of(surveyed());
    let all = "280 scenes";
    assert!(harness.query_by_label(all).is_some());
    choose(&mut harness, "Which split", "val  40");
    assert!(harness.query_by_label("40 of 280 scenes").is_some());
    choose(&mut harness, "Which tags", "night  140");
    assert!(harness.query_by_label("20 of 280 scenes").is_some());
    assert_eq!(shown(&harness)[0], "val-001");
    choose(&mut harness, "Which figures", "mIoU below 50 %");
    assert!(harness.query_by_label("10 of 280 scenes").is_some(), "of 20 night scenes every second is below");
    harness.get_by_label("Show all").click();
    harness.run_steps(3);
    assert!(harness.query_by_label(all).is_some());
    choose(&mut harness, "Which classes", "person");
    assert!(harness.query_by_label("20 of 280 scenes").is_some());
    choose(&mut harness, "Which problems", "Scenes with errors");
    assert!(harness.query_by_label("No scene is left by the filters").is_some());
    harness.get_by_label("Show all scenes").click();
    harness.run_steps(3);
    choose(&mut harness, "Which problems", "Scenes with errors");
    assert_eq!(shown(&harness), ["train-003"]);
    assert!(harness.query_by_label("Scene train-003, train, night, error").is_some());
    harness.get_by_label("Show all").click();
    harness.run_steps(3);
    harness.get_by_label("Filter the scenes").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("TEST 07".to_owned()));
    harness.run_steps(3);
    assert_eq!(shown(&harness), ["test-007"]);
    assert_eq!(harness.state().asked, []);
}

#[test]
fn scenes_are_sorted_by_error_and_by_the_share_of_a_class_and_what_has_none_comes_last() {
    let mut harness = pane_of(surveyed());
    choose(&mut harness, "Which order", "By error");
    assert!(harness.query_by_label("How the network does on single scenes is known of val").is_some());
    assert_eq!(shown(&harness)[..3], ["val-000", "val-020", "val-001"], "the worst first");
    harness.get_by_label("Turn the order round").click();
    harness.run_steps(3);
    assert_eq!(shown(&harness)[..2], ["val-019", "val-039"]);
    harness.get_by_label("Turn the order round").click();
    choose(&mut harness, "Which order", "person");
    assert_eq!(shown(&harness)[..2], ["train-190", "train-180"]);
    choose(&mut harness, "Which order", "By id");
    assert_eq!(shown(&harness)[0], "test-000");
}

#[test]
fn smaller_and_fewer_pictures_a_scene_show_more_scenes() {
    let mut harness = pane_of(surveyed());
    let medium = shown(&harness).len();
    choose(&mut harness, "Which pictures", "Large");
    assert!(shown(&harness).len() < medium);
    choose(&mut harness, "Which pictures", "Small");
    let small = shown(&harness).len();
    assert!(small > medium);
    for picture in ["thermal", "depth", "label"] {
        choose(&mut harness, "Which pictures", picture);
    }
    assert!(shown(&harness).len() > small);
}

#[test]
fn what_the_files_hold_stands_beside_the_scenes_and_finds_them() {
    let mut harness = pane_of(surveyed());
    assert!(harness.query_by_label("Class road: train 98.8 %, val 100.0 %, test 100.0 %").is_some());
    harness.get_by_label("Class person: train 1.2 %, val 0 %, test 0 %").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("20 of 280 scenes").is_some());
    harness.get_by_label("Show all").click();
    harness.run_steps(2);
    harness.get_by_label("Values").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("Values of thermal: -3.00 to 51.0, mean 21.0").is_some());
    harness.get_by_label("Tags").click();
    harness.run_steps(3);
    harness.get_by_label("Tag night, 140 scenes").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("140 of 280 scenes").is_some());
    harness.get_all_by_label("Problems").next().expect("a word").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("1 error, 0 warnings").is_some());
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
    harness.get_by_label_contains("error: The file ends too early").click();
    harness.run_steps(2);
    let split = "train".to_owned();
    let opened = [Action::ShowScene { split, index: 3 }, Action::ShowPane(PaneKind::Inspect)];
    assert_eq!(harness.state().asked, opened);
}

#[test]
fn what_is_not_known_yet_is_said_with_what_to_do() {
    let mut harness = pane_of(Store::default());
    assert!(harness.query_by_label_contains("No data set is open").is_some());
    assert!(harness.query_by_label("Open a data set…").is_some());
    let mut store = Store::default();
    store.apply(Event::Dataset(scripts::dataset()));
    harness = pane_of(store);
    assert!(harness.query_by_label_contains("What the files hold is known once they are read").is_some());
    harness.get_by_label("Read all files").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::SurveyData]);
    choose(&mut harness, "Which figures", "mIoU below 50 %");
    assert!(harness.query_by_label_contains("evaluate the network on a split first").is_some());
    let unknown = "How the network does on single scenes of test is not known";
    assert!(harness.query_by_label(unknown).is_some() && harness.query_by_label("Evaluate on test").is_some());
    let part = DatasetSurvey { done: 20, ..survey() };
    harness.state_mut().store.apply(Event::Gallery(GalleryNews::Survey(Box::new(part))));
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("All figures here are of the scenes that were read so far").is_some());
}

/// What the window has asked for about scenes, the newest last.
fn asked(script: &fusionscope::link::Scripted) -> (Vec<ThumbnailRequest>, Vec<bool>, usize) {
    let (mut pictures, mut surveys, mut scores) = (Vec::new(), Vec::new(), 0);
    for command in script.sent() {
        match command {
            Command::Gallery(GalleryCommand::Show(request)) => pictures.push(request),
            Command::Gallery(GalleryCommand::Survey(is_on)) => surveys.push(is_on),
            Command::ScoreScenes => scores += 1,
            _ => {}
        }
    }
    (pictures, surveys, scores)
}

#[test]
fn pictures_and_figures_are_asked_for_while_the_scenes_are_in_sight_and_once() {
    let (mut harness, script) = window();
    assert_eq!(asked(&script), (Vec::new(), Vec::new(), 0), "nobody looks at them");
    perform(&mut harness, Action::ShowPane(PaneKind::Dataset));
    harness.run_steps(10);
    let (pictures, surveys, scores) = asked(&script);
    assert_eq!((surveys, scores), (vec![true], 1), "a small data set is read at once");
    let request = pictures.last().expect("pictures are asked for").clone();
    assert!(pictures.len() <= 2 && request.scenes.len() < 200, "{} of {} scenes", pictures.len(), request.scenes.len());
    assert_eq!(request.scenes[0], ScenePlace { split: 0, index: 0 });
    let frame = Frame { width: 2, height: 1, pixels: Pixels::Rgba(vec![255; 8]) };
    let made = |&scene: &ScenePlace| Thumbnail {
        scene,
        sensors: vec![Some(frame.clone()), None, None],
        label: None,
        faults: vec!["The file is torn".to_owned()],
    };
    let thumbnails = request.scenes.iter().map(made).collect();
    script.say(Event::Gallery(GalleryNews::Thumbnails { number: request.number, thumbnails }));
    script.say(Event::Evaluation(scripts::evaluation(310)));
    harness.run_steps(10);
    let (again, _, scores) = asked(&script);
    assert_eq!((again.len(), scores), (pictures.len(), 2), "after an evaluation the figures are others");
    perform(&mut harness, Action::SurveyData);
    assert_eq!(asked(&script).1, [true, false]);
    // A data set in place of it has other scenes.
    script.say(Event::Dataset(scripts::dataset()));
    harness.run_steps(5);
    let (pictures, surveys, scores) = asked(&script);
    assert_eq!((surveys, scores), (vec![true, false, false, true], 3), "of the other one nothing is read unasked");
    assert!(pictures.last().is_some_and(|newest| newest.number > request.number));
}

#[test]
fn the_scenes_of_a_real_data_set_get_pictures_facts_and_the_figures_of_whatever_network_is_evaluated() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let scenes = SceneSettings { seed: 5, train: 4, val: 1, test: 2, width: 48, height: 32 };
    write_dataset(&data, &scenes, &mut |_, _| std::ops::ControlFlow::Continue(())).expect("a data set");
    let mut harness = open_window(folder.path(), data);
    perform(&mut harness, Action::ShowPane(PaneKind::Dataset));
    let place = ScenePlace { split: 0, index: 0 };
    wait(&mut harness, "small pictures", |store| store.gallery.thumbnail(place).is_some());
    wait(&mut harness, "what the files hold", |store| store.gallery.survey().is_some_and(|found| found.is_done()));
    let store = harness.state().store();
    let thumbnail = store.gallery.thumbnail(place).expect("pictures");
    assert!(thumbnail.sensors.iter().all(Option::is_some) && thumbnail.label.is_some(), "{:?}", thumbnail.faults);
    let shares: f64 = store.gallery.survey().expect("a survey").splits[0].shares().iter().sum();
    assert!((shares - 1.0).abs() < 1e-6, "{shares}");
    assert!(!store.gallery.has_scores(), "nothing was evaluated");

    press(&mut harness, "Train");
    wait(&mut harness, "a step of the student", |store| store.curves.phases().len() == 2);
    press(&mut harness, "Stop the run");
    wait(&mut harness, "the run has stopped", |store| store.is_at_rest() && store.checkpoint.is_some());
    // Of a run the counts lie in its folder, of a packed model in none.
    for model in [None, places::demo_checkpoint()] {
        if let Some(model) = model {
            perform(&mut harness, Action::OpenRunFolder(model));
            wait(&mut harness, "the packed model is open", |store| store.model.is_some() && store.is_at_rest());
            assert!(!harness.state().store().gallery.has_scores(), "these were another network's figures");
        }
        perform(&mut harness, Action::EvaluateSplit("val".to_owned()));
        wait(&mut harness, "figures of single scenes", |store| store.gallery.scores("val").is_some());
        let store = harness.state().store();
        let whole = store.metrics.latest().and_then(|report| report.subsets[0].miou).expect("a figure");
        let scores = store.gallery.scores("val").expect("figures");
        let only = scores.miou[0].expect("the only scene was counted");
        assert!((f64::from(only) - whole).abs() < 1e-6, "{only} and {whole}");
    }
}
