//! Pages of pinned scenes: kept while a run trains, and looked at again.

use super::pins::Pins;
use super::{Workshop, no_model};
use crate::data::Dataset;
use crate::inspection::{at_step, page_of, since_step};
use crate::network::Model;
use crate::protocol::{Album, SceneView, ViewRequest};
use crate::session::engine::Written;
use crate::session::halt::Halt;
use crate::session::run::Run;
use crate::session::times::ALBUM;
use crate::stopwatch;
use crate::training::RunFolder;

impl Workshop {
    /// Keeps a page of every pinned scene for which one is due at this step, or of all `at_once`; `None` where none was.
    pub(super) fn kept_pages(&mut self, at_once: bool) -> Option<(Album, Written)> {
        let Self { pins: Pins { wish, memories }, run: Some(run), data: Some(data), .. } = self else { return None };
        if wish.pins.is_empty() {
            return None;
        }
        stopwatch::part(ALBUM, || {
            let due: Vec<usize> = (0..wish.pins.len())
                .filter(|&place| run.is_page_due(&data.dataset.name, wish, place, at_once))
                .collect();
            if due.is_empty() {
                return None;
            }
            let model = run.trainer.model();
            for place in due {
                let pin = &wish.pins[place];
                let page = page_of(&model, &data.dataset, pin, run.every(wish), &mut memories[place]);
                // The network takes a step before it is asked again.
                memories[place].forget_network();
                run.keep_page(page, pin, wish);
            }
            Some((run.album().clone(), run.told_of_album()))
        })
    }

    /// The scene as the network saw it at the step of the request, or sees it, and what has changed since another one.
    pub(super) fn viewed_in_time(
        &self,
        model: Option<&Model>,
        dataset: &Dataset,
        request: &ViewRequest,
        now: impl FnOnce() -> Result<SceneView, Halt>,
    ) -> Result<SceneView, Halt> {
        let opened;
        let folder = match (self.run.as_ref(), self.folder_in_hand()) {
            (Some(Run { folder, .. }), _) => folder,
            (None, Some(path)) => {
                opened = RunFolder::open(path)?;
                &opened
            }
            (None, None) => return Err(Halt::refused("Nothing is kept of earlier steps: a packed model has no album")),
        };
        let view = match request.at {
            Some(step) => at_step(folder, model, dataset, request, step, &mut self.memory.borrow_mut())?,
            None => now()?,
        };
        let Some(since) = request.since else { return Ok(view) };
        Ok(since_step(folder, model.ok_or_else(no_model)?, dataset, view, since))
    }
}
