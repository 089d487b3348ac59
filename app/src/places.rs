//! Where the shipped things lie and where runs go.

use std::path::{Path, PathBuf};

use fusionscope_engine::places;

/// The sample data, by the rule of the command line; a sentence where there is none.
pub fn sample_data() -> Result<PathBuf, String> {
    match places::sample_data() {
        Ok(Some(folder)) => Ok(folder),
        Ok(None) => {
            Err("The sample data was not found: `fusionscope dataset sample --out datasets-sample` makes it".to_owned())
        }
        Err(refusal) => Err(refusal.to_string()),
    }
}

/// The shipped demo checkpoint.
pub fn demo_checkpoint() -> Option<PathBuf> {
    found("assets", "demo.safetensors").map(|folder| folder.join("demo.safetensors"))
}

/// Where new runs are made unless told otherwise.
pub fn runs() -> PathBuf {
    PathBuf::from("runs")
}

/// Where studies are kept, and their runs below them, unless told otherwise: as `fusionscope study` has it.
pub fn studies() -> PathBuf {
    PathBuf::from("studies")
}

/// The folder called `name` that holds `file`: in the working folder, beside the program, or in the source tree.
fn found(name: &str, file: &str) -> Option<PathBuf> {
    let working = std::env::current_dir().ok();
    let program = std::env::current_exe().ok();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let beside = program.iter().flat_map(|program| program.ancestors().skip(1).take(4));
    working
        .as_deref()
        .into_iter()
        .chain(beside)
        .chain(source)
        .map(|folder| folder.join(name))
        .find(|folder| folder.join(file).is_file())
}
