//! What was submitted: a script and a list of its elements each, in the folder `slurm` of a study.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fusionscope_engine::files::{read_regular, write_whole};
use fusionscope_engine::study::{Job, Study};
use serde::{Deserialize, Serialize};

/// A job array that was submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Its number at Slurm.
    pub id: String,
    /// What its elements carry out, from element 1 on.
    pub elements: Vec<Element>,
}

/// What an element of an array carries out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// The row's name.
    pub row: String,
    /// The seed.
    pub seed: u32,
}

/// Where scripts, lists and logs lie.
pub fn folder(out: &Path) -> PathBuf {
    out.join("slurm")
}

/// A name for the next script, counted from 1.
pub fn next_script(out: &Path) -> PathBuf {
    let folder = folder(out);
    let number = (1..=u32::MAX).find(|number| !folder.join(format!("{number}.sh")).exists()).unwrap_or(u32::MAX);
    folder.join(format!("{number}.sh"))
}

impl Submission {
    /// Notes it beside its script.
    pub fn write(&self, script: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(self).map_err(io::Error::from)?;
        write_whole(&script.with_extension("json"), &text)
    }

    /// Its elements, as Slurm names them.
    pub fn names(&self) -> impl Iterator<Item = String> {
        (1..=self.elements.len()).map(|place| format!("{}_{place}", self.id))
    }

    /// The element that carries a job out, as Slurm names it.
    pub fn element_of(&self, study: &Study, job: Job) -> Option<String> {
        let row = &study.rows[job.row].name;
        let place = self.elements.iter().position(|element| element.row == *row && element.seed == job.seed)?;
        Some(format!("{}_{}", self.id, place + 1))
    }
}

/// All of a study, the newest first; and warnings of those that do not read.
pub fn submissions(out: &Path) -> (Vec<Submission>, Vec<String>) {
    let files = fs::read_dir(folder(out)).into_iter().flatten().flatten().map(|entry| entry.path());
    let number = |path: &Path| path.file_stem()?.to_str()?.parse::<u32>().ok();
    let mut files: Vec<(u32, PathBuf)> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .filter_map(|path| Some((number(&path)?, path)))
        .collect();
    files.sort_unstable_by(|one, other| other.cmp(one));
    let (mut found, mut warnings) = (Vec::new(), Vec::new());
    for (_, path) in files {
        let read = read_regular(&path).and_then(|bytes| serde_json::from_slice(&bytes).map_err(io::Error::from));
        match read {
            Ok(submission) => found.push(submission),
            Err(error) => warnings.push(format!("what was submitted is not known: {error}: {}", path.display())),
        }
    }
    (found, warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_submitted_is_found_again_the_newest_first() {
        let out = tempfile::tempdir().unwrap();
        let text =
            "title = 't'\nbase = 'baseline-demo'\nseeds = [4, 7]\n[[rows]]\nname = 'one'\n[[rows]]\nname = 'two'\n";
        let study = Study::from_text(text, Path::new("s.toml")).unwrap();
        assert_eq!(submissions(out.path()), (Vec::new(), Vec::new()));
        fs::create_dir(folder(out.path())).unwrap();
        for id in ["31", "32"] {
            let script = next_script(out.path());
            fs::write(&script, "").unwrap();
            let elements = vec![Element { row: "one".to_owned(), seed: 4 }, Element { row: "two".to_owned(), seed: 7 }];
            Submission { id: id.to_owned(), elements }.write(&script).unwrap();
        }
        fs::write(folder(out.path()).join("3.json"), "{").unwrap();
        let (found, warnings) = submissions(out.path());
        assert_eq!(found.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["32", "31"]);
        assert_eq!(found[0].element_of(&study, Job { row: 1, seed: 7 }).as_deref(), Some("32_2"));
        assert_eq!(found[0].element_of(&study, Job { row: 1, seed: 4 }), None);
        assert!(warnings.len() == 1 && warnings[0].contains("3.json"), "{warnings:?}");
        assert!(next_script(out.path()).ends_with("3.sh"));
    }
}
