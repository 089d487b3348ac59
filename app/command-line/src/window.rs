//! `fusionscope` without a subcommand: the window, or the demo training where there is no display.

use std::path::PathBuf;

use fusionscope_engine::device::DeviceChoice;
use fusionscope_engine::protocol::{AlbumWish, Content, DatasetSummary, Frame};
use fusionscope_engine::recipe::FIRST_RECIPE;
use fusionscope_engine::session::Paint;
use image::RgbaImage;

use super::arguments::{RecipeArguments, ScreenshotArguments, TrainArguments, Trust, Voice};
use super::exit::{Exit, Outcome};
use super::interrupt::Interrupt;
use super::{output, train};

/// What only the crate with the window can do.
pub trait Window {
    /// Opens the window and returns when it is closed; an error where it could not be opened.
    fn open(&self) -> anyhow::Result<()>;

    /// Draws the window off-screen into a PNG file.
    fn screenshot(&self, arguments: &ScreenshotArguments, interrupt: Interrupt) -> Outcome;

    /// What makes of a frame a picture in the colours of the window's dark theme, `[height, width]`. A frame whose byte
    /// count does not fit its size gives one pixel.
    fn painter(&self) -> Paint;

    /// The same for print: in the colours of the light theme, classes in those of the data set; what is ignored is
    /// transparent.
    fn printer(&self) -> Paint;

    /// A frame of this content as a picture.
    fn paint(&self, content: &Content, frame: &Frame, dataset: &DatasetSummary) -> RgbaImage {
        self.painter()(content, frame, dataset)
    }
}

/// Opens the window; without a display says so and trains the demo recipe instead.
pub fn run(window: &dyn Window) -> Outcome {
    if display_is_missing() {
        return train_instead(window, "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)");
    }
    match window.open() {
        Ok(()) => Ok(Exit::Done),
        Err(error) => train_instead(window, &format!("it could not be opened ({error:#})")),
    }
}

fn train_instead(window: &dyn Window, reason: &str) -> Outcome {
    output::complain(&format!(
        "No window: {reason}. Training {FIRST_RECIPE} on the sample data instead; `fusionscope --help` lists what else runs \
         without a window."
    ));
    let arguments = TrainArguments {
        recipe: RecipeArguments {
            recipe: FIRST_RECIPE.into(),
            settings: Vec::new(),
            seed: None,
            steps: None,
            epochs: None,
            pretrained: None,
        },
        data: None,
        trust: Trust::default(),
        device: DeviceChoice::Auto,
        out: PathBuf::from("runs"),
        max_steps: None,
        resume: None,
        until_input_ends: false,
        tensorboard: false,
        tensorboard_scene: None,
        pins: Vec::new(),
        pin_views: Vec::new(),
        pin_every: AlbumWish::EVERY,
        pin_mb: AlbumWish::MOST_MIB,
        voice: Voice::default(),
    };
    train::run(&arguments, Interrupt::listen()?, window.painter())
}

/// Only Unix desktops other than macOS name their display in the environment.
fn display_is_missing() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(all(unix, not(target_os = "macos"))) && !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY")
}
