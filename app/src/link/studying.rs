//! Studies carried out by the program itself, in processes of their own that need no window.
//!
//! One thread looks at run folders and at the process; the window hears of what has changed. The process writes what it
//! tells into the folder of the study's runs and is asked to stop by a file there, so that it can outlive the window
//! and be found again by the next one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use fusionscope_engine::study::{Study, ask_to_stop};

use super::measuring::Measuring;
use super::open_study::OpenStudy;
use super::studies::{Carrier, Studies, StudyNews, StudyOrder};

/// How often an open study is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Orders and news that wait to be taken.
const WAITING: usize = 64;
/// How long the last orders may take when the window closes.
const LAST_ORDERS: Duration = Duration::from_millis(500);

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
    open: Option<OpenStudy>,
    measuring: Option<Measuring>,
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
                open.follow_file(&self.studies);
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
                Ok(study) => self.open = Some(OpenStudy::new(asked, None, study, &self.studies)),
                Err(error) => self.tell(StudyNews::Refused(error.to_string())),
            },
            StudyOrder::UseData(data) => self.use_data(data)?,
            StudyOrder::Close => self.open = None,
            StudyOrder::Start { jobs, retrains } => {
                let program = self.program()?.to_owned();
                if let Some(open) = &mut self.open {
                    // What is carried out is what the file says now, and so is what is shown.
                    open.follow_file(&self.studies);
                    open.start(&program, jobs, retrains)?;
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
        let Some(OpenStudy { asked, carrier: Carrier::Nobody, .. }) = &self.open else {
            return Err("Pause the study before its runs are trained on other data".to_owned());
        };
        let mut study = Study::named_or_file(asked).map_err(|error| error.to_string())?;
        if data.is_some() {
            study.data.clone_from(&data);
        }
        self.open = Some(OpenStudy::new(asked.clone(), data, study, &self.studies));
        Ok(())
    }

    fn program(&self) -> Result<&Path, String> {
        let lacking = || "This program does not find itself; `fusionscope study run` in a terminal does the same";
        self.program.as_deref().ok_or_else(|| lacking().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;

    use fusionscope_engine::study::Job;

    use super::*;
    use crate::link::StudyView;

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
        let StudyNews::Undone(why) = next(StudyOrder::Start { jobs: 1, retrains: false }) else { panic!() };
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
        studying.send(StudyOrder::Start { jobs: 2, retrains: false }).unwrap();
        let view = wait_for(&mut studying, |view| !view.working.is_empty());
        assert_eq!((view.carrier, &view.working), (Carrier::Ours, &HashSet::from([Job { row: 0, seed: 1 }])));
        studying.send(StudyOrder::Stop).unwrap();
        let view = wait_for(&mut studying, |view| view.carrier == Carrier::Nobody);
        assert_eq!((view.ended.clone(), view.working.len()), (None, 0));
    }

    #[test]
    #[cfg(unix)]
    fn a_study_whose_file_is_edited_is_read_again_but_not_while_it_is_carried_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.toml");
        let write = |rows: &[&str]| {
            let rows: String = rows.iter().map(|row| format!("[[rows]]\nname = '{row}'\n")).collect();
            fs::write(&file, format!("title = 't'\nbase = 'baseline-demo'\nseeds = 1\n{rows}")).unwrap();
        };
        write(&["one"]);
        let script = "while [ ! -e \"$5/.study.stop\" ]; do sleep 0.05; done; rm \"$5/.study.stop\"; \
                      echo \"$@\" > \"$5/words\"; echo stopped >&2; exit 4";
        let program = program(folder.path(), script);
        let mut studying = Studying::spawn(Some(program), folder.path().join("studies"), || {}).unwrap();
        studying.send(StudyOrder::Open(file.clone())).unwrap();
        wait_for(&mut studying, |view| view.study.rows.len() == 1);
        write(&["one", "two"]);
        wait_for(&mut studying, |view| view.study.rows.len() == 2 && view.outdated.is_none());
        fs::write(&file, "title = ").unwrap();
        let view = wait_for(&mut studying, |view| view.outdated.is_some());
        assert!(view.outdated.as_ref().unwrap().contains("does not read") && view.study.rows.len() == 2);

        write(&["one", "two", "three"]);
        wait_for(&mut studying, |view| view.study.rows.len() == 3 && view.outdated.is_none());
        studying.send(StudyOrder::Start { jobs: 1, retrains: true }).unwrap();
        wait_for(&mut studying, |view| view.carrier == Carrier::Ours);
        write(&["one"]);
        let view = wait_for(&mut studying, |view| view.outdated.is_some());
        assert_eq!((view.carrier, view.study.rows.len()), (Carrier::Ours, 3));
        studying.send(StudyOrder::Stop).unwrap();
        let view = wait_for(&mut studying, |view| view.carrier == Carrier::Nobody && view.study.rows.len() == 1);
        assert!(view.outdated.is_none());
        assert!(fs::read_to_string(view.out.join("words")).unwrap().contains("--retrain"));
    }

    #[test]
    #[cfg(unix)]
    fn a_process_that_breaks_off_leaves_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let program = program(folder.path(), "echo 'error: the disk is full' >&2; exit 1");
        let mut studying = Studying::spawn(Some(program), folder.path().join("studies"), || {}).unwrap();
        studying.send(StudyOrder::Open("ogp-net-few-labels".into())).unwrap();
        studying.send(StudyOrder::Start { jobs: 1, retrains: false }).unwrap();
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
            studying.send(StudyOrder::Start { jobs: 1, retrains: false }).unwrap();
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
