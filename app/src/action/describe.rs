//! The one description of every action.

use std::path::PathBuf;

use egui::{Key, Modifiers};
use fusionscope_engine::protocol::{SessionState, Touch};
use fusionscope_engine::recipe::{component, presets, setting};
use fusionscope_engine::study::shipped_studies;

use super::{Action, Description};
use crate::arrangement::{Layout, PaneKind};
use crate::lesson::lessons;
use crate::link::{Carrier, Place};
use crate::look::{self, TextStep};
use crate::store::{ClassesOf, Line, Recovery, Store, Tool};

/// Keys of the first nine sensors.
const DIGITS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

const NO_DATA: &str = "open a data set first";
const NO_NETWORK: &str = "train, or open a run, first";
const NO_OTHER: &str = "choose a run to compare with first";
const NO_RUNS_CHOSEN: &str = "tick runs in the list of runs first";
const NO_RUN: &str = "no run is under way";
const NO_PAGES: &str = "no pages of this scene are kept: pin it (P) and train";
const NO_LESSON: &str = "open a lesson first";
const NO_STUDY: &str = "open a study first";
const NOTHING_SUPPOSED: &str = "nothing is supposed: open the what-if card first";

fn of(title: impl Into<String>, words: &'static str) -> Description {
    Description::of(title, words)
}

impl Action {
    /// Everything that is known of it without doing it.
    pub fn describe(&self, store: &Store) -> Description {
        let (trains, is_held) = (store.state == SessionState::Training, store.state == SessionState::Paused);
        let (at_rest, has_run) = (store.is_at_rest(), trains || is_held);
        let has_data = store.dataset.is_some();
        let busy = match store.state {
            SessionState::Training => "a run is training",
            SessionState::Paused => "stop the held run first",
            SessionState::Preparing { .. } => "the session is getting ready",
            _ => "an evaluation is under way",
        };
        let has_network = store.network.is_some();
        let compares = store.scene.beside.is_some();
        let in_lesson = store.lesson.at.is_some();
        let evaluated = |title: String| {
            of(title, "Score every subset of the sensors on a split")
                .when(has_network, NO_NETWORK)
                .when(has_data, NO_DATA)
                .when(at_rest || has_run, busy)
        };
        match self {
            Self::Train if is_held => of("Continue training", "Go on with the held run").listed().half_of(Key::Space),
            Self::Train => of("Train", "Begin a run with this recipe")
                .listed()
                .half_of(Key::Space)
                .giving_up_run()
                .when(at_rest, busy)
                .when(has_data, NO_DATA),
            Self::Pause => of("Pause", "Hold the run after the step in hand")
                .listed()
                .half_of(Key::Space)
                .when(trains, "no run is training"),
            Self::ToggleRun => of("Start or pause", "Start or pause")
                .key(Key::Space)
                .when(at_rest || has_run, busy)
                .when(trains || has_data, NO_DATA),
            Self::StepOnce => {
                let step = of("One step", "Take one step, then hold").listed().key(Key::Period);
                let step = step.when(at_rest || has_run, busy).when(has_data, NO_DATA);
                if at_rest { step.giving_up_run() } else { step }
            }
            Self::Stop if at_rest || has_run => {
                of("Stop the run", "End the run with a checkpoint").listed().when(has_run, NO_RUN)
            }
            Self::Stop => of("Stop", "End what is under way").listed(),
            Self::Restart => {
                of("Restart the run with this recipe", "End the run and begin again with the recipe as edited")
                    .listed()
                    .when(has_run, NO_RUN)
                    .when(has_data, NO_DATA)
            }
            Self::Resume => of("Resume the opened run", "Continue the opened run from its newest checkpoint")
                .listed()
                .giving_up_run()
                .when(at_rest, busy)
                .when(store.can_resume(), "open a run that has steps left to take"),
            Self::SaveCheckpoint => {
                let title = if store.unsaved.is_some() { "Save the run again" } else { "Save a checkpoint" };
                of(title, "Save a checkpoint")
                    .listed()
                    .command_key(Key::S)
                    .when(has_run || store.unsaved.is_some(), NO_RUN)
            }
            Self::Evaluate => evaluated(format!("Evaluate on {}", store.scene.split)).listed(),
            Self::EvaluateSplit(split) => evaluated(format!("Evaluate on {split}")),
            Self::RunProtocol { protocol, split } => Description {
                words: "Take the figures of a protocol on a split",
                ..evaluated(format!("Run protocol {} on {split}", protocol.word()))
            },

            Self::ToggleSensor(place) => {
                let sensor = store.sensor(*place);
                let title = match sensor {
                    Some(sensor) if store.scene.what_if.is_absent(&sensor.name) => format!("Restore {}", sensor.name),
                    Some(sensor) => format!("Drop {}", sensor.name),
                    None => format!("Drop sensor {}", place + 1),
                };
                let toggle = of(title, "Drop or restore a sensor")
                    .listed_as(|| (0..DIGITS.len()).map(Self::ToggleSensor).collect())
                    .when(sensor.is_some(), "the data set has no such sensor")
                    .when(
                        sensor.is_none_or(|sensor| store.looks_at_sensor(&sensor.name)),
                        "the network does not use it",
                    );
                let toggle = Description { is_listed: sensor.is_some(), ..toggle };
                match DIGITS.get(*place) {
                    Some(key) => toggle.key(*key),
                    None => toggle,
                }
            }
            Self::KeepSensors(kept) => of(format!("Keep {} alone", kept.join(", ")), "Drop all other sensors")
                .when(has_data, NO_DATA)
                .when(has_network, NO_NETWORK),
            Self::AllSensors => of("Restore all sensors", "Restore all sensors")
                .listed()
                .when(!store.scene.what_if.dropped().is_empty(), "no sensor is dropped"),
            Self::ToggleWhatIf if store.scene.supposing.card.is_some() => {
                of("Close the what-if card", "Suppose something of the sensors or the method").listed().key(Key::W)
            }
            Self::ToggleWhatIf => of("What if…", "Suppose something of the sensors or the method")
                .listed()
                .key(Key::W)
                .when(has_network, NO_NETWORK)
                .when(has_data, NO_DATA),
            Self::OpenCard(place) => {
                let sensor = store.sensor(*place);
                let title = sensor.map_or_else(|| format!("sensor {}", place + 1), |sensor| sensor.name.clone());
                let card = of(format!("What if {title}…"), "Degrade, move, paint or replace what a sensor sees")
                    .listed_as(|| (0..DIGITS.len()).map(Self::OpenCard).collect())
                    .when(sensor.is_some(), "the data set has no such sensor")
                    .when(has_network, NO_NETWORK)
                    .when(
                        sensor.is_none_or(|sensor| store.looks_at_sensor(&sensor.name)),
                        "the network does not use it",
                    );
                Description { is_listed: sensor.is_some(), ..card }
            }
            Self::ChangeSensor { sensor, .. } => {
                of(format!("Suppose something of {sensor}"), "Change what a sensor sees").when(has_network, NO_NETWORK)
            }
            Self::SetSwitch { key, value } => {
                let value = value.as_ref().map_or_else(|| "as trained".to_owned(), ToString::to_string);
                of(format!("Ask by {key} {value}"), "Ask the network by another setting, for this look")
                    .when(has_network, NO_NETWORK)
            }
            Self::Suppose(what_if) => {
                of(format!("What if: {}", what_if.title()), "Suppose what was kept").when(has_network, NO_NETWORK)
            }
            Self::SupposeNothing => of("Suppose nothing", "See the scene as it is again")
                .listed()
                .key(Key::Num0)
                .when(!store.scene.what_if.is_empty(), NOTHING_SUPPOSED),
            Self::UseTool(tool) => {
                let (title, words, key) = match tool {
                    Tool::Move => (
                        "Move the sensor's picture",
                        "Shift a sensor against the others by dragging its picture",
                        Key::M,
                    ),
                    Tool::Paint(Touch::Black) => {
                        ("Black out with the brush", "Black out places of a sensor's picture", Key::B)
                    }
                    Tool::Paint(Touch::Restore) => {
                        ("Restore with the brush", "Give places back what the sensor saw", Key::V)
                    }
                };
                of(title, words)
                    .listed_as(|| Tool::ALL.map(Self::UseTool).into())
                    .key(key)
                    .when(has_network, NO_NETWORK)
                    .when(has_data, NO_DATA)
            }
            Self::SetBrush(radius) => {
                of(format!("Brush of {:.0} % of the width", 200.0 * radius), "How wide the brush is")
            }
            Self::KeepWhatIf(_) => of("Keep the what-if", "Keep what is supposed, to be used on other scenes and runs")
                .listed_as(|| vec![Self::KeepWhatIf(String::new())])
                .when(!store.scene.what_if.is_empty(), NOTHING_SUPPOSED),
            Self::ForgetWhatIf(name) => of(format!("Forget the what-if “{name}”"), "Keep it no longer"),
            Self::StudyWhatIf => {
                let row = store.row_of_what_if();
                of("Put the what-if into a study", "Add what is supposed to the study pane, as a row that is trained so")
                    .listed()
                    .when(row.is_ok(), row.err().unwrap_or_default())
            }
            Self::ApplyWhatIf => {
                let count = look::counted(store.scene_count() as u64, "scene");
                of(
                    format!("Try the what-if on all {count} of {}", store.scene.split),
                    "Score every scene of the split without and with what is supposed; training waits meanwhile",
                )
                .listed()
                .when(!store.scene.what_if.is_empty(), NOTHING_SUPPOSED)
                .when(has_network, NO_NETWORK)
                .when(has_data, NO_DATA)
                .when(at_rest || has_run, busy)
            }
            Self::PreviousScene => of("Previous scene", "Previous scene")
                .listed()
                .key(Key::OpenBracket)
                .when(store.scene_count() > 0, NO_DATA),
            Self::NextScene => {
                of("Next scene", "Next scene").listed().key(Key::CloseBracket).when(store.scene_count() > 0, NO_DATA)
            }
            Self::GoToScene => {
                of("Go to scene…", "Go to scene").listed().key(Key::G).when(store.scene_count() > 0, NO_DATA)
            }
            Self::ShowScene { split, index } => of(format!("Show scene {} of {split}", index + 1), "Show this scene")
                .when(store.scene_count() > 0, NO_DATA),

            Self::TogglePin => {
                let title = if store.is_pinned() { "Unpin the scene" } else { "Pin the scene" };
                of(title, "Pin the scene, so that runs keep how they saw it")
                    .listed()
                    .key(Key::P)
                    .when(store.scene_count() > 0, NO_DATA)
            }
            Self::GoToTime(Some(step)) => of(format!("Go to step {}", look::count(*step)), "See the scene as it was seen")
                .when(!store.scene.time.steps().is_empty(), NO_PAGES),
            Self::GoToTime(None) => of("Back to now", "See the scene as the network stands")
                .listed_as(|| vec![Self::GoToTime(None)])
                .key(Key::N)
                .when(store.scene.time.at().is_some(), "the network is in view as it stands"),
            Self::EarlierPage => of("Earlier step of the scene", "Earlier step of the pinned scene")
                .listed()
                .key(Key::J)
                .when(!store.scene.time.steps().is_empty(), NO_PAGES),
            Self::LaterPage => of("Later step of the scene", "Later step of the pinned scene")
                .listed()
                .key(Key::K)
                .when(!store.scene.time.steps().is_empty(), NO_PAGES),
            Self::PlayPages => {
                let title = if store.scene.time.plays() { "Stop playing" } else { "Play the steps of the scene" };
                of(title, "Play or stop the steps of the pinned scene")
                    .listed()
                    .key(Key::T)
                    .when(!store.scene.time.steps().is_empty(), NO_PAGES)
            }
            Self::CompareTime => {
                let title = match store.scene.time.since() {
                    Some(step) => format!("Compare with step {} no longer", look::count(step)),
                    None => "Compare with this step".to_owned(),
                };
                of(title, "Compare other steps with the one in view")
                    .listed()
                    .key(Key::A)
                    .when(!store.scene.time.steps().is_empty(), NO_PAGES)
                    .when(!compares, "two runs are compared: stop that first")
            }
            Self::SetAlbumBound(most) => {
                of(format!("Keep at most {most} MB of pinned scenes"), "How much room pages of pinned scenes may take")
            }
            Self::Fit => of("Fit pictures", "Fit pictures").listed().key(Key::F).when(has_data, NO_DATA),
            Self::ToggleLabel => of("Label on or off", "Label on or off").listed().key(Key::L).when(has_data, NO_DATA),
            Self::ToggleErrors => {
                of("Error maps on or off", "Error maps on or off").listed().key(Key::E).when(has_network, NO_NETWORK)
            }
            Self::ToggleSwipe if compares => {
                of("Swipe between the two runs", "Swipe between the predictions of both runs").listed().key(Key::S)
            }
            Self::ToggleSwipe if store.scene.seen_since().is_some() => {
                of("Swipe between the two steps", "Swipe the prediction of one step against that of the other")
                    .listed()
                    .key(Key::S)
            }
            Self::ToggleSwipe if store.scene.effect_that_counts().is_some() => {
                of("Swipe without and with the what-if", "Swipe the prediction without the what-if against that with it")
                    .listed()
                    .key(Key::S)
            }
            Self::ToggleSwipe => of("Swipe prediction against label", "Swipe prediction against label")
                .listed()
                .key(Key::S)
                .when(has_network, NO_NETWORK),
            Self::ToggleDifference if compares => {
                of("Difference of the two runs", "Fill what the two runs predict differently").listed().key(Key::D)
            }
            Self::ToggleDifference if store.scene.seen_since().is_some() => {
                of("Difference of the two steps", "Fill what is another class at the other step").listed().key(Key::D)
            }
            Self::ToggleDifference if store.scene.what_if.is_more_than_absence() => {
                of("Difference that the what-if makes", "Fill what is another class with the what-if")
                    .listed()
                    .key(Key::D)
                    .when(has_network, NO_NETWORK)
            }
            Self::ToggleDifference => of("Difference to all sensors", "Fill what a dropped sensor changes")
                .listed()
                .key(Key::D)
                .when(has_network, NO_NETWORK),
            Self::HoldCompare(_) => of("Hold to compare with the label", "Hold to compare with the label")
                .key(Key::H)
                .when(has_network, NO_NETWORK),
            Self::SetOverlay(share) => {
                of(format!("Overlay at {:.0} %", share * 100.0), "How much of a mask covers the picture below it")
            }
            Self::Watch(names) => of(format!("Watch {}", names.join(", ")), "Ask for maps of the scene"),
            Self::PickPixel(_) => of("Pick a pixel", "Ask maps about one pixel for this place"),
            Self::ForgetPixel => of("Forget the pixel", "Ask maps about one pixel for none in particular"),
            Self::Explain(_) => of("Explain", "Choose which answer explanations are about, and where they look"),
            Self::ToggleClass(class) => {
                of(format!("Show or hide {}", store.class_name(*class)), "Show or hide a class")
            }
            Self::SoloClass(class) => {
                of(format!("Show {} alone", store.class_name(*class)), "Show one class alone, or all again")
            }
            Self::ShowAllClasses => of("Show all classes", "Show all classes")
                .listed()
                .when(store.scene.solo.is_some() || !store.scene.hidden.is_empty(), "no class is hidden"),
            Self::ToggleOwnColours if store.scene.own_colours => {
                of("Use colour-blind-safe class colours", "Colours that everybody can tell apart").listed()
            }
            Self::ToggleOwnColours => {
                of("Use the data set's own class colours", "Colours as its authors chose them").listed()
            }
            Self::SetClassColour { class, colour } => {
                let name = store.class_name(*class);
                let title =
                    if colour.is_some() { format!("Recolour {name}") } else { format!("Give {name} its usual colour") };
                of(title, "Recolour a class").when(has_data, NO_DATA)
            }

            Self::OpenData => {
                of("Open a data set…", "Open a data set").listed().command_key(Key::O).when(at_rest, busy)
            }
            Self::OpenDataFolder(path) => of(format!("Open the data set {}", path.display()), "Open a data set")
                .giving_up_run()
                .when(at_rest, busy),
            Self::OpenSampleData => {
                of("Open the sample data", "Open the shipped data set")
                    .listed()
                    .giving_up_run()
                    .when(at_rest, busy)
                    .when(!store.engine.is_afar(), "it lies on this machine, and the engine is on another")
            }
            Self::TrustData => of(
                "Open it and what it reads outside",
                "Let this data set name files outside of its folder; do so where you trust whoever wrote its manifest",
            )
            .giving_up_run()
            .when(at_rest, busy)
            .when(store.untrusted.is_some(), "no data set waits to be trusted"),
            Self::OpenDemo => of("Back to the demo model", "Open the shipped network on the sample data again")
                .listed()
                .giving_up_run()
                .when(at_rest, busy)
                .when(store.demo_model.is_some(), "the demo model was not found")
                .when(!store.engine.is_afar(), "it lies on this machine, and the engine is on another")
                .when(!store.shows_demo(), "it is in view"),
            Self::OpenRecipe => of("Open a recipe…", "Open a .toml file with settings of the catalogue").listed(),
            Self::OpenRecipeFile(path) => of(format!("Open the recipe {}", path.display()), "Open a recipe file"),
            Self::OpenRun => of("Open a run…", "Open a run folder or a packed checkpoint").listed().when(at_rest, busy),
            Self::OpenRunFolder(path) => {
                of(format!("Open the run {}", path.display()), "Open a run").giving_up_run().when(at_rest, busy)
            }
            Self::FindRun => of("Find a run…", "List all runs, and filter them").listed().key(Key::R),
            Self::AddRunsFolder => of("Add a folder of runs…", "List the runs below one more folder").listed(),
            Self::ListRunsFolder(path) => {
                of(format!("List the runs below {}", path.display()), "List the runs below one more folder")
            }
            Self::DropRunsFolder(path) => of(
                format!("No longer list the runs below {}", path.display()),
                "Take a folder out of the list of runs; nothing in it is changed",
            ),
            Self::CompareRuns { runs, is_on } => {
                let count = look::counted(runs.len() as u64, "run");
                let title = if *is_on { format!("Compare {count}") } else { format!("Leave {count} out") };
                of(title, "Lay runs over each other and side by side")
            }
            Self::CompareNoRuns => of("Compare no runs", "Leave all runs out of the comparison")
                .listed()
                .when(!store.shelf.chosen().is_empty(), NO_RUNS_CHOSEN),
            Self::NoteRun { run, .. } => of(format!("Note on {}", run.display()), "Keep tags and a note with a run"),
            Self::BinRuns(runs) => {
                let count = look::counted(runs.len() as u64, "run");
                let is_at_work = |run: &PathBuf| store.shelf.run(run).is_some_and(|run| run.card.standing.is_at_work());
                of(format!("Move {count} to the bin…"), "Move run folders to the system's bin, after asking")
                    .when(!runs.iter().any(is_at_work), "a program is training one of them")
            }
            Self::ReallyBinRuns(runs) => {
                let count = look::counted(runs.len() as u64, "run");
                of(format!("Move {count} to the bin"), "Move run folders to the system's bin")
            }
            Self::OverlayCurves => of("Curves of the compared runs", "The compared runs' curves over each other")
                .listed()
                .when(!store.shelf.chosen().is_empty(), NO_RUNS_CHOSEN),
            Self::ChooseCompared => of("Compare with another run…", "Show another run's predictions beside these")
                .listed()
                .when(has_data, NO_DATA),
            Self::CompareWith(path) => {
                of(format!("Compare with {}", path.display()), "Show this run's predictions beside those in view")
                    .when(has_data, NO_DATA)
            }
            Self::StopComparing => of("Stop comparing", "Let the other run go").listed().when(compares, NO_OTHER),
            Self::ToggleDifferingScenes => of(
                "Scenes by difference of the two runs",
                "List the scenes of the split that both runs see differently",
            )
            .listed()
            .when(compares, NO_OTHER),
            Self::CompareScenes => {
                let title = format!("Compare both runs on {}", store.scene.split);
                of(title, "Predict every scene of the split with both runs; training waits meanwhile")
                    .listed()
                    .when(compares, NO_OTHER)
                    .when(has_network, NO_NETWORK)
                    .when(at_rest || has_run, busy)
            }
            Self::FindConfused(confusion) => {
                let (truth, predicted) = (store.class_name(confusion.truth), store.class_name(confusion.predicted));
                of(format!("Find {truth} taken for {predicted}"), "List the scenes with most such pixels")
                    .when(has_network, NO_NETWORK)
                    .when(at_rest || has_run, busy)
            }
            Self::ShowConfused { index, of: confusion } => {
                let title = format!("Show scene {} of {}", index + 1, confusion.split);
                of(title, "Show this scene with those pixels outlined").when(store.scene_count() > 0, NO_DATA)
            }
            Self::ClearOutline => of("Remove the outline", "Outline no pixels")
                .listed()
                .when(store.scene.outline.is_some(), "nothing is outlined"),
            Self::FindScenes => of("Find scenes…", "List all scenes of the data set, and filter them")
                .listed()
                .when(has_data, NO_DATA),
            Self::SurveyData if store.gallery.is_surveying() => {
                of("Stop reading all files", "Read no more files of the data set; what was read stays").listed()
            }
            Self::SurveyData => {
                let is_done = store.gallery.survey().is_some_and(|survey| survey.is_done());
                of("Read all files of the data set", "Read every file for class shares, values and problems")
                    .listed()
                    .when(has_data, NO_DATA)
                    .when(!is_done, "all of them have been read")
            }
            Self::MapClasses => {
                of("Map the classes…", "Say which of the network's classes each class of the data set is")
                    .listed()
                    .when(at_rest, busy)
                    .when(store.answers_with_own_classes(), "the network has the data set's classes")
                    .when(!store.class_names(ClassesOf::Labels).is_empty(), "the data set has no labels")
            }
            Self::JoinClasses { file, .. } => {
                of(format!("Map the classes by {}", file.display()), "Join the data set's classes to the network's")
                    .when(at_rest, busy)
            }
            Self::UsePreset(name) => of(format!("Use the recipe {name}"), "Take a shipped recipe")
                .listed_as(|| presets().iter().map(|preset| Self::UsePreset(preset.name.to_owned())).collect()),
            Self::ResetRecipe => {
                of(format!("Reset the recipe to {}", store.origin.name), "Take back all edits of the recipe")
                    .listed()
                    .when(store.is_edited(), "the recipe has not been edited")
            }
            Self::SetSetting { key, value } => of(format!("Set {key} to {value}"), "Change a setting of the recipe"),
            Self::SetVariant { component, variant } => {
                of(format!("Set {component} as in the {variant}"), "Give a component the settings of one reading")
            }

            Self::Embed(request) => of(format!("Lay out {}", request.features), "Gather features and lay them out"),
            Self::ChooseLayoutRun(_) => of("Lay out another run…", "Choose the run whose features are laid out"),
            Self::SetLayoutRun { run: Some(run), .. } => {
                of(format!("Lay out the run {}", run.display()), "Lay out this run's features")
            }
            Self::SetLayoutRun { run: None, .. } => of("Lay out the network in view", "Lay out the network in view"),
            Self::SteerEmbedding { steer, .. } => of(format!("Layout: {steer:?}"), "Start, hold or change a layout"),
            Self::CloseEmbedding(_) => of("Close a layout", "Give up a layout"),
            Self::SelectPoints { pixels, .. } => {
                of(format!("Select {}", look::counted(pixels.len() as u64, "pixel")), "Select pixels of the cloud")
            }
            Self::ClearSelection => of("Clear the selection", "Select no pixels of the cloud")
                .listed()
                .when(!store.embedding.selected.is_empty(), "no pixels are selected"),
            Self::OpenLesson(place) => {
                let title = lessons().get(*place).map_or("none", |lesson| lesson.title.as_str());
                of(format!("Lesson {}: {title}", place + 1), "Open a lesson at its beginning")
                    .listed_as(|| (0..lessons().len()).map(Self::OpenLesson).collect())
            }
            Self::CloseLesson => of("List the lessons", "Leave the lesson").listed().when(in_lesson, NO_LESSON),
            Self::LessonForth => of("Do the lesson's step, or go on", "Do what the step asks for; where that is done, go on")
                .key(Key::PageDown)
                .when(in_lesson, NO_LESSON)
                .when(store.lesson.doing.is_empty(), "it is being done")
                .when(!store.lesson_step_is_done() || store.lesson.next().is_some(), "this was the last step"),
            Self::LessonBack => of("Previous step of the lesson", "Go back to the step before")
                .listed()
                .key(Key::PageUp)
                .when(in_lesson, NO_LESSON)
                .when(store.lesson.previous().is_some(), "this is the first step"),
            Self::LessonNext => of("Next step of the lesson", "Go on, whether the step is done or not")
                .listed()
                .modified_key(Modifiers::SHIFT, Key::PageDown)
                .when(in_lesson, NO_LESSON)
                .when(store.lesson.next().is_some(), "this was the last step"),
            Self::DoLessonStep => of("Do the lesson's step", "Do what the step's button says")
                .listed()
                .command_key(Key::Enter)
                .when(in_lesson, NO_LESSON)
                .when(store.lesson.open().is_none_or(|(_, step)| step.has_button()), "there is nothing to do in it")
                .when(store.lesson.doing.is_empty(), "it is being done"),
            Self::LeaveLessonStep => of("Leave off the lesson's step", "Do no more of what the button says")
                .when(!store.lesson.doing.is_empty(), "nothing is being done"),
            Self::ToggleLessonAnswer => of("Answer of the lesson's step", "Show or fold the answer")
                .listed()
                .when(store.lesson.open().is_some_and(|(_, step)| !step.work.question.is_empty()), "it asks nothing"),
            Self::ResetLessonStep => {
                of("Reset to here", "Recipe, scene, sensors, maps and network as they were when this step was entered")
                    .listed()
                    .when(in_lesson, NO_LESSON)
                    .when(at_rest, busy)
            }
            Self::DismissLessons => of("Do not offer lessons", "Offer lesson 1 no more"),
            Self::ChooseStudy => of("Open a study…", "Open the .toml file of a study").listed(),
            Self::OpenStudy(path) => {
                of(format!("Open the study {}", path.display()), "Open a study and follow its runs")
                    .listed_as(|| shipped_studies().iter().map(|study| Self::OpenStudy(study.name.into())).collect())
            }
            Self::UseStudyData(data) => {
                let title = data.as_ref().map_or_else(
                    || "Train the study on the data that it names".to_owned(),
                    |path| format!("Train the study on {}", path.display()),
                );
                of(title, "The data set of every run of the study").when(store.study.view.is_some(), NO_STUDY)
            }
            Self::CloseStudy => of("Close the study", "Show none; what carries it out goes on")
                .listed()
                .when(store.study.view.is_some(), NO_STUDY),
            Self::StartStudy { .. } => {
                let view = store.study.view.as_ref();
                of("Start the study", "Train and score what the study lacks, in processes of its own")
                    .listed_as(|| vec![Self::StartStudy { jobs: 1, retrains: false }])
                    .when(view.is_some(), NO_STUDY)
                    .when(view.is_none_or(|view| view.carrier == Carrier::Nobody), "it is being carried out")
            }
            Self::PauseStudy => {
                of("Pause the study", "Stop its runs, each with a checkpoint to go on from").listed().when(
                    store.study.view.as_ref().is_some_and(|view| view.carrier != Carrier::Nobody),
                    "no study is at work",
                )
            }
            Self::MeasureStep(recipe) => {
                of(format!("Measure a step of {}", recipe.name), "Take a few steps of a recipe")
                    .when(store.study.measuring.is_none(), "steps are being measured")
            }
            Self::UseEngine(place) => of(format!("Engine: {}", place.phrase()), place.words())
                .listed_as(|| Place::ALL.map(Self::UseEngine).into())
                .giving_up_run()
                .when(store.engine.can_move, "this window was opened with one engine alone")
                .when(store.engine.moves_to.is_none(), "it is on its way"),
            Self::MoveEngine(_) => of("Stop and move the engine", "Stop what is under way and go on elsewhere")
                .giving_up_run()
                .when(store.engine.can_move, "this window was opened with one engine alone"),
            Self::Recover(recovery) => {
                let had_run = store.engine.to_recover().is_some_and(|lost| lost.work.run.is_some());
                let goes_on = |how: &str| {
                    let what = if had_run { "Resume" } else { "Start it again" };
                    format!("{what}{how}")
                };
                let (title, words) = match recovery {
                    Recovery::GoOn if had_run => {
                        ("Start it again and resume".to_owned(), "Go on from the newest checkpoint")
                    }
                    Recovery::GoOn => ("Start it again".to_owned(), "Open again what was open"),
                    Recovery::SmallerBatch => {
                        let size = store.smaller_batch().unwrap_or(1);
                        let title = format!("Begin anew with {} in a step", look::counted(size as u64, "scene"));
                        (title, "Needs about half the memory. It is another run: the batch is part of what is trained")
                    }
                    Recovery::OnProcessor => (goes_on(" on the processor"), "Slower, and without a graphics driver"),
                    Recovery::Here => (goes_on(" in this process"), "Without another process"),
                };
                of(title, words)
                    .when(store.engine.can_move, "this window was opened with one engine alone")
                    .when(store.can_recover(*recovery).is_ok(), store.can_recover(*recovery).err().unwrap_or_default())
            }
            Self::EndEngine if store.engine.is_afar() => {
                of("End the engine there", "Save a checkpoint of the run under way, and end the engine on its machine")
                    .listed()
                    .when(!store.engine.line.is_down(), "the line is down")
                    .when(store.engine.lost.is_none(), "it is gone")
            }
            Self::ChooseMachine => of("Engine: on another machine…", "Choose a machine that `ssh` reaches")
                .listed()
                .when(store.engine.can_move, "this window was opened with one engine alone"),
            Self::AttachAgain => of("Try the line to the engine now", "Attach again to the engine on its machine")
                .listed()
                .when(matches!(store.engine.line, Line::Cut { .. }), "no line is cut"),
            Self::FetchRun(run) => of(
                format!("Copy {} to this machine", run.display()),
                "Copy a run that has ended to this machine's folder of runs, whole or not at all",
            )
            .when(store.engine.is_afar(), "it lies on this machine")
            .when(!store.engine.line.is_down(), "the line is down")
            .when(store.fetched.is_none(), "another run is being copied")
            .when(
                store.shelf.run(run).is_none_or(|run| !run.card.standing.is_at_work()),
                "a program is training it",
            ),
            Self::EndEngine => of("End the engine at once", "For one that does not answer: the run goes back to its checkpoint")
                .listed()
                .when(store.engine.seat.place != Place::Here, "it is in this process")
                .when(store.engine.lost.is_none(), "it is gone"),
            Self::SetSmoothing(share) => of(format!("Smooth curves by {share:.2}"), "Smooth curves"),
            Self::SetViewBudget(share) => of(
                format!("Live pictures: {:.0} % of the time", share * 100.0),
                "The share of the trainer's time that live pictures may take",
            ),

            Self::UseLayout(layout) => of(format!("Layout {}", layout.name()), "Arrange the panes")
                .listed_as(|| Layout::ALL.map(Self::UseLayout).into()),
            Self::ResetLayout => of("Reset the layout", "Arrange the panes as delivered").listed(),
            Self::ShowPane(kind) => of(format!("Show {}", kind.title().to_lowercase()), "Bring a pane to the front")
                .listed_as(|| PaneKind::all().map(Self::ShowPane).collect()),
            Self::FloatPane(kind) => {
                of(format!("Float or dock {}", kind.title().to_lowercase()), "A window of its own for a pane")
                    .listed_as(|| PaneKind::all().map(Self::FloatPane).collect())
            }
            Self::ToggleTheme => of("Dark or light theme", "Dark or light theme").listed(),
            Self::ToggleMotion if store.reduced_motion => {
                of("Allow motion", "Let masks fade and lists unfold").listed()
            }
            Self::ToggleMotion => of("Reduce motion", "Show everything at once").listed(),
            Self::ToggleTensorboard if store.writes_events => {
                of("No event files for TensorBoard", "Runs that begin from now on write none").listed()
            }
            Self::ToggleTensorboard => of(
                "Write event files for TensorBoard",
                "Runs that begin from now on write their figures, and the pictures of a scene, into files that TensorBoard reads",
            )
            .listed(),
            Self::StepText(step) => {
                let text = match step {
                    TextStep::Larger => {
                        of("Larger text", "Larger text").command_key(Key::Plus).second_command_key(Key::Equals)
                    }
                    TextStep::Smaller => of("Smaller text", "Smaller text").command_key(Key::Minus),
                    TextStep::Usual => of("Usual text size", "Text as designed").command_key(Key::Num0),
                };
                let is_there = store.text_size.stepped(*step) != store.text_size;
                text.listed_as(|| TextStep::ALL.map(Self::StepText).into()).when(is_there, "the text is of that size")
            }
            Self::FindSetting(key) => {
                let title = setting(key).map(|setting| setting.title);
                let title = title.or_else(|| component(key).map(|component| component.title)).unwrap_or(key);
                of(format!("Find {title} in the recipe"), "Bring it into sight in the recipe pane")
            }
            Self::ExportCurves => of("Save the curves as CSV…", "Every step of the shown curves as a table")
                .listed()
                .when(store.curves.has_any(), "there are no curves yet"),
            Self::ExportLayout => of("Save the layout of features…", "The embedding as CSV, SVG or PNG")
                .listed()
                .when(store.embedding.shown(0).is_some(), "gather features in the embedding pane first"),
            Self::ExportPicture => of("Save the picture…", "The maximised picture, or the first prediction, as PNG")
                .listed()
                .when(store.scene.shown().is_some(), NO_DATA),
            Self::TogglePalette => of("Search", "Search actions, settings, views and scenes").command_key(Key::K),
            Self::ToggleHelp => of("Keys", "This list").listed().key(Key::Questionmark),
            Self::Undo => {
                of("Undo", "Undo").listed().command_key(Key::Z).when(store.can_undo(), "nothing to take back")
            }
            Self::Redo => of("Redo", "Redo what was undone")
                .listed()
                .modified_key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z)
                .second_command_key(Key::Y)
                .when(store.can_redo(), "nothing was undone"),
            Self::NextRegion => of("Next part of the window", "Keys to the next part of the window").key(Key::F6),
            Self::PreviousRegion => {
                of("Previous part of the window", "Keys to the part before").modified_key(Modifiers::SHIFT, Key::F6)
            }
        }
    }

    /// The name in menus and in the palette.
    pub fn title(&self, store: &Store) -> String {
        self.describe(store).title
    }

    /// Whether it can be done now.
    pub fn enabled(&self, store: &Store) -> bool {
        self.describe(store).enabled.is_ok()
    }
}
