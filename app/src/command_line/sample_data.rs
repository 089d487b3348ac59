//! Where the sample data lies, and making it where it lies nowhere.

use std::path::{Path, PathBuf};

use fusionscope_engine::data::MANIFEST_NAME;
use fusionscope_engine::data::scene::{SceneSettings, write_dataset};

use super::arguments::Voice;
use super::exit::{Exit, Failure, OrExit as _};
use super::progress::Progress;

/// Overrides where the sample data is looked for.
pub const SAMPLE_DATA_VARIABLE: &str = "FUSIONSCOPE_SAMPLE_DATA";

/// The folder's name in the source tree and beside an installed program.
const FOLDER: &str = "datasets-sample";

/// The folder given on the command line, else the sample data's.
pub fn given_or_sample(given: Option<&Path>, voice: Voice) -> Result<PathBuf, Failure> {
    match given {
        Some(path) => Ok(path.to_owned()),
        None => folder(voice),
    }
}

/// The folder of the sample data; where it lies nowhere yet, it is made now in the user's data folder.
fn folder(voice: Voice) -> Result<PathBuf, Failure> {
    match found()? {
        Some(found) => Ok(found),
        None => made(voice),
    }
}

/// The sample data where it lies already: what the environment variable names, else the one beside the program or above it, else
/// the one it was built with, else the one made before in the user's data folder. The window and the command line both ask here.
pub fn found() -> Result<Option<PathBuf>, Failure> {
    if let Some(named) = std::env::var_os(SAMPLE_DATA_VARIABLE).filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        if is_dataset(&named) {
            return Ok(Some(named));
        }
        let message = format!(
            "{SAMPLE_DATA_VARIABLE} names a folder without a {MANIFEST_NAME}; unset it or make the data with \
             `fusionscope dataset sample --out DIR`: {}",
            named.display()
        );
        return Err(Failure::new(Exit::BadData, message));
    }
    Ok(shipped().or_else(|| user_folder().map(|folder| folder.join(FOLDER)).filter(|folder| is_dataset(folder))))
}

/// The sample data that came with the program, if it did.
fn shipped() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let beside = program.ancestors().skip(1).map(|folder| folder.join(FOLDER));
    let built_with = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(|source| source.join(FOLDER));
    beside.chain(built_with).find(|folder| is_dataset(folder))
}

/// Where this user's data of the program lies.
fn user_folder() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "Fusionscope")?;
    Some(folders.data_dir().to_owned())
}

fn is_dataset(folder: &Path) -> bool {
    folder.join(MANIFEST_NAME).is_file()
}

/// Made once, in a folder of its own that is renamed when it is whole.
fn made(voice: Voice) -> Result<PathBuf, Failure> {
    let user = user_folder().ok_or_else(|| {
        Failure::new(Exit::Failed, "there is no home folder to keep the sample data in; give one with --data DIR")
    })?;
    let place = user.join(FOLDER);
    let half = user.join(format!("{FOLDER}.part-{}", std::process::id()));
    let mut progress = Progress::new(voice);
    progress.begin("making the sample data", 0);
    let made = write_dataset(&half, &SceneSettings::default(), &mut |done, total| progress.advance(done, total, ""));
    progress.end();
    made.or_exit(Exit::Failed)?;
    let renamed = std::fs::rename(&half, &place);
    // Another program may have been faster.
    if renamed.is_err() && !is_dataset(&place) {
        renamed.or_exit(Exit::Failed)?;
    }
    Ok(place)
}
