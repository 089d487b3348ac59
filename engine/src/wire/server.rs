//! The session's end: commands in, events and the newest pictures out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, select};
use parking_lot::Mutex;

use super::error::WireError;
use super::frames::{Frames, write_frame};
use super::layout::PackedLayout;
use super::message::{FromEngine, Hello, Slot, ToEngine, decode, encode};
use crate::failure::{Failure, sentence};
use crate::protocol::{Command, EmbeddingView, Event, SceneView, Subject};
use crate::session::{Session, SessionError, SessionOptions};

/// How often it is asked whether to go on while nothing happens.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long a command waits before it is offered again to a session that is busy.
const BUSY: Duration = Duration::from_millis(5);

/// A session that is spoken to through streams, by one window after the other.
pub struct Server {
    session: Arc<Session>,
    wakes: Receiver<()>,
    runs: PathBuf,
}

/// How a connection came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// The session has ended.
    Ended,
    /// The window has closed its end; the session goes on.
    Left,
}

impl Server {
    /// Starts the session. What it is to wake is the connection.
    pub fn start(options: SessionOptions) -> Result<Self, SessionError> {
        let (woken, wakes) = bounded(1);
        let runs = std::path::absolute(&options.runs_dir).unwrap_or_else(|_unknown| options.runs_dir.clone());
        let wake = move || {
            // One wake that waits is enough.
            let _waits = woken.try_send(());
        };
        let session = Session::spawn(SessionOptions { wake: Some(Arc::new(wake)), ..options })?;
        Ok(Self { session: Arc::new(session), wakes, runs })
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Speaks with one window until it leaves or the session ends; `goes_on` is asked now and then, and a `Break` ends the
    /// session with a checkpoint.
    pub fn attend(
        &self,
        input: impl Read + Send + 'static,
        output: impl Write,
        goes_on: impl Fn() -> ControlFlow<()>,
    ) -> Result<Parting, WireError> {
        let mut saying = Saying::new(output);
        let (nudge, nudges) = bounded(1);
        let table = Arc::new(Table::default());
        let greeted = saying.say(&FromEngine::Hello(Hello::ours(self.runs.clone())));
        greeted.and_then(|()| saying.flush()).map_or_else(left, |()| Ok(()))?;
        let hearing = Hearing { session: Arc::downgrade(&self.session), table: Arc::clone(&table), nudge };
        let begun =
            std::thread::Builder::new().name("fusionscope-wire-in".to_owned()).spawn(move || hearing.listen(input));
        begun?;
        match self.speak(&mut saying, &table, &nudges, goes_on) {
            Ok(parting) => Ok(parting),
            Err(error) => left(error).map(|()| Parting::Left),
        }
    }

    fn speak(
        &self,
        saying: &mut Saying<impl Write>,
        table: &Table,
        nudges: &Receiver<()>,
        goes_on: impl Fn() -> ControlFlow<()>,
    ) -> Result<Parting, WireError> {
        let session = &self.session;
        let mut due = BTreeSet::new();
        let mut is_leaving = false;
        loop {
            let event = select! {
                recv(session.events()) -> event => Some(event.unwrap_or(Event::Ended)),
                recv(session.shelf_events()) -> event => event.ok(),
                recv(session.gallery_events()) -> event => event.ok(),
                recv(self.wakes) -> _ => None,
                recv(nudges) -> nudge => match nudge {
                    Ok(()) => None,
                    Err(_) => return table.outcome.lock().take().unwrap_or(Ok(())).map(|()| Parting::Left),
                },
                default(LOOK_EVERY) => None,
            };
            match event {
                Some(Event::ViewReady { view }) => {
                    due.insert(view);
                }
                Some(event) => {
                    let is_end = event == Event::Ended;
                    saying.event(event)?;
                    if is_end {
                        saying.flush()?;
                        return Ok(Parting::Ended);
                    }
                }
                None => {}
            }
            for view in std::mem::take(&mut due) {
                if !table.is_free(Slot::View(view)) {
                    due.insert(view);
                } else if let Some(view) = session.view(view) {
                    table.send(Slot::View(view.request.view));
                    // One that cannot be sent is not waited for.
                    if !saying.view(&view)? {
                        table.free(Slot::View(view.request.view));
                    }
                }
            }
            for slot in table.layouts() {
                let layout = session.embedding(slot);
                if layout.is_none() || table.is_free(Slot::Layout(slot)) {
                    saying.layout(slot, layout, table)?;
                }
            }
            saying.flush()?;
            if !is_leaving && goes_on().is_break() {
                is_leaving = true;
                // A session that takes no more is ending.
                let _ending = session.send(Command::Shutdown);
            }
        }
    }
}

/// A window that has gone is no failure of this end.
fn left(error: WireError) -> Result<(), WireError> {
    match error {
        WireError::Stream(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
            Ok(())
        }
        error => Err(error),
    }
}

/// What both threads of a connection know.
#[derive(Default)]
struct Table {
    /// What was sent and not taken yet.
    on_its_way: Mutex<BTreeSet<Slot>>,
    /// The layouts that were asked for.
    layouts: Mutex<BTreeSet<u64>>,
    /// How listening ended.
    outcome: Mutex<Option<Result<(), WireError>>>,
}

impl Table {
    fn is_free(&self, slot: Slot) -> bool {
        !self.on_its_way.lock().contains(&slot)
    }

    fn send(&self, slot: Slot) {
        self.on_its_way.lock().insert(slot);
    }

    fn free(&self, slot: Slot) {
        self.on_its_way.lock().remove(&slot);
    }

    fn layouts(&self) -> Vec<u64> {
        self.layouts.lock().iter().copied().collect()
    }

    /// What follows from a command for what is sent.
    fn note(&self, command: &Command) {
        match command {
            Command::CloseView { view } => self.free(Slot::View(*view)),
            Command::Embed(request) => {
                self.layouts.lock().insert(request.slot);
            }
            Command::CloseEmbedding { slot } => self.free(Slot::Layout(*slot)),
            _ => {}
        }
    }
}

/// The listening thread's side.
struct Hearing {
    session: Weak<Session>,
    table: Arc<Table>,
    /// Tells the speaking thread that there is something to look at; gone with this thread.
    nudge: Sender<()>,
}

impl Hearing {
    fn listen(self, input: impl Read) {
        *self.table.outcome.lock() = Some(self.hear_all(input));
    }

    fn hear_all(&self, input: impl Read) -> Result<(), WireError> {
        let mut frames = Frames::new(input);
        match frames.first() {
            Ok(bytes) => {
                let ToEngine::Hello(hello) = decode(&bytes)? else {
                    return Err(WireError::NoEngine { said: "another message".to_owned() });
                };
                hello.check()?;
            }
            // Whoever has looked and does not like it goes without a word.
            Err(WireError::NoEngine { said }) if said.is_empty() => return Ok(()),
            Err(error) => return Err(error),
        }
        while let Some(bytes) = frames.read()? {
            match decode(&bytes)? {
                ToEngine::Hello(_) => {}
                ToEngine::Command(command) => {
                    self.table.note(&command);
                    self.hand_over(*command);
                }
                ToEngine::Took(slot) => self.table.free(slot),
            }
            // One nudge that waits is enough.
            let _waits = self.nudge.try_send(());
        }
        Ok(())
    }

    /// Waits while the session is busy, and with it whoever asks. One that has ended tells so itself.
    fn hand_over(&self, command: Command) {
        while let Some(session) = self.session.upgrade() {
            match session.send(command.clone()) {
                Err(SessionError::Busy) => std::thread::sleep(BUSY),
                Ok(()) | Err(SessionError::Ended | SessionError::Thread { .. }) => return,
            }
        }
    }
}

/// The speaking thread's side.
struct Saying<W: Write> {
    output: BufWriter<W>,
    /// The layout that was sent last of each slot.
    layouts: BTreeMap<u64, Arc<EmbeddingView>>,
}

impl<W: Write> Saying<W> {
    fn new(output: W) -> Self {
        Self { output: BufWriter::with_capacity(1 << 16, output), layouts: BTreeMap::new() }
    }

    fn say(&mut self, message: &FromEngine) -> Result<(), WireError> {
        write_frame(&mut self.output, &encode(message)?)
    }

    fn flush(&mut self) -> Result<(), WireError> {
        Ok(self.output.flush()?)
    }

    fn event(&mut self, event: Event) -> Result<(), WireError> {
        let said = self.say(&FromEngine::Event(Box::new(event)));
        self.or_tell(Subject::Session, said).map(|_| ())
    }

    fn view(&mut self, view: &Arc<SceneView>) -> Result<bool, WireError> {
        let said = self.say(&FromEngine::View(Arc::clone(view)));
        self.or_tell(Subject::View, said)
    }

    fn layout(&mut self, slot: u64, layout: Option<Arc<EmbeddingView>>, table: &Table) -> Result<(), WireError> {
        let before = self.layouts.get(&slot);
        match layout {
            None if before.is_none() => Ok(()),
            None => {
                self.layouts.remove(&slot);
                table.free(Slot::Layout(slot));
                self.say(&FromEngine::NoLayout(slot))
            }
            Some(layout) if before.is_some_and(|before| Arc::ptr_eq(before, &layout)) => Ok(()),
            Some(layout) => {
                let packed = PackedLayout::pack(&layout, before.map(Arc::as_ref));
                let said = self.say(&FromEngine::Layout(Box::new(packed)));
                if self.or_tell(Subject::Layout, said)? {
                    table.send(Slot::Layout(slot));
                    self.layouts.insert(slot, layout);
                }
                Ok(())
            }
        }
    }

    /// Whether it was sent. What is too large is left out, and that is said in its place.
    fn or_tell(&mut self, about: Subject, said: Result<(), WireError>) -> Result<bool, WireError> {
        match said {
            Ok(()) => Ok(true),
            Err(error @ WireError::TooLarge { .. }) => {
                let failure = Failure::refused(sentence(error));
                self.say(&FromEngine::Event(Box::new(Event::Failure { about, failure }))).map(|()| false)
            }
            Err(error) => Err(error),
        }
    }
}
