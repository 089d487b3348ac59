//! How a command ends.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use fusionscope_engine::failure::{Failing, FailureKind};
use fusionscope_engine::protocol;

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
    /// 4: Ctrl-C or its like; a checkpoint was saved where there was a run.
    Interrupted,
}

/// The exit codes as they stand in `--help`.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the run failed, or a result could not be written, to standard output too
  2  the command line or the recipe asks for something that does not exist
  3  the data set or the run folder could not be used, or `dataset check` found errors
  4  interrupted; a checkpoint was saved where a run was under way (a second Ctrl-C ends at once, with 130)";

impl Exit {
    /// What a failure of the engine ends the program with; `None` stands for work that was told to end.
    pub fn for_kind(kind: Option<FailureKind>) -> Self {
        match kind {
            Some(FailureKind::Refused) => Self::Usage,
            Some(FailureKind::Unreadable | FailureKind::Untrusted | FailureKind::Incompatible) => Self::BadData,
            Some(
                FailureKind::OutOfMemory | FailureKind::DeviceLost | FailureKind::DeviceRefused | FailureKind::Broken,
            ) => Self::Failed,
            None => Self::Interrupted,
        }
    }
}

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

    /// That a result could not be written, and why.
    pub fn unwritten(what: &str, error: impl Display, path: &Path) -> Self {
        Self::new(Exit::Failed, format!("could not write {what}: {error}: {}", path.display()))
    }
}

impl From<&protocol::Failure> for Failure {
    fn from(failure: &protocol::Failure) -> Self {
        Self::new(Exit::for_kind(Some(failure.kind)), failure)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self { exit: Exit::Failed, error }
    }
}

/// Gives an error of the engine the exit code of its kind.
pub trait OrFail<T> {
    /// The value, or a failure with the exit code of its kind.
    fn or_fail(self) -> Result<T, Failure>;
}

impl<T, E: Failing + Send + Sync + 'static> OrFail<T> for Result<T, E> {
    fn or_fail(self) -> Result<T, Failure> {
        self.map_err(|error| Failure { exit: Exit::for_kind(error.kind()), error: error.into() })
    }
}

/// Gives an error that has no kind its exit code.
pub trait OrExit<T> {
    /// The value, or a failure with this exit code.
    fn or_exit(self, exit: Exit) -> Result<T, Failure>;
}

impl<T, E: Into<anyhow::Error>> OrExit<T> for Result<T, E> {
    fn or_exit(self, exit: Exit) -> Result<T, Failure> {
        self.map_err(|error| Failure { exit, error: error.into() })
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::device::DeviceError;
    use fusionscope_engine::evaluation::EvaluationError;
    use fusionscope_engine::training::RunError;

    use super::*;

    #[test]
    fn exit_codes_follow_from_the_kinds_of_failures() {
        let code = |kind| Exit::for_kind(kind) as u8;
        assert_eq!(code(Some(FailureKind::Refused)), 2);
        assert_eq!(code(Some(FailureKind::Unreadable)), 3);
        assert_eq!(code(Some(FailureKind::Untrusted)), 3);
        assert_eq!(code(Some(FailureKind::Incompatible)), 3);
        assert_eq!(code(Some(FailureKind::OutOfMemory)), 1);
        assert_eq!(code(Some(FailureKind::DeviceLost)), 1);
        assert_eq!(code(Some(FailureKind::DeviceRefused)), 1);
        assert_eq!(code(Some(FailureKind::Broken)), 1);
        assert_eq!(code(None), 4);
        let exit = |failed: Result<(), Failure>| failed.unwrap_err().exit;
        assert_eq!(exit(Err(DeviceError::Unknown { found: "tpu".to_owned() }).or_fail()), Exit::Usage);
        assert_eq!(exit(Err(RunError::NotARun { path: "runs".into() }).or_fail()), Exit::BadData);
        assert_eq!(exit(Err(EvaluationError::Stopped).or_fail()), Exit::Interrupted);
    }
}
