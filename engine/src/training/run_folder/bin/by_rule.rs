//! The bin of systems where desktops agree on folders for it: the Trash specification of freedesktop.org, version 1.0.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Moves a folder into the user's bin, or into that of the disk which the folder lies on; returns where it lies now.
pub(super) fn put_away(folder: &Path) -> Result<Option<PathBuf>, String> {
    let failed = |error: io::Error| error.to_string();
    let home = home().ok_or("neither XDG_DATA_HOME nor HOME says where the bin lies")?;
    let (parent, name) = folder.parent().zip(folder.file_name()).ok_or("it has no name")?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let folder = parent.canonicalize().map_err(failed)?.join(name);
    let own = home.join("Trash");
    match put_into(&own, &folder, &folder) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
        put => return put.map(Some).map_err(failed),
    }
    // Nothing is copied from disk to disk: each has a bin of its own at its top.
    let top = top_of(&folder).map_err(failed)?;
    let user = fs::metadata(&own).map_err(failed)?.uid();
    let told = folder.strip_prefix(&top).unwrap_or(&folder);
    put_into(&top.join(format!(".Trash-{user}")), &folder, told).map(Some).map_err(failed)
}

/// Where the user's data lie.
fn home() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    named("XDG_DATA_HOME").or_else(|| Some(named("HOME")?.join(".local/share")))
}

/// The highest folder of the disk that something lies on.
fn top_of(path: &Path) -> io::Result<PathBuf> {
    let disk = fs::symlink_metadata(path)?.dev();
    let is_there = |folder: &&Path| fs::metadata(folder).is_ok_and(|found| found.dev() == disk);
    let top = path.ancestors().skip(1).take_while(is_there).last();
    top.map(Path::to_owned).ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// Moves a folder into this bin, which is made where there is none; `told` is where the bin says that it came from.
fn put_into(bin: &Path, folder: &Path, told: &Path) -> io::Result<PathBuf> {
    let (files, cards) = (bin.join("files"), bin.join("info"));
    for part in [&files, &cards] {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(part)?;
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for number in 1_u32.. {
        let name = if number == 1 { name.clone() } else { format!("{name}.{number}") };
        let (place, card) = (files.join(&name), cards.join(format!("{name}.trashinfo")));
        // Whoever makes the card has the name.
        let mut file = match File::create_new(&card) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            made => made?,
        };
        let when = chrono::Local::now().format("%Y-%m-%dT%H:%M:%S");
        let text = format!("[Trash Info]\nPath={}\nDeletionDate={when}\n", escaped(told));
        let moved = file.write_all(text.as_bytes()).and_then(|()| {
            // A folder without a card would be replaced where it is empty.
            if place.symlink_metadata().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(folder, &place)
        });
        match moved {
            Ok(()) => return Ok(place),
            Err(error) => {
                // A card of nothing would only be in the way.
                let _gone = fs::remove_file(&card);
                if error.kind() != io::ErrorKind::AlreadyExists {
                    return Err(error);
                }
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A path as in a URL, slashes as they are.
fn escaped(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let bytes = path.as_os_str().as_bytes().iter();
    bytes.map(|&byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_away_lies_in_the_bin_with_a_card_that_says_where_it_came_from() {
        let place = tempfile::tempdir().unwrap();
        let bin = place.path().join("Trash");
        let folder = place.path().join("a run, 5 %");
        let mut places = Vec::new();
        for word in ["first", "second"] {
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("recipe.toml"), word).unwrap();
            places.push(put_into(&bin, &folder, &folder).unwrap());
            assert!(!folder.exists());
        }
        assert_ne!(places[0], places[1], "two of one name");
        assert_eq!(fs::read_to_string(places[1].join("recipe.toml")).unwrap(), "second");
        let card = fs::read_to_string(bin.join("info/a run, 5 %.2.trashinfo")).unwrap();
        let path = format!("Path={}/a%20run%2C%205%20%25\n", escaped(place.path()));
        assert!(card.starts_with("[Trash Info]\n") && card.contains(&path), "{card}");
        assert!(card.lines().last().unwrap().starts_with("DeletionDate=20"), "{card}");
    }

    #[test]
    fn what_cannot_be_moved_stays_and_leaves_no_card() {
        let place = tempfile::tempdir().unwrap();
        let (bin, missing) = (place.path().join("Trash"), place.path().join("missing"));
        assert!(put_into(&bin, &missing, &missing).is_err());
        assert_eq!(fs::read_dir(bin.join("info")).unwrap().count(), 0);
        fs::write(place.path().join("file"), "").unwrap();
        let folder = place.path().join("run");
        fs::create_dir(&folder).unwrap();
        assert!(put_into(&place.path().join("file/Trash"), &folder, &folder).is_err());
        assert!(folder.is_dir());
    }
}
