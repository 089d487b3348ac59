//! All runs in the window: found, ticked to be compared, opened, noted upon and put away.

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use fusionscope::action::Action;
use fusionscope::look::Theme;
use fusionscope::panes::PaneKind;
use fusionscope_engine::protocol::{Command, Event, RunNotes, RunsWatch, SessionState, ShelfCommand, ShelfNews};

use super::panes::{Stage, stage};
use super::scripts;
use super::whole::{perform, window};

fn runs_pane() -> Harness<'static, Stage> {
    let mut store = scripts::empty();
    let news = ShelfNews::Cards { cards: scripts::cards(), gone: Vec::new(), waiting: 0, remarks: Vec::new() };
    store.apply(Event::Shelf(news));
    let mut harness = stage(PaneKind::Runs, store, Theme::Dark, [1200.0, 500.0]);
    harness.run_steps(3);
    harness
}

/// Does what the pane has asked for so far, as far as it is about the shelf.
fn obey(harness: &mut Harness<'_, Stage>) -> Vec<Action> {
    let asked = std::mem::take(&mut harness.state_mut().asked);
    for action in &asked {
        if let Action::CompareRuns { runs, is_on } = action {
            harness.state_mut().store.shelf.choose(runs, *is_on);
        }
    }
    harness.run_steps(3);
    asked
}

#[test]
fn runs_of_other_seeds_stand_in_one_row_that_unfolds_and_a_filter_leaves_what_fits() {
    let mut harness = runs_pane();
    assert!(harness.query_by_label("Run run-1, complete").is_none());
    harness.get_by_label("Runs of with-exchange, 3 seeds").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("Run run-3, running").is_some());
    assert!(harness.query_by_label_contains("6 runs").is_some(), "and how many there are");
    harness.get_by_label("Filter the runs").focus();
    harness.run_steps(2);
    harness.event(egui::Event::Text("channel.enabled=off".to_owned()));
    harness.run_steps(3);
    assert!(harness.query_by_label("Runs of with-exchange, 3 seeds").is_none());
    assert!(harness.query_by_label("Runs of no-exchange, 3 seeds").is_some());
    assert_eq!(harness.state().asked, []);
}

#[test]
fn ticked_runs_are_compared_and_enter_opens_the_run_that_has_the_keys() {
    let mut harness = runs_pane();
    harness.get_by_label("Fold seeds").click();
    harness.run_steps(3);
    harness.get_all_by_label("Compare run-2").next().expect("a box").click();
    harness.run_steps(2);
    let asked = obey(&mut harness);
    let Some(Action::CompareRuns { runs, is_on: true }) = asked.first() else { panic!("{asked:?}") };
    assert_eq!(runs.len(), 1);
    assert!(harness.query_by_label_contains("1 run compared").is_some());
    harness.get_by_label("Run run-3, running").focus();
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    let open = Action::OpenRunFolder("/studies/with-exchange/seed-3/run-3".into());
    assert!(harness.state().asked.contains(&open), "{:?}", harness.state().asked);
}

#[test]
fn the_menu_of_a_run_keeps_notes_and_does_not_bin_what_is_trained() {
    let mut harness = runs_pane();
    harness.get_by_label("Fold seeds").click();
    harness.run_steps(3);
    harness.get_by_label("Run run-3, running").click_secondary();
    harness.run_steps(3);
    assert!(harness.get_by_label("Move to the bin…").accesskit_node().is_disabled());
    harness.get_by_label("Tags and note…").click();
    harness.run_steps(3);
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
    harness.event(egui::Event::Text(", good".to_owned()));
    harness.run_steps(2);
    harness.get_by_label("Keep").click();
    harness.run_steps(3);
    let kept = harness.state().asked.iter().find_map(|action| match action {
        Action::NoteRun { notes, .. } => Some(notes.clone()),
        _ => None,
    });
    let tags = kept.expect("notes").tags;
    assert!(tags.contains(&"thesis".to_owned()) && tags.contains(&"good".to_owned()), "{tags:?}");
}

#[test]
fn the_menu_of_the_focused_run_opens_from_the_keyboard() {
    for (modifiers, key) in [(egui::Modifiers::SHIFT, Key::F10), (egui::Modifiers::NONE, Key::Menu)] {
        let mut harness = runs_pane();
        harness.get_by_label("Fold seeds").click();
        harness.run_steps(3);
        harness.get_by_label("Run run-3, running").focus();
        harness.run_steps(2);
        assert!(harness.query_by_label("Take its recipe").is_none());
        harness.key_press_modifiers(modifiers, key);
        harness.run_steps(3);
        assert!(harness.query_by_label("Take its recipe").is_some(), "{key:?}");
    }
}

#[test]
fn what_is_compared_stands_side_by_side_with_what_differs_and_by_how_much() {
    let mut harness = stage(PaneKind::Compare, scripts::beside_others(), Theme::Dark, [1000.0, 900.0]);
    harness.run_steps(3);
    for words in
        ["with-exchange, 3 runs", "no-exchange, 3 runs", "exchange.channel.enabled", "mean of subsets", "person"]
    {
        assert!(harness.query_all_by_label(words).next().is_some(), "{words}");
    }
    assert!(harness.query_by_label_contains("means by nanmean").is_some(), "no figure without its convention");
    let is_marked = |harness: &Harness<'_, Stage>, side: &str| {
        let head = harness.get_all_by_label(side).next().expect("a head");
        head.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
    };
    assert!(is_marked(&harness, "with-exchange, 3 runs"));
    harness.get_all_by_label("no-exchange, 3 runs").next().expect("a head").click();
    harness.run_steps(3);
    assert!(is_marked(&harness, "no-exchange, 3 runs") && !is_marked(&harness, "with-exchange, 3 runs"));
    let mut harness = stage(PaneKind::Curves, scripts::beside_others(), Theme::Dark, [900.0, 400.0]);
    harness.run_steps(2);
    harness.get_by_label("Compared runs").click();
    harness.run_steps(3);
    for words in ["Curve with-exchange, 3 runs", "Curve no-exchange, 3 runs"] {
        assert!(harness.query_by_label(words).is_some(), "{words}");
    }
    harness.get_by_label("time").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("Curves of the compared runs").is_some());
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
}

#[test]
fn runs_are_looked_at_while_they_are_in_sight_and_put_away_only_after_asking() {
    let (mut harness, script) = window();
    let watched = |script: &fusionscope::link::Scripted| {
        script.sent().into_iter().rev().find_map(|command| match command {
            Command::Shelf(ShelfCommand::Watch(watch)) => Some(watch),
            _ => None,
        })
    };
    assert_eq!(watched(&script), None, "nobody looks yet");
    script.say(Event::State(SessionState::Finished));
    perform(&mut harness, Action::FindRun);
    let Some(Some(RunsWatch { folders, traced })) = watched(&script) else { panic!("{:?}", script.sent()) };
    assert!(folders.iter().all(|folder| folder.is_absolute()) && !folders.is_empty(), "{folders:?}");
    assert!(traced.is_empty());
    perform(&mut harness, Action::ListRunsFolder("/studies".into()));
    assert!(watched(&script).flatten().is_some_and(|watch| watch.folders.contains(&"/studies".into())));

    let cards = scripts::cards();
    let run = cards[0].path.clone();
    script.say(Event::Shelf(ShelfNews::Cards { cards, gone: Vec::new(), waiting: 0, remarks: Vec::new() }));
    harness.run_steps(3);
    perform(&mut harness, Action::CompareRuns { runs: vec![run.clone()], is_on: true });
    assert!(watched(&script).flatten().is_some_and(|watch| watch.traced == [run.clone()]));

    perform(&mut harness, Action::BinRuns(vec![run.clone()]));
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
    harness.get_by_label("Cancel").click();
    harness.run_steps(3);
    let bin = Command::Shelf(ShelfCommand::Bin { run: run.clone() });
    assert!(!script.sent().contains(&bin));
    perform(&mut harness, Action::BinRuns(vec![run.clone()]));
    harness.get_by_label("Move to the bin").click();
    harness.run_steps(3);
    assert!(script.sent().contains(&bin));
    let now = Some("/home/user/.local/share/Trash/files/run-1".into());
    script.say(Event::Shelf(ShelfNews::Binned { run: run.clone(), now }));
    harness.run_steps(3);
    assert!(harness.state().store().shelf.run(&run).is_none());

    perform(&mut harness, Action::NoteRun { run: run.clone(), notes: RunNotes::default() });
    assert!(matches!(script.sent().last(), Some(Command::Shelf(ShelfCommand::Note { .. }))));
    perform(&mut harness, Action::ShowPane(PaneKind::Inspect));
    assert_eq!(watched(&script), Some(None), "out of sight, nothing is looked at");
}
