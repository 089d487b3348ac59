//! `fusionscope engine --host`, `--attach` and `--end`: an engine that stays while windows come and go, the way to it, and
//! its end.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fusionscope_engine::protocol;
use fusionscope_engine::session::{Paint, SessionOptions};
use fusionscope_engine::wire::{Client, Host, Meeting, Peer, Standing};

use crate::arguments::EngineArguments;
use crate::exit::{Exit, Failure, OrExit as _, OrFail as _, Outcome};
use crate::interrupt::Interrupt;
use crate::output;

/// For how long an engine stays that does nothing and that nobody is attached to.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long an engine may take until it can be met.
const TO_BEGIN: Duration = Duration::from_secs(30);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long an engine may take to save a checkpoint and to end.
const TO_END: Duration = Duration::from_mins(2);

/// Waits for windows until the session has ended.
pub(super) fn host(arguments: &EngineArguments, interrupt: Interrupt, paint: Paint) -> Outcome {
    let meeting = Meeting::of(&arguments.out).or_fail()?;
    let options = SessionOptions {
        device: arguments.device,
        runs_dir: arguments.out.clone(),
        paint: Some(paint),
        ..SessionOptions::default()
    };
    interrupt.keeps("Saving a checkpoint");
    let host = Host::start(options, &meeting).or_fail()?;
    host.serve(PATIENCE, || interrupt.goes_on());
    Ok(Exit::Done)
}

/// Joins two streams to the engine of a folder of runs, which is started where there is none. Once either of them has
/// ended, this has; the engine stays.
pub(super) fn attach(
    arguments: &EngineArguments,
    mut input: impl Read + Send + 'static,
    mut output: impl Write,
) -> Outcome {
    let meeting = Meeting::of(&arguments.out).or_fail()?;
    let stream = match meeting.meet().or_fail()? {
        Some(stream) => stream,
        None => begun(arguments, &meeting)?,
    };
    let lost = |error| Failure::new(Exit::Failed, format!("the engine cannot be spoken to: {error}"));
    let (mut told, mut heard) = (stream.try_clone().map_err(lost)?, stream);
    let telling = move || {
        // Either way nothing more is said.
        let _ended = std::io::copy(&mut input, &mut told);
        let _gone = told.shutdown(Shutdown::Write);
    };
    std::thread::Builder::new().name("fusionscope-relay".to_owned()).spawn(telling).map_err(lost)?;
    // Whoever has gone hears no more, which is no failure of this end.
    let _ended = std::io::copy(&mut heard, &mut output);
    Ok(Exit::Done)
}

/// Ends the engine of a folder of runs, with a checkpoint of the run under way.
pub(super) fn end(arguments: &EngineArguments) -> Outcome {
    let meeting = Meeting::of(&arguments.out).or_fail()?;
    let Some(stream) = meeting.meet().or_fail()? else {
        output::line("no engine stays there");
        return Ok(Exit::Done);
    };
    let lost = |error| Failure::new(Exit::Failed, format!("the engine cannot be spoken to: {error}"));
    let input = Box::new(stream.try_clone().map_err(lost)?);
    let client = Client::start(Peer { input, output: Box::new(stream), process: None }, None).or_fail()?;
    client.send(protocol::Command::Shutdown).or_fail()?;
    let begun = Instant::now();
    loop {
        // What it tells meanwhile must not hold it up.
        let has_ended = client.events().try_iter().any(|event| event == protocol::Event::Ended);
        match client.standing() {
            _ if has_ended => break,
            Standing::Lost { failure, .. } if failure.kind == protocol::FailureKind::Incompatible => {
                return Err(Failure::from(&failure));
            }
            Standing::Lost { .. } => break,
            Standing::Connecting | Standing::Ready(_) if begun.elapsed() > TO_END => {
                return Err(Failure::new(
                    Exit::Failed,
                    "the engine has not ended in two minutes; it still saves its run",
                ));
            }
            Standing::Connecting | Standing::Ready(_) => std::thread::sleep(LOOK_EVERY),
        }
    }
    output::line("the engine has ended");
    Ok(Exit::Done)
}

/// Starts an engine that stays, and meets it.
fn begun(arguments: &EngineArguments, meeting: &Meeting) -> Result<UnixStream, Failure> {
    let mut child = start(arguments, meeting)
        .or_exit(Exit::Failed)
        .map_err(|Failure { exit, error }| Failure { exit, error: error.context("the engine could not be started") })?;
    let begun = Instant::now();
    loop {
        if let Some(stream) = meeting.meet().or_fail()? {
            return Ok(stream);
        }
        // One that another has started meanwhile is as good.
        let has_ended = child.try_wait().or_exit(Exit::Failed)?.is_some();
        if (has_ended && meeting.meet().or_fail()?.is_none()) || begun.elapsed() > TO_BEGIN {
            let log = std::fs::read_to_string(meeting.log()).unwrap_or_default();
            let said = log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
            let path = meeting.log();
            return Err(Failure::new(Exit::Failed, format!("the engine did not begin: {said}: {}", path.display())));
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Starts this program once more, apart from all that ends with this one: its streams, its terminal, its process group.
fn start(arguments: &EngineArguments, meeting: &Meeting) -> std::io::Result<Child> {
    let log = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(meeting.log())?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["engine", "--host", "--device", &arguments.device.to_string(), "--out"]).arg(&arguments.out);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).process_group(0).spawn()
}
