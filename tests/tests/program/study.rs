//! Studies: their runs, what is told of them, and what kills leave.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Bench, Ran, Running, run, text};

/// Two rows, two seeds, eight steps with the teacher's.
fn study(bench: &Bench, more: &str) -> PathBuf {
    let path = bench.beside("two.toml");
    let text = format!(
        "title = 'Two'\nbase = 'tiny.toml'\nseeds = [3, 5]\ndata = 'data'\nreference = 'without'\n{more}\n\
         figures = [{{}}, {{ sensors = ['thermal'], tag = 'night' }}]\n[[rows]]\nname = 'with exchange'\n\
         [[rows]]\nname = 'without'\nset = {{ exchange.channel = false, exchange.spatial = false }}\n"
    );
    std::fs::write(&path, text).unwrap();
    path
}

fn words<'a>(study: &'a Path, out: &'a Path) -> Vec<&'a str> {
    vec!["study", "run", text(study), "--out", text(out), "--device", "cpu", "--jobs", "2", "--json"]
}

fn table(study: &Path, out: &Path) -> Value {
    run(&["study", "table", text(study), "--out", text(out), "--json"]).ends_with(0).json_lines().remove(0)
}

/// The figures without the seconds, which differ.
fn figures(table: &Value) -> Vec<&Value> {
    table["rows"].as_array().unwrap().iter().map(|row| &row["cells"]).collect()
}

fn runs_below(out: &Path) -> usize {
    let places = ["with-exchange", "without"].iter().flat_map(|row| [3, 5].map(|seed| format!("{row}/seed-{seed}")));
    let is_run = |path: &Path| path.join("recipe.toml").is_file();
    places
        .filter_map(|place| std::fs::read_dir(out.join(place)).ok())
        .flat_map(|entries| entries.map(|entry| entry.unwrap().path()).filter(|path| is_run(path)).collect::<Vec<_>>())
        .count()
}

#[test]
fn a_study_trains_what_it_lacks_once_and_says_what_has_become_stale() {
    let bench = Bench::new("");
    let (path, out) = (study(&bench, ""), bench.beside("out"));
    let first: Ran = run(&words(&path, &out)).ends_with(0);
    let told = first.json_lines().pop().unwrap();
    assert_eq!(told["rows"].as_array().unwrap().len(), 2);
    assert_eq!(told["rows"][0]["seeds"], serde_json::json!([3, 5]));
    assert_eq!(told["rows"][0]["against"], "without");
    assert_eq!(told["rows"][0]["cells"][0]["difference"]["differences"]["count"], 2);
    assert!(told["rows"][1]["cells"][1]["summary"]["mean"].is_number(), "{told}");
    assert_eq!(runs_below(&out), 4);

    // Nothing is done twice.
    run(&words(&path, &out)).ends_with(0);
    assert_eq!(runs_below(&out), 4);
    assert_eq!(table(&path, &out), told);
    for format in ["text", "markdown", "latex", "csv"] {
        let shown = run(&["study", "table", text(&path), "--out", text(&out), "--format", format]).ends_with(0);
        assert!(shown.out.contains("with exchange") && shown.out.contains("mIoU"), "{}", shown.out);
    }

    // A longer budget makes all of it stale, and a new name lies elsewhere.
    let path = study(&bench, "steps = 6");
    let status = run(&["study", "status", text(&path), "--out", text(&out)]).ends_with(0);
    assert_eq!(status.out.matches("stale: it was trained with training.steps 5, asked for is 6").count(), 4);
    assert!(status.out.contains("0 of 4 runs are done"), "{}", status.out);
    run(&words(&path, &out)).ends_with(0);
    assert_eq!(runs_below(&out), 8);
}

#[test]
fn a_study_that_is_killed_gives_the_table_of_an_undisturbed_one() {
    let bench = Bench::new("training.steps = 40");
    let path = study(&bench, "");
    let (calm, killed) = (bench.beside("calm"), bench.beside("killed"));
    run(&words(&path, &calm)).ends_with(0);
    for wait in [0.4, 0.9, 1.6] {
        let running = Running::start(&words(&path, &killed));
        std::thread::sleep(std::time::Duration::from_secs_f64(wait));
        running.kill();
    }
    let running = Running::start(&words(&path, &killed));
    std::thread::sleep(std::time::Duration::from_secs(1));
    running.interrupt();
    let stopped = running.finish();
    assert!(matches!(stopped.code, Some(0 | 4)), "{} {}", stopped.out, stopped.err);
    run(&words(&path, &killed)).ends_with(0);
    let (calm, killed) = (table(&path, &calm), table(&path, &killed));
    assert_eq!(figures(&calm), figures(&killed));
    assert_eq!(killed["rows"][0]["seeds"], serde_json::json!([3, 5]));
}

#[test]
fn a_study_that_cannot_be_is_refused_before_anything_is_trained() {
    let bench = Bench::new("");
    let out = bench.beside("out");
    let path = study(&bench, "steps = 6\nset = { encoder.famly = 'nano' }");
    let refused = run(&words(&path, &out)).ends_with(2);
    assert!(refused.err.contains("row `with exchange`") && refused.err.contains("encoder.famly"), "{}", refused.err);
    assert!(!out.exists());
    let listed = run(&["study", "list"]).ends_with(0);
    assert!(listed.out.contains("smmcl-contrast"), "{}", listed.out);
    // Its runs fail, each with its reason, and the others go on.
    let path = study(&bench, "split = 'none'");
    let failed = run(&words(&path, &out)).ends_with(1);
    assert!(failed.err.contains("4 runs of the study failed") && failed.err.contains("none"), "{}", failed.err);
}

#[test]
fn a_study_of_one_seed_tells_intervals_over_scenes_and_draws_them() {
    let bench = Bench::new("");
    let (path, out) = (study(&bench, "").with_file_name("one.toml"), bench.beside("out"));
    let two = std::fs::read_to_string(bench.beside("two.toml")).unwrap();
    std::fs::write(&path, two.replace("[3, 5]", "[3]")).unwrap();
    let told = run(&words(&path, &out)).ends_with(0).json_lines().pop().unwrap();
    let cell = |table: &Value| table["rows"][0]["cells"][0].clone();
    let scenes = cell(&told)["over_scenes"]["scenes"].as_u64().unwrap();
    assert!(scenes > 1 && cell(&told)["difference"]["half_width"].is_null(), "{told}");
    assert!(told["rows"][0]["cost"]["multiply_adds"].as_u64().unwrap() > 1000, "{told}");
    if cfg!(target_os = "linux") {
        assert!(told["rows"][0]["peak_bytes"]["mean"].as_f64().unwrap() > 1e6, "{told}");
    }
    assert_eq!(figures(&told), figures(&table(&path, &out)), "the same scenes are drawn again");

    let draw = |file: &Path| run(&["study", "table", text(&path), "--out", text(&out), "--picture", text(file)]);
    let (svg, png) = (bench.beside("differences.svg"), bench.beside("differences.png"));
    draw(&svg).ends_with(0);
    draw(&png).ends_with(0);
    let drawn = std::fs::read_to_string(&svg).unwrap();
    assert!(drawn.starts_with("<svg") && drawn.contains("with exchange") && drawn.contains("by the bootstrap"));
    let pixels = image::open(&png).unwrap().into_rgb8();
    assert!(pixels.width() > 400 && pixels.pixels().any(|pixel| pixel.0 == [0x6b, 0x73, 0x7d]), "the line of zero");
    assert!(draw(&bench.beside("differences.pdf")).ends_with(2).err.contains(".svg or .png"));

    // A run of an older program keeps no counts, and is told so until it is scored again.
    let place = out.join("without/seed-3");
    let runs = std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path());
    let old = runs.into_iter().find(|path| path.join("recipe.toml").is_file()).unwrap();
    std::fs::remove_dir_all(old.join("scenes")).unwrap();
    let lacking = table(&path, &out);
    assert!(cell(&lacking)["over_scenes"].is_null());
    assert!(lacking["warnings"].to_string().contains("fusionscope evaluate RUN --split test"), "{lacking}");
    run(&["evaluate", text(&old), "--split", "test", "--device", "cpu", "--quiet"]).ends_with(0);
    assert_eq!(figures(&told), figures(&table(&path, &out)));
}
