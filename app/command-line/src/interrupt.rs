//! Ctrl-C and its like: the first asks to stop, and whatever waits is ended soon; the second ends the program at once.

use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use fusionscope_engine::signals;

use super::exit::{Exit, Failure};
use super::output;

/// How long a command may take to end by itself before it is ended: it may wait for a disk, or for a file without end.
const PATIENCE: Duration = Duration::from_millis(1500);

/// What is said of what is being kept; unset where nothing is lost by ending.
static KEEPS: OnceLock<&'static str> = OnceLock::new();

/// Whether the program was asked to stop.
#[derive(Clone, Copy, Debug)]
pub struct Interrupt(());

impl Interrupt {
    /// Listens from now on.
    pub fn listen() -> Result<Self, Failure> {
        let heard = || {
            let began = Instant::now();
            output::complain(&format!("{}; press Ctrl-C again to end at once", KEEPS.get().unwrap_or(&"Stopping")));
            std::thread::sleep(PATIENCE.saturating_sub(began.elapsed()));
            if KEEPS.get().is_none() {
                signals::end_at_once(Exit::Interrupted as i32);
            }
        };
        let refused = |error| Failure::new(Exit::Failed, format!("could not listen for Ctrl-C: {error}"));
        signals::listen(heard).map_err(refused)?;
        Ok(Self(()))
    }

    /// From now on there is work to keep, however long that takes: only a second Ctrl-C ends the program before.
    /// `words` are said after the first.
    pub fn keeps(self, words: &'static str) {
        let _said_before = KEEPS.set(words);
    }

    /// The same, for work that is watched.
    pub fn goes_on(self) -> ControlFlow<()> {
        if self.was_pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Whether to stop.
    pub fn was_pressed(self) -> bool {
        let Self(()) = self;
        signals::was_asked()
    }
}
