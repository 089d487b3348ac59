//! Every user action once. Menus, the palette, shortcuts and tests all speak this language.
//!
//! To add one: a variant here, its arm in `describe.rs` (name, words, key, whether it can be done), and its arm in the
//! workbench's handler. Both matches are exhaustive, and every list of actions follows from them.

mod describe;
mod description;
mod lesson;
mod list;
mod main;

use std::collections::BTreeSet;
use std::path::PathBuf;

use fusionscope_engine::protocol::{
    Confusion, EmbeddingRequest, Explained, Protocol, RunNotes, SensorChange, Steer, WhatIf,
};
use fusionscope_engine::recipe::{Recipe, Value};

pub use self::description::{Description, key_words};
pub use self::list::Keyed;
pub use crate::arrangement::Layout;
use crate::arrangement::PaneKind;
use crate::link::Place;
use crate::look::TextStep;
use crate::store::embedding::{Choosing, PixelId};
use crate::store::{Recovery, Tool};

/// What a user can do. The order is that of lists, the frequent ones first.
#[derive(Clone, Debug, PartialEq, strum::EnumIter)]
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
    /// Write a checkpoint now, or that of a run which ended unsaved.
    SaveCheckpoint,
    /// Evaluate every subset of the sensors on the split in view.
    Evaluate,
    /// Evaluate every subset of the sensors on this split.
    EvaluateSplit(String),
    /// Take the figures of a protocol on a split.
    // A protocol has no default to be listed with.
    #[strum(disabled)]
    RunProtocol {
        /// The protocol.
        protocol: Protocol,
        /// The split's name.
        split: String,
    },
    /// Drop or restore the n-th sensor of the data set.
    ToggleSensor(usize),
    /// Drop all sensors but these.
    KeepSensors(Vec<String>),
    /// Restore all sensors.
    AllSensors,
    /// Open or close the card on which something can be supposed.
    ToggleWhatIf,
    /// Open the card on the n-th sensor of the data set, or close it there.
    OpenCard(usize),
    /// Suppose something of a sensor.
    ChangeSensor {
        /// The sensor's name.
        sensor: String,
        /// All that is changed of it.
        change: SensorChange,
    },
    /// Ask the network by another value of a setting, for this look, or by its own again.
    SetSwitch {
        /// The catalogue key.
        key: String,
        /// The other value.
        value: Option<Value>,
    },
    /// Suppose this in place of what is supposed.
    // What was kept stands on the card.
    #[strum(disabled)]
    Suppose(WhatIf),
    /// Suppose nothing.
    SupposeNothing,
    /// Take a tool that works on the picture of the card's sensor, or put it away.
    UseTool(Tool),
    /// Half the width of the brush, as a share of the picture's.
    SetBrush(f32),
    /// Keep what is supposed under a name.
    KeepWhatIf(String),
    /// Forget the what-if of this name.
    ForgetWhatIf(String),
    /// Try what is supposed on every scene of the split in view.
    ApplyWhatIf,
    /// Add what is supposed as a row to the study that is being put together.
    StudyWhatIf,
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
    /// Pin the scene in view, so that runs keep pages of it, or let it go.
    TogglePin,
    /// Show the page of the scene in view nearest to a step, or the network as it stands.
    GoToTime(Option<u64>),
    /// Show the page before.
    EarlierPage,
    /// Show the page after; behind the last one stands the network as it is.
    LaterPage,
    /// Play the pages of the scene in view one after the other, or stop that.
    PlayPages,
    /// Compare with the step in view, or with none any more.
    CompareTime,
    /// How many mebibytes the pages of a run take at most.
    SetAlbumBound(u32),
    /// Fit the pictures into their tiles.
    Fit,
    /// Show or hide the label tile.
    ToggleLabel,
    /// Show or hide the error maps.
    ToggleErrors,
    /// Swipe between the predictions of two runs, else between prediction and label.
    ToggleSwipe,
    /// Fill what differs, and tell it in figures: between two runs, else from the prediction with all sensors.
    ToggleDifference,
    /// Show the label in place of every prediction while it is held.
    HoldCompare(bool),
    /// How much of the prediction lies over the picture, 0 to 1.
    SetOverlay(f32),
    /// Ask for these maps of the scene, by name, beside sensors, label and predictions.
    Watch(Vec<String>),
    /// Ask maps about one pixel for this place: across and down, 0 to 65,535.
    PickPixel([u16; 2]),
    /// Ask maps about one pixel for none in particular.
    ForgetPixel,
    /// Choose which answer explanations are about, and where they look.
    Explain(Explained),
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
    /// Choose a data set folder.
    OpenData,
    /// Open a data set folder.
    OpenDataFolder(PathBuf),
    /// Open the shipped sample data.
    OpenSampleData,
    /// Open the data set that was refused because its manifest reads files outside of its folder.
    TrustData,
    /// Open the shipped demo model again, on the sample data.
    OpenDemo,
    /// Choose a recipe file.
    OpenRecipe,
    /// Read a recipe file.
    OpenRecipeFile(PathBuf),
    /// Choose a run folder.
    OpenRun,
    /// Open a run folder or a packed checkpoint.
    OpenRunFolder(PathBuf),
    /// Look through all runs.
    FindRun,
    /// Choose a folder below which runs are listed.
    AddRunsFolder,
    /// List the runs below this folder, too.
    ListRunsFolder(PathBuf),
    /// List the runs below this folder no longer; they stay where they are.
    DropRunsFolder(PathBuf),
    /// Lay runs over each other and side by side, in one colour, or leave them out again.
    CompareRuns {
        /// The run folders.
        runs: Vec<PathBuf>,
        /// Whether they are compared.
        is_on: bool,
    },
    /// Compare no runs.
    CompareNoRuns,
    /// Keep tags and a note in a run's folder.
    NoteRun {
        /// The run folder.
        run: PathBuf,
        /// What is noted.
        notes: RunNotes,
    },
    /// Ask whether these run folders shall be moved to the system's bin.
    BinRuns(Vec<PathBuf>),
    /// Move these run folders to the system's bin.
    ReallyBinRuns(Vec<PathBuf>),
    /// Show the chosen runs' curves over each other.
    OverlayCurves,
    /// Choose a run to compare with.
    ChooseCompared,
    /// Show the predictions of this run folder or packed checkpoint beside those in view.
    CompareWith(PathBuf),
    /// Let the other run go.
    StopComparing,
    /// Show or hide the list of scenes by how far the two runs differ on them.
    ToggleDifferingScenes,
    /// Compare the two runs on every scene of the split in view.
    CompareScenes,
    /// Find the scenes that have the pixels of a cell of a confusion matrix.
    FindConfused(Confusion),
    /// Show one of these scenes with those pixels outlined.
    ShowConfused {
        /// The index within the split.
        index: usize,
        /// The cell.
        of: Confusion,
    },
    /// Outline no pixels.
    ClearOutline,
    /// Look through all scenes of the data set.
    FindScenes,
    /// Read the files of all scenes, to know what they hold, or read no more of them.
    SurveyData,
    /// Ask which of the network's classes each class of the data set is.
    MapClasses,
    /// Join the data set's classes to the network's.
    JoinClasses {
        /// The network's class for each of the data set's; `None` for one that counts nowhere.
        picks: Vec<Option<u8>>,
        /// The file that keeps the map.
        file: PathBuf,
    },
    /// Take a shipped recipe.
    UsePreset(String),
    /// Set the recipe back to the preset or file that it came from.
    ResetRecipe,
    /// Change one setting of the recipe.
    // A value has no default kind to be listed with.
    #[strum(disabled)]
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
    /// Gather features and lay them out.
    Embed(EmbeddingRequest),
    /// Choose the run whose network a layout is of.
    ChooseLayoutRun(u64),
    /// Make a layout of this run's network, or of the one in view.
    SetLayoutRun {
        /// Which layout.
        slot: u64,
        /// The run folder or packed model; `None` for the network in view.
        run: Option<PathBuf>,
    },
    /// Do something with a layout.
    // Nothing stands out among what can be done with one.
    #[strum(disabled)]
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
        /// The layout in which they were selected.
        slot: u64,
    },
    /// Select no pixels.
    ClearSelection,
    /// Open a lesson, by its place in the list, at its beginning.
    OpenLesson(usize),
    /// Show the list of lessons.
    CloseLesson,
    /// Do what the lesson's step asks for; where that is done, go on to the next.
    LessonForth,
    /// Go back to the step before.
    LessonBack,
    /// Go on to the next step, whether this one is done or not.
    LessonNext,
    /// Do what the step's button says.
    DoLessonStep,
    /// Do no more of what the step's button says.
    LeaveLessonStep,
    /// Show or fold the answer to the step's question.
    ToggleLessonAnswer,
    /// Set recipe, scene, sensors, maps and network back to what they were when the step was entered.
    ResetLessonStep,
    /// Offer lesson 1 no more.
    DismissLessons,
    /// Choose a study's file.
    ChooseStudy,
    /// Open a study that comes with the program, or a file, and follow its runs.
    OpenStudy(PathBuf),
    /// Train the open study on this data set in place of the one that it names, or on that again.
    UseStudyData(Option<PathBuf>),
    /// Show no study; what carries it out goes on.
    CloseStudy,
    /// Carry out what the open study lacks, so many runs at once.
    StartStudy {
        /// How many.
        jobs: u16,
        /// Whether what another build or version of the program has made is trained anew.
        retrains: bool,
    },
    /// Stop carrying it out, with a checkpoint of every run.
    PauseStudy,
    /// Take a few steps of a recipe in a process of its own, to know how long studies of it take.
    // A recipe has no default to be listed with.
    #[strum(disabled)]
    MeasureStep(Box<Recipe>),
    /// Have the engine here or elsewhere; where a run is under way, that is asked about first.
    UseEngine(Place),
    /// Stop what is under way, and have the engine elsewhere.
    MoveEngine(Place),
    /// Do this about an engine that is gone.
    Recover(Recovery),
    /// End an engine that does not answer, or the one on another machine.
    EndEngine,
    /// Choose a machine for the engine.
    ChooseMachine,
    /// Try the line to the engine's machine again.
    AttachAgain,
    /// Copy a run from the engine's machine to this one.
    FetchRun(PathBuf),
    /// Smooth curves by this much, 0 (none) to 1 (exclusive).
    SetSmoothing(f32),
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
    /// Write event files for TensorBoard beside the runs that begin, or none.
    ToggleTensorboard,
    /// Draw everything larger, smaller or as designed.
    StepText(TextStep),
    /// Bring an entry of the catalogue into sight in the recipe pane: a component by its id, a setting by its key.
    FindSetting(String),
    /// Write the shown curves to a file.
    ExportCurves,
    /// Write the layout of features to a file.
    ExportLayout,
    /// Write the picture that counts most as PNG.
    ExportPicture,
    /// Open or close the list of actions.
    TogglePalette,
    /// Open or close the list of keys.
    ToggleHelp,
    /// Take back the last change of the recipe, the layout or a class colour.
    Undo,
    /// Do again what was taken back last.
    Redo,
    /// Take the keys to the next part of the window: the bar, a pane.
    NextRegion,
    /// Take them to the part before.
    PreviousRegion,
}
