//! The loop, the optimiser, schedules, checkpoints and run folders.

mod build;
mod checkpoint;
mod dropping;
mod environment;
mod error;
mod language;
mod lengths;
mod loss_scale;
mod model_card;
mod model_file;
mod optimiser;
mod run_folder;
mod running;
mod schedule;
mod setup;
mod summed;
mod teacher;
mod tensor_file;
mod trainer;

pub use self::checkpoint::{Checkpoint, CheckpointState, FileSum};
pub use self::environment::{Environment, data_sum};
pub use self::error::{RunError, TrainError};
pub use self::lengths::{Lengths, Phases};
pub use self::loss_scale::LossScale;
pub use self::model_card::ModelCard;
pub use self::model_file::{export_encoder, export_model, open_model, open_model_watched, open_teacher};
pub use self::optimiser::{Optimiser, OptimiserError, UpdateSettings};
pub use self::run_folder::card::KnownRun;
pub(crate) use self::run_folder::changes_in;
pub use self::run_folder::finder::Finder;
pub use self::run_folder::{History, Page, RunFolder, RunStamps, wall_secs};
pub use self::schedule::{PhaseLength, learning_rate_at};
pub use self::trainer::{Trainer, name_files_from_the_root, network_summary};

#[cfg(test)]
mod adaptation_tests;
#[cfg(test)]
mod amdanet_tests;
#[cfg(test)]
mod combination_tests;
#[cfg(test)]
mod device_tests;
#[cfg(test)]
mod figure_tests;
#[cfg(test)]
mod live_switch_tests;
#[cfg(test)]
mod option_tests;
#[cfg(test)]
mod parity_tests;
#[cfg(test)]
mod student_tests;
#[cfg(test)]
mod trainer_tests;
