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

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use egui::Color32;
use fusionscope_engine::protocol::{
    DatasetSummary, EmbeddingView, EvaluationReport, Event, Failure, FailureKind, Happening, Level, ModalitySummary,
    NetworkSummary, Phase, Recorded, SceneView, SessionState, SplitSummary, Subject, TimeReport, value_words,
};
use fusionscope_engine::recipe::catalogue::sensors;
use fusionscope_engine::recipe::{Change, FIRST_RECIPE, Recipe, preset, setting};

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
                let text = format!("The run's data set could not be opened: {}: {}", failure.text, path.display());
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

    /// Says what an action has come to: in the log, and where it could not be done in the banner, until one is done.
    pub fn say(&mut self, level: Level, text: impl Into<String>) {
        self.tell(Cause::Action, level, text);
    }

    /// Writes a sentence into the log, and a warning or error into the banner for as long as its cause lasts.
    pub fn tell(&mut self, cause: Cause, level: Level, text: impl Into<String>) {
        let text = text.into();
        if level != Level::Info {
            let others = match &self.alert {
                Some(before) if before.cause == cause => before.others + usize::from(before.text != text),
                _ => 0,
            };
            self.alert = Some(Alert { cause, level, text: text.clone(), others });
        }
        self.log.push(level, text, self.opened.elapsed().as_secs_f64());
    }

    /// Writes an edit of the recipe into the log. What a run takes up at once is told by its mark.
    pub fn tell_edit(&mut self, key: &str, old: &str, new: &str) {
        let is_live = setting(key).is_some_and(|setting| setting.change == Change::Live);
        if !(is_live && self.is_under_way()) {
            self.log.push_edit(key, (old, new), self.opened.elapsed().as_secs_f64());
        }
    }

    /// What happens to a run under way; what is read from the folder of another has its own past. How it begins, rests and
    /// ends is told by the session's state.
    fn tell_recorded(&mut self, entries: &[Recorded]) {
        if !self.is_under_way() {
            return;
        }
        for entry in entries {
            match &entry.what {
                Happening::Change { key, old, new } => {
                    let at_secs = self.opened.elapsed().as_secs_f64();
                    self.log.push_edit(key, (&value_words(old), &value_words(new)), at_secs);
                }
                Happening::Phase { phase } => {
                    self.say(Level::Info, format!("Step {}: {} phase", look::count(entry.step), phase.name()));
                }
                _ => {}
            }
        }
    }

    fn tell_evaluation(&mut self, report: &EvaluationReport) {
        if !self.is_under_way() {
            return;
        }
        let Some(best) = metrics::headline(report) else { return };
        let miou = best.miou.map_or_else(|| "no mIoU".to_owned(), |miou| format!("mIoU {} %", look::percent(miou)));
        let text = format!(
            "Evaluated {} at step {}: {miou} ({}) with {}, {} in {}",
            report.split,
            look::count(report.step),
            report.convention,
            best.sensors.join(" + "),
            look::counted(best.scenes, "scene"),
            look::milliseconds((1000.0 * report.secs) as f32)
        );
        self.say(Level::Info, text);
    }

    /// Whether a run trains or rests, or an evaluation goes on: what is told now happens now.
    fn is_under_way(&self) -> bool {
        matches!(self.state, SessionState::Training | SessionState::Paused | SessionState::Evaluating { .. })
    }

    /// What a change of the session's state means for a run, as a line of the log.
    fn tell_state(&mut self, next: &SessionState) {
        let step = self.curves.progress().last().map_or(0, |last| last.step);
        let at = format!("at step {}", look::count(step));
        let text = match (&self.state, next) {
            (SessionState::Paused, SessionState::Training) => format!("Training goes on {at}"),
            (SessionState::Preparing { .. } | SessionState::Idle, SessionState::Training) if step > 0 => {
                format!("The run was resumed {at}")
            }
            (SessionState::Preparing { .. } | SessionState::Idle, SessionState::Training) => {
                "Training begins".to_owned()
            }
            (SessionState::Training, SessionState::Paused) => format!("The run is held {at}"),
            (SessionState::Training | SessionState::Paused, SessionState::Finished) => format!("The run ended {at}"),
            _ => return,
        };
        self.say(Level::Info, text);
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
        let named = self.recipe.get(sensors::USE);
        if named.is_empty() || !self.origin.get(sensors::USE).is_empty() {
            return;
        }
        let first = self.dataset.iter().flat_map(|dataset| &dataset.modalities).map(|sensor| &sensor.name);
        if first.take(2).eq(named)
            && let Err(error) = self.origin.put(sensors::USE, named.to_vec())
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

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{EvaluationReport, Happening, Recorded, StepReport, SubsetScores};
    use fusionscope_engine::recipe::Value;

    use fusionscope_engine::recipe::catalogue::{data, objective, training};

    use super::*;
    use crate::action::Action;

    #[test]
    fn run_folders_read_as_a_name_and_a_time() {
        assert_eq!(words_from_run_folder("20261121-084312-ogp-net-demo"), "ogp-net-demo · 08:43");
        assert_eq!(words_from_run_folder("my-own-folder"), "my-own-folder");
    }

    #[test]
    fn another_run_begins_with_empty_curves() {
        let mut store = Store::default();
        let step = |step| StepReport { step, total_steps: 100, secs: 0.1, ..StepReport::default() };
        let run = |path: &str| Event::Run { path: path.into(), checkpoint: None };
        store.apply(run("runs/a"));
        store.apply(Event::Steps(vec![step(1), step(2)]));
        assert_eq!(store.curves.progress().last().map(|last| last.step), Some(2));
        store.apply(run("runs/b"));
        assert!(store.curves.progress().last().is_none());
    }

    #[test]
    fn only_an_unfinished_run_can_be_resumed() {
        let mut store = Store::default();
        assert!(!store.can_resume());
        store.apply(Event::Run { path: "runs/a".into(), checkpoint: Some(4) });
        assert!(store.can_resume() && Action::Resume.enabled(&store));
        assert_eq!(store.checkpoint, Some(4));
        store.apply(Event::Steps(vec![StepReport { step: 9, total_steps: 9, ..StepReport::default() }]));
        assert!(!store.can_resume());
        store.apply(Event::Model { path: "demo.safetensors".into() });
        assert!(!store.can_resume() && store.run.is_none() && store.curves.steps().is_none());
    }

    #[test]
    fn edits_that_the_session_has_not_answered_stay() {
        let mut store = Store::default();
        let mut running = store.recipe.clone();
        store.apply(Event::Recipe(running.clone()));
        store.recipe.put(data::BATCH_SIZE, 2).unwrap();
        store.recipe.put(objective::contrast::WEIGHT, 0.5).unwrap();
        running.put(objective::contrast::WEIGHT, 0.25).unwrap();
        running.put(training::CLIP_NORM, 1.0).unwrap();
        store.apply(Event::Recipe(running));
        assert_eq!(store.recipe.get(data::BATCH_SIZE), 2);
        assert_eq!(store.recipe.get(objective::contrast::WEIGHT), 0.5);
        assert_eq!(store.recipe.get(training::CLIP_NORM), 1.0);
        assert_eq!(store.pending(), 1);
    }

    #[test]
    fn an_opened_run_brings_its_own_recipe() {
        let mut store = Store::default();
        store.recipe.put(data::BATCH_SIZE, 2).unwrap();
        store.apply(Event::Recipe(preset("baseline-demo").unwrap()));
        assert_eq!(*store.recipe, preset("baseline-demo").unwrap());
        assert_eq!(store.origin.name, "baseline-demo");
    }

    #[test]
    fn a_reopened_run_counts_no_change_that_was_never_made() {
        let sensor =
            |name: &str| ModalitySummary { name: name.to_owned(), kind: name.to_owned(), ..Default::default() };
        let modalities = ["colour", "thermal", "depth"].map(sensor).to_vec();
        let data = DatasetSummary { modalities, ..Default::default() };
        let of_run = |sensors: &str| {
            let mut recipe = preset("baseline-demo").unwrap();
            recipe.set_text("sensors.use", sensors).unwrap();
            recipe
        };
        // The data set comes first or last.
        for data_first in [true, false] {
            let mut store = Store::default();
            let events = [Event::Dataset(data.clone()), Event::Recipe(of_run("colour,thermal"))];
            let turned = usize::from(!data_first);
            for place in [turned, 1 - turned] {
                store.apply(events[place].clone());
            }
            assert!(!store.is_edited(), "{:?}", store.findings().changes);
            // Neither does the next one, on data without these sensors.
            let modalities = ["colour", "disparity"].map(sensor).to_vec();
            store.apply(Event::Dataset(DatasetSummary { modalities, ..Default::default() }));
            assert!(!store.is_edited(), "{:?}", store.findings().changes);
        }
        // Other sensors than the data set's first were chosen by somebody.
        let mut store = Store::default();
        store.apply(Event::Dataset(data));
        store.apply(Event::Recipe(of_run("colour,depth")));
        assert_eq!(store.findings().changes.len(), 1);
    }

    #[test]
    fn what_a_run_recorded_is_drawn_live_and_again_when_it_is_opened() {
        let off = Happening::Change {
            key: "exchange.channel.enabled".to_owned(),
            old: Value::Switch(true),
            new: Value::Switch(false),
        };
        let entry = |step, what: &Happening| Recorded { at: String::new(), step, what: what.clone() };
        let entries = vec![
            entry(0, &Happening::Start { phase: Phase::Student }),
            entry(2, &off),
            entry(3, &Happening::Evaluation { split: "val".to_owned() }),
            entry(4, &Happening::Pause),
        ];
        let changed: Vec<_> = entries.iter().filter_map(Recorded::change).collect();
        let marks = |store: &Store| -> Vec<(u64, String)> {
            store.curves.marks().iter().map(|mark| (mark.step, mark.label.clone())).collect()
        };
        let run = |path: &str| Event::Run { path: path.into(), checkpoint: None };
        let mut live = Store::default();
        live.apply(run("runs/a"));
        for entry in &entries {
            live.apply(Event::Recorded(vec![entry.clone()]));
        }
        live.apply(Event::Changed(changed.clone()));
        let mut opened = Store::default();
        opened.apply(run("runs/a"));
        opened.apply(Event::Recorded(entries));
        opened.apply(Event::Changed(changed));
        let expected = [(0, "start, student phase"), (2, "channel exchange off"), (4, "paused")];
        assert_eq!(marks(&live), expected.map(|(step, label)| (step, label.to_owned())));
        assert_eq!(marks(&live), marks(&opened));
        assert_eq!((live.curves.changes().len(), opened.curves.changes().len()), (1, 1));
        opened.apply(run("runs/b"));
        assert!(marks(&opened).is_empty() && opened.curves.changes().is_empty());
    }

    #[test]
    fn a_recipe_that_names_sensors_of_other_data_is_freed_from_them() {
        let sensor =
            |name: &str| ModalitySummary { name: name.to_owned(), kind: name.to_owned(), ..Default::default() };
        let data = DatasetSummary { modalities: vec![sensor("colour"), sensor("disparity")], ..Default::default() };
        let mut named = preset("baseline-demo").unwrap();
        named.set_text("sensors.use", "colour,thermal").unwrap();

        let mut store = Store::default();
        store.apply(Event::Recipe(named.clone()));
        assert_eq!(store.recipe.get(sensors::USE).len(), 2);
        store.apply(Event::Dataset(data.clone()));
        assert!(store.recipe.get(sensors::USE).is_empty());
        assert!(store.uses_sensor("disparity"));
        assert!(store.log.entries().any(|entry| entry.text.contains("`thermal`")));

        let mut store = Store::default();
        store.apply(Event::Dataset(data));
        store.apply(Event::Recipe(named));
        assert!(store.recipe.get(sensors::USE).is_empty());
    }

    #[test]
    fn the_second_sensor_joins_after_the_teacher_phase() {
        let sensor =
            |name: &str| ModalitySummary { name: name.to_owned(), kind: name.to_owned(), ..Default::default() };
        let modalities = vec![sensor("colour"), sensor("thermal"), sensor("depth")];
        let mut store = Store::default();
        store.apply(Event::Dataset(DatasetSummary { modalities, ..Default::default() }));
        store.apply(Event::Network(NetworkSummary { sensors: vec!["colour".to_owned()], ..Default::default() }));
        store.apply(Event::State(SessionState::Training));
        let step = StepReport { phase: Phase::Teacher, step: 1, total_steps: 9, ..StepReport::default() };
        store.apply(Event::Steps(vec![step]));
        assert!(store.joins_later("thermal"));
        assert!(!store.joins_later("colour") && !store.joins_later("depth"));
    }

    #[test]
    fn a_finished_run_whose_checkpoint_could_not_be_written_can_be_saved_again() {
        let mut store = Store::default();
        let step = |step| StepReport { step, total_steps: 9, ..StepReport::default() };
        store.apply(Event::Run { path: "runs/a".into(), checkpoint: None });
        store.apply(Event::State(SessionState::Training));
        store.apply(Event::Checkpoint { step: 4, path: "runs/a/checkpoints/4".into() });
        store.apply(Event::Steps(vec![step(9)]));
        store.apply(Event::Unsaved(Some(Failure::new(FailureKind::Broken, "no space left"))));
        store.apply(Event::State(SessionState::Finished));
        assert!(Action::SaveCheckpoint.enabled(&store));
        assert_eq!(Action::SaveCheckpoint.title(&store), "Save the run again");
        store.apply(Event::Checkpoint { step: 9, path: "runs/a/checkpoints/9".into() });
        store.apply(Event::Unsaved(None));
        assert!(!Action::SaveCheckpoint.enabled(&store), "there is nothing left to save");
    }

    #[test]
    fn only_steps_that_were_taken_here_and_with_these_data_tell_how_long_the_next_run_takes() {
        let data = |path: &str| Event::Dataset(DatasetSummary { path: path.into(), ..DatasetSummary::default() });
        let step = |step| Event::Steps(vec![StepReport { step, total_steps: 9, secs: 0.1, ..StepReport::default() }]);
        let mut store = Store::default();
        store.apply(data("a"));
        store.apply(Event::Run { path: "runs/a".into(), checkpoint: None });
        store.apply(step(1));
        assert!(!store.is_timed(), "an opened run may be another machine's");
        store.apply(Event::State(SessionState::Training));
        store.apply(step(2));
        assert!(store.is_timed());
        store.apply(data("b"));
        assert!(!store.is_timed());
    }

    #[test]
    fn evaluations_edits_and_resumes_are_lines_of_the_log_and_the_past_of_an_opened_run_is_not() {
        let mut store = Store::default();
        let report = |step| {
            let scores = SubsetScores {
                sensors: vec!["colour".to_owned()],
                miou: Some(0.614),
                scenes: 1,
                ..SubsetScores::default()
            };
            let (split, convention) = ("val".to_owned(), "nanmean".to_owned());
            Event::Evaluation(EvaluationReport { split, step, convention, subsets: vec![scores], ..Default::default() })
        };
        let change = |old, new| {
            let [old, new] = [old, new].map(Value::Switch);
            let what = Happening::Change { key: "objective.contrast.enabled".to_owned(), old, new };
            Event::Recorded(vec![Recorded { at: String::new(), step: 7, what }])
        };
        let said = |store: &Store| store.log.entries().map(|entry| entry.text.clone()).collect::<Vec<_>>();
        store.apply(Event::Run { path: "runs/a".into(), checkpoint: None });
        store.apply(Event::State(SessionState::Preparing { what: "Opening".to_owned(), done: 0, total: 0 }));
        store.apply(Event::Steps(vec![StepReport { step: 6, total_steps: 9, ..StepReport::default() }]));
        store.apply(report(5));
        store.apply(change(true, false));
        assert_eq!(said(&store), Vec::<String>::new(), "what a run has behind it is no news");
        store.tell_edit("data.batch_size", "4", "2");
        store.apply(Event::State(SessionState::Training));
        store.apply(change(false, true));
        store.tell_edit("objective.contrast.weight", "1", "0.5");
        store.apply(report(7));
        assert_eq!(
            said(&store),
            [
                "data.batch_size: 4 → 2",
                "The run was resumed at step 6",
                "objective.contrast.enabled: off → on",
                "Evaluated val at step 7: mIoU 61.4 % (nanmean) with colour, 1 scene in 0 ms",
            ]
        );
    }

    #[test]
    fn the_banner_holds_the_newest_message_until_its_cause_is_gone_and_never_an_older_one_again() {
        let mut store = Store::default();
        let shown = |store: &Store| store.alert.as_ref().map(|alert| alert.text.clone());
        let notice = |about, level, text: &str| Event::Notice { about, level, text: text.to_owned() };
        store.apply(Event::State(SessionState::Failed(Failure::new(FailureKind::Broken, "a fault"))));
        assert_eq!(shown(&store).as_deref(), Some("a fault"));
        store.apply(notice(Subject::Checkpoint, Level::Warning, "the disk is full"));
        assert_eq!(shown(&store).as_deref(), Some("the disk is full"));
        // What succeeds elsewhere leaves it.
        store.apply(Event::Steps(vec![StepReport::default()]));
        assert_eq!(shown(&store).as_deref(), Some("the disk is full"));
        store.apply(Event::Checkpoint { step: 4, path: "runs/a/checkpoints/4".into() });
        assert_eq!(shown(&store), None, "neither it nor the one before");
        assert_eq!(store.log.entries().filter(|entry| entry.level != Level::Info).count(), 2);

        store.apply(notice(Subject::Record, Level::Warning, "the metrics cannot be written"));
        store.apply(notice(Subject::Record, Level::Info, "the metrics can be written again"));
        assert_eq!(shown(&store), None);
        store.apply(Event::Failure { about: Subject::Data, failure: Failure::refused("no such folder") });
        store.apply(Event::Dataset(DatasetSummary::default()));
        assert_eq!(shown(&store), None);
        for text in ["a.png is left out", "b.png is left out", "b.png is left out"] {
            store.apply(notice(Subject::Data, Level::Warning, text));
        }
        let words = store.alert.as_ref().map(Alert::words);
        assert_eq!(words.as_deref(), Some("b.png is left out (and 1 more, in the log)"));
        store.say(Level::Warning, "the last sensor");
        store.settle_action();
        assert_eq!(shown(&store), None);
    }

    #[test]
    fn a_run_that_goes_on_from_an_earlier_step_shows_its_own_evaluations_alone() {
        let mut store = Store::default();
        let report = |step| EvaluationReport { step, split: "val".to_owned(), ..EvaluationReport::default() };
        let run = || Event::Run { path: "runs/a".into(), checkpoint: None };
        store.apply(run());
        for step in [100, 200] {
            store.apply(Event::Evaluation(report(step)));
        }
        store.apply(run());
        store.apply(Event::Evaluation(report(100)));
        let steps: Vec<u64> = store.metrics.reports().iter().map(|report| report.step).collect();
        assert_eq!(steps, [100]);
    }

    #[test]
    fn an_interrupted_run_is_resumed_unless_the_recipe_asks_for_another() {
        let step = |step| Event::Steps(vec![StepReport { step, total_steps: 9, ..StepReport::default() }]);
        let mut store = Store::default();
        assert!(!store.is_interrupted());
        store.apply(Event::Recipe(preset(FIRST_RECIPE).unwrap()));
        store.apply(Event::Run { path: "runs/a".into(), checkpoint: Some(4) });
        store.apply(step(4));
        assert!(store.is_interrupted());
        assert_eq!(store.left_at(), Some((4, 9)));
        store.recipe.put(data::BATCH_SIZE, 2).unwrap();
        assert!(!store.is_interrupted(), "another run was asked for");
        store.recipe.put(data::BATCH_SIZE, preset(FIRST_RECIPE).unwrap().get(data::BATCH_SIZE)).unwrap();
        store.apply(step(9));
        assert!(!store.is_interrupted() && store.left_at().is_none(), "the run is complete");
        store.apply(Event::State(SessionState::Stopped { step: 5, of: 9 }));
        assert_eq!(store.left_at(), Some((5, 9)));
    }
}
