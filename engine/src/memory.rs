//! How much memory this process has held.

/// The most memory of its own, in bytes, that this process has held since it began, all threads together; `None` where
/// the system does not tell. What a graphics processor holds is not in it.
pub fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn what_is_held_shows_in_the_peak_and_stays_there() {
        let held = std::hint::black_box(vec![1_u8; super::peak_bytes().unwrap() as usize + (64 << 20)]);
        let after = super::peak_bytes().unwrap();
        let expected = held.len() as u64;
        drop(held);
        // The system counts in portions a thread, so that two looks differ by a little.
        assert!(after >= expected && super::peak_bytes().unwrap() + (16 << 20) >= after);
    }
}
