//! Which part may know which, read from the sources.

mod imports;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::imports::Imports;

/// The engine's rooms with their height: a room may use lower ones only.
const HEIGHTS: [(&str, u32); 31] = [
    ("drawing", 1),
    ("failure", 0),
    ("files", 0),
    ("half", 0),
    ("memory", 0),
    ("progress", 1),
    ("random", 0),
    ("signals", 0),
    ("stopwatch", 0),
    ("tally", 0),
    ("kernels", 1),
    ("readback", 1),
    ("recipe", 1),
    ("protocol", 2),
    ("robustness", 3),
    ("data", 3),
    ("places", 4),
    ("network", 4),
    ("objective", 5),
    ("device", 5),
    ("training", 6),
    ("evaluation", 6),
    ("embedding", 6),
    ("description", 7),
    ("plate", 7),
    ("inspection", 8),
    ("gallery", 9),
    ("session", 10),
    ("wire", 11),
    ("study", 9),
    // For tests alone: above all, so that nothing of the program may use it.
    ("fixtures", 12),
];

/// The engine's rooms that the window may know: what passes between the two, a session's ends, what is trained, where
/// the sample data lies, how a file is written whole, what asks the program to end, studies, whose runs it looks at
/// on a thread of its own, drawings and tables of figures, the figures of papers that it writes on a thread of its own
/// too, and the line to a session in another process. None of them computes on the caller's thread.
const WINDOW_KNOWS: [&str; 11] =
    ["drawing", "files", "places", "plate", "protocol", "recipe", "robustness", "session", "signals", "study", "wire"];

/// The crates of the program, by their folder.
const CRATES: [&str; 4] = ["engine", "app", "app/command-line", "app/program"];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust source below a folder that belongs to the program, without its inline tests.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let for_tests: Vec<PathBuf> = found.iter().flat_map(|(path, text)| modules_for_tests(path, text)).collect();
    found.retain(|(path, _)| !for_tests.iter().any(|module| path.with_extension("").starts_with(module)));
    for (_, text) in &mut found {
        if let Some(tests) = text.find("#[cfg(test)]\nmod tests {") {
            text.truncate(tests);
        }
    }
    found
}

/// Where the modules lie, without `.rs`, that a source declares for tests only.
fn modules_for_tests(path: &Path, text: &str) -> Vec<PathBuf> {
    let stem = path.file_stem().unwrap();
    let folder = path.parent().unwrap();
    let inside = if stem == "mod" || stem == "lib" { folder.to_owned() } else { folder.join(stem) };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    let names = declared.filter_map(|pair| pair[1].split_once("mod ")?.1.strip_suffix(';'));
    names.map(|name| inside.join(name)).collect()
}

/// The room that a file of the engine belongs to.
fn room_of(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

#[test]
fn every_room_of_the_engine_knows_lower_rooms_only() {
    let heights: BTreeMap<&str, u32> = HEIGHTS.into();
    let height = |room| heights.get(room).unwrap_or_else(|| panic!("the room `{room}` has no height in this test"));
    let mut checked = 0;
    let imports = Imports::read(&workspace().join("engine/src"));
    for (file, uses) in &imports.uses {
        let room = room_of(file);
        for (other, name) in uses.iter().filter(|(other, _)| room_of(other) != room) {
            let below = height(room_of(other)) < height(room);
            assert!(below, "{file} uses `{name}` of {other}, which is not below `{room}`");
            checked += 1;
        }
    }
    assert!(checked > 50, "only {checked} uses were found: the test no longer reads the sources");
}

#[test]
fn no_files_of_a_crate_use_each_other_in_a_circle() {
    for folder in CRATES {
        if let Some(circle) = Imports::read(&workspace().join(folder).join("src")).circle() {
            panic!("{folder}/src: {}", circle_in_words(&circle));
        }
    }
}

#[test]
fn a_circle_through_a_facade_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("room")).unwrap();
    for (name, text) in [
        ("lib.rs", "pub mod room;"),
        ("room/mod.rs", "mod a;\nmod b;\n\npub use self::a::A;"),
        ("room/a.rs", "use super::b::B;\n\npub struct A(B);"),
        (
            "room/b.rs",
            "//! Not `super::C`.\npub struct B;\n\npub fn of(_: &crate::room::A) -> &'static str {\n    \"super::C\"\n}",
        ),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let circle = Imports::read(folder.path()).circle().unwrap();
    let expected = "room/a.rs uses `super::b::B` of room/b.rs, which uses `crate::room::A` of room/a.rs";
    assert_eq!(circle_in_words(&circle), expected);
}

fn circle_in_words(circle: &[(String, String)]) -> String {
    let (_, first) = circle.last().unwrap();
    let steps = circle.iter().map(|(name, file)| format!(" uses `{name}` of {file}"));
    format!("{first}{}", steps.collect::<Vec<_>>().join(", which"))
}

#[test]
fn the_engine_never_draws_and_the_app_never_computes() {
    let manifest = |package: &str| std::fs::read_to_string(workspace().join(package).join("Cargo.toml")).unwrap();
    let depends = |package: &str, on: &str| {
        manifest(package)
            .lines()
            .any(|line| line.starts_with(on) && !line[on.len()..].starts_with(char::is_alphanumeric))
    };
    for (package, forbidden) in [
        ("engine", &["egui", "eframe", "rfd", "clap", "indicatif"] as &[&str]),
        ("app", &["burn", "clap", "indicatif", "fusionscope-command-line"]),
        ("app/command-line", &["burn", "egui", "eframe", "rfd", "wgpu", "fusionscope."]),
        ("app/program", &["burn"]),
    ] {
        assert!(depends(package, "anyhow") || depends(package, "thiserror"), "{package}: no dependency was found");
        for word in forbidden {
            assert!(!depends(package, word), "{package} depends on {word}");
        }
    }
    for (path, text) in sources(&workspace().join("engine/src")) {
        assert!(!text.contains("egui::"), "{} names egui", path.display());
    }
}

#[test]
fn the_window_knows_what_passes_between_it_and_the_engine_and_no_room_that_computes() {
    let mut checked = 0;
    for (path, text) in sources(&workspace().join("app/src")) {
        for room in imports::paths(&text).into_iter().filter(|path| path[0] == "fusionscope_engine") {
            let room = room.get(1).map_or("", String::as_str);
            assert!(WINDOW_KNOWS.contains(&room), "{} uses the engine's room `{room}`", path.display());
            checked += 1;
        }
    }
    assert!(checked > 50, "only {checked} uses were found: the test no longer reads the sources");
}

#[test]
fn sources_cite_papers_and_equations_and_no_document_that_is_not_here() {
    let mut read = 0;
    for folder in CRATES {
        for (path, text) in sources(&workspace().join(folder).join("src")) {
            for words in ["spec §", "papers-spec", "of the specification"] {
                assert!(!text.contains(words), "{} cites `{words}`", path.display());
            }
            read += 1;
        }
    }
    assert!(read > 100, "only {read} sources were found");
}

#[test]
fn the_protocol_holds_plain_data_only() {
    for (path, text) in sources(&workspace().join("engine/src/protocol")) {
        // A program's name, and no type.
        let text = text.replace("TensorBoard", "");
        for word in ["burn::", "Tensor", "dyn Fn", "egui"] {
            assert!(!text.contains(word), "{} names {word}", path.display());
        }
    }
}

#[test]
fn the_lock_file_holds_one_wgpu_one_egui_and_one_burn() {
    let lock = std::fs::read_to_string(workspace().join("Cargo.lock")).unwrap();
    for name in ["wgpu", "egui", "burn"] {
        let count = lock.lines().filter(|line| *line == format!("name = \"{name}\"")).count();
        assert_eq!(count, 1, "{count} versions of {name}");
    }
}
