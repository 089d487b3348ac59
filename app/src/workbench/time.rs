//! Pinned scenes, and the step of the run that is looked at.

use std::time::Instant;

use fusionscope_engine::protocol::{AlbumWish, Command, Event, Level, WhatIf};

use super::Workbench;
use crate::store::Pins;

impl Workbench {
    /// Pins the scene in view, or lets it go.
    pub(super) fn toggle_pin(&mut self) {
        self.store.toggle_pin();
        let id = self.store.scene_id().unwrap_or_default().to_owned();
        let words = match (self.store.is_pinned(), self.store.is_running()) {
            (true, true) => format!("Pinned {id}: the run keeps how it sees it from here on"),
            (true, false) => format!("Pinned {id}: runs keep how they see it from their first step on"),
            (false, _) => format!("Let {id} go: runs keep no more of it; what was kept stays"),
        };
        self.store.say(Level::Info, words);
        self.keep_pins();
    }

    /// How many mebibytes the pages of a run take at most.
    pub(super) fn set_album_bound(&mut self, most: u32) {
        self.store.pins.most_mib = most.max(1);
        self.choices.album_mib = Some(self.store.pins.most_mib);
    }

    /// Shows the page nearest to a step, or the network as it stands. What is supposed is put away for it, and can be taken
    /// back: nobody can ask the network of then.
    pub(super) fn go_to_time(&mut self, step: Option<u64>) {
        if step.is_some() && !self.store.scene.what_if.is_empty() {
            self.suppose("time", WhatIf::default());
        }
        self.store.scene.time.stop();
        self.store.scene.time.go(step);
    }

    pub(super) fn play_pages(&mut self) {
        if !self.store.scene.what_if.is_empty() {
            self.suppose("time", WhatIf::default());
        }
        self.store.scene.time.toggle_play(Instant::now());
    }

    /// Compares with the step in view, or with none any more.
    pub(super) fn compare_time(&mut self) {
        if !self.store.scene.what_if.is_empty() {
            self.suppose("time", WhatIf::default());
        }
        self.store.scene.time.mark();
    }

    /// Plays on; the next page waits for the pictures of the one before.
    pub(super) fn follow_time(&mut self, ctx: &egui::Context) {
        self.store.settle_time();
        let scene = &mut self.store.scene;
        if !scene.time.plays() || scene.is_outdated() {
            return;
        }
        if let Some(wait) = scene.time.play_on(Instant::now()) {
            ctx.request_repaint_after(wait);
        }
    }

    /// Pins the scenes of a data set that were pinned when it was open last.
    pub(super) fn follow_pins(&mut self, event: &Event) {
        let Event::Dataset(dataset) = event else { return };
        let scenes = self.choices.pins.get(&dataset.name).cloned().unwrap_or_default();
        let most_mib = self.choices.album_mib.unwrap_or(AlbumWish::MOST_MIB);
        self.store.pins = Pins { scenes: scenes.into_iter().collect(), most_mib };
    }

    /// Tells the session what to keep, where that is something else than it was told.
    pub(super) fn tell_of_pins(&mut self) {
        let wish = self.store.album_wish();
        let nothing = |wish: &AlbumWish| wish.pins.is_empty();
        if wish == self.kept_album || (nothing(&wish) && nothing(&self.kept_album)) {
            return;
        }
        self.kept_album = wish.clone();
        self.send(Command::KeepAlbum(wish));
    }

    /// What is pinned is so the next day, too.
    fn keep_pins(&mut self) {
        let Some(dataset) = &self.store.dataset else { return };
        let scenes: Vec<(String, String)> = self.store.pins.scenes.iter().cloned().collect();
        if scenes.is_empty() {
            self.choices.pins.remove(&dataset.name);
        } else {
            self.choices.pins.insert(dataset.name.clone(), scenes);
        }
    }
}
