//! The line to whoever carries out studies and looks at their runs. Nothing in here waits.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::study::{Job, Standing, StepSecs, Study, Table};

/// What is asked of them.
#[derive(Clone, Debug, PartialEq)]
pub enum StudyOrder {
    /// Read a study, one that comes with the program or a file, and follow its runs from now on.
    Open(PathBuf),
    /// Train the open study on this data set in place of the one that it names; on that again where `None`.
    UseData(Option<PathBuf>),
    /// Follow none any more. What carries it out goes on.
    Close,
    /// Carry the open study out, so many runs at once.
    Start {
        /// How many.
        jobs: u16,
        /// Whether what another build or version of the program has made is trained anew.
        retrains: bool,
    },
    /// Stop carrying it out, with a checkpoint of every run.
    Stop,
    /// Take a few steps of this recipe, to know how long one takes.
    Measure {
        /// What is trained.
        recipe: Box<Recipe>,
        /// On which data set; the sample data where `None`.
        data: Option<PathBuf>,
    },
}

/// What they have to say.
#[derive(Clone, Debug)]
pub enum StudyNews {
    /// How the runs of the open study stand now.
    Seen(Arc<StudyView>),
    /// A study could not be opened, and why.
    Refused(String),
    /// How long a step takes, or why that could not be measured.
    Measured(Result<StepSecs, String>),
    /// Something that was asked for could not be done, and why.
    Undone(String),
}

/// A study with its runs as they stand.
#[derive(Clone, Debug)]
pub struct StudyView {
    /// The name or file that it was opened by.
    pub asked: PathBuf,
    /// The study.
    pub study: Arc<Study>,
    /// The data set in place of the one that the study names.
    pub data: Option<PathBuf>,
    /// The folder of its runs.
    pub out: PathBuf,
    /// How each run stands, in the order of [`Study::jobs`].
    pub standings: Vec<(Job, Standing)>,
    /// The figures of what is done.
    pub table: Table,
    /// Who carries it out.
    pub carrier: Carrier,
    /// The runs that are worked on, as far as whoever carries it out tells.
    pub working: HashSet<Job>,
    /// Why runs could not be done, as was told last of each.
    pub failed: HashMap<Job, String>,
    /// How many runs another build or version of the program has made.
    pub made_by_others: usize,
    /// Why this is not what the study's file says now, where it has been changed.
    pub outdated: Option<String>,
    /// Why the study came to its end before all was done, where it was no one's wish.
    pub ended: Option<String>,
}

impl StudyView {
    /// The runs of a row of the table, by its name, with how each stands.
    pub fn runs_of<'a>(&'a self, row: &'a str) -> impl Iterator<Item = &'a (Job, Standing)> {
        self.standings.iter().filter(move |(job, _)| self.study.rows[job.row].name == row)
    }
}

/// Who carries a study out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Carrier {
    /// Nobody.
    #[default]
    Nobody,
    /// A process that this window has started.
    Ours,
    /// Another program: a terminal, or one that an earlier window left at work.
    Another,
}

/// What the window needs of them.
pub trait Studies {
    /// Hands an order over; returns at once, with a sentence when it could not be handed over.
    fn send(&mut self, order: StudyOrder) -> Result<(), String>;

    /// Everything that is new since the last call, oldest first.
    fn news(&mut self) -> Vec<StudyNews>;
}

/// Nobody, for windows that only show.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStudies;

impl Studies for NoStudies {
    fn send(&mut self, _order: StudyOrder) -> Result<(), String> {
        Err("Studies cannot be carried out from here".to_owned())
    }

    fn news(&mut self) -> Vec<StudyNews> {
        Vec::new()
    }
}
