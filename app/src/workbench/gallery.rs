//! What the session is asked about all scenes while a pane shows them.

use fusionscope_engine::protocol::{Command, GalleryCommand};

use super::Workbench;
use crate::store::gallery::{Sight, Wishes};

/// The files of so many scenes are read as soon as they are in sight; of more only when that is asked for.
const READ_AT_ONCE: usize = 1000;

impl Workbench {
    /// Asks for the small pictures in sight that are not there, where another data set or others are in sight, and for
    /// figures of single scenes where these may be others.
    pub(super) fn look_at_scenes(&mut self, sight: Option<Sight>) {
        if sight.is_none() || self.store.engine.line.is_down() {
            self.in_sight = None;
            return;
        }
        let [data, ..] = self.store.gallery.revision(&Wishes::default());
        let in_sight = sight.map(|sight| (data, sight));
        if self.in_sight != in_sight {
            let request = in_sight.as_ref().and_then(|(_, sight)| self.store.gallery.request(sight));
            self.in_sight = in_sight;
            // One who is behind hears of it again with the next frame, which comes with what is made meanwhile.
            if let Some(request) = request
                && self.engine.send(Command::Gallery(GalleryCommand::Show(request))).is_err()
            {
                self.in_sight = None;
            }
        }
        if self.store.all_scenes() <= READ_AT_ONCE && !self.store.gallery.was_surveyed() {
            self.survey_data(true);
        }
        if self.store.gallery.take_need_of_scores() {
            self.send(Command::ScoreScenes);
        }
    }

    /// Of another data set no files are read that nobody asked for.
    pub(super) fn leave_scenes(&mut self) {
        if self.store.gallery.was_surveyed() {
            self.survey_data(false);
        }
    }

    /// Whether scenes are in sight as small pictures.
    pub fn shows_scenes(&self) -> bool {
        self.in_sight.is_some()
    }

    /// Whether they are, and all that was asked about them is there; for screenshots.
    pub fn shows_all_scenes(&self) -> bool {
        self.in_sight.as_ref().is_some_and(|(_, sight)| self.store.gallery.has_all(sight))
    }

    /// Reads the files of all scenes, or no more of them.
    pub(super) fn survey_data(&mut self, is_on: bool) {
        self.store.gallery.set_surveying(is_on);
        self.send(Command::Gallery(GalleryCommand::Survey(is_on)));
    }
}
