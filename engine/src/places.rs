//! Where the sample data lies, and what is kept for a while, by the one rule of the window and of the command line.

use std::path::{Path, PathBuf};

use crate::data::MANIFEST_NAME;

/// Overrides where the sample data is looked for.
pub const SAMPLE_DATA_VARIABLE: &str = "FUSIONSCOPE_SAMPLE_DATA";

/// The folder's name in the source tree, beside an installed program, and among the user's data.
const FOLDER: &str = "datasets-sample";

/// The environment names a folder that holds no data set.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} names a folder without a {}; unset it or make the data with `fusionscope dataset sample --out DIR`: {}",
    SAMPLE_DATA_VARIABLE,
    MANIFEST_NAME,
    .0.display()
)]
pub struct NoDataset(PathBuf);

/// The sample data: what the environment variable names, else the one beside the program or above it, else the one it
/// was built with, else the one made before among the user's data; `None` where it lies nowhere.
pub fn sample_data() -> Result<Option<PathBuf>, NoDataset> {
    if let Some(named) = std::env::var_os(SAMPLE_DATA_VARIABLE).filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        return if is_dataset(&named) { Ok(Some(named)) } else { Err(NoDataset(named)) };
    }
    Ok(shipped().or_else(own_sample_data).filter(|folder| is_dataset(folder)))
}

/// Where the sample data is kept among the user's data; `None` where there is no home folder.
pub fn own_sample_data() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "Fusionscope")?;
    Some(folders.data_dir().join(FOLDER))
}

/// Where what can be made again is kept, by the rule of the system; `None` where there is no home folder.
pub fn cache() -> Option<PathBuf> {
    Some(directories::ProjectDirs::from("", "", "Fusionscope")?.cache_dir().to_owned())
}

/// Whether a folder says of itself that it holds a data set.
pub fn is_dataset(folder: &Path) -> bool {
    folder.join(MANIFEST_NAME).is_file()
}

/// The sample data that came with the program, if it did.
fn shipped() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let beside = program.ancestors().skip(1).map(|folder| folder.join(FOLDER));
    let built_with = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(|source| source.join(FOLDER));
    beside.chain(built_with).find(|folder| is_dataset(folder))
}
