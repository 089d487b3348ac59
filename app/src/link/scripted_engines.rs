//! Engines that are scripts, for tests of the window.

use std::sync::Arc;

use parking_lot::Mutex;

use super::place::{Engines, Seat};
use super::{Engine, Scripted};

/// Starts scripted engines. Clones share what was started, so that a test can keep one and give the other to the window.
#[derive(Clone, Debug, Default)]
pub struct ScriptedEngines {
    started: Arc<Mutex<Vec<(Seat, Scripted)>>>,
    refuses: Arc<Mutex<Option<String>>>,
}

impl ScriptedEngines {
    /// Where the newest engine was started, and its script.
    pub fn newest(&self) -> Option<(Seat, Scripted)> {
        self.started.lock().last().cloned()
    }

    /// How many were started.
    pub fn count(&self) -> usize {
        self.started.lock().len()
    }

    /// From now on none can be started, for this reason.
    pub fn refuse(&self, why: &str) {
        *self.refuses.lock() = Some(why.to_owned());
    }
}

impl Engines for ScriptedEngines {
    fn start(&mut self, seat: &Seat) -> Result<Box<dyn Engine>, String> {
        if let Some(why) = self.refuses.lock().clone() {
            return Err(why);
        }
        let script = Scripted::default();
        self.started.lock().push((seat.clone(), script.clone()));
        Ok(Box::new(script))
    }
}
