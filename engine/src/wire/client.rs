//! The window's end: a session that is another process.

use std::collections::BTreeMap;
use std::io::{BufWriter, Read, Write};
use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, select};
use parking_lot::Mutex;

use super::error::WireError;
use super::frames::{Frames, write_frame};
use super::message::{FromEngine, Hello, Slot, ToEngine, decode, encode};
use super::peer::{Peer, PeerProcess};
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
    /// Speaks to a peer from threads of its own; `wake` is called after something has come.
    pub fn start(peer: Peer, wake: Option<Wake>) -> Result<Self, SessionError> {
        let Peer { input, output, process } = peer;
        let (commands, to_write) = bounded(COMMANDS);
        let (taken, to_tell) = bounded(TAKEN);
        let (heard, events) = bounded(EVENTS);
        let (greet, greeted) = bounded::<()>(1);
        let shared = Arc::new(Shared::default());
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let refused = |error: std::io::Error| SessionError::Thread { reason: error.to_string() };
        let writing = move || {
            // Nothing is said to who has not said that it is an engine. A stream that takes no more has ended for the
            // reader too, who tells.
            if greeted.recv().is_ok() {
                let _ended = write_all(output, &to_write, &to_tell);
            }
        };
        thread("fusionscope-wire-out").spawn(writing).map_err(refused)?;
        let hearing = Hearing { events: heard, shared: Arc::clone(&shared), wake };
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

/// Writes what is asked until nobody asks any more.
fn write_all(output: impl Write, commands: &Receiver<Command>, taken: &Receiver<Slot>) -> Result<(), WireError> {
    let mut output = BufWriter::new(output);
    let mut say = |message: &ToEngine| {
        write_frame(&mut output, &encode(message)?)?;
        Ok::<(), WireError>(output.flush()?)
    };
    say(&ToEngine::Hello(Hello::ours(std::path::PathBuf::new())))?;
    loop {
        let message = select! {
            recv(commands) -> command => command.map(|command| ToEngine::Command(Box::new(command))),
            recv(taken) -> slot => slot.map(ToEngine::Took),
        };
        let Ok(message) = message else { return Ok(()) };
        say(&message)?;
    }
}

/// The reader's side.
struct Hearing {
    events: Sender<Event>,
    shared: Arc<Shared>,
    wake: Option<Wake>,
}

impl Hearing {
    /// Takes in what is said until the end of the stream; whether the session had said that this is the end.
    fn read_all(&self, input: impl Read, greet: &Sender<()>) -> Result<bool, WireError> {
        let mut frames = Frames::new(input);
        let FromEngine::Hello(hello) = decode(&frames.first()?)? else {
            return Err(WireError::NoEngine { said: "another message".to_owned() });
        };
        hello.check()?;
        *self.shared.standing.lock() = Standing::Ready(hello);
        let _nobody_writes = greet.send(());
        self.wake();
        let mut has_ended = false;
        while let Some(bytes) = frames.read()? {
            match decode(&bytes)? {
                FromEngine::Hello(_) => {}
                FromEngine::Event(event) => {
                    has_ended |= *event == Event::Ended;
                    self.post(*event);
                }
                FromEngine::View(view) => {
                    let slot = view.request.view;
                    self.shared.views.lock().insert(slot, Newest::new(view));
                    self.post(Event::ViewReady { view: slot });
                }
                FromEngine::Layout(packed) => {
                    let slot = packed.slot();
                    let before = self.shared.layouts.lock().get(&slot).map(|newest| Arc::clone(&newest.value));
                    let layout = packed.unpack(before.as_deref())?;
                    self.shared.layouts.lock().insert(slot, Newest::new(Arc::new(layout)));
                }
                FromEngine::NoLayout(slot) => {
                    self.shared.layouts.lock().remove(&slot);
                }
            }
            self.wake();
        }
        Ok(has_ended)
    }

    /// Where the app has gone, what is still said is passed over, so that the other end can save and end.
    fn post(&self, event: Event) {
        let _nobody_reads = self.events.send(event);
    }

    /// Says how it ended.
    fn part(&self, outcome: Result<bool, WireError>, process: Option<&PeerProcess>) {
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
            Ok(true) => Failure::new(FailureKind::Refused, "The engine has ended, as it was asked to"),
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
