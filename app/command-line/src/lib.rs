//! The command line of Fusionscope: one file a subcommand, each a thin layer over the engine.
//!
//! The invariant of this crate: it knows no widget. What needs the window is handed to [`run`] as a [`Window`]. Results
//! go to standard output through [`output`], progress and complaints to standard error; every way to end has an exit
//! code in [`exit`].

pub mod arguments;
mod bench;
mod dataset;
mod describe;
mod devices;
pub mod drivers;
mod embed;
mod evaluate;
pub mod exit;
mod export;
mod headless;
mod inspect;
mod interrupt;
mod json;
mod label_map;
mod opened;
pub mod output;
mod predict;
mod progress;
mod pseudo_label;
mod recipes;
pub mod sample_data;
mod train;
mod window;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use fusionscope_engine::session::leaving;

use self::arguments::{Arguments, Subcommand};
use self::exit::{Exit, Failure};
pub use self::train::recipe_of;
pub use self::window::Window;

/// How long the program stays for the checkpoint of a run that was under way when its window was closed.
const LAST_WORDS: Duration = Duration::from_mins(2);

/// Carries out a command line, program name first, and says how it went.
pub fn run(arguments: impl IntoIterator<Item = OsString>, window: &dyn Window) -> ExitCode {
    start_log();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(refusal) => {
            // Help and version come this way too; they are no failure.
            let wanted = !refusal.use_stderr();
            let _nobody_listens = refusal.print();
            return if wanted { Exit::Done } else { Exit::Usage }.into();
        }
    };
    let outcome = match arguments.subcommand {
        None => window::run(window),
        Some(Subcommand::Train(arguments)) => train::run(&arguments),
        Some(Subcommand::Bench(arguments)) => bench::run(&arguments),
        Some(Subcommand::Evaluate(arguments)) => evaluate::run(&arguments),
        Some(Subcommand::Predict(arguments)) => predict::run(&arguments),
        Some(Subcommand::Inspect(arguments)) => inspect::run(&arguments, window),
        Some(Subcommand::PseudoLabel(arguments)) => pseudo_label::run(&arguments),
        Some(Subcommand::Dataset(arguments)) => dataset::run(&arguments),
        Some(Subcommand::Devices(arguments)) => devices::run(arguments),
        Some(Subcommand::Describe(arguments)) => describe::run(&arguments),
        Some(Subcommand::Recipes(arguments)) => recipes::run(&arguments),
        Some(Subcommand::Screenshot(arguments)) => window.screenshot(&arguments),
        Some(Subcommand::Export(arguments)) => export::run(&arguments),
        Some(Subcommand::Embed(arguments)) => embed::run(&arguments),
    };
    // Where a session was let go in the middle of a run, its checkpoint is still being written.
    leaving::wait(LAST_WORDS);
    match outcome {
        Ok(exit) => exit.into(),
        Err(Failure { exit, error }) => {
            if output::reader_has_gone(&error) {
                return Exit::Done.into();
            }
            output::complain(&format!("error: {}", sentence(&error)));
            exit.into()
        }
    }
}

/// An error with its causes, each said once: some errors already quote theirs.
fn sentence(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// Engine and drivers log to standard error where `FUSIONSCOPE_LOG` asks for it, for example `FUSIONSCOPE_LOG=debug`.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("FUSIONSCOPE_LOG")
        .unwrap_or_else(|_unset| tracing_subscriber::EnvFilter::new("off"));
    // A second start in one process (tests) keeps the first.
    let _already_started = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn a_cause_that_is_quoted_already_is_not_said_twice() {
        let inner = || anyhow::anyhow!("no space");
        let quoted: anyhow::Error = Err::<(), _>(inner()).context("could not write: no space: /a").unwrap_err();
        assert_eq!(sentence(&quoted), "could not write: no space: /a");
        let plain: anyhow::Error = Err::<(), _>(inner()).context("could not write /a").unwrap_err();
        assert_eq!(sentence(&plain), "could not write /a: no space");
    }
}
