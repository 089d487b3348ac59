//! Studies carried out by the program itself, in processes of their own that need no window.
//!
//! One thread looks at run folders and at the process; the window hears of what has changed. The process writes what it
//! tells into the folder of the study's runs and is asked to stop by a file there, so that it can outlive the window
//! and be found again by the next one.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use fusionscope_engine::study::{Job, LOCK, Study, StudyLine, Watch, ask_to_stop, is_asked_to_stop, is_carried_out};

use super::measuring::Measuring;
use super::studies::{Carrier, Studies, StudyNews, StudyOrder, StudyView};

/// How often an open study is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Orders and news that wait to be taken.
const WAITING: usize = 64;
/// How long the last orders may take when the window closes.
const LAST_ORDERS: Duration = Duration::from_millis(500);
/// What a process that carries out a study tells.
const LOG: &str = "study.log";
/// The most that is read of it at once.
const MOST_READ: u64 = 1 << 20;

/// The thread's end at the window.
#[derive(Debug)]
pub struct Studying {
    orders: Option<Sender<StudyOrder>>,
    news: Receiver<StudyNews>,
    ended: Receiver<()>,
}

impl Studying {
    /// Begins to listen; `program` is what carries studies out, `studies` the folder below which their runs lie, and
    /// `wake` is called when there is news.
    ///
    /// # Errors
    ///
    /// Where the system has no thread for it.
    pub fn spawn(
        program: Option<PathBuf>,
        studies: PathBuf,
        wake: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (orders, from_window) = bounded(WAITING);
        let (to_window, news) = bounded(WAITING);
        let (end, ended) = bounded(1);
        let work = move || {
            let mut desk =
                Desk { program, studies, news: to_window, wake: Box::new(wake), open: None, measuring: None };
            desk.work(&from_window);
            // The window may have gone without waiting.
            let _unheard = end.send(());
        };
        std::thread::Builder::new().name("fusionscope-studies".to_owned()).spawn(work)?;
        Ok(Self { orders: Some(orders), news, ended })
    }

    /// The program that this is, where it can carry out studies: a test's or another one's cannot.
    pub fn program() -> Option<PathBuf> {
        let path = std::env::current_exe().ok()?;
        (path.file_stem()? == "fusionscope").then_some(path)
    }
}

impl Studies for Studying {
    fn send(&mut self, order: StudyOrder) -> Result<(), String> {
        let sent = self.orders.as_ref().map(|orders| orders.try_send(order));
        match sent {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err("The study is still being looked at: try again soon".to_owned()),
            Some(Err(TrySendError::Disconnected(_))) | None => Err("Nobody looks after studies any more".to_owned()),
        }
    }

    fn news(&mut self) -> Vec<StudyNews> {
        self.news.try_iter().collect()
    }
}

impl Drop for Studying {
    /// Lets the last orders be heard: that a study shall stop, above all.
    fn drop(&mut self) {
        self.orders = None;
        let _late = self.ended.recv_timeout(LAST_ORDERS);
    }
}

/// What the thread works on.
struct Desk {
    program: Option<PathBuf>,
    studies: PathBuf,
    news: Sender<StudyNews>,
    wake: Box<dyn Fn() + Send>,
    open: Option<Open>,
    measuring: Option<Measuring>,
}

/// The study that is open.
struct Open {
    asked: PathBuf,
    data: Option<PathBuf>,
    watch: Watch,
    child: Option<Child>,
    told: Told,
    ended: Option<String>,
    /// Something is new that the window has not heard of.
    has_news: bool,
    carrier: Carrier,
}

impl Desk {
    fn work(&mut self, orders: &Receiver<StudyOrder>) {
        loop {
            let is_idle = self.open.is_none() && self.measuring.is_none();
            let order = if is_idle {
                orders.recv().map_err(|_closed| RecvTimeoutError::Disconnected)
            } else {
                orders.recv_timeout(LOOK_EVERY)
            };
            match order {
                Ok(order) => {
                    if let Err(why) = self.obey(order) {
                        self.tell(StudyNews::Undone(why));
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if let Some(measured) = self.measuring.as_mut().and_then(Measuring::look) {
                self.measuring = None;
                self.tell(StudyNews::Measured(measured));
            }
            if let Some(open) = &mut self.open {
                open.look();
                // An answer must always find room: the newest view goes only where half of it is free.
                if open.has_news && self.news.len() < WAITING / 2 {
                    let sent = self.news.try_send(StudyNews::Seen(Arc::new(open.view())));
                    // What the window has no room for it is told with the next look.
                    open.has_news = sent.is_err();
                    (self.wake)();
                }
            }
        }
    }

    fn tell(&self, news: StudyNews) {
        let _no_room = self.news.try_send(news);
        (self.wake)();
    }

    fn obey(&mut self, order: StudyOrder) -> Result<(), String> {
        match order {
            StudyOrder::Open(asked) => match Study::named_or_file(&asked) {
                Ok(study) => self.open = Some(Open::new(asked, None, study, &self.studies)),
                Err(error) => self.tell(StudyNews::Refused(error.to_string())),
            },
            StudyOrder::UseData(data) => self.use_data(data)?,
            StudyOrder::Close => self.open = None,
            StudyOrder::Start { jobs } => {
                let program = self.program()?.to_owned();
                if let Some(open) = &mut self.open {
                    open.start(&program, jobs)?;
                }
            }
            StudyOrder::Stop => {
                if let Some(open) = &self.open {
                    let out = open.watch.out();
                    ask_to_stop(out)
                        .map_err(|error| format!("The study could not be asked to stop: {error}: {}", out.display()))?;
                }
            }
            StudyOrder::Measure { recipe, data } => {
                let begun = self
                    .program()
                    .and_then(|program| Measuring::begin(program, &recipe, data.as_deref(), &self.studies));
                match begun {
                    Ok(measuring) => self.measuring = Some(measuring),
                    Err(why) => self.tell(StudyNews::Measured(Err(why))),
                }
            }
        }
        Ok(())
    }

    fn use_data(&mut self, data: Option<PathBuf>) -> Result<(), String> {
        let Some(Open { asked, carrier: Carrier::Nobody, .. }) = &self.open else {
            return Err("Pause the study before its runs are trained on other data".to_owned());
        };
        let mut study = Study::named_or_file(asked).map_err(|error| error.to_string())?;
        if data.is_some() {
            study.data.clone_from(&data);
        }
        self.open = Some(Open::new(asked.clone(), data, study, &self.studies));
        Ok(())
    }

    fn program(&self) -> Result<&Path, String> {
        let lacking = || "This program does not find itself; `fusionscope study run` in a terminal does the same";
        self.program.as_deref().ok_or_else(|| lacking().to_owned())
    }
}

impl Open {
    fn new(asked: PathBuf, data: Option<PathBuf>, study: Study, studies: &Path) -> Self {
        let out = studies.join(&study.name);
        Self {
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

    fn start(&mut self, program: &Path, jobs: u16) -> Result<(), String> {
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
        detach(&mut command);
        let child =
            command.spawn().map_err(|error| format!("The study could not begin: {error}: {}", program.display()))?;
        self.told = Told::default();
        (self.child, self.carrier, self.ended, self.has_news) = (Some(child), Carrier::Ours, None, true);
        Ok(())
    }

    /// Looks at the runs and at whoever carries the study out.
    fn look(&mut self) {
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

    fn view(&mut self) -> StudyView {
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
            ended: self.ended.clone(),
        }
    }
}

/// What whoever carries a study out has told of its runs.
#[derive(Debug, Default)]
struct Told {
    /// How far the log was read.
    read: u64,
    working: HashSet<Job>,
    failed: HashMap<Job, String>,
    errors: Vec<String>,
    was_stopped: bool,
}

impl Told {
    /// Reads on where the last reading ended; says whether anything was told.
    ///
    /// What was written before the study was begun last is by another program, and is not read.
    fn read(&mut self, out: &Path, study: &Study) -> bool {
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

    fn last_error(&self, status: &str) -> String {
        self.errors.last().cloned().unwrap_or_else(|| format!("It ended without a word ({status})"))
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

#[cfg(test)]
mod tests {
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

    #[test]
    fn a_study_that_does_not_read_is_refused_and_one_that_does_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (woken, wakes) = bounded(64);
        let wake = move || {
            let _full = woken.try_send(());
        };
        let mut studying = Studying::spawn(None, folder.path().join("studies"), wake).unwrap();
        let mut next = |order: StudyOrder| {
            studying.send(order).unwrap();
            loop {
                wakes.recv_timeout(Duration::from_secs(20)).unwrap();
                if let Some(news) = studying.news().pop() {
                    return news;
                }
            }
        };
        let StudyNews::Refused(why) = next(StudyOrder::Open("no such study".into())) else { panic!() };
        assert!(why.contains("could not read the study"), "{why}");
        let StudyNews::Seen(view) = next(StudyOrder::Open("ogp-net-few-labels".into())) else { panic!() };
        assert_eq!((view.study.name.as_str(), view.carrier), ("ogp-net-few-labels", Carrier::Nobody));
        assert!(view.out.ends_with("studies/ogp-net-few-labels") && !view.standings.is_empty());
        let StudyNews::Undone(why) = next(StudyOrder::Start { jobs: 1 }) else { panic!() };
        assert!(why.contains("study run"), "{why}");
    }

    /// A program that does what this shell script says; `$5` is the folder of the study's runs.
    #[cfg(unix)]
    fn program(folder: &Path, script: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;

        let path = folder.join("program");
        fs::write(&path, format!("#!/bin/sh\n: > \"$5/.study.lock\"\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Waits for a view that is as it shall be.
    #[cfg(unix)]
    fn wait_for(studying: &mut Studying, is_right: impl Fn(&StudyView) -> bool) -> Arc<StudyView> {
        let begun = std::time::Instant::now();
        loop {
            for news in studying.news() {
                match news {
                    StudyNews::Seen(view) if is_right(&view) => return view,
                    StudyNews::Seen(_) => {}
                    other => panic!("{other:?}"),
                }
            }
            assert!(begun.elapsed().as_secs() < 30, "it was never seen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_process_is_started_followed_and_stopped_by_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let began = r#"echo '{"event":"began","row":"Single-contrast","seed":1}'"#;
        let script = format!(
            "{began}\nwhile [ ! -e \"$5/.study.stop\" ]; do sleep 0.05; done\nrm \"$5/.study.stop\"\n\
             echo 'stopped; the same command goes on' >&2\nexit 4"
        );
        let study = Study::named_or_file(Path::new("ogp-net-few-labels")).unwrap();
        let script = script.replace("Single-contrast", &study.rows[0].name);
        let program = program(folder.path(), &script);
        let mut studying = Studying::spawn(Some(program), folder.path().join("studies"), || {}).unwrap();
        studying.send(StudyOrder::Open("ogp-net-few-labels".into())).unwrap();
        wait_for(&mut studying, |view| view.carrier == Carrier::Nobody);
        studying.send(StudyOrder::Start { jobs: 2 }).unwrap();
        let view = wait_for(&mut studying, |view| !view.working.is_empty());
        assert_eq!((view.carrier, &view.working), (Carrier::Ours, &HashSet::from([Job { row: 0, seed: 1 }])));
        studying.send(StudyOrder::Stop).unwrap();
        let view = wait_for(&mut studying, |view| view.carrier == Carrier::Nobody);
        assert_eq!((view.ended.clone(), view.working.len()), (None, 0));
    }

    #[test]
    #[cfg(unix)]
    fn a_process_that_breaks_off_leaves_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let program = program(folder.path(), "echo 'error: the disk is full' >&2; exit 1");
        let mut studying = Studying::spawn(Some(program), folder.path().join("studies"), || {}).unwrap();
        studying.send(StudyOrder::Open("ogp-net-few-labels".into())).unwrap();
        studying.send(StudyOrder::Start { jobs: 1 }).unwrap();
        let view = wait_for(&mut studying, |view| view.ended.is_some());
        assert_eq!((view.carrier, view.ended.as_deref()), (Carrier::Nobody, Some("the disk is full")));
    }

    #[test]
    #[cfg(unix)]
    fn a_study_goes_on_when_the_window_goes_unless_it_was_told_to_stop() {
        for stops in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let script = "sleep 0.3; [ -e \"$5/.study.stop\" ] && : > \"$5/stopped\"; : > \"$5/ended\"";
            let program = program(folder.path(), script);
            let out = folder.path().join("studies/ogp-net-few-labels");
            let mut studying = Studying::spawn(Some(program), folder.path().join("studies"), || {}).unwrap();
            studying.send(StudyOrder::Open("ogp-net-few-labels".into())).unwrap();
            studying.send(StudyOrder::Start { jobs: 1 }).unwrap();
            wait_for(&mut studying, |view| view.carrier == Carrier::Ours);
            if stops {
                studying.send(StudyOrder::Stop).unwrap();
            }
            drop(studying);
            let begun = std::time::Instant::now();
            while !out.join("ended").exists() {
                assert!(begun.elapsed().as_secs() < 20, "it ended with the window");
                std::thread::sleep(Duration::from_millis(20));
            }
            assert_eq!(out.join("stopped").exists(), stops);
        }
    }
}
