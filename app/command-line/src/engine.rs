//! `fusionscope engine`: a session for a window that is another process.

#[cfg(not(unix))]
#[path = "engine/not_staying.rs"]
mod staying;
#[cfg(unix)]
mod staying;

use fusionscope_engine::session::{Paint, SessionOptions};
use fusionscope_engine::wire::{Parting, Server};
use stdio_override::StdoutOverride;

use super::arguments::EngineArguments;
use super::exit::{Exit, Failure, OrFail as _, Outcome};
use super::interrupt::Interrupt;

/// An engine for one window, or one that stays, the way to it, or its end.
pub fn run(arguments: EngineArguments, interrupt: Interrupt, paint: Paint) -> Outcome {
    if arguments.way.host {
        return staying::host(&arguments, interrupt, paint);
    }
    if arguments.way.end {
        return staying::end(&arguments);
    }
    serve(arguments, interrupt, paint)
}

/// Serves one window, until it leaves or asks for the end. Either way a run under way is saved; an engine that stays goes
/// on.
fn serve(arguments: EngineArguments, interrupt: Interrupt, paint: Paint) -> Outcome {
    // From here on what anything else prints, a graphics driver for example, goes to standard error.
    let unheard = |error| Failure::new(Exit::Failed, format!("standard output cannot be spoken on: {error}"));
    let output = StdoutOverride::from_io_ref(&std::io::stderr()).map_err(unheard)?;
    if arguments.attach {
        return staying::attach(&arguments, std::io::stdin(), output);
    }
    interrupt.keeps("Saving a checkpoint");
    go_first();
    let EngineArguments { device, out, .. } = arguments;
    let options = SessionOptions { device, runs_dir: out, paint: Some(paint), ..SessionOptions::default() };
    let server = Server::start(options).or_fail()?;
    match server.attend(std::io::stdin(), output, || interrupt.goes_on()).or_fail()? {
        Parting::Ended | Parting::Left | Parting::TakenOver => Ok(Exit::Done),
    }
}

/// Where memory runs out, the system shall end this process and not the window, which can start it again.
fn go_first() {
    // A system without such a setting chooses by itself.
    #[cfg(target_os = "linux")]
    let _unheard = std::fs::write("/proc/self/oom_score_adj", "500");
}
