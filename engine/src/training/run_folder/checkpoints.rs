//! The checkpoints of a run: `checkpoints/step-N/`.

use std::fs;
use std::path::PathBuf;

use super::{CHECKPOINTS, RunFolder};
use crate::files::remove_entry;
use crate::progress::{Progress, unwatched};
use crate::training::checkpoint::{Checkpoint, aside_name};
use crate::training::error::RunError;

impl RunFolder {
    /// Writes a checkpoint, then removes all but the newest `keep`. Older ones stay until the new one is in place.
    ///
    /// Fails where the folder stands no longer in its place: a checkpoint without the run's recipe could not be opened.
    pub fn save_checkpoint(&mut self, checkpoint: &Checkpoint, keep: usize) -> Result<PathBuf, RunError> {
        self.in_place()?;
        self.sync_steps()?;
        self.refuse_link(CHECKPOINTS)?;
        let all = self.path.join(CHECKPOINTS);
        let folder = all.join(format!("step-{}", checkpoint.state.step));
        self.making(&[&all, &folder, &aside_name(&folder)], |_| checkpoint.write(&folder))?;
        for (_, old) in self.checkpoints().into_iter().skip(keep.max(1)).filter(|(_, old)| *old != folder) {
            // One that cannot be removed only takes space.
            let _gone = remove_entry(&old);
        }
        Ok(folder)
    }

    /// Steps and folders of all checkpoints, newest first, whole or not. One that was set aside and never replaced,
    /// because the program was killed in between, counts where it stands.
    pub fn checkpoints(&self) -> Vec<(u64, PathBuf)> {
        let folder = self.path.join(CHECKPOINTS);
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut found: Vec<(u64, PathBuf)> = entries
            .filter_map(|entry| {
                let name = entry.file_name();
                let name = name.to_str()?;
                if let Some(step) = name.strip_prefix("step-") {
                    return Some((step.parse().ok()?, entry.path()));
                }
                let place = folder.join(name.strip_prefix('.')?.strip_suffix(".old")?);
                let step = place.file_name()?.to_str()?.strip_prefix("step-")?.parse().ok()?;
                (!place.exists() && aside_name(&place) == entry.path()).then(|| (step, entry.path()))
            })
            .collect();
        found.sort_unstable();
        found.reverse();
        found
    }

    /// The newest whole checkpoint, and a warning for each newer one that is not whole.
    ///
    /// A checkpoint of another recipe or of a newer program is an error: taking an older one instead would lose work
    /// unseen.
    pub fn newest_checkpoint(&self) -> Result<(Option<Checkpoint>, Vec<String>), RunError> {
        self.newest_checkpoint_watched(&mut unwatched)
    }

    /// [`RunFolder::newest_checkpoint`] that `progress` may end.
    pub fn newest_checkpoint_watched(
        &self,
        progress: &mut Progress<'_>,
    ) -> Result<(Option<Checkpoint>, Vec<String>), RunError> {
        let mut warnings = Vec::new();
        for (_, folder) in self.checkpoints() {
            match Checkpoint::read(&folder, &self.recipe, progress) {
                Ok(checkpoint) => return Ok((Some(checkpoint), warnings)),
                Err(error @ (RunError::Damaged { .. } | RunError::Unreadable { .. })) => {
                    warnings.push(format!("Ignored a checkpoint: {error}"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok((None, warnings))
    }
}
