//! Opening a run, and the data set that it is looked at with.

use std::path::{Path, PathBuf};

use super::Workshop;
use super::open_data::Data;
use crate::data::Reading;
use crate::evaluation::{modality_indices, same_classes};
use crate::failure::{Failure, FailureKind, sentence};
use crate::progress::{Progress, tell};
use crate::recipe::Recipe;
use crate::session::engine::{Opened, Past, RunOpened};
use crate::session::halt::Halt;
use crate::session::run::record_of;
use crate::training::{Environment, History, RunError, RunFolder, changes_in, network_summary, open_model_watched};

/// What an opened run is looked at with.
struct DataToOpen {
    /// `None` where that is open already, or nothing can be said.
    data: Option<Data>,
    /// The run's own data set could not be opened: where it should lie, and why.
    gone: Option<(PathBuf, Failure)>,
    warnings: Vec<String>,
}

impl Workshop {
    pub(super) fn opened(
        &mut self,
        path: &Path,
        wanted: Option<&Path>,
        progress: &mut Progress<'_>,
    ) -> Result<Opened, Halt> {
        let (device, words) = self.device()?;
        tell(progress, "Opening the run", 0, 0)?;
        let folder = match path.is_dir().then(|| RunFolder::open(path)).transpose() {
            Err(error @ RunError::NotARun { .. }) => {
                let runs = RunFolder::list(path, progress)?;
                return if runs.is_empty() { Err(error.into()) } else { Ok(Opened::Runs(runs)) };
            }
            other => other?,
        };
        let (model, mut warnings) = match open_model_watched(path, &device, progress) {
            Ok((model, warnings)) => (Some(model), warnings),
            // Interrupted before its first checkpoint: there is nothing to predict with, but it can be resumed.
            Err(RunError::NoCheckpoint { mut warnings, .. }) if folder.is_some() => {
                warnings.push("The run has no checkpoint yet; resuming begins it again".to_owned());
                (None, warnings)
            }
            Err(error) => return Err(error.into()),
        };
        let recipe = match (&folder, &model) {
            (_, Some(model)) if model.sensors.len() > 1 => model.recipe.clone(),
            (Some(folder), _) => folder.recipe().clone(),
            (None, Some(model)) => model.recipe.clone(),
            (None, None) => return Err(Halt::refused("There is neither a run nor a model")),
        };
        let mut past = folder.as_ref().map_or_else(Past::default, |folder| past_of(folder, &mut warnings));
        let DataToOpen { data, gone, warnings: notes } =
            self.data_to_open(folder.as_ref(), &recipe, wanted, progress)?;
        tell(progress, "Opening the run", 0, 0)?;
        // From here on nothing is stopped: either all of the run is open or nothing.
        warnings.extend(notes);
        let data = data.map(|data| self.take(data, Vec::new()));
        let network = model.as_ref().map(|model| network_summary(model, &words));
        past.changed = match changes_in(&past.recorded) {
            none if none.is_empty() => model.as_ref().map_or_else(Vec::new, |model| model.changed.clone()),
            changed => changed,
        };
        self.memory.borrow_mut().forget_network();
        self.model = model;
        *self.counted.borrow_mut() = None;
        self.unfiled.clear();
        self.run = None;
        self.resumable = folder.as_ref().map(|folder| folder.path().to_owned());
        if let Some(data) = &mut self.data {
            data.chosen = wanted.is_some();
        }
        // Where the data set is asked for, whether the open one fits is not the question.
        warnings.extend(self.misfit().filter(|_| gone.is_none()));
        let folder = folder.map(|folder| folder.path().to_owned());
        let opened = RunOpened { recipe, network, folder, past, data, data_gone: gone, warnings };
        Ok(Opened::Run(Box::new(opened)))
    }

    /// How the open model does not fit the open data, in words.
    pub(super) fn misfit(&self) -> Option<String> {
        let (model, data) = (self.model.as_ref()?, self.data.as_ref()?);
        if let Err(error) = modality_indices(model, &data.dataset) {
            return Some(format!("The open network does not fit the data set, so nothing is predicted: {error}"));
        }
        if data.dataset.classes.is_empty() {
            return Some(
                "The data set has no labels: the network predicts with its own classes, and nothing is scored"
                    .to_owned(),
            );
        }
        let error = same_classes(model, &data.dataset).err()?;
        Some(format!("The network predicts with its own classes: {error}"))
    }

    /// The data set that an opened run shall be looked at with, where it is another one than is open: the one in
    /// `wanted`, else the run's own.
    fn data_to_open(
        &self,
        folder: Option<&RunFolder>,
        recipe: &Recipe,
        wanted: Option<&Path>,
        progress: &mut Progress<'_>,
    ) -> Result<DataToOpen, Halt> {
        let reading = Reading::of(recipe);
        let mut answer = DataToOpen { data: None, gone: None, warnings: Vec::new() };
        let is_open = |path: &Path| self.data.as_ref().is_some_and(|data| data.dataset.root == path);
        if let Some(path) = wanted.filter(|path| !is_open(path)) {
            let data = Data::open_for(path, self.reach(path), &reading, progress)?;
            answer.warnings = data.notes(progress)?;
            answer.data = Some(data);
            return Ok(answer);
        }
        let joined = self.joined(recipe).unwrap_or(None);
        if wanted.is_some() {
            answer.data = joined;
            return Ok(answer);
        }
        let environment = match folder.map(RunFolder::environment) {
            Some(Ok(environment)) => environment,
            Some(Err(error)) => {
                if self.data.is_none() {
                    answer.gone = Failure::of(&error).map(|failure| (PathBuf::new(), failure));
                } else {
                    answer.warnings.push(sentence(error));
                }
                Environment::default()
            }
            None => Environment::default(),
        };
        if let (Some(folder), None, None) = (folder, &self.data, &answer.gone)
            && environment.data.as_os_str().is_empty()
        {
            let words = format!("the run does not say which data set it was begun with: {}", folder.path().display());
            answer.gone = Some((PathBuf::new(), Failure::new(FailureKind::Unreadable, words)));
        }
        let is_open = joined.as_ref().or(self.data.as_ref()).is_some_and(|open| open.is_of(&environment));
        if is_open || environment.data.as_os_str().is_empty() {
            answer.data = joined;
            return Ok(answer);
        }
        match Data::open(&environment.data, self.reach(&environment.data), &reading, progress) {
            Ok(data) => {
                answer.warnings = data.notes(progress)?;
                if !data.is_of(&environment) {
                    answer.warnings.push("The data set has changed since the run was begun".to_owned());
                }
                answer.data = Some(data);
            }
            Err(error) => {
                // Without it there is still the run: its curves, its evaluations, its network.
                let failure = Failure::of(&error).ok_or(Halt::Stopped)?;
                answer.data = joined;
                answer.gone = Some((environment.data, failure));
            }
        }
        Ok(answer)
    }
}

/// What a run has done, but for the settings that were changed in it.
fn past_of(folder: &RunFolder, warnings: &mut Vec<String>) -> Past {
    let recorded = record_of(folder, warnings);
    let read = folder.history().unwrap_or_else(|error| History::unread(sentence(error)));
    warnings.extend(read.warnings);
    let evaluations = folder.evaluations_with_warning();
    let (evaluations, warning) = evaluations.unwrap_or_else(|error| (Vec::new(), Some(sentence(error))));
    warnings.extend(warning);
    let what_ifs = folder.what_ifs().unwrap_or_else(|error| {
        warnings.push(sentence(error));
        Vec::new()
    });
    // What of the file does not read has just been told.
    let protocols = folder.protocols().unwrap_or_default();
    let (album, unread) = folder.album();
    warnings.extend(unread);
    Past { history: read.steps, evaluations, what_ifs, protocols, recorded, changed: Vec::new(), album }
}
