//! The process at the other end: what it is spoken to through, how it ended, and what it said last.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use parking_lot::Mutex;

use super::error::WireError;

/// Lines that are kept of what it wrote to standard error.
pub const LAST_WORDS: usize = 12;
/// Bytes that are kept of them.
const KEPT_BYTES: usize = 8 << 10;
/// How long a process may take to end once its end of the connection is closed.
const TO_END: Duration = Duration::from_secs(5);
/// How long the last of its standard error is waited for: what it has started may hold that open.
const TO_HEAR: Duration = Duration::from_millis(200);
/// How often it is looked at while it ends.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Two streams, and whoever is at their other end.
pub struct Peer {
    /// What it says.
    pub input: Box<dyn Read + Send>,
    /// What it is told.
    pub output: Box<dyn Write + Send>,
    /// The process; `None` where it is none that this program has started.
    pub process: Option<Arc<PeerProcess>>,
}

impl Peer {
    /// Starts a program that speaks the protocol on its standard streams.
    pub fn start(mut command: Command) -> Result<Self, WireError> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        apart(&mut command);
        let program = command.get_program().to_string_lossy().into_owned();
        let not_started = |reason: String| WireError::NotStarted { reason, program: program.clone() };
        let mut child = command.spawn().map_err(|error| not_started(error.to_string()))?;
        let (input, output, errors) = (child.stdout.take(), child.stdin.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = (input, output, errors) else {
            return Err(not_started("its streams are not there".to_owned()));
        };
        let said = Arc::new(Mutex::new(VecDeque::new()));
        let (signal, heard) = bounded::<()>(0);
        let collected = Arc::clone(&said);
        let listening = std::thread::Builder::new().name("fusionscope-wire-errors".to_owned()).spawn(move || {
            collect(errors, &collected);
            drop(signal);
        });
        if let Err(error) = listening {
            let _gone = child.kill().and_then(|()| child.wait());
            return Err(not_started(error.to_string()));
        }
        let process = Arc::new(PeerProcess { child: Mutex::new(child), said, heard });
        Ok(Self { input: Box::new(input), output: Box::new(output), process: Some(process) })
    }
}

/// A process that was started.
pub struct PeerProcess {
    child: Mutex<Child>,
    said: Arc<Mutex<VecDeque<u8>>>,
    heard: Receiver<()>,
}

impl PeerProcess {
    /// Ends it at once.
    pub fn kill(&self) {
        // It may have ended by itself.
        let _gone = self.child.lock().kill();
    }

    /// Waits until it has ended, and ends it where it takes too long; how that went, in words where it can be told.
    pub(super) fn end(&self) -> Option<String> {
        let begun = Instant::now();
        let mut was_ended = false;
        loop {
            match self.child.lock().try_wait() {
                Ok(Some(_)) if was_ended => return Some("it did not answer and was ended".to_owned()),
                Ok(Some(status)) => return Some(ended_words(status)),
                Err(_) => return None,
                Ok(None) => {}
            }
            if begun.elapsed() > TO_END && !was_ended {
                was_ended = true;
                self.kill();
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// The last lines of its standard error, the newest last.
    pub(super) fn last_words(&self) -> Vec<String> {
        let _ended = self.heard.recv_timeout(TO_HEAR);
        let bytes: Vec<u8> = self.said.lock().iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        let clean = |line: &&str| line.chars().filter(|letter| !letter.is_control()).collect();
        lines[lines.len().saturating_sub(LAST_WORDS)..].iter().map(clean).collect()
    }
}

/// Keeps the end of what is said.
fn collect(mut errors: impl Read, said: &Mutex<VecDeque<u8>>) {
    let mut bytes = [0; 4096];
    loop {
        match errors.read(&mut bytes) {
            Ok(0) => return,
            Ok(read) => {
                let mut said = said.lock();
                said.extend(&bytes[..read]);
                let surplus = said.len().saturating_sub(KEPT_BYTES);
                said.drain(..surplus);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// How a process has ended, in words.
pub fn ended_words(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return match signal {
            9 => "it was killed (signal 9): by hand, or by the system for want of memory".to_owned(),
            6 => "it gave up (signal 6, abort), as graphics drivers do".to_owned(),
            4 | 7 | 8 | 11 => format!("it crashed (signal {signal})"),
            15 => "it was told to end (signal 15)".to_owned(),
            signal => format!("it was ended by signal {signal}"),
        };
    }
    match status.code() {
        Some(0) => "it ended by itself".to_owned(),
        Some(code) => format!("it ended with code {code}"),
        None => format!("it ended ({status})"),
    }
}

/// Keeps Ctrl-C in the terminal of this program from the other one: it is told to end by the end of its input.
fn apart(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    {
        // CREATE_NO_WINDOW and CREATE_NEW_PROCESS_GROUP.
        std::os::windows::process::CommandExt::creation_flags(command, 0x0800_0000 | 0x0000_0200);
    }
    #[cfg(not(any(unix, windows)))]
    let _nothing_to_do = command;
}
