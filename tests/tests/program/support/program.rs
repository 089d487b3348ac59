//! Running the program as a user does.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A finished run of the program.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error.
    pub err: String,
}

/// The program's file, as the sources are now. Cargo is asked to build it: after a test of the whole workspace there is
/// nothing to do (`app/program/tests/program.rs` has had it built), but a test of this package alone would find an old
/// one.
pub fn program() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let folder = test.parent().and_then(Path::parent).unwrap();
        let profile = match folder.file_name().and_then(|name| name.to_str()).unwrap() {
            "debug" => "dev",
            named => named,
        };
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--locked", "--workspace", "--bin", "fusionscope", "--profile", profile]);
        cargo.arg("--target-dir").arg(folder.parent().unwrap());
        let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null()).output().unwrap();
        assert!(built.status.success(), "the program could not be built: {}", String::from_utf8_lossy(&built.stderr));
        folder.join(format!("fusionscope{}", std::env::consts::EXE_SUFFIX))
    })
}

/// The program with arguments, without a display and without the user's own settings.
fn command(arguments: &[&str]) -> Command {
    command_of(program(), arguments)
}

fn command_of(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "FUSIONSCOPE_SAMPLE_DATA", "FUSIONSCOPE_LOG"] {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end. Whatever happens, it must not panic.
pub fn run(arguments: &[&str]) -> Ran {
    output_of(command(arguments), arguments)
}

/// Runs the program with words that need not be text.
pub fn run_words(words: &[&OsStr]) -> Ran {
    let mut command = command(&[]);
    command.args(words);
    output_of(command, &[])
}

/// Runs the program with standard output going elsewhere.
pub fn run_into(out: impl Into<Stdio>, arguments: &[&str]) -> Ran {
    let mut command = command(arguments);
    command.stdout(out);
    output_of(command, arguments)
}

fn output_of(mut command: Command, arguments: &[&str]) -> Ran {
    let output = command.output().unwrap();
    let ran = Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("standard output is text"),
        err: String::from_utf8(output.stderr).expect("standard error is text"),
    };
    assert!(!ran.err.contains("panicked"), "{arguments:?} panicked: {}", ran.err);
    ran
}

/// A user for whom permissions count: oneself, or, as root, `nobody` with a copy of the program.
#[cfg(unix)]
pub struct Stranger {
    /// The copy, where another user has to run it.
    copy: Option<PathBuf>,
}

#[cfg(unix)]
impl Stranger {
    const NOBODY: u32 = 65534;

    /// Finds out in a folder that others may enter; `None` where one is root and may not become anyone else.
    pub fn new(folder: &Path) -> Option<Self> {
        use std::os::unix::fs::PermissionsExt as _;
        use std::os::unix::process::CommandExt as _;

        let probe = folder.join("probe");
        std::fs::create_dir(&probe).unwrap();
        std::fs::set_permissions(&probe, std::fs::Permissions::from_mode(0o000)).unwrap();
        let reads_all = std::fs::read_dir(&probe).is_ok();
        std::fs::remove_dir(&probe).unwrap();
        if !reads_all {
            return Some(Self { copy: None });
        }
        let became = Command::new("true").uid(Self::NOBODY).gid(Self::NOBODY).status();
        if !became.is_ok_and(|status| status.success()) {
            return None;
        }
        // The folder that the program was built in may be root's alone.
        let copy = folder.join("fusionscope");
        std::fs::copy(program(), &copy).unwrap();
        std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)).unwrap();
        Some(Self { copy: Some(copy) })
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        use std::os::unix::process::CommandExt as _;

        let Some(copy) = &self.copy else { return run(arguments) };
        let mut command = command_of(copy, arguments);
        command.uid(Self::NOBODY).gid(Self::NOBODY);
        output_of(command, arguments)
    }
}

impl Ran {
    /// Fails with everything that was said unless the exit code is this one.
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\nstdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    /// Standard output as JSON, one object a line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("not JSON ({error}): {line}")))
            .collect()
    }

    /// The run folder that the last line of `train --json` names.
    #[track_caller]
    pub fn run_folder(&self) -> PathBuf {
        let lines = self.json_lines();
        let last = lines.last().unwrap_or_else(|| panic!("no output; stderr: {}", self.err));
        assert_eq!(last["event"], "run", "{last}");
        PathBuf::from(last["path"].as_str().unwrap())
    }
}

/// The program while it runs.
pub struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    /// What was read of standard error.
    said: String,
}

impl Running {
    /// Starts the program.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_in(Path::new("."), arguments, &[])
    }

    /// Starts the program in a folder; `variables` are added to its environment.
    pub fn start_in(folder: &Path, arguments: &[&str], variables: &[(&str, &Path)]) -> Self {
        let mut command = command(arguments);
        command.current_dir(folder);
        for (name, value) in variables {
            command.env(name, value);
        }
        Self::of(command)
    }

    /// Starts the program with signals ignored, `"HUP INT"` for example, as `nohup` and shells do.
    #[cfg(unix)]
    pub fn start_ignoring(signals: &str, arguments: &[&str]) -> Self {
        let script = format!("trap '' {signals}; exec \"$0\" \"$@\"");
        let mut shell = command_of(Path::new("sh"), &["-c", &script]);
        shell.arg(program()).args(arguments);
        Self::of(shell)
    }

    /// Starts the program as the first of a group of processes, which whatever it starts belongs to.
    #[cfg(unix)]
    pub fn start_group(arguments: &[&str]) -> Self {
        use std::os::unix::process::CommandExt as _;

        let mut command = command(arguments);
        command.process_group(0);
        Self::of(command)
    }

    /// Ends the program's group as a power cut would; whether the program was still at work.
    #[cfg(unix)]
    pub fn kill_group(mut self) -> bool {
        let was_at_work = self.child.try_wait().unwrap().is_none();
        // Where all have ended there is no such group.
        let _sent = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.child.id())]).status();
        self.child.wait().unwrap();
        was_at_work
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out, said: String::new() }
    }

    /// The next line of standard output; `None` at its end.
    pub fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        (self.out.read_line(&mut line).unwrap() > 0).then_some(line)
    }

    /// Reads until a line of standard output contains `words`; what was read. Fails at the end of the output.
    #[track_caller]
    pub fn wait_for(&mut self, words: &str) -> String {
        let mut read = String::new();
        while let Some(line) = self.line() {
            read.push_str(&line);
            if line.contains(words) {
                return read;
            }
        }
        let mut err = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        panic!("the program ended before it said `{words}`\nstdout: {read}\nstderr: {err}");
    }

    /// Reads standard error until it contains `words`; all that was read of it. Fails at its end.
    #[track_caller]
    pub fn wait_for_error(&mut self, words: &str) -> String {
        let err = self.child.stderr.as_mut().unwrap();
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains(words) {
            let mut byte = [0];
            assert!(err.read(&mut byte).unwrap() > 0, "it never said `{words}`: {}", String::from_utf8_lossy(&bytes));
            bytes.extend(byte);
        }
        self.said.push_str(&String::from_utf8_lossy(&bytes));
        self.said.clone()
    }

    /// Ends the program as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends Ctrl-C; where it is ignored in all that the tests start, as shells do in the background, what a service
    /// manager sends.
    #[cfg(unix)]
    pub fn interrupt(&self) {
        let is_ignored = signals_of("self", "SigIgn").is_some_and(|mask| mask >> 1 & 1 == 1);
        self.signal(if is_ignored { "TERM" } else { "INT" });
    }

    /// Sends a signal by its name.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until signals are caught, told by the one that nobody ignores.
    #[cfg(unix)]
    pub fn wait_until_it_listens(&self) {
        let id = self.child.id().to_string();
        for _ in 0..1000 {
            std::thread::sleep(Duration::from_millis(10));
            if signals_of(&id, "SigCgt").is_some_and(|mask| mask >> 14 & 1 == 1) {
                return;
            }
        }
        assert!(signals_of(&id, "SigCgt").is_none(), "it never listened");
    }

    /// Closes standard output as `| head -1` does.
    pub fn stop_reading(self) -> Ran {
        drop(self.out);
        Self::ended(self.child, String::new(), self.said)
    }

    /// Waits for the end without reading a word before it.
    #[cfg(unix)]
    pub fn finish_unread(mut self) -> Ran {
        self.child.wait().unwrap();
        self.finish()
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Ran {
        let mut out = String::new();
        self.out.read_to_string(&mut out).unwrap();
        Self::ended(self.child, out, self.said)
    }

    /// Waits for an end that must come within this time. For programs that say little, because nobody reads meanwhile.
    #[track_caller]
    pub fn finish_within(mut self, limit: Duration) -> Ran {
        let begun = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            if begun.elapsed() > limit {
                self.child.kill().unwrap();
                panic!("the program did not end within {limit:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.finish()
    }

    fn ended(mut child: Child, out: String, mut err: String) -> Ran {
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert!(!err.contains("panicked"), "{err}");
        Ran { code: child.wait().unwrap().code(), out, err }
    }
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The one run folder in a folder of runs.
#[track_caller]
pub fn only_run_in(runs: &Path) -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir(runs).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// The steps in a run's `metrics.jsonl`, without their wall time and memory: what must repeat bit for bit.
///
/// Numbers are written so that they read back the same, so equal text is equal bits.
pub fn step_lines(run: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    text.lines()
        .map(|line| {
            let mut step: Value = serde_json::from_str(line).unwrap();
            let fields = step.as_object_mut().unwrap();
            assert!(fields.remove("secs").is_some(), "{line}");
            fields.remove("peak_bytes");
            step
        })
        .collect()
}

/// A set of signals of a process as Linux tells it, the lowest in bit 0; `None` where the system tells nothing.
#[cfg(unix)]
fn signals_of(process: &str, which: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix(which)?.strip_prefix(':'))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}
