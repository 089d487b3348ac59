//! What the app remembers: everything the session has told, and what the user is looking at.
//!
//! Panes read it; only [`Store::apply`] and the workbench's action handler change it.

mod alert;
mod classes;
pub mod curves;
pub mod embedding;
mod findings;
mod history;
mod hover;
mod idle;
pub mod log;
pub mod metrics;
mod revised;
mod scene;
mod telling;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use egui::Color32;
use fusionscope_engine::protocol::{
    DatasetSummary, EmbeddingView, Event, Failure, FailureKind, Level, ModalitySummary, NetworkSummary, Phase,
    SceneView, SessionState, SplitSummary, Subject, TimeReport,
};
use fusionscope_engine::recipe::catalogue::sensors;
use fusionscope_engine::recipe::{FIRST_RECIPE, Recipe, preset};

use crate::look::{self, TextSize, Tokens};

pub use self::alert::{Alert, Cause};
pub use self::classes::ClassesOf;
pub use self::curves::Curves;
pub use self::embedding::EmbeddingStore;
use self::embedding::Origin;
use self::findings::Check;
pub use self::findings::Findings;
pub use self::history::{History, Undone, Way};
pub use self::hover::Buffered;
pub use self::idle::Idle;
pub use self::log::Log;
pub use self::metrics::Metrics;
pub use self::revised::Revised;
pub use self::scene::{AS_ASKED, Pixel, SceneStore, Shown};

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
    /// Sentences.
    pub log: Log,
    /// Layouts of features.
    pub embedding: EmbeddingStore,
    /// The scene in view.
    pub scene: SceneStore,
    /// What can be taken back.
    pub history: History,
    /// Where the time of the last steps went.
    pub times: Option<TimeReport>,
    /// The share of the worker's time that live pictures may take.
    pub view_budget: f32,
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
            checkpoint: None,
            unsaved: None,
            device: String::new(),
            curves: Curves::default(),
            metrics: Metrics::default(),
            log: Log::default(),
            scene: SceneStore::default(),
            embedding: EmbeddingStore::default(),
            history: History::default(),
            times: None,
            view_budget: 0.1,
            reduced_motion: false,
            text_size: TextSize::default(),
            ended: false,
            timed: None,
            check: Check::default(),
        }
    }
}

impl Store {
    /// Takes in one event. Pictures are fetched by the workbench, which alone can reach their slots.
    pub fn apply(&mut self, event: Event) {
        self.alert.take_if(|alert| alert.is_settled_by(&event));
        match event {
            Event::State(state) => self.enter(state),
            Event::Dataset(dataset) => self.open_dataset(dataset),
            Event::Recipe(recipe) => self.take_recipe(recipe),
            Event::Network(network) => {
                self.device.clone_from(&network.device);
                self.scene.dropped.retain(|name| network.sensors.contains(name));
                self.network = Some(network);
                self.scene.stale = true;
            }
            Event::Run { path, checkpoint } => {
                self.open_run(Some(path));
                self.checkpoint = checkpoint;
            }
            Event::Model { path } => {
                self.open_run(None);
                self.model = Some(path);
            }
            Event::Steps(reports) => {
                if self.state == SessionState::Training {
                    self.timed = Some((self.run.clone(), self.dataset.as_ref().map(|dataset| dataset.path.clone())));
                }
                self.curves.push_steps(&reports);
            }
            Event::Times(report) => self.times = Some(report),
            Event::Recorded(entries) => {
                self.tell_recorded(&entries);
                self.curves.push_recorded(&entries);
            }
            Event::Changed(changes) => self.curves.set_changes(changes),
            Event::Evaluation(report) => {
                self.tell_evaluation(&report);
                self.curves.push_evaluation(&report);
                self.metrics.push(report);
            }
            Event::Checkpoint { step, path } => {
                self.checkpoint = Some(step);
                self.say(Level::Info, format!("Checkpoint of step {step} written to {}", path.display()));
            }
            Event::ViewReady { .. } => {}
            Event::Unsaved(unsaved) => self.unsaved = unsaved,
            // The workbench asks what is to be done.
            Event::DataGone { path, failure } => {
                if failure.kind == FailureKind::Untrusted {
                    self.untrusted = Some(path.clone());
                }
                let at = if path.as_os_str().is_empty() { String::new() } else { format!(": {}", path.display()) };
                let text = format!("The run's data set could not be opened: {}{at}", failure.text);
                self.tell(Cause::Told(Subject::Data), Level::Error, text);
            }
            Event::Runs { .. } => {}
            Event::Failure { about, failure } => {
                if about == Subject::Data {
                    self.untrusted = self.asked_data.take().filter(|_| failure.kind == FailureKind::Untrusted);
                }
                self.tell(Cause::Told(about), Level::Error, failure.text);
            }
            Event::Notice { about, level, text } => self.tell(Cause::Told(about), level, text),
            Event::Ended => self.ended = true,
        }
    }

    /// Takes in the pictures of a view.
    pub fn take_pictures(&mut self, view: Arc<SceneView>) {
        let is_whole = view.lack.is_none();
        if self.scene.take(view) && is_whole {
            self.alert.take_if(|alert| alert.cause == Cause::Told(Subject::View));
        }
    }

    /// Takes in how the layout of a slot stands.
    pub fn take_layout(&mut self, slot: usize, view: Option<Arc<EmbeddingView>>) {
        let is_known =
            |view: &Arc<EmbeddingView>| self.embedding.shown(slot).is_some_and(|before| Arc::ptr_eq(before, view));
        if view.as_ref().is_some_and(|view| !is_known(view)) {
            self.alert.take_if(|alert| alert.cause == Cause::Told(Subject::Layout));
        }
        self.embedding.take(slot, view);
    }

    /// The n-th sensor of the data set.
    pub fn sensor(&self, place: usize) -> Option<&ModalitySummary> {
        self.dataset.as_ref()?.modalities.get(place)
    }

    /// The kind of the sensor with this name; empty where there is none.
    pub fn sensor_kind(&self, name: &str) -> &str {
        self.dataset
            .as_ref()
            .and_then(|dataset| dataset.modalities.iter().find(|sensor| sensor.name == name))
            .map_or("", |sensor| sensor.kind.as_str())
    }

    /// The sensors of the open data set.
    pub fn sensors(&self) -> &[ModalitySummary] {
        self.dataset.as_ref().map_or(&[], |dataset| dataset.modalities.as_slice())
    }

    /// The hue of the sensor, or head, with this name; neutral for the fused one.
    pub fn hue(&self, tokens: &Tokens, name: &str) -> Color32 {
        tokens.sensor_named(name, self.sensors()).unwrap_or(tokens.fused)
    }

    /// Whether the network, or the recipe where none is built yet, takes this sensor.
    pub fn uses_sensor(&self, name: &str) -> bool {
        let is_there = |sensor: &String| !self.sensor_kind(sensor).is_empty();
        if let Some(network) = self.network.as_ref().filter(|network| network.sensors.iter().all(is_there)) {
            return network.sensors.iter().any(|sensor| sensor == name);
        }
        self.recipe_uses(name)
    }

    /// Whether the recipe's next run takes this sensor.
    fn recipe_uses(&self, name: &str) -> bool {
        let named = self.recipe.get(sensors::USE);
        if named.is_empty() {
            let first_two = self.dataset.iter().flat_map(|dataset| dataset.modalities.iter().take(2));
            first_two.into_iter().any(|sensor| sensor.name == name)
        } else {
            named.iter().any(|sensor| sensor == name)
        }
    }

    /// Whether a sensor sits out the teacher phase of the run in hand, to join in the student phase.
    pub fn joins_later(&self, name: &str) -> bool {
        let is_teacher = self.curves.progress().last().is_some_and(|last| last.phase == Phase::Teacher);
        is_teacher && self.is_running() && !self.uses_sensor(name) && self.recipe_uses(name)
    }

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

    /// Whether something can be taken back.
    pub fn can_undo(&self) -> bool {
        !self.history.is_empty(Way::Back)
    }

    /// Whether something that was taken back can be done again.
    pub fn can_redo(&self) -> bool {
        !self.history.is_empty(Way::Forth)
    }

    /// Whether nothing is under way, so that something else may begin.
    pub fn is_at_rest(&self) -> bool {
        self.state.is_at_rest()
    }

    /// Whether the shipped demo model is the network in view.
    pub fn shows_demo(&self) -> bool {
        self.model.is_some() && self.model == self.demo_model
    }

    /// Whether a run is under way: being prepared, training or held.
    pub fn is_running(&self) -> bool {
        matches!(self.state, SessionState::Training | SessionState::Paused | SessionState::Preparing { .. })
    }

    /// Whether there is a run that has steps left to take.
    pub fn can_resume(&self) -> bool {
        let is_complete = self.curves.progress().last().is_some_and(|last| last.step >= last.total_steps);
        self.run.is_some() && !is_complete
    }

    /// Whether going on with the run in view is what a user most likely wants: it has steps left, and the recipe asks
    /// for no other run.
    pub fn is_interrupted(&self) -> bool {
        self.is_at_rest() && self.can_resume() && self.findings().waiting.is_empty()
    }

    /// Where a run that is neither under way nor complete was left: its newest step, and how many it was to take.
    pub fn left_at(&self) -> Option<(u64, u64)> {
        match (&self.state, self.curves.progress().last()) {
            (SessionState::Stopped { step, of }, _) => Some((*step, *of)),
            (SessionState::Idle, Some(last)) if self.can_resume() => Some((last.step, last.total_steps)),
            _ => None,
        }
    }

    /// What follows from the recipe as edited.
    pub fn findings(&self) -> Rc<Findings> {
        self.check.findings(&self.recipe, &self.origin, &self.in_force)
    }

    /// Whether the recipe differs from the preset or file that it came from.
    pub fn is_edited(&self) -> bool {
        self.recipe.name != self.origin.name || !self.findings().changes.is_empty()
    }

    /// Whether the steps in the curves were taken here, with the data set that is open.
    pub fn is_timed(&self) -> bool {
        let data = self.dataset.as_ref().map(|dataset| &dataset.path);
        self.timed.as_ref().is_some_and(|(run, on)| *run == self.run && on.as_ref() == data)
    }

    /// Settings that were edited but wait for a new run.
    pub fn pending(&self) -> usize {
        self.findings().waiting.len()
    }

    /// The name of the run for the bar: the recipe's, and the time at which the run began where there is one.
    pub fn run_name(&self) -> String {
        let folder = self.run.as_ref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy());
        folder.map_or_else(|| self.recipe.name.clone(), |name| words_from_run_folder(&name))
    }

    /// Whose layout a slot shows.
    pub fn origin_of_layout(&self, slot: u64) -> Origin {
        let other = self.embedding.shown(slot as usize).and_then(|view| view.request.run.clone());
        let folder = other.as_ref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy());
        let name = folder.map_or_else(|| self.run_name(), |name| words_from_run_folder(&name));
        Origin { run: other.or_else(|| self.run.clone()), name }
    }

    fn enter(&mut self, state: SessionState) {
        if std::mem::discriminant(&state) != std::mem::discriminant(&self.state) {
            self.state_since = Instant::now();
        }
        self.tell_state(&state);
        if let SessionState::Failed(failure) = &state {
            self.tell(Cause::Told(Subject::Run), Level::Error, failure.text.clone());
        }
        if let SessionState::Stopped { step, of } = state {
            let words = format!("The run was stopped at step {} of {}", look::count(step), look::count(of));
            self.tell(Cause::Told(Subject::Run), Level::Info, words);
        }
        self.state = state;
    }

    fn open_dataset(&mut self, dataset: DatasetSummary) {
        if self.dataset.as_ref().is_none_or(|before| before.path != dataset.path) {
            // Its pixels are of other scenes.
            self.embedding.clear();
        }
        self.scene.open(&dataset);
        self.dataset = Some(dataset);
        (self.asked_data, self.untrusted) = (None, None);
        self.use_sensors_that_are_there();
        self.name_sensors_of_origin();
    }

    /// A recipe that names sensors which the data set does not have would train nothing: the next run takes the first
    /// sensors that are there, and the log says so.
    fn use_sensors_that_are_there(&mut self) {
        let Some(dataset) = &self.dataset else { return };
        let is_there = |name: &String| dataset.modalities.iter().any(|sensor| sensor.name == *name);
        let named = self.recipe.get(sensors::USE);
        let Some(absent) = named.iter().find(|name| !is_there(name)) else { return };
        let text = format!(
            "{} has no sensor `{absent}`, which the recipe named: the next run takes its first sensors instead (`sensors.use`)",
            dataset.name
        );
        let left_open = preset(&self.origin.name).is_ok_and(|preset| preset.get(sensors::USE).is_empty());
        let of_origin = if left_open { Vec::new() } else { self.origin.get(sensors::USE).to_vec() };
        let freed = self.recipe.put(sensors::USE, Vec::new());
        match freed.and_then(|()| self.origin.put(sensors::USE, of_origin)) {
            Ok(()) => self.say(Level::Info, text),
            Err(error) => self.say(Level::Warning, error.to_string()),
        }
    }

    /// A recipe from the session. Another recipe replaces the edited one; a newer state of the same one is merged into
    /// it, so that edits which the session has not answered yet, or which wait for a new run, stay.
    fn take_recipe(&mut self, recipe: Recipe) {
        if self.recipe.name == recipe.name
            && let Some(before) = &*self.in_force
        {
            for change in recipe.differences(before) {
                if self.recipe.value(change.key) == Some(&change.theirs)
                    && let Err(error) = self.recipe.set(change.key, change.ours)
                {
                    self.log.push(Level::Warning, error.to_string(), self.opened.elapsed().as_secs_f64());
                }
            }
        } else {
            *self.origin = preset(&recipe.name).unwrap_or_else(|_own| recipe.clone());
            *self.recipe = recipe.clone();
            self.use_sensors_that_are_there();
        }
        *self.in_force = Some(recipe);
        self.name_sensors_of_origin();
    }

    /// A run's recipe names the sensors that it took where the preset left the choice to the data set: nobody has
    /// changed them.
    fn name_sensors_of_origin(&mut self) {
        let named = self.recipe.get(sensors::USE).to_vec();
        let first = self.dataset.iter().flat_map(|dataset| &dataset.modalities).map(|sensor| &sensor.name);
        let is_left_open = if named.is_empty() {
            preset(&self.origin.name).is_ok_and(|preset| preset.get(sensors::USE).is_empty())
        } else {
            self.origin.get(sensors::USE).is_empty() && first.take(2).eq(&named)
        };
        if is_left_open
            && self.origin.get(sensors::USE) != named
            && let Err(error) = self.origin.put(sensors::USE, named)
        {
            self.log.push(Level::Warning, error.to_string(), 0.0);
        }
    }

    /// A run that is opened, begun or resumed brings all its curves and evaluations; a packed model has none.
    fn open_run(&mut self, path: Option<PathBuf>) {
        self.curves.clear();
        self.metrics.clear();
        self.checkpoint = None;
        self.run = path;
        self.model = None;
    }
}

/// `20261121-084312-ogp-net-demo` reads as `ogp-net-demo · 08:43`; other folders keep their name.
fn words_from_run_folder(folder: &str) -> String {
    let is_number = |word: &str, digits: usize| word.len() == digits && word.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = folder.splitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(day), Some(time), Some(name)) if is_number(day, 8) && is_number(time, 6) => {
            format!("{name} · {}:{}", &time[..2], &time[2..4])
        }
        _ => folder.to_owned(),
    }
}
