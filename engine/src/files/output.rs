//! What users ask for, where they ask for it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use super::write_whole;

/// Writes to a place that a user has named: a file is there whole or not at all, a pipe or a device (`/dev/stdout`) is
/// written into as it stands.
pub fn write_out(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let is_special = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
    if is_special {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    write_whole(path, bytes)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_written_into_and_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let full = folder.path().join("full");
        std::os::unix::fs::symlink("/dev/full", &full).unwrap();
        assert_eq!(write_out(&full, b"x").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(full.is_symlink());
        write_out(Path::new("/dev/null"), b"x").unwrap();
        let file = folder.path().join("file");
        write_out(&file, b"x").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"x");
    }
}
