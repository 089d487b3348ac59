//! The window's end: a session that is another process.

use std::collections::BTreeMap;
use std::io::{BufWriter, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, select};
use parking_lot::Mutex;

use super::error::WireError;
use super::frames::{Frames, write_frame};
use super::message::{FromEngine, Hello, Slot, ToEngine, decode, encode};
use super::peer::{Peer, PeerProcess};
use super::picture::Photographs;
use super::post::{Parts, inflated};
use crate::failure::{Failing as _, Failure, FailureKind, sentence};
use crate::protocol::{Command, EmbeddingView, Event, SceneView};
use crate::session::{SessionError, Wake, leaving};

/// Commands that may wait to be written.
const COMMANDS: usize = 256;
/// Events that may wait for the app; beyond that the other end is not read, and merges them itself.
const EVENTS: usize = 256;
/// Slots that may have been taken and not been told of: more than a session serves, each at most once.
const TAKEN: usize = 256;

/// Whether there is an engine at the other end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It has not introduced itself yet; what is asked of it waits.
    #[default]
    Connecting,
    /// It has.
    Ready(Hello),
    /// It is gone, or none that this program understands.
    Lost {
        /// What happened, and what helps.
        failure: Failure,
        /// What it wrote to standard error last.
        last_words: Vec<String>,
    },
}

/// A session at the other end of two streams. It is used as [`crate::session::Session`] is, and waits for nothing
/// either.
///
/// Dropping it closes the connection; a session that was begun for it alone saves a checkpoint and ends, which
/// [`leaving::wait`] waits for.
pub struct Client {
    commands: Sender<Command>,
    taken: Sender<Slot>,
    events: Receiver<Event>,
    shared: Arc<Shared>,
    process: Option<Arc<PeerProcess>>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    standing: Mutex<Standing>,
    views: Mutex<BTreeMap<u64, Newest<SceneView>>>,
    layouts: Mutex<BTreeMap<u64, Newest<EmbeddingView>>>,
    /// Bytes of parts that have come in all.
    arrived: AtomicU64,
}

/// The newest of a slot, and whether it was taken.
struct Newest<T> {
    value: Arc<T>,
    is_taken: bool,
}

impl<T> Newest<T> {
    fn new(value: Arc<T>) -> Self {
        Self { value, is_taken: false }
    }

    /// The newest, and whether this is the first look at it.
    fn take(&mut self) -> (Arc<T>, bool) {
        (Arc::clone(&self.value), !std::mem::replace(&mut self.is_taken, true))
    }
}

impl Client {
    /// Speaks to a peer on this machine from threads of its own; `wake` is called after something has come.
    pub fn start(peer: Peer, wake: Option<Wake>) -> Result<Self, SessionError> {
        Self::start_as(Hello::ours(std::path::PathBuf::new()), peer, wake)
    }

    /// The same over a line that may be slow: all is compressed, and photographs come as such files.
    pub fn start_afar(peer: Peer, photographs: Photographs, wake: Option<Wake>) -> Result<Self, SessionError> {
        let hello = Hello { photographs: Some(photographs), ..Hello::ours(std::path::PathBuf::new()) };
        Self::start_as(hello, peer, wake)
    }

    fn start_as(hello: Hello, peer: Peer, wake: Option<Wake>) -> Result<Self, SessionError> {
        let Peer { input, output, process } = peer;
        let (commands, to_write) = bounded(COMMANDS);
        let (taken, to_tell) = bounded(TAKEN);
        let (heard, events) = bounded(EVENTS);
        let (greet, greeted) = bounded::<()>(1);
        let (arrive, arrivals) = bounded::<()>(1);
        let shared = Arc::new(Shared::default());
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let refused = |error: std::io::Error| SessionError::Thread { reason: error.to_string() };
        let (arrived, kept) = (Arc::clone(&shared), arrive.clone());
        let writing = move || {
            // Nothing is said to who has not said that it is an engine. A stream that takes no more has ended for the
            // reader too, who tells.
            if greeted.recv().is_ok() {
                let asked = Asked { commands: to_write, taken: to_tell, arrivals, _arrive: kept, arrived };
                let _ended = asked.write_all(&hello, output);
            }
        };
        thread("fusionscope-wire-out").spawn(writing).map_err(refused)?;
        let hearing = Hearing { events: heard, shared: Arc::clone(&shared), arrive, wake };
        let ends = process.clone();
        let reading = move || {
            let outcome = hearing.read_all(input, &greet);
            hearing.part(outcome, ends.as_deref());
        };
        let reader = Some(thread("fusionscope-wire-in").spawn(reading).map_err(refused)?);
        Ok(Self { commands, taken, events, shared, process, reader })
    }

    /// Hands a command over, without waiting.
    pub fn send(&self, command: Command) -> Result<(), SessionError> {
        if matches!(*self.shared.standing.lock(), Standing::Lost { .. }) {
            return Err(SessionError::Ended);
        }
        self.commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => SessionError::Busy,
            TrySendError::Disconnected(_) => SessionError::Ended,
        })
    }

    /// What the session tells, oldest first: of the run in hand, of others and of all scenes.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// The newest picture of a view.
    pub fn view(&self, view: u64) -> Option<Arc<SceneView>> {
        let (value, is_first) = self.shared.views.lock().get_mut(&view)?.take();
        self.tell(Slot::View(view), is_first);
        Some(value)
    }

    /// How the layout of a slot stands; the same `Arc` while nothing has changed.
    pub fn embedding(&self, slot: u64) -> Option<Arc<EmbeddingView>> {
        let (value, is_first) = self.shared.layouts.lock().get_mut(&slot)?.take();
        self.tell(Slot::Layout(slot), is_first);
        Some(value)
    }

    /// Whether there is an engine.
    pub fn standing(&self) -> Standing {
        self.shared.standing.lock().clone()
    }

    /// Ends the other end's process at once, where this program has started it: it no longer answers.
    pub fn kill(&self) {
        if let Some(process) = &self.process {
            process.kill();
        }
    }

    fn tell(&self, slot: Slot, is_first: bool) {
        if is_first {
            // There is room for every slot; without a writer nobody waits for it.
            let _unread = self.taken.try_send(slot);
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // The writer finds nobody, and closes the other end's input; the reader reads on until it is closed there too.
        (self.commands, self.taken, self.events) = (bounded(0).0, bounded(0).0, crossbeam_channel::never());
        if let Some(reader) = self.reader.take() {
            leaving::leave(move || {
                let _ended = reader.join();
            });
        }
    }
}

/// What the writer is asked to say.
struct Asked {
    commands: Receiver<Command>,
    taken: Receiver<Slot>,
    /// That more has arrived.
    arrivals: Receiver<()>,
    /// Held, since the reader may end first: that must not be heard as an arrival, again and again.
    _arrive: Sender<()>,
    arrived: Arc<Shared>,
}

impl Asked {
    /// Writes it until nobody asks any more.
    fn write_all(&self, hello: &Hello, output: impl Write) -> Result<(), WireError> {
        let mut output = BufWriter::new(output);
        let mut say = |message: &ToEngine| {
            write_frame(&mut output, &encode(message)?)?;
            Ok::<(), WireError>(output.flush()?)
        };
        say(&ToEngine::Hello(hello.clone()))?;
        loop {
            let message = select! {
                recv(self.commands) -> command => command.map(|command| ToEngine::Command(Box::new(command))),
                recv(self.taken) -> slot => slot.map(ToEngine::Took),
                recv(self.arrivals) -> _ => Ok(ToEngine::Arrived(self.arrived.arrived.load(Ordering::Relaxed))),
            };
            let Ok(message) = message else { return Ok(()) };
            say(&message)?;
        }
    }
}

/// How what is said came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// Without a word.
    Closed,
    /// With the end of the session.
    Ended,
    /// The engine speaks with another window now.
    TakenOver,
}

/// The reader's side.
struct Hearing {
    events: Sender<Event>,
    shared: Arc<Shared>,
    /// Tells the writer that more has arrived.
    arrive: Sender<()>,
    wake: Option<Wake>,
}

impl Hearing {
    /// Takes in what is said until the end of the stream; how it came to that.
    fn read_all(&self, input: impl Read, greet: &Sender<()>) -> Result<Ending, WireError> {
        let mut frames = Frames::new(input);
        let FromEngine::Hello(hello) = decode(&frames.first()?)? else {
            return Err(WireError::NoEngine { said: "another message".to_owned() });
        };
        hello.check()?;
        *self.shared.standing.lock() = Standing::Ready(hello);
        let _nobody_writes = greet.send(());
        self.wake();
        let (mut parts, mut ending) = (Parts::default(), Ending::Closed);
        while let Some(bytes) = frames.read()? {
            let message = match decode(&bytes)? {
                FromEngine::Deflated(bytes) => inflated(&bytes)?,
                FromEngine::Part { lane, bytes, is_last } => {
                    self.shared.arrived.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                    // One that waits tells of all that has come by then.
                    let _waits = self.arrive.try_send(());
                    match parts.add(lane, &bytes, is_last)? {
                        Some(message) => message,
                        None => continue,
                    }
                }
                message => message,
            };
            match message {
                FromEngine::TakenOver => ending = Ending::TakenOver,
                FromEngine::Event(event) => {
                    if *event == Event::Ended {
                        ending = Ending::Ended;
                    }
                    self.post(*event);
                }
                message => self.take(message)?,
            }
            self.wake();
        }
        Ok(ending)
    }

    /// Takes in something of which only the newest counts.
    fn take(&self, message: FromEngine) -> Result<(), WireError> {
        let Shared { views, layouts, .. } = &*self.shared;
        match message {
            FromEngine::View(view) => self.show(view),
            FromEngine::PackedView(packed) => {
                let before = views.lock().get(&packed.slot()).map(|newest| Arc::clone(&newest.value));
                self.show(Arc::new(packed.unpack(before.as_deref())?));
            }
            FromEngine::Layout(packed) => {
                let slot = packed.slot();
                let before = layouts.lock().get(&slot).map(|newest| Arc::clone(&newest.value));
                let layout = packed.unpack(before.as_deref())?;
                layouts.lock().insert(slot, Newest::new(Arc::new(layout)));
            }
            FromEngine::NoLayout(slot) => {
                layouts.lock().remove(&slot);
            }
            FromEngine::Hello(_)
            | FromEngine::Event(_)
            | FromEngine::TakenOver
            | FromEngine::Deflated(_)
            | FromEngine::Part { .. } => {}
        }
        Ok(())
    }

    fn show(&self, view: Arc<SceneView>) {
        let slot = view.request.view;
        self.shared.views.lock().insert(slot, Newest::new(view));
        self.post(Event::ViewReady { view: slot });
    }

    /// Where the app has gone, what is still said is passed over, so that the other end can save and end.
    fn post(&self, event: Event) {
        let _nobody_reads = self.events.send(event);
    }

    /// Says how it ended.
    fn part(&self, outcome: Result<Ending, WireError>, process: Option<&PeerProcess>) {
        // A stream that ends says less than how the process did; of anything else nothing can be believed any more.
        let is_end = match &outcome {
            Ok(_) | Err(WireError::CutOff { .. } | WireError::Stream(_)) => true,
            Err(WireError::NoEngine { said }) => said.is_empty(),
            Err(_) => false,
        };
        process.filter(|_| !is_end).inspect(|process| process.kill());
        let ended = process.and_then(PeerProcess::end);
        let last_words = process.map(PeerProcess::last_words).unwrap_or_default();
        let failure = match outcome {
            Ok(Ending::Ended) => Failure::new(FailureKind::Refused, "The engine has ended, as it was asked to"),
            Ok(Ending::TakenOver) => Failure::new(
                FailureKind::Refused,
                "Another window has taken the engine over; what is under way there goes on. Attaching again takes it back",
            ),
            Err(error) if !is_end => Failure::new(error.kind().unwrap_or(FailureKind::Broken), sentence(error)),
            _ => {
                let how = ended.unwrap_or_else(|| "the connection was closed".to_owned());
                Failure::new(Failure::from_panic(&last_words.join(" ")).kind, format!("The engine is gone: {how}"))
            }
        };
        *self.shared.standing.lock() = Standing::Lost { failure, last_words };
        self.wake();
    }

    fn wake(&self) {
        if let Some(wake) = &self.wake {
            wake();
        }
    }
}
