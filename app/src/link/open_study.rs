//! The study that is open: its file, its runs, and whoever carries it out.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use fusionscope_engine::files::stamp::Stamp;
use fusionscope_engine::study::{Study, Watch, is_carried_out};

use super::studies::{Carrier, StudyView};
use super::study_log::{LOG, Told};

/// The study that is open, its runs, and the process that carries it out where this window has started one.
#[derive(Debug)]
pub struct OpenStudy {
    /// The name or file that it was opened by.
    pub asked: PathBuf,
    data: Option<PathBuf>,
    /// Its runs.
    pub watch: Watch,
    child: Option<Child>,
    told: Told,
    ended: Option<String>,
    /// The study's file as it was when it was read (nothing for one that comes with the program), and why the study is another than it says now.
    file: Stamp,
    outdated: Option<String>,
    /// Something is new that the window has not heard of.
    pub has_news: bool,
    /// Who carries it out.
    pub carrier: Carrier,
}

impl OpenStudy {
    /// One that was just read, whose runs lie, or will, below `studies`.
    pub fn new(asked: PathBuf, data: Option<PathBuf>, study: Study, studies: &Path) -> Self {
        let out = studies.join(&study.name);
        Self {
            file: Stamp::of(&asked),
            outdated: None,
            asked,
            data,
            watch: Watch::new(Arc::new(study), out),
            child: None,
            told: Told::default(),
            ended: None,
            has_news: true,
            carrier: Carrier::Nobody,
        }
    }

    /// Begins to carry it out.
    pub fn start(&mut self, program: &Path, jobs: u16, retrains: bool) -> Result<(), String> {
        let out = self.watch.out();
        if self.child.is_some() || is_carried_out(out) {
            return Err("The study is being carried out already".to_owned());
        }
        let unwritable = |error: std::io::Error| format!("The study could not begin: {error}: {}", out.display());
        fs::create_dir_all(out).map_err(unwritable)?;
        let log = File::create(out.join(LOG)).map_err(unwritable)?;
        let errors = log.try_clone().map_err(unwritable)?;
        let mut command = Command::new(program);
        command.args(["study", "run"]).arg(&self.asked).arg("--out").arg(out);
        if let Some(data) = &self.data {
            command.arg("--data").arg(data);
        }
        command.args(["--jobs", &jobs.to_string(), "--json"]).stdin(Stdio::null()).stdout(log).stderr(errors);
        if retrains {
            command.arg("--retrain");
        }
        detach(&mut command);
        let child =
            command.spawn().map_err(|error| format!("The study could not begin: {error}: {}", program.display()))?;
        self.told = Told::default();
        (self.child, self.carrier, self.ended, self.has_news) = (Some(child), Carrier::Ours, None, true);
        Ok(())
    }

    /// Reads the study again where its file has changed. One that is carried out stays what it was begun as, since that is
    /// what is carried out; one that does not read any more stays, too. Either is said.
    pub fn follow_file(&mut self, studies: &Path) {
        let now = Stamp::of(&self.asked);
        if now == self.file || !now.is_there() {
            return;
        }
        if self.carrier != Carrier::Nobody {
            let words = "The study's file has changed; what is carried out goes by what it said before";
            self.has_news |= self.outdated.replace(words.to_owned()).is_none();
            return;
        }
        match Study::named_or_file(&self.asked) {
            Ok(mut study) => {
                if self.data.is_some() {
                    study.data.clone_from(&self.data);
                }
                let (asked, data, ended) = (self.asked.clone(), self.data.clone(), self.ended.take());
                *self = Self { ended, ..Self::new(asked, data, study, studies) };
            }
            Err(error) => {
                (self.file, self.has_news) = (now, true);
                self.outdated = Some(format!("The study's file has changed and does not read any more: {error}"));
            }
        }
    }

    /// Looks at the runs and at whoever carries the study out.
    pub fn look(&mut self) {
        let out = self.watch.out().to_owned();
        self.has_news |= self.told.read(&out, self.watch.study());
        self.has_news |= self.watch.look();
        let carrier = self.carrier_now(&out);
        if carrier != self.carrier {
            (self.carrier, self.has_news) = (carrier, true);
        }
    }

    fn carrier_now(&mut self, out: &Path) -> Carrier {
        let Some(child) = &mut self.child else {
            return if is_carried_out(out) { Carrier::Another } else { Carrier::Nobody };
        };
        match child.try_wait() {
            Ok(None) => return Carrier::Ours,
            Ok(Some(status)) => {
                // What it said last, once more: it may have ended between the two looks.
                self.told.read(out, self.watch.study());
                let is_wish = status.success() || self.told.was_stopped;
                self.ended = (!is_wish).then(|| self.told.last_error(&status.to_string()));
            }
            Err(error) => self.ended = Some(format!("Its process was lost: {error}")),
        }
        self.child = None;
        Carrier::Nobody
    }

    /// As the window shows it.
    pub fn view(&mut self) -> StudyView {
        let is_at_work = self.carrier != Carrier::Nobody;
        StudyView {
            asked: self.asked.clone(),
            study: Arc::clone(self.watch.study()),
            data: self.data.clone(),
            out: self.watch.out().to_owned(),
            standings: self.watch.standings(),
            table: self.watch.table(),
            carrier: self.carrier,
            working: if is_at_work { self.told.working.clone() } else { HashSet::new() },
            failed: self.told.failed.clone(),
            made_by_others: self.watch.made_by_others(),
            outdated: self.outdated.clone(),
            ended: self.ended.clone(),
        }
    }
}

/// Lets a process go on when the terminal of this one closes, or asks it to end.
fn detach(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    {
        // DETACHED_PROCESS and CREATE_NEW_PROCESS_GROUP.
        std::os::windows::process::CommandExt::creation_flags(command, 0x0000_0008 | 0x0000_0200);
    }
    #[cfg(not(any(unix, windows)))]
    let _nothing_to_do = command;
}
