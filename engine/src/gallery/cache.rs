//! What was made of files, kept in a folder of the user's until room is needed. It may vanish at any time: whoever asks
//! makes anew what is not there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;

use super::fingerprint::Fingerprint;
use crate::files::{read_at_most, sum_of};

/// What all entries take together.
const MOST_BYTES: u64 = 512 << 20;
/// One entry; longer ones are not kept.
const MOST_ENTRY_BYTES: u64 = 16 << 20;
/// An entry that is used counts as new, noted no oftener than this.
const AGE_NOTED: Duration = Duration::from_hours(1);
/// The first bytes of an entry.
const MAGIC: &[u8; 8] = b"fscache1";
/// How entries' files end, and those that are being written.
const ENDING: &str = "entry";
const PARTIAL: &str = "partial";

/// Entries by the fingerprint of what they were made of, at most so many bytes of them; those that nobody has used for
/// longest go first.
///
/// Several programs may share the folder. A disk that is full or cannot be written means that nothing is kept.
#[derive(Debug)]
pub struct Cache {
    folder: Option<PathBuf>,
    most_bytes: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What the entries take, as far as is known; looked at before the first is written.
    bytes: Option<u64>,
    /// Whether an entry could not be written, so that no more are tried.
    is_off: bool,
    /// Numbers the files that are being written.
    written: u64,
}

/// One file of the folder.
struct Found {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

impl Cache {
    /// The cache in this folder, which is made when something is kept; without one, nothing is.
    pub fn in_folder(folder: Option<PathBuf>) -> Self {
        Self::bounded(folder, MOST_BYTES)
    }

    pub(super) fn bounded(folder: Option<PathBuf>, most_bytes: u64) -> Self {
        Self { folder, most_bytes, state: Mutex::default() }
    }

    /// The entry of what has this fingerprint, whole or not at all. One that is damaged is removed.
    pub(super) fn get(&self, of: &Fingerprint) -> Option<Vec<u8>> {
        let path = self.path(of)?;
        let bytes = read_at_most(&path, MOST_ENTRY_BYTES).ok()?;
        match unpacked(&bytes, of) {
            Unpacked::Entry(entry) => {
                note_use(&path);
                Some(entry.to_vec())
            }
            Unpacked::Other => None,
            Unpacked::Damaged => {
                // It is made anew by whoever asked.
                let _gone = fs::remove_file(&path);
                None
            }
        }
    }

    /// Keeps an entry, where that can be.
    pub(super) fn put(&self, of: &Fingerprint, entry: &[u8]) {
        let Some(path) = self.path(of) else { return };
        let bytes = packed(of, entry);
        if bytes.len() as u64 > MOST_ENTRY_BYTES.min(self.most_bytes) {
            return;
        }
        let mut state = self.state.lock();
        if state.is_off {
            return;
        }
        state.written += 1;
        let partial = path.with_extension(format!("{}-{}.{PARTIAL}", std::process::id(), state.written));
        // What stood there before is counted twice; the next look at the folder puts that right.
        let before = state.bytes.unwrap_or_else(|| self.found().iter().map(|found| found.bytes).sum());
        let held = before + bytes.len() as u64;
        state.bytes = Some(if held > self.most_bytes { self.make_room(bytes.len() as u64) } else { held });
        state.is_off = write(&path, &partial, &bytes).is_err();
    }

    fn path(&self, of: &Fingerprint) -> Option<PathBuf> {
        let name = format!("{:016x}", of.sum());
        let (folder, rest) = name.split_at(2);
        Some(self.folder.as_ref()?.join(folder).join(rest).with_extension(ENDING))
    }

    /// Removes what was used longest ago until three quarters of the bound hold it and what is to come; answers with
    /// what is left and comes.
    fn make_room(&self, coming: u64) -> u64 {
        let mut found = self.found();
        found.sort_unstable_by_key(|found| found.used);
        let mut held: u64 = found.iter().map(|found| found.bytes).sum::<u64>() + coming;
        for Found { path, bytes, .. } in found {
            if held <= self.most_bytes / 4 * 3 {
                break;
            }
            // What another program has removed is gone as well.
            let _gone = fs::remove_file(path);
            held -= bytes;
        }
        held
    }

    /// Every file of the cache. Others that lie there are none of ours.
    fn found(&self) -> Vec<Found> {
        let listed = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
        let folders = self.folder.iter().flat_map(|folder| listed(folder)).map(|entry| entry.path());
        let folders = folders.filter(|path| path.file_name().is_some_and(|name| name.len() == 2));
        let files = folders.flat_map(|folder| listed(&folder).collect::<Vec<_>>());
        let found = files.filter_map(|entry| {
            let (path, meta) = (entry.path(), entry.metadata().ok()?);
            let is_ours = path.extension().is_some_and(|ending| ending == ENDING || ending == PARTIAL);
            (is_ours && meta.is_file()).then(|| Found {
                path,
                bytes: meta.len(),
                used: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            })
        });
        found.collect()
    }
}

/// Writes a file under another name and renames it. It is not waited for to be on the disk: what is damaged is seen.
fn write(path: &Path, partial: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        make_own_folder(folder)?;
    }
    let written = File::create_new(partial).and_then(|mut file| file.write_all(bytes));
    let put = written.and_then(|()| fs::rename(partial, path));
    if put.is_err() {
        let _gone = fs::remove_file(partial);
    }
    put
}

/// Makes a folder, and those above it, that nobody else looks into: pictures may be private.
#[cfg(unix)]
fn make_own_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Other systems keep users' folders apart themselves.
#[cfg(not(unix))]
fn make_own_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Notes that an entry was used.
fn note_use(path: &Path) {
    let now = SystemTime::now();
    let used = fs::metadata(path).and_then(|meta| meta.modified());
    if used.is_ok_and(|used| now.duration_since(used).is_ok_and(|age| age < AGE_NOTED)) {
        return;
    }
    // One that cannot be noted goes sooner.
    let _noted = File::options().append(true).open(path).and_then(|file| file.set_modified(now));
}

/// An entry with what it is of before it and a sum behind it.
fn packed(of: &Fingerprint, entry: &[u8]) -> Vec<u8> {
    let of = of.bytes();
    let mut bytes = MAGIC.to_vec();
    bytes.extend((of.len() as u64).to_le_bytes());
    bytes.extend(of);
    bytes.extend(entry);
    let sum = sum_of(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// What a file of the cache holds.
enum Unpacked<'a> {
    Entry(&'a [u8]),
    /// An entry of something whose fingerprint has the same sum.
    Other,
    Damaged,
}

fn unpacked<'a>(bytes: &'a [u8], of: &Fingerprint) -> Unpacked<'a> {
    let whole = || {
        let (inner, sum) = bytes.split_last_chunk::<8>()?;
        let rest = inner.strip_prefix(MAGIC)?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let (found, entry) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        (sum_of(inner) == u64::from_le_bytes(*sum)).then_some((found, entry))
    };
    match whole() {
        Some((found, entry)) if found == of.bytes() => Unpacked::Entry(entry),
        Some(_) => Unpacked::Other,
        None => Unpacked::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(folder: &Path, most_bytes: u64) -> Cache {
        Cache::bounded(Some(folder.to_owned()), most_bytes)
    }

    fn of(number: u64) -> Fingerprint {
        Fingerprint::new("test", &number.to_le_bytes())
    }

    fn files(cache: &Cache) -> Vec<PathBuf> {
        cache.found().into_iter().map(|found| found.path).collect()
    }

    #[test]
    fn an_entry_is_found_by_what_it_was_made_of_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 1 << 20);
        assert_eq!(cache.get(&of(1)), None);
        cache.put(&of(1), b"one");
        cache.put(&of(2), b"");
        assert_eq!(
            (cache.get(&of(1)), cache.get(&of(2)), cache.get(&of(3))),
            (Some(b"one".to_vec()), Some(vec![]), None)
        );
        // Of another with the same sum, which lies at its place.
        fs::copy(cache.path(&of(1)).unwrap(), cache.path(&of(2)).unwrap()).unwrap();
        assert_eq!(cache.get(&of(2)), None);
        assert!(cache.path(&of(2)).unwrap().is_file(), "it is whole, and another's");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_looks_into_the_folder() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("cache/gallery");
        cache(&kept, 1 << 20).put(&of(1), b"one");
        assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o077, 0);
    }

    #[test]
    fn a_damaged_entry_is_removed_and_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 1 << 20);
        let path = cache.path(&of(1)).unwrap();
        cache.put(&of(1), b"a picture");
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            for bytes in [&damaged[..], &whole[..at]] {
                fs::write(&path, bytes).unwrap();
                assert_eq!(cache.get(&of(1)), None, "at {at}");
                assert!(!path.exists(), "at {at}");
                cache.put(&of(1), b"a picture");
                assert_eq!(cache.get(&of(1)).as_deref(), Some(&b"a picture"[..]));
            }
        }
    }

    #[test]
    fn what_nobody_has_used_for_longest_goes_first_and_the_bound_holds() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 20_000);
        let day = |days: u64| SystemTime::now() - Duration::from_hours(days * 24);
        for number in 0..15 {
            cache.put(&of(number), &[7; 1000]);
            let file = File::options().append(true).open(cache.path(&of(number)).unwrap()).unwrap();
            file.set_modified(day(100 - number)).unwrap();
        }
        // The oldest of all is used, and so is new.
        assert!(cache.get(&of(0)).is_some());
        for number in 15..200 {
            cache.put(&of(number), &[7; 1000]);
            let held: u64 = cache.found().iter().map(|found| found.bytes).sum();
            assert!(held <= 20_000, "{held} bytes after {number}");
            if number == 20 {
                assert!(cache.get(&of(0)).is_some() && cache.get(&of(1)).is_none(), "the used one stays longer");
            }
        }
        assert!(cache.get(&of(199)).is_some());
        // A program that begins anew looks at what is there.
        let again = Cache::bounded(Some(folder.path().to_owned()), 5_000);
        again.put(&of(500), &[1; 1000]);
        assert!(again.found().iter().map(|found| found.bytes).sum::<u64>() <= 5_000 && again.get(&of(500)).is_some());
    }

    #[test]
    fn without_a_folder_that_can_be_written_nothing_is_kept_and_nothing_fails() {
        let nowhere = Cache::bounded(None, 1 << 20);
        nowhere.put(&of(1), b"one");
        assert_eq!(nowhere.get(&of(1)), None);
        let folder = tempfile::tempdir().unwrap();
        // A file where the folder should be, as good as a disk that cannot be written.
        let blocked = folder.path().join("cache");
        fs::write(&blocked, "in the way").unwrap();
        let cache = cache(&blocked, 1 << 20);
        cache.put(&of(1), b"one");
        assert_eq!((cache.get(&of(1)), fs::read(&blocked).unwrap()), (None, b"in the way".to_vec()));
        assert!(cache.state.lock().is_off);
    }

    #[test]
    fn what_is_none_of_ours_is_neither_counted_nor_removed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 3_000);
        let foreign = folder.path().join("ab/notes.txt");
        fs::create_dir(folder.path().join("ab")).unwrap();
        fs::write(&foreign, [0; 9_000]).unwrap();
        for number in 0..9 {
            cache.put(&of(number), &[7; 900]);
        }
        assert!(foreign.is_file() && !files(&cache).is_empty() && files(&cache).len() < 4);
    }
}
