//! Which build of the program runs.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::files::sum_of;

/// So much is read at a time: a program's file is large, and its memory is measured.
const PIECE_BYTES: u64 = 1 << 20;

/// A sum over the program's file, sixteen hexadecimal digits, read once; empty where the file cannot be read.
///
/// It tells builds apart, not what differs between them: a build of the same sources elsewhere may have another.
pub(super) fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    BUILD.get_or_init(|| file().and_then(sum).map_or_else(|_unread| String::new(), |sum| format!("{sum:016x}")))
}

/// The file that runs, which on Linux can be read even where another has taken its name.
fn file() -> io::Result<File> {
    let path = if cfg!(target_os = "linux") { PathBuf::from("/proc/self/exe") } else { std::env::current_exe()? };
    File::open(path)
}

fn sum(mut file: File) -> io::Result<u64> {
    let (mut sum, mut piece) = (0_u64, Vec::new());
    loop {
        piece.clear();
        if (&mut file).take(PIECE_BYTES).read_to_end(&mut piece)? == 0 {
            return Ok(sum);
        }
        sum = sum_of([sum.to_le_bytes(), sum_of(&piece).to_le_bytes()].as_flattened());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_known_by_every_byte_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        let sum_with = |place: usize| {
            let mut bytes = vec![1_u8; (PIECE_BYTES + 5) as usize];
            bytes[place] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            sum(File::open(&path).unwrap()).unwrap()
        };
        let sums = [0, 1, PIECE_BYTES as usize, PIECE_BYTES as usize + 4].map(sum_with);
        assert!(sums.iter().enumerate().all(|(at, sum)| !sums[..at].contains(sum)), "{sums:?}");
        assert_eq!(build().len(), 16);
        assert_eq!(build(), build());
    }
}
