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
    assert!(listed.out.contains("smmcl-table-5-demo"), "{}", listed.out);
    // Its runs fail, each with its reason, and the others go on.
    let path = study(&bench, "split = 'none'");
    let failed = run(&words(&path, &out)).ends_with(1);
    assert!(failed.err.contains("4 runs of the study failed") && failed.err.contains("none"), "{}", failed.err);
}

#[test]
fn what_papers_print_is_listed_and_printed_and_stands_beside_a_study_s_rows() {
    let listed = run(&["study", "published"]).ends_with(0);
    assert!(listed.out.lines().count() > 30 && listed.out.contains("ogp-net/table-5"), "{}", listed.out);
    let one = run(&["study", "published", "any2seg/table-3"]).ends_with(0);
    assert!(one.out.contains("25.25") && one.out.contains("Beware") && one.out.contains("page 10"), "{}", one.out);
    let json = run(&["study", "published", "ogp-net/table-5", "--json"]).ends_with(0);
    let value: serde_json::Value = serde_json::from_str(json.out.trim()).unwrap();
    assert_eq!(value["table"]["rows"][0]["values"][0]["text"], "69.97");
    let shown = run(&["study", "show", "ogp-net-table-5"]).ends_with(0);
    assert!(
        shown.out.contains("published = \"ogp-net/table-5\"") && shown.out.contains("data = \"MSRS\""),
        "{}",
        shown.out
    );
    let refused = run(&["study", "published", "ogp-net/table-9"]).ends_with(2);
    assert!(refused.err.contains("there are table-1"), "{}", refused.err);

    let bench = Bench::new("");
    let path = bench.beside("printed.toml");
    let rows = "[[rows]]\nname = 'full'\nprinted = 'OGP-Net'\n";
    let head = "title = 'Printed'\nbase = 'ogp-net-demo'\nseeds = 1\npublished = 'ogp-net/table-5'\n";
    std::fs::write(&path, format!("{head}{rows}")).unwrap();
    let table = run(&["study", "table", text(&path), "--out", text(&bench.beside("none"))]).ends_with(0);
    assert!(table.out.contains("70.0") && table.out.contains("Table 5, page 7"), "{}", table.out);
    std::fs::write(&path, format!("{head}{}", rows.replace("OGP-Net", "OGP"))).unwrap();
    let refused = run(&["study", "table", text(&path)]).ends_with(2);
    assert!(refused.err.contains("row `full`") && refused.err.contains("no row `OGP`"), "{}", refused.err);
}
