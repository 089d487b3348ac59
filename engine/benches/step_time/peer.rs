//! The sides of the comparison as processes that are asked for one thing at a time.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::serve::MIXED;
use crate::{SERVE, threads};

/// How long a side's idle threads may go on spinning before they sleep; the next side's turn begins after it.
const SETTLING: Duration = Duration::from_millis(20);

/// Who computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The engine on the CPU.
    Ours,
    /// The engine on the CPU with burn's stock operations.
    Stock,
    /// PyTorch on the CPU.
    Torch,
    /// PyTorch on the CPU in another way than plainly.
    TorchBy(Way),
    /// The engine on the first graphics card.
    OursOnGpu {
        /// Whether in mixed precision.
        mixed: bool,
    },
    /// PyTorch on the first CUDA device.
    TorchOnGpu {
        /// Whether the networks go through `torch.compile`.
        compiled: bool,
        /// What it may round to.
        precision: Precision,
    },
}

/// What may make PyTorch faster on a CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `torch.compile`.
    Compiled,
    /// Images and weights with their channels last.
    ChannelsLast,
    /// bf16 wherever `torch.autocast` takes it.
    Mixed,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Compiled, Self::ChannelsLast, Self::Mixed];

    /// The script's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Compiled => "compiled",
            Self::ChannelsLast => "channels-last",
            Self::Mixed => "mixed",
        }
    }
}

/// What PyTorch may round to on a graphics card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Nothing: fp32.
    Full,
    /// TF32 in matrix products and convolutions.
    Tf32,
    /// bf16 wherever `torch.autocast` takes it.
    Mixed,
}

impl Precision {
    /// The script's word for it, and how tables write it.
    fn words(self) -> (Option<&'static str>, &'static str) {
        match self {
            Self::Full => (None, "fp32"),
            Self::Tf32 => (Some("tf32"), "TF32"),
            Self::Mixed => (Some("mixed"), "mixed bf16"),
        }
    }
}

impl Side {
    fn command(self) -> io::Result<Command> {
        let own = |device: &str| {
            let mut command = Command::new(std::env::current_exe()?);
            command.args([SERVE, device]).env_remove("FUSIONSCOPE_KERNELS").stderr(Stdio::inherit());
            Ok(command)
        };
        let torch = |words: &[&str]| {
            let mut command = Command::new("python3");
            // Elsewhere than here the sources lie elsewhere.
            let benches = std::env::var_os("FUSIONSCOPE_BENCHES");
            let benches = benches.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/benches").into());
            command
                .arg(Path::new(&benches).join("step_time/pytorch.py"))
                .arg(threads().to_string())
                .args(words)
                .stderr(Stdio::null());
            Ok(command)
        };
        match self {
            Self::Ours => own("cpu"),
            Self::Stock => {
                let mut command = own("cpu")?;
                command.env("FUSIONSCOPE_KERNELS", "off");
                Ok(command)
            }
            Self::OursOnGpu { mixed } => {
                let mut command = own("gpu:0")?;
                command.args(mixed.then_some(MIXED));
                Ok(command)
            }
            Self::Torch => torch(&["cpu"]),
            Self::TorchBy(way) => torch(&["cpu", way.word()]),
            Self::TorchOnGpu { compiled, precision } => {
                // Where a software adapter stands in for a card, the CPU does for CUDA.
                let stands_in = std::env::var("FUSIONSCOPE_SOFTWARE_ADAPTER").as_deref() == Ok("train");
                let mut words = vec![if stands_in { "cpu" } else { "cuda" }];
                words.extend(compiled.then_some("compiled"));
                words.extend(precision.words().0);
                torch(&words)
            }
        }
    }

    fn is_on_card(self) -> bool {
        matches!(self, Self::OursOnGpu { .. } | Self::TorchOnGpu { .. })
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours => formatter.write_str("ours"),
            Self::OursOnGpu { mixed } => {
                let compiler = if cfg!(feature = "vulkan") { ", SPIR-V" } else { "" };
                write!(formatter, "ours{compiler}, {}", if *mixed { "mixed fp16" } else { "fp32" })
            }
            Self::Stock => formatter.write_str("stock burn"),
            Self::Torch => formatter.write_str("PyTorch"),
            Self::TorchBy(way) => write!(formatter, "PyTorch {}", way.word()),
            Self::TorchOnGpu { compiled, precision } => {
                let way = if *compiled { "compiled" } else { "eager" };
                write!(formatter, "PyTorch {way}, {}", precision.words().1)
            }
        }
    }
}

/// A side's process. A request is a line, the answer a line of numbers.
pub struct Peer {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Its error stream, of a side on a card. A file, unlike a pipe, never fills up while an answer is waited for.
    errors: Option<File>,
    is_gone: bool,
    /// What it says of itself.
    pub words: String,
}

impl Peer {
    /// Starts a side; a sentence where it cannot be had.
    pub fn start(side: Side) -> Result<Self, String> {
        let lost = |error: io::Error| format!("{side} does not start: {error}");
        let mut command = side.command().map_err(lost)?;
        let errors = side.is_on_card().then(tempfile::tempfile).transpose().map_err(lost)?;
        if let Some(file) = &errors {
            command.stderr(file.try_clone().map_err(lost)?);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(lost)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (requests, answers) = pipes.ok_or_else(|| format!("{side} has no pipes"))?;
        let answers = BufReader::new(answers);
        let mut peer = Self { child, requests, answers, errors, is_gone: false, words: String::new() };
        match peer.line().as_deref().map(|line| line.split_once(' ').unwrap_or((line, ""))) {
            Some(("ready", words)) => {
                words.clone_into(&mut peer.words);
                Ok(peer)
            }
            Some((_, reason)) => Err(format!("{side}: {reason}")),
            None if peer.errors.is_some() => Err(format!("{side} does not answer: {}", peer.reason())),
            None => Err(format!("{side} does not answer; is torch installed for python3?")),
        }
    }

    /// Starts the sides that can be had, and says why others cannot.
    pub fn start_all(sides: &[Side]) -> Vec<Option<Self>> {
        let started = sides.iter().map(|&side| Self::start(side));
        started.map(|peer| peer.inspect_err(|reason| println!("{reason}")).ok()).collect()
    }

    /// One request; empty where the side has no answer to it, or is gone.
    pub fn ask(&mut self, request: &str) -> Vec<f64> {
        if self.is_gone {
            return Vec::new();
        }
        let sent = writeln!(self.requests, "{request}").and_then(|()| self.requests.flush());
        let answer = sent.ok().and_then(|()| self.line());
        self.is_gone = answer.is_none();
        std::thread::sleep(SETTLING);
        let answer = answer.unwrap_or_default();
        answer.split_whitespace().map_while(|number| number.parse().ok()).collect()
    }

    /// Whether the process ended in place of an answer.
    pub fn is_gone(&self) -> bool {
        self.is_gone
    }

    /// Why a side on a card is gone: the line of its error stream that says so, else how the process ended. All of that
    /// stream is passed on.
    pub fn reason(&mut self) -> String {
        let ended = self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        let mut said = Vec::new();
        if let Some(file) = &mut self.errors {
            let _read = file.rewind().and_then(|()| file.read_to_end(&mut said));
        }
        let said = String::from_utf8_lossy(&said);
        eprint!("{said}");
        cause(&said).map_or(ended, str::to_owned)
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let bytes = self.answers.read_line(&mut line).ok()?;
        (bytes > 0).then(|| line.trim().to_owned())
    }
}

/// The line of an error stream that says why: the innermost cause, else what the first panic says, else what Python
/// raised last.
fn cause(said: &str) -> Option<&str> {
    let lines: Vec<&str> = said.lines().collect();
    let below = |place: usize| lines.get(place + 1).copied().map(str::trim);
    let innermost = lines.iter().rposition(|line| line.trim() == "Caused by:").and_then(below);
    let panicked = || lines.iter().position(|line| line.contains(" panicked at ")).and_then(below);
    let raised = || {
        let traceback = lines.iter().rposition(|line| line.starts_with("Traceback "))?;
        // Its frames are indented.
        lines.iter().skip(traceback + 1).find(|line| !line.starts_with(' ')).copied()
    };
    innermost.or_else(panicked).or_else(raised)
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
