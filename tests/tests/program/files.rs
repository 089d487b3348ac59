//! Files as people have them, from the command line: what is refused, what is said, what is written.

use tempfile::TempDir;

use crate::support::{run, text, tiny_data, trained, write_recipe};

#[test]
fn predictions_of_ids_that_share_a_file_name_are_refused_before_any_is_written() {
    let folder = TempDir::new().unwrap();
    let data = tiny_data(&folder.path().join("data"));
    for (seed, id) in ["s 1", "s_1"].into_iter().enumerate() {
        data.add_scene("test", id, seed as u32);
    }
    let out = folder.path().join("maps");
    let words = ["predict", trained().run(), "--data", data.argument(), "--split", "test", "--device", "cpu", "--out"];
    let words = [&words[..], &[text(&out)]].concat();
    let refused = run(&words).ends_with(3).err;
    assert!(refused.contains("`s 1` and `s_1` would share one file"), "{refused}");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0);
}

#[test]
fn label_maps_hold_the_ids_that_were_asked_for_and_say_which() {
    let model = trained().run();
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
        data.change(&[("[labels]", &map)]);
        let predict = |ids: &str| {
            let out = folder.path().join(ids);
            let words = ["predict", model, "--data", data.argument(), "--split", "test", "--device", "cpu"];
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
    let folder = TempDir::new().unwrap();
    let data = tiny_data(&folder.path().join("data"));
    data.change(&[("name = \"thermal\"", "name = \"thermal\"\nhigh = 0.1")]);
    let clamped = "of the values lie outside 0 to 0.1 and are clamped";
    let (recipe, out) = (write_recipe(folder.path(), ""), folder.path().join("runs"));
    let words = ["train", "--device", "cpu", "--recipe", text(&recipe), "--data", data.argument(), "--out", text(&out)];
    let said = run(&words).ends_with(0).err;
    let line = said.lines().find(|line| line.contains(clamped)).unwrap_or_else(|| panic!("{said}"));
    assert!(line.contains("thermal: ") && line.contains("dataset check"), "{line}");
    let evaluated = run(&[
        "evaluate",
        trained().run(),
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
