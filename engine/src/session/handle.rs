//! The app's handle of a session.

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError};

use super::aside::Aside;
use super::clouds::Clouds;
use super::disk::disk;
use super::engine::Engine;
use super::error::SessionError;
use super::gallery::{OpenDataset, gallery};
use super::leaving;
use super::machine::Machine;
use super::options::{SessionOptions, Wake};
use super::outbox::Outbox;
use super::shelf::shelf;
use super::slots::Slots;
use super::workshop::Workshop;
use crate::protocol::{Command, DiskCommand, EmbeddingView, Event, GalleryCommand, SceneView, ShelfCommand};

/// Commands that may wait for the worker.
const COMMANDS: usize = 256;
/// Events that may wait for the app before they are merged.
const EVENTS: usize = 256;

/// A worker thread that loads data, trains, evaluates and draws on command.
///
/// Dropping it ends the worker; a run under way saves a checkpoint first. That is waited for no longer than
/// [`leaving::AT_ONCE`], so that a window closes whatever the disk does; what takes longer goes on, and
/// [`leaving::wait`] waits for it.
///
/// ```no_run
/// use std::path::PathBuf;
///
/// use fusionscope_engine::protocol::{Command, Event, SessionState};
/// use fusionscope_engine::recipe::preset;
/// use fusionscope_engine::session::{Session, SessionOptions};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let session = Session::spawn(SessionOptions::default())?;
/// session.send(Command::LoadData { path: PathBuf::from("datasets-sample") })?;
/// session.send(Command::LoadRecipe { recipe: preset("ogp-net-demo")? })?;
/// session.send(Command::Start)?;
/// for event in session.events() {
///     match event {
///         Event::Steps(steps) => println!("step {}", steps.last().map_or(0, |step| step.step)),
///         Event::State(SessionState::Finished | SessionState::Failed(_)) => break,
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Session {
    commands: Sender<Command>,
    events: Receiver<Event>,
    slots: Arc<Slots>,
    clouds: Arc<Clouds>,
    shelf: Aside<ShelfCommand>,
    gallery: Aside<GalleryCommand>,
    disk: Aside<DiskCommand>,
    worker: Option<JoinHandle<()>>,
}

impl Session {
    /// Starts the worker, named `fusionscope-session`.
    pub fn spawn(options: SessionOptions) -> Result<Self, SessionError> {
        let wake = options.wake.clone();
        let open = OpenDataset::default();
        let gallery = gallery(wake.clone(), Arc::clone(&open), options.cache.clone());
        Self::spawn_with(wake, gallery, move || Workshop::new(options, open))
    }

    /// Starts the worker with an engine that is made on the worker's own thread.
    pub(super) fn spawn_with<E: Engine>(
        wake: Option<Wake>,
        gallery: Aside<GalleryCommand>,
        engine: impl FnOnce() -> E + Send + 'static,
    ) -> Result<Self, SessionError> {
        let (commands, command_receiver) = crossbeam_channel::bounded(COMMANDS);
        let (event_sender, events) = crossbeam_channel::bounded(EVENTS);
        let slots = Arc::new(Slots::default());
        let worker_slots = Arc::clone(&slots);
        let clouds = Arc::new(Clouds::new(wake.clone()));
        let shelf = shelf(wake.clone());
        let disk = disk(wake.clone());
        let worker_clouds = Arc::clone(&clouds);
        let worker = std::thread::Builder::new()
            .name("fusionscope-session".to_owned())
            .spawn(move || {
                let outbox = Outbox::new(event_sender, wake);
                Machine::new(engine(), command_receiver, outbox, worker_slots, worker_clouds).run();
            })
            .map_err(|error| SessionError::Thread { reason: error.to_string() })?;
        Ok(Self { commands, events, slots, clouds, shelf, gallery, disk, worker: Some(worker) })
    }

    /// Hands a command to the worker, without waiting; one about runs that are not in hand, or about all scenes of the
    /// data set, to a thread of its own.
    pub fn send(&self, command: Command) -> Result<(), SessionError> {
        let command = match command {
            Command::Shelf(command) => return self.shelf.send(command),
            Command::Gallery(command) => return self.gallery.send(command),
            Command::Disk(command) => return self.disk.send(command),
            command => command,
        };
        self.commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => SessionError::Busy,
            TrySendError::Disconnected(_) => SessionError::Ended,
        })
    }

    /// What the session tells, oldest first.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }

    /// News of runs that are not in hand ([`Event::Shelf`]), and what could not be done with them, oldest first.
    pub fn shelf_events(&self) -> &Receiver<Event> {
        self.shelf.news()
    }

    /// News of all scenes of the open data set ([`Event::Gallery`]), oldest first.
    pub fn gallery_events(&self) -> &Receiver<Event> {
        self.gallery.news()
    }

    /// What lies on the disk ([`Event::Disk`]), as it was asked for.
    pub fn disk_events(&self) -> &Receiver<Event> {
        self.disk.news()
    }

    /// The newest picture of a view.
    pub fn view(&self, view: u64) -> Option<Arc<SceneView>> {
        self.slots.take(view)
    }

    /// How the layout of a slot stands; the same `Arc` while nothing has changed.
    pub fn embedding(&self, slot: u64) -> Option<Arc<EmbeddingView>> {
        self.clouds.view(slot)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The worker must find nobody at the other end of either channel, whatever it is doing.
        self.events = crossbeam_channel::never();
        let (nobody, _) = crossbeam_channel::bounded(1);
        self.commands = nobody;
        let clouds = std::mem::replace(&mut self.clouds, Arc::new(Clouds::new(None)));
        if let Some(worker) = self.worker.take() {
            leaving::leave(move || {
                // The worker catches its own panics; there is nothing left to tell.
                let _ended = worker.join();
                // Threads of layouts are waited for as well.
                drop(clouds);
            });
        }
    }
}
