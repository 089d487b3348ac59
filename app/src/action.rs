//! Every user action once. Menus, the palette, shortcuts and tests all speak this language, and the workbench has the one handler.

use std::collections::BTreeSet;
use std::path::PathBuf;

use egui::{Key, KeyboardShortcut, Modifiers};
use fusionscope_engine::protocol::{EmbeddingRequest, SessionState, Steer};
use fusionscope_engine::recipe::{Value, presets};
use serde::{Deserialize, Serialize};

use crate::panes::PaneKind;
use crate::store::Store;
use crate::store::embedding::{Choosing, PixelId};

/// The three arrangements of panes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Recipe, pictures, curves and figures: for comparing components.
    #[default]
    Ablate,
    /// Large pictures and the log: for hunting a failure.
    Debug,
    /// Pictures and sensor switches in large type: for a lecture.
    Teach,
}

impl Layout {
    /// All of them, in the order of the bar.
    pub const ALL: [Self; 3] = [Self::Ablate, Self::Debug, Self::Teach];

    /// The word in the bar.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ablate => "Ablate",
            Self::Debug => "Debug",
            Self::Teach => "Teach",
        }
    }

    /// The layout of that name, upper or lower case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.name().eq_ignore_ascii_case(name))
    }
}

/// What a user can do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Begin a run, or go on with a held one.
    Train,
    /// Hold after the step in hand.
    Pause,
    /// Train or pause, whichever fits.
    ToggleRun,
    /// Do one step, then hold.
    StepOnce,
    /// End the run.
    Stop,
    /// End the run and begin again with the recipe as edited.
    Restart,
    /// Continue the opened run from its newest checkpoint.
    Resume,
    /// Write a checkpoint now.
    SaveCheckpoint,
    /// Evaluate every subset of the sensors on the split in view.
    Evaluate,
    /// Evaluate every subset of the sensors on this split.
    EvaluateSplit(String),
    /// Smooth curves by this much, 0 (none) to 1 (exclusive).
    SetSmoothing(f32),
    /// Change one setting of the recipe.
    SetSetting {
        /// The catalogue key.
        key: String,
        /// The new value.
        value: Value,
    },
    /// Give a component's settings the values of one of its variants.
    SetVariant {
        /// The component's id.
        component: String,
        /// The variant's id.
        variant: String,
    },
    /// Take a shipped recipe.
    UsePreset(String),
    /// Set the recipe back to the preset or file that it came from.
    ResetRecipe,
    /// Choose a recipe file.
    OpenRecipe,
    /// Read a recipe file.
    OpenRecipeFile(PathBuf),
    /// Choose a data set folder.
    OpenData,
    /// Open a data set folder.
    OpenDataFolder(PathBuf),
    /// Open the shipped sample data.
    OpenSampleData,
    /// Choose the run whose network a layout is of.
    ChooseLayoutRun(u64),
    /// Make a layout of this run's network, or of the one in view.
    SetLayoutRun {
        /// Which layout.
        slot: u64,
        /// The run folder or packed model; `None` for the network in view.
        run: Option<PathBuf>,
    },
    /// Choose a run folder.
    OpenRun,
    /// Open a run folder or a packed checkpoint.
    OpenRunFolder(PathBuf),
    /// Drop or restore the n-th sensor of the data set.
    ToggleSensor(usize),
    /// Restore all sensors.
    AllSensors,
    /// Show the scene before.
    PreviousScene,
    /// Show the scene after.
    NextScene,
    /// Ask which scene to show.
    GoToScene,
    /// Show this scene.
    ShowScene {
        /// The split's name.
        split: String,
        /// The index within it.
        index: usize,
    },
    /// Fit the pictures into their tiles.
    Fit,
    /// Show or hide the label tile.
    ToggleLabel,
    /// Show or hide the error maps.
    ToggleErrors,
    /// Swipe between prediction and label.
    ToggleSwipe,
    /// Outline what differs from the prediction with all sensors.
    ToggleDifference,
    /// Show the label in place of every prediction while it is held.
    HoldCompare(bool),
    /// How much of the prediction lies over the picture, 0 to 1.
    SetOverlay(f32),
    /// Ask for these maps of the scene, by name, beside sensors, label and predictions.
    Watch(Vec<String>),
    /// Ask maps about one pixel for this place: across and down, 0 to 65,535.
    PickPixel([u16; 2]),
    /// Gather features and lay them out.
    Embed(EmbeddingRequest),
    /// Do something with a layout.
    SteerEmbedding {
        /// Which of the layouts.
        slot: u64,
        /// What to do.
        steer: Steer,
    },
    /// Give up a layout.
    CloseEmbedding(u64),
    /// Select pixels of a split's scenes.
    SelectPoints {
        /// The split's name.
        split: String,
        /// The pixels.
        pixels: BTreeSet<PixelId>,
        /// How they meet the selection before.
        choosing: Choosing,
    },
    /// Show or hide a class.
    ToggleClass(u8),
    /// Show one class alone, or all again.
    SoloClass(u8),
    /// Show all classes.
    ShowAllClasses,
    /// Use the data set's own class colours, or the colour-blind-safe ones.
    ToggleOwnColours,
    /// Give a class of the open data set a colour of one's own, or take it away again.
    SetClassColour {
        /// The class.
        class: u8,
        /// Red, green, blue.
        colour: Option<[u8; 3]>,
    },
    /// The share of the worker's time that live pictures may take.
    SetViewBudget(f32),
    /// Arrange the panes.
    UseLayout(Layout),
    /// Set this layout back to how it was delivered.
    ResetLayout,
    /// Bring a pane to the front.
    ShowPane(PaneKind),
    /// Take a pane out of its place into a window of its own, or put it back.
    FloatPane(PaneKind),
    /// Dark or light.
    ToggleTheme,
    /// Let masks fade and lists unfold, or show everything at once.
    ToggleMotion,
    /// Open or close the list of actions.
    TogglePalette,
    /// Open or close the list of keys.
    ToggleHelp,
    /// Take back the last change of the recipe, the layout or a class colour.
    Undo,
}

impl Action {
    /// Every action that can be listed, the frequent ones first.
    pub fn all() -> Vec<Self> {
        let mut all = vec![
            Self::Train,
            Self::Pause,
            Self::StepOnce,
            Self::Stop,
            Self::Restart,
            Self::Resume,
            Self::SaveCheckpoint,
            Self::Evaluate,
        ];
        all.extend((0..9).map(Self::ToggleSensor));
        all.extend([
            Self::AllSensors,
            Self::PreviousScene,
            Self::NextScene,
            Self::GoToScene,
            Self::Fit,
            Self::ToggleLabel,
            Self::ToggleErrors,
            Self::ToggleSwipe,
            Self::ToggleDifference,
            Self::ShowAllClasses,
            Self::ToggleOwnColours,
            Self::OpenData,
            Self::OpenSampleData,
            Self::OpenRecipe,
            Self::OpenRun,
        ]);
        all.extend(presets().iter().map(|preset| Self::UsePreset(preset.name.to_owned())));
        all.extend(Layout::ALL.map(Self::UseLayout));
        all.push(Self::ResetLayout);
        all.extend(PaneKind::ALL.map(Self::ShowPane));
        all.extend(PaneKind::ALL.map(Self::FloatPane));
        all.extend([Self::ResetRecipe, Self::ToggleTheme, Self::ToggleMotion, Self::ToggleHelp, Self::Undo]);
        all
    }

    /// The name in menus and in the palette.
    pub fn title(&self, store: &Store) -> String {
        match self {
            Self::Train if store.state == SessionState::Paused => "Continue training".to_owned(),
            Self::Train => "Train".to_owned(),
            Self::Pause => "Pause".to_owned(),
            Self::ToggleRun => "Start or pause".to_owned(),
            Self::StepOnce => "One step".to_owned(),
            Self::Stop => "Stop the run".to_owned(),
            Self::Restart => "Restart the run with this recipe".to_owned(),
            Self::Resume => "Resume the opened run".to_owned(),
            Self::SaveCheckpoint => "Save a checkpoint".to_owned(),
            Self::Evaluate => format!("Evaluate on {}", store.scene.split),
            Self::EvaluateSplit(split) => format!("Evaluate on {split}"),
            Self::SetSmoothing(share) => format!("Smooth curves by {share:.2}"),
            Self::SetSetting { key, value } => format!("Set {key} to {value}"),
            Self::SetVariant { component, variant } => format!("Set {component} as in the {variant}"),
            Self::UsePreset(name) => format!("Use the recipe {name}"),
            Self::ResetRecipe => format!("Reset the recipe to {}", store.origin.name),
            Self::OpenRecipe => "Open a recipe…".to_owned(),
            Self::OpenRecipeFile(path) => format!("Open the recipe {}", path.display()),
            Self::OpenData => "Open a data set…".to_owned(),
            Self::OpenDataFolder(path) => format!("Open the data set {}", path.display()),
            Self::OpenSampleData => "Open the sample data".to_owned(),
            Self::OpenRun => "Open a run…".to_owned(),
            Self::OpenRunFolder(path) => format!("Open the run {}", path.display()),
            Self::ToggleSensor(place) => match store.sensor(*place) {
                Some(sensor) if store.scene.dropped.contains(&sensor.name) => format!("Restore {}", sensor.name),
                Some(sensor) => format!("Drop {}", sensor.name),
                None => format!("Drop sensor {}", place + 1),
            },
            Self::AllSensors => "Restore all sensors".to_owned(),
            Self::PreviousScene => "Previous scene".to_owned(),
            Self::NextScene => "Next scene".to_owned(),
            Self::GoToScene => "Go to scene…".to_owned(),
            Self::ShowScene { split, index } => format!("Show scene {} of {split}", index + 1),
            Self::Fit => "Fit pictures".to_owned(),
            Self::ToggleLabel => "Label on or off".to_owned(),
            Self::ToggleErrors => "Error maps on or off".to_owned(),
            Self::ToggleSwipe => "Swipe prediction against label".to_owned(),
            Self::ToggleDifference => "Outline the difference to all sensors".to_owned(),
            Self::HoldCompare(_) => "Hold to compare with the label".to_owned(),
            Self::SetOverlay(share) => format!("Overlay at {:.0} %", share * 100.0),
            Self::Watch(names) => format!("Watch {}", names.join(", ")),
            Self::PickPixel(_) => "Pick a pixel".to_owned(),
            Self::ChooseLayoutRun(_) => "Lay out another run…".to_owned(),
            Self::SetLayoutRun { run: Some(run), .. } => format!("Lay out the run {}", run.display()),
            Self::SetLayoutRun { run: None, .. } => "Lay out the network in view".to_owned(),
            Self::Embed(request) => format!("Lay out {}", request.features),
            Self::SteerEmbedding { steer, .. } => format!("Layout: {steer:?}"),
            Self::CloseEmbedding(_) => "Close a layout".to_owned(),
            Self::SelectPoints { pixels, .. } => format!("Select {} pixels", pixels.len()),
            Self::ToggleClass(class) => format!("Show or hide {}", store.class_name(*class)),
            Self::SoloClass(class) => format!("Show {} alone", store.class_name(*class)),
            Self::ShowAllClasses => "Show all classes".to_owned(),
            Self::ToggleOwnColours if store.scene.own_colours => "Use colour-blind-safe class colours".to_owned(),
            Self::ToggleOwnColours => "Use the data set's own class colours".to_owned(),
            Self::SetClassColour { class, colour: Some(_) } => format!("Recolour {}", store.class_name(*class)),
            Self::SetClassColour { class, colour: None } => {
                format!("Give {} its usual colour", store.class_name(*class))
            }
            Self::SetViewBudget(share) => format!("Live pictures: {:.0} % of the time", share * 100.0),
            Self::UseLayout(layout) => format!("Layout {}", layout.name()),
            Self::ResetLayout => "Reset the layout".to_owned(),
            Self::ShowPane(kind) => format!("Show {}", kind.title().to_lowercase()),
            Self::FloatPane(kind) => format!("Float or dock {}", kind.title().to_lowercase()),
            Self::ToggleTheme => "Dark or light theme".to_owned(),
            Self::ToggleMotion if store.reduced_motion => "Allow motion".to_owned(),
            Self::ToggleMotion => "Reduce motion".to_owned(),
            Self::TogglePalette => "Search actions".to_owned(),
            Self::ToggleHelp => "Keys".to_owned(),
            Self::Undo => "Undo".to_owned(),
        }
    }

    /// Its key, where it is frequent.
    pub fn shortcut(&self) -> Option<KeyboardShortcut> {
        let plain = |key| Some(KeyboardShortcut::new(Modifiers::NONE, key));
        let command = |key| Some(KeyboardShortcut::new(Modifiers::COMMAND, key));
        match self {
            Self::ToggleRun => plain(Key::Space),
            Self::StepOnce => plain(Key::Period),
            Self::ToggleSensor(place) => {
                let keys =
                    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
                keys.get(*place).copied().and_then(plain)
            }
            Self::PreviousScene => plain(Key::OpenBracket),
            Self::NextScene => plain(Key::CloseBracket),
            Self::Fit => plain(Key::F),
            Self::ToggleLabel => plain(Key::L),
            Self::ToggleErrors => plain(Key::E),
            Self::ToggleSwipe => plain(Key::S),
            Self::ToggleDifference => plain(Key::D),
            Self::HoldCompare(_) => plain(Key::H),
            Self::GoToScene => plain(Key::G),
            Self::TogglePalette => command(Key::K),
            Self::Undo => command(Key::Z),
            Self::SaveCheckpoint => command(Key::S),
            Self::OpenData => command(Key::O),
            Self::ToggleHelp => plain(Key::Questionmark),
            _ => None,
        }
    }

    /// The key that is shown beside it: that of the action itself, or of the toggle it is half of.
    pub fn shown_shortcut(&self) -> Option<KeyboardShortcut> {
        match self {
            Self::Train | Self::Pause => Self::ToggleRun.shortcut(),
            other => other.shortcut(),
        }
    }

    /// Whether it can be done now.
    pub fn enabled(&self, store: &Store) -> bool {
        let state = &store.state;
        let running = matches!(state, SessionState::Training);
        let held = matches!(state, SessionState::Paused);
        let at_rest = matches!(state, SessionState::Idle | SessionState::Finished | SessionState::Failed(_));
        match self {
            Self::Train => (at_rest || held) && store.dataset.is_some(),
            Self::Pause => running,
            Self::ToggleRun => Self::Train.enabled(store) || running,
            Self::StepOnce => (held || running || at_rest) && store.dataset.is_some(),
            Self::Stop => running || held || matches!(state, SessionState::Evaluating { .. }),
            Self::Restart => (running || held) && store.dataset.is_some(),
            Self::Resume => at_rest && store.can_resume(),
            Self::SaveCheckpoint => running || held,
            Self::Evaluate | Self::EvaluateSplit(_) => {
                (at_rest || held || running) && store.network.is_some() && store.dataset.is_some()
            }
            Self::ToggleSensor(place) => store.sensor(*place).is_some_and(|sensor| store.uses_sensor(&sensor.name)),
            Self::AllSensors => !store.scene.dropped.is_empty(),
            Self::PreviousScene | Self::NextScene | Self::GoToScene | Self::ShowScene { .. } => store.scene_count() > 0,
            Self::ToggleSwipe | Self::ToggleDifference | Self::HoldCompare(_) => store.network.is_some(),
            Self::ResetRecipe => store.recipe != store.origin,
            Self::ShowAllClasses => store.scene.solo.is_some() || !store.scene.hidden.is_empty(),
            Self::OpenData
            | Self::OpenDataFolder(_)
            | Self::OpenSampleData
            | Self::OpenRun
            | Self::OpenRunFolder(_) => at_rest,
            Self::SetClassColour { .. } => store.dataset.is_some(),
            Self::Undo => store.can_undo(),
            _ => true,
        }
    }
}

/// A shortcut as people read it: `[` rather than the name of the key.
pub fn key_words(ctx: &egui::Context, shortcut: &KeyboardShortcut) -> String {
    let key = shortcut.logical_key;
    let modifiers = ctx.format_modifiers(shortcut.modifiers);
    let word = match key {
        Key::Period => ".",
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        Key::Questionmark => "?",
        other => other.name(),
    };
    if modifiers.is_empty() { word.to_owned() } else { ctx.format_shortcut(shortcut) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_share_a_key() {
        let mut all = Action::all();
        all.extend([Action::ToggleRun, Action::TogglePalette, Action::HoldCompare(true)]);
        let keys: Vec<(String, KeyboardShortcut)> =
            all.iter().filter_map(|action| action.shortcut().map(|key| (format!("{action:?}"), key))).collect();
        for (place, (name, key)) in keys.iter().enumerate() {
            for (other, same) in &keys[place + 1..] {
                assert_ne!(key, same, "{name} and {other}");
            }
        }
    }

    #[test]
    fn nothing_can_be_trained_or_evaluated_before_data_is_open() {
        let store = Store::default();
        for action in [Action::Train, Action::StepOnce, Action::Evaluate, Action::NextScene, Action::ToggleSensor(0)] {
            assert!(!action.enabled(&store), "{action:?}");
        }
        assert!(Action::OpenData.enabled(&store));
    }
}
