//! The sides of the comparison as processes that are asked for one thing at a time.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

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
    OursOnGpu,
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
            Self::OursOnGpu => own("gpu:0"),
            Self::Torch => torch(&["cpu"]),
            Self::TorchBy(way) => torch(&["cpu", way.word()]),
            Self::TorchOnGpu { compiled, precision } => {
                let mut words = vec!["cuda"];
                words.extend(compiled.then_some("compiled"));
                words.extend(precision.words().0);
                torch(&words)
            }
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours | Self::OursOnGpu => formatter.write_str("ours"),
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
    /// What it says of itself.
    pub words: String,
}

impl Peer {
    /// Starts a side; a sentence where it cannot be had.
    pub fn start(side: Side) -> Result<Self, String> {
        let lost = |error: io::Error| format!("{side} does not start: {error}");
        let mut command = side.command().map_err(lost)?;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(lost)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (requests, answers) = pipes.ok_or_else(|| format!("{side} has no pipes"))?;
        let mut peer = Self { child, requests, answers: BufReader::new(answers), words: String::new() };
        match peer.line().as_deref().map(|line| line.split_once(' ').unwrap_or((line, ""))) {
            Some(("ready", words)) => {
                words.clone_into(&mut peer.words);
                Ok(peer)
            }
            Some((_, reason)) => Err(format!("{side}: {reason}")),
            None => Err(format!("{side} does not answer; is torch installed for python3?")),
        }
    }

    /// Starts the sides that can be had, and says why others cannot.
    pub fn start_all(sides: &[Side]) -> Vec<Option<Self>> {
        let started = sides.iter().map(|&side| Self::start(side));
        started.map(|peer| peer.inspect_err(|reason| println!("{reason}")).ok()).collect()
    }

    /// One request; empty where the side has no answer to it.
    pub fn ask(&mut self, request: &str) -> Vec<f64> {
        let sent = writeln!(self.requests, "{request}").and_then(|()| self.requests.flush());
        let answer = sent.ok().and_then(|()| self.line()).unwrap_or_default();
        std::thread::sleep(SETTLING);
        answer.split_whitespace().map_while(|number| number.parse().ok()).collect()
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let bytes = self.answers.read_line(&mut line).ok()?;
        (bytes > 0).then(|| line.trim().to_owned())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
