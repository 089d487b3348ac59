//! The command line of Fusionscope: one file a subcommand, each a thin layer over the engine.
//!
//! The invariant of this crate: it knows no widget. What needs the window is handed to [`run`] as a [`Window`]. Results
//! go to standard output through [`output`], progress and complaints to standard error; every way to end has an exit
//! code in [`exit`].

pub mod arguments;
mod bench;
mod command_words;
mod dataset;
mod describe;
mod devices;
mod drivers;
mod embed;
mod engine;
mod evaluate;
pub mod exit;
mod export;
mod figure;
mod headless;
mod inspect;
pub mod interrupt;
mod json;
mod label_map;
mod named;
mod opened;
pub mod output;
mod predict;
mod progress;
mod protocol;
mod pseudo_label;
mod recipes;
mod robustness;
pub mod sample_data;
mod stream;
mod study;
mod supposing;
mod train;
mod window;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::failure::{Failure as EngineFailure, guarded};
use fusionscope_engine::session::leaving;

use self::arguments::{Arguments, Subcommand};
use self::exit::{Exit, Failure, Outcome};
pub use self::inspect::view_names;
use self::interrupt::Interrupt;
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
            let words = refusal.render().to_string();
            // Help and version come this way too; they are no failure.
            if refusal.use_stderr() {
                output::complain(words.trim_end());
                return Exit::Usage.into();
            }
            output::text(&words);
            return ended(Ok(Exit::Done)).into();
        }
    };
    let outcome = match arguments.subcommand {
        None => window::run(window),
        // A graphics device that fails tells so by a panic.
        Some(subcommand) => guarded(|| obey(subcommand, window))
            .unwrap_or_else(|panic| Err(Failure::from(&EngineFailure::from_panic(&panic)))),
    };
    // Where a session was let go in the middle of a run, its checkpoint is still being written.
    leaving::wait(LAST_WORDS);
    ended(outcome).into()
}

fn obey(subcommand: Subcommand, window: &dyn Window) -> Outcome {
    // A program that starts itself again does so before it listens.
    if lists_adapters(&subcommand) {
        drivers::hush();
    }
    let interrupt = Interrupt::listen()?;
    match subcommand {
        Subcommand::Train(arguments) => train::run(&arguments, interrupt, window.painter()),
        Subcommand::Bench(arguments) => bench::run(&arguments, interrupt),
        Subcommand::Study(arguments) => study::run(&arguments, interrupt),
        Subcommand::Evaluate(arguments) => match arguments.protocol {
            Some(protocol) => protocol::run(protocol, &arguments, interrupt),
            None => evaluate::run(&arguments, interrupt),
        },
        Subcommand::Robustness(arguments) => robustness::run(&arguments),
        Subcommand::Predict(arguments) => predict::run(&arguments, interrupt),
        Subcommand::Inspect(arguments) => inspect::run(&arguments, interrupt, window),
        Subcommand::Figure(arguments) => figure::run(&arguments, interrupt, window),
        Subcommand::PseudoLabel(arguments) => pseudo_label::run(&arguments, interrupt),
        Subcommand::Dataset(arguments) => dataset::run(&arguments, interrupt, window),
        Subcommand::Devices(arguments) => devices::run(arguments),
        Subcommand::Describe(arguments) => describe::run(&arguments),
        Subcommand::Recipes(arguments) => recipes::run(&arguments),
        Subcommand::Screenshot(arguments) => window.screenshot(&arguments, interrupt),
        Subcommand::Export(arguments) => export::run(&arguments),
        Subcommand::Embed(arguments) => embed::run(&arguments, interrupt),
        Subcommand::Engine(arguments) => engine::run(arguments, interrupt, window.painter()),
    }
}

fn lists_adapters(subcommand: &Subcommand) -> bool {
    match subcommand {
        Subcommand::Devices(_) | Subcommand::Screenshot(_) => true,
        Subcommand::Embed(arguments) => matches!(arguments.device, DeviceChoice::Gpu(_)),
        _ => false,
    }
}

/// Says what went wrong. Results that could not be printed are a failure too.
fn ended(outcome: Outcome) -> Exit {
    let exit = outcome.unwrap_or_else(|Failure { exit, error }| {
        output::complain(&format!("error: {}", sentence(&error)));
        exit
    });
    if exit == Exit::Done && output::was_lost() { Exit::Failed } else { exit }
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
