//! The worker's side of the channels: commands in, events and pictures out.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError};

use super::clouds::Clouds;
use super::engine::Engine;
use super::halt::Halt;
use super::outbox::Outbox;
use super::slots::Slots;
use super::views::Views;
pub(super) use crate::failure::guarded;
use crate::failure::{Failing, Failure};
use crate::progress::Stopped;
use crate::protocol::{
    Command, EmbeddingRequest, Event, Level, Notes, SceneView, SessionState, Steer, Subject, ViewRequest,
};

/// How often waiting events are offered again while nothing else happens.
const RETRY: Duration = Duration::from_millis(20);
/// Commands put aside while something long runs; further ones are refused, so that a later `Stop` is still seen.
const MAX_PENDING: usize = 4096;
/// Progress is told no oftener, and each time something else is begun.
pub(super) const TELL_EVERY: Duration = Duration::from_millis(50);

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
    /// What was last told to be prepared, and when.
    pub(super) told: Option<(String, Instant)>,
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

    /// Looks at the commands that have come while something long runs, and says whether that shall go on. They wait for
    /// its end, but for pictures, which are noted at once as long as no other data or run is asked for before them.
    pub(super) fn look(&mut self) -> ControlFlow<()> {
        self.put_commands_aside();
        let before = self.pending.iter().take_while(|command| !changes_what_is_open(command)).count();
        let mut place = 0;
        for _ in 0..before {
            if let Some(Command::View(request)) = self.pending.get(place) {
                self.views.ask(request.clone());
                self.pending.remove(place);
            } else {
                place += 1;
            }
        }
        self.goes_on()
    }

    /// Takes what has come out of the channel, so that a `Stop` behind it is seen, and that nobody is there any more.
    pub(super) fn put_commands_aside(&mut self) {
        loop {
            match self.commands.try_recv() {
                Ok(command) if self.pending.len() >= MAX_PENDING && !ends_work(&command) => {
                    let text = "Too much was asked for while the session was busy; ask again";
                    self.fail(Subject::Command, Failure::refused(text));
                }
                Ok(command) => {
                    // A newer request for a view supersedes the older one.
                    if let Command::View(request) = &command {
                        self.pending
                            .retain(|other| !matches!(other, Command::View(older) if older.view == request.view));
                    }
                    self.pending.push_back(command);
                }
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {
                    self.leaving = true;
                    return;
                }
            }
        }
    }

    fn goes_on(&self) -> ControlFlow<()> {
        let ends = self.leaving || self.pending.iter().any(ends_work);
        if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Takes away the `Stop` that has ended something other than a run, and what was to be begun before it came.
    pub(super) fn forget_stop(&mut self) {
        let Some(mut stop) = self.pending.iter().position(|command| *command == Command::Stop) else { return };
        while self.pending.get(stop + 1) == Some(&Command::Stop) {
            stop += 1;
        }
        let mut place = 0;
        self.pending.retain(|command| {
            place += 1;
            let is_ended = matches!(
                command,
                Command::Stop
                    | Command::Start
                    | Command::StepOnce
                    | Command::ResumeRun
                    | Command::Evaluate { .. }
                    | Command::EvaluateWhatIf { .. }
            );
            place > stop + 1 || !is_ended
        });
    }

    /// Draws a view; fails only where that was ended.
    pub(super) fn draw<E: Engine>(&mut self, engine: &E, request: &ViewRequest) -> Result<(), Stopped> {
        match flat(guarded(|| engine.view(request, &mut |_, _| self.look()))) {
            Ok(view) => {
                self.views.made(request);
                let beside = |view: &SceneView| view.beside.as_ref().and_then(|beside| beside.lack.clone());
                let (lack, lack_beside) = (view.lack.clone(), beside(&view));
                let before = self.slots.put(view);
                let (said, said_beside) = before.map_or((None, None), |before| (before.lack.clone(), beside(&before)));
                // Said once, not with every picture of a network in training.
                for (about, lack, said) in [(Subject::View, lack, said), (Subject::Beside, lack_beside, said_beside)] {
                    if let Some(lack) = lack.filter(|lack| said.as_ref() != Some(lack)) {
                        self.fail(about, lack);
                    }
                }
                self.outbox.post(Event::ViewReady { view: request.view });
                Ok(())
            }
            Err(Halt::Stopped) => Err(Stopped),
            Err(Halt::Failed(failure)) => {
                self.views.refused(request);
                self.fail(Subject::View, failure);
                Ok(())
            }
        }
    }

    /// Gathers what the next layout needs: one that was asked for, else one that follows the network. Fails only where
    /// that was ended; it is still wanted then.
    pub(super) fn gather<E: Engine>(&mut self, engine: &E) -> Result<(), Stopped> {
        let due = self.to_gather.pop_first().map(|(_, request)| request).or_else(|| self.clouds.due());
        let Some(request) = due else { return Ok(()) };
        let begun = Instant::now();
        let slot = request.slot;
        let gathered = flat(guarded(|| {
            engine.gather(&request, &mut |_, _| {
                let goes_on = self.look();
                if self.pending.iter().any(|command| gives_up(command, slot)) {
                    ControlFlow::Break(())
                } else {
                    goes_on
                }
            })
        }));
        let given_up = self.pending.iter().any(|command| gives_up(command, slot));
        let put = gathered.and_then(|gathered| self.clouds.put(&request, gathered, begun.elapsed()));
        match put {
            Ok(()) => Ok(()),
            Err(Halt::Stopped) if given_up && self.goes_on().is_continue() => Ok(()),
            Err(Halt::Stopped) => {
                self.to_gather.insert(slot, request);
                Err(Stopped)
            }
            Err(Halt::Failed(failure)) => {
                self.clouds.steer(slot, Steer::Follow(false));
                self.fail(Subject::Layout, failure);
                Ok(())
            }
        }
    }

    /// Tells how a preparation goes and looks whether it shall go on. All commands wait for its end.
    pub(super) fn prepare(&mut self, what: &str, done: u64, total: u64) -> ControlFlow<()> {
        let is_news = |(told, at): &(String, Instant)| told != what || at.elapsed() >= TELL_EVERY;
        if self.told.as_ref().is_none_or(is_news) {
            self.told = Some((what.to_owned(), Instant::now()));
            self.outbox.post(Event::State(preparing(what, done, total)));
        }
        self.put_commands_aside();
        self.goes_on()
    }

    /// What a step is watched by: it tells how its preparation goes, or looks alone whether it shall go on.
    pub(super) fn of_step(&mut self, tells: bool) -> impl FnMut(&str, u64, u64) -> ControlFlow<()> {
        move |what, done, total| if tells { self.prepare(what, done, total) } else { self.look() }
    }

    pub(super) fn fail(&mut self, about: Subject, failure: Failure) {
        self.outbox.post(Event::Failure { about, failure });
    }

    /// Refuses what was asked for in the words of an error.
    pub(super) fn refuse(&mut self, about: Subject, error: &impl Failing) {
        if let Some(failure) = Failure::of(error) {
            self.fail(about, failure);
        }
    }

    pub(super) fn notice(&mut self, about: Subject, level: Level, text: impl Into<String>) {
        self.outbox.post(Event::Notice { about, level, text: text.into() });
    }

    /// Tells what is good to know, then warns.
    pub(super) fn tell(&mut self, about: Subject, notes: Notes) {
        for text in notes.facts {
            self.notice(about, Level::Info, text);
        }
        self.warn(about, notes.warnings);
    }

    /// Warns of several things. What tells that all is well comes before, because it would end them.
    pub(super) fn warn(&mut self, about: Subject, warnings: Vec<String>) {
        for text in warnings {
            self.notice(about, Level::Warning, text);
        }
    }
}

pub(super) fn preparing(what: &str, done: u64, total: u64) -> SessionState {
    SessionState::Preparing { what: what.to_owned(), done, total }
}

pub(super) fn flat<T>(result: Result<Result<T, Halt>, String>) -> Result<T, Halt> {
    result.unwrap_or_else(|panic| Err(Halt::Failed(Failure::from_panic(&panic))))
}

/// Whether a command ends whatever long work is under way.
fn ends_work(command: &Command) -> bool {
    matches!(command, Command::Stop | Command::Shutdown)
}

/// Whether a command makes the features of a slot useless that are being gathered.
fn gives_up(command: &Command, slot: u64) -> bool {
    match command {
        Command::Embed(request) => request.slot == slot,
        Command::CloseEmbedding { slot: closed } => *closed == slot,
        _ => false,
    }
}

/// Whether pictures asked for after this command are of something else.
fn changes_what_is_open(command: &Command) -> bool {
    matches!(
        command,
        Command::LoadData { .. }
            | Command::JoinClasses { .. }
            | Command::TrustData { .. }
            | Command::OpenRun { .. }
            | Command::CompareWith { .. }
            | Command::StopComparing
            | Command::Start
            | Command::StepOnce
            | Command::ResumeRun
    )
}
