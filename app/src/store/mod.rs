//! What the app remembers: everything the session has told, and what the user is looking at.
//!
//! Panes read it; only [`Store::apply`] and the workbench's action handler change it.

mod alert;
mod anew;
mod beside;
mod classes;
pub mod curves;
pub mod embedding;
mod engine;
mod figured;
mod findings;
pub mod gallery;
mod history;
mod hover;
mod idle;
mod intake;
mod learning;
mod lesson;
mod line;
pub mod log;
mod losing;
pub mod metrics;
mod pinned;
mod recipes;
mod revised;
mod robustness;
mod scene;
mod sensors;
pub mod shelf;
mod sounded;
mod standing;
mod step_secs;
pub mod study;
mod supposed_row;
mod supposing;
mod telling;
#[cfg(test)]
mod tests;
mod time;

use std::path::PathBuf;
use std::time::Instant;

use fusionscope_engine::protocol::{
    DatasetSummary, EmbeddingRequest, Failure, NetworkSummary, SessionState, SplitSummary, TimeReport,
};
use fusionscope_engine::recipe::{FIRST_RECIPE, Recipe, preset};

use crate::look::TextSize;

pub use self::alert::{Alert, Cause};
pub use self::classes::ClassesOf;
pub use self::curves::Curves;
pub use self::embedding::EmbeddingStore;
pub use self::engine::{EngineStore, Held, Lost, Recovery, Work};
pub use self::figured::Figured;
use self::findings::Check;
pub use self::findings::Findings;
pub use self::gallery::Gallery;
pub use self::history::{History, Undone, Way};
pub use self::hover::Buffered;
pub use self::idle::Idle;
pub use self::lesson::{LessonPlace, LessonStore, Looks};
pub use self::line::Line;
pub use self::log::Log;
pub use self::metrics::Metrics;
pub use self::revised::Revised;
pub use self::robustness::Robustness;
pub use self::scene::{AS_ASKED, Outline, Pixel, SceneStore, Shown};
pub use self::shelf::Shelf;
pub use self::sounded::Sounded;
pub use self::study::StudyStore;
pub use self::supposing::{Supposing, Tool};
pub use self::time::{Pins, Time};

/// Everything the window knows.
#[derive(Debug)]
pub struct Store {
    /// Where the session stands.
    pub state: SessionState,
    /// The newest warning or error, while its cause lasts and the user has not put it away.
    pub alert: Option<Alert>,
    /// The data set folder that was last asked for, until it is open or refused.
    pub asked_data: Option<PathBuf>,
    /// A data set folder that was not opened because its manifest reads files outside of it.
    pub untrusted: Option<PathBuf>,
    /// When the window opened.
    pub opened: Instant,
    /// When the state last changed in kind.
    pub state_since: Instant,
    /// Where the sample data lies, as the window found it when it opened.
    pub sample_data: Option<PathBuf>,
    /// Where the demo model lies, as the window found it when it opened.
    pub demo_model: Option<PathBuf>,
    /// The packed model in view; `None` where it is a run's network.
    pub model: Option<PathBuf>,
    /// The open data set.
    pub dataset: Option<DatasetSummary>,
    /// The recipe as edited: what the next run will use.
    pub recipe: Revised<Recipe>,
    /// What the recipe was before it was edited: the preset or the file.
    pub origin: Revised<Recipe>,
    /// The recipe of the current run or opened checkpoint.
    pub in_force: Revised<Option<Recipe>>,
    /// The network that was built or opened.
    pub network: Option<NetworkSummary>,
    /// The run folder.
    pub run: Option<PathBuf>,
    /// When that run was begun, resumed or opened.
    pub run_since: Option<Instant>,
    /// The name of the recipe that the steps of the curves were taken with. The one in force is another as soon as one is
    /// taken for the next run.
    pub trained: Option<String>,
    /// The step of the newest checkpoint.
    pub checkpoint: Option<u64>,
    /// Why the run that has ended lies in memory alone, where it does.
    pub unsaved: Option<Failure>,
    /// The device in words.
    pub device: String,
    /// Figures over steps.
    pub curves: Curves,
    /// Evaluations.
    pub metrics: Metrics,
    /// What protocols have found.
    pub robustness: Robustness,
    /// Sentences.
    pub log: Log,
    /// Layouts of features.
    pub embedding: EmbeddingStore,
    /// The engine as such.
    pub engine: EngineStore,
    /// The run that is copied from the engine's machine, with the bytes that have come and those of all its files.
    pub fetched: Option<(PathBuf, u64, u64)>,
    /// The open study.
    pub study: StudyStore,
    /// All runs below the user's folders.
    pub shelf: Shelf,
    /// The lesson in hand.
    pub lesson: LessonStore,
    /// The scene in view.
    pub scene: SceneStore,
    /// The pinned scenes, for a figure that is about to be written.
    pub figured: Figured,
    /// All scenes of the data set at a glance.
    pub gallery: Gallery,
    /// What can be taken back.
    pub history: History,
    /// Where the time of the last steps went.
    pub times: Option<TimeReport>,
    /// The share of the worker's time that live pictures may take.
    pub view_budget: f32,
    /// Scenes of the open data set of which runs keep pages.
    pub pins: Pins,
    /// Whether runs that begin write event files for TensorBoard.
    pub writes_events: bool,
    /// Whether nothing shall move by itself.
    pub reduced_motion: bool,
    /// How large everything is drawn.
    pub text_size: TextSize,
    /// Whether the worker has ended.
    pub ended: bool,
    /// Of which run steps were taken while the window was open, and with which data.
    timed: Option<(Option<PathBuf>, Option<PathBuf>)>,
    check: Check,
}

impl Default for Store {
    fn default() -> Self {
        let recipe = preset(FIRST_RECIPE).unwrap_or_else(|_broken| Recipe::defaults("recipe"));
        Self {
            state: SessionState::Idle,
            alert: None,
            asked_data: None,
            untrusted: None,
            opened: Instant::now(),
            state_since: Instant::now(),
            sample_data: None,
            demo_model: None,
            model: None,
            dataset: None,
            origin: Revised::new(recipe.clone()),
            recipe: Revised::new(recipe),
            in_force: Revised::default(),
            network: None,
            run: None,
            run_since: None,
            trained: None,
            checkpoint: None,
            unsaved: None,
            device: String::new(),
            curves: Curves::default(),
            metrics: Metrics::default(),
            robustness: Robustness::default(),
            log: Log::default(),
            engine: EngineStore::default(),
            fetched: None,
            study: StudyStore::default(),
            lesson: LessonStore::default(),
            scene: SceneStore::default(),
            figured: Figured::default(),
            embedding: EmbeddingStore::default(),
            shelf: Shelf::default(),
            gallery: Gallery::default(),
            history: History::default(),
            times: None,
            view_budget: 0.1,
            pins: Pins::default(),
            writes_events: false,
            reduced_motion: false,
            text_size: TextSize::default(),
            ended: false,
            timed: None,
            check: Check::default(),
        }
    }
}

impl Store {
    /// Puts the message of an action away that could not be done.
    pub fn settle_action(&mut self) {
        self.alert.take_if(|alert| alert.is_of_an_action());
    }

    /// The split in view.
    pub fn split(&self) -> Option<&SplitSummary> {
        self.dataset.as_ref()?.splits.iter().find(|split| split.name == self.scene.split)
    }

    /// How many scenes the split in view has.
    pub fn scene_count(&self) -> usize {
        self.split().map_or(0, |split| split.ids.len())
    }

    /// How many scenes all splits have.
    pub fn all_scenes(&self) -> usize {
        self.dataset.iter().flat_map(|dataset| &dataset.splits).map(|split| split.ids.len()).sum()
    }

    /// Shows another scene of the split; behind the last one comes the first.
    pub fn turn_scene(&mut self, by: isize) {
        let count = self.scene_count() as isize;
        if count > 0 {
            self.scene.index = (self.scene.index as isize + by).rem_euclid(count) as usize;
        }
    }

    /// Shows a scene, the last one of the split where it has fewer.
    pub fn show_scene(&mut self, split: String, index: usize) {
        self.scene.split = split;
        self.scene.index = index.min(self.scene_count().saturating_sub(1));
    }

    /// Features of so many pixels of the first scenes of the split in view, for the first layout.
    pub fn embedding_request(&self, features: &str, points: usize) -> EmbeddingRequest {
        EmbeddingRequest {
            features: features.to_owned(),
            split: self.scene.split.clone(),
            scenes: (0..embedding::FIRST_SCENES.min(self.scene_count())).collect(),
            points,
            seed: 1,
            ..EmbeddingRequest::default()
        }
    }

    /// Whether something can be taken back.
    pub fn can_undo(&self) -> bool {
        !self.history.is_empty(Way::Back)
    }

    /// Whether something that was taken back can be done again.
    pub fn can_redo(&self) -> bool {
        !self.history.is_empty(Way::Forth)
    }
}
