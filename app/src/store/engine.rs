//! What the window knows of its engine as such: where it is, and what was under way when it went.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fusionscope_engine::protocol::{Failure, SessionState};

use super::line::Line;
use crate::link::ssh::Remote;
use crate::link::{Place, Seat};

/// What is known of the engine.
#[derive(Debug)]
pub struct EngineStore {
    /// Where it is.
    pub seat: Seat,
    /// Whether there is somebody who starts others.
    pub can_move: bool,
    /// Where it shall be as soon as what is under way has ended, and the run that shall go on there.
    pub moves_to: Option<(Seat, Option<Held>)>,
    /// The line to it, where it is on another machine.
    pub line: Line,
    /// Its process there.
    pub process: Option<u32>,
    /// The machines that the user's SSH configuration names.
    pub machines: Vec<String>,
    /// Machines that it was on, by their names.
    pub remotes: BTreeMap<String, Remote>,
    /// What became of it, where it is gone.
    pub lost: Option<Lost>,
    /// What a failing device has left of a run, where the engine itself is there.
    pub broken: Option<Lost>,
    /// The run that is under way, where one is; its evaluations belong to it.
    pub(super) run: Option<Held>,
    /// A data set whose manifest may read files outside of its folder, as the user has said.
    pub trusted: Option<PathBuf>,
    /// A run was told to go on and has not done so yet.
    pub resumes: bool,
}

/// An engine that is gone, or whose device has failed, and what it leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// What happened.
    pub failure: Failure,
    /// What it wrote to standard error last.
    pub last_words: Vec<String>,
    /// What was open there.
    pub work: Work,
}

/// What an engine has open, so that another one can take it up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// The folder of the data set.
    pub data: Option<PathBuf>,
    /// The run folder, or the packed model.
    pub network: Option<PathBuf>,
    /// Whether the run was under way, and whether it was held.
    pub run: Option<Held>,
    /// The step of its newest checkpoint.
    pub checkpoint: Option<u64>,
    /// The network beside the one in view.
    pub beside: Option<PathBuf>,
}

/// Whether a run that was under way was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held(pub bool);

/// What can be done about an engine that is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recovery {
    /// Start it again where it was, and go on from the newest checkpoint.
    #[default]
    GoOn,
    /// Go on from there on the processor, which needs no driver and none of its memory.
    OnProcessor,
    /// Begin anew with half as many scenes in a step.
    SmallerBatch,
    /// Go on from there in this process.
    Here,
}

impl Recovery {
    /// Every way, the best first.
    pub const ALL: [Self; 4] = [Self::GoOn, Self::SmallerBatch, Self::OnProcessor, Self::Here];
}

impl Default for EngineStore {
    fn default() -> Self {
        Self {
            seat: Seat::at(Place::Here),
            can_move: false,
            moves_to: None,
            line: Line::default(),
            process: None,
            machines: Vec::new(),
            remotes: BTreeMap::new(),
            lost: None,
            broken: None,
            run: None,
            trusted: None,
            resumes: false,
        }
    }
}

impl EngineStore {
    /// Whether it is on another machine, whose files are not those of this one.
    pub fn is_afar(&self) -> bool {
        self.seat.place.remote().is_some()
    }

    /// What can be taken up by another engine, since this one is gone or its device has failed.
    pub fn to_recover(&self) -> Option<&Lost> {
        self.lost.as_ref().or(self.broken.as_ref())
    }

    /// Follows what is under way.
    pub(super) fn follow(&mut self, state: &SessionState) {
        self.resumes &= matches!(state, SessionState::Idle | SessionState::Preparing { .. });
        self.run = match state {
            SessionState::Training => Some(Held(false)),
            SessionState::Paused => Some(Held(true)),
            SessionState::Preparing { .. } | SessionState::Evaluating { .. } => self.run,
            SessionState::Idle | SessionState::Finished | SessionState::Stopped { .. } | SessionState::Failed(_) => {
                None
            }
        };
    }
}
