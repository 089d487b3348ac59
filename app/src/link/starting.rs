//! Engines as the program itself starts them: a session in this process, or this program once more.

use std::path::PathBuf;
use std::process::Command;

use fusionscope_engine::session::{Paint, Session, SessionOptions, Wake};
use fusionscope_engine::wire::{Client, Peer};

use super::Engine;
use super::afar::Afar;
use super::place::{Engines, Place, Seat};

/// What all of them have in common.
pub struct Starting {
    /// This program, where it can serve as an engine.
    pub program: Option<PathBuf>,
    /// Where runs are made.
    pub runs: PathBuf,
    /// What colours the pictures in event files.
    pub paint: Option<Paint>,
    /// What is called when there is news.
    pub wake: Wake,
}

impl Engines for Starting {
    fn start(&mut self, seat: &Seat) -> Result<Box<dyn Engine>, String> {
        let Self { program, runs, paint, wake } = self;
        match &seat.place {
            Place::Here => {
                let options = SessionOptions {
                    device: seat.device,
                    runs_dir: runs.clone(),
                    paint: *paint,
                    wake: Some(wake.clone()),
                    ..SessionOptions::default()
                };
                let session = Session::spawn(options).map_err(|error| error.to_string())?;
                Ok(Box::new(session))
            }
            Place::Process => {
                let program = program
                    .as_ref()
                    .ok_or("This program is started once more for that, and has to be called `fusionscope`")?;
                let mut command = Command::new(program);
                command.args(["engine", "--stdio", "--device", &seat.device.to_string(), "--out"]).arg(runs);
                let client = Peer::start(command).map_err(|error| error.to_string())?;
                let client = Client::start(client, Some(wake.clone())).map_err(|error| error.to_string())?;
                Ok(Box::new(client))
            }
            Place::Afar(remote) => Ok(Box::new(Afar::attach(remote, wake.clone())?)),
        }
    }
}
