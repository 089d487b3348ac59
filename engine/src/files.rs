//! Files that are there whole or not at all: written under a temporary name, synced, renamed; and what all files of a kind
//! have in common.

pub mod csv;
pub mod output;
pub mod path_json;
pub mod picture;
pub mod toml_error;

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Opens a file for reading, through links. Folders, pipes and devices are refused before they can make anyone wait.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Looked at before it is opened, because opening a pipe waits for its other end.
    refuse_irregular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    refuse_irregular(&file.metadata()?)?;
    Ok(file)
}

fn refuse_irregular(found: &Metadata) -> io::Result<()> {
    if found.is_file() {
        return Ok(());
    }
    let (kind, what) = if found.is_dir() {
        (io::ErrorKind::IsADirectory, "a folder, not a regular file")
    } else {
        (io::ErrorKind::InvalidInput, "not a regular file")
    };
    Err(io::Error::new(kind, what))
}

/// Writes `bytes` to `path`, replacing what was there only once everything is on the disk.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = partial_name(path);
    let written = write_synced(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // The half-written file only takes space; what stood under the real name is untouched.
        let _gone = fs::remove_file(&partial);
    }
    written?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Writes a new file and waits until it is on the disk.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Waits until a folder's entries are on the disk.
#[cfg(unix)]
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    match File::open(path)?.sync_all() {
        // Some network file systems cannot sync folders; the files themselves are safe.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        other => other,
    }
}

/// Other systems order renames themselves.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// The temporary name beside `path`; names like this are never read.
pub(crate) fn partial_name(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.partial"))
}

/// A 64-bit sum that changes when bytes do (FNV-1a over 8-byte words); it guards against accidents, not against malice.
pub(crate) fn sum_of(bytes: &[u8]) -> u64 {
    let mix = |sum: u64, word: u64| (sum ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(29);
    let (words, rest) = bytes.as_chunks::<8>();
    let sum = words.iter().fold(0xcbf2_9ce4_8422_2325, |sum, word| mix(sum, u64::from_le_bytes(*word)));
    rest.iter().fold(mix(sum, bytes.len() as u64), |sum, &byte| mix(sum, u64::from(byte)))
}

/// A regular file's bytes. One of more than `most_bytes` is refused before anything of it is read.
pub(crate) fn read_at_most(path: &Path, most_bytes: u64) -> io::Result<Vec<u8>> {
    let file = open_regular(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    if length <= most_bytes {
        bytes
            .try_reserve_exact(usize::try_from(length).unwrap_or(usize::MAX))
            .map_err(|error| io::Error::new(io::ErrorKind::OutOfMemory, error))?;
        // It may grow while it is read.
        file.take(most_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= most_bytes {
            return Ok(bytes);
        }
    }
    let limit = format!("it is longer than {} MiB, the most that is read of such a file", most_bytes >> 20);
    Err(io::Error::new(io::ErrorKind::FileTooLarge, limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_beyond_its_limit_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        fs::write(&path, b"0123456789").unwrap();
        assert_eq!(read_at_most(&path, 10).unwrap(), b"0123456789");
        assert_eq!(read_at_most(&path, 9).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        // A terabyte that takes no room on the disk.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let (refused, most) = crate::kernels::most_bytes(|| read_at_most(&path, 1 << 20).unwrap_err());
        assert!(refused.to_string().contains("longer than 1 MiB") && most < 10_000, "{refused}, {most} bytes");
    }

    #[cfg(unix)]
    #[test]
    fn what_never_ends_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let linked = folder.path().join("linked");
        std::os::unix::fs::symlink("/dev/zero", &linked).unwrap();
        for path in [pipe.as_path(), linked.as_path(), Path::new("/dev/zero"), folder.path()] {
            let refused = read_at_most(path, u64::MAX).unwrap_err().to_string();
            assert!(refused.contains("not a regular file"), "{}: {refused}", path.display());
        }
    }

    #[test]
    fn a_failed_write_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        write_whole(&path, b"first").unwrap();
        // A folder in the way of the temporary name makes the write fail.
        fs::create_dir(partial_name(&path)).unwrap();
        assert!(write_whole(&path, b"second").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }

    #[test]
    fn the_sum_sees_every_byte_and_the_length() {
        let bytes: Vec<u8> = (0..37).collect();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert_ne!(sum_of(&bytes), sum_of(&changed));
        }
        assert_ne!(sum_of(&bytes), sum_of(&bytes[..36]));
        assert_ne!(sum_of(&[0; 8]), sum_of(&[0; 16]));
    }
}
