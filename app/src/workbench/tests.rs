//! What the workbench keeps, takes back and lets float, and what it does about runs and slow disks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use eframe::App as _;
use fusionscope_engine::protocol::{DatasetSummary, Failure, FailureKind, StepReport};
use fusionscope_engine::recipe::Value;
use fusionscope_engine::recipe::catalogue::data;

use super::*;
use crate::link::Scripted;
use crate::look::TextStep;

/// What eframe would write to a file.
#[derive(Default)]
pub(super) struct Memory(pub(super) BTreeMap<String, String>);

impl eframe::Storage for Memory {
    fn get_string(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    fn set_string(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), value);
    }

    fn remove_string(&mut self, key: &str) {
        self.0.remove(key);
    }

    fn flush(&mut self) {}
}

fn opened(storage: Option<&dyn eframe::Storage>) -> Workbench {
    scripted(storage, &Scripted::default())
}

fn scripted(storage: Option<&dyn eframe::Storage>, script: &Scripted) -> Workbench {
    let engine = Box::new(script.clone());
    let mut workbench = Workbench::new(&egui::Context::default(), storage, engine, Launch::default());
    let classes = vec!["road".to_owned(), "car".to_owned()];
    let dataset = DatasetSummary { name: "streets".to_owned(), classes, ..DatasetSummary::default() };
    workbench.store.apply(Event::Dataset(dataset));
    workbench
}

fn floating_now(workbench: &Workbench) -> Vec<PaneKind> {
    workbench.tree().map(layout::floating).unwrap_or_default()
}

#[test]
fn what_was_chosen_is_there_the_next_day() {
    let mut first = opened(None);
    let curves = r#"{"tab":"Scores","scale":"Log","legend":{"hidden":["total"],"colours":{}},"tag":"night","without_teacher":false}"#;
    first.panes.get_mut(&PaneKind::Curves).unwrap().restore(curves);
    for action in [
        Action::SetSmoothing(0.25),
        Action::ToggleMotion,
        Action::ToggleTensorboard,
        Action::ToggleOwnColours,
        Action::UseLayout(Layout::Debug),
        Action::FloatPane(PaneKind::Log),
        Action::SetClassColour { class: 1, colour: Some([1, 2, 3]) },
    ] {
        first.perform(action, None);
    }
    let mut memory = Memory::default();
    first.save(&mut memory);

    let second = opened(Some(&memory));
    assert_eq!(second.store.curves.smoothing(), 0.25);
    assert!(second.store.reduced_motion && second.store.scene.own_colours && second.store.writes_events);
    assert_eq!(second.choices.layout, Layout::Debug);
    assert_eq!(floating_now(&second), [PaneKind::Log]);
    assert_eq!(second.store.colour_by_hand(1), Some([1, 2, 3]));
    assert_eq!(second.panes[&PaneKind::Curves].choices().as_deref(), Some(curves));
}

#[test]
fn panes_without_understandable_choices_begin_afresh() {
    for kind in PaneKind::all() {
        let mut pane = panes::make(kind);
        let fresh = pane.choices();
        pane.restore("not what anybody wrote");
        assert_eq!(pane.choices(), fresh, "{kind:?}");
    }
}

#[test]
fn a_class_colour_dragged_through_many_is_taken_back_at_once() {
    let mut workbench = opened(None);
    workbench.perform(Action::SetClassColour { class: 0, colour: Some([9, 9, 9]) }, None);
    workbench.store.history = crate::store::History::default();
    for red in 0..5 {
        workbench.perform(Action::SetClassColour { class: 0, colour: Some([red, 0, 0]) }, None);
    }
    assert_eq!(workbench.store.class_colours(2).get(0).map(|colour| colour.to_array()), Some([4, 0, 0, 255]));
    workbench.perform(Action::Undo, None);
    assert_eq!(workbench.store.colour_by_hand(0), Some([9, 9, 9]));
    assert!(!workbench.store.can_undo());
    workbench.perform(Action::SetClassColour { class: 0, colour: None }, None);
    assert_eq!(workbench.store.class_colours(2), look::class_colours(2, None));
}

#[test]
fn floating_a_pane_can_be_undone_and_reset() {
    let mut workbench = opened(None);
    workbench.perform(Action::FloatPane(PaneKind::Curves), None);
    workbench.perform(Action::FloatPane(PaneKind::Inspect), None);
    assert_eq!(floating_now(&workbench), [PaneKind::Inspect, PaneKind::Curves]);
    workbench.perform(Action::Undo, None);
    assert_eq!(floating_now(&workbench), [PaneKind::Curves]);
    workbench.perform(Action::ResetLayout, None);
    assert_eq!(floating_now(&workbench), []);
}

#[test]
fn what_was_undone_is_done_again_of_every_kind() {
    let mut workbench = opened(None);
    let of_batch = |workbench: &Workbench| workbench.store.recipe.get(data::BATCH_SIZE);
    let before = of_batch(&workbench);
    let value = Value::Integer(before as i64 + 1);
    workbench.perform(Action::SetSetting { key: data::BATCH_SIZE.id().to_owned(), value }, None);
    workbench.perform(Action::FloatPane(PaneKind::Log), None);
    workbench.perform(Action::SetClassColour { class: 1, colour: Some([7, 7, 7]) }, None);
    for _ in 0..3 {
        workbench.perform(Action::Undo, None);
    }
    let state =
        |workbench: &Workbench| (of_batch(workbench), floating_now(workbench), workbench.store.colour_by_hand(1));
    assert_eq!(state(&workbench), (before, vec![], None));
    for _ in 0..3 {
        workbench.perform(Action::Redo, None);
    }
    assert_eq!(state(&workbench), (before + 1, vec![PaneKind::Log], Some([7, 7, 7])));
    assert!(!workbench.store.can_redo());

    workbench.perform(Action::Undo, None);
    workbench.perform(Action::FloatPane(PaneKind::Times), None);
    workbench.perform(Action::Redo, None);
    assert_eq!(workbench.store.colour_by_hand(1), None, "what was done since is not written over");
}

#[test]
fn a_change_of_a_layout_is_undone_where_it_was_made() {
    let mut workbench = opened(None);
    workbench.perform(Action::FloatPane(PaneKind::Log), None);
    workbench.perform(Action::UseLayout(Layout::Debug), None);
    let debug = workbench.layouts["Debug"].clone();
    workbench.perform(Action::Undo, None);
    assert_eq!(workbench.choices.layout, Layout::Ablate);
    assert_eq!(floating_now(&workbench), []);
    assert!(workbench.layouts["Debug"] == debug, "the other layout is left alone");
}

#[test]
fn the_size_of_text_multiplies_with_the_layouts_own_and_is_there_the_next_day() {
    let ctx = egui::Context::default();
    let mut first = Workbench::new(&ctx, None, Box::new(Scripted::default()), Launch::default());
    for _ in 0..2 {
        first.perform(Action::StepText(TextStep::Larger), Some(&ctx));
    }
    first.perform(Action::UseLayout(Layout::Teach), Some(&ctx));
    let chosen = first.store.text_size;
    assert_eq!(chosen.per_cent(), 125);
    assert_eq!(first.text_scale(), 1.25 * look::scale_of(true));
    let mut memory = Memory::default();
    first.save(&mut memory);
    let mut second = opened(Some(&memory));
    assert_eq!(second.store.text_size, chosen);
    second.perform(Action::StepText(TextStep::Usual), None);
    assert_eq!(second.store.text_size, TextSize::default());
}

#[test]
fn what_cannot_be_done_says_why() {
    let mut workbench =
        Workbench::new(&egui::Context::default(), None, Box::new(Scripted::default()), Launch::default());
    for (action, why) in [
        (Action::ToggleRun, "Start or pause: open a data set first"),
        (Action::Fit, "Fit pictures: open a data set first"),
        (Action::ToggleErrors, "Error maps on or off: train, or open a run, first"),
        (Action::ToggleSensor(6), "Drop sensor 7: the data set has no such sensor"),
        (Action::Undo, "Undo: nothing to take back"),
        (Action::Redo, "Redo: nothing was undone"),
    ] {
        workbench.perform(action, None);
        assert_eq!(workbench.notice.text(), Some(why));
    }
    let before = workbench.notice.text().map(str::to_owned);
    workbench.perform(Action::HoldCompare(false), None);
    assert_eq!(workbench.notice.text(), before.as_deref(), "a key that is let go has nothing to say");
}

#[test]
fn training_over_the_demo_says_so_and_the_demo_can_be_brought_back() {
    let script = Scripted::default();
    let mut workbench = scripted(None, &script);
    workbench.store.demo_model = Some("assets/demo.safetensors".into());
    workbench.store.sample_data = Some("sample".into());
    assert!(Action::OpenDemo.enabled(&workbench.store));
    script.say(Event::Model { path: "assets/demo.safetensors".into() });
    workbench.drain();
    assert!(!Action::OpenDemo.enabled(&workbench.store), "it is in view");

    workbench.perform(Action::StepOnce, None);
    let said = workbench.notice.text().unwrap_or_default().to_owned();
    assert!(said.contains("Back to the demo model"), "{said}");
    script.say(Event::Run { path: "runs/a".into(), checkpoint: None });
    ends(&mut workbench, &script, SessionState::Finished);
    workbench.perform(Action::OpenDemo, None);
    let sent = script.sent();
    let last = &sent[sent.len() - 2..];
    let expected = [
        Command::LoadData { path: "sample".into() },
        Command::OpenRun { path: "assets/demo.safetensors".into(), data: None },
    ];
    assert_eq!(last, expected);

    workbench.perform(Action::Train, None);
    assert_eq!(workbench.notice.text(), Some(said.as_str()), "another run is replaced without a word");
}

#[test]
fn a_window_that_is_held_still_can_move_again_and_keeps_nothing_of_it() {
    let ctx = egui::Context::default();
    let mut workbench = Workbench::new(&ctx, None, Box::new(Scripted::default()), Launch::default());
    workbench.hold_still(&ctx);
    assert_eq!(ctx.global_style().animation_time, 0.0);
    let mut memory = Memory::default();
    workbench.save(&mut memory);
    assert!(!opened(Some(&memory)).store.reduced_motion);
    workbench.perform(Action::ToggleMotion, Some(&ctx));
    assert!(ctx.global_style().animation_time > 0.0);
}

#[test]
fn motion_is_reduced_for_both_themes() {
    let ctx = egui::Context::default();
    let mut workbench = Workbench::new(&ctx, None, Box::new(Scripted::default()), Launch::default());
    assert!(ctx.global_style().animation_time > 0.0);
    workbench.perform(Action::ToggleMotion, Some(&ctx));
    for theme in [egui::Theme::Dark, egui::Theme::Light] {
        assert_eq!(ctx.style_of(theme).animation_time, 0.0);
    }
}

/// A workbench whose run of nine steps trains, and its script.
fn training() -> (Workbench, Scripted) {
    let script = Scripted::default();
    let mut workbench = scripted(None, &script);
    script.say(Event::Run { path: "runs/a".into(), checkpoint: None });
    script.say(Event::State(SessionState::Training));
    workbench.drain();
    (workbench, script)
}

fn begun(script: &Scripted) -> usize {
    script.sent().iter().filter(|command| **command == Command::Start).count()
}

fn ends(workbench: &mut Workbench, script: &Scripted, how: SessionState) {
    script.say(Event::State(how));
    workbench.drain();
}

#[test]
fn a_restart_ends_the_run_and_begins_another_once() {
    let (mut workbench, script) = training();
    workbench.perform(Action::Restart, None);
    assert_eq!(script.sent().last(), Some(&Command::Stop));
    assert_eq!(begun(&script), 0);
    for _ in 0..2 {
        ends(&mut workbench, &script, SessionState::Finished);
        assert_eq!(begun(&script), 1);
    }
}

#[test]
fn a_run_that_was_stopped_to_be_restarted_begins_again() {
    let (mut workbench, script) = training();
    workbench.perform(Action::Restart, None);
    ends(&mut workbench, &script, SessionState::Stopped { step: 4, of: 9 });
    assert_eq!(begun(&script), 1);
}

#[test]
fn runs_that_were_opened_or_begun_are_remembered_the_next_day() {
    let (mut workbench, script) = training();
    script.say(Event::Run { path: "/runs/b".into(), checkpoint: None });
    script.say(Event::Model { path: "/models/c.safetensors".into() });
    workbench.drain();
    let mut memory = Memory::default();
    workbench.save(&mut memory);
    let remembered = opened(Some(&memory)).choices.recent_runs.paths().to_vec();
    let expected = [PathBuf::from("/models/c.safetensors"), "/runs/b".into(), std::path::absolute("runs/a").unwrap()];
    assert_eq!(remembered, expected);
}

#[test]
fn a_message_about_an_action_goes_when_another_is_done() {
    let mut workbench = opened(None);
    workbench.store.say(Level::Warning, "cannot be done");
    workbench.perform(Action::Pause, None);
    assert!(workbench.store.alert.is_some(), "nothing runs, so nothing was done");
    workbench.perform(Action::ToggleTheme, None);
    assert_eq!(workbench.store.alert, None);
}

#[test]
fn a_restart_whose_stop_could_not_be_sent_restarts_no_later_run() {
    let (mut workbench, script) = training();
    script.be_deaf(true);
    workbench.perform(Action::Restart, None);
    script.be_deaf(false);
    assert!(workbench.store.log.entries().any(|entry| entry.text.contains("does not listen")));
    ends(&mut workbench, &script, SessionState::Finished);
    assert_eq!(begun(&script), 0);
}

#[test]
fn a_restart_of_a_run_that_broke_first_restarts_no_later_run() {
    let (mut workbench, script) = training();
    workbench.perform(Action::Restart, None);
    ends(&mut workbench, &script, SessionState::Failed(Failure::new(FailureKind::Broken, "a fault")));
    workbench.perform(Action::Train, None);
    assert_eq!(begun(&script), 1);
    ends(&mut workbench, &script, SessionState::Training);
    ends(&mut workbench, &script, SessionState::Finished);
    assert_eq!(begun(&script), 1, "the later run has begun again by itself");
}

#[test]
fn whoever_steers_the_run_after_a_restart_was_refused_has_taken_it_back() {
    let (mut workbench, script) = training();
    workbench.perform(Action::Restart, None);
    script.say(Event::Notice { about: Subject::Command, level: Level::Warning, text: "Could not stop".to_owned() });
    workbench.drain();
    workbench.perform(Action::Pause, None);
    ends(&mut workbench, &script, SessionState::Paused);
    workbench.perform(Action::Stop, None);
    ends(&mut workbench, &script, SessionState::Finished);
    assert_eq!(begun(&script), 0);
}

/// A run that came to its end and could not be saved.
fn unsaved() -> (Workbench, Scripted) {
    let (mut workbench, script) = training();
    script.say(Event::Steps(vec![StepReport { step: 9, total_steps: 9, ..StepReport::default() }]));
    script.say(Event::Unsaved(Some(Failure::new(FailureKind::Broken, "No space left"))));
    ends(&mut workbench, &script, SessionState::Finished);
    (workbench, script)
}

#[test]
fn a_run_that_could_not_be_saved_can_be_saved_again_and_is_not_dropped_unasked() {
    let (mut workbench, script) = unsaved();
    let others =
        [Action::OpenRunFolder("runs/b".into()), Action::OpenDataFolder("data".into()), Action::OpenSampleData];
    for action in [Action::Train, Action::ToggleRun, Action::StepOnce].into_iter().chain(others) {
        let before = script.sent().len();
        workbench.perform(action.clone(), None);
        assert_eq!(script.sent().len(), before, "{action:?} has given the run up");
        assert!(workbench.question.is_open(), "{action:?} asks first");
        workbench.question = Question::default();
    }
    workbench.perform(Action::SaveCheckpoint, None);
    assert_eq!(script.sent().last(), Some(&Command::SaveCheckpoint));
    script.say(Event::Checkpoint { step: 9, path: "runs/a/checkpoints/9".into() });
    script.say(Event::Unsaved(None));
    workbench.drain();
    workbench.perform(Action::Train, None);
    assert_eq!(begun(&script), 1);
}

#[test]
fn a_run_that_could_not_be_saved_is_given_up_where_that_was_decided() {
    let (mut workbench, script) = unsaved();
    let ctx = egui::Context::default();
    workbench.decide(question::Decision::Save, &ctx);
    assert_eq!(script.sent().last(), Some(&Command::SaveCheckpoint));
    workbench.decide(question::Decision::GiveUp(Action::Train), &ctx);
    let sent = script.sent();
    let place = |wanted: &Command| sent.iter().position(|command| command == wanted);
    assert!(place(&Command::Discard).unwrap() < place(&Command::Start).unwrap());
    assert!(!workbench.question.is_open());
}

#[test]
fn a_restart_does_not_drop_a_run_that_could_not_be_saved() {
    let (mut workbench, script) = training();
    script.say(Event::Steps(vec![StepReport { step: 5, total_steps: 9, ..StepReport::default() }]));
    workbench.drain();
    workbench.perform(Action::Restart, None);
    script.say(Event::Unsaved(Some(Failure::new(FailureKind::Broken, "No space left"))));
    ends(&mut workbench, &script, SessionState::Finished);
    assert_eq!(begun(&script), 0);
    assert!(workbench.question.is_open());
}

/// A disk that answers nothing until it is told to, once a question.
struct Slow(Receiver<()>);

impl Slow {
    fn wait(&self) {
        let _released = self.0.recv();
    }
}

impl reader::Files for Slow {
    fn recipe(&self, path: &Path) -> Result<Recipe, String> {
        self.wait();
        Ok(Recipe::defaults(&path.display().to_string()))
    }

    fn exists(&self, path: &Path) -> bool {
        self.wait();
        path.starts_with("there")
    }

    fn is_run(&self, _path: &Path) -> bool {
        self.wait();
        true
    }

    fn sample_data(&self) -> Result<PathBuf, String> {
        self.wait();
        Ok("there/sample".into())
    }

    fn demo_model(&self) -> Option<PathBuf> {
        None
    }
}

#[test]
fn a_slow_disk_stops_no_frame() {
    let (release, gate) = bounded(8);
    let mut workbench = opened(None);
    let ctx = egui::Context::default();
    workbench.reader = Reader::of(&ctx, Arc::new(Slow(gate)));
    let start = Instant::now();
    workbench.perform(Action::OpenRecipeFile("mine.toml".into()), None);
    workbench.perform(Action::OpenSampleData, None);
    for path in ["there/run", "there/data"] {
        workbench.ask_disk(reader::Question::Dropped(path.into()));
    }
    for _frame in 0..200 {
        workbench.drain();
        workbench.take_answers(&ctx);
    }
    assert!(start.elapsed() < Duration::from_secs(1), "frames have waited for the disk");
    assert_eq!(workbench.store.recipe.name, FIRST_RECIPE);

    for _ in 0..4 {
        release.send(()).unwrap();
    }
    while workbench.store.recipe.name != "mine.toml" || workbench.store.sample_data.is_none() {
        assert!(start.elapsed() < Duration::from_secs(20), "the answers have not come");
        workbench.take_answers(&ctx);
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn of_two_recipes_the_one_that_was_asked_for_last_is_taken_whichever_comes_first() {
    let (release, gate) = bounded(4);
    let mut reader = Reader::of(&egui::Context::default(), Arc::new(Slow(gate)));
    for path in ["first", "second"] {
        reader.ask(reader::Question::Recipe(path.into())).unwrap();
    }
    assert!(reader.answers().is_empty(), "a reader that waits for its disk");
    release.send(()).unwrap();
    release.send(()).unwrap();
    let start = Instant::now();
    let mut taken = Vec::new();
    // A while longer than until the first, so that the other one has its chance.
    while taken.is_empty() || start.elapsed() < Duration::from_millis(200) {
        assert!(start.elapsed() < Duration::from_secs(20), "the answers have not come");
        taken.extend(reader.answers().into_iter().map(|answer| match answer {
            Answer::Recipe(Ok(recipe)) => recipe.name,
            other => panic!("{other:?}"),
        }));
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(taken, ["second"]);
}
