//! Which build of the program runs.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::files::whole_folder::sum_of_all;

/// A sum over the program's file, sixteen hexadecimal digits, read once; empty where the file cannot be read.
///
/// It tells builds apart, not what differs between them: a build of the same sources elsewhere may have another.
pub(super) fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    BUILD.get_or_init(|| file().and_then(sum_of_all).map_or_else(|_unread| String::new(), |sum| format!("{sum:016x}")))
}

/// The file that runs, which on Linux can be read even where another has taken its name.
fn file() -> io::Result<File> {
    let path = if cfg!(target_os = "linux") { PathBuf::from("/proc/self/exe") } else { std::env::current_exe()? };
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_known_by_its_file() {
        assert_eq!(build().len(), 16);
        assert_eq!(build(), build());
    }
}
