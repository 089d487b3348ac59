//! What a run folder holds, for whoever copies it.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::{RECIPE, RunFolder};
use crate::files::open_regular;
use crate::files::whole_folder::{place_below, sum_of_all};
use crate::protocol::{PieceRequest, RunContents, RunFile};
use crate::training::error::RunError;

/// Folders in folders of a run, the run itself not counted.
const DEEPEST: usize = 6;
/// The most files of a run.
const MOST_FILES: usize = 20_000;

impl RunFolder {
    /// Every file of a run with its length and sum, by name: no locks, nothing that is still being made, and nothing
    /// that a link leads to. Refused where a program trains the run, since its files change under the copy.
    pub fn contents(run: &Path) -> Result<RunContents, RunError> {
        if !run.join(RECIPE).is_file() {
            return Err(RunError::NotARun { path: run.to_owned() });
        }
        if let Some(holder) = Self::trainer_of(run) {
            return Err(RunError::InUse { what: "copy the run".to_owned(), holder, path: run.to_owned() });
        }
        let mut files = Vec::new();
        gather(run, "", DEEPEST, &mut files)?;
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(RunContents { run: run.to_owned(), files })
    }

    /// A piece of one of these files.
    pub fn piece(of: &PieceRequest) -> Result<Vec<u8>, RunError> {
        let refused = |reason: &str| RunError::Unreadable {
            what: format!("`{}` of the run", of.file),
            reason: reason.to_owned(),
            path: of.run.clone(),
        };
        let place = place_below(&of.file).ok_or_else(|| refused("it is no file of a run"))?;
        if !of.run.join(RECIPE).is_file() {
            return Err(RunError::NotARun { path: of.run.clone() });
        }
        let leads_elsewhere =
            place.ancestors().any(|part| !part.as_os_str().is_empty() && of.run.join(part).is_symlink());
        if leads_elsewhere {
            return Err(refused("it is a link, which is no part of the run"));
        }
        let path = of.run.join(place);
        let read = || -> io::Result<Vec<u8>> {
            let mut file = open_regular(&path)?;
            file.seek(SeekFrom::Start(of.from))?;
            let mut bytes = Vec::new();
            file.take(of.most.min(PieceRequest::MOST)).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|error| RunError::unreadable("a file of the run", &error, &path))
    }
}

fn gather(folder: &Path, below: &str, depth: usize, files: &mut Vec<RunFile>) -> Result<(), RunError> {
    let unreadable = |error: io::Error| RunError::unreadable("the run folder", &error, folder);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        let Ok(name) = entry.file_name().into_string() else {
            let error = io::Error::other("the name of a file in it is no text; rename it");
            return Err(RunError::unreadable("the run folder", &error, &path));
        };
        let kind = entry.file_type().map_err(unreadable)?;
        let name = if below.is_empty() { name } else { format!("{below}/{name}") };
        if place_below(&name).is_none() {
            continue;
        }
        if kind.is_dir() && depth > 0 {
            gather(&path, &name, depth - 1, files)?;
        } else if kind.is_file() {
            let summed = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), sum_of_all(file)?)));
            let (bytes, sum) = summed.map_err(|error| RunError::unreadable("a file of the run", &error, &path))?;
            files.push(RunFile { name, bytes, sum });
        }
        if files.len() > MOST_FILES {
            let error = io::Error::other(format!("it holds more than {MOST_FILES} files"));
            return Err(RunError::unreadable("the run folder", &error, folder));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;
    use crate::training::environment::Environment;

    fn run(runs: &Path) -> RunFolder {
        let run = RunFolder::create(runs, &Recipe::defaults("a"), &Environment::default()).unwrap();
        fs::create_dir(run.path().join("checkpoints/step-1")).unwrap();
        fs::write(run.path().join("checkpoints/step-1/model"), vec![3; 300_000]).unwrap();
        run
    }

    #[test]
    fn a_run_is_put_together_from_its_pieces() {
        let runs = tempfile::tempdir().unwrap();
        let run = run(runs.path());
        let contents = RunFolder::contents(run.path()).unwrap();
        let names: Vec<&str> = contents.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["checkpoints/step-1/model", "environment.json", "recipe.toml"]);
        for file in &contents.files {
            let mut whole = Vec::new();
            loop {
                let (run, from) = (run.path().to_owned(), whole.len() as u64);
                let piece = PieceRequest { run, file: file.name.clone(), from, most: u64::MAX };
                let bytes = RunFolder::piece(&piece).unwrap();
                assert!(bytes.len() as u64 <= PieceRequest::MOST);
                if bytes.is_empty() {
                    break;
                }
                whole.extend(bytes);
            }
            assert_eq!((whole.len() as u64, sum_of_all(&*whole).unwrap()), (file.bytes, file.sum), "{}", file.name);
        }
    }

    #[test]
    fn only_files_of_a_run_are_told_and_none_while_it_is_trained() {
        let runs = tempfile::tempdir().unwrap();
        let mut run = run(runs.path());
        fs::write(runs.path().join("secret"), "secret").unwrap();
        let piece = |run: &Path, file: &str| {
            let request = PieceRequest { run: run.to_owned(), file: file.to_owned(), from: 0, most: 9 };
            RunFolder::piece(&request).map_err(|error| error.to_string())
        };
        for file in ["../secret", "/etc/passwd", ".lock", ""] {
            assert!(piece(run.path(), file).unwrap_err().contains("no file of a run"), "{file}");
        }
        assert!(piece(runs.path(), "secret").unwrap_err().contains("neither a run folder"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(runs.path(), run.path().join("out")).unwrap();
            assert!(piece(run.path(), "out/secret").unwrap_err().contains("it is a link"));
            let contents = RunFolder::contents(run.path()).unwrap();
            assert!(contents.files.iter().all(|file| !file.name.contains("out")));
        }
        run.lock().unwrap();
        assert!(matches!(RunFolder::contents(run.path()), Err(RunError::InUse { .. })));
    }
}
