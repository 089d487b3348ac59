//! The thread that makes small pictures of scenes and looks at what a data set's files hold. What is in sight goes
//! first, and it disturbs neither the training nor the window.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError};
use parking_lot::Mutex;

use super::aside::{Aside, Ended, Teller};
use super::options::Wake;
use crate::data::Dataset;
use crate::gallery::{Cache, Surveying, thumbnail};
use crate::protocol::{Event, GalleryCommand, GalleryNews, ScenePlace, Thumbnail};

/// Scenes of which small pictures are made at once, on threads of their own: those of the training are left to it.
const MAKERS: usize = 2;
/// How often it is told how far a survey is.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// The cache's folder among those of the program.
const FOLDER: &str = "gallery";

/// The data set that the session has open, for those beside the worker.
pub(super) type OpenDataset = Arc<Mutex<Option<Arc<Dataset>>>>;

/// The app's end of the thread. `cache` is the folder of what can be made again.
pub(super) fn gallery(wake: Option<Wake>, open: OpenDataset, cache: Option<PathBuf>) -> Aside<GalleryCommand> {
    let folder = cache.map(|cache| cache.join(FOLDER));
    Aside::new("fusionscope-gallery", wake, move |commands, teller| {
        let gallery = Gallery {
            commands,
            teller,
            open: Arc::clone(&open),
            cache: Cache::in_folder(folder.clone()),
            wish: None,
            surveys: false,
            survey: None,
        };
        // It ends where the app has gone.
        let _ended = gallery.run();
    })
}

/// Small pictures that are asked for.
struct Wish {
    dataset: Arc<Dataset>,
    number: u64,
    side_px: u32,
    scenes: VecDeque<ScenePlace>,
}

/// A survey, and what was told of it.
struct Survey {
    of: Surveying,
    told: Option<Instant>,
    is_told_whole: bool,
}

struct Gallery {
    commands: Receiver<GalleryCommand>,
    teller: Teller,
    open: OpenDataset,
    cache: Cache,
    wish: Option<Wish>,
    /// Whether the data set that is open is to be surveyed.
    surveys: bool,
    survey: Option<Survey>,
}

impl Gallery {
    /// Obeys, makes pictures and looks at files until the app has gone.
    fn run(mut self) -> Result<(), Ended> {
        loop {
            match self.commands.try_recv() {
                Ok(command) => self.obey(command),
                Err(TryRecvError::Disconnected) => return Err(Ended),
                Err(TryRecvError::Empty) if self.show()? || self.go_on()? => {}
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
            GalleryCommand::Survey(surveys) => {
                self.surveys = surveys;
                // Who asks again has lost what was told.
                if let Some(survey) = &mut self.survey {
                    (survey.told, survey.is_told_whole) = (None, false);
                }
            }
        }
    }

    fn is_open(&self, dataset: &Arc<Dataset>) -> bool {
        self.open.lock().as_ref().is_some_and(|open| Arc::ptr_eq(open, dataset))
    }

    /// Makes the next small pictures; answers whether there were any to make.
    fn show(&mut self) -> Result<bool, Ended> {
        let Some(mut wish) = self.wish.take().filter(|wish| self.is_open(&wish.dataset)) else { return Ok(false) };
        let scenes: Vec<ScenePlace> = wish.scenes.drain(..MAKERS.min(wish.scenes.len())).collect();
        if scenes.is_empty() {
            return Ok(false);
        }
        let make = |&scene: &ScenePlace| thumbnail(&wish.dataset, scene, wish.side_px, &self.cache);
        let thumbnails = at_once(&scenes, make);
        let number = wish.number;
        self.wish = Some(wish);
        self.teller.tell(Event::Gallery(GalleryNews::Thumbnails { number, thumbnails }))?;
        Ok(true)
    }

    /// Goes on with the survey of the open data set; answers whether there was anything to do.
    fn go_on(&mut self) -> Result<bool, Ended> {
        if !self.surveys {
            return Ok(false);
        }
        let Some(open) = self.open.lock().clone() else { return Ok(false) };
        let survey = match self.survey.take().filter(|survey| Arc::ptr_eq(survey.of.dataset(), &open)) {
            Some(survey) => self.survey.insert(survey),
            None => self.survey.insert(Survey { of: Surveying::new(open), told: None, is_told_whole: false }),
        };
        if survey.is_told_whole {
            return Ok(false);
        }
        if !survey.of.found().is_done() {
            survey.of.go_on(&self.cache);
        }
        let is_done = survey.of.found().is_done();
        if is_done || survey.told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            (survey.told, survey.is_told_whole) = (Some(Instant::now()), is_done);
            let found = Box::new(survey.of.found().clone());
            self.teller.tell(Event::Gallery(GalleryNews::Survey(found)))?;
        }
        Ok(true)
    }
}

/// Makes something of each scene, all at once.
fn at_once(scenes: &[ScenePlace], make: impl Fn(&ScenePlace) -> Thumbnail + Sync) -> Vec<Thumbnail> {
    std::thread::scope(|scope| {
        let makers: Vec<_> = scenes.iter().map(|scene| scope.spawn(|| make(scene))).collect();
        makers.into_iter().filter_map(|maker| maker.join().ok()).collect()
    })
}

#[cfg(test)]
mod tests;
