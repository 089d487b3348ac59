//! What whoever carries a study out has told of its runs, in a file beside them.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use fusionscope_engine::study::{Job, LOCK, Study, StudyLine, is_asked_to_stop};

/// What a process that carries out a study tells.
pub const LOG: &str = "study.log";
/// The most that is read of it at once.
const MOST_READ: u64 = 1 << 20;

/// What whoever carries a study out has told of its runs.
#[derive(Debug, Default)]
pub struct Told {
    /// How far the log was read.
    read: u64,
    /// The runs that are worked on.
    pub working: HashSet<Job>,
    /// Why runs could not be done.
    pub failed: HashMap<Job, String>,
    errors: Vec<String>,
    /// It has stopped, or was asked to.
    pub was_stopped: bool,
}

impl Told {
    /// Reads on where the last reading ended; says whether anything was told.
    ///
    /// What was written before the study was begun last is by another program, and is not read.
    pub fn read(&mut self, out: &Path, study: &Study) -> bool {
        let (log, lock) = (out.join(LOG), out.join(LOCK));
        let time = |path: &Path| fs::metadata(path).and_then(|known| known.modified()).ok();
        let is_of_it = time(&log).zip(time(&lock)).is_some_and(|(log, lock)| log >= lock);
        if !is_of_it {
            return false;
        }
        let mut bytes = Vec::new();
        let read = File::open(&log).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.read))?;
            file.take(MOST_READ).read_to_end(&mut bytes)
        });
        // A line that is not whole yet is read with the next look.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if read.is_err() || whole == 0 {
            return false;
        }
        self.read += whole as u64;
        for line in String::from_utf8_lossy(&bytes[..whole]).lines() {
            self.hear(line, study);
        }
        self.was_stopped |= is_asked_to_stop(out);
        true
    }

    fn hear(&mut self, line: &str, study: &Study) {
        let job = |name: &str, seed: u32| {
            let row = study.rows.iter().position(|row| row.name == name)?;
            Some(Job { row, seed })
        };
        match serde_json::from_str(line) {
            Ok(StudyLine::Began { row, seed }) => {
                self.working.extend(job(&row, seed));
                self.failed.retain(|known, _| Some(*known) != job(&row, seed));
            }
            Ok(StudyLine::Done { row, seed }) => self.working.retain(|known| Some(*known) != job(&row, seed)),
            Ok(StudyLine::Failed { row, seed, reason }) => {
                self.working.retain(|known| Some(*known) != job(&row, seed));
                self.failed.extend(job(&row, seed).map(|job| (job, reason)));
            }
            // The table, and what is said beside it.
            Err(_) if line.starts_with('{') => {}
            Err(_) => {
                self.was_stopped |= line.starts_with("stopped");
                self.errors.extend(line.strip_prefix("error: ").map(str::to_owned));
            }
        }
    }

    /// Why it came to its end.
    pub fn last_error(&self, status: &str) -> String {
        self.errors.last().cloned().unwrap_or_else(|| format!("It ended without a word ({status})"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn study() -> Study {
        let text = "title = 't'\nbase = 'baseline-demo'\nseeds = 2\n[[rows]]\nname = 'a'\n[[rows]]\nname = 'b'\n\
                    set = { data.flip = 0.0 }\n";
        Study::from_text(text, Path::new("s.toml")).unwrap()
    }

    fn told(lines: &[&str]) -> Told {
        let mut told = Told::default();
        for line in lines {
            told.hear(line, &study());
        }
        told
    }

    #[test]
    fn what_a_process_tells_says_which_runs_are_worked_on_and_which_have_failed() {
        let told = told(&[
            r#"{"event":"began","row":"a","seed":1}"#,
            r#"{"event":"began","row":"b","seed":1}"#,
            r#"{"event":"done","row":"a","seed":1}"#,
            r#"{"event":"began","row":"a","seed":2}"#,
            r#"{"event":"failed","row":"a","seed":2,"reason":"no memory"}"#,
            r#"{"event":"began","row":"no such row","seed":2}"#,
            r#"{"title":"t","rows":[]}"#,
            "error: 1 run of the study failed, first a, seed 2: no memory",
        ]);
        assert_eq!(told.working, HashSet::from([Job { row: 1, seed: 1 }]));
        assert_eq!(told.failed, HashMap::from([(Job { row: 0, seed: 2 }, "no memory".to_owned())]));
        assert!(told.last_error("1").starts_with("1 run of the study failed"));
        assert!(!told.was_stopped);
    }

    #[test]
    fn a_run_that_is_begun_again_has_not_failed_and_a_stop_is_no_fault() {
        let told = told(&[
            r#"{"event":"failed","row":"a","seed":2,"reason":"no memory"}"#,
            r#"{"event":"began","row":"a","seed":2}"#,
            "stopped; the same command goes on",
        ]);
        assert!(told.failed.is_empty() && told.was_stopped && told.errors.is_empty());
        assert!(told.last_error("exit status: 4").contains("without a word"));
    }

    #[test]
    fn a_log_is_read_by_whole_lines_and_that_of_an_earlier_study_not_at_all() {
        let out = tempfile::tempdir().unwrap();
        let write = |text: &str| fs::write(out.path().join(LOG), text).unwrap();
        let began = "{\"event\":\"began\",\"row\":\"a\",\"seed\":1}\n";
        let mut told = Told::default();
        write(began);
        assert!(!told.read(out.path(), &study()), "nobody has begun the study");
        std::thread::sleep(Duration::from_millis(20));
        File::create(out.path().join(LOCK)).unwrap();
        assert!(!told.read(out.path(), &study()), "it is older than the lock");
        std::thread::sleep(Duration::from_millis(20));
        write(&format!("{began}{{\"event\":\"began\",\"row\""));
        assert!(told.read(out.path(), &study()));
        assert_eq!(told.working.len(), 1);
        assert!(!told.read(out.path(), &study()), "half a line");
        write(&format!("{began}{{\"event\":\"began\",\"row\":\"b\",\"seed\":1}}\n"));
        assert!(told.read(out.path(), &study()));
        assert_eq!(told.working.len(), 2);
    }
}
