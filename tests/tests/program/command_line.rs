//! The command line: what each subcommand says, writes and ends with.

use std::path::{Path, PathBuf};

use fusionscope_engine::fixtures::{Need, skip};
use fusionscope_engine::protocol::{FIGURES, ViewKind};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{
    HEIGHT, Running, Trained, WIDTH, program, run, step_lines, text, tiny_data, trained, write_recipe,
};

fn events<'a>(lines: &'a [Value], event: &'a str) -> impl Iterator<Item = &'a Value> {
    lines.iter().filter(move |line| line["event"] == event)
}

#[test]
fn help_lists_every_subcommand_and_the_exit_codes() {
    let ran = run(&["--help"]).ends_with(0);
    for word in [
        "train",
        "evaluate",
        "robustness",
        "predict",
        "pseudo-label",
        "inspect",
        "figure",
        "dataset",
        "devices",
        "recipes",
        "screenshot",
        "export",
        "embed",
        "Exit codes",
    ] {
        assert!(ran.out.contains(word), "{word} is missing: {}", ran.out);
    }
}

#[test]
fn a_wrong_command_line_is_a_matter_of_usage() {
    for words in [
        &["paint"][..],
        &["train", "--set"],
        &["train", "--device", "tpu"],
        &["train", "--steps", "-3"],
        &["train", "--steps", "3", "--epochs", "3"],
        &["train", "--resume", "somewhere", "--seed", "1"],
        &["screenshot", "--out", "x.png", "--size", "0x4"],
        &["evaluate"],
    ] {
        let ran = run(words).ends_with(2);
        assert!(ran.out.is_empty() && ran.err.starts_with("error: "), "{words:?}: {}", ran.err);
    }
}

#[test]
fn a_run_that_has_taken_all_of_its_steps_is_not_resumed() {
    let ran = run(&["train", "--device", "cpu", "--resume", text(&trained().run)]).ends_with(3);
    assert!(ran.err.contains("there is nothing left to train"), "{}", ran.err);
}

/// Cargo writes down which sources a program is made of.
#[test]
fn the_program_under_test_is_as_new_as_its_sources() {
    let changed = |path: &Path| std::fs::metadata(path).and_then(|found| found.modified()).unwrap();
    let built = changed(program());
    let listed = std::fs::read_to_string(program().with_extension("d")).unwrap();
    let (_, sources) = listed.lines().next().unwrap().split_once(": ").unwrap();
    let sources = sources.replace("\\ ", "\0");
    let sources: Vec<PathBuf> = sources.split(' ').map(|path| PathBuf::from(path.replace('\0', " "))).collect();
    assert!(sources.iter().any(|path| path.ends_with("src/main.rs")) && sources.len() > 300, "{listed}");
    let newer: Vec<&PathBuf> = sources.iter().filter(|path| changed(path) > built).collect();
    assert!(newer.is_empty(), "{} is older than {newer:?}", program().display());
}

#[test]
fn devices_are_listed_without_a_word_from_the_drivers() {
    let ran = run(&["devices"]).ends_with(0);
    assert!(ran.out.starts_with("cpu") && ran.err.is_empty(), "{}", ran.err);
}

#[test]
fn a_picture_that_no_adapter_draws_is_a_matter_of_usage() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("window.png");
    let ran = run(&["screenshot", "--size", "16000x16000", "--out", out.to_str().unwrap()]);
    if ran.err.contains("no graphics adapter") {
        skip("a_picture_that_no_adapter_draws_is_a_matter_of_usage", Need::Window, "a graphics adapter");
        return;
    }
    let ran = ran.ends_with(2);
    assert!(ran.err.contains("16000x16000") && ran.err.contains("pixels a side"), "{}", ran.err);
    assert!(!out.exists());
}

#[test]
fn recipes_are_listed_and_printed_with_every_setting() {
    let list = run(&["recipes"]).ends_with(0).out;
    assert!(list.contains("ogp-net-demo") && list.contains("baseline"), "{list}");
    let whole = run(&["recipes", "ogp-net", "--set", "exchange.channel=off"]).ends_with(0).out;
    assert!(whole.contains("exchange.channel.enabled = false"), "{whole}");
    assert!(whole.contains("encoder.family = \"efficientnet-b3\""), "{whole}");
    assert!(whole.contains("# Channel exchange, variant: paper\n"), "{whole}");
    let code = run(&["recipes", "ogp-net", "--set", "exchange.channel.variant=code"]).ends_with(0).out;
    assert!(code.contains("# Channel exchange, variant: code\n"), "{code}");
    assert!(code.contains("exchange.channel.sparsity = 0.0002"), "{code}");
    let refused = run(&["recipes", "ogp-net", "--set", "exchange.channel.variant=mine"]).ends_with(2).err;
    assert!(refused.contains("one of paper, code"), "{refused}");
    let refused = run(&["recipes", "ogp-net", "--set", "encoder.famly=nano"]).ends_with(2).err;
    assert!(refused.contains("encoder.famly") && refused.contains("encoder.family"), "{refused}");
}

#[test]
fn devices_name_the_cpu() {
    let devices = run(&["devices", "--json"]).ends_with(0).json_lines();
    assert!(devices.iter().any(|device| device["choice"] == "cpu"), "{devices:?}");
}

#[test]
fn a_good_data_set_passes_its_check() {
    let folder = TempDir::new().unwrap();
    let data = tiny_data(folder.path());
    let ran = run(&["dataset", "check", data.argument()]).ends_with(0);
    for words in ["split train: 4 samples", "48 × 32", "walker", "night 2", "0 errors"] {
        assert!(ran.out.contains(words), "{words} is missing: {}", ran.out);
    }
    let report = &run(&["dataset", "check", data.argument(), "--json"]).ends_with(0).json_lines()[0];
    assert_eq!(report["problems"].as_array().unwrap().len(), 0, "{report}");
}

#[test]
fn what_a_data_set_proposes_is_shown_and_its_manifest_is_printed_as_it_reads() {
    let folder = TempDir::new().unwrap();
    let data = tiny_data(folder.path());
    data.write_manifest(
        "[[proposals]]\nrecipe = \"baseline-demo\"\nwhy = \"the walkers' paper\"\nsettings = [\"data.crop=64\"]\n",
    );
    let checked = run(&["dataset", "check", data.argument()]).ends_with(0);
    let words = "proposed: --recipe baseline-demo --set data.crop=64 (the walkers' paper)";
    assert!(checked.out.contains(words), "{}", checked.out);
    let report = &run(&["dataset", "check", data.argument(), "--json"]).ends_with(0).json_lines()[0];
    assert_eq!(report["proposals"][0]["settings"][0], "data.crop=64", "{report}");
    let printed = run(&["dataset", "manifest", data.argument()]).ends_with(0).out;
    std::fs::write(std::path::Path::new(data.argument()).join("dataset.toml"), &printed).unwrap();
    assert_eq!(run(&["dataset", "manifest", data.argument()]).ends_with(0).out, printed);
}

#[test]
fn a_broken_data_set_fails_its_check_with_the_name_of_every_file() {
    let folder = TempDir::new().unwrap();
    let data = tiny_data(folder.path());
    std::fs::remove_file(data.file("train", "thermal", "01-night")).unwrap();
    image::GrayImage::from_pixel(WIDTH, HEIGHT, image::Luma([77])).save(data.file("val", "label", "00-day")).unwrap();
    let colour = data.file("test", "colour", "02-day");
    let bytes = std::fs::read(&colour).unwrap();
    std::fs::write(&colour, &bytes[..bytes.len() / 2]).unwrap();

    let ran = run(&["dataset", "check", data.argument()]).ends_with(3);
    for words in ["01-night", "thermal", "77", "00-day.png", "02-day.png"] {
        assert!(ran.out.contains(words), "{words} is missing: {}", ran.out);
    }
}

#[test]
fn a_folder_that_is_no_data_set_is_bad_data() {
    let folder = TempDir::new().unwrap();
    let empty = text(folder.path());
    let runs = folder.path().join("runs");
    for path in [empty, "no/such/folder"] {
        let checked = run(&["dataset", "check", path]).ends_with(3);
        assert!(checked.out.contains(path), "{}", checked.out);
        let trained = run(&["train", "--data", path, "--out", text(&runs)]).ends_with(3);
        assert!(trained.err.contains("error: ") && trained.err.contains(path), "{}", trained.err);
    }
}

#[test]
fn sample_data_is_made_the_same_from_the_same_seed_and_passes_its_check() {
    let folder = TempDir::new().unwrap();
    let made = |name: &str, seed: &str| {
        let out = folder.path().join(name);
        let words = ["dataset", "sample", "--out", text(&out), "--seed", seed, "--count", "2,1,1", "--size", "48x32"];
        run(&words).ends_with(0);
        let checked = run(&["dataset", "check", text(&out)]).ends_with(0);
        assert!(checked.out.contains("split train: 2 samples") && checked.out.contains("48 × 32"), "{}", checked.out);
        std::fs::read(out.join("train/colour/0001-night.png")).unwrap()
    };
    let first = made("first", "5");
    assert_eq!(first, made("second", "5"));
    assert_ne!(first, made("third", "6"));
    let first = folder.path().join("first");
    let refused = run(&["dataset", "sample", "--out", text(&first)]).ends_with(2);
    assert!(refused.err.contains("not empty"), "{}", refused.err);
}

#[test]
fn training_tells_every_step_as_json_and_names_its_run_last() {
    let Trained { run, lines, .. } = trained();
    let steps: Vec<&Value> = events(lines, "step").collect();
    let numbers: Vec<u64> = steps.iter().map(|step| step["step"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
    assert_eq!(steps[2]["phase"], "teacher");
    assert_eq!(steps[3]["phase"], "student");
    assert!(steps.iter().all(|step| step["terms"]["total"].is_f64()), "{steps:?}");
    assert!(steps[7]["terms"].as_object().unwrap().contains_key("segmentation.fused"), "{}", steps[7]);
    assert_eq!(events(lines, "dataset").next().unwrap()["splits"]["train"], 4);
    assert!(events(lines, "checkpoint").count() > 0);
    assert!(events(lines, "evaluation").count() > 0);
    assert!(events(lines, "state").any(|line| line["state"] == "finished"));
    assert!(run.is_dir());
}

#[test]
fn a_run_folder_holds_all_that_a_reader_needs() {
    let Trained { run, lines, .. } = trained();
    for name in ["recipe.toml", "environment.json", "metrics.jsonl", "evaluation.json", "checkpoints"] {
        assert!(run.join(name).exists(), "{name} is missing");
    }
    let kept = step_lines(run);
    let told: Vec<&Value> = events(lines, "step").collect();
    assert_eq!(kept.len(), told.len());
    for (kept, told) in kept.iter().zip(told) {
        assert_eq!(kept["step"], told["step"]);
    }
}

#[test]
fn scenes_are_listed_with_the_figure_that_a_run_has_on_each() {
    let trained = trained();
    let words = ["dataset", "list", trained.data.argument(), "--run", trained.run()];
    let listed = run(&words).ends_with(0);
    let json = run(&[&words[..], &["--json"]].concat()).ends_with(0).json_lines();
    let samples = json[0]["samples"].as_array().unwrap();
    let lines: Vec<&str> = listed.out.lines().collect();
    assert_eq!(lines.len(), samples.len());
    let mut scored = 0;
    for (line, sample) in lines.iter().zip(samples) {
        let columns: Vec<&str> = line.split('\t').collect();
        assert_eq!((columns[0], columns[1]), (sample["split"].as_str().unwrap(), sample["id"].as_str().unwrap()));
        match sample["miou"].as_f64() {
            Some(miou) => {
                assert!((0.0..=1.0).contains(&miou) && columns[0] != "train", "{line}");
                assert_eq!(columns[2], format!("{:.1}", 100.0 * miou));
                scored += 1;
            }
            None => assert_eq!(columns[2], "-", "what was not counted has no figure"),
        }
    }
    assert!(scored > 0, "{}", listed.out);
    let plain = run(&words[..3]).ends_with(0);
    assert!(
        plain.out.lines().zip(&lines).all(|(plain, line)| plain.split('\t').count() + 1 == line.split('\t').count())
    );
}

#[test]
fn an_evaluation_scores_every_subset_of_the_sensors() {
    let trained = trained();
    let words = ["evaluate", trained.run(), "--data", trained.data.argument(), "--split", "test", "--json"];
    let ran = run(&[&words[..], &["--device", "cpu"]].concat()).ends_with(0);
    let lines = ran.json_lines();
    assert_eq!(lines.len(), 1, "{}", ran.out);
    let report = &lines[0];
    assert!(report.get("pseudo_labels").is_none(), "it was trained on the truth: {report}");
    let subsets = report["subsets"].as_array().unwrap();
    let of = |tag: &str| -> Vec<String> {
        let tagged = subsets.iter().filter(|scores| scores["tag"] == tag);
        tagged.map(|scores| scores["sensors"].to_string()).collect()
    };
    let expected = ["[\"colour\",\"thermal\"]", "[\"colour\"]", "[\"thermal\"]"];
    assert_eq!(of(""), expected);
    assert_eq!(of("day"), expected);
    assert_eq!(of("night"), expected);
    let pixels = |scores: &Value| -> u64 {
        scores["confusion"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum()
    };
    // The first column of every label is ignored.
    assert_eq!(pixels(&subsets[0]), 3 * u64::from((WIDTH - 1) * HEIGHT));
    for whole in subsets.iter().filter(|scores| scores["tag"] == "") {
        let parts = subsets.iter().filter(|part| part["tag"] != "" && part["sensors"] == whole["sensors"]);
        assert_eq!(parts.map(pixels).sum::<u64>(), pixels(whole));
        let miou = whole["miou"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&miou), "{miou}");
    }
    let kept = std::fs::read_to_string(trained.run.join("evaluation.csv")).unwrap();
    // Means over the subsets for all scenes and each of two tags, and over the tags for each of three subsets and all.
    let means = kept.lines().filter(|line| line.contains("mean of ")).count();
    assert_eq!((means, kept.lines().count()), (3 + 4, 1 + subsets.len() + 7), "{kept}");
}

#[test]
fn an_evaluation_scores_the_subsets_that_were_chosen_and_says_so() {
    let trained = trained();
    let out = trained.beside("singles");
    let words = ["evaluate", trained.run(), "--split", "val", "--device", "cpu", "--out", &out];
    for (choice, kept) in
        [("singles", "singles"), ("leave-one-out", "leave-one-out"), ("sample", "all"), ("auto", "all")]
    {
        run(&[&words[..], &["--set", &format!("evaluation.subsets={choice}")]].concat()).ends_with(0);
        let report: Value =
            serde_json::from_slice(&std::fs::read(Path::new(&out).join("evaluation.json")).unwrap()).unwrap();
        assert_eq!(report["chosen"], kept);
    }
    let refused = run(&[&words[..], &["--set", "evaluation.subsets=some"]].concat()).ends_with(2);
    assert!(refused.err.contains("leave-one-out"), "{}", refused.err);
}

#[test]
fn a_manifest_that_reads_outside_is_opened_where_the_command_line_says_so() {
    let folder = TempDir::new().unwrap();
    let data = tiny_data(&folder.path().join("data"));
    std::fs::write(folder.path().join("ids.txt"), "00-day\n01-night\n").unwrap();
    let splits = "[[splits]]\nname = \"train\"\n[[splits]]\nname = \"val\"\n[[splits]]\nname = \"test\"\nlist = \"../ids.txt\"\n";
    data.write_manifest_with(splits, "");
    let model = trained().run();
    let masks = folder.path().join("masks");
    for words in [
        &["dataset", "check", data.argument()][..],
        &["dataset", "list", data.argument()],
        &["evaluate", model, "--data", data.argument(), "--device", "cpu", "--out", text(folder.path())],
        &["predict", model, "--data", data.argument(), "--device", "cpu", "--out", text(&masks)],
    ] {
        let refused = run(words).ends_with(3);
        let said = format!("{}{}", refused.out, refused.err);
        assert!(said.contains("splits[2].list") && said.contains("--allow-outside"), "{said}");
        run(&[words, &["--allow-outside"]].concat()).ends_with(0);
    }
    let recipe = write_recipe(folder.path(), "");
    let out = folder.path().join("runs");
    let words = [
        "train",
        "--device",
        "cpu",
        "--quiet",
        "--recipe",
        text(&recipe),
        "--data",
        data.argument(),
        "--out",
        text(&out),
    ];
    run(&words).ends_with(3);
    run(&[&words[..], &["--allow-outside"]].concat()).ends_with(0);
}

#[test]
fn an_evaluation_reads_as_a_table_and_takes_another_way_of_missing() {
    let trained = trained();
    let out = trained.beside("zeros");
    let words = ["evaluate", trained.run(), "--split", "val", "--device", "cpu", "--out", &out];
    for missing in ["zeros", "black", "mean", "copy"] {
        let setting = format!("evaluation.missing={missing}");
        let table = run(&[&words[..], &["--set", &setting]].concat()).ends_with(0).out;
        for word in ["colour + thermal", "night", "nanmean", "walker", missing] {
            assert!(table.contains(word), "{word} is missing: {table}");
        }
    }
    let kept: Value = serde_json::from_slice(&std::fs::read(Path::new(&out).join("evaluation.json")).unwrap()).unwrap();
    assert_eq!(kept["missing"], "copy");
    let refused = run(&[&words[..], &["--set", "encoder.family=nano", "--set", "decoder.channels=9"]].concat());
    assert!(refused.ends_with(2).err.contains("decoder.channels"));
}

#[test]
fn pseudo_labels_are_written_once_and_trained_on() {
    let trained = trained();
    let out = trained.beside("pseudo");
    let words = ["pseudo-label", trained.run(), "--data", trained.data.argument(), "--out", &out, "--device", "cpu"];
    let said = run(&words).ends_with(0).out;
    assert!(said.contains("4 pseudo-labels of train by colour") && said.contains("data.pseudo_labels"), "{said}");
    // The data set knows the truth, class by class.
    assert!(said.contains("beside the truth of 4 scenes: mIoU") && said.contains("100.0 % of the pixels"), "{said}");
    assert!(said.lines().any(|line| line.starts_with("walker ")), "{said}");
    for id in ["00-day", "01-night", "02-day", "03-night"] {
        let label = image::open(Path::new(&out).join(format!("{id}.png"))).unwrap();
        assert_eq!((label.width(), label.height()), (WIDTH, HEIGHT));
    }
    let card: Value =
        serde_json::from_slice(&std::fs::read(Path::new(&out).join("pseudo-labels.json")).unwrap()).unwrap();
    assert_eq!((card["sensor"].as_str(), card["classes"].as_array().unwrap().len()), (Some("colour"), 3));

    let refused = run(&words).ends_with(2).err;
    assert!(refused.contains("--overwrite") && refused.contains("00-day.png"), "{refused}");
    let sure = [&words[..], &["--overwrite", "--min-confidence", "1", "--sensor", "thermal", "--json"]].concat();
    let lines = run(&sure).ends_with(0).json_lines();
    let event = events(&lines, "pseudo-labels").next().unwrap();
    assert!(event["labelled_share"].as_f64().unwrap() < 1.0 && event["sensor"] == "thermal", "{event}");
    let truth = &event["truth"];
    assert!(truth["coverage"].as_f64().unwrap() < 1.0 && truth["scenes"] == 4, "{event}");
    assert_eq!(truth["classes"][2]["name"], "walker");
    run(&[&words[..], &["--overwrite"]].concat()).ends_with(0);

    let folder = tempfile::tempdir().unwrap();
    let recipe = write_recipe(folder.path(), "adaptation.enabled = true\nadaptation.steps = 2");
    let (labels, runs) = (format!("data.pseudo_labels={out}"), folder.path().join("runs"));
    let train = ["train", "--recipe", text(&recipe), "--data", trained.data.argument(), "--set", &labels, "--json"];
    let ran = run(&[&train[..], &["--device", "cpu", "--out", text(&runs)]].concat()).ends_with(0);
    let lines = ran.json_lines();
    let phases: Vec<_> = events(&lines, "step").map(|step| step["phase"].as_str().unwrap()).collect();
    assert_eq!(phases.last(), Some(&"adaptation"), "{phases:?}");
    // By default the source is by day.
    let told = events(&lines, "notice").filter_map(|line| line["text"].as_str()).find(|text| text.contains("beside"));
    assert!(told.is_some_and(|text| text.contains("the truth of 2 scenes: mIoU")), "{told:?}");
}

#[test]
fn an_evaluation_tells_how_good_the_pseudo_labels_are_that_its_run_was_trained_on() {
    let (trained, folder) = (trained(), TempDir::new().unwrap());
    let [labels, runs, out] = ["labels", "runs", "out"].map(|name| folder.path().join(name));
    let words = ["pseudo-label", trained.run(), "--data", trained.data.argument(), "--out", text(&labels)];
    let words = [&words[..], &["--device", "cpu"]].concat();
    let said = run(&words).ends_with(0).out;
    let printed = said.lines().find(|line| line.contains("beside the truth of 4 scenes: mIoU")).unwrap();
    let lines = run(&[&words[..], &["--overwrite", "--json"]].concat()).ends_with(0).json_lines();
    let truth = &events(&lines, "pseudo-labels").next().unwrap()["truth"];
    assert!(truth["miou"].is_number(), "{truth}");

    let recipe = write_recipe(folder.path(), "teacher.steps = 1\ntraining.steps = 2");
    let setting = format!("data.pseudo_labels={}", text(&labels));
    let train = ["train", "--recipe", text(&recipe), "--data", trained.data.argument(), "--set", &setting, "--json"];
    let ran = run(&[&train[..], &["--device", "cpu", "--out", text(&runs)]].concat()).ends_with(0);
    let run_folder = ran.run_folder();

    // Whichever split is scored, the labels are those of the training split.
    let asked = ["evaluate", text(&run_folder), "--split", "val", "--device", "cpu"];
    let table = run(&asked).ends_with(0).out;
    let line = format!("of the training split, {printed}");
    assert_eq!(table.lines().filter(|found| *found == line).count(), 1, "{line}\n{table}");
    let report = |more: &[&str]| run(&[&asked[..], &["--json"], more].concat()).ends_with(0).json_lines().remove(0);
    let told = report(&[]);
    assert_eq!((&told["pseudo_labels"], told["split"].as_str()), (truth, Some("val")));
    assert!(told["subsets"].is_array(), "{told}");

    // Scenes of other data may bear the same names.
    let other = tiny_data(&folder.path().join("other"));
    let told = report(&["--data", other.argument(), "--out", text(&out)]);
    assert!(told.get("pseudo_labels").is_none(), "{told}");
    std::fs::remove_dir_all(&labels).unwrap();
    let gone = run(&asked).ends_with(0);
    assert!(!gone.out.contains("beside the truth") && !gone.err.contains("pseudo"), "{}\n{}", gone.out, gone.err);
    assert!(gone.out.contains("mIoU"), "{}", gone.out);
}

#[test]
fn what_cannot_be_pseudo_labelled_is_refused() {
    let trained = trained();
    let out = trained.beside("refused");
    let words = ["pseudo-label", trained.run(), "--out", &out, "--device", "cpu", "--data", trained.data.argument()];
    let refused = |more: &[&str], exit: i32| run(&[&words[..], more].concat()).ends_with(exit).err;
    assert!(refused(&["--sensor", "radar"], 2).contains("colour, thermal"));
    assert!(refused(&["--split", "nights"], 2).contains("train, val, test"));
    assert!(refused(&["--min-confidence", "2"], 2).contains("0 to 1"));
    let folder = tempfile::tempdir().unwrap();
    let data = tiny_data(&folder.path().join("other"));
    let manifest = folder.path().join("other/dataset.toml");
    let lorries = std::fs::read_to_string(&manifest).unwrap().replacen("walker", "lorry", 1);
    std::fs::write(&manifest, lorries).unwrap();
    let words = ["pseudo-label", trained.run(), "--out", &out, "--device", "cpu", "--data", data.argument()];
    let said = run(&words).ends_with(3).err;
    assert!(said.contains("lorry") && said.contains("classes that will be trained"), "{said}");
}

#[test]
fn a_split_that_does_not_exist_is_answered_with_those_that_do() {
    let trained = trained();
    let refused = run(&["evaluate", trained.run(), "--split", "tset", "--device", "cpu"]).ends_with(2).err;
    assert!(refused.contains("tset") && refused.contains("train, val, test"), "{refused}");
}

#[test]
fn predictions_are_indexed_pictures_of_the_scenes_size() {
    let trained = trained();
    let out = trained.beside("predictions");
    let words = ["predict", trained.run(), "--split", "test", "--without", "colour", "--out", &out, "--device", "cpu"];
    run(&words).ends_with(0);
    for id in ["00-day", "01-night", "02-day"] {
        let file = std::fs::File::open(Path::new(&out).join(format!("{id}.png"))).unwrap();
        let mut decoder = png::Decoder::new(std::io::BufReader::new(file));
        decoder.set_transformations(png::Transformations::IDENTITY);
        let mut reader = decoder.read_info().unwrap();
        let info = reader.info();
        assert_eq!((info.width, info.height), (WIDTH, HEIGHT));
        assert_eq!(info.color_type, png::ColorType::Indexed);
        assert_eq!(info.palette.as_ref().unwrap()[6..9], [220, 20, 60]);
        let mut ids = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut ids).unwrap();
        assert!(ids.iter().all(|&id| id < 3), "{id} holds ids that are no class");
    }
    let list = std::fs::read_to_string(Path::new(&out).join("predictions.jsonl")).unwrap();
    assert_eq!(list.lines().count(), 3);
    let refused = run(&["predict", trained.run(), "--without", "radar", "--out", &out, "--device", "cpu"]).ends_with(2);
    assert!(refused.err.contains("radar") && refused.err.contains("colour, thermal"), "{}", refused.err);
}

#[test]
fn a_packed_model_scores_as_its_run_does() {
    let trained = trained();
    let file = trained.beside("model.safetensors");
    run(&["export", trained.run(), "--out", &file]).ends_with(0);
    let subsets = |run_or_file: &str| {
        let words = ["evaluate", run_or_file, "--data", trained.data.argument(), "--split", "val", "--device", "cpu"];
        let out = trained.beside("packed");
        run(&[&words[..], &["--json", "--out", &out]].concat()).ends_with(0).json_lines()[0]["subsets"].clone()
    };
    assert_eq!(subsets(&file), subsets(trained.run()));
}

#[test]
fn the_seed_decides_the_whole_trace() {
    let trained = trained();
    let recipe = trained.beside("tiny.toml");
    let trace = |seed: &str, name: &str| {
        let out = trained.beside(name);
        let words = ["train", "--device", "cpu", "--json", "--recipe", &recipe, "--data", trained.data.argument()];
        step_lines(&run(&[&words[..], &["--out", &out, "--seed", seed]].concat()).ends_with(0).run_folder())
    };
    assert_eq!(trace("0", "again"), step_lines(&trained.run));
    assert_ne!(trace("1", "other"), step_lines(&trained.run));
}

#[test]
fn plain_progress_ends_with_a_table_and_the_run_folder() {
    let trained = trained();
    let (recipe, out) = (trained.beside("tiny.toml"), trained.beside("plain"));
    let words = ["train", "--device", "cpu", "--recipe", &recipe, "--data", trained.data.argument(), "--out", &out];
    let ran = run(&words).ends_with(0);
    assert!(ran.err.contains("teacher phase") && ran.err.contains("student phase"), "{}", ran.err);
    assert!(ran.out.contains("mIoU"), "{}", ran.out);
    assert!(ran.out.lines().last().unwrap().starts_with("run folder: "), "{}", ran.out);
    let quiet = run(&[&words[..], &["--quiet"]].concat()).ends_with(0);
    assert_eq!(quiet.out.lines().count(), 1, "{}", quiet.out);
    assert_eq!(quiet.err, "");
}

#[test]
fn recipes_that_cannot_be_used_are_named_with_the_key() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("r.toml");
    let data = tiny_data(&folder.path().join("data"));
    for (content, words) in [
        ("encoder.famly = \"nano\"", "encoder.famly"),
        ("data.batch_size = -4", "data.batch_size"),
        ("training.learning_rate = nan", "training.learning_rate"),
        ("version = 99", "version 99"),
        ("data.scale_min = 2.0\ndata.scale_max = 1.0", "data.scale_min"),
        ("this is no toml", "r.toml"),
    ] {
        std::fs::write(&path, content).unwrap();
        let ran = run(&["train", "--recipe", text(&path), "--data", data.argument(), "--out", text(folder.path())]);
        let ran = ran.ends_with(2);
        assert!(ran.err.contains(words) && ran.err.contains("r.toml"), "{content}: {}", ran.err);
    }
}

#[test]
fn a_sensor_that_the_data_set_lacks_is_answered_with_those_it_has() {
    let trained = trained();
    let (recipe, out) = (trained.beside("tiny.toml"), trained.beside("lacking"));
    let words = ["train", "--device", "cpu", "--recipe", &recipe, "--data", trained.data.argument(), "--out", &out];
    let ran = run(&[&words[..], &["--set", "sensors.use=colour,radar"]].concat()).ends_with(1);
    assert!(ran.err.contains("radar") && ran.err.contains("thermal"), "{}", ran.err);
}

#[test]
fn an_output_folder_that_cannot_be_written_is_found_out_before_training() {
    let trained = trained();
    let file = trained.beside("a-file");
    std::fs::write(&file, "in the way").unwrap();
    let out = format!("{file}/runs");
    let ran = run(&["train", "--data", trained.data.argument(), "--out", &out]).ends_with(1);
    assert!(ran.err.contains(&out), "{}", ran.err);
    let ran = run(&["predict", trained.run(), "--out", &out]).ends_with(1);
    assert!(ran.err.contains(&out), "{}", ran.err);
}

#[test]
fn what_is_no_run_is_refused_with_its_path() {
    let trained = trained();
    let out = trained.beside("nothing");
    for words in [
        &["evaluate", trained.data.argument()][..],
        &["evaluate", "no-such-run"],
        &["predict", "no-such-run", "--out", &out],
        &["train", "--resume", "no-such-run"],
        &["export", "no-such-run", "--out", &out],
    ] {
        let ran = run(words).ends_with(3);
        let path = if words[0] == "train" { words[2] } else { words[1] };
        assert!(ran.err.contains(path), "{words:?}: {}", ran.err);
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let mut running = Running::start(&["recipes", "ogp-net"]);
    assert!(running.line().is_some());
    let ran = running.stop_reading();
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}

#[test]
fn a_network_predicts_data_of_other_classes_with_its_own_and_scores_them_by_a_map() {
    let trained = trained();
    let folder = TempDir::new().unwrap();
    let other = tiny_data(&folder.path().join("other"));
    let manifest = other.path.join("dataset.toml");
    let renamed = std::fs::read_to_string(&manifest).unwrap().replace("\"walker\"", "\"pedestrian\"");
    std::fs::write(&manifest, renamed).unwrap();
    std::fs::write(other.file("test", "label", "00-day"), b"no picture").unwrap();
    let beside = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (masks, scores, picture) = (beside("masks"), beside("scores"), beside("picture.png"));
    let data = ["--data", other.argument(), "--split", "test", "--device", "cpu"];

    let ran = run(&[&["predict", trained.run(), "--json", "--out", &masks], &data[..]].concat()).ends_with(0);
    assert!(ran.err.contains("`pedestrian`") && ran.err.contains("own classes"), "{}", ran.err);
    assert!(ran.err.contains("`00-day` was predicted without its label"), "{}", ran.err);
    let line = ran.json_lines().pop().unwrap();
    assert_eq!((&line["written"], &line["classes"][2]), (&Value::from(3), &Value::from("walker")));

    let view = ["--view", "prediction.fused", "--sample", "01-night", "--out", &picture];
    let ran = run(&[&["inspect", trained.run()], &data[..], &view].concat()).ends_with(0);
    assert!(ran.err.contains("its own classes") && Path::new(&picture).is_file(), "{}", ran.err);

    let words = [&["evaluate", trained.run(), "--out", &scores], &data[..]].concat();
    let refused = run(&words).ends_with(3);
    assert!(refused.err.contains("`pedestrian`") && refused.err.contains("data.class_map"), "{}", refused.err);
    let map = folder.path().join("mine.toml");
    std::fs::write(&map, "name = \"mine\"\nmap = [0, 1, 2]\nnames = [\"wall\", \"floor\", \"walker\"]\n").unwrap();
    let setting = format!("data.class_map={}", text(&map));
    let ran = run(&[&words[..], &["--set", &setting]].concat()).ends_with(0);
    assert!(ran.out.contains("walker") || ran.out.contains("mIoU"), "{}", ran.out);
    assert!(Path::new(&scores).join("evaluation.json").is_file());
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_a_checkpoint_says_where_and_the_run_goes_on() {
    let trained = trained();
    let (recipe, out) = (trained.beside("tiny.toml"), trained.beside("interrupted"));
    let words = ["train", "--device", "cpu", "--json", "--recipe", &recipe, "--data", trained.data.argument()];
    let mut running = Running::start(&[&words[..], &["--out", &out, "--steps", "100000"]].concat());
    running.wait_for("\"step\":4,");
    running.interrupt();
    let ran = running.finish().ends_with(4);
    assert!(ran.err.contains("checkpoint saved at step"), "{}", ran.err);
    let lines = ran.json_lines();
    let stopped = events(&lines, "state").find(|line| line["state"] == "stopped").expect("a run that was stopped");
    let words = format!("stopped at step {} of {}", stopped["step"], stopped["of"]);
    assert!(ran.err.contains(&words) && stopped["of"].as_u64() > Some(100_000), "{words}: {}", ran.err);
    assert!(!events(&lines, "state").any(|line| line["state"] == "finished"), "stopped is not finished");
    let run_folder = ran.run_folder();
    let saved = events(&ran.json_lines(), "checkpoint").last().unwrap()["path"].as_str().unwrap().to_owned();
    assert!(Path::new(&saved).is_dir() && ran.err.contains(&saved), "{saved}: {}", ran.err);

    let mut resumed = Running::start(&["train", "--device", "cpu", "--json", "--resume", text(&run_folder)]);
    let before = step_lines(&run_folder).len();
    resumed.wait_for(&format!("\"step\":{},", before + 1));
    resumed.kill();
}

#[cfg(unix)]
#[test]
fn without_a_display_the_demo_trains_with_progress() {
    let trained = trained();
    let folder = TempDir::new().unwrap();
    let mut running = Running::start_in(folder.path(), &[], &[("FUSIONSCOPE_SAMPLE_DATA", &trained.data.path)]);
    let said = running.wait_for_error("teacher phase");
    assert!(said.contains("no display") && said.contains("ogp-net-demo"), "{said}");
    running.interrupt();
    running.finish().ends_with(4);
}

#[test]
fn inspect_lists_what_can_be_seen_and_writes_any_of_it() {
    let trained = trained();
    let listed = run(&["inspect", trained.run(), "--device", "cpu", "--quiet"]).ends_with(0);
    let names: Vec<&str> = listed.out.lines().collect();
    for name in ["colour", "label", "prediction.fused", "uncertainty.entropy.fused", "loss.fused"] {
        assert!(names.contains(&name), "{name} is missing: {names:?}");
    }
    // One of each kind.
    let mut kinds = std::collections::BTreeSet::new();
    let first = |name: &&&str| ViewKind::of(name).is_none_or(|kind| kinds.insert(kind.name));
    for name in names.iter().filter(|name| **name != FIGURES).filter(first) {
        let out = trained.beside(&format!("{name}.png"));
        let words = ["inspect", trained.run(), "--device", "cpu", "--json", "--view", name, "--scale", "2"];
        let words = [&words[..], &["--region", "0,0,0.5,0.5", "--out", &out]].concat();
        let line = run(&words).ends_with(0).json_lines().pop().unwrap();
        assert_eq!((line["event"].as_str(), line["view"].as_str()), (Some("inspected"), Some(*name)));
        let picture = image::open(&out).unwrap();
        assert_eq!((picture.width(), picture.height()), (2 * WIDTH, 2 * HEIGHT), "{name}");
    }
    let out = trained.beside("none.png");
    let beside = ["inspect", trained.run(), "--beside", trained.run(), "--device", "cpu"];
    let listed = run(&[&beside[..], &["--quiet"]].concat()).ends_with(0);
    for name in ["prediction.fused", "beside.prediction.fused", "beside.uncertainty.entropy.fused", "disagreement"] {
        assert!(listed.out.lines().any(|line| line == name), "{name} is missing: {}", listed.out);
    }
    for name in ["disagreement", "beside.uncertainty.entropy.fused"] {
        let line = run(&[&beside[..], &["--json", "--view", name, "--out", &out]].concat()).ends_with(0);
        let line = line.json_lines().pop().unwrap();
        assert_eq!(line["view"].as_str(), Some(name));
        if name == "disagreement" {
            assert_eq!(line["meaning"]["shares"]["same"].as_f64(), Some(1.0), "a run and itself differ nowhere");
        }
    }
    for (words, reason) in [
        (vec!["--view", "fog", "--out", &out], "there is no view `fog`"),
        (vec!["--view", "label"], "name the PNG file"),
        (vec!["--sample", "nobody"], "has no sample `nobody`"),
        (vec!["--without", "smell"], "no sensor named `smell`"),
        (vec!["--pixel", "2,0"], "expected two numbers from 0 to 1"),
    ] {
        let refused = run(&[&["inspect", trained.run(), "--device", "cpu"], &words[..]].concat()).ends_with(2);
        assert!(refused.err.contains(reason), "{words:?}: {}", refused.err);
    }
}

#[test]
fn figures_of_degraded_sensors_say_so_and_stay_out_of_the_run() {
    let trained = trained();
    let words = ["evaluate", trained.run(), "--split", "val", "--device", "cpu"];
    let degraded = ["--degrade", "colour=noise:0.5", "--degrade", "thermal=blackout:1"];
    let ran = run(&[&words[..], &degraded].concat()).ends_with(0);
    assert!(ran.out.contains("degraded: colour=noise:0.5\ndegraded: thermal=blackout:1\n"), "{}", ran.out);
    assert!(ran.err.contains("not kept beside the run's own"), "{}", ran.err);
    let kept = std::fs::read_to_string(trained.run.join("evaluation.json")).unwrap_or_default();
    assert!(!kept.contains("degraded"), "{kept}");
    let out = trained.beside("degraded");
    run(&[&words[..], &degraded, &["--out", &out]].concat()).ends_with(0);
    let read = |name: &str| std::fs::read_to_string(Path::new(&out).join(name)).unwrap();
    let report: Value = serde_json::from_str(&read("evaluation.json")).unwrap();
    assert_eq!(report["degraded"][1]["kind"], "blackout", "{report}");
    let csv = read("evaluation.csv");
    let says = |line: &str| line.contains("\"colour=noise:0.5, thermal=blackout:1\"");
    assert!(csv.lines().count() > 1 && csv.lines().skip(1).all(says), "{csv}");
    let ran = run(&[&words[..], &degraded, &["--out", trained.run()]].concat()).ends_with(2);
    assert!(ran.err.contains("name another for --degrade"), "{}", ran.err);
    for (wish, words_of_refusal) in [
        ("colour=thermal-drift:0.5", "expected a sensor of the kind thermal"),
        ("colour=smoke:0.5", "no degradation named `smoke`"),
        ("colour=noise:5", "from 0 to 1"),
    ] {
        let ran = run(&[&words[..], &["--degrade", wish]].concat()).ends_with(2);
        assert!(ran.err.contains(words_of_refusal), "{wish}: {}", ran.err);
    }
}

#[test]
fn pictures_of_degraded_sensors_are_written_a_file_each() {
    let folder = TempDir::new().unwrap();
    let data = tiny_data(&folder.path().join("data"));
    let out = folder.path().join("pictures");
    let words = ["dataset", "degrade", data.argument(), "--sensor", "thermal", "--out", text(&out)];
    let ran = run(&[&words[..], &["--kind", "blackout", "--kind", "noise", "--json"]].concat()).ends_with(0);
    let lines = ran.json_lines();
    let kinds: Vec<&Value> = events(&lines, "degraded").map(|line| &line["kind"]).collect();
    assert_eq!(kinds, ["noise", "blackout"]);
    let found = image::open(out.join("thermal-blackout.png")).unwrap().to_rgb8();
    let (width, height) = (WIDTH, HEIGHT);
    assert_eq!(found.dimensions(), (5 * width + 4 * 2, height), "five severities, two pixels between them");
    let last = 4 * (width + 2);
    let is_black = |x: u32| (0..height).all(|y| found.get_pixel(x, y) == found.get_pixel(last, 0));
    assert!((last..last + width).all(is_black) && !(0..width).all(is_black));
    let refused = run(&[&words[..], &["--kind", "fog"]].concat()).ends_with(2);
    assert!(refused.err.contains("expected a sensor of the kind colour"), "{}", refused.err);
}
