//! What goes wrong outside the program: kills, full disks, broken files, odd names. No panic, no lost run, a sentence
//! each.

mod run_folders;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use fusionscope_engine::fixtures::{Need, skip};
use image::{GrayImage, Luma, RgbImage};
use tempfile::TempDir;

#[cfg(target_os = "linux")]
use crate::support::Mounted;
use crate::support::{
    Bench, HEIGHT, Running, Stranger, WIDTH, only_run_in, resume_words, run, step_lines, text, tiny_data, write_recipe,
};

/// The newest checkpoint of a run.
fn newest_checkpoint(run: &Path) -> PathBuf {
    let step = |path: &Path| -> Option<u64> { path.file_name()?.to_str()?.strip_prefix("step-")?.parse().ok() };
    let entries = std::fs::read_dir(run.join("checkpoints")).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| step(path).is_some()).max_by_key(|path| step(path)).unwrap()
}

/// A few numbers that look random; the moments of the kills vary by timing anyway.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[test]
fn a_killed_run_continues_its_trace_bit_for_bit() {
    let bench = Bench::new("training.checkpoint_every = 1\ntraining.steps = 12\ntraining.evaluate_every = 4");
    let undisturbed = step_lines(&bench.train("undisturbed").ends_with(0).run_folder());
    assert_eq!(undisturbed.len(), 15);

    let runs = bench.folder.path().join("killed");
    let mut dice = Dice(7);
    let mut running = bench.begin(&runs);
    let mut kills = Vec::new();
    for _ in 0..5 {
        // A kill in the midst of a step, a checkpoint or an evaluation, wherever the moment falls.
        let (lines, pause) = (1 + dice.below(7), Duration::from_micros(dice.below(60_000)));
        kills.push((lines, pause));
        let mut seen = 0;
        while seen < lines {
            let Some(line) = running.line() else { break };
            seen += u64::from(line.contains("\"event\":\"step\"") || line.contains("\"event\":\"checkpoint\""));
        }
        std::thread::sleep(pause);
        running.kill();
        running = Running::start(&resume_words(&only_run_in(&runs)));
    }
    let ran = running.finish();
    let run_folder = only_run_in(&runs);
    // A run that was killed after its last checkpoint has nothing left to do, and says so.
    if ran.code != Some(0) {
        let said = "steps, so there is nothing left to train; evaluate it, or begin a new run";
        assert!(ran.code == Some(3) && ran.err.contains(said), "{ran:?}");
    }
    let disturbed = step_lines(&run_folder);
    assert_eq!(disturbed.len(), undisturbed.len(), "after kills at {kills:?}: {}", ran.err);
    for (disturbed, undisturbed) in disturbed.iter().zip(&undisturbed) {
        assert_eq!(disturbed, undisturbed, "after kills at {kills:?}");
    }
}

#[test]
fn a_half_written_checkpoint_is_ignored_with_a_warning() {
    let bench = Bench::new("training.checkpoint_every = 2\ntraining.steps = 7");
    let undisturbed = step_lines(&bench.train("undisturbed").ends_with(0).run_folder());

    for damage in ["truncated", "emptied", "removed"] {
        let runs = bench.folder.path().join(damage);
        let mut running = bench.begin(&runs);
        running.wait_for("\"event\":\"checkpoint\"");
        running.wait_for("\"event\":\"checkpoint\"");
        running.kill();
        let run_folder = only_run_in(&runs);
        let checkpoint = newest_checkpoint(&run_folder);
        let files = std::fs::read_dir(&checkpoint).unwrap().map(|entry| entry.unwrap().path());
        let largest = files.max_by_key(|path| path.metadata().unwrap().len()).unwrap();
        let bytes = std::fs::read(&largest).unwrap();
        match damage {
            "truncated" => std::fs::write(&largest, &bytes[..bytes.len() * 2 / 3]).unwrap(),
            "emptied" => std::fs::write(&largest, b"").unwrap(),
            _ => std::fs::remove_file(&largest).unwrap(),
        }
        let ran = run(&resume_words(&run_folder)).ends_with(0);
        let name = checkpoint.file_name().unwrap().to_str().unwrap();
        let warned = ran.json_lines().into_iter().any(|line| {
            line["event"] == "notice" && line["level"] == "warning" && line["text"].as_str().unwrap().contains(name)
        });
        assert!(warned, "{damage}: no warning names {name}: {}", ran.out);
        assert_eq!(step_lines(&run_folder), undisturbed, "{damage}");
    }
}

#[test]
fn a_run_without_any_whole_checkpoint_is_named_or_begun_again() {
    let bench = Bench::new("");
    let run_folder = bench.train("runs").ends_with(0).run_folder();
    let undisturbed = step_lines(&run_folder);
    for entry in std::fs::read_dir(run_folder.join("checkpoints")).unwrap() {
        for file in std::fs::read_dir(entry.unwrap().path()).unwrap() {
            std::fs::write(file.unwrap().path(), b"{").unwrap();
        }
    }
    let refused = run(&["evaluate", text(&run_folder), "--device", "cpu"]).ends_with(3);
    assert!(refused.err.contains(text(&run_folder)) && refused.err.contains("checkpoint"), "{}", refused.err);
    let resumed = run(&resume_words(&run_folder)).ends_with(0);
    assert!(resumed.out.contains("begins again"), "{}", resumed.out);
    assert_eq!(step_lines(&run_folder), undisturbed);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_checkpoints_but_not_the_run() {
    let bench = Bench::new("training.checkpoint_every = 1\ntraining.steps = 40\nteacher.steps = 2");
    let disk = bench.folder.path().join("disk");
    let test = "a_full_disk_costs_checkpoints_but_not_the_run";
    let Some(_mounted) = Mounted::tmpfs(&disk, "24m", test) else { return };
    let undisturbed = step_lines(&bench.train("undisturbed").ends_with(0).run_folder());

    let mut running = bench.begin(&disk);
    running.wait_for("\"event\":\"checkpoint\"");
    let filler = disk.join("filler");
    fill(&filler);
    let said = running.wait_for("free some space");
    assert!(said.contains("\"level\":\"warning\""), "{said}");
    std::fs::remove_file(&filler).unwrap();
    let ran = running.finish().ends_with(0);
    assert_eq!(step_lines(&ran.run_folder()), undisturbed);

    // Full to the end: the program says that the result could not be kept, and what was kept before still opens.
    std::fs::remove_dir_all(ran.run_folder()).unwrap();
    let mut running = bench.begin(&disk);
    running.wait_for("\"event\":\"checkpoint\"");
    fill(&filler);
    let ran = running.finish().ends_with(1);
    assert!(ran.err.contains("free some space"), "{}", ran.err);
    std::fs::remove_file(&filler).unwrap();
    let run_folder = only_run_in(&disk);
    run(&resume_words(&run_folder)).ends_with(0);
    assert_eq!(step_lines(&run_folder), undisturbed);
}

/// Writes until nothing fits any more.
#[cfg(target_os = "linux")]
pub fn fill(filler: &Path) {
    use std::io::Write as _;
    let mut file = std::fs::File::create(filler).unwrap();
    for size in [1 << 16, 1 << 10, 1] {
        while file.write(&vec![0; size]).is_ok_and(|written| written > 0) {}
    }
}

/// A PNG file whose header promises more pixels than any camera has, and holds none.
fn enormous(path: &Path) {
    let file = std::fs::File::create(path).unwrap();
    let mut encoder = png::Encoder::new(file, 200_000, 200_000);
    encoder.set_color(png::ColorType::Rgb);
    drop(encoder.write_header().unwrap());
}

#[test]
fn images_that_cannot_be_used_are_named_and_never_panic() {
    for (what, breaks) in [
        (
            "truncated",
            (|path| {
                let bytes = std::fs::read(path).unwrap();
                std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
            }) as fn(&Path),
        ),
        ("of no byte", |path| std::fs::write(path, b"").unwrap()),
        ("of one pixel", |path| RgbImage::new(1, 1).save(path).unwrap()),
        ("enormous", enormous),
        ("no image at all", |path| std::fs::write(path, "GIF89a, or so it says").unwrap()),
        ("of 16 bits", |path| {
            image::ImageBuffer::<image::Rgb<u16>, _>::new(WIDTH, HEIGHT).save(path).unwrap();
        }),
    ] {
        let bench = Bench::new("");
        let broken = bench.data.file("train", "colour", "01-night");
        breaks(&broken);
        let checked = run(&["dataset", "check", bench.data.argument()]).ends_with(3);
        assert!(checked.out.contains("01-night.png"), "an image {what} was not named: {}", checked.out);
        // One bad scene of four is left out and named, and the rest is trained on.
        let trained = bench.train("runs").ends_with(0);
        assert!(trained.out.contains("01-night"), "an image {what} was passed over in silence: {}", trained.out);
    }
}

#[test]
fn scenes_of_one_pixel_can_be_trained_on_and_scored() {
    let bench = Bench::new("data.batch_size = 1\nteacher.steps = 1\ntraining.steps = 1");
    for (split, id) in [
        ("train", "00-day"),
        ("train", "01-night"),
        ("train", "02-day"),
        ("train", "03-night"),
        ("val", "00-day"),
        ("val", "01-night"),
        ("test", "00-day"),
        ("test", "01-night"),
        ("test", "02-day"),
    ] {
        RgbImage::new(1, 1).save(bench.data.file(split, "colour", id)).unwrap();
        GrayImage::new(1, 1).save(bench.data.file(split, "thermal", id)).unwrap();
        GrayImage::new(1, 1).save(bench.data.file(split, "label", id)).unwrap();
    }
    // A batch norm of one value has no variance, which is no reason not to train.
    let ran = bench.train("runs").ends_with(0);
    let steps = step_lines(&ran.run_folder());
    assert_eq!(steps.len(), 2);
    for term in steps.iter().flat_map(|step| step["terms"].as_array().unwrap()) {
        assert!(term[1].as_f64().is_some_and(f64::is_finite), "{term}");
    }
    let lines = ran.json_lines();
    let evaluation = lines.iter().rfind(|line| line["event"] == "evaluation").unwrap();
    // Scenes of one pixel each, scored with both sensors and with either.
    for subset in evaluation["subsets"].as_array().unwrap() {
        let pixels = subset["confusion"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap());
        assert_eq!(pixels.sum::<u64>(), subset["scenes"].as_u64().unwrap(), "{subset}");
    }
}

#[test]
fn labels_out_of_range_are_named_with_id_and_file() {
    let bench = Bench::new("");
    for id in ["00-day", "01-night", "02-day", "03-night"] {
        GrayImage::from_pixel(WIDTH, HEIGHT, Luma([9])).save(bench.data.file("train", "label", id)).unwrap();
    }
    let ran = bench.train("runs");
    assert!(matches!(ran.code, Some(1 | 3)), "{ran:?}");
    assert!(ran.err.to_lowercase().contains("label id 9") && ran.err.contains(".png"), "{}", ran.err);
}

#[test]
fn a_label_of_nothing_but_ignored_pixels_is_trained_over() {
    let bench = Bench::new("data.batch_size = 1");
    GrayImage::from_pixel(WIDTH, HEIGHT, Luma([255])).save(bench.data.file("train", "label", "00-day")).unwrap();
    bench.train("runs").ends_with(0);
}

#[test]
fn a_modality_missing_for_one_sample_leaves_that_sample_out() {
    let bench = Bench::new("");
    std::fs::remove_file(bench.data.file("train", "thermal", "01-night")).unwrap();
    let ran = bench.train("runs").ends_with(0);
    let lines = ran.json_lines();
    let dataset = lines.iter().find(|line| line["event"] == "dataset").unwrap();
    assert_eq!(dataset["splits"]["train"], 3, "{dataset}");
    assert!(ran.out.contains("01-night"), "{}", ran.out);
}

#[test]
fn lists_from_any_editor_read_the_same() {
    let bench = Bench::new("");
    let splits = "[[splits]]\nname = \"train\"\nlist = \"train.txt\"\n[[splits]]\nname = \"val\"\n";
    bench.data.write_manifest_with(splits, "");
    let list = bench.data.path.join("train.txt");
    let trace = |content: &[u8], name: &str| {
        std::fs::write(&list, content).unwrap();
        step_lines(&bench.train(name).ends_with(0).run_folder())
    };
    let plain = trace(b"00-day\n01-night\n03-night\n", "plain");
    let odd = b"\xef\xbb\xbf00-day\r\n\r\n  01-night.png  some further column\r\n03-night\r\n\r\n";
    assert_eq!(trace(odd, "odd"), plain);
}

#[test]
fn names_with_spaces_and_letters_of_any_language_work_throughout() {
    let folder = TempDir::new().unwrap();
    let data = tiny_data(&folder.path().join("Daten für 街 (1)"));
    data.add_scene("test", "Straße 17 'é'-day", 5);
    let recipe = write_recipe(folder.path(), "");
    let runs = folder.path().join("läufe und so");
    let words = ["train", "--device", "cpu", "--json", "--recipe", text(&recipe), "--data", data.argument()];
    let run_folder = run(&[&words[..], &["--out", text(&runs)]].concat()).ends_with(0).run_folder();
    let out = folder.path().join("karten");
    run(&["predict", text(&run_folder), "--split", "test", "--out", text(&out), "--device", "cpu"]).ends_with(0);
    let pictures = std::fs::read_dir(&out)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "png"));
    assert_eq!(pictures.count(), 4);
}

#[cfg(unix)]
#[cfg(unix)]
#[test]
fn pipes_and_devices_in_place_of_files_are_refused_at_once() {
    let bench = Bench::new("");
    let pipe = bench.folder.path().join("pipe.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let out = bench.folder.path().join("out.npy");
    let recipe = text(&bench.recipe);
    for endless in [text(&pipe), "/dev/zero"] {
        for (words, code) in [
            (&["recipes", endless][..], 2),
            (&["embed", "--points", endless, "--out", text(&out)], 3),
            (&["evaluate", endless, "--data", bench.data.argument(), "--device", "cpu"], 3),
            (&["dataset", "check", endless], 3),
            (&["train", "--recipe", recipe, "--pretrained", endless, "--data", bench.data.argument()], 2),
        ] {
            let began = std::time::Instant::now();
            let ran = run(words).ends_with(code);
            assert!(format!("{}{}", ran.out, ran.err).contains(endless), "{words:?}: {}", ran.err);
            assert!(began.elapsed() < Duration::from_secs(20), "{words:?}");
        }
    }
    // A scene's file that is a pipe is a scene that lacks it, and a list that is one is refused.
    std::fs::rename(&pipe, bench.data.path.join("ids.txt")).unwrap();
    bench.data.write_manifest_with("[[splits]]\nname = \"test\"\nlist = \"ids.txt\"\n", "");
    let ran = run(&["dataset", "check", bench.data.argument()]).ends_with(3);
    assert!(ran.out.contains("not a regular file") && ran.out.contains("ids.txt"), "{}", ran.out);
}

#[test]
fn folders_that_contain_themselves_do_not_trap_the_program() {
    use std::os::unix::fs::symlink;

    let bench = Bench::new("");
    symlink(&bench.data.path, bench.data.path.join("train/colour/again")).unwrap();
    symlink("loop", bench.data.path.join("train/colour/loop")).unwrap();
    symlink("gone.png", bench.data.file("train", "colour", "dangling-day")).unwrap();
    // The patterns name no deeper folder, and nothing follows the links.
    let ran = run(&["dataset", "check", bench.data.argument()]);
    assert!(matches!(ran.code, Some(0 | 3)), "{ran:?}");
    assert!(ran.out.contains("split train: 4 samples"), "{}", ran.out);

    let empty = bench.folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    symlink(&empty, empty.join("empty")).unwrap();
    run(&["dataset", "check", text(&empty)]).ends_with(3);
}

#[test]
fn a_manifest_of_random_bytes_is_refused_with_its_path() {
    let mut dice = Dice(3);
    let folder = TempDir::new().unwrap();
    let manifest = folder.path().join("dataset.toml");
    for length in [0, 1, 40, 4000] {
        let bytes: Vec<u8> = (0..length).map(|_| dice.below(256) as u8).collect();
        std::fs::write(&manifest, bytes).unwrap();
        let ran = run(&["dataset", "check", text(folder.path())]).ends_with(3);
        assert!(ran.out.contains("dataset.toml"), "{}", ran.out);
    }
}

#[test]
fn a_path_that_leads_through_a_file_is_named_with_the_reason() {
    let bench = Bench::new("");
    let inside = bench.data.path.join("dataset.toml").join("inside");
    let refused = run(&["dataset", "check", text(&inside)]).ends_with(3);
    assert!(refused.out.contains("could not read the data set") && refused.out.contains(text(&inside)), "{refused:?}");
    let words = bench.words(&inside);
    let refused = run(&words.iter().map(String::as_str).collect::<Vec<_>>()).ends_with(1);
    assert!(refused.err.contains("could not write to the folder of --out"), "{refused:?}");
    assert!(refused.err.contains(text(&inside)), "{refused:?}");
    let refused = run(&["evaluate", text(&inside), "--device", "cpu"]).ends_with(3);
    assert!(refused.err.contains("could not read the model") && refused.err.contains(text(&inside)), "{refused:?}");

    let thermal = bench.data.path.join("train/thermal");
    std::fs::remove_dir_all(&thermal).unwrap();
    std::fs::write(&thermal, b"").unwrap();
    let checked = run(&["dataset", "check", bench.data.argument()]).ends_with(3);
    let said = format!("check that it exists and may be read: {}\n", text(&thermal));
    assert!(
        checked.out.contains("could not read a folder of the data set") && checked.out.contains(&said),
        "{checked:?}"
    );
}

#[cfg(unix)]
#[test]
fn folders_that_may_not_be_read_or_written_are_named_with_the_reason() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    let bench = Bench::new("");
    let allow = |path: &Path, mode| set_permissions(path, Permissions::from_mode(mode)).unwrap();
    // Others may look into a temporary folder only if one lets them.
    allow(bench.folder.path(), 0o755);
    let Some(stranger) = Stranger::new(bench.folder.path()) else {
        let missing = "a user who may not read everything";
        skip("folders_that_may_not_be_read_or_written_are_named_with_the_reason", Need::Users, missing);
        return;
    };
    let denied = |folder: &Path, words: &[&str], code: i32| {
        allow(folder, 0o000);
        let ran = stranger.run(words);
        allow(folder, 0o755);
        let ran = ran.ends_with(code);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains("Permission denied") && said.contains(text(folder)), "{words:?}: {ran:?}");
    };
    let check = ["dataset", "check", bench.data.argument()];
    denied(&bench.data.path, &check, 3);
    denied(&bench.data.path.join("train/colour"), &check, 3);
    denied(&bench.data.path.join("train/thermal"), &check, 3);
    denied(&bench.data.path.join("train/label"), &check, 3);
    let locked = bench.folder.path().join("locked");
    std::fs::create_dir(&locked).unwrap();
    let words = bench.words(&locked);
    denied(&locked, &words.iter().map(String::as_str).collect::<Vec<_>>(), 1);
    let run_folder = bench.train("runs").ends_with(0).run_folder();
    denied(&run_folder, &["evaluate", text(&run_folder), "--device", "cpu"], 3);
}
