//! Where a detached engine is met: a socket in a folder that is its user's alone, one for each folder of runs.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::{Failing, FailureKind};
use crate::files::lock::{Hold, Lock, NotLocked};
use crate::files::sum_of;

/// Bytes that the path of a socket may have on every system.
const MOST_PATH: usize = 100;

/// Why an engine could not be met, or wait to be.
#[derive(Debug, thiserror::Error)]
pub enum MeetingError {
    /// There is no folder for the socket.
    #[error("there is no folder for the engine's socket: neither a home folder nor XDG_STATE_HOME is known")]
    NoFolder,
    /// Others could speak through it.
    #[error("the folder of the engine's socket must be this user's alone: {reason}: {path}")]
    Open {
        /// What is wrong with it.
        reason: String,
        /// The folder.
        path: PathBuf,
    },
    /// Another one waits there.
    #[error("an engine waits there already ({holder}): {path}")]
    Taken {
        /// Which process, as it has written it.
        holder: String,
        /// Its lock.
        path: PathBuf,
    },
    /// The system refused.
    #[error("could not {what}: {source}: {path}")]
    System {
        /// What was to be done.
        what: &'static str,
        /// The system's reason.
        source: io::Error,
        /// The file or folder.
        path: PathBuf,
    },
}

impl Failing for MeetingError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::NoFolder | Self::Open { .. } | Self::Taken { .. } => Some(FailureKind::Refused),
            Self::System { .. } => Some(FailureKind::Broken),
        }
    }
}

/// Where the engine of one folder of runs is met, by one user on one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    folder: PathBuf,
    name: String,
}

/// A place that is held: nobody else waits there until it is dropped, or the program ends.
#[derive(Debug)]
pub struct Held {
    place: Meeting,
    /// `None` on a file system without locks.
    _lock: Option<Lock>,
}

impl Meeting {
    /// The place for a folder of runs. The system's folder for what programs keep from one day to the next is taken, not
    /// that of running sessions, which goes with the last of them while the engine stays.
    pub fn of(runs: &Path) -> Result<Self, MeetingError> {
        let folders = directories::ProjectDirs::from("", "", "Fusionscope").ok_or(MeetingError::NoFolder)?;
        let folder = folders.state_dir().unwrap_or_else(|| folders.data_local_dir()).join("engine");
        Self::in_folder(folder, runs)
    }

    /// The same with its socket in `folder`, which is made where there is none.
    pub fn in_folder(folder: PathBuf, runs: &Path) -> Result<Self, MeetingError> {
        make_own(&folder)?;
        // One name for all ways to write the same folder; home folders are shared between machines.
        let runs = settled(runs);
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let sum = sum_of(&[runs.as_os_str().as_encoded_bytes(), host.trim().as_bytes()].join(&0));
        let place = Self { folder, name: format!("{sum:016x}") };
        let socket = place.socket();
        if socket.as_os_str().len() > MOST_PATH {
            let reason = format!("its path is longer than the {MOST_PATH} bytes that a socket's may have");
            return Err(MeetingError::Open { reason: format!("{reason}; set XDG_STATE_HOME"), path: socket });
        }
        Ok(place)
    }

    /// The socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(format!("{}.sock", self.name))
    }

    /// What the engine there writes to standard error.
    pub fn log(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.name))
    }

    fn lock(&self) -> PathBuf {
        self.folder.join(format!("{}.lock", self.name))
    }

    /// Meets the engine that waits there; `None` where none does.
    pub fn meet(&self) -> Result<Option<UnixStream>, MeetingError> {
        match UnixStream::connect(self.socket()) {
            Ok(stream) => Ok(Some(stream)),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
                Ok(None)
            }
            Err(source) => Err(MeetingError::System { what: "meet the engine", source, path: self.socket() }),
        }
    }

    /// Takes the place, so that no other engine waits there.
    pub fn hold(&self) -> Result<Held, MeetingError> {
        let path = self.lock();
        let taken = |holder: String| MeetingError::Taken { holder, path: path.clone() };
        let lock = match Lock::take(&path, Hold::Alone, Duration::ZERO) {
            Ok(mut lock) => {
                let _unnamed =
                    lock.file().set_len(0).and_then(|()| write!(lock.file(), "process {}", std::process::id()));
                Some(lock)
            }
            Err(NotLocked::Held) => {
                let mut text = String::new();
                let _unread = File::open(&path).and_then(|file| file.take(200).read_to_string(&mut text));
                return Err(taken(if text.trim().is_empty() { "its process is not known".to_owned() } else { text }));
            }
            // Without locks the socket alone tells.
            Err(NotLocked::Unkept(error)) if self.meet()?.is_some() => {
                return Err(taken(format!("the file system keeps no locks: {error}")));
            }
            Err(NotLocked::Unkept(_)) => None,
            Err(NotLocked::Unopened(source)) => {
                return Err(MeetingError::System { what: "lock the engine's place", source, path });
            }
        };
        Ok(Held { place: self.clone(), _lock: lock })
    }
}

impl Held {
    /// Waits to be met. What an engine left there that was killed is cleared away.
    pub fn listen(&self) -> Result<UnixListener, MeetingError> {
        let path = self.place.socket();
        let refused = |source| MeetingError::System { what: "wait for windows", source, path: path.clone() };
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(refused(error)),
            _ => {}
        }
        let listener = UnixListener::bind(&path).map_err(refused)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(refused)?;
        Ok(listener)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _gone = fs::remove_file(self.place.socket());
    }
}

/// A path without links, whether or not it is there already.
fn settled(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_unknown| path.to_owned());
    let known = |part: &Path| Some(fs::canonicalize(part).ok()?.join(path.strip_prefix(part).ok()?));
    let path = path.ancestors().find_map(known).unwrap_or(path);
    // What is joined to nothing would end with a separator.
    path.components().collect()
}

/// Makes a folder that only this user may enter, or sees to it that one that is there is such a one.
fn make_own(folder: &Path) -> Result<(), MeetingError> {
    let refused = |what| move |source| MeetingError::System { what, source, path: folder.to_owned() };
    let open = |reason: &str| MeetingError::Open { reason: reason.to_owned(), path: folder.to_owned() };
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(refused("make the folder of the engine's socket"))?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(refused("make the folder of the engine's socket")(error));
        }
        _ => {}
    }
    let found = fs::symlink_metadata(folder).map_err(refused("look at the folder of the engine's socket"))?;
    if !found.is_dir() {
        return Err(open("it is no folder"));
    }
    if found.mode() & 0o077 != 0 {
        return Err(open(&format!("others may enter it (mode {:o}); expected 700", found.mode() & 0o777)));
    }
    if found.uid() != own_user(folder)? {
        return Err(open("it belongs to another user"));
    }
    Ok(())
}

/// Who this process is: the owner of what it makes.
fn own_user(folder: &Path) -> Result<u32, MeetingError> {
    let path = folder.join(format!(".probe-{}", std::process::id()));
    let refused = |source| MeetingError::System {
        what: "write into the folder of the engine's socket",
        source,
        path: path.clone(),
    };
    let _left_before = fs::remove_file(&path);
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(refused)?;
    let user = made.metadata().map(|found| found.uid());
    let _gone = fs::remove_file(&path);
    user.map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_engine_waits_at_a_place_and_is_met_there_until_it_goes() {
        let folder = tempfile::Builder::new().prefix("fs").tempdir_in("/tmp").unwrap();
        let at = |runs: &str| Meeting::in_folder(folder.path().join("s"), Path::new(runs)).unwrap();
        let (place, other) = (at("runs"), at("others"));
        assert_ne!(place.socket(), other.socket());
        assert_eq!(place, at("./runs"));
        let (inner, linked) = (folder.path().join("inner"), folder.path().join("linked"));
        fs::create_dir(&inner).unwrap();
        std::os::unix::fs::symlink(&inner, &linked).unwrap();
        let of_linked = at(linked.join("runs").to_str().unwrap());
        fs::create_dir(inner.join("runs")).unwrap();
        assert_eq!(of_linked, at(inner.join("runs").to_str().unwrap()), "also once it is there");
        assert!(place.meet().unwrap().is_none());
        let held = place.hold().unwrap();
        assert!(matches!(place.hold(), Err(MeetingError::Taken { holder, .. }) if holder.contains("process")));
        assert!(other.hold().is_ok());
        // What a killed one left is in nobody's way.
        fs::write(place.socket(), "").unwrap();
        let listener = held.listen().unwrap();
        assert_eq!(fs::metadata(place.socket()).unwrap().mode() & 0o777, 0o600);
        assert!(place.meet().unwrap().is_some());
        drop(listener);
        assert!(place.meet().unwrap().is_none());
        drop(held);
        assert!(!place.socket().exists() && place.hold().is_ok());
    }

    #[test]
    fn a_folder_that_others_may_enter_is_refused() {
        let folder = tempfile::Builder::new().prefix("fs").tempdir_in("/tmp").unwrap();
        let open = folder.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, Permissions::from_mode(0o755)).unwrap();
        let refused = Meeting::in_folder(open.clone(), Path::new("runs")).unwrap_err().to_string();
        assert!(refused.contains("mode 755") && refused.contains("expected 700"), "{refused}");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&open, &link).unwrap();
        let refused = Meeting::in_folder(link, Path::new("runs")).unwrap_err().to_string();
        assert!(refused.contains("no folder"), "{refused}");
        let deep = folder.path().join("x".repeat(120));
        let refused = Meeting::in_folder(deep, Path::new("runs")).unwrap_err().to_string();
        assert!(refused.contains("XDG_STATE_HOME"), "{refused}");
    }
}
