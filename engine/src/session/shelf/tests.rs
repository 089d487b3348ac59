//! What the thread tells of run folders as they come, change and go.

use std::fs;

use super::*;
use crate::protocol::{EvaluationReport, RunCard, RunNotes, RunStanding, StepReport, SubsetScores};
use crate::recipe::Recipe;
use crate::training::Environment;

/// What an app would know by now.
struct Listener {
    shelf: Aside<ShelfCommand>,
    cards: BTreeMap<PathBuf, RunCard>,
    others: Vec<Event>,
}

impl Listener {
    fn watching(folders: &[&Path], traced: &[&Path]) -> Self {
        let own = |paths: &[&Path]| paths.iter().map(|&path| path.to_owned()).collect();
        let shelf = shelf(None);
        let watch = RunsWatch { folders: own(folders), traced: own(traced) };
        shelf.send(ShelfCommand::Watch(Some(watch))).unwrap();
        Self { shelf, cards: BTreeMap::new(), others: Vec::new() }
    }

    /// Takes news in until what is known is as expected.
    fn until(&mut self, what: &str, is_so: impl Fn(&Self, u64) -> bool) {
        let begun = Instant::now();
        loop {
            let left = Duration::from_secs(30).saturating_sub(begun.elapsed());
            let event =
                self.shelf.news().recv_timeout(left).unwrap_or_else(|_| panic!("it was never told that {what}"));
            let mut still = u64::MAX;
            match event {
                Event::Shelf(ShelfNews::Cards { cards, gone, waiting, .. }) => {
                    self.cards.extend(cards.into_iter().map(|card| (card.path.clone(), card)));
                    self.cards.retain(|run, _| !gone.contains(run));
                    still = waiting;
                }
                other => self.others.push(other),
            }
            if is_so(self, still) {
                return;
            }
        }
    }
}

fn run(runs: &Path, name: &str, steps: u64) -> RunFolder {
    let mut run = RunFolder::create(runs, &Recipe::defaults(name), &Environment::default()).unwrap();
    for step in 1..=steps {
        run.append_step(&StepReport { step, total_steps: 9, secs: 1.0, ..StepReport::default() }).unwrap();
    }
    run
}

#[test]
fn a_run_of_another_process_is_told_as_it_goes_on_and_a_note_and_the_bin_find_it() {
    let folder = tempfile::tempdir().unwrap();
    let study = folder.path().join("row/seed-1");
    let mut trained = run(&study, "a", 1);
    trained.lock().unwrap();
    let path = trained.path().to_owned();
    let mut listener = Listener::watching(&[folder.path()], &[&path]);
    listener.until("the run is there", |known, _| {
        known.cards.get(&path).is_some_and(|card| card.standing == RunStanding::Running && card.step == 1)
    });
    trained.append_step(&StepReport { step: 2, total_steps: 9, ..StepReport::default() }).unwrap();
    listener.until("it has gone on", |known, _| known.cards[&path].step == 2);
    let notes = RunNotes { tags: vec!["good".to_owned()], note: String::new() };
    listener.shelf.send(ShelfCommand::Note { run: path.clone(), notes: notes.clone() }).unwrap();
    listener.until("it is noted", |known, _| known.cards[&path].notes == notes);
    listener.shelf.send(ShelfCommand::Bin { run: path.clone() }).unwrap();
    let is_refusal =
        |event: &Event| matches!(event, Event::Failure { failure, .. } if failure.text.contains("another program"));
    listener.until("it is not put away", |known, _| known.others.iter().any(is_refusal));
    assert!(path.is_dir());
    let traced: Vec<u64> = listener
        .others
        .iter()
        .filter_map(|event| if let Event::Shelf(ShelfNews::Trace(trace)) = event { Some(&trace.steps) } else { None })
        .flatten()
        .map(|step| step.step)
        .collect();
    assert!(traced.starts_with(&[1]) && traced.is_sorted(), "{traced:?}");
    drop(trained);
    fs::remove_dir_all(&path).unwrap();
    listener.until("it has gone", |known, _| known.cards.is_empty());
}

/// One run folder's files, copied many times.
fn thousand(runs: &Path) {
    let first = run(runs, "many", 40);
    let subset = |tag: &str| SubsetScores {
        sensors: vec!["colour".to_owned(), "thermal".to_owned()],
        tag: tag.to_owned(),
        miou: Some(0.5),
        confusion: vec![1_000; 100],
        ..SubsetScores::default()
    };
    let subsets = ["", "day", "night"].into_iter().cycle().take(12).map(subset).collect();
    let report = EvaluationReport { split: "test".to_owned(), subsets, ..EvaluationReport::default() };
    RunFolder::open(first.path()).unwrap().add_evaluation(&report).unwrap();
    let files = ["recipe.toml", "environment.json", "metrics.jsonl", "evaluation.json"];
    let files = files.map(|name| (name, fs::read(first.path().join(name)).unwrap()));
    for number in 1..1000 {
        let copy = runs.join(format!("study-{}/seed-{number}/run-{number}", number % 7));
        fs::create_dir_all(&copy).unwrap();
        for (name, bytes) in &files {
            fs::write(copy.join(name), bytes).unwrap();
        }
    }
}

#[test]
fn a_thousand_runs_are_listed_in_two_seconds_and_looked_at_again_at_once() {
    let folder = tempfile::tempdir().unwrap();
    thousand(folder.path());
    let begun = Instant::now();
    let mut listener = Listener::watching(&[folder.path()], &[]);
    listener.until("all are read", |known, waiting| waiting == 0 && known.cards.len() == 1000);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(2), "a thousand runs took {took:?}");
    assert!(listener.cards.values().all(|card| card.figures[0].all_sensors("night") == Some(0.5)));

    let mut known: Vec<KnownRun> = listener.cards.keys().map(|path| KnownRun::new(path.clone())).collect();
    for run in &mut known {
        run.look();
    }
    let begun = Instant::now();
    assert_eq!(known.iter_mut().map(|run| u32::from(run.look())).sum::<u32>(), 0);
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(500), "looking again took {took:?}");
}
