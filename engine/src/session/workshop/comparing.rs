//! Opening a network beside the one in view, and what it makes of a scene.

use std::path::Path;
use std::sync::Arc;

use super::Workshop;
use super::beside::Beside;
use crate::data::{Dataset, Reading};
use crate::evaluation::same_classes;
use crate::inspection::{scene_view_watched, takes_means, with_beside};
use crate::network::Model;
use crate::progress::{Progress, tell};
use crate::protocol::{BesideRun, SceneView, ViewRequest};
use crate::session::desk::{flat, guarded};
use crate::session::engine::Count;
use crate::session::halt::Halt;
use crate::training::{network_summary, open_model_watched};

impl Workshop {
    pub(super) fn opened_beside(
        &mut self,
        path: &Path,
        progress: &mut Progress<'_>,
    ) -> Result<(BesideRun, Vec<String>), Halt> {
        let (device, words) = self.device()?;
        tell(progress, "Opening the run to compare with", 0, 0)?;
        let (model, warnings) = open_model_watched(path, &device, progress)?;
        let opened = BesideRun {
            path: path.to_owned(),
            recipe: model.recipe.name.clone(),
            step: model.step,
            network: network_summary(&model, &words),
        };
        self.beside = Some(Beside::new(path, model));
        Ok((opened, warnings))
    }

    /// Puts what the network beside makes of the scene into a view of it. Whatever goes wrong with that network, the
    /// view stays; only being told to end is an error.
    pub(super) fn viewed_beside(
        &self,
        view: SceneView,
        model: Option<&Model>,
        progress: &mut Count<'_>,
    ) -> Result<SceneView, Halt> {
        let Some(beside) = &self.beside else { return Ok(view) };
        let seen = match flat(guarded(|| self.seen_beside(beside, &view.request, progress))) {
            Err(Halt::Stopped) => return Err(Halt::Stopped),
            Err(Halt::Failed(failure)) => Err(failure),
            Ok(seen) => Ok(seen),
        };
        Ok(with_beside(view, model, &beside.model, seen))
    }

    fn seen_beside(&self, beside: &Beside, request: &ViewRequest, progress: &mut Count<'_>) -> Result<SceneView, Halt> {
        let dataset = self.read_beside(beside)?;
        let mut request = ViewRequest { compares: false, at: None, since: None, ..request.clone() };
        // What acts on the network in view alone says nothing to this one.
        let switches = beside.model.switches();
        request.what_if.settings.retain(|key, _| switches.contains(&key.as_str()));
        // At rest a file may have been mended since.
        if self.run.is_some()
            && let Some(seen) = beside.seen.borrow().as_ref().filter(|seen| seen.request == request)
        {
            return Ok(seen.clone());
        }
        let takes_means = takes_means(&beside.model, &request);
        let means = self.means_where_asked(&beside.model, &dataset, takes_means, progress)?;
        let seen = scene_view_watched(Some(&beside.model), &dataset, &request, &means, progress)?;
        *beside.seen.borrow_mut() = Some(seen.clone());
        Ok(seen)
    }

    /// The open data set as the network beside had it read in training, where that gives the classes that it learned;
    /// else as it is read for the one in view.
    pub(super) fn read_beside(&self, beside: &Beside) -> Result<Arc<Dataset>, Halt> {
        let open = self.dataset()?;
        if let Some((_, read)) = beside.read.borrow().as_ref().filter(|(of, _)| Arc::ptr_eq(of, open)) {
            return Ok(Arc::clone(read));
        }
        // Scenes are asked for by their places, so that both must hold out the same ones.
        let mut reading = Reading::of(&beside.model.recipe);
        if let Some(data) = &self.data {
            reading.hold_out = data.reading.hold_out;
        }
        let own = Dataset::clone(open).read_as(&reading);
        let fitting = own.ok().filter(|own| same_classes(&beside.model, own).is_ok());
        let read = fitting.map_or_else(|| Arc::clone(open), Arc::new);
        *beside.seen.borrow_mut() = None;
        *beside.read.borrow_mut() = Some((Arc::clone(open), Arc::clone(&read)));
        Ok(read)
    }
}
