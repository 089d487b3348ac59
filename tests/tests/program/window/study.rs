//! The study pane: putting one together, following one, and closing the window over one that is at work.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::Action;
use fusionscope::link::{Carrier, Scripted, ScriptedStudies, StudyNews, StudyOrder, StudyView};
use fusionscope::look::Theme;
use fusionscope::panes::PaneKind;
use fusionscope::store::Store;
use fusionscope::workbench::{Launch, Workbench};
use fusionscope_engine::protocol::{EvaluationReport, SubsetScores};
use fusionscope_engine::study::{Job, Scored, Standing, Study};

use super::panes::{Stage, stage};
use super::scripts;

const WIDE: [f32; 2] = [1100.0, 1400.0];

/// Three rows from three seeds: two done with every seed, one under way.
pub fn view(carrier: Carrier) -> StudyView {
    let text = "title = 'What exchange is worth'\nbase = 'ogp-net-demo'\nseeds = 3\nsteps = 100\nreference = 'full'\n\
                [[rows]]\nname = 'full'\n[[rows]]\nname = 'no exchange'\nset = { exchange.channel = false }\n\
                [[rows]]\nname = 'no contrast'\nset = { objective.contrast = false }\n";
    let study = Arc::new(Study::from_text(text, Path::new("studies/exchange.toml")).expect("a study"));
    let standing = |job: Job| {
        let run = format!("studies/exchange/{}/seed-{}/run", study.rows[job.row].folder, job.seed).into();
        let seed = f64::from(job.seed);
        let miou = match job.row {
            0 => 0.60 + 0.01 * seed,
            1 => 0.55 + 0.012 * seed,
            _ if job.seed == 1 => return Standing::Unfinished { run, step: 40, of: 150, is_kept: true },
            _ => return Standing::Missing,
        };
        let sensors = vec!["colour".to_owned(), "thermal".to_owned()];
        let scores = SubsetScores { sensors, miou: Some(miou), ..SubsetScores::default() };
        let report = EvaluationReport {
            dataset: "sample".to_owned(),
            split: "test".to_owned(),
            convention: "nanmean".to_owned(),
            missing: "drop".to_owned(),
            subsets: vec![scores],
            ..EvaluationReport::default()
        };
        Standing::Done(Box::new(Scored { run, report, protocols: Vec::new(), version: "1".to_owned() }))
    };
    let standings: Vec<_> = study.jobs().into_iter().map(|job| (job, standing(job))).collect();
    let is_at_work = carrier != Carrier::Nobody;
    StudyView {
        asked: "studies/exchange.toml".into(),
        out: "studies/exchange".into(),
        table: study.table_from(standings.clone()),
        standings,
        study,
        data: None,
        carrier,
        working: if is_at_work { HashSet::from([Job { row: 2, seed: 1 }]) } else { HashSet::new() },
        failed: HashMap::from([(Job { row: 2, seed: 2 }, "not enough memory".to_owned())]),
        made_by_others: 0,
        outdated: None,
        ended: None,
    }
}

/// A session with this study open.
fn opened(carrier: Carrier) -> Store {
    let mut store = scripts::running(150);
    store.study.want(Some("studies/exchange.toml".into()));
    store.study.apply(StudyNews::Seen(Arc::new(view(carrier))));
    store
}

fn at_rest() -> Store {
    scripts::reopened()
}

fn staged(store: Store) -> Harness<'static, Stage> {
    let mut harness = stage(PaneKind::Study, store, Theme::Dark, WIDE);
    harness.run_steps(3);
    harness
}

#[test]
fn ticked_parts_become_rows_beside_the_one_that_they_are_compared_with() {
    let mut harness = staged(at_rest());
    assert!(harness.query_by_label_contains("Tick parts of the recipe").is_some());
    for part in ["Channel exchange", "Spatial exchange"] {
        harness.get_by_label(part).click();
        harness.run_steps(2);
    }
    for row in ["all parts", "without Channel exchange", "without Spatial exchange"] {
        assert!(harness.query_all_by_label(row).next().is_some(), "{row}");
    }
    assert!(harness.query_by_label_contains("3 rows × 5 seeds = 15 runs").is_some());
    harness.get_by_label("All combinations").click();
    harness.run_steps(2);
    assert!(harness.query_by_label("Channel exchange + Spatial exchange").is_some());
    assert!(harness.query_by_label_contains("4 rows × 5 seeds = 20 runs").is_some());
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
    harness.get_by_label("Measure a step").click();
    harness.run_steps(2);
    assert!(matches!(harness.state().asked.as_slice(), [Action::MeasureStep(_)]), "{:?}", harness.state().asked);
}

#[test]
fn a_row_that_cannot_be_is_left_out_with_the_catalogue_s_reason() {
    let mut store = at_rest();
    store.recipe.set_text("encoder.sharing", "shared").expect("a fit value");
    let mut harness = staged(store);
    harness.get_by_label("Channel exchange").click();
    harness.run_steps(2);
    let why = "Left out: exchange.channel.enabled: channel exchange needs batch norms per sensor";
    assert!(harness.query_all_by_label_contains(why).next().is_some());
    assert!(harness.query_by_label_contains("fewer than two rows").is_some());
}

#[test]
fn a_row_of_the_table_says_its_figures_and_lists_its_runs_and_one_opens() {
    let mut store = at_rest();
    store.study = opened(Carrier::Nobody).study;
    let mut harness = staged(store);
    let row = harness.get_by_label_contains("Row no exchange, 3 of 3, 57.4 ± 1.2, −4.6 ± 0.5 *");
    row.click();
    harness.run_steps(3);
    for seed in [1, 2, 3] {
        assert!(harness.query_by_label(&format!("Open seed {seed} of no exchange")).is_some());
    }
    harness.get_by_label("Open seed 2 of no exchange").click();
    harness.run_steps(2);
    let run = "studies/exchange/no-exchange/seed-2/run".into();
    assert_eq!(harness.state().asked, [Action::OpenRunFolder(run)]);
    harness.get_by_label_contains("Row no contrast, 0 of 3").click();
    harness.run_steps(3);
    for words in ["at step 40 of 150", "failed: not enough memory", "not begun"] {
        assert!(harness.query_by_label(words).is_some(), "{words}");
    }
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
}

#[test]
fn a_study_is_started_with_so_many_runs_at_once_and_paused_by_the_same_button() {
    let mut harness = staged(opened(Carrier::Nobody));
    assert!(harness.query_by_label_contains("6 of 9 runs done · 1 failed").is_some());
    harness.get_by_label("Continue").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::StartStudy { jobs: 1, retrains: false }]);

    let mut harness = staged(opened(Carrier::Ours));
    assert!(harness.query_by_label_contains("1 running").is_some());
    assert!(harness.query_by_label_contains("take the same cores").is_some(), "a run trains in the window");
    harness.get_by_label("Pause").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::PauseStudy]);
}

#[test]
fn every_state_of_a_study_is_drawn_in_a_wide_and_in_a_narrow_pane() {
    for carrier in [Carrier::Nobody, Carrier::Ours, Carrier::Another] {
        for (size, theme) in [([1100.0, 700.0], Theme::Dark), ([320.0, 240.0], Theme::Light)] {
            let mut harness = stage(PaneKind::Study, opened(carrier), theme, size);
            harness.run_steps(3);
            assert_eq!(harness.unnamed_widgets(), Vec::<String>::new(), "{carrier:?}");
            assert_eq!(harness.state().asked, [], "{carrier:?}");
            assert!(harness.query_by_label("What exchange is worth").is_some());
        }
    }
}

/// The window with a study open.
fn window(carrier: Carrier) -> (Harness<'static, Workbench>, ScriptedStudies) {
    let (engine, studies) = (Scripted::default(), ScriptedStudies::default());
    let given = studies.clone();
    let mut harness =
        Harness::builder().with_size([1400.0, 900.0]).with_accessibility_check(false).build_eframe(move |cc| {
            Workbench::new(&cc.egui_ctx, None, Box::new(engine), Launch::default()).with_studies(Box::new(given))
        });
    let ctx = harness.ctx.clone();
    harness.state_mut().perform(Action::OpenStudy("studies/exchange.toml".into()), Some(&ctx));
    studies.say(StudyNews::Seen(Arc::new(view(carrier))));
    harness.run_steps(3);
    (harness, studies)
}

/// Asks the window to close; says whether it does.
fn closes(harness: &mut Harness<'_, Workbench>) -> bool {
    let root = harness.input_mut().viewports.get_mut(&egui::ViewportId::ROOT).expect("the window");
    root.events.push(egui::ViewportEvent::Close);
    harness.step();
    !commands(harness).contains(&egui::ViewportCommand::CancelClose)
}

fn commands(harness: &Harness<'_, Workbench>) -> Vec<egui::ViewportCommand> {
    harness.output().viewport_output[&egui::ViewportId::ROOT].commands.clone()
}

#[test]
fn a_window_that_closes_over_its_study_asks_and_the_study_goes_on_or_stops() {
    for (button, is_stopped) in [("Go on without the window", false), ("Stop the study", true)] {
        let (mut harness, studies) = window(Carrier::Ours);
        assert_eq!(studies.sent(), [StudyOrder::Open("studies/exchange.toml".into())]);
        assert!(!closes(&mut harness));
        harness.run_steps(2);
        assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
        harness.get_by_label("Cancel").click();
        harness.run_steps(3);
        assert!(harness.query_by_label("A study is at work").is_none());

        assert!(!closes(&mut harness), "asked again");
        harness.run_steps(2);
        harness.get_by_label(button).click();
        let is_told = |harness: &Harness<'_, Workbench>| commands(harness).contains(&egui::ViewportCommand::Close);
        let told = (0..4).any(|_frame| {
            harness.step();
            is_told(&harness)
        });
        assert!(told, "the window closes");
        assert_eq!(studies.sent().contains(&StudyOrder::Stop), is_stopped);
        assert!(closes(&mut harness), "what was decided is not asked again");
    }
}

#[test]
fn a_window_closes_without_a_word_over_a_study_that_is_not_its_own() {
    for carrier in [Carrier::Nobody, Carrier::Another] {
        let (mut harness, studies) = window(carrier);
        assert!(closes(&mut harness), "{carrier:?}");
        assert!(!studies.sent().contains(&StudyOrder::Stop));
    }
}

#[test]
fn runs_of_another_program_are_trained_anew_where_that_is_ticked_also_when_all_are_done() {
    let mut store = scripts::running(150);
    store.study.want(Some("studies/exchange.toml".into()));
    let mut view =
        StudyView { made_by_others: 6, outdated: Some("Its file has changed".to_owned()), ..view(Carrier::Nobody) };
    view.standings.retain(|(job, _)| job.row < 2);
    view.failed.clear();
    store.study.apply(StudyNews::Seen(Arc::new(view)));
    let mut harness = staged(store);
    assert!(harness.query_by_label("Its file has changed").is_some());
    harness.get_by_label("Continue").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [], "all is done");
    harness.get_by_label("Train 6 runs of another build of the program anew").click();
    harness.run_steps(2);
    harness.get_by_label("Continue").click();
    harness.run_steps(2);
    assert_eq!(harness.state().asked, [Action::StartStudy { jobs: 1, retrains: true }]);
}

#[test]
fn a_study_that_could_not_be_started_says_why_in_its_pane() {
    let (mut harness, studies) = window(Carrier::Nobody);
    harness.get_by_label("Continue").click();
    harness.run_steps(2);
    assert_eq!(studies.sent().last(), Some(&StudyOrder::Start { jobs: 1, retrains: false }));
    studies.say(StudyNews::Undone("This program does not find itself".to_owned()));
    harness.run_steps(3);
    assert!(harness.query_by_label("This program does not find itself").is_some());
    studies.say(StudyNews::Seen(Arc::new(view(Carrier::Another))));
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("Another program carries it out").is_some());
}
