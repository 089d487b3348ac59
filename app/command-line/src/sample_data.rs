//! The sample data, made where it lies nowhere.

use std::path::{Path, PathBuf};

use fusionscope_engine::data::scene::{SceneSettings, write_dataset};
use fusionscope_engine::places;

use super::arguments::Voice;
use super::exit::{Exit, Failure, OrExit as _, OrFail as _};
use super::interrupt::Interrupt;
use super::progress::Progress;

/// The folder given on the command line, else the sample data's.
pub fn given_or_sample(given: Option<&Path>, voice: Voice, interrupt: Interrupt) -> Result<PathBuf, Failure> {
    match given {
        Some(path) => Ok(path.to_owned()),
        None => folder(voice, interrupt),
    }
}

/// The folder of the sample data; where it lies nowhere yet, it is made now in the user's data folder.
fn folder(voice: Voice, interrupt: Interrupt) -> Result<PathBuf, Failure> {
    match places::sample_data().or_exit(Exit::BadData)? {
        Some(found) => Ok(found),
        None => made(voice, interrupt),
    }
}

/// Made once, in a folder of its own that is renamed when it is whole.
fn made(voice: Voice, interrupt: Interrupt) -> Result<PathBuf, Failure> {
    let place = places::own_sample_data().ok_or_else(|| {
        Failure::new(Exit::Failed, "there is no home folder to keep the sample data in; give one with --data DIR")
    })?;
    let half = place.with_extension(format!("part-{}", std::process::id()));
    let mut progress = Progress::new(voice);
    let made =
        write_dataset(&half, &SceneSettings::default(), &mut progress.counts("making the sample data", interrupt));
    progress.end();
    if made.is_err() {
        // What is half made only takes space.
        let _gone = std::fs::remove_dir_all(&half);
    }
    made.or_fail()?;
    let renamed = std::fs::rename(&half, &place);
    // Another program may have been faster.
    if renamed.is_err() && !places::is_dataset(&place) {
        renamed.or_exit(Exit::Failed)?;
    }
    Ok(place)
}
