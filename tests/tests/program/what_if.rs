//! What-ifs from the command line: a file, the pictures of what it changes, and a split with it.

use std::path::Path;

use serde_json::Value;

use crate::record::copy;
use crate::support::{HEIGHT, WIDTH, run, trained};

const FILE: &str = r#"
name = "a lame camera"
settings = { "exchange.channel.enabled" = false }

[sensors.colour]
degraded = { noise = 0.5 }
brush = [{ touch = "black", radius = 0.4, points = [[0.5, 0.5]] }]

[sensors.thermal]
absent = "zeros"
"#;

#[test]
fn a_what_if_of_a_file_is_seen_counted_and_kept_apart_from_evaluations() {
    let trained = trained();
    let file = trained.beside("what-if.toml");
    std::fs::write(&file, FILE).unwrap();
    let words = ["inspect", trained.run(), "--device", "cpu", "--what-if", &file];
    let listed = run(&[&words[..], &["--quiet"]].concat()).ends_with(0);
    let out = trained.beside("outcome.png");
    for name in ["before.fused", "outcome.fused"] {
        assert!(listed.out.lines().any(|line| line == name), "{name} is missing: {}", listed.out);
        run(&[&words[..], &["--view", name, "--out", &out]].concat()).ends_with(0);
        let picture = image::open(&out).unwrap();
        assert_eq!((picture.width(), picture.height()), (WIDTH, HEIGHT));
    }
    let line = run(&[&words[..], &["--view", "figures", "--json"]].concat()).ends_with(0).json_lines().pop().unwrap();
    let pixels: f64 = ["same", "turned_right", "turned_wrong", "other_wrong", "no_label"]
        .iter()
        .map(|word| line["figures"][format!("what-if.pixels.{word}")].as_f64().unwrap())
        .sum();
    assert_eq!(pixels, f64::from(WIDTH * HEIGHT));

    // Others look at what is in the run that all tests share.
    let own = trained.beside("a run of its own");
    copy(&trained.run, Path::new(&own));
    let read = |name: &str| std::fs::read_to_string(Path::new(&own).join(name)).ok();
    let evaluations = read("evaluation.json");
    let words = ["evaluate", &own, "--split", "val", "--device", "cpu", "--what-if", &file];
    let report: Value = run(&[&words[..], &["--json"]].concat()).ends_with(0).json_lines().pop().unwrap();
    assert_eq!(report["what_if"]["name"], "a lame camera", "{report}");
    assert_eq!(report["missing"], "zeros", "{report}");
    let told = run(&words).ends_with(0);
    assert!(told.out.contains("what if: noise 0.50 on colour, colour painted, thermal: zeros"), "{}", told.out);
    assert_eq!(read("evaluation.json"), evaluations);
    let kept = read("what-if.json").unwrap();
    assert_eq!(kept.matches("a lame camera").count(), 1, "the same is kept once");
    let folder = trained.beside("elsewhere");
    run(&[&words[..], &["--out", &folder]].concat()).ends_with(0);
    assert!(Path::new(&folder).join("what-if.json").is_file());
}

#[test]
fn a_what_if_that_cannot_be_is_refused_by_what_is_wrong() {
    let trained = trained();
    let file = trained.beside("wrong.toml");
    for (text, code, words) in [
        ("[sensors.colour]\nabsnet = \"zeros\"", 2, "absnet"),
        ("sensors.colour.degraded = { smoke = 0.5 }", 2, "smoke"),
        ("sensors.colour.degraded = { thermal-drift = 0.5 }", 2, "thermal"),
        ("sensors.sonar.shift = [1, 0]", 3, "`sonar`"),
        ("settings = { \"training.learning_rate\" = 0.1 }", 2, "training.learning_rate"),
        ("sensors.colour.scene = { split = \"val\", id = \"nowhere\" }", 2, "`nowhere`"),
    ] {
        std::fs::write(&file, text).unwrap();
        let words_of = ["inspect", trained.run(), "--device", "cpu", "--what-if", &file];
        let ran = run(&words_of).ends_with(code);
        assert!(ran.err.contains(words), "{text}: {}", ran.err);
    }
    let gone = trained.beside("gone.toml");
    let ran = run(&["inspect", trained.run(), "--device", "cpu", "--what-if", &gone]).ends_with(2);
    assert!(ran.err.contains("could not read the what-if"), "{}", ran.err);
}
