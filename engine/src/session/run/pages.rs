//! The album of the run under way.

use std::collections::BTreeMap;

use super::{Run, told_once};
use crate::failure::sentence;
use crate::inspection::InspectionError;
use crate::protocol::{Album, AlbumScene, AlbumWish, Pin};
use crate::session::engine::Written;
use crate::training::{Page, RunError};

impl Run {
    /// The pages that there are.
    pub(in crate::session) fn album(&self) -> &Album {
        &self.album
    }

    /// Steps from one page to the next: as the album has it, and where it has no pages yet as is wished for.
    pub(in crate::session) fn every(&self, wish: &AlbumWish) -> u64 {
        if self.album.scenes.is_empty() { wish.every.max(1) } else { self.album.every.max(1) }
    }

    /// Whether a page of a pinned scene is to be kept at this step: at every so many, `at_once` where there is none of this
    /// step yet, and of a scene that has none.
    pub(in crate::session) fn is_page_due(&self, dataset: &str, wish: &AlbumWish, place: usize, at_once: bool) -> bool {
        let (step, Pin { split, id, .. }) = (self.trainer.steps_done(), &wish.pins[place]);
        let is_lost = self.album_lacks.iter().any(|lost| lost == id);
        let pages = self.album.scene(dataset, split, id).map(|scene| &scene.pages);
        let has_none = pages.is_none_or(BTreeMap::is_empty);
        let has_it = pages.is_some_and(|pages| pages.contains_key(&step));
        !self.album_is_full && !is_lost && !has_it && (at_once || has_none || step.is_multiple_of(self.every(wish)))
    }

    /// Writes a page, and removes those that go for it. What goes wrong costs the page, and is told once.
    pub(in crate::session) fn keep_page(
        &mut self,
        page: Result<Option<Page>, InspectionError>,
        pin: &Pin,
        wish: &AlbumWish,
    ) {
        let page = match page {
            Ok(Some(page)) => page,
            Ok(None) => {
                self.album_lacks.push(pin.id.clone());
                let words =
                    format!("There is no scene `{}` in `{}` of this data set to keep pages of", pin.id, pin.split);
                self.album_news.push(words);
                return;
            }
            Err(error) => {
                if !std::mem::replace(&mut self.album_fails, true) {
                    self.album_news.push(format!("A pinned scene could not be kept: {}", sentence(&error)));
                }
                return;
            }
        };
        self.album.every = self.every(wish);
        let written = self.folder.keep_page(&page);
        let bytes = *written.as_ref().unwrap_or(&0);
        self.album_news.extend(told_once(&mut self.album_fails, written.map(drop)));
        if bytes > 0 {
            self.take_in(&page, bytes, wish.most_bytes());
        }
    }

    fn take_in(&mut self, page: &Page, bytes: u64, most_bytes: u64) {
        let Page { dataset, split, id, step, .. } = page;
        let known = self.album.scenes.iter().position(|scene| scene.is_of(dataset, split, id));
        let place = known.unwrap_or_else(|| {
            let (dataset, split, id) = (dataset.clone(), split.clone(), id.clone());
            self.album.scenes.push(AlbumScene { dataset, split, id, ..AlbumScene::default() });
            self.album.scenes.len() - 1
        });
        for (place, gone) in self.album.add(place, (*step, bytes), most_bytes) {
            let AlbumScene { dataset, split, id, .. } = &self.album.scenes[place];
            self.folder.drop_page((dataset, split, id), gone);
        }
        let is_kept = self.album.scenes[place].pages.contains_key(step);
        self.album.scenes.retain(|scene| !scene.pages.is_empty());
        if !is_kept && !std::mem::replace(&mut self.album_is_full, true) {
            let most_mib = most_bytes >> 20;
            let words =
                format!("Two pages of each pinned scene take more than {most_mib} MB, so no more of them are kept");
            self.album_news.push(words);
        }
    }

    /// Something else is wished for: what could not be kept before may be now.
    pub(in crate::session) fn try_album_again(&mut self) {
        (self.album_is_full, self.album_fails) = (false, false);
        self.album_lacks.clear();
    }

    /// What came of keeping pages.
    pub(in crate::session) fn told_of_album(&mut self) -> Written {
        let news = std::mem::take(&mut self.album_news);
        self.written(news)
    }

    /// Drops the pages after the step at which the run stands, and knows those that stay.
    pub(in crate::session) fn take_up_album(&mut self) -> Result<Vec<String>, RunError> {
        self.folder.truncate_album(self.trainer.steps_done())?;
        let (album, warnings) = self.folder.album();
        self.album = album;
        Ok(warnings)
    }
}
