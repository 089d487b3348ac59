//! An engine that stays while windows come and go: a cut line ends the conversation, and the run goes on.

use std::net::Shutdown;
use std::ops::ControlFlow;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, select};
use parking_lot::Mutex;

use super::error::WireError;
use super::meeting::{Held, Meeting, MeetingError};
use super::message::Hello;
use super::retold::Retold;
use super::server::{Going, Guest, Parting, Server};
use crate::failure::{Failing, FailureKind};
use crate::protocol::{Command, Event, GalleryCommand, SessionState, ShelfCommand, ThumbnailRequest};
use crate::session::{SessionError, SessionOptions};

/// How long whoever comes may take to introduce themselves.
const TO_GREET: Duration = Duration::from_secs(20);
/// How long a window that is spoken with has to hear that another one came: a line may be dead without anybody knowing.
const TO_YIELD: Duration = Duration::from_secs(2);
/// Windows that may wait to be spoken with.
const WAITING: usize = 4;
/// How often it is asked whether to go on while nobody speaks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The number of the conversation under way, and its stream.
type SpokenWith = Arc<Mutex<Option<(u64, UnixStream)>>>;

/// A window that came through the socket.
type Came = Guest<UnixStream, UnixStream>;

/// Why an engine could not wait for windows.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// There is no place to be met.
    #[error(transparent)]
    Meeting(#[from] MeetingError),
    /// The session could not be started.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The system gave no thread.
    #[error("could not start the thread that windows are met by: {0}")]
    Thread(std::io::Error),
}

impl Failing for HostError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::Meeting(error) => error.kind(),
            Self::Session(error) => error.kind(),
            Self::Thread(_) => Some(FailureKind::Broken),
        }
    }
}

/// A session that waits at a meeting place for one window after the other. One that comes while another is spoken with
/// takes its place, and the other is told.
pub struct Host {
    server: Server,
    arrivals: Receiver<Came>,
    retold: Retold,
    state: SessionState,
    is_unsaved: bool,
    spoken_with: SpokenWith,
    conversations: u64,
    /// Nobody else waits here until it is dropped.
    _held: Held,
}

impl Host {
    /// Takes the place, starts the session and lets windows come.
    pub fn start(options: SessionOptions, meeting: &Meeting) -> Result<Self, HostError> {
        let held = meeting.hold()?;
        let listener = held.listen()?;
        let server = Server::start(options)?;
        let (arrive, arrivals) = bounded(WAITING);
        let hello = server.hello();
        // It ends with the program: nothing else wakes whoever waits to be met.
        let spoken_with = SpokenWith::default();
        let current = Arc::clone(&spoken_with);
        let meeting = move || meet_all(&listener, &hello, &arrive, &current);
        let thread = std::thread::Builder::new().name("fusionscope-meeting".to_owned()).spawn(meeting);
        thread.map_err(HostError::Thread)?;
        let (retold, state) = (Retold::default(), SessionState::default());
        let (is_unsaved, conversations) = (false, 0);
        Ok(Self { server, arrivals, retold, state, is_unsaved, spoken_with, conversations, _held: held })
    }

    /// Serves windows until the session has ended: as a window asks, as `goes_on` breaks, or where for as long as
    /// `patience` nobody came and no run was at work.
    pub fn serve(mut self, patience: Duration, goes_on: impl Fn() -> ControlFlow<()>) {
        loop {
            let Some(guest) = self.wait(patience, &goes_on) else { return };
            match self.speak(guest, &goes_on) {
                Ok(Parting::Ended) => return,
                Ok(Parting::Left | Parting::TakenOver) => {}
                Err(error) => tracing::warn!("a window has gone: {error}"),
            }
            self.rest();
        }
    }

    /// Waits for a window; `None` once the session has ended.
    fn wait(&mut self, patience: Duration, goes_on: &impl Fn() -> ControlFlow<()>) -> Option<Came> {
        let mut since = Instant::now();
        let mut is_ending = false;
        loop {
            let session = self.server.session();
            let event = select! {
                recv(self.arrivals) -> came => {
                    if let (Ok(guest), false) = (came, is_ending) {
                        return Some(guest);
                    }
                    None
                }
                recv(session.events()) -> event => Some(event.unwrap_or(Event::Ended)),
                // What nobody has asked for any more.
                recv(session.shelf_events()) -> _ => None,
                recv(session.gallery_events()) -> _ => None,
                recv(session.disk_events()) -> _ => None,
                default(LOOK_EVERY) => None,
            };
            if let Some(event) = event {
                if event == Event::Ended {
                    return None;
                }
                self.hear(&event);
            }
            if self.is_at_work() {
                since = Instant::now();
            }
            let is_done = since.elapsed() > patience;
            if !is_ending && (is_done || goes_on().is_break()) {
                is_ending = true;
                // A session that takes no more is ending.
                let _ending = self.server.session().send(Command::Shutdown);
            }
        }
    }

    fn speak(&mut self, guest: Came, goes_on: &impl Fn() -> ControlFlow<()>) -> Result<Parting, WireError> {
        // What was known there, this one does not know.
        let _busy = self.server.session().send(Command::Shelf(ShelfCommand::TellAnew));
        let before = self.retold.tell();
        self.conversations += 1;
        let stream = guest.output().try_clone()?;
        *self.spoken_with.lock() = Some((self.conversations, stream));
        let Self { server, arrivals, retold, state, is_unsaved, .. } = self;
        let hear = |event: &Event| note(event, retold, state, is_unsaved);
        let going = || match goes_on() {
            ControlFlow::Break(()) => Going::End,
            ControlFlow::Continue(()) if arrivals.is_empty() => Going::On,
            ControlFlow::Continue(()) => Going::Yield,
        };
        let parting = server.attend_guest(guest, before, hear, going);
        if let Some((_, stream)) = self.spoken_with.lock().take() {
            // Whoever still listens to it, here or there, is to hear of its end.
            let _gone = stream.shutdown(Shutdown::Both);
        }
        parting
    }

    /// Nobody looks any more.
    fn rest(&self) {
        let show = GalleryCommand::Show(ThumbnailRequest::default());
        for command in [
            Command::Shelf(ShelfCommand::Watch(None)),
            Command::Gallery(GalleryCommand::Survey(false)),
            Command::Gallery(show),
        ] {
            // A session that is busy or has ended rests by itself.
            let _busy = self.server.session().send(command);
        }
    }

    fn hear(&mut self, event: &Event) {
        note(event, &mut self.retold, &mut self.state, &mut self.is_unsaved);
    }

    /// Whether the session must stay for what it does, or for what lies in its memory alone.
    fn is_at_work(&self) -> bool {
        self.is_unsaved || !(self.state.is_at_rest() || self.state == SessionState::Paused)
    }
}

fn note(event: &Event, retold: &mut Retold, state: &mut SessionState, is_unsaved: &mut bool) {
    match event {
        Event::State(now) => *state = now.clone(),
        Event::Unsaved(why) => *is_unsaved = why.is_some(),
        _ => {}
    }
    retold.hear(event);
}

/// Lets windows come, each greeted by a thread of its own: one that says nothing keeps no other waiting.
fn meet_all(listener: &UnixListener, hello: &Hello, arrive: &Sender<Came>, spoken_with: &SpokenWith) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else {
            // Too many files are open, for example; that may pass.
            std::thread::sleep(LOOK_EVERY);
            continue;
        };
        let (hello, arrive, spoken_with) = (hello.clone(), arrive.clone(), Arc::clone(spoken_with));
        let greet = move || {
            let Ok(Some(guest)) = greeted(&stream, hello) else { return };
            let before = spoken_with.lock().as_ref().map(|(number, _)| *number);
            // Nobody waits for it once the session has ended.
            let _ended = arrive.send(guest);
            std::thread::sleep(TO_YIELD);
            let current = spoken_with.lock();
            if let Some((_, stream)) = current.as_ref().filter(|(number, _)| Some(*number) == before) {
                // Whoever writes to it waits for a line that takes nothing any more.
                let _gone = stream.shutdown(Shutdown::Both);
            }
        };
        // Without a thread the stream is closed, and whoever came tries again.
        let _refused = std::thread::Builder::new().name("fusionscope-greeting".to_owned()).spawn(greet);
    }
}

fn greeted(stream: &UnixStream, hello: Hello) -> Result<Option<Came>, WireError> {
    stream.set_read_timeout(Some(TO_GREET))?;
    let guest = Guest::greet(hello, stream.try_clone()?, stream.try_clone()?)?;
    stream.set_read_timeout(None)?;
    Ok(guest)
}
