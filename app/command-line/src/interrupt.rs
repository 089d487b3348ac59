//! Ctrl-C: the first asks to stop, the second ends the program at once.

use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::{Exit, Failure};
use super::output;

static ASKED: AtomicBool = AtomicBool::new(false);

/// What a shell expects of a program that Ctrl-C ended.
const ENDED_BY_CTRL_C: i32 = 130;

/// Whether Ctrl-C was pressed.
#[derive(Clone, Copy, Debug)]
pub struct Interrupt(&'static AtomicBool);

impl Interrupt {
    /// Listens from now on. `promise` is what is said after the first Ctrl-C.
    pub fn listen(promise: &'static str) -> Result<Self, Failure> {
        let heard = ctrlc::set_handler(move || {
            if ASKED.swap(true, Ordering::SeqCst) {
                std::process::exit(ENDED_BY_CTRL_C);
            }
            output::complain(promise);
        });
        match heard {
            Ok(()) | Err(ctrlc::Error::MultipleHandlers) => Ok(Self(&ASKED)),
            Err(error) => Err(Failure::new(Exit::Failed, format!("could not listen for Ctrl-C: {error}"))),
        }
    }

    /// Whether to stop.
    pub fn was_pressed(self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
