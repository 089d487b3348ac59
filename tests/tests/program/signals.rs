//! What asks the program to end: Ctrl-C, a service manager, a terminal that closes.

use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{Running, only_run_in, text, tiny_data, write_recipe};

/// What ends anything but a run may take that long, on a busy machine.
const SOON: Duration = Duration::from_secs(6);

/// A run that does not end by itself.
fn endless(folder: &Path) -> Vec<String> {
    let data = tiny_data(&folder.join("data"));
    let recipe = write_recipe(folder, "training.checkpoint_every = 10000");
    let words = ["train", "--device", "cpu", "--json", "--steps", "100000", "--recipe", text(&recipe), "--data"];
    let words = words.into_iter().chain([data.argument(), "--out"]).map(str::to_owned);
    words.chain([text(&folder.join("runs")).to_owned()]).collect()
}

fn strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[test]
fn a_signal_that_is_ignored_from_the_start_stays_ignored() {
    let folder = TempDir::new().unwrap();
    let mut running = Running::start_ignoring("HUP INT", &strs(&endless(folder.path())));
    running.wait_for("\"step\":4,");
    running.signal("HUP");
    running.signal("INT");
    // More steps than lines of them fit into a pipe: they are taken after the signals.
    running.wait_for("\"step\":400,");
    running.signal("TERM");
    let ran = running.finish().ends_with(4);
    // At most: where the end is quicker than the words, they are left out.
    assert!(ran.err.matches("Saving a checkpoint").count() <= 1, "{}", ran.err);
    assert!(ran.err.contains("checkpoint saved at step"), "{}", ran.err);
}

#[test]
fn signals_that_come_at_once_are_one_and_a_checkpoint_is_saved() {
    let folder = TempDir::new().unwrap();
    let mut running = Running::start(&strs(&endless(folder.path())));
    running.wait_for("\"step\":4,");
    running.signal("TERM");
    running.signal("HUP");
    let ran = running.finish().ends_with(4);
    let run = only_run_in(&folder.path().join("runs"));
    assert!(ran.err.contains("checkpoint saved at step") && ran.err.contains(text(&run)), "{}", ran.err);
}

/// Scenes so large that the first few of them take long.
fn slow(folder: &Path) -> Running {
    let out = folder.join("scenes");
    let running =
        Running::start(&["dataset", "sample", "--out", text(&out), "--count", "8,0,0", "--size", "4096x2048"]);
    running.wait_until_it_listens();
    running
}

#[test]
fn work_that_asks_nobody_is_ended_soon_after_the_first_signal() {
    let folder = TempDir::new().unwrap();
    let running = slow(folder.path());
    let sent = Instant::now();
    running.interrupt();
    let ran = running.finish().ends_with(4);
    assert!(sent.elapsed() < SOON, "it took {:?}", sent.elapsed());
    assert!(ran.err.contains("Stopping; press Ctrl-C again"), "{}", ran.err);
}

#[test]
fn the_second_signal_ends_the_program_at_once() {
    let folder = TempDir::new().unwrap();
    let running = slow(folder.path());
    running.interrupt();
    std::thread::sleep(Duration::from_millis(600));
    running.interrupt();
    running.finish().ends_with(130);
}

#[test]
fn timing_steps_ends_at_the_first_signal() {
    let folder = TempDir::new().unwrap();
    let data = tiny_data(&folder.path().join("data"));
    let recipe = write_recipe(folder.path(), "");
    let words = ["bench", "--device", "cpu", "--steps", "900000", "--recipe", text(&recipe), "--data"];
    let mut running = Running::start(&[&words[..], &[data.argument()]].concat());
    running.wait_for_error("taking steps");
    let sent = Instant::now();
    running.interrupt();
    let ran = running.finish().ends_with(4);
    assert!(sent.elapsed() < SOON, "it took {:?}", sent.elapsed());
    assert!(ran.out.is_empty() && ran.err.contains("nothing was measured"), "{}", ran.err);
}

#[test]
fn a_layout_that_is_interrupted_is_written_as_it_stands() {
    let folder = TempDir::new().unwrap();
    let (points, out) = (folder.path().join("points.txt"), folder.path().join("places.csv"));
    let row = |row: u32| format!("{},{},{}\n", row % 7, row % 11, row % 13);
    std::fs::write(&points, (0..300).map(row).collect::<String>()).unwrap();
    let words = ["embed", "--points", text(&points), "--out", text(&out), "--iterations", "100000000"];
    let mut running = Running::start(&words);
    running.wait_for_error("t-SNE");
    running.interrupt();
    let ran = running.finish().ends_with(4);
    assert!(ran.err.contains("the layout as it stands is written"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), 301);
}

#[test]
fn a_reader_that_does_not_read_holds_up_no_end() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(&strs(&endless(folder.path())));
    running.wait_until_it_listens();
    let runs = folder.path().join("runs");
    let steps = || {
        let entry = std::fs::read_dir(&runs).ok()?.next()?.ok()?;
        Some(std::fs::read_to_string(entry.path().join("metrics.jsonl")).ok()?.lines().count())
    };
    // More steps than lines of them fit into a pipe.
    let began = Instant::now();
    while steps().is_none_or(|steps| steps < 500) {
        assert!(began.elapsed() < Duration::from_mins(2), "{:?} steps were taken", steps());
        std::thread::sleep(Duration::from_millis(20));
    }
    let sent = Instant::now();
    running.interrupt();
    let ran = running.finish_unread().ends_with(4);
    assert!(sent.elapsed() < SOON, "it took {:?}", sent.elapsed());
    assert!(ran.err.contains("Standard output is not read"), "{}", ran.err);
    assert!(ran.err.contains("checkpoint saved at step"), "{}", ran.err);
}
