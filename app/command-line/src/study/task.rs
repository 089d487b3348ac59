//! What a job of a study needs next.

use std::path::{Path, PathBuf};

use fusionscope_engine::protocol::Protocol;
use fusionscope_engine::study::{Product, Standing};

/// Work for a process.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// Find out how many steps the row's seconds come to.
    Measure,
    /// Train from the first step.
    Train,
    /// Go on with a run.
    Resume(PathBuf),
    /// Score the study's split: all subsets, or by a protocol.
    Score(PathBuf, Option<Protocol>),
    /// Make what other jobs take from a run.
    Make {
        /// The run.
        run: PathBuf,
        /// What is taken.
        product: Product,
        /// Where it is made; it gets its name once it is whole.
        part: PathBuf,
    },
}

impl Task {
    /// What comes next for a job of this standing; `lacks` tells what others miss of a run that is trained.
    pub fn of(standing: Standing, lacks: impl FnOnce(&Path) -> Option<Product>) -> Option<Self> {
        match standing {
            Standing::Missing | Standing::Stale { .. } | Standing::Unfinished { is_kept: false, .. } => {
                Some(Self::Train)
            }
            Standing::Unfinished { run, .. } => Some(Self::Resume(run)),
            Standing::Unscored { run, protocol } => Some(Self::Score(run, protocol)),
            Standing::Prepared { .. } | Standing::Done(_) => {
                let run = standing.run()?.to_owned();
                lacks(&run).map(|product| Self::Make { part: part_of(&product.path(&run)), run, product })
            }
        }
    }

    /// What it does.
    pub fn words(&self) -> String {
        match self {
            Self::Measure => "measuring a step, for its seconds".to_owned(),
            Self::Train => "training".to_owned(),
            Self::Resume(run) => format!("going on with {}", run.display()),
            Self::Score(run, None) => format!("scoring {}", run.display()),
            Self::Score(run, Some(protocol)) => format!("scoring {} by {}", run.display(), protocol.word()),
            Self::Make { run, product, .. } => {
                let what = match product {
                    Product::Teacher => "teacher",
                    Product::Encoder => "encoder",
                    Product::PseudoLabels { .. } => "pseudo-labels",
                };
                format!("making the {what} of {}", run.display())
            }
        }
    }

    /// Whether it takes steps, which a checkpoint keeps.
    pub fn trains(&self) -> bool {
        matches!(self, Self::Train | Self::Resume(_))
    }

    /// Whether this is further on than `done` was: else that was in vain.
    pub fn comes_after(&self, done: &Self) -> bool {
        let is_other = match (self, done) {
            (Self::Make { .. }, Self::Make { .. }) => self != done,
            // One after the other, in the order of their list.
            (Self::Score(_, next), Self::Score(_, done)) => next > done,
            _ => false,
        };
        self.rank() > done.rank() || is_other
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Measure => 0,
            Self::Train | Self::Resume(_) => 1,
            Self::Score(..) => 2,
            Self::Make { .. } => 3,
        }
    }

    /// Removes what killed processes have left of it.
    pub fn tidy(&self) {
        let Self::Make { run, product, .. } = self else { return };
        let path = product.path(run);
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return };
        let end = format!("-{}", name.to_string_lossy());
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') && name.ends_with(&end) {
                // What cannot be removed only takes space.
                let path = entry.path();
                let _gone = std::fs::remove_dir_all(&path).or_else(|_no_folder| std::fs::remove_file(&path));
            }
        }
    }

    /// Gives what was made its name.
    pub fn keep(&self) -> Result<(), String> {
        let Self::Make { run, product, part } = self else { return Ok(()) };
        let path = product.path(run);
        std::fs::rename(part, &path)
            .map_err(|error| format!("could not keep what was made: {error}: {}", path.display()))
    }
}

/// A name beside `path` while it is made, of this process alone: one that outlived a killed study may write still.
fn part_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{}-{name}", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_job_needs_follows_from_how_far_it_is() {
        let run = PathBuf::from("/out/a/seed-1/r");
        let unfinished = |is_kept| Standing::Unfinished { run: run.clone(), step: 1, of: 2, is_kept };
        let next = |standing| Task::of(standing, |_| None);
        assert_eq!(next(Standing::Missing), Some(Task::Train));
        assert_eq!(next(Standing::Stale { run: run.clone(), reason: String::new() }), Some(Task::Train));
        assert_eq!(next(unfinished(false)), Some(Task::Train));
        assert_eq!(next(unfinished(true)), Some(Task::Resume(run.clone())));
        for protocol in [None, Some(Protocol::Rmm)] {
            let unscored = Standing::Unscored { run: run.clone(), protocol };
            assert_eq!(next(unscored), Some(Task::Score(run.clone(), protocol)));
        }
        assert_eq!(next(Standing::Prepared { run: run.clone() }), None);
        let Some(making) = Task::of(Standing::Prepared { run }, |_| Some(Product::Encoder)) else { panic!() };
        assert!(making.words().starts_with("making the encoder of "));
    }

    #[test]
    fn only_what_is_further_on_follows() {
        let run = || PathBuf::from("/out/a/seed-1/r");
        let make = |product| Task::Make { run: run(), product, part: PathBuf::new() };
        let score = |protocol| Task::Score(run(), protocol);
        let chain = [
            Task::Measure,
            Task::Train,
            score(None),
            score(Some(Protocol::Emm)),
            score(Some(Protocol::Nm)),
            make(Product::Encoder),
        ];
        for (at, done) in chain.iter().enumerate() {
            for (later, next) in chain.iter().enumerate() {
                assert_eq!(next.comes_after(done), later > at, "{done:?}, {next:?}");
            }
        }
        assert!(!Task::Resume(run()).comes_after(&Task::Train) && !Task::Train.comes_after(&Task::Resume(run())));
        let labels = make(Product::PseudoLabels { sensor: None, min_confidence: 0.0 });
        assert!(labels.comes_after(&chain[5]) && chain[5].comes_after(&labels) && !labels.comes_after(&labels));
    }

    #[test]
    fn what_is_made_has_its_name_once_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("r");
        let standing = Standing::Prepared { run: run.clone() };
        let task = Task::of(standing, |_| Some(Product::Encoder)).unwrap();
        let Task::Make { part, .. } = &task else { panic!("{task:?}") };
        let of_another = folder.path().join(".1-r-encoder.safetensors");
        std::fs::write(part, "half").unwrap();
        std::fs::create_dir(&of_another).unwrap();
        task.tidy();
        assert!(!part.exists() && !of_another.exists() && !Product::Encoder.is_made(&run));
        std::fs::write(part, "whole").unwrap();
        task.keep().unwrap();
        assert!(!part.exists() && Product::Encoder.is_made(&run));
        assert!(task.keep().unwrap_err().contains("could not keep"));
    }
}
