//! The thread that makes small pictures of scenes and looks at what a data set's files hold. What is in sight goes
//! first, and it disturbs neither the training nor the window.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, TryRecvError};
use parking_lot::Mutex;

use super::aside::{Aside, Ended, Teller};
use super::options::Wake;
use crate::data::Dataset;
use crate::gallery::thumbnail;
use crate::protocol::{Event, GalleryCommand, GalleryNews, ScenePlace, Thumbnail};

/// Scenes that are read at once: a disk answers several questions as fast as one.
const READERS: usize = 2;

/// The data set that the session has open, for those beside the worker.
pub(super) type OpenDataset = Arc<Mutex<Option<Arc<Dataset>>>>;

/// The app's end of the thread. `cache` is the folder that keeps what was made.
pub(super) fn gallery(wake: Option<Wake>, open: OpenDataset, _cache: Option<PathBuf>) -> Aside<GalleryCommand> {
    Aside::new("fusionscope-gallery", wake, move |commands, teller| {
        // It ends where the app has gone.
        let _ended = Gallery { commands, teller, open: Arc::clone(&open), wish: None }.run();
    })
}

/// Small pictures that are asked for.
struct Wish {
    dataset: Arc<Dataset>,
    number: u64,
    side_px: u32,
    scenes: VecDeque<ScenePlace>,
}

struct Gallery {
    commands: Receiver<GalleryCommand>,
    teller: Teller,
    open: OpenDataset,
    wish: Option<Wish>,
}

impl Gallery {
    /// Obeys and makes pictures until the app has gone.
    fn run(mut self) -> Result<(), Ended> {
        loop {
            match self.commands.try_recv() {
                Ok(command) => self.obey(command),
                Err(TryRecvError::Disconnected) => return Err(Ended),
                Err(TryRecvError::Empty) if self.work()? => {}
                Err(TryRecvError::Empty) => {
                    let command = self.commands.recv().map_err(|_gone| Ended)?;
                    self.obey(command);
                }
            }
        }
    }

    fn obey(&mut self, command: GalleryCommand) {
        match command {
            GalleryCommand::Show(request) => {
                self.wish = self.open.lock().clone().map(|dataset| Wish {
                    dataset,
                    number: request.number,
                    side_px: request.side_px,
                    scenes: request.scenes.into(),
                });
            }
            GalleryCommand::Survey(_) => {}
        }
    }

    /// Does a little of what is due; answers whether there was anything.
    fn work(&mut self) -> Result<bool, Ended> {
        let Some(wish) = &mut self.wish else { return Ok(false) };
        let is_open = self.open.lock().as_ref().is_some_and(|open| Arc::ptr_eq(open, &wish.dataset));
        let scenes: Vec<ScenePlace> = wish.scenes.drain(..READERS.min(wish.scenes.len())).collect();
        if scenes.is_empty() || !is_open {
            self.wish = None;
            return Ok(true);
        }
        let (dataset, side_px) = (&wish.dataset, wish.side_px);
        let thumbnails = at_once(&scenes, |&scene| thumbnail(dataset, scene, side_px));
        self.teller.tell(Event::Gallery(GalleryNews::Thumbnails { number: wish.number, thumbnails }))?;
        Ok(true)
    }
}

/// Makes something of each scene, all at once, on threads of their own: those of the training are left to it.
fn at_once(scenes: &[ScenePlace], make: impl Fn(&ScenePlace) -> Thumbnail + Sync) -> Vec<Thumbnail> {
    std::thread::scope(|scope| {
        let makers: Vec<_> = scenes.iter().map(|scene| scope.spawn(|| make(scene))).collect();
        makers.into_iter().filter_map(|maker| maker.join().ok()).collect()
    })
}
