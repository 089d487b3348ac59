//! The thread that looks at the disk for a window on another machine: folders to choose from, and runs to be copied.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::aside::{Aside, Ended, Teller};
use super::options::Wake;
use crate::data::MANIFEST_NAME;
use crate::failure::{Failure, FailureKind};
use crate::protocol::{DiskCommand, DiskNews, EntryKind, Event, FolderEntry, FolderListing};
use crate::training::{RunError, RunFolder};

/// What a packed model's name ends with.
const MODEL: &str = "safetensors";
/// What a run folder holds.
const RECIPE: &str = "recipe.toml";

/// The app's end of the thread.
pub(super) fn disk(wake: Option<Wake>) -> Aside<DiskCommand> {
    Aside::new("fusionscope-disk", wake, |commands, teller| {
        for command in commands {
            if answer(&teller, command).is_err() {
                return;
            }
        }
    })
}

fn answer(teller: &Teller, asked: DiskCommand) -> Result<(), Ended> {
    let answered = match &asked {
        DiskCommand::List { path } => listing(path.as_deref()).map(DiskNews::Listed),
        DiskCommand::Contents { run } => RunFolder::contents(run).map(DiskNews::Contents).map_err(|e| failure(&e)),
        DiskCommand::Piece(of) => {
            RunFolder::piece(of).map(|bytes| DiskNews::Piece { of: of.clone(), bytes }).map_err(|error| failure(&error))
        }
    };
    teller.tell(Event::Disk(answered.unwrap_or_else(|failure| DiskNews::Refused { asked, failure })))
}

fn failure(error: &RunError) -> Failure {
    Failure::of(error).unwrap_or_else(|| Failure::refused("It was stopped"))
}

/// What lies in a folder, the user's own where none is named.
fn listing(path: Option<&Path>) -> Result<FolderListing, Failure> {
    let home = || std::env::home_dir().filter(|home| home.is_dir()).unwrap_or_else(|| PathBuf::from("/"));
    let path = path.map_or_else(home, Path::to_owned);
    let path = std::path::absolute(&path).unwrap_or(path);
    let unreadable = |error: io::Error| {
        let words = format!("Could not list the folder: {error}: {}", path.display());
        Failure::new(FailureKind::Unreadable, words)
    };
    let mut entries = Vec::new();
    for entry in fs::read_dir(&path).map_err(unreadable)? {
        let Ok(entry) = entry else { continue };
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            entries.push(FolderEntry { path, kind: EntryKind::Folder });
        } else if path.extension().is_some_and(|ending| ending == MODEL) {
            entries.push(FolderEntry { path, kind: EntryKind::Model });
        }
    }
    let is_file = |entry: &FolderEntry| entry.kind == EntryKind::Model;
    entries.sort_by(|one, other| is_file(one).cmp(&is_file(other)).then_with(|| one.path.cmp(&other.path)));
    let further = entries.len().saturating_sub(FolderListing::MOST) as u64;
    entries.truncate(FolderListing::MOST);
    // Looked into once it is known which of them are told.
    for entry in entries.iter_mut().filter(|entry| entry.kind == EntryKind::Folder) {
        entry.kind = kind_of(&entry.path);
    }
    Ok(FolderListing { parent: path.parent().map(Path::to_owned), kind: kind_of(&path), path, entries, further })
}

fn kind_of(folder: &Path) -> EntryKind {
    if folder.join(MANIFEST_NAME).is_file() {
        EntryKind::DataSet
    } else if folder.join(RECIPE).is_file() {
        EntryKind::Run
    } else {
        EntryKind::Folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_listed_with_what_can_be_opened_and_no_more_than_is_told() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", "a/data", "a/run", ".hidden"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        for name in ["a/data/dataset.toml", "a/run/recipe.toml", "a/m.safetensors", "a/notes.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let listed = |path: &Path| listing(Some(path)).unwrap();
        let kinds = |listing: &FolderListing| -> Vec<(String, EntryKind)> {
            let name = |entry: &FolderEntry| entry.path.file_name().unwrap().to_string_lossy().into_owned();
            listing.entries.iter().map(|entry| (name(entry), entry.kind)).collect()
        };
        let top = listed(folder.path());
        assert_eq!(kinds(&top), [("a".to_owned(), EntryKind::Folder), ("b".to_owned(), EntryKind::Folder)]);
        assert_eq!(top.parent.as_deref(), folder.path().parent());
        let inner = listed(&folder.path().join("a"));
        let expected = [("data", EntryKind::DataSet), ("run", EntryKind::Run), ("m.safetensors", EntryKind::Model)];
        assert_eq!(kinds(&inner), expected.map(|(name, kind)| (name.to_owned(), kind)));
        assert_eq!(listed(&folder.path().join("a/run")).kind, EntryKind::Run);
        for index in 0..FolderListing::MOST {
            fs::create_dir(folder.path().join(format!("c{index}"))).unwrap();
        }
        let long = listed(folder.path());
        assert_eq!((long.entries.len(), long.further), (FolderListing::MOST, 2));
        let refused = listing(Some(&folder.path().join("missing"))).unwrap_err();
        assert!(refused.text.contains("Could not list the folder"), "{}", refused.text);
    }

    #[test]
    fn without_a_path_the_own_folder_is_listed() {
        assert!(listing(None).unwrap().path.is_absolute());
    }
}
