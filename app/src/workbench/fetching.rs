//! Copying a finished run from the engine's machine to this one.

use std::path::PathBuf;

use fusionscope_engine::protocol::{Command, DiskNews, Level};

use super::Workbench;
use crate::link::{FetchStanding, Fetching};
use crate::places;

impl Workbench {
    /// Begins to copy a run.
    pub(super) fn fetch_run(&mut self, run: PathBuf, ctx: Option<&egui::Context>) {
        let ctx = ctx.cloned();
        let wake = move || {
            if let Some(ctx) = &ctx {
                ctx.request_repaint();
            }
        };
        match Fetching::begin(run, places::runs(), wake) {
            Ok(fetching) => self.fetching = Some(fetching),
            Err(text) => self.store.say(Level::Error, text),
        }
        self.follow_fetching();
    }

    /// Hands over what the engine's disk has answered, to whoever has asked.
    pub(super) fn take_disk_news(&mut self, news: &DiskNews) {
        self.dialogs.hear(news);
        if let Some(fetching) = &self.fetching {
            fetching.hear(news);
        }
    }

    /// Asks what a copy wants to know, and tells how far it is.
    pub(super) fn follow_fetching(&mut self) {
        let Some(fetching) = &self.fetching else { return };
        if !self.store.engine.line.is_down() {
            for command in fetching.asks() {
                // What a busy engine refuses is asked for again.
                if self.engine.send(Command::Disk(command)).is_err() {
                    fetching.ask_again();
                }
            }
        }
        let run = fetching.run().to_owned();
        match fetching.standing() {
            FetchStanding::Going { done, total } => self.store.fetched = Some((run, done, total)),
            FetchStanding::Done(path) => {
                self.fetching = None;
                self.store.fetched = None;
                self.store.say(Level::Info, format!("{} was copied to {}", run.display(), path.display()));
                self.notice.say(format!("The run lies here now: {}", path.display()));
            }
            FetchStanding::Failed(text) => {
                self.fetching = None;
                self.store.fetched = None;
                self.store.say(Level::Error, text);
            }
        }
    }
}
