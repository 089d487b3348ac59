//! Files as people have them, from the command line: what is refused, what is said, what is written.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{Tiny, run, text, tiny_data, write_recipe};

/// A run trained on plain data, made once and only read by the tests.
fn trained() -> &'static (TempDir, PathBuf) {
    static TRAINED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    TRAINED.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let data = tiny_data(&folder.path().join("data"));
        let run = train(&data, folder.path(), &[]).1;
        (folder, run)
    })
}

/// What training said on standard error, and the run's folder.
fn train(data: &Tiny, folder: &Path, more: &[&str]) -> (String, PathBuf) {
    let (recipe, out) = (write_recipe(folder, ""), folder.join("runs"));
    let words = ["train", "--device", "cpu", "--recipe", text(&recipe), "--data", data.argument(), "--out", text(&out)];
    let ran = run(&[&words[..], more].concat()).ends_with(0);
    let run = ran.out.lines().last().unwrap().trim_start_matches("run folder: ").into();
    (ran.err, run)
}

/// Changes the manifest.
fn change(data: &Tiny, from: &str, to: &str) {
    let path = data.path.join("dataset.toml");
    let manifest = std::fs::read_to_string(&path).unwrap();
    assert!(manifest.contains(from), "{from}: {manifest}");
    std::fs::write(&path, manifest.replace(from, to)).unwrap();
}

#[test]
fn predictions_of_ids_that_share_a_file_name_are_refused_before_any_is_written() {
    let (_, model) = trained();
    let folder = TempDir::new().unwrap();
    let data = tiny_data(&folder.path().join("data"));
    for (seed, id) in ["s 1", "s_1"].into_iter().enumerate() {
        data.add_scene("test", id, seed as u32);
    }
    let out = folder.path().join("maps");
    let words =
        ["predict", text(model), "--data", data.argument(), "--split", "test", "--out", text(&out), "--device", "cpu"];
    let refused = run(&words).ends_with(3).err;
    assert!(refused.contains("`s 1` and `s_1` would share one file"), "{refused}");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0);
}

#[test]
fn label_maps_hold_the_ids_that_were_asked_for_and_say_which() {
    let (_, model) = trained();
    for (step, bits) in [(10_u16, 8_u8), (1000, 16)] {
        let folder = TempDir::new().unwrap();
        let data = tiny_data(&folder.path().join("data"));
        for id in ["00-day", "01-night", "02-day"] {
            let file = data.file("test", "label", id);
            let label = image::open(&file).unwrap().into_luma8();
            let stored = |id: u8| if id == 255 { 255 } else { step * (u16::from(id) + 1) };
            let label = image::ImageBuffer::from_fn(label.width(), label.height(), |x, y| {
                image::Luma([stored(label.get_pixel(x, y)[0])])
            });
            label.save(&file).unwrap();
        }
        let map = format!("[labels]\nmap = [[{step}, 0], [{}, 1], [{}, 2]]", 2 * step, 3 * step);
        change(&data, "[labels]", &map);
        let predict = |ids: &str| {
            let out = folder.path().join(ids);
            let words = ["predict", text(model), "--data", data.argument(), "--split", "test", "--device", "cpu"];
            let said = run(&[&words[..], &["--ids", ids, "--out", text(&out)]].concat()).ends_with(0).out;
            let map = image::open(out.join("00-day.png")).unwrap();
            let file = std::fs::File::open(out.join("00-day.png")).unwrap();
            let mut decoder = png::Decoder::new(std::io::BufReader::new(file));
            decoder.set_transformations(png::Transformations::IDENTITY);
            let mut reader = decoder.read_info().unwrap();
            let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
            let frame = reader.next_frame(&mut bytes).unwrap();
            assert_eq!(map.width(), frame.width);
            (said, frame.bit_depth as u8, bytes)
        };
        let (said, _, classes) = predict("class");
        assert!(said.contains("class ids (0 ") && classes.iter().all(|&id| id < 3), "{said}");
        let (said, depth, stored) = predict("stored");
        assert!(said.contains("label files") && said.contains(&format!("({step} ")), "{said}");
        assert_eq!(depth, bits);
        let stored: Vec<u16> = match bits {
            8 => stored.into_iter().map(u16::from).collect(),
            _ => stored.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect(),
        };
        let expected: Vec<u16> = classes.iter().map(|&id| step * (u16::from(id) + 1)).collect();
        assert_eq!(stored, expected);
    }
}

#[test]
fn training_and_evaluation_say_what_is_off_with_the_values() {
    let (_, model) = trained();
    let folder = TempDir::new().unwrap();
    let data = tiny_data(&folder.path().join("data"));
    change(&data, "name = \"thermal\"", "name = \"thermal\"\nhigh = 0.1");
    let words = "thermal: ";
    let clamped = "of the values lie outside 0 to 0.1 and are clamped";
    let (said, _) = train(&data, folder.path(), &[]);
    let line = said.lines().find(|line| line.contains(clamped)).unwrap_or_else(|| panic!("{said}"));
    assert!(line.contains(words) && line.contains("dataset check"), "{line}");
    let evaluated = run(&[
        "evaluate",
        text(model),
        "--data",
        data.argument(),
        "--split",
        "test",
        "--device",
        "cpu",
        "--out",
        text(folder.path()),
    ]);
    assert!(evaluated.ends_with(0).err.contains(clamped));
    let checked = run(&["dataset", "check", data.argument()]).ends_with(0).out;
    assert!(checked.contains("range used") && checked.contains(clamped), "{checked}");
}
