//! Threads beside the worker, which wait for nobody and which nobody waits for: each begins with the first command for
//! it and ends once the app has gone.

use std::sync::{Arc, OnceLock};

use crossbeam_channel::{Receiver, Sender, TrySendError};

use super::error::SessionError;
use super::options::Wake;
use crate::protocol::Event;

/// Commands that may wait.
const COMMANDS: usize = 64;
/// News that may wait for the app; the thread waits beyond that.
const NEWS: usize = 16;

/// What such a thread does with its commands.
type Work<C> = Box<dyn Fn(Receiver<C>, Teller) + Send + Sync>;

/// The app's end of such a thread.
pub(super) struct Aside<C> {
    name: &'static str,
    work: Arc<Work<C>>,
    wake: Option<Wake>,
    commands: OnceLock<Option<Sender<C>>>,
    news: (Sender<Event>, Receiver<Event>),
}

impl<C: Send + 'static> Aside<C> {
    /// A thread of this name, which does its work until it returns: where the app has gone, or no command can come.
    pub(super) fn new(
        name: &'static str,
        wake: Option<Wake>,
        work: impl Fn(Receiver<C>, Teller) + Send + Sync + 'static,
    ) -> Self {
        let work: Work<C> = Box::new(work);
        Self { name, work: Arc::new(work), wake, commands: OnceLock::new(), news: crossbeam_channel::bounded(NEWS) }
    }

    /// Hands a command over, without waiting.
    pub(super) fn send(&self, command: C) -> Result<(), SessionError> {
        let commands = self.commands.get_or_init(|| self.begin()).as_ref().ok_or(SessionError::Ended)?;
        commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => SessionError::Busy,
            TrySendError::Disconnected(_) => SessionError::Ended,
        })
    }

    /// What it tells, oldest first.
    pub(super) fn news(&self) -> &Receiver<Event> {
        &self.news.1
    }

    fn begin(&self) -> Option<Sender<C>> {
        let (sender, commands) = crossbeam_channel::bounded(COMMANDS);
        let teller = Teller { news: self.news.0.clone(), wake: self.wake.clone() };
        let work = Arc::clone(&self.work);
        // It ends by itself once the command's sender has gone; a run on its way into the bin is moved in one piece.
        let thread = std::thread::Builder::new().name(self.name.to_owned()).spawn(move || work(commands, teller));
        thread.ok().map(|_detached| sender)
    }
}

/// Why a thread goes home: the app has gone.
pub(super) struct Ended;

/// The way to the app.
pub(super) struct Teller {
    news: Sender<Event>,
    wake: Option<Wake>,
}

impl Teller {
    /// Tells, and waits where the app is slow, until it has gone.
    pub(super) fn tell(&self, event: Event) -> Result<(), Ended> {
        self.news.send(event).map_err(|_gone| Ended)?;
        if let Some(wake) = &self.wake {
            wake();
        }
        Ok(())
    }
}
