//! Pinned scenes from the command line: kept while a run trains, seen again at each step, and no part of the run.

use std::path::Path;

use crate::record::copy;
use crate::support::{Bench, HEIGHT, Ran, Trained, WIDTH, resume_words, run, step_lines, text, trained};

/// Trains as the run that tests share was trained, with further words.
fn train(trained: &Trained, out: &str, words: &[&str]) -> Ran {
    let recipe = trained.beside("tiny.toml");
    let own =
        ["train", "--device", "cpu", "--json", "--recipe", &recipe, "--data", trained.data.argument(), "--out", out];
    run(&[&own[..], words].concat())
}

#[test]
fn a_pinned_scene_is_kept_step_by_step_seen_again_at_each_and_changes_nothing_about_the_run() {
    let trained = trained();
    let view = "uncertainty.entropy.fused";
    let words = ["--pin", "01-night", "--pin-every", "4", "--pin-views", view];
    let ran = train(trained, &trained.beside("pinned"), &words).ends_with(0);
    let folder = ran.run_folder();
    assert_eq!(step_lines(&folder), step_lines(&trained.run));
    let album = ran.json_lines().into_iter().rfind(|line| line["event"] == "album").unwrap();
    // Steps 0, 4 and 8, which is the last one.
    assert_eq!((&album["scenes"][0]["pages"], &album["scenes"][0]["newest"]), (&3.into(), &8.into()), "{album}");
    assert_eq!(album["scenes"][0]["split"], "val", "one that is not trained on");
    assert!(!trained.run.join("album").exists(), "nothing was pinned there");

    let folder = folder.to_str().unwrap();
    let out = trained.beside("page.png");
    let inspect = ["inspect", folder, "--device", "cpu", "--split", "val", "--sample", "01-night"];
    let picture = |words: &[&str]| {
        run(&[&inspect[..], words, &["--out", &out]].concat()).ends_with(0);
        image::open(&out).unwrap().to_rgb8()
    };
    let last = picture(&["--at", "8", "--view", "prediction.fused"]);
    assert_eq!(last.dimensions(), (WIDTH, HEIGHT));
    assert_eq!(last, picture(&["--view", "prediction.fused"]), "the last page is the network as it stands");
    assert_eq!(picture(&["--at", "8", "--view", view]), picture(&["--view", view]));
    picture(&["--at", "8", "--since", "4", "--view", "outcome.fused"]);
    let figures = ["--at", "8", "--since", "4", "--view", "figures", "--json"];
    let line = run(&[&inspect[..], &figures].concat()).ends_with(0).json_lines().pop().unwrap();
    let pixels: f64 = ["same", "turned_right", "turned_wrong", "other_wrong", "no_label"]
        .iter()
        .map(|word| line["figures"][format!("since.pixels.{word}")].as_f64().unwrap())
        .sum();
    assert_eq!(pixels, f64::from(WIDTH * HEIGHT));
    let lacking =
        run(&[&inspect[..], &["--at", "5", "--view", "prediction.fused", "--out", &out]].concat()).ends_with(3);
    assert!(lacking.err.contains("step 5 of `01-night`") && lacking.err.contains("0, 4, 8"), "{}", lacking.err);
}

#[test]
fn what_cannot_be_pinned_is_refused_before_the_run_begins() {
    let trained = trained();
    let out = trained.beside("refused");
    let ran = train(trained, &out, &["--pin", "nowhere"]).ends_with(2);
    assert!(ran.err.contains("no scene `nowhere`"), "{}", ran.err);
    train(trained, &out, &["--pin-every", "3"]).ends_with(2);
    assert!(!Path::new(&out).exists() || std::fs::read_dir(&out).unwrap().next().is_none(), "no run has begun");
}

#[test]
fn a_damaged_page_is_named_and_left_and_a_run_goes_on_without_it() {
    let bench = Bench::new("training.checkpoint_every = 2\ntraining.steps = 5");
    let runs = bench.beside("runs");
    let words = bench.words(&runs);
    let words = words.iter().map(String::as_str).chain(["--pin", "00-day", "--pin-every", "1", "--max-steps", "6"]);
    let folder = run(&words.collect::<Vec<_>>()).ends_with(0).run_folder();
    let page = |step: u64| {
        let pages = std::fs::read_dir(folder.join("album")).unwrap().map(|entry| entry.unwrap().path());
        let ending = format!("-step-{step}.page");
        pages.into_iter().find(|path| path.to_string_lossy().ends_with(&ending)).unwrap()
    };
    let damaged = page(3);
    let mut bytes = std::fs::read(&damaged).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&damaged, &bytes).unwrap();
    // What a kill leaves behind its checkpoint.
    let later = damaged.to_string_lossy().replace("-step-3.", "-step-7.");
    std::fs::copy(&damaged, &later).unwrap();
    let killed = bench.beside("killed");
    copy(&folder, &killed);
    let ran = run(&resume_words(&killed)).ends_with(0);
    let left = killed.join("album").join(damaged.file_name().unwrap());
    assert_eq!(std::fs::read(&left).unwrap(), bytes, "{}", ran.err);
    assert!(!killed.join("album").join(Path::new(&later).file_name().unwrap()).exists(), "undone: {}", ran.err);
    let out = bench.beside("page.png");
    let at = |step: &str| {
        let words = ["inspect", text(&killed), "--device", "cpu", "--split", "val", "--sample", "00-day", "--at", step];
        run(&[&words[..], &["--view", "label", "--out", text(&out)]].concat())
    };
    let refused = at("3").ends_with(3);
    assert!(refused.err.contains("Damaged page") && refused.err.contains("-step-3.page"), "{}", refused.err);
    at("2").ends_with(0);
}
