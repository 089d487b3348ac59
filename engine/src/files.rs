//! Files that are there whole or not at all: written under a temporary name, synced, renamed.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

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

#[cfg(test)]
mod tests {
    use super::*;

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
