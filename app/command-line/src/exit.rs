//! How a command ends.

use std::fmt::Display;
use std::process::ExitCode;

/// The exit codes of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: it is done.
    Done,
    /// 1: the run failed, or a file could not be written.
    Failed,
    /// 2: the command line or the recipe asks for something that does not exist.
    Usage,
    /// 3: the data set, an image or a run folder could not be used.
    BadData,
    /// 4: Ctrl-C; a checkpoint was saved where there was a run.
    Interrupted,
}

/// The exit codes as they stand in `--help`.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the run failed, or a result could not be written
  2  the command line or the recipe asks for something that does not exist
  3  the data set or the run folder could not be used, or `dataset check` found errors
  4  interrupted with Ctrl-C; a checkpoint was saved (a second Ctrl-C ends at once, with 130)";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error and the exit code that it ends the program with.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// The sentence.
    pub error: anyhow::Error,
}

/// What a subcommand returns.
pub type Outcome = Result<Exit, Failure>;

impl Failure {
    /// A failure in words.
    pub fn new(exit: Exit, message: impl Display) -> Self {
        Self { exit, error: anyhow::anyhow!("{message}") }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self { exit: Exit::Failed, error }
    }
}

/// Gives an error its exit code.
pub trait OrExit<T> {
    /// The value, or a failure with this exit code.
    fn or_exit(self, exit: Exit) -> Result<T, Failure>;
}

impl<T, E: Into<anyhow::Error>> OrExit<T> for Result<T, E> {
    fn or_exit(self, exit: Exit) -> Result<T, Failure> {
        self.map_err(|error| Failure { exit, error: error.into() })
    }
}
