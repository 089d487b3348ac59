//! An engine on another machine: attaching to it, losing the line, and its folders.

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fusionscope::action::Action;
use fusionscope::link::ssh::Remote;
use fusionscope::link::{Place, Scripted, ScriptedEngines, Seat};
use fusionscope::store::{Line, Store};
use fusionscope::workbench::{Launch, Workbench};
use fusionscope_engine::protocol::{
    Command, DiskCommand, DiskNews, EntryKind, Event, Failure, FailureKind, FolderEntry, FolderListing,
};

use super::scripts;
use super::whole::perform;

/// A window that is attached to the engine of a machine called `gpu`.
fn attached() -> (Harness<'static, Workbench>, Scripted, ScriptedEngines) {
    let engines = ScriptedEngines::default();
    let given = engines.clone();
    let mut harness =
        Harness::builder().with_size([1500.0, 980.0]).with_accessibility_check(false).build_eframe(move |cc| {
            Workbench::new(&cc.egui_ctx, None, Box::new(Scripted::default()), Launch::default())
                .with_engines(Box::new(given), Seat::at(Place::Here))
        });
    perform(&mut harness, Action::UseEngine(Place::Afar(Remote::new("gpu"))));
    harness.run_steps(3);
    let (seat, there) = engines.newest().expect("an engine there");
    assert_eq!(seat.place.machine(), "gpu");
    for event in scripts::opening() {
        there.say(event);
    }
    harness.run_steps(3);
    (harness, there, engines)
}

fn store<'a>(harness: &'a Harness<'_, Workbench>) -> &'a Store {
    harness.state().store()
}

#[test]
fn a_cut_line_is_told_and_built_again_and_what_was_in_sight_stays_meanwhile() {
    let (mut harness, there, engines) = attached();
    let data = store(&harness).dataset.clone();
    assert!(data.is_some() && store(&harness).run.is_some() && store(&harness).engine.is_afar());
    there.die(Failure::new(FailureKind::Broken, "The line to `gpu` was cut"), &[]);
    harness.run_steps(3);
    assert!(matches!(store(&harness).engine.line, Line::Cut { .. }));
    assert!(harness.query_by_label_contains("a run goes on there").is_some());
    assert!(harness.query_by_label("The engine is gone").is_none());
    assert_eq!(store(&harness).dataset, data);
    let sent = there.sent().len();
    perform(&mut harness, Action::Pause);
    assert_eq!((there.sent().len(), engines.count()), (sent, 1), "nothing is said into a line that is down");

    harness.get_by_label("Try now").click();
    harness.run_steps(3);
    let (_, again) = engines.newest().expect("a second try");
    assert_eq!((engines.count(), store(&harness).engine.line.clone()), (2, Line::Holds));
    assert!(store(&harness).dataset.is_none(), "it tells anew what it has");
    for event in scripts::opening() {
        again.say(event);
    }
    harness.run_steps(3);
    assert_eq!(store(&harness).dataset, data);
    assert!(again.sent().iter().any(|command| matches!(command, Command::View(_))), "pictures are asked for anew");

    // Who was told that another window has the engine does not take it back by itself.
    again.die(Failure::new(FailureKind::Refused, "Another window has taken the engine over"), &[]);
    harness.run_steps(3);
    assert!(harness.query_by_label("The engine is gone").is_some());
    assert_eq!((engines.count(), store(&harness).engine.line.clone()), (2, Line::Holds));
    // Nothing of that machine is opened on this one.
    perform(&mut harness, Action::UseEngine(Place::Here));
    harness.run_steps(3);
    let (seat, here) = engines.newest().expect("an engine here");
    assert_eq!((seat.place, store(&harness).run.clone()), (Place::Here, None));
    let opens = |command: &Command| matches!(command, Command::LoadData { .. } | Command::OpenRun { .. });
    assert!(!here.sent().iter().any(opens), "{:?}", here.sent());
}

#[test]
fn folders_to_choose_from_are_those_of_the_engine_s_machine() {
    let (mut harness, there, _engines) = attached();
    there.say(Event::State(fusionscope_engine::protocol::SessionState::Finished));
    harness.run_steps(3);
    perform(&mut harness, Action::OpenData);
    harness.run_steps(3);
    let asked = |path: Option<&str>| Command::Disk(DiskCommand::List { path: path.map(Into::into) });
    assert!(there.sent().contains(&asked(None)), "{:?}", there.sent());
    let entry = |path: &str, kind| FolderEntry { path: path.into(), kind };
    there.say(Event::Disk(DiskNews::Listed(FolderListing {
        path: "/home/me".into(),
        parent: Some("/home".into()),
        entries: vec![entry("/home/me/streets", EntryKind::DataSet), entry("/home/me/papers", EntryKind::Folder)],
        further: 3,
        ..FolderListing::default()
    })));
    harness.run_steps(3);
    assert!(harness.query_by_label("papers").is_some() && harness.query_by_label("Browse…").is_none());
    assert!(harness.query_by_label_contains("3 further entries").is_some());
    harness.get_by_label("streets").click();
    harness.run_steps(3);
    assert!(there.sent().contains(&asked(Some("/home/me/streets"))));
    harness.get_by_label("Open").click();
    harness.run_steps(3);
    let loads = |command: &Command| matches!(command, Command::LoadData { path } if *path == *"/home/me/streets");
    assert!(there.sent().iter().any(loads), "{:?}", there.sent());
}
