//! Which part may know which, read from the sources.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The engine's rooms with their height: a room may use lower ones only.
const HEIGHTS: [(&str, u32); 19] = [
    ("failure", 0),
    ("progress", 1),
    ("random", 0),
    ("stopwatch", 0),
    ("tally", 0),
    ("kernels", 1),
    ("recipe", 1),
    ("protocol", 2),
    ("data", 3),
    ("network", 4),
    ("objective", 5),
    ("device", 5),
    ("training", 6),
    ("evaluation", 6),
    ("embedding", 7),
    ("description", 7),
    ("inspection", 8),
    ("session", 9),
    // For tests alone: above all, so that nothing of the program may use it.
    ("fixtures", 10),
];

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

/// The rooms that a source names as `crate::room`.
fn rooms_used(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .filter_map(|rest| rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next())
        .collect()
}

#[test]
fn every_room_of_the_engine_knows_lower_rooms_only() {
    let heights: BTreeMap<&str, u32> = HEIGHTS.into();
    let root = workspace().join("engine/src");
    let mut checked = 0;
    for (path, text) in sources(&root) {
        let inside = path.strip_prefix(&root).unwrap();
        let room = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if room == "lib" {
            continue;
        }
        let height = heights.get(room).unwrap_or_else(|| panic!("the room `{room}` has no height in this test"));
        for used in rooms_used(&text).into_iter().filter(|&used| used != room) {
            let Some(other) = heights.get(used) else { panic!("{}: no room `{used}`", path.display()) };
            assert!(other < height, "{} uses `{used}`, which is not below `{room}`", path.display());
            checked += 1;
        }
    }
    assert!(checked > 50, "only {checked} uses were found: the test no longer reads the sources");
}

#[test]
fn the_engine_never_draws_and_the_app_never_computes() {
    let manifest = |package: &str| std::fs::read_to_string(workspace().join(package).join("Cargo.toml")).unwrap();
    for word in ["egui", "eframe", "rfd", "clap"] {
        assert!(!manifest("engine").contains(word), "the engine depends on {word}");
    }
    for (path, text) in sources(&workspace().join("engine/src")) {
        assert!(!text.contains("egui::"), "{} names egui", path.display());
    }
    assert!(!manifest("app").contains("burn"), "the app depends on burn");
}

#[test]
fn sources_cite_papers_and_equations_and_no_document_that_is_not_here() {
    let mut read = 0;
    for folder in ["engine/src", "app/src"] {
        for (path, text) in sources(&workspace().join(folder)) {
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
