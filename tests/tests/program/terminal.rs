//! What reaches a terminal, a pipe and a file: nothing that a terminal obeys, no formula, every result or a failure,
//! and paths of any bytes.

use std::path::Path;
use std::time::{Duration, Instant};

use fusionscope_engine::fixtures::{Need, skip};
use serde_json::Value;
use tempfile::TempDir;

#[cfg(target_os = "linux")]
use crate::support::Mounted;
use crate::support::{
    Running, only_run_in, run, run_into, run_words, step_lines, text, tiny_data, trained, write_recipe,
};

/// What was said where standard output was closed before anything was written to it.
fn with_a_reader_that_has_gone(words: &[&str]) -> String {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    run_into(writer, words).ends_with(0).err
}

#[test]
fn what_a_terminal_obeys_in_names_never_reaches_it() {
    let folder = TempDir::new().unwrap();
    let data = tiny_data(&folder.path().join("data"));
    data.change(&[
        ("\"wall\", \"floor\"", r#""w\u001b[31mall", "fl\u009boor\u202e""#),
        ("\"tiny\"", r#""ti\u001b]0;x\u0007ny""#),
    ]);
    let mut files = vec![write_recipe(folder.path(), "")];
    if cfg!(target_os = "linux") {
        data.add_scene("test", "04\u{1b}[2J-day", 7);
        let odd = folder.path().join("r\u{1b}[1m.toml");
        std::fs::copy(&files[0], &odd).unwrap();
        files.push(odd);
    }
    let recipe = files.pop().unwrap();
    let said = |words: &[&str]| {
        let ran = run(words);
        let said = format!("{}{}", ran.out, ran.err);
        let obeyed = |letter: char| letter.is_control() && !"\n\t".contains(letter) || letter == '\u{202e}';
        assert!(!said.contains(obeyed), "{words:?}: {said:?}");
        said
    };
    let runs = folder.path().join("runs");
    let train = ["train", "--device", "cpu", "--recipe", text(&recipe), "--data", data.argument(), "--out"];
    let trained = said(&[&train[..], &[text(&runs)]].concat());
    assert!(trained.contains("w\\u{1b}[31mall") && trained.contains("fl\\u{9b}oor\\u{202e}"), "{trained}");
    let run_folder = only_run_in(&runs);
    let asked = [text(&run_folder), "--device", "cpu"];
    let out = folder.path().join("maps");
    let ask = |name: &str, more: &[&str]| said(&[&[name], &asked[..], more].concat());
    ask("evaluate", &["--split", "test"]);
    ask("inspect", &[]);
    ask("predict", &["--split", "test", "--out", text(&out)]);
    ask("evaluate", &["--split", "te\u{1b}[31mst"]);
    for words in [
        &["dataset", "check", data.argument()][..],
        &["dataset", "list", data.argument()],
        &["describe", text(&recipe)],
        &["recipes", text(&recipe)],
        &["train", "--recipe", "no\u{1b}[31mne.toml"],
        &["evaluate", "no\rne"],
        &["paint\u{1b}[31m"],
        &["train", "--device", "\u{9b}31m"],
    ] {
        said(words);
    }
    // As JSON the names are whole.
    let listed = said(&["dataset", "list", data.argument(), "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["classes"][0], "w\u{1b}[31mall");
    assert_eq!(listed["classes"][1], "fl\u{9b}oor\u{202e}");
}

#[test]
fn no_cell_of_a_table_is_a_formula() {
    let folder = TempDir::new().unwrap();
    let data = tiny_data(&folder.path().join("data"));
    data.change(&[
        ("name = \"tiny\"", "name = \"=1+1\""),
        ("name = \"night\"", "name = \"-night\""),
        ("\"wall\", \"floor\", \"walker\"", "\"@wall\", \"=SUM(1,2)\", \"-3\""),
    ]);
    let (recipe, runs) = (write_recipe(folder.path(), ""), folder.path().join("runs"));
    let words = ["train", "--device", "cpu", "--quiet", "--recipe", text(&recipe), "--data", data.argument()];
    run(&[&words[..], &["--out", text(&runs)]].concat()).ends_with(0);
    let run_folder = only_run_in(&runs);
    let asked = [text(&run_folder), "--device", "cpu", "--split", "test"];
    run(&[&["evaluate"], &asked[..]].concat()).ends_with(0);
    let table = std::fs::read_to_string(run_folder.join("evaluation.csv")).unwrap();
    assert!(table.lines().skip(1).all(|line| line.starts_with("'=1+1,test,")), "{table}");
    assert!(table.contains(",'-night,") && !table.contains(",-night"), "{table}");

    let out = folder.path().join("places.csv");
    let words = ["--features", "stage4", "--count", "90", "--method", "pca", "--out", text(&out)];
    run(&[&["embed"], &asked[..], &words[..]].concat()).ends_with(0);
    let table = std::fs::read_to_string(&out).unwrap();
    assert!(table.contains("'@wall") && table.contains("\"'=SUM(1,2)\""), "{table}");
    assert!(!table.contains(",@wall") && !table.contains(",=SUM"), "{table}");
    // Numbers are none, and negative ones stay what they are.
    let places = table.lines().skip(1).map(|line| line.split(',').next().unwrap().parse::<f32>().unwrap());
    assert!(places.clone().any(|x| x < 0.0) && places.clone().any(|x| x > 0.0), "{table}");
}

#[test]
fn a_run_whose_reader_leaves_goes_on_to_its_end() {
    let folder = TempDir::new().unwrap();
    let data = tiny_data(&folder.path().join("data"));
    let (recipe, runs) = (write_recipe(folder.path(), "training.steps = 30"), folder.path().join("runs"));
    let words = ["train", "--device", "cpu", "--json", "--recipe", text(&recipe), "--data", data.argument()];
    let mut running = Running::start(&[&words[..], &["--out", text(&runs)]].concat());
    running.wait_for("\"step\":2,");
    let ran = running.stop_reading().ends_with(0);
    assert_eq!(ran.err.matches("Standard output was closed").count(), 1, "{}", ran.err);
    let run_folder = only_run_in(&runs);
    assert_eq!(step_lines(&run_folder).len(), 33);
    assert!(run_folder.join("checkpoints/step-33").is_dir() && run_folder.join("evaluation.json").is_file());
}

#[test]
fn commands_without_a_reader_do_their_work_and_say_so_once() {
    let trained = trained();
    let (data, out) = (trained.data.argument(), trained.beside("unread"));
    for words in [
        &["--help"][..],
        &["recipes"],
        &["recipes", "ogp-net-demo"],
        &["describe", "ogp-net-demo"],
        &["devices"],
        &["dataset", "list", data],
        &["dataset", "check", data],
        &["evaluate", trained.run(), "--split", "test", "--device", "cpu", "--out", &out],
        &["predict", trained.run(), "--split", "test", "--device", "cpu", "--out", &out],
    ] {
        let said = with_a_reader_that_has_gone(words);
        assert_eq!(said.matches("Standard output was closed").count(), 1, "{words:?}: {said}");
    }
    for name in ["evaluation.json", "evaluation.csv", "predictions.jsonl", "00-day.png"] {
        assert!(Path::new(&out).join(name).metadata().unwrap().len() > 0, "{name}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_do_not_fit_on_a_disk_are_a_failure() {
    let trained = trained();
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let words = ["evaluate", trained.run(), "--split", "test", "--device", "cpu", "--out"];
    let unprinted = trained.beside("unprinted");
    let evaluate = [&words[..], &[&unprinted]].concat();
    for words in [
        &["--help"][..],
        &["--version"],
        &["recipes"],
        &["devices"],
        &["dataset", "list", trained.data.argument()],
        &evaluate,
    ] {
        let ran = run_into(full(), words).ends_with(1);
        let said = "error: could not write to standard output: No space left on device";
        assert_eq!(ran.err.matches(said).count(), 1, "{words:?}: {}", ran.err);
    }
    // The run itself is whole.
    let (recipe, runs) = (trained.beside("tiny.toml"), trained.beside("unprinted-runs"));
    let train = ["train", "--device", "cpu", "--recipe", &recipe, "--data", trained.data.argument(), "--out", &runs];
    run_into(full(), &train).ends_with(1);
    assert_eq!(step_lines(&only_run_in(Path::new(&runs))), step_lines(&trained.run));

    let points = trained.beside("points.txt");
    std::fs::write(&points, "1,2\n3,4\n5,6\n7,9\n").unwrap();
    let (out, asked) = (["--out", "/dev/full"], [trained.run(), "--device", "cpu"]);
    for words in [
        [&["inspect", "--view", "label"], &asked[..], &out].concat(),
        [&["inspect", "--view", "colour"], &asked[..], &out].concat(),
        [&["export", trained.run()], &out[..]].concat(),
        [&["embed", "--method", "pca", "--points", &points], &out[..]].concat(),
        [&["embed", "--features", "stage4", "--method", "pca"], &asked[..], &out].concat(),
    ] {
        let ran = run(&words).ends_with(1);
        assert!(ran.err.contains("No space left on device") && ran.err.contains("/dev/full"), "{words:?}: {}", ran.err);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn label_maps_that_do_not_fit_on_a_disk_are_a_failure() {
    let trained = trained();
    let folder = TempDir::new().unwrap();
    let disk = folder.path().join("disk");
    // Three pages: the list, one map, and another map that is half written.
    let test = "label_maps_that_do_not_fit_on_a_disk_are_a_failure";
    let Some(_mounted) = Mounted::tmpfs(&disk, "12k", test) else { return };
    let data = trained.data.argument();
    for words in [
        &["predict", trained.run(), "--device", "cpu", "--split", "test", "--out"][..],
        &["pseudo-label", trained.run(), "--device", "cpu", "--data", data, "--out"],
        &["dataset", "sample", "--count", "2,1,1", "--size", "64x48", "--out"],
    ] {
        let ran = run(&[words, &[text(&disk)]].concat()).ends_with(1);
        assert!(ran.err.contains("No space left on device") && ran.out.is_empty(), "{words:?}: {ran:?}");
        // What is there is whole.
        for entry in std::fs::read_dir(&disk).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                std::fs::remove_dir_all(&path).unwrap();
                continue;
            }
            if path.extension().is_some_and(|ending| ending == "png") {
                image::open(&path).unwrap();
            }
            std::fs::remove_file(&path).unwrap();
        }
    }
}

/// Only Linux has file names that are no text.
#[cfg(target_os = "linux")]
#[test]
fn paths_of_any_bytes_work_where_they_are_paths() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = TempDir::new().unwrap();
    let place = |name: &[u8]| folder.path().join(OsStr::from_bytes(name));
    let data = tiny_data(&place(b"data\xff"));
    let recipe = place(b"r\xfe.toml");
    std::fs::rename(write_recipe(folder.path(), ""), &recipe).unwrap();
    let (runs, maps, picture, packed) = (place(b"runs\xff"), place(b"m\xff"), place(b"p\xff.png"), place(b"w\xff"));
    let words = |words: &[&dyn AsRef<OsStr>], code: i32| {
        let words: Vec<&OsStr> = words.iter().map(|word| (*word).as_ref()).collect();
        run_words(&words).ends_with(code)
    };
    let json = words(
        &[&"train", &"--device", &"cpu", &"--json", &"--recipe", &recipe, &"--data", &data.path, &"--out", &runs],
        0,
    );
    let run_folder = only_run_in(&runs);
    // What is no text stands in JSON as bytes.
    let told = json.json_lines().pop().unwrap()["path"]["Unix"].as_array().unwrap().clone();
    let told: Vec<u8> = told.iter().map(|byte| byte.as_u64().unwrap() as u8).collect();
    assert_eq!(told, run_folder.as_os_str().as_bytes());
    // The run remembers its data.
    words(&[&"evaluate", &run_folder, &"--device", &"cpu", &"--split", &"test"], 0);
    words(&[&"predict", &run_folder, &"--device", &"cpu", &"--split", &"test", &"--out", &maps, &"--json"], 0);
    assert!(maps.join("00-day.png").is_file());
    let view: [&dyn AsRef<OsStr>; 8] =
        [&"inspect", &run_folder, &"--device", &"cpu", &"--json", &"--view", &"label", &"--out"];
    words(&[&view[..], &[&picture]].concat(), 0);
    words(&[&"export", &run_folder, &"--out", &packed], 0);
    words(&[&"evaluate", &packed, &"--device", &"cpu", &"--data", &data.path, &"--split", &"val"], 0);
    for more in [&[][..], &[&"--json" as &dyn AsRef<OsStr>]] {
        words(&[&[&"dataset" as &dyn AsRef<OsStr>, &"check", &data.path], more].concat(), 0);
        words(&[&[&"dataset" as &dyn AsRef<OsStr>, &"list", &data.path], more].concat(), 0);
    }
    words(&[&"recipes", &recipe], 0);
    words(&[&"describe", &recipe], 0);

    // An id is text: files whose names are none are not passed over in silence.
    let colour = data.path.join("test/colour");
    std::fs::copy(colour.join("00-day.png"), colour.join(OsStr::from_bytes(b"04\xff-day.png"))).unwrap();
    let checked = words(&[&"dataset", &"check", &data.path], 3);
    assert!(checked.out.contains("1 name is no text (not UTF-8)"), "{}", checked.out);

    // What must be text is asked for as text.
    let odd = OsStr::from_bytes(b"\xff");
    let refused = words(&[&"evaluate", &run_folder, &"--split", &odd], 2);
    assert!(refused.err.contains("UTF-8"), "{}", refused.err);
    let refused = words(&[&"train", &"--set", &OsStr::from_bytes(b"data.pseudo_labels=\xff")], 2);
    assert!(refused.err.contains("UTF-8"), "{}", refused.err);
    std::fs::write(place(b"w\xff.pth"), b"").unwrap();
    let refused = words(&[&"train", &"--recipe", &recipe, &"--pretrained", &place(b"w\xff.pth")], 2);
    assert!(refused.err.contains("--pretrained") && refused.err.contains("UTF-8"), "{}", refused.err);
}

#[test]
fn max_steps_ends_a_run_of_any_phase_and_it_goes_on_from_there() {
    let trained = trained();
    let recipe = trained.beside("tiny.toml");
    let words = ["train", "--device", "cpu", "--json", "--recipe", &recipe, "--data", trained.data.argument()];
    for limit in ["2", "6"] {
        let out = trained.beside(&format!("limit-{limit}"));
        let ran = run(&[&words[..], &["--max-steps", limit, "--out", &out]].concat()).ends_with(0);
        assert!(ran.err.contains(&format!("ended after {limit} of 8 steps")), "{}", ran.err);
        assert!(ran.err.contains("go on with: fusionscope train --resume"), "{}", ran.err);
        let run_folder = ran.run_folder();
        let taken: usize = limit.parse().unwrap();
        assert_eq!(step_lines(&run_folder), step_lines(&trained.run)[..taken]);
        assert!(run_folder.join(format!("checkpoints/step-{limit}")).is_dir());
        let resume = ["train", "--device", "cpu", "--json", "--resume", text(&run_folder)];
        let refused = run(&[&resume[..], &["--max-steps", limit]].concat()).ends_with(3);
        assert!(refused.err.contains("give a higher limit"), "{}", refused.err);
        let ran = run(&[&resume[..], &["--max-steps", "7"]].concat()).ends_with(0);
        assert!(ran.err.contains("ended after 7 of 8 steps"), "{}", ran.err);
        let ran = run(&resume).ends_with(0);
        assert!(!ran.err.contains("ended after"), "{}", ran.err);
        assert_eq!(step_lines(&run_folder), step_lines(&trained.run));
    }
    // A limit that is never reached changes nothing.
    let out = trained.beside("limit-100");
    let ran = run(&[&words[..], &["--max-steps", "100", "--out", &out]].concat()).ends_with(0);
    assert!(!ran.err.contains("ended after"), "{}", ran.err);
    run(&["train", "--max-steps", "0"]).ends_with(2);
}

#[test]
fn steps_are_said_to_be_the_students_where_a_run_has_others() {
    let trained = trained();
    let (recipe, out) = (trained.beside("tiny.toml"), trained.beside("steps"));
    let words = ["train", "--device", "cpu", "--recipe", &recipe, "--data", trained.data.argument(), "--out", &out];
    let ran = run(&[&words[..], &["--steps", "2"]].concat()).ends_with(0);
    assert!(ran.err.contains("2 of 5 steps are the student's") && ran.err.contains("--max-steps"), "{}", ran.err);
    let plain = run(&words).ends_with(0);
    assert!(!plain.err.contains("are the student's"), "{}", plain.err);
    assert!(!only_newest(Path::new(&out)).join("pictures").exists());
}

fn only_newest(runs: &Path) -> std::path::PathBuf {
    std::fs::read_dir(runs).unwrap().map(|entry| entry.unwrap().path()).max().unwrap()
}

#[test]
fn the_caret_of_a_wrong_recipe_stands_below_what_is_wrong() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("r.toml");
    for line in ["data.batch_size = 2 data.crop = 3", "\t\tdata.batch_size = 2 data.crop = 3"] {
        std::fs::write(&path, format!("version = 1\n{line}\n")).unwrap();
        let said = run(&["recipes", text(&path)]).ends_with(2).err;
        let lines: Vec<&str> = said.lines().collect();
        let shown = lines.iter().position(|line| line.starts_with("2 | ")).unwrap_or_else(|| panic!("{said}"));
        assert_eq!(lines[shown + 1].find('^'), lines[shown].rfind('='), "{said}");
        assert!(!lines[shown].contains('\t') && lines.last().unwrap().ends_with("r.toml"), "{said}");
    }
}

#[test]
fn one_thing_is_told_as_one() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("one");
    let made = run(&["dataset", "sample", "--count", "1,0,0", "--size", "48x32", "--out", text(&out)]).ends_with(0);
    assert!(made.out.starts_with("1 scene: "), "{}", made.out);
    let checked = run(&["dataset", "check", text(&out)]).out;
    assert!(checked.contains("split train: 1 sample,") && checked.contains(" in 1 file\n"), "{checked}");
}

#[test]
fn a_window_shows_the_views_that_exist_and_a_killed_run_without_waiting() {
    let folder = TempDir::new().unwrap();
    let data = tiny_data(&folder.path().join("data"));
    let recipe = write_recipe(folder.path(), "training.checkpoint_every = 4\ntraining.steps = 100000");
    let (runs, out) = (folder.path().join("runs"), folder.path().join("window.png"));
    let words = ["train", "--device", "cpu", "--json", "--recipe", text(&recipe), "--data", data.argument()];
    let mut running = Running::start(&[&words[..], &["--out", text(&runs)]].concat());
    // Killed between two checkpoints: the curves go on beyond the network.
    running.wait_for("\"step\":6,");
    running.kill();
    let run_folder = only_run_in(&runs);
    let words = ["screenshot", "--device", "cpu", "--data", data.argument(), "--out", text(&out), "--size", "960x600"];
    let shown = |more: &[&str]| run(&[&words[..], more].concat());
    let began = Instant::now();
    let ran = shown(&["--model", text(&run_folder)]);
    if ran.err.contains("no graphics adapter") {
        let name = "a_window_shows_the_views_that_exist_and_a_killed_run_without_waiting";
        skip(name, Need::Window, "a graphics adapter");
        return;
    }
    ran.ends_with(0);
    assert!(began.elapsed() < Duration::from_mins(1), "it took {:?}", began.elapsed());
    assert!(image::open(&out).is_ok());
    let refused = shown(&["--model", text(&run_folder), "--views", "fog"]).ends_with(2).err;
    assert!(refused.contains("there is no view `fog`") && refused.contains("uncertainty.entropy.fused"), "{refused}");
    shown(&["--model", text(&run_folder), "--views", "uncertainty.entropy.fused,loss.fused"]).ends_with(0);
    // The pictures of scenes and what is said of them are waited for.
    shown(&["--model", text(&run_folder), "--pane", "dataset"]).ends_with(0);
    let refused = shown(&["--model", "no-such-run"]).ends_with(3).err;
    assert!(refused.contains("no-such-run"), "{refused}");
    shown(&["--sample", "nobody"]).ends_with(2);

    // A run that does not name its data is no reason to wait for pictures of them.
    for environment in ["", "[]", "{\"data\": 5}"] {
        std::fs::write(run_folder.join("environment.json"), environment).unwrap();
        let began = Instant::now();
        let ran =
            run(&["screenshot", "--device", "cpu", "--model", text(&run_folder), "--out", text(&out)]).ends_with(3);
        assert!(ran.err.contains("data set could not be opened"), "{environment}: {}", ran.err);
        assert!(began.elapsed() < Duration::from_secs(30), "it took {:?}", began.elapsed());
    }
}
