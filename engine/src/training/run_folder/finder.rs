//! Finding run folders below others, however deep, again and again: what has not changed is not listed again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::RECIPE;

/// Folders in folders that are looked into, the first one not counted: a study's `OUT/ROW/seed-N/RUN` and some more.
const DEEPEST: u32 = 8;
/// The most folders that are looked into at one go, runs not counted.
const MOST_FOLDERS: usize = 20_000;
/// What changed within this time of being listed may have changed again within the same tick of the file system.
const TICK: Duration = Duration::from_secs(2);

/// Finds runs, and remembers what it has seen.
#[derive(Debug, Default)]
pub struct Finder {
    seen: BTreeMap<PathBuf, Seen>,
}

/// A folder as it was when it was listed.
#[derive(Debug)]
struct Seen {
    changed: SystemTime,
    is_settled: bool,
    /// It has become a run since the folder around it was listed, as one that is copied in file by file does.
    is_run: bool,
    runs: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    /// Links that led to no run; they may yet.
    links: Vec<PathBuf>,
}

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Run folders.
    pub runs: BTreeSet<PathBuf>,
    /// Why not every folder could be looked into, a sentence each.
    pub remarks: Vec<String>,
}

impl Finder {
    /// Every run in or below these folders; a folder may be a run itself. What is a link is looked at and not into.
    pub fn find(&mut self, folders: &[PathBuf]) -> Found {
        let mut found = Found::default();
        let mut kept = BTreeMap::new();
        for root in folders {
            if root.join(RECIPE).is_file() {
                found.runs.insert(root.clone());
                continue;
            }
            let mut open = vec![(root.clone(), 0)];
            while let Some((folder, depth)) = open.pop() {
                if kept.contains_key(&folder) {
                    continue;
                }
                if kept.len() >= MOST_FOLDERS {
                    let most = crate::protocol::whole(MOST_FOLDERS as u64);
                    found.remarks.push(format!(
                        "There are more than {most} folders, so runs may be missing; choose one nearer to them: {}",
                        root.display()
                    ));
                    break;
                }
                match self.listed(&folder) {
                    Ok(seen) => {
                        found.runs.extend(seen.runs.iter().cloned());
                        found.runs.extend(seen.is_run.then(|| folder.clone()));
                        // What is not looked into is asked for its recipe each time: the folder around it does not tell.
                        let mut closed: Vec<&PathBuf> = seen.links.iter().collect();
                        if depth < DEEPEST {
                            open.extend(seen.folders.iter().map(|inner| (inner.clone(), depth + 1)));
                        } else {
                            closed.extend(&seen.folders);
                        }
                        found.runs.extend(closed.into_iter().filter(|path| path.join(RECIPE).is_file()).cloned());
                        kept.insert(folder, seen);
                    }
                    // A folder that has just gone, or that the first run will make, holds none.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => {
                        found.remarks.push(format!("Could not look for runs: {error}: {}", folder.display()));
                    }
                }
            }
        }
        self.seen = kept;
        found
    }

    /// What a folder holds: as before where it has not changed since.
    fn listed(&mut self, folder: &Path) -> std::io::Result<Seen> {
        let changed = fs::metadata(folder)?.modified()?;
        if let Some(before) = self.seen.remove(folder).filter(|seen| seen.is_settled && seen.changed == changed) {
            return Ok(before);
        }
        let is_settled = SystemTime::now().duration_since(changed).is_ok_and(|age| age > TICK);
        let is_run = folder.join(RECIPE).is_file();
        let (runs, folders, links) = (Vec::new(), Vec::new(), Vec::new());
        let mut seen = Seen { changed, is_settled, is_run, runs, folders, links };
        if is_run {
            return Ok(seen);
        }
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            // A folder whose name begins with a dot is one that is still being made.
            if !(kind.is_dir() || kind.is_symlink()) || entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let path = entry.path();
            if path.join(RECIPE).is_file() {
                seen.runs.push(path);
            } else if kind.is_dir() {
                seen.folders.push(path);
            } else {
                seen.links.push(path);
            }
        }
        Ok(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(at: &Path) -> PathBuf {
        fs::create_dir_all(at.join("checkpoints")).unwrap();
        fs::write(at.join(RECIPE), "").unwrap();
        at.to_owned()
    }

    #[test]
    fn runs_are_found_at_every_depth_and_those_that_come_and_go_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let plain = run(&folder.path().join("runs/one"));
        let nested = run(&folder.path().join("study/row/seed-1/two"));
        run(&folder.path().join(".three.partial"));
        run(&nested.join("checkpoints/no run of its own"));
        let single = run(&folder.path().join("elsewhere/four"));
        let places = [folder.path().join("runs"), folder.path().join("study"), single.clone()];
        let mut finder = Finder::default();
        let expected = BTreeSet::from([plain.clone(), nested.clone(), single]);
        for _ in 0..2 {
            assert_eq!(finder.find(&places), Found { runs: expected.clone(), remarks: Vec::new() });
        }
        let late = run(&folder.path().join("study/row/seed-2/five"));
        fs::remove_dir_all(&plain).unwrap();
        let found = finder.find(&places).runs;
        assert!(found.contains(&late) && !found.contains(&plain) && found.contains(&nested));
        assert_eq!(finder.find(&[folder.path().join("missing")]), Found::default());
    }

    /// Makes a folder look as if nothing had been put into it for an hour.
    #[cfg(unix)]
    fn age(folder: &Path) {
        let hour = SystemTime::now() - Duration::from_hours(1);
        fs::File::open(folder).unwrap().set_modified(hour).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_run_whose_recipe_comes_last_is_found_when_it_comes() {
        let folder = tempfile::tempdir().unwrap();
        let deepest = (0..DEEPEST).fold(folder.path().to_owned(), |path, depth| path.join(depth.to_string()));
        let copied = [folder.path().join("copied"), deepest.join("deep"), folder.path().join("linked")];
        let far = tempfile::tempdir().unwrap();
        for run in &copied[..2] {
            fs::create_dir_all(run.join("checkpoints")).unwrap();
        }
        std::os::unix::fs::symlink(far.path(), &copied[2]).unwrap();
        for around in [copied[0].as_path(), &copied[1], &deepest, folder.path()] {
            age(around);
        }
        let mut finder = Finder::default();
        let places = [folder.path().to_owned()];
        assert_eq!(finder.find(&places), Found::default());
        for run in &copied {
            fs::write(run.join(RECIPE), "").unwrap();
        }
        for _ in 0..2 {
            assert_eq!(finder.find(&places).runs, BTreeSet::from(copied.clone()));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_linked_run_is_found_and_a_circle_of_links_ends() {
        let folder = tempfile::tempdir().unwrap();
        let far = tempfile::tempdir().unwrap();
        run(&far.path().join("one"));
        std::os::unix::fs::symlink(far.path().join("one"), folder.path().join("linked")).unwrap();
        fs::create_dir(folder.path().join("inner")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("inner/back")).unwrap();
        let found = Finder::default().find(&[folder.path().to_owned()]);
        assert_eq!(found.runs, BTreeSet::from([folder.path().join("linked")]));
    }
}
