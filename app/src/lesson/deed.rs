//! What the button of a lesson's step does.

use serde::Deserialize;

/// One of the things that a button does, in order. Each is an action that the user could do by hand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// Open the shipped network on the sample data.
    Demo,
    /// Open the sample data.
    Sample,
    /// Take a shipped recipe, with these settings changed: key and value as on the command line.
    Recipe {
        /// Its name.
        name: String,
        /// What is set otherwise.
        #[serde(default)]
        with: Vec<[String; 2]>,
    },
    /// Change one setting; of a run that trains, if it is live.
    Set([String; 2]),
    /// Begin a run, or go on with the held one.
    Train,
    /// Hold the run.
    Pause,
    /// End the run, if there is one, with a checkpoint.
    Stop,
    /// Drop a sensor.
    Drop(String),
    /// Restore all sensors.
    AllSensors,
    /// Show a scene by its id.
    Scene {
        /// The split.
        split: String,
        /// The scene's id.
        id: String,
    },
    /// Show these maps and no others beside sensors, label and predictions.
    Watch(Vec<String>),
    /// Fill what dropped sensors change, or no longer.
    Difference(bool),
    /// Evaluate on a split.
    Evaluate(String),
    /// Bring a pane to the front, by its title.
    Pane(String),
    /// Gather features of this many pixels of the first scenes of the split in view.
    Embed {
        /// Which features.
        features: String,
        /// How many pixels.
        points: usize,
    },
    /// Lay them out by t-SNE.
    Layout,
}
