//! `fusionscope screenshot`.

use super::arguments::ScreenshotArguments;
use super::exit::{Exit, Failure, Outcome};

/// Draws the window off-screen into a PNG file.
pub fn run(arguments: &ScreenshotArguments) -> Outcome {
    let ScreenshotArguments { out, .. } = arguments;
    Err(Failure::new(Exit::Failed, format!("this build draws no window, so no picture was written: {}", out.display())))
}
