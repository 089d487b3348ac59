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
    let first: Ran = run(&[&words(&path, &out)[..], &["--tensorboard"]].concat()).ends_with(0);
    let told = first.json_lines().pop().unwrap();
    assert_eq!(told["rows"].as_array().unwrap().len(), 2);
    assert_eq!(told["rows"][0]["seeds"], serde_json::json!([3, 5]));
    assert_eq!(told["rows"][0]["against"], "without");
    assert_eq!(told["rows"][0]["cells"][0]["difference"]["differences"]["count"], 2);
    assert!(told["rows"][1]["cells"][1]["summary"]["mean"].is_number(), "{told}");
    assert_eq!(runs_below(&out), 4);
    let of_run = |path: PathBuf| std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let [run_folder] = &of_run(out.join("without/seed-3")).filter(|path| path.is_dir()).collect::<Vec<_>>()[..] else {
        panic!("one run")
    };
    let is_events = |path: PathBuf| path.file_name().is_some_and(|name| text(name.as_ref()).contains("tfevents"));
    assert!(of_run(run_folder.clone()).any(is_events), "TensorBoard has something to read");

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

/// A study whose rows take from each other: a hidden encoder, one from a single seed, and a teacher.
fn shared(bench: &Bench, more: &str) -> PathBuf {
    let path = bench.beside("shared.toml");
    let text = format!(
        "title = 'Shared'\nbase = 'tiny.toml'\nseeds = [3, 5]\ndata = 'data'\nreference = 'own teacher'\n\
         [[rows]]\nname = 'shared teacher'\n\
         set = {{ teacher.run = {{ row = 'own teacher' }}, encoder.pretrained = {{ row = 'before' }} }}\n\
         [[rows]]\nname = 'own teacher'\n\
         [[rows]]\nname = 'before'\nshown = false\nseed = 1\n{more}"
    );
    std::fs::write(&path, text).unwrap();
    path
}

/// The run folders of a job, oldest first.
fn runs_of(out: &Path, job: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(out.join(job)).into_iter().flatten();
    let mut runs: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    runs.retain(|path| path.join("recipe.toml").is_file());
    runs.sort();
    runs
}

/// A setting of a run's recipe, as it is written.
fn setting_of(run: &Path, key: &str) -> String {
    let recipe = std::fs::read_to_string(run.join("recipe.toml")).unwrap();
    let line = recipe.lines().find_map(|line| line.strip_prefix(key)?.trim().strip_prefix('='));
    line.unwrap().trim().trim_matches('"').to_owned()
}

#[test]
fn what_other_rows_need_is_made_once_and_shared_and_stale_with_its_source() {
    let bench = Bench::new("");
    let labels = "[[rows]]\nname = 'labels'\n\
                  set.data.pseudo_labels = { row = 'own teacher', sensor = 'thermal', min_confidence = 0.1 }\n";
    let (path, out) = (shared(&bench, labels), bench.beside("out"));
    let alone = run(&[&words(&path, &out)[..], &["--only", "shared teacher/3"]].concat()).ends_with(1);
    assert!(alone.err.contains("is needed and not done"), "{}", alone.err);
    let told = run(&words(&path, &out)).ends_with(0).json_lines().pop().unwrap();
    let names: Vec<&str> = told["rows"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["shared teacher", "own teacher", "labels"]);
    let counts = ["shared-teacher/seed-3", "own-teacher/seed-5", "before/seed-1", "before/seed-3", "labels/seed-5"];
    assert_eq!(counts.map(|job| runs_of(&out, job).len()), [1, 1, 1, 0, 1]);
    let (before, own) = (runs_of(&out, "before/seed-1").remove(0), runs_of(&out, "own-teacher/seed-5").remove(0));
    let taker = runs_of(&out, "shared-teacher/seed-5").remove(0);
    assert_eq!(setting_of(&taker, "teacher.run"), text(&own));
    let encoder = PathBuf::from(setting_of(&taker, "encoder.pretrained"));
    assert_eq!(encoder.parent(), before.parent());
    // Without a teacher's phase of its own it takes the student's steps alone.
    let steps = |run: &Path| std::fs::read_to_string(run.join("metrics.jsonl")).unwrap().lines().count();
    assert_eq!((steps(&taker), steps(&own)), (5, 8));
    let labels = PathBuf::from(setting_of(&runs_of(&out, "labels/seed-5")[0], "data.pseudo_labels"));
    assert_eq!(labels.parent(), own.parent());
    assert!(labels.join("pseudo-labels.json").is_file(), "{}", labels.display());

    // What is missing is made again, and nothing is trained for it.
    std::fs::remove_file(&encoder).unwrap();
    run(&words(&path, &out)).ends_with(0);
    assert!(encoder.is_file());
    assert_eq!(counts.map(|job| runs_of(&out, job).len()), [1, 1, 1, 0, 1]);
    let status = || run(&["study", "status", text(&path), "--out", text(&out)]).ends_with(0).out;
    assert!(status().contains("7 of 7 runs are done"), "{}", status());

    // So is a source of another build where that is asked, and what takes from it.
    let environment = before.join("environment.json");
    let mut other: Value = serde_json::from_slice(&std::fs::read(&environment).unwrap()).unwrap();
    other["build"] = Value::from("00c0ffee00c0ffee");
    std::fs::write(&environment, other.to_string()).unwrap();
    run(&[&words(&path, &out)[..], &["--retrain"]].concat()).ends_with(0);
    assert_eq!(counts.map(|job| runs_of(&out, job).len()), [2, 1, 2, 0, 1]);
    assert!(status().contains("7 of 7 runs are done"), "{}", status());

    // Another source makes stale what was taken from it, and that alone.
    let changed =
        std::fs::read_to_string(&path).unwrap().replace("seed = 1\n", "seed = 1\nset = { data.flip = 0.0 }\n");
    std::fs::write(&path, changed).unwrap();
    let said = status();
    assert_eq!(
        said.matches("stale: `encoder.pretrained` is taken from before, seed 1, which is stale").count(),
        2,
        "{said}"
    );
    assert!(said.contains("4 of 7 runs are done"), "{said}");
    run(&words(&path, &out)).ends_with(0);
    assert_eq!(counts.map(|job| runs_of(&out, job).len()), [3, 1, 3, 0, 1]);
    assert!(status().contains("7 of 7 runs are done"), "{}", status());
}

#[test]
fn runs_of_another_build_are_kept_and_said_and_trained_anew_where_that_is_asked() {
    let bench = Bench::new("");
    let (path, out) = (study(&bench, ""), bench.beside("out"));
    run(&words(&path, &out)).ends_with(0);
    let other = runs_of(&out, "without/seed-5").remove(0).join("environment.json");
    let mut environment: Value = serde_json::from_slice(&std::fs::read(&other).unwrap()).unwrap();
    assert_eq!(environment["build"].as_str().map(str::len), Some(16), "{environment}");
    environment["build"] = Value::from("00c0ffee00c0ffee");
    std::fs::write(&other, environment.to_string()).unwrap();

    let status = run(&["study", "status", text(&path), "--out", text(&out)]).ends_with(0).out;
    let line = status.lines().find(|line| line.contains("without, seed 5")).unwrap();
    assert!(line.contains("done") && line.contains("build 00c0ffee00c0ffee"), "{status}");
    assert_eq!(status.matches("made by").count(), 1, "{status}");
    let shown = run(&["study", "table", text(&path), "--out", text(&out)]).ends_with(0).out;
    assert!(shown.contains("not of one program") && shown.contains("(without from 5)"), "{shown}");
    let loud: Vec<&str> = words(&path, &out).into_iter().filter(|word| *word != "--json").collect();
    let kept = run(&loud).ends_with(0);
    assert!(kept.err.contains("1 run was made by another build") && kept.err.contains("--retrain"), "{}", kept.err);
    assert_eq!(runs_below(&out), 4);
    let before = figures(&table(&path, &out)).into_iter().cloned().collect::<Vec<_>>();
    run(&[&words(&path, &out)[..], &["--retrain"]].concat()).ends_with(0);
    assert_eq!((runs_below(&out), runs_of(&out, "without/seed-5").len()), (5, 2));
    assert_eq!(figures(&table(&path, &out)), before.iter().collect::<Vec<_>>());
    run(&[&words(&path, &out)[..], &["--retrain"]].concat()).ends_with(0);
    assert_eq!(runs_below(&out), 5, "what this build has made is not made again");
}

#[test]
fn seconds_become_steps_once_a_row_and_hold_for_all_seeds() {
    let bench = Bench::new("");
    let (path, out) = (study(&bench, "seconds = 0.4"), bench.beside("out"));
    let told = run(&words(&path, &out)).ends_with(0).json_lines().pop().unwrap();
    let budget: Value = serde_json::from_slice(&std::fs::read(out.join("budgets/without.json")).unwrap()).unwrap();
    let steps = |phase: &str| budget["steps"][phase].as_u64().unwrap();
    let secs = |phase: &str| budget["secs_a_step"][phase].as_f64().unwrap();
    let all = steps("teacher") as f64 * secs("teacher") + steps("student") as f64 * secs("student");
    // Whole steps, and one of each phase on the slowest machine.
    assert!(all <= 0.4 || steps("teacher") == 1, "{budget}");
    assert!(secs("student") > 0.0 && steps("adaptation") == 0, "{budget}");
    for seed in ["without/seed-3", "without/seed-5"] {
        let run = runs_of(&out, seed).remove(0);
        assert_eq!(setting_of(&run, "training.steps"), steps("student").to_string());
        assert_eq!(setting_of(&run, "teacher.steps"), steps("teacher").to_string());
    }
    run(&words(&path, &out)).ends_with(0);
    assert_eq!((runs_below(&out), &table(&path, &out)), (4, &told));
    let status = run(&["study", "status", text(&path), "--out", text(&out)]).ends_with(0).out;
    let words_of_both = format!("without: 0.4 seconds come to {} step", steps("teacher") + steps("student"));
    assert!(status.contains(&words_of_both), "{status}");
    let refused = study(&bench, "seconds = 1\nsteps = 6");
    let refused = run(&words(&refused, &out)).ends_with(2);
    assert!(refused.err.contains("`seconds`") && refused.err.contains("`steps`"), "{}", refused.err);
}

/// A table's text without what takes another time whenever it is done.
#[cfg(unix)]
fn without_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| !["secs", "memory", "bytes"].iter().any(|word| key.contains(word)));
            fields.values_mut().for_each(without_times);
        }
        Value::Array(values) => values.iter_mut().for_each(without_times),
        _ => {}
    }
}

#[cfg(unix)]
#[test]
fn ten_kills_at_random_moments_leave_no_trace_in_the_table() {
    let bench = Bench::new("training.steps = 300");
    let path = shared(&bench, "");
    let (calm, killed) = (bench.beside("calm"), bench.beside("killed"));
    run(&words(&path, &calm)).ends_with(0);
    let (mut state, mut hits) = (14_u64, 0);
    // One that had not begun, or had ended by itself, was not killed.
    for _ in 0..40 {
        if hits == 10 {
            break;
        }
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (state >> 33) as f64 / f64::from(1_u32 << 31);
        let running = Running::start_group(&words(&path, &killed));
        std::thread::sleep(std::time::Duration::from_secs_f64(0.1 + 0.5 * share));
        hits += u32::from(running.kill_group());
    }
    assert_eq!(hits, 10, "kills that found it at work");
    run(&words(&path, &killed)).ends_with(0);
    let texts = [&calm, &killed].map(|out| {
        let mut json = table(&path, out);
        without_times(&mut json);
        let words = ["study", "table", text(&path), "--out", text(out), "--format", "csv"];
        let csv = run(&words).ends_with(0).out;
        // Seconds, memory and what is supposed are the last three columns.
        let figures = csv.lines().map(|line| line.rsplitn(4, ',').nth(3).unwrap().to_owned());
        assert!(csv.lines().next().unwrap().ends_with(",training seconds,peak bytes,what if"), "{csv}");
        (json.to_string(), figures.collect::<Vec<_>>().join("\n"))
    });
    assert!(texts[0].0.contains("shared teacher") && texts[0].1.contains("own teacher"), "{texts:?}");
    assert_eq!(texts[0], texts[1]);
}

#[test]
fn a_study_that_another_program_asks_to_stop_keeps_checkpoints_and_goes_on_later() {
    let bench = Bench::new("training.steps = 4000");
    let (path, out) = (study(&bench, ""), bench.beside("out"));
    let place = ["--out", text(&out)];
    let refused = run(&[&["study", "stop", text(&path)][..], &place].concat()).ends_with(1);
    assert!(refused.err.contains("nothing carries out two"), "{}", refused.err);
    let mut running = Running::start(&words(&path, &out));
    let first = running.wait_for("\n");
    assert!(first.contains(r#""event":"began""#) && first.contains(r#""seed":3"#), "{first}");
    let status = || run(&[&["study", "status", text(&path)][..], &place].concat()).ends_with(0).out;
    let began = std::time::Instant::now();
    while !status().contains("unfinished: step") {
        assert!(began.elapsed().as_secs() < 60, "no run begins: {}", status());
    }
    run(&[&["study", "stop", text(&path)][..], &place].concat()).ends_with(0);
    let stopped = running.finish();
    assert_eq!(stopped.code, Some(4), "{} {}", stopped.out, stopped.err);
    assert!(stopped.json_lines().last().unwrap()["rows"].is_array(), "the table comes last");
    assert!(!out.join(".study.stop").exists(), "the request was heard");
    assert!(status().contains("unfinished: step"), "{}", status());
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
    // So is what the data set or the files make impossible, also where the runs would be a cluster's.
    let (nowhere, data) = (bench.beside("nowhere.pth"), text(&bench.data.path));
    let weights = |file: &Path| format!("set = {{ encoder.pretrained = '{}' }}", text(file));
    for (more, said) in [
        ("split = 'none'".to_owned(), ["row `with exchange`", "`none`", "train, val, test", data]),
        ("set = { sensors.use = ['colour', 'sonar'] }".to_owned(), ["row `with exchange`", "`sonar`", "thermal", data]),
        (weights(&nowhere), ["row `with exchange`", "`encoder.pretrained`", "found no file", text(&nowhere)]),
    ] {
        let path = study(&bench, &more);
        for handed in [Vec::new(), vec!["--submit", "slurm"]] {
            let refused = run(&[words(&path, &out), handed].concat()).ends_with(2);
            assert!(said.iter().all(|words| refused.err.contains(words)), "{said:?}: {}", refused.err);
        }
    }
    let path = study(&bench, "");
    let figure = std::fs::read_to_string(&path).unwrap().replace("[{}, ", "[{ metric = 'iou:unicorn' }, ");
    std::fs::write(&path, figure).unwrap();
    let refused = run(&words(&path, &out)).ends_with(2);
    let said = ["figure `IoU unicorn`", "no class `unicorn`; there are", data];
    assert!(said.iter().all(|words| refused.err.contains(words)), "{}", refused.err);
    assert!(!out.join("recipes").exists() && runs_below(&out) == 0, "nothing has begun");
}

#[test]
fn runs_that_fail_are_told_each_with_its_reason() {
    let bench = Bench::new("");
    let (out, file) = (bench.beside("out"), bench.beside("no-weights.pth"));
    std::fs::write(&file, "no weights").unwrap();
    let path = study(&bench, &format!("set = {{ encoder.pretrained = '{}' }}", text(&file)));
    let failed = run(&words(&path, &out)).ends_with(1);
    assert!(failed.err.contains("4 runs of the study failed") && failed.err.contains(text(&file)), "{}", failed.err);
    let told = failed.json_lines();
    assert_eq!(told.iter().filter(|line| line["event"] == "failed").count(), 4, "{told:?}");
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
    assert!(draw(&bench.beside("differences.gif")).ends_with(2).err.contains(".svg, .png or .pdf"));

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
