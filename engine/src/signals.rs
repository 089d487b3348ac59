//! What asks the program to end: Ctrl-C, a service manager, a terminal that closes. The first asks, the next ends it at
//! once.
//!
//! A signal that was ignored when the program started stays ignored, as whoever started it wants: `nohup` for a
//! terminal that closes, a shell without a terminal of its own for Ctrl-C in what it runs in the background.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// What a shell expects of a program that Ctrl-C ended.
const ENDED_BY_CTRL_C: i32 = 130;

/// How often a signal is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(30);

/// What comes so soon after the first signal belongs to it: a terminal that closes and a service manager send two.
const ONE_BLOW: Duration = Duration::from_millis(300);

/// Whether the program was asked to end.
static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Whether the next signal ends the program at once.
static URGENT: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Listens from now on. `heard` is called on a thread of its own after the first signal.
pub fn listen(heard: impl FnOnce() + Send + 'static) -> io::Result<()> {
    static REGISTERED: OnceLock<Result<(), io::ErrorKind>> = OnceLock::new();
    REGISTERED.get_or_init(|| register().map_err(|error| error.kind())).map_err(io::Error::from)?;
    let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
    let is_urgent = || URGENT.store(true, Ordering::SeqCst);
    let ending = move || {
        while !was_asked() {
            std::thread::sleep(LOOK_EVERY);
        }
        let soon = thread("fusionscope-signals").spawn(move || {
            std::thread::sleep(ONE_BLOW);
            is_urgent();
        });
        if soon.is_err() {
            is_urgent();
        }
        heard();
    };
    thread("fusionscope-ending").spawn(ending)?;
    Ok(())
}

/// Whether the program was asked to end.
pub fn was_asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// Asks the program to end, as the first signal does.
pub fn ask() {
    ASKED.store(true, Ordering::SeqCst);
}

/// Ends the program without another look at anything, whatever it is doing.
pub fn end_at_once(code: i32) -> ! {
    signal_hook::low_level::exit(code)
}

fn register() -> io::Result<()> {
    for signal in signals() {
        if !is_ignored(signal) {
            flag::register_conditional_shutdown(signal, ENDED_BY_CTRL_C, Arc::clone(&URGENT))?;
            flag::register(signal, Arc::clone(&ASKED))?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn signals() -> [i32; 3] {
    [SIGINT, SIGTERM, signal_hook::consts::SIGHUP]
}

#[cfg(not(unix))]
fn signals() -> [i32; 2] {
    [SIGINT, SIGTERM]
}

/// Whether a signal is ignored, as was inherited: read where the system tells, else found out by a child, which
/// inherits the same.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let told = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| ignored_mask(&status));
    told.map_or_else(|| child_survives(signal), |mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(not(unix))]
fn is_ignored(_signal: i32) -> bool {
    false
}

/// The signals that Linux says a process ignores, the lowest in bit 0.
#[cfg(unix)]
fn ignored_mask(status: &str) -> Option<u64> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// Whether a child that sends the signal to itself lives on. Where none can be started, the signal is taken as usual.
#[cfg(unix)]
fn child_survives(signal: i32) -> bool {
    let script = format!("kill -{signal} $$");
    let child =
        std::process::Command::new("/bin/sh").args(["-c", &script]).stderr(std::process::Stdio::null()).status();
    child.is_ok_and(|status| status.success())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_what_linux_tells() {
        let status = "Name:\tcat\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000004002\n";
        let mask = ignored_mask(status).unwrap();
        assert_eq!([1, 2, 13, 15].map(|signal| mask >> (signal - 1) & 1 == 1), [true, false, true, false]);
        assert_eq!(ignored_mask("Name:\tcat\n"), None);
    }

    #[test]
    fn a_child_finds_out_what_it_inherits() {
        // A test that runs under `nohup` inherits more, and both ways still agree.
        for signal in signals() {
            assert_eq!(child_survives(signal), is_ignored(signal), "{signal}");
        }
    }
}
