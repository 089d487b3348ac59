//! Going on with a run, and its steps.

use std::sync::Arc;

use super::Workshop;
use super::open_data::Data;
use crate::data::Reading;
use crate::failure::{Failure, FailureKind, sentence};
use crate::progress::Progress;
use crate::protocol::{Album, Recorded};
use crate::recipe::catalogue::training;
use crate::session::engine::{Past, RunBegun, StepFailure, Stepped};
use crate::session::halt::Halt;
use crate::session::run::{edited_by_hand, lacking_evaluation, lost_evaluations, record_of};
use crate::session::times::ALBUM;
use crate::stopwatch;
use crate::training::{Environment, History, RunFolder, TrainError, Trainer};

impl Workshop {
    pub(super) fn resumed(&mut self, progress: &mut Progress<'_>) -> Result<RunBegun, Halt> {
        let path = self.resumable.clone().ok_or_else(|| Halt::refused("Open the run to resume first"))?;
        let mut folder = RunFolder::open(&path)?;
        let unlocked = folder.lock()?;
        let (found, mut warnings) = folder.newest_checkpoint_watched(progress)?;
        warnings.extend(unlocked);
        let device = self.device()?;
        let other = self.data_to_resume(&folder, progress, &mut warnings)?;
        let dataset = Arc::clone(other.as_ref().map_or_else(|| self.dataset(), |data| Ok(&data.dataset))?);
        let trainer = if let Some(checkpoint) = &found {
            Trainer::resume(checkpoint, &dataset, device, &path, progress)
        } else {
            warnings.push("The run has no whole checkpoint; it begins again".to_owned());
            Trainer::new(folder.recipe(), &dataset, device, progress)
        };
        let trainer = trainer?;
        let events = self.event_log(&dataset)?;
        let step = trainer.steps_done();
        // Those that cannot be read are made again, too; what is wrong with them is told when they are set aside.
        let kept = folder.evaluations();
        let lacks = lacking_evaluation(&trainer, &dataset, kept.as_deref().unwrap_or_default());
        let lost = kept.ok().and_then(|kept| lost_evaluations(&trainer, &dataset, &kept));
        if trainer.is_done() && lacks.is_none() {
            let lost = lost.map_or_else(String::new, |words| format!(" {words}."));
            return Err(Halt::refused(&format!(
                "The run has taken all of its {step} steps, so there is nothing left to train; evaluate it, or begin a new \
                 run.{lost} The run lies at {}",
                path.display()
            )));
        }
        warnings.extend(lost);
        warnings.extend(edited_by_hand(&trainer, &folder));
        if let Some(limit) = self.options.max_steps.filter(|&limit| step >= limit && !trainer.is_done()) {
            return Err(Halt::refused(&format!(
                "The run has taken {step} steps and shall end after {limit}; give a higher limit, or none: {}",
                path.display()
            )));
        }
        let History { steps: history, warnings: set_aside } = folder.truncate_steps(step)?;
        warnings.extend(set_aside);
        let kept = folder.truncate_evaluations(step);
        let (evaluations, set_aside) = kept.unwrap_or_else(|error| (Vec::new(), vec![sentence(error)]));
        warnings.extend(set_aside);
        let what_ifs = folder.truncate_what_ifs(step).unwrap_or_else(|error| {
            warnings.push(sentence(error));
            Vec::new()
        });
        let protocols = folder.protocols().unwrap_or_default();
        let mut recorded = record_of(&folder, &mut warnings);
        let is_to_come = |entry: &Recorded| entry.step >= step && entry.changed_key().is_some();
        let to_replay = recorded.iter().filter(|entry| is_to_come(entry)).cloned().collect();
        recorded.retain(|entry| entry.step <= step && !is_to_come(entry));
        let data = other.map(|data| self.take(data, Vec::new()));
        let recipe = trainer.recipe().clone();
        let mut begun = self.begun(trainer, folder, recipe, to_replay, events);
        let mut album = Album::default();
        if let Some(run) = &mut self.run {
            warnings.extend(run.take_up_album().unwrap_or_else(|error| vec![sentence(error)]));
            album = run.album().clone();
        }
        begun.notes.warnings.extend(warnings);
        let past = Past { history, evaluations, what_ifs, protocols, recorded, album, ..begun.past };
        Ok(RunBegun { past, lacks, data, ..begun })
    }

    pub(super) fn step_begun(&mut self, progress: &mut Progress<'_>) -> Result<(), StepFailure> {
        let run = self.run.as_mut().ok_or_else(no_run)?;
        // A step counts its own time alone.
        run.of_pages = stopwatch::take().into_iter().filter(|span| span.name == ALBUM).collect();
        run.trainer.begin_step(progress).map_err(|error| failure_of(&error))
    }

    pub(super) fn stepped(&mut self, progress: &mut Progress<'_>) -> Result<Stepped, StepFailure> {
        let run = self.run.as_mut().ok_or_else(no_run)?;
        let phase = run.trainer.phase();
        let report = run.trainer.step_watched(progress).map_err(|error| failure_of(&error))?;
        let spans = stopwatch::take().into_iter().chain(std::mem::take(&mut run.of_pages)).collect();
        let notes = run.trainer.take_notes();
        let (written, gone) = run.keep_step(&report);
        let trainer = &run.trainer;
        let every = trainer.recipe().get(training::CHECKPOINT_EVERY);
        Ok(Stepped {
            entered: (trainer.phase() != phase).then(|| (trainer.phase(), trainer.summary())),
            evaluation_due: trainer.evaluation_is_due(),
            checkpoint_due: every > 0 && trainer.steps_done().is_multiple_of(every),
            limit_reached: self.options.max_steps.is_some_and(|limit| trainer.steps_done() >= limit),
            done: trainer.is_done(),
            gone,
            report,
            spans,
            notes,
            written,
        })
    }

    /// The data set that a run is resumed on, where it is not the open one as it is: the one that the run was begun
    /// with, unless the user has chosen another since.
    fn data_to_resume(
        &self,
        folder: &RunFolder,
        progress: &mut Progress<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Data>, Halt> {
        let environment = match folder.environment() {
            Ok(environment) => environment,
            Err(error) => {
                warnings.push(sentence(error));
                Environment::default()
            }
        };
        let joined = self.joined(folder.recipe())?;
        let open = joined.as_ref().or(self.data.as_ref());
        if let Some(open) = open.filter(|data| data.chosen || data.is_of(&environment)) {
            if !open.is_of(&environment) {
                warnings.push(format!(
                    "The data set is not the one that the run was begun with ({}); its trace will differ",
                    environment.data.display()
                ));
            }
            return Ok(joined);
        }
        if environment.data.as_os_str().is_empty() {
            return Err(Halt::Failed(Failure::new(
                FailureKind::Unreadable,
                format!(
                    "The run does not say which data set it was begun with; open that one, then resume: {}",
                    folder.path().display()
                ),
            )));
        }
        let data =
            Data::open(&environment.data, self.reach(&environment.data), &Reading::of(folder.recipe()), progress)
                .map_err(|error| {
                    let Some(Failure { kind, text }) = Failure::of(&error) else { return Halt::Stopped };
                    let way_on = "The run was begun with this data set; open it from where it lies now, then resume";
                    Halt::Failed(Failure::new(kind, format!("{text}. {way_on}")))
                })?;
        warnings.extend(data.dataset.notes.iter().cloned());
        if !data.is_of(&environment) {
            warnings.push("The data set has changed since the run was begun; its trace will differ".to_owned());
        }
        Ok(Some(data))
    }
}

fn no_run() -> StepFailure {
    StepFailure::Broken(Failure::refused("No run is under way"))
}

fn failure_of(error: &TrainError) -> StepFailure {
    match Failure::of(error) {
        None => StepFailure::Stopped,
        Some(failure) if error.run_is_intact() => StepFailure::Held(failure),
        Some(failure) => StepFailure::Broken(failure),
    }
}
