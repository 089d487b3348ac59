//! A small disk of its own, for tests of what happens where one is full or goes.

use std::path::{Path, PathBuf};
use std::process::Command;

use fusionscope_engine::fixtures::{Need, skip};

/// A disk in memory, mounted until it is dropped.
pub struct Mounted(PathBuf);

impl Mounted {
    /// A new one of this size (`24m`) at `place`, which is made; `None` where nothing may be mounted: `test` is skipped.
    pub fn tmpfs(place: &Path, size: &str, test: &str) -> Option<Self> {
        std::fs::create_dir(place).unwrap();
        let size = format!("size={size}");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(place).output();
        if !mount.is_ok_and(|output| output.status.success()) {
            skip(test, Need::Tmpfs, "the right to mount a small tmpfs");
            return None;
        }
        Some(Self(place.to_owned()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking(), "{}", self.0.display());
    }
}
