//! Files that are there whole or not at all: written under a temporary name, synced, renamed; and what all files of a
//! kind have in common. What is written or removed is always the entry of that name, never what a link there leads to.

pub mod aligned;
pub mod csv;
pub mod event_file;
pub mod leb128;
pub mod lock;
pub mod output;
pub mod path_json;
pub mod picture;
pub mod shell;
pub(crate) mod stack;
pub mod stamp;
pub mod toml_error;
pub mod whole_folder;

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Opens a file for reading, through links. Folders, pipes and devices are refused before they can make anyone wait.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Looked at before it is opened, because opening a pipe waits for its other end.
    refuse_irregular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    refuse_irregular(&file.metadata()?)?;
    Ok(file)
}

/// A regular file's bytes.
pub fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes behind what a file holds, whole or not at all: half an entry would spoil those that follow. `length` is that of
/// the file, which stands at its end; the answer is the new one.
pub(crate) fn append_whole(file: &mut File, length: u64, parts: &[&[u8]]) -> io::Result<u64> {
    match parts.iter().try_for_each(|part| file.write_all(part)) {
        Ok(()) => Ok(length + parts.iter().map(|part| part.len() as u64).sum::<u64>()),
        Err(error) => {
            let _restored = file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length)));
            Err(error)
        }
    }
}

/// Opens a file to be read and written in place, and makes it where there is none. A link is refused: what it leads to
/// is not ours to change. A file of several names becomes one of its own, so that the other names keep what they have.
pub(crate) fn open_in_place(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    let found = match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is a link, and nothing is written through links; put the file itself in its place",
            ));
        }
        Ok(found) => found,
        // `create_new` follows no link that comes in between.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return match options.create_new(true).open(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open_in_place(path),
                other => other,
            };
        }
        Err(error) => return Err(error),
    };
    refuse_irregular(&found)?;
    let mut file = options.open(path)?;
    // Asked anew: layered file systems give a file another number once it is open for writing.
    if !is_at(&file, path)? {
        return Err(io::Error::other("another file took its place while it was opened"));
    }
    if has_other_names(&found) {
        return put_copy(&mut file, path);
    }
    Ok(file)
}

/// Puts a copy of what an open file holds, from its beginning on, at `path`; the copy is open to be read and written.
pub(crate) fn put_copy(file: &mut File, path: &Path) -> io::Result<File> {
    let partial = partial_name(path);
    file.rewind()?;
    let mut copy = create_new(&partial)?;
    let put = io::copy(file, &mut copy).and_then(|_| copy.sync_all()).and_then(|()| fs::rename(&partial, path));
    if let Err(error) = put {
        let _gone = fs::remove_file(&partial);
        return Err(error);
    }
    path.parent().map_or(Ok(()), sync_folder)?;
    Ok(copy)
}

/// A name beside `path` that nothing has: for `a.json` and `old` it is `a.old.json`, then `a.old-2.json`.
pub(crate) fn free_name(path: &Path, word: &str) -> io::Result<PathBuf> {
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let (stem, ending) = (part(path.file_stem()), part(path.extension()));
    let name = |number: u32| {
        let count = if number == 1 { String::new() } else { format!("-{number}") };
        path.with_file_name(format!("{stem}.{word}{count}.{ending}"))
    };
    let free = (1..=u32::MAX).map(name).find(|name| !matches!(is_taken(name), Ok(true)));
    free.ok_or_else(|| io::ErrorKind::AlreadyExists.into())
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

/// Whether an open file, or an open folder, still is what stands at `path`; false where it was removed, moved or
/// replaced.
pub(crate) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(is_same(&found, &file.metadata()?)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether it is the same file or folder, whatever its name.
#[cfg(unix)]
pub(crate) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Other systems keep the name of an open file; a file made anew shows by the moment.
#[cfg(not(unix))]
pub(crate) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    matches!((one.created(), other.created()), (Ok(one), Ok(other)) if one == other)
}

/// Whether a file goes by further names, as backups by hard links do.
#[cfg(unix)]
fn has_other_names(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    found.nlink() > 1
}

/// Other systems do not tell.
#[cfg(not(unix))]
fn has_other_names(_found: &Metadata) -> bool {
    false
}

/// Whether anything stands at `path`, be it a link that leads nowhere.
pub(crate) fn is_taken(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes whatever stands at `path`, if anything: a file, a folder with all that is in it, or a link, whose target
/// stays.
pub(crate) fn remove_entry(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Writes `bytes` to `path`, replacing what was there only once everything is on the disk.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = partial_name(path);
    let mut file = create_new(&partial)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    // Another program that writes the same file at the same time has taken the temporary name for itself.
    if !is_at(&file, &partial)? {
        return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another program is writing the same file"));
    }
    if let Err(error) = written.and_then(|()| fs::rename(&partial, path)) {
        // The half-written file only takes space; what stood under the real name is untouched.
        let _gone = fs::remove_file(&partial);
        return Err(error);
    }
    path.parent().map_or(Ok(()), sync_folder)
}

/// Numbers as the bytes of an NPY file of 32-bit floats, `[numbers / width, width]`.
pub fn npy(numbers: &[f32], width: usize) -> Vec<u8> {
    let count = numbers.len() / width;
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({count}, {width}), }}");
    // Values start at a multiple of 64 bytes.
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    header.push_str(&" ".repeat(length - 1 - header.len()));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((length as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(numbers.iter().flat_map(|part| part.to_le_bytes()));
    bytes
}

/// Writes a new file and waits until it is on the disk.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a new file; a file or link that is in the way goes, as an entry. A folder is left alone, and fails.
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_dir() => fs::remove_file(path)?,
        _ => {}
    }
    File::create_new(path)
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

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_or_removed_through_a_link() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let (outside, inside) = (folder.path().join("outside"), folder.path().join("inside"));
        fs::create_dir_all(outside.join("kept")).unwrap();
        fs::create_dir(&inside).unwrap();
        let target = outside.join("file");
        fs::write(&target, "untouched").unwrap();
        let path = inside.join("a.json");
        // At the temporary name, at the name itself, and leading nowhere.
        for link in [partial_name(&path), path.clone()] {
            symlink(&target, &link).unwrap();
            write_whole(&path, b"new").unwrap();
            assert_eq!(fs::read(&target).unwrap(), b"untouched");
            assert!(!path.is_symlink() && fs::read(&path).unwrap() == b"new");
            fs::remove_file(&path).unwrap();
        }
        symlink(outside.join("missing"), partial_name(&path)).unwrap();
        write_whole(&path, b"new").unwrap();
        assert!(!outside.join("missing").exists());
        let (to_file, to_folder) = (inside.join("to file"), inside.join("to folder"));
        symlink(&target, &to_file).unwrap();
        symlink(&outside, &to_folder).unwrap();
        let message = open_in_place(&to_file).unwrap_err().to_string();
        assert!(message.contains("link"), "{message}");
        assert_eq!(read_regular(&to_file).unwrap(), b"untouched", "reading follows links");
        for link in [to_file, to_folder] {
            remove_entry(&link).unwrap();
            assert!(!is_taken(&link).unwrap());
        }
        assert!(target.is_file() && outside.join("kept").is_dir());
    }

    #[cfg(unix)]
    #[test]
    fn what_never_ends_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero"), folder.path()] {
            for error in [open_regular(path).unwrap_err(), read_regular(path).unwrap_err()] {
                assert!(error.to_string().contains("not a regular file"), "{error}: {}", path.display());
            }
            assert!(open_in_place(path).is_err(), "{}", path.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_of_several_names_is_changed_under_one_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let (path, backup) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&path, "kept").unwrap();
        fs::hard_link(&path, &backup).unwrap();
        open_in_place(&path).unwrap().set_len(2).unwrap();
        assert_eq!((fs::read(&path).unwrap(), fs::read(&backup).unwrap()), (b"ke".to_vec(), b"kept".to_vec()));
    }

    #[test]
    fn a_free_name_is_none_of_those_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        for name in ["a.old.json", "a.old-2.json"] {
            assert_eq!(free_name(&path, "old").unwrap(), folder.path().join(name));
            fs::write(folder.path().join(name), "").unwrap();
        }
    }

    #[test]
    fn a_file_that_was_removed_moved_or_replaced_is_not_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("a"), folder.path().join("b"));
        let file = open_in_place(&path).unwrap();
        assert!(is_at(&file, &path).unwrap());
        fs::rename(&path, &elsewhere).unwrap();
        assert!(!is_at(&file, &path).unwrap() && is_at(&file, &elsewhere).unwrap());
        fs::write(&path, "another").unwrap();
        assert!(!is_at(&file, &path).unwrap());
        fs::remove_file(&elsewhere).unwrap();
        assert!(!is_at(&file, &elsewhere).unwrap());
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
