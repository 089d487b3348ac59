//! The session's end: commands in, events and the newest pictures out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Read, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, select};
use parking_lot::Mutex;

use super::error::WireError;
use super::frames::{Frames, write_frame};
use super::layout::PackedLayout;
use super::message::{FromEngine, Hello, Lane, Slot, ToEngine, decode, encode};
use super::picture::{PackedView, Photographs};
use super::post::Post;
use crate::failure::{Failure, sentence};
use crate::protocol::{Command, EmbeddingView, Event, SceneView, Subject};
use crate::session::{Session, SessionError, SessionOptions};

/// How often it is asked whether to go on while nothing happens.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long a command waits before it is offered again to a session that is busy.
const BUSY: Duration = Duration::from_millis(5);

/// Messages that wait for room on a slow line; beyond that whoever makes more of them waits.
const MOST_WAITING: usize = 6;

/// A session that is spoken to through streams, by one window after the other.
pub struct Server {
    session: Arc<Session>,
    wakes: Receiver<()>,
    runs: PathBuf,
    /// The layouts that were asked for by whoever was spoken with before.
    layouts: Mutex<BTreeSet<u64>>,
}

/// How a connection came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// The session has ended.
    Ended,
    /// The window has closed its end; the session goes on.
    Left,
    /// The conversation was ended for that with another window; the session goes on.
    TakenOver,
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
        Ok(Self { session: Arc::new(session), wakes, runs, layouts: Mutex::default() })
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The session's end of a connection, and who is at the other, is told to begin with.
    pub fn hello(&self) -> Hello {
        Hello::ours(self.runs.clone())
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
        let greeted = saying.post.say(&FromEngine::Hello(self.hello()));
        greeted.and_then(|()| saying.post.flush()).map_or_else(left, |()| Ok(()))?;
        let going = || if goes_on().is_break() { Going::End } else { Going::On };
        self.converse(Frames::new(input), None, saying, |_| {}, going)
    }

    /// The same with a window that has introduced itself. It is told `before` first; of what is told after that `hear`
    /// hears too.
    pub fn attend_guest<R: Read + Send + 'static, W: Write>(
        &self,
        guest: Guest<R, W>,
        before: Vec<Event>,
        hear: impl FnMut(&Event),
        going: impl Fn() -> Going,
    ) -> Result<Parting, WireError> {
        let Guest { frames, output, hello } = guest;
        let mut saying = Saying::new(output);
        saying.know(&hello);
        let told = before.into_iter().try_for_each(|event| saying.event(event));
        told.and_then(|()| saying.post.flush()).map_or_else(left, |()| Ok(()))?;
        self.converse(frames, Some(hello), saying, hear, going)
    }

    fn converse(
        &self,
        frames: Frames<impl Read + Send + 'static>,
        hello: Option<Hello>,
        mut saying: Saying<impl Write>,
        hear: impl FnMut(&Event),
        going: impl Fn() -> Going,
    ) -> Result<Parting, WireError> {
        let (nudge, nudges) = bounded(1);
        let table = Arc::new(Table::default());
        table.layouts.lock().extend(self.layouts.lock().iter());
        let hearing = Hearing { session: Arc::downgrade(&self.session), table: Arc::clone(&table), nudge };
        let listen = move || hearing.listen(frames, hello);
        std::thread::Builder::new().name("fusionscope-wire-in".to_owned()).spawn(listen)?;
        let outcome = self.speak(&mut saying, &table, &nudges, hear, going);
        self.layouts.lock().clone_from(&table.layouts.lock());
        for view in table.views() {
            // A session that takes no more is ending.
            let _ending = self.session.send(Command::CloseView { view });
        }
        match outcome {
            Ok(parting) => Ok(parting),
            Err(error) => left(error).map(|()| Parting::Left),
        }
    }

    fn speak(
        &self,
        saying: &mut Saying<impl Write>,
        table: &Table,
        nudges: &Receiver<()>,
        mut hear: impl FnMut(&Event),
        going: impl Fn() -> Going,
    ) -> Result<Parting, WireError> {
        let session = &self.session;
        let (mut due, nothing) = (BTreeSet::new(), crossbeam_channel::never());
        let mut is_leaving = false;
        loop {
            // What there is no room for stays where it is made, and its maker waits.
            let has_room = saying.post.waiting(Lane::Rest) < MOST_WAITING;
            let [runs, scenes, disk] = [session.shelf_events(), session.gallery_events(), session.disk_events()]
                .map(|news| if has_room { news } else { &nothing });
            let event = select! {
                recv(session.events()) -> event => Some(event.unwrap_or(Event::Ended)),
                recv(runs) -> event => event.ok(),
                recv(scenes) -> event => event.ok(),
                recv(disk) -> event => event.ok(),
                recv(self.wakes) -> _ => None,
                recv(nudges) -> nudge => match nudge {
                    Ok(()) => None,
                    Err(_) => return table.outcome.lock().take().unwrap_or(Ok(())).map(|()| Parting::Left),
                },
                default(LOOK_EVERY) => None,
            };
            if let Some(hello) = table.hello.lock().take() {
                saying.know(&hello);
            }
            match event {
                Some(Event::ViewReady { view }) => {
                    due.insert(view);
                }
                Some(event) => {
                    hear(&event);
                    let is_end = event == Event::Ended;
                    saying.event(event)?;
                    if is_end {
                        saying.post.flush()?;
                        return Ok(Parting::Ended);
                    }
                }
                None => {}
            }
            saying.post.arrive(*table.arrived.lock());
            for view in std::mem::take(&mut due) {
                if !table.is_free(Slot::View(view)) || saying.post.waiting(Lane::Pictures) > 0 {
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
            saying.post.pump()?;
            saying.post.flush()?;
            match going() {
                Going::On => {}
                Going::Yield => {
                    saying.post.say(&FromEngine::TakenOver)?;
                    saying.post.flush()?;
                    return Ok(Parting::TakenOver);
                }
                Going::End if is_leaving => {}
                Going::End => {
                    is_leaving = true;
                    // A session that takes no more is ending.
                    let _ending = session.send(Command::Shutdown);
                }
            }
        }
    }
}

/// What is to become of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Going {
    /// It goes on.
    On,
    /// Another window is to be spoken with; the session goes on.
    Yield,
    /// The session is to end, with a checkpoint.
    End,
}

/// A window that has introduced itself.
pub struct Guest<R, W> {
    frames: Frames<R>,
    output: W,
    hello: Hello,
}

impl<R: Read, W: Write> Guest<R, W> {
    /// What the window is spoken to through.
    pub fn output(&self) -> &W {
        &self.output
    }

    /// Introduces the engine to whoever is at the other end, and hears who that is; `None` where they leave without a
    /// word.
    pub fn greet(ours: Hello, input: R, mut output: W) -> Result<Option<Self>, WireError> {
        let said = write_frame(&mut output, &encode(&FromEngine::Hello(ours))?);
        said.and_then(|()| Ok(output.flush()?)).map_or_else(left, |()| Ok(()))?;
        let mut frames = Frames::new(input);
        Ok(greeting(&mut frames)?.map(|hello| Self { frames, output, hello }))
    }
}

/// Hears who is at the other end; `None` where they leave without a word, since they have looked and do not like it.
fn greeting(frames: &mut Frames<impl Read>) -> Result<Option<Hello>, WireError> {
    match frames.first() {
        Ok(bytes) => {
            let ToEngine::Hello(hello) = decode(&bytes)? else {
                return Err(WireError::NoEngine { said: "another message".to_owned() });
            };
            hello.check().map(|()| Some(hello))
        }
        Err(WireError::NoEngine { said }) if said.is_empty() => Ok(None),
        Err(error) => Err(error),
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
    /// Who is at the other end, until the speaking thread knows.
    hello: Mutex<Option<Hello>>,
    /// Bytes of parts that have arrived there in all.
    arrived: Mutex<u64>,
    /// The views that were asked for.
    views: Mutex<BTreeSet<u64>>,
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

    fn views(&self) -> BTreeSet<u64> {
        std::mem::take(&mut self.views.lock())
    }

    /// What follows from a command for what is sent.
    fn note(&self, command: &Command) {
        match command {
            Command::View(request) => {
                self.views.lock().insert(request.view);
            }
            Command::CloseView { view } => {
                self.views.lock().remove(view);
                self.free(Slot::View(*view));
            }
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
    fn listen(self, frames: Frames<impl Read>, hello: Option<Hello>) {
        *self.table.outcome.lock() = Some(self.hear_all(frames, hello));
    }

    fn hear_all(&self, mut frames: Frames<impl Read>, hello: Option<Hello>) -> Result<(), WireError> {
        if hello.is_none() {
            let Some(hello) = greeting(&mut frames)? else { return Ok(()) };
            *self.table.hello.lock() = Some(hello);
        }
        while let Some(bytes) = frames.read()? {
            match decode(&bytes)? {
                ToEngine::Hello(_) => {}
                ToEngine::Command(command) => {
                    self.table.note(&command);
                    self.hand_over(*command);
                }
                ToEngine::Took(slot) => self.table.free(slot),
                ToEngine::Arrived(bytes) => *self.table.arrived.lock() = bytes,
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
    post: Post<W>,
    /// As what photographs go out over a slow line; `None` over a fast one.
    photographs: Option<Photographs>,
    /// The view that was sent last of each slot.
    views: BTreeMap<u64, Arc<SceneView>>,
    /// The layout that was sent last of each slot.
    layouts: BTreeMap<u64, Arc<EmbeddingView>>,
}

impl<W: Write> Saying<W> {
    fn new(output: W) -> Self {
        Self { post: Post::new(output), photographs: None, views: BTreeMap::new(), layouts: BTreeMap::new() }
    }

    /// Speaks as the other end wants to be spoken to.
    fn know(&mut self, hello: &Hello) {
        self.photographs = hello.photographs;
        if self.photographs.is_some() {
            self.post.slow_down();
        }
    }

    fn event(&mut self, event: Event) -> Result<(), WireError> {
        let is_urgent = !matches!(event, Event::Shelf(_) | Event::Gallery(_) | Event::Disk(_));
        let message = FromEngine::Event(Box::new(event));
        let said = if is_urgent { self.post.say(&message) } else { self.post.send(Lane::Rest, &message) };
        self.or_tell(Subject::Session, said).map(|_| ())
    }

    fn view(&mut self, view: &Arc<SceneView>) -> Result<bool, WireError> {
        let Some(photographs) = self.photographs else {
            let said = self.post.say(&FromEngine::View(Arc::clone(view)));
            return self.or_tell(Subject::View, said);
        };
        let before = self.views.get(&view.request.view).map(Arc::as_ref);
        let packed = PackedView::pack(view, before, photographs);
        let said = self.post.send(Lane::Pictures, &FromEngine::PackedView(Box::new(packed)));
        let was_said = self.or_tell(Subject::View, said)?;
        if was_said {
            self.views.insert(view.request.view, Arc::clone(view));
        }
        Ok(was_said)
    }

    fn layout(&mut self, slot: u64, layout: Option<Arc<EmbeddingView>>, table: &Table) -> Result<(), WireError> {
        let before = self.layouts.get(&slot);
        match layout {
            None if before.is_none() => Ok(()),
            None => {
                self.layouts.remove(&slot);
                table.free(Slot::Layout(slot));
                self.post.send(Lane::Rest, &FromEngine::NoLayout(slot))
            }
            Some(layout) if before.is_some_and(|before| Arc::ptr_eq(before, &layout)) => Ok(()),
            Some(layout) => {
                let packed = PackedLayout::pack(&layout, before.map(Arc::as_ref));
                let said = self.post.send(Lane::Rest, &FromEngine::Layout(Box::new(packed)));
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
                self.post.say(&FromEngine::Event(Box::new(Event::Failure { about, failure }))).map(|()| false)
            }
            Err(error) => Err(error),
        }
    }
}
