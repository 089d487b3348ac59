//! Whether the number of the messages must be raised is asked as often as their sources change.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// The sum of the sources that define the messages, as [`PROTOCOL`] stands.
const SUM: u32 = 0x104b_6c3f;

/// What defines the messages, below the engine's sources.
const DEFINED_IN: [&str; 5] = ["failure.rs", "protocol", "wire/layout.rs", "wire/message.rs", "wire/picture.rs"];

/// A file, or all files of a folder and of those in it.
fn files_of(path: PathBuf) -> Vec<PathBuf> {
    if path.is_dir() {
        fs::read_dir(path).unwrap().flat_map(|entry| files_of(entry.unwrap().path())).collect()
    } else {
        vec![path]
    }
}

/// Lines that a message's form can depend on: no comments, no tests and not the number itself.
fn lines_of(text: &str) -> String {
    let before_tests = text.lines().take_while(|line| !(line.starts_with("#[cfg(") && line.contains("test")));
    let lines = before_tests.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.filter(|line| !line.contains("const PROTOCOL:")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn who_changes_the_messages_is_asked_for_their_number() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<PathBuf> = DEFINED_IN.iter().flat_map(|path| files_of(sources.join(path))).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    assert!(files.len() > 30, "only {} sources were found", files.len());
    let all: String = files.iter().map(|file| lines_of(&fs::read_to_string(file).unwrap())).collect();
    let found = crc32fast::hash(all.as_bytes());
    assert!(
        found == SUM,
        "the protocol's sources have changed: raise PROTOCOL, which is {PROTOCOL}, if a message has changed its form, and \
         store this sum: {found:#010x}"
    );
}

#[test]
fn comments_tests_and_the_number_itself_are_no_form() {
    let text =
        "//! A.\nuse b;\n\npub const PROTOCOL: u32 = 1;\n    /// C.\n    D(u8), // e\n#[cfg(test)]\nmod tests {}\n";
    assert_eq!(lines_of(text), "use b;\nD(u8), // e\n");
}
