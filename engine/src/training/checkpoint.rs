//! One checkpoint: everything a run needs to go on bit for bit, in a folder that is there whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::RunError;
use super::loss_scale::LossScale;
use super::model_card::ModelCard;
use super::summed::{is_unchanged, with_sum};
use super::tensor_file::{Tensors, bytes_from_tensors, tensors_from_bytes};
use crate::files::{is_taken, partial_name, read_regular, remove_entry, sum_of, sync_folder, write_synced};
use crate::progress::{Progress, disk};
use crate::protocol::Phase;
use crate::recipe::{Change, Recipe};

/// The newest checkpoint format that this program reads; it writes this one.
const VERSION: u32 = 1;

const STATE: &str = "state.json";
const WEIGHTS: &str = "weights.safetensors";
const OPTIMISER: &str = "optimiser.safetensors";
const TEACHER: &str = "teacher.safetensors";
const CARRIED: &str = "carried.safetensors";

/// The counters of a run and the sums of the files beside them: `state.json`, written last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckpointState {
    /// The format.
    pub version: u32,
    /// The program's version.
    pub program: String,
    /// Steps done in all phases; the loader and every random stream continue from it.
    pub step: u64,
    /// The phase that the next step belongs to.
    pub phase: Phase,
    /// Steps done in that phase.
    pub phase_step: u64,
    /// Steps of the teacher phase; 0 where there is none.
    pub teacher_steps: u64,
    /// Steps of the student phase.
    pub student_steps: u64,
    /// Steps of the adaptation phase; 0 where there is none.
    #[serde(default)]
    pub adaptation_steps: u64,
    /// What the next step's loss is multiplied by, where it is taken in mixed precision.
    #[serde(default)]
    pub loss_scale: LossScale,
    /// The recipe in force, live changes included.
    pub recipe: String,
    /// Length and sum of each file.
    pub files: BTreeMap<String, FileSum>,
}

/// What a file must look like to be whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSum {
    bytes: u64,
    sum: String,
}

/// A checkpoint in memory.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Counters and recipe.
    pub state: CheckpointState,
    /// What the network is.
    pub card: ModelCard,
    /// Parameters and running statistics of the network in training.
    pub network: Tensors,
    /// The frozen teacher, where there is one.
    pub teacher: Option<(ModelCard, Tensors)>,
    /// The optimiser's memory.
    pub optimiser: Tensors,
    /// What else is carried from step to step; often nothing.
    pub carried: Tensors,
}

impl Checkpoint {
    /// Writes the checkpoint to `folder`, replacing what stood there only once everything is on the disk.
    pub(super) fn write(&self, folder: &Path) -> Result<(), RunError> {
        let partial = partial_name(folder);
        self.write_files(&partial).and_then(|()| put_in_place(&partial, folder)).map_err(|error| {
            // The half-written folder only takes space; older checkpoints are untouched.
            let _gone = remove_entry(&partial);
            RunError::unwritable("the checkpoint", &error, folder)
        })
    }

    fn write_files(&self, partial: &Path) -> io::Result<()> {
        // Left behind by a kill.
        remove_entry(partial)?;
        if let Some(all) = partial.parent().filter(|all| !all.exists()) {
            // Never the run's own folder: what lay in it would be missing.
            fs::create_dir(all)?;
        }
        fs::create_dir(partial)?;
        let mut state = CheckpointState {
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            files: BTreeMap::new(),
            ..self.state.clone()
        };
        let mut files =
            vec![(WEIGHTS, &self.network, self.card.to_json()), (OPTIMISER, &self.optimiser, String::new())];
        if let Some((card, tensors)) = &self.teacher {
            files.push((TEACHER, tensors, card.to_json()));
        }
        if !self.carried.is_empty() {
            files.push((CARRIED, &self.carried, String::new()));
        }
        for (name, tensors, text) in files {
            let bytes = bytes_from_tensors(tensors, &text).map_err(io::Error::other)?;
            write_synced(&partial.join(name), &bytes)?;
            state.files.insert(name.to_owned(), FileSum::of(&bytes));
        }
        write_synced(&partial.join(STATE), with_sum(&serde_json::to_string_pretty(&state)?, 0).as_bytes())?;
        sync_folder(partial)
    }

    /// Reads a checkpoint and checks that it is whole and belongs to `recipe`; `progress` may end it.
    pub(super) fn read(folder: &Path, recipe: &Recipe, progress: &mut Progress<'_>) -> Result<Self, RunError> {
        let state_path = folder.join(STATE);
        let bytes = read_regular(&state_path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => RunError::damaged("checkpoint", "it has no state.json", folder),
            _ => RunError::unreadable("the checkpoint", &error, &state_path),
        })?;
        if !is_unchanged(&bytes, 0) {
            return Err(RunError::damaged("checkpoint", format!("{STATE} was changed after it was written"), folder));
        }
        check_version(&bytes, &state_path)?;
        let state: CheckpointState = serde_json::from_slice(&bytes)
            .map_err(|error| RunError::damaged("checkpoint", format!("state.json: {error}"), folder))?;
        check_recipe(&state, recipe, folder)?;
        let (network, card) = read_tensors(folder, WEIGHTS, &state, progress)?;
        let (optimiser, _) = read_tensors(folder, OPTIMISER, &state, progress)?;
        let teacher = if state.files.contains_key(TEACHER) {
            let (tensors, card) = read_tensors(folder, TEACHER, &state, progress)?;
            Some((ModelCard::from_json(&card, &folder.join(TEACHER))?, tensors))
        } else {
            None
        };
        let carried = if state.files.contains_key(CARRIED) {
            read_tensors(folder, CARRIED, &state, progress)?.0
        } else {
            Tensors::new()
        };
        let card = ModelCard::from_json(&card, &folder.join(WEIGHTS))?;
        Ok(Self { state, card, network, teacher, optimiser, carried })
    }
}

impl FileSum {
    fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, sum: format!("{:016x}", sum_of(bytes)) }
    }
}

/// A newer format may have any shape, so its version is looked at before anything else.
fn check_version(bytes: &[u8], path: &Path) -> Result<(), RunError> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    match serde_json::from_slice::<Version>(bytes) {
        Ok(Version { version }) if version > VERSION => Err(RunError::NewerVersion {
            what: "the checkpoint".to_owned(),
            found: version,
            supported: VERSION,
            path: path.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Structural settings must be those of the run; live ones may have changed on the way.
fn check_recipe(state: &CheckpointState, recipe: &Recipe, folder: &Path) -> Result<(), RunError> {
    let own = Recipe::from_toml(&state.recipe, &recipe.name)
        .map_err(|error| RunError::damaged("checkpoint", format!("its recipe: {error}"), folder))?;
    match own.differences(recipe).into_iter().find(|difference| difference.change == Change::Structural) {
        None => Ok(()),
        Some(difference) => Err(RunError::OtherRecipe {
            key: difference.key.to_owned(),
            found: difference.ours.to_string(),
            expected: difference.theirs.to_string(),
            path: folder.to_owned(),
        }),
    }
}

fn read_tensors(
    folder: &Path,
    name: &str,
    state: &CheckpointState,
    progress: &mut Progress<'_>,
) -> Result<(Tensors, String), RunError> {
    let path = folder.join(name);
    let expected = state
        .files
        .get(name)
        .ok_or_else(|| RunError::damaged("checkpoint", format!("state.json does not list {name}"), folder))?;
    let bytes = disk::read_large(&path, "Reading the checkpoint", progress)?;
    let bytes = bytes.map_err(|error| RunError::damaged("checkpoint", format!("{name}: {error}"), folder))?;
    let found = FileSum::of(&bytes);
    if found.bytes != expected.bytes {
        let reason = format!("{name} has {} bytes, expected {}", found.bytes, expected.bytes);
        return Err(RunError::damaged("checkpoint", reason, folder));
    }
    if found.sum != expected.sum {
        return Err(RunError::damaged("checkpoint", format!("{name} was changed after it was written"), folder));
    }
    tensors_from_bytes(&bytes).map_err(|reason| RunError::damaged("checkpoint", format!("{name}: {reason}"), folder))
}

/// Where a checkpoint stands while another takes its place. One that is found there alone is whole: the program was
/// killed between two renames.
pub(super) fn aside_name(folder: &Path) -> PathBuf {
    partial_name(folder).with_extension("old")
}

/// Renames the finished folder into place; one that stood there is set aside first and removed afterwards.
fn put_in_place(partial: &Path, folder: &Path) -> io::Result<()> {
    let aside = aside_name(folder);
    if is_taken(folder)? {
        // Left behind by a kill after the second rename.
        remove_entry(&aside)?;
        fs::rename(folder, &aside)?;
    }
    fs::rename(partial, folder)?;
    folder.parent().map_or(Ok(()), sync_folder)?;
    remove_entry(&aside)
}
