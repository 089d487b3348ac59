//! Looking for, listing and reading files that a user chose: one place, in which tests can make a disk slow. A file that
//! holds many pictures is looked into as if it were a folder.

use std::ffi::OsString;
use std::fs::{self, Metadata, ReadDir};
use std::io::{self, Read as _};
use std::path::Path;

use super::{Progress, Stopped, tell};
use crate::files::stack::{self, Numbers, Outline};
use crate::files::{open_regular, read_at_most};

/// The longest file that is read whole: weights of the largest networks take a fraction of it.
const MOST_LARGE: u64 = 16 << 30;

/// Bytes read between two questions.
const PIECE: usize = 1 << 20;

/// [`Path::is_file`], or whether it leads to a picture within a file.
pub fn is_file(path: &Path) -> bool {
    touch(path);
    path.is_file() || stack::is_picture(path)
}

/// [`Path::exists`], within a file as well.
pub fn exists(path: &Path) -> bool {
    touch(path);
    path.exists() || matches!(stack::exists(path), Some(Ok(true)))
}

/// [`Path::try_exists`], within a file as well.
pub fn try_exists(path: &Path) -> io::Result<bool> {
    touch(path);
    stack::exists(path).unwrap_or_else(|| path.try_exists())
}

/// [`fs::metadata`]; of what lies within a file that of the file.
pub fn metadata(path: &Path) -> io::Result<Metadata> {
    touch(path);
    stack::metadata(path).unwrap_or_else(|| fs::metadata(path))
}

/// Names of what lies in a folder, or in a file as if it were one.
pub fn names(folder: &Path) -> io::Result<Box<dyn Iterator<Item = io::Result<OsString>>>> {
    touch(folder);
    if let Some(names) = stack::names(folder) {
        return Ok(Box::new(names?.map(|name| Ok(name.into()))));
    }
    Ok(Box::new(fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name()))))
}

/// [`fs::read_dir`].
pub fn list(folder: &Path) -> io::Result<ReadDir> {
    touch(folder);
    fs::read_dir(folder)
}

/// What a picture within a file is; `None` where the path leads into no file.
pub(crate) fn outline(path: &Path) -> Option<io::Result<Outline>> {
    let found = stack::outline(path)?;
    touch(path);
    Some(found)
}

/// Why a file has no such variable; `None` where it has, or where the path leads into no file.
pub(crate) fn lack(path: &Path) -> Option<io::Error> {
    stack::names(path)?.err()
}

/// The numbers of a picture within a file.
pub(crate) fn numbers(path: &Path) -> io::Result<Numbers> {
    touch(path);
    count_read(path);
    stack::picture(path)
}

/// The bytes of a regular file of at most `most_bytes`, for files that are read at one go, such as images and lists.
pub fn read(path: &Path, most_bytes: u64) -> io::Result<Vec<u8>> {
    touch(path);
    count_read(path);
    read_at_most(path, most_bytes)
}

/// A large regular file's bytes, as long as `progress` wants them. The outer error is [`Stopped`], the inner one the
/// system's.
pub fn read_large(path: &Path, what: &str, progress: &mut Progress<'_>) -> Result<io::Result<Vec<u8>>, Stopped> {
    let (mut file, total) = match open_regular(path).and_then(|file| Ok((file.metadata()?.len(), file))) {
        Ok((total, _)) if total > MOST_LARGE => {
            let limit = format!("it is longer than {} GiB, the most that is read at once", MOST_LARGE >> 30);
            return Ok(Err(io::Error::new(io::ErrorKind::FileTooLarge, limit)));
        }
        Ok((total, file)) => (file, total),
        Err(error) => return Ok(Err(error)),
    };
    let mut bytes = Vec::new();
    if let Err(error) = bytes.try_reserve_exact(usize::try_from(total).unwrap_or(usize::MAX)) {
        return Ok(Err(io::Error::new(io::ErrorKind::OutOfMemory, error)));
    }
    loop {
        touch(path);
        tell(progress, what, bytes.len() as u64, total)?;
        match file.by_ref().take(PIECE as u64).read_to_end(&mut bytes) {
            Ok(0) => return Ok(Ok(bytes)),
            Ok(_) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
}

/// In the program itself disks are as fast as they are.
#[cfg(not(any(test, feature = "fixtures")))]
#[inline]
fn touch(_path: &Path) {}

#[cfg(not(any(test, feature = "fixtures")))]
#[inline]
fn count_read(_path: &Path) {}

#[cfg(any(test, feature = "fixtures"))]
use self::slow::{count_read, touch};

/// Disks that tests make slow.
#[cfg(any(test, feature = "fixtures"))]
pub mod slow {
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use parking_lot::Mutex;

    static SLOW: Mutex<Vec<Watched>> = Mutex::new(Vec::new());

    /// A folder, how long each access takes, and what was done in it.
    struct Watched {
        folder: PathBuf,
        each: Duration,
        accesses: Accesses,
    }

    /// How often files below a folder were looked for, listed or read, and how often they were read.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Accesses {
        /// Of every kind.
        pub all: u64,
        /// Whole files read.
        pub reads: u64,
    }

    /// A folder in which every access takes its time and is counted, for as long as this is kept.
    #[derive(Debug)]
    pub struct SlowDisk(PathBuf);

    impl SlowDisk {
        /// Makes everything below a folder slow.
        pub fn at(folder: &Path, each: Duration) -> Self {
            SLOW.lock().push(Watched { folder: folder.to_owned(), each, accesses: Accesses::default() });
            Self(folder.to_owned())
        }

        /// What was done below the folder so far.
        pub fn accesses(&self) -> Accesses {
            SLOW.lock()
                .iter()
                .find(|watched| watched.folder == self.0)
                .map_or_else(Accesses::default, |one| one.accesses)
        }
    }

    impl Drop for SlowDisk {
        fn drop(&mut self) {
            SLOW.lock().retain(|watched| watched.folder != self.0);
        }
    }

    /// Takes as long as the disk under `path` does.
    pub(super) fn touch(path: &Path) {
        let mut all = SLOW.lock();
        let Some(watched) = all.iter_mut().find(|watched| path.starts_with(&watched.folder)) else { return };
        watched.accesses.all += 1;
        let each = watched.each;
        drop(all);
        if !each.is_zero() {
            std::thread::sleep(each);
        }
    }

    /// Counts a file that is read whole.
    pub(super) fn count_read(path: &Path) {
        if let Some(watched) = SLOW.lock().iter_mut().find(|watched| path.starts_with(&watched.folder)) {
            watched.accesses.reads += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::unwatched;
    use super::*;

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let whole: Vec<u8> = (0..3 * PIECE + 17).map(|at| at as u8).collect();
        std::fs::write(&path, &whole).unwrap();
        assert_eq!(read_large(&path, "Reading", &mut unwatched).unwrap().unwrap(), whole);
        let mut asked = 0;
        let mut twice = |_: &str, _: u64, total: u64| {
            assert_eq!(total, whole.len() as u64);
            asked += 1;
            if asked > 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        assert_eq!(read_large(&path, "Reading", &mut twice).unwrap_err(), Stopped);
        assert!(read_large(&folder.path().join("b"), "Reading", &mut unwatched).unwrap().is_err());
        // Terabytes that take no room on the disk.
        std::fs::File::create(&path).unwrap().set_len(1 << 42).unwrap();
        let (refused, most) = crate::kernels::most_bytes(|| read_large(&path, "Reading", &mut unwatched).unwrap());
        assert!(refused.unwrap_err().to_string().contains("longer than 16 GiB") && most < 10_000, "{most} bytes");
    }
}
