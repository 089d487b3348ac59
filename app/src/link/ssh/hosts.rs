//! The machines that the user's SSH configuration names.

use std::fs;
use std::path::{Path, PathBuf};

/// Files in files that are read, as `ssh` has it.
const DEEPEST: u32 = 16;
/// The longest file that is read.
const MOST_BYTES: u64 = 1 << 20;
/// The most machines that are listed.
const MOST_HOSTS: usize = 200;
/// The most files that are read: they may include each other.
const MOST_FILES: u32 = 256;

/// Every machine that `~/.ssh/config`, and what it includes, calls by a name without wildcards, in that order.
pub fn hosts() -> Vec<String> {
    let Some(home) = std::env::home_dir() else { return Vec::new() };
    let ssh = home.join(".ssh");
    hosts_of(home, ssh)
}

fn hosts_of(home: PathBuf, ssh: PathBuf) -> Vec<String> {
    let config = ssh.join("config");
    let mut reading = Reading { home, ssh, hosts: Vec::new(), files: 0 };
    reading.read(&config, 0);
    reading.hosts
}

struct Reading {
    home: PathBuf,
    ssh: PathBuf,
    hosts: Vec<String>,
    /// Files that were read.
    files: u32,
}

impl Reading {
    fn read(&mut self, path: &Path, depth: u32) {
        self.files += 1;
        let is_short = self.files <= MOST_FILES
            && fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= MOST_BYTES);
        // A file that is not there, or not text, names none.
        let Some(text) = is_short.then(|| fs::read_to_string(path).ok()).flatten() else { return };
        for line in text.lines() {
            let mut words = words_of(line).into_iter();
            match words.next().map(|word| word.to_ascii_lowercase()).as_deref() {
                Some("host") => {
                    for name in words.filter(|name| !name.contains(['*', '?', '!'])) {
                        if !self.hosts.contains(&name) && self.hosts.len() < MOST_HOSTS {
                            self.hosts.push(name);
                        }
                    }
                }
                Some("include") if depth < DEEPEST => {
                    let files: Vec<PathBuf> = words.flat_map(|word| matching(&self.absolute(&word))).collect();
                    for file in files {
                        self.read(&file, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }

    fn absolute(&self, word: &str) -> PathBuf {
        match word.strip_prefix("~/") {
            Some(rest) => self.home.join(rest),
            // What is absolute stays so.
            None => self.ssh.join(word),
        }
    }
}

/// The words of a line, keyword first: `Host a "b c"`, `Host=a`; none of a comment.
fn words_of(line: &str) -> Vec<String> {
    let line = line.trim();
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    if line.starts_with('#') {
        return words;
    }
    for letter in line.chars() {
        let ends = !is_quoted && (letter.is_whitespace() || (letter == '=' && words.len() < 2));
        match letter {
            '"' => is_quoted = !is_quoted,
            // What follows is a comment to newer versions.
            '#' if !is_quoted && word.is_empty() => break,
            _ if ends && word.is_empty() => {}
            _ if ends => words.push(std::mem::take(&mut word)),
            _ => word.push(letter),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The files that a path with wildcards names, by name.
fn matching(pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        let part = part.as_os_str();
        let wild = part.to_str().filter(|part| part.contains(['*', '?']));
        found = found
            .into_iter()
            .flat_map(|folder| match wild {
                None => vec![folder.join(part)],
                Some(wild) => inside(&folder, wild),
            })
            .collect();
    }
    found
}

fn inside(folder: &Path, wild: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter(|entry| {
        let name = entry.file_name();
        let is_hidden = name.as_encoded_bytes().starts_with(b".") && !wild.starts_with('.');
        !is_hidden && name.to_str().is_some_and(|name| fits(wild.as_bytes(), name.as_bytes()))
    });
    let mut found: Vec<PathBuf> = named.map(|entry| entry.path()).collect();
    found.sort();
    found
}

/// Whether a name is one of those that a pattern of `*` and `?` stands for.
fn fits(wild: &[u8], name: &[u8]) -> bool {
    match (wild.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => fits(rest, name) || name.split_first().is_some_and(|(_, tail)| fits(wild, tail)),
        (Some((b'?', rest)), Some((_, tail))) => fits(rest, tail),
        (Some((letter, rest)), Some((other, tail))) => letter == other && fits(rest, tail),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_found_by_name_also_in_files_that_are_included() {
        let home = tempfile::tempdir().unwrap();
        let ssh = home.path().join(".ssh");
        fs::create_dir_all(ssh.join("conf.d")).unwrap();
        let write = |name: &str, text: &str| fs::write(ssh.join(name), text).unwrap();
        write(
            "config",
            "# Host commented\nInclude conf.d/*.conf ~/.ssh/more missing\nHost gpu gpu-2 *.lab !bad\n  HostName 10.0.0.7\nhost=\"big \
             box\" # why\nMatch all\n\tHost gpu\n",
        );
        write("conf.d/b.conf", "HOST second\n");
        write("conf.d/a.conf", "Host first\nInclude conf.d/*.conf\n");
        write("conf.d/.hidden.conf", "Host hidden\n");
        write("conf.d/c.txt", "Host other\n");
        write("more", "Host more\n");
        let hosts = || hosts_of(home.path().to_owned(), ssh.clone());
        assert_eq!(hosts(), ["first", "second", "more", "gpu", "gpu-2", "big box"]);
        // Files that include each other, twice each, end.
        write("config", "Include config config\nHost itself\n");
        assert_eq!(hosts(), ["itself"]);
    }

    #[test]
    fn what_is_no_text_names_none() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("config"), b"Host \xff\xfe").unwrap();
        for ssh in [home.path().to_owned(), home.path().join("missing"), home.path().join("config")] {
            assert!(hosts_of(home.path().to_owned(), ssh).is_empty());
        }
    }
}
