//! `fusionscope` without a subcommand: the window, or the demo training where there is no display.

use std::path::PathBuf;

use fusionscope_engine::device::DeviceChoice;

use super::arguments::{RecipeArguments, TrainArguments, Voice};
use super::exit::{Exit, Outcome};
use super::{output, train};
use crate::store::FIRST_RECIPE;
use crate::workbench::{self, Launch};

/// Opens the window; without a display says so and trains the demo recipe instead.
pub fn run() -> Outcome {
    if display_is_missing() {
        return train_instead("there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)");
    }
    match workbench::open(Launch::first()) {
        Ok(()) => Ok(Exit::Done),
        Err(error) => train_instead(&format!("it could not be opened ({error:#})")),
    }
}

fn train_instead(reason: &str) -> Outcome {
    output::complain(&format!(
        "No window: {reason}. Training {FIRST_RECIPE} on the sample data instead; `fusionscope --help` lists what else runs \
         without a window."
    ));
    train::run(&TrainArguments {
        recipe: RecipeArguments {
            recipe: FIRST_RECIPE.to_owned(),
            settings: Vec::new(),
            seed: None,
            steps: None,
            epochs: None,
            pretrained: None,
        },
        data: None,
        device: DeviceChoice::Auto,
        out: PathBuf::from("runs"),
        resume: None,
        voice: Voice::default(),
    })
}

/// Only Unix desktops other than macOS name their display in the environment.
fn display_is_missing() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(all(unix, not(target_os = "macos"))) && !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY")
}
