//! The worker's side of the channels: commands in, events and pictures out.

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError};

use super::clouds::Clouds;
use super::engine::Engine;
use super::outbox::Outbox;
use super::slots::Slots;
use super::views::Views;
use crate::protocol::{Command, EmbeddingRequest, Event, Level, Mark, SessionState, Steer, ViewRequest};

/// How often waiting events are offered again while nothing else happens.
const RETRY: Duration = Duration::from_millis(20);
/// Commands put aside while an evaluation runs; further ones wait in the channel.
const MAX_PENDING: usize = 256;

/// The worker's side of the channels.
pub(super) struct Desk {
    pub(super) commands: Receiver<Command>,
    pub(super) pending: VecDeque<Command>,
    pub(super) outbox: Outbox,
    pub(super) slots: Arc<Slots>,
    pub(super) views: Views,
    pub(super) clouds: Arc<Clouds>,
    /// Layouts that were asked for and not gathered yet, the newest of each slot.
    pub(super) to_gather: BTreeMap<u64, EmbeddingRequest>,
    pub(super) leaving: bool,
}

impl Desk {
    pub(super) fn next_command(&mut self) -> Option<Command> {
        if let Some(command) = self.pending.pop_front() {
            return Some(command);
        }
        match self.commands.try_recv() {
            Ok(command) => Some(command),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                self.leaving = true;
                None
            }
        }
    }

    pub(super) fn wait(&mut self) {
        self.outbox.flush();
        let received = if self.outbox.has_backlog() {
            self.commands.recv_timeout(RETRY)
        } else {
            self.commands.recv().map_err(|_gone| RecvTimeoutError::Disconnected)
        };
        match received {
            Ok(command) => self.pending.push_back(command),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.leaving = true,
        }
    }

    /// Reads commands while an evaluation runs: views are taken at once, the rest wait for it to end.
    pub(super) fn put_commands_aside(&mut self) {
        while self.pending.len() < MAX_PENDING {
            match self.commands.try_recv() {
                Ok(Command::View(request)) => {
                    self.views.ask(request);
                }
                Ok(command) => self.pending.push_back(command),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {
                    self.leaving = true;
                    return;
                }
            }
        }
    }

    pub(super) fn wants_evaluation_ended(&self) -> bool {
        self.leaving || self.pending.iter().any(|command| matches!(command, Command::Stop | Command::Shutdown))
    }

    pub(super) fn forget_stop(&mut self) {
        if let Some(place) = self.pending.iter().position(|command| *command == Command::Stop) {
            self.pending.remove(place);
        }
    }

    pub(super) fn draw<E: Engine>(&mut self, engine: &E, request: &ViewRequest) {
        match flat(guarded(|| engine.view(request))) {
            Ok(view) => {
                self.views.made(request.view);
                self.slots.put(view);
                self.outbox.post(Event::ViewReady { view: request.view });
            }
            Err(text) => {
                self.views.refused(request.view);
                self.notice(Level::Error, text);
            }
        }
    }

    /// Gathers what the next layout needs: one that was asked for, else one that follows the network. `None` where there is none.
    pub(super) fn gather<E: Engine>(&mut self, engine: &E) -> Option<Duration> {
        let request = self.to_gather.pop_first().map(|(_, request)| request).or_else(|| self.clouds.due())?;
        let begun = Instant::now();
        let gathered = flat(guarded(|| engine.gather(&request)));
        let put = gathered.and_then(|gathered| self.clouds.put(&request, gathered, begun.elapsed()));
        if let Err(text) = put {
            self.clouds.steer(request.slot, Steer::Follow(false));
            self.notice(Level::Error, text);
        }
        Some(begun.elapsed())
    }

    pub(super) fn prepare(&mut self, what: &str, done: u64, total: u64) {
        self.outbox.post(Event::State(preparing(what, done, total)));
    }

    pub(super) fn notice(&mut self, level: Level, text: impl Into<String>) {
        self.outbox.post(Event::Notice { level, text: text.into() });
    }

    pub(super) fn warn(&mut self, warnings: Vec<String>) {
        for text in warnings {
            self.notice(Level::Warning, text);
        }
    }

    pub(super) fn mark(&mut self, step: u64, label: impl Into<String>) {
        self.outbox.post(Event::Mark(Mark { step, label: label.into() }));
    }
}

pub(super) fn preparing(what: &str, done: u64, total: u64) -> SessionState {
    SessionState::Preparing { what: what.to_owned(), done, total }
}

/// Runs `work` and turns a panic into its words.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| panic_words(&*panic))
}

fn panic_words(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}

pub(super) fn flat<T>(result: Result<Result<T, String>, String>) -> Result<T, String> {
    result.unwrap_or_else(|panic| Err(format!("A fault in the program: {panic}")))
}
