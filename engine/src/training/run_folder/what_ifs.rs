//! What what-ifs came to, beside the run's evaluations: `what-if.json`.

use std::io;
use std::path::PathBuf;

use super::RunFolder;
use crate::files::{free_name, read_regular, write_whole};
use crate::protocol::WhatIfReport;
use crate::training::error::RunError;

pub(super) const WHAT_IFS: &str = "what-if.json";

impl RunFolder {
    /// What every what-if came to that was evaluated with this run's network, oldest first.
    pub fn what_ifs(&self) -> Result<Vec<WhatIfReport>, RunError> {
        let path = self.what_if_path();
        let bytes = match read_regular(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(RunError::unreadable("the what-ifs", &error, &path)),
        };
        let damaged = |error| RunError::unreadable("the what-ifs", &io::Error::from(error), &path);
        serde_json::from_slice(&bytes).map_err(damaged)
    }

    /// Adds what one came to, in place of one of the same split and network. A file that does not read is set aside, and
    /// the answer says so.
    pub fn keep_what_if(&mut self, report: &WhatIfReport) -> Result<Option<String>, RunError> {
        self.change_what_ifs(|all| {
            all.retain(|old| !report.replaces(old));
            all.push(report.clone());
        })
    }

    /// Drops those of steps after this one, which a resumed run takes anew; returns those that stay.
    pub fn truncate_what_ifs(&mut self, step: u64) -> Result<Vec<WhatIfReport>, RunError> {
        let mut kept = self.what_ifs()?;
        if kept.iter().any(|report| report.step > step) {
            self.change_what_ifs(|all| all.retain(|report| report.step <= step))?;
            kept.retain(|report| report.step <= step);
        }
        Ok(kept)
    }

    fn change_what_ifs(&mut self, change: impl FnOnce(&mut Vec<WhatIfReport>)) -> Result<Option<String>, RunError> {
        let path = self.what_if_path();
        let unwritable = |error: io::Error| RunError::unwritable("the what-ifs", &error, &path);
        let mut locked = self.lock_evaluations()?;
        locked.folder().making(&[&path], |run| {
            let (mut all, warning) = match run.what_ifs() {
                Ok(all) => (all, None),
                Err(why) => {
                    let aside = free_name(&path, "unreadable").map_err(unwritable)?;
                    std::fs::rename(&path, &aside).map_err(unwritable)?;
                    let words = format!("Earlier what-ifs could not be read and were set aside ({why})");
                    (Vec::new(), Some(format!("{words}: {}", aside.display())))
                }
            };
            change(&mut all);
            let bytes = serde_json::to_vec_pretty(&all).map_err(io::Error::from).map_err(unwritable)?;
            write_whole(&path, &bytes).map_err(unwritable)?;
            Ok(warning)
        })
    }

    fn what_if_path(&self) -> PathBuf {
        self.path().join(WHAT_IFS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::tiny_recipe;
    use crate::protocol::WhatIf;
    use crate::training::Environment;

    fn report(dropped: &[&str], step: u64, secs: f64) -> WhatIfReport {
        WhatIfReport { what_if: WhatIf::without(dropped), step, secs, ..WhatIfReport::default() }
    }

    #[test]
    fn what_ifs_are_kept_each_once_and_stand_among_no_evaluations() {
        let root = tempfile::tempdir().unwrap();
        let mut run = RunFolder::create(root.path(), &tiny_recipe().unwrap(), &Environment::default()).unwrap();
        assert_eq!(run.what_ifs().unwrap(), []);
        for (dropped, step, secs) in [(["colour"], 4, 1.0), (["thermal"], 4, 2.0), (["colour"], 4, 3.0)] {
            assert_eq!(run.keep_what_if(&report(&dropped, step, secs)).unwrap(), None);
        }
        let named = WhatIf { name: "night".to_owned(), ..WhatIf::without(&["thermal"]) };
        run.keep_what_if(&WhatIfReport { what_if: named, ..report(&[], 4, 4.0) }).unwrap();
        let secs: Vec<f64> = run.what_ifs().unwrap().iter().map(|report| report.secs).collect();
        assert_eq!(secs, [3.0, 4.0], "whatever it is called, the same is the same");
        run.keep_what_if(&report(&["colour"], 6, 5.0)).unwrap();
        assert_eq!(run.truncate_what_ifs(4).unwrap().len(), 2);
        assert_eq!(run.what_ifs().unwrap().len(), 2);
        assert_eq!(run.evaluations().unwrap(), []);
        std::fs::write(run.path().join(WHAT_IFS), "no list").unwrap();
        assert!(run.what_ifs().is_err());
        let warning = run.keep_what_if(&report(&["colour"], 4, 6.0)).unwrap().unwrap();
        assert!(warning.contains("set aside"), "{warning}");
        assert_eq!(run.what_ifs().unwrap().len(), 1);
    }
}
