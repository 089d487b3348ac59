//! Copying a run from the engine's machine to this one: piece by piece, on a thread of its own, whole or not at all.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};
use fusionscope_engine::files::whole_folder::{place_below, sum_of_all};
use fusionscope_engine::protocol::{DiskCommand, DiskNews, PieceRequest, RunContents, RunFile};
use parking_lot::Mutex;

/// Pieces that are asked for and have not come: enough to fill a slow line of long way.
const AT_ONCE: usize = 4;
/// News that may wait for the disk.
const WAITING: usize = 64;

/// How far a copy is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchStanding {
    /// It is under way.
    Going {
        /// Bytes that have come.
        done: u64,
        /// Bytes of all files; 0 while that is not known.
        total: u64,
    },
    /// The run lies here now.
    Done(PathBuf),
    /// It could not be copied, and nothing is left of it.
    Failed(String),
}

/// A copy under way. Dropping it ends it, and nothing is left of what was not whole.
#[derive(Debug)]
pub struct Fetching {
    run: PathBuf,
    heard: Sender<Heard>,
    asks: Receiver<DiskCommand>,
    standing: Arc<Mutex<FetchStanding>>,
}

/// What the thread is told.
#[derive(Debug)]
enum Heard {
    News(Box<DiskNews>),
    /// What was asked for and has not come will not come: the line was cut.
    Again,
}

impl Fetching {
    /// Begins to copy `run` of the engine's machine into the folder `runs` of this one; `wake` is called when there is
    /// something to ask or to see.
    ///
    /// # Errors
    ///
    /// A sentence, where the system has no thread for it.
    pub fn begin(run: PathBuf, runs: PathBuf, wake: impl Fn() + Send + 'static) -> Result<Self, String> {
        let (heard, hears) = bounded(WAITING);
        let (ask, asks) = bounded(WAITING);
        let standing = Arc::new(Mutex::new(FetchStanding::Going { done: 0, total: 0 }));
        let mut copying =
            Copying { run: run.clone(), ask, hears, standing: Arc::clone(&standing), wake: Box::new(wake) };
        let work = move || {
            let outcome = copying.copy(&runs);
            *copying.standing.lock() = match outcome {
                Ok(path) => FetchStanding::Done(path),
                Err(text) => FetchStanding::Failed(text),
            };
            (copying.wake)();
        };
        let thread = std::thread::Builder::new().name("fusionscope-fetching".to_owned()).spawn(work);
        thread.map_err(|error| format!("The run cannot be copied: {error}"))?;
        Ok(Self { run, heard, asks, standing })
    }

    /// The run, as it is called on the engine's machine.
    pub fn run(&self) -> &Path {
        &self.run
    }

    /// What to ask the engine.
    pub fn asks(&self) -> impl Iterator<Item = DiskCommand> + '_ {
        self.asks.try_iter()
    }

    /// Hands over what the engine's disk has answered.
    pub fn hear(&self, news: &DiskNews) {
        let is_of_it = match news {
            DiskNews::Contents(contents) => contents.run == self.run,
            DiskNews::Piece { of, .. } => of.run == self.run,
            DiskNews::Refused { asked: DiskCommand::Contents { run }, .. } => *run == self.run,
            DiskNews::Refused { asked: DiskCommand::Piece(of), .. } => of.run == self.run,
            DiskNews::Listed(_) | DiskNews::Refused { asked: DiskCommand::List { .. }, .. } => false,
        };
        if is_of_it {
            // There is room for all that was asked for at once; a thread that has ended needs none.
            let _full = self.heard.try_send(Heard::News(Box::new(news.clone())));
        }
    }

    /// The line was cut and is there again.
    pub fn ask_again(&self) {
        let _ended = self.heard.try_send(Heard::Again);
    }

    /// How far it is.
    pub fn standing(&self) -> FetchStanding {
        self.standing.lock().clone()
    }
}

/// The thread's side.
struct Copying {
    run: PathBuf,
    ask: Sender<DiskCommand>,
    hears: Receiver<Heard>,
    standing: Arc<Mutex<FetchStanding>>,
    wake: Box<dyn Fn() + Send>,
}

/// Why it ended, where nobody wants it any more.
const GIVEN_UP: &str = "It was given up";

impl Copying {
    fn copy(&mut self, runs: &Path) -> Result<PathBuf, String> {
        let name = self.run.file_name().and_then(|name| name.to_str()).filter(|name| place_below(name).is_some());
        let name = name.ok_or_else(|| format!("The run has no name to keep it by: {}", self.run.display()))?;
        let runs = std::path::absolute(runs).unwrap_or_else(|_unknown| runs.to_owned());
        let (goal, partial) = (runs.join(name), runs.join(format!(".{name}.partial")));
        if goal.symlink_metadata().is_ok() {
            return Err(format!("There is a run of that name here already: {}", goal.display()));
        }
        let contents = self.contents()?;
        let total = contents.files.iter().map(|file| file.bytes).sum();
        let unwritable = |error: std::io::Error| format!("The run could not be copied: {error}: {}", goal.display());
        if partial.symlink_metadata().is_ok() {
            // What a copy left that was killed.
            fs::remove_dir_all(&partial).map_err(unwritable)?;
        }
        fs::create_dir_all(&partial).map_err(unwritable)?;
        let mut done = 0;
        let copied = contents.files.iter().try_for_each(|file| self.file(file, &partial, (&mut done, total)));
        let kept = copied.and_then(|()| fs::rename(&partial, &goal).map_err(unwritable));
        if let Err(text) = kept {
            let _gone = fs::remove_dir_all(&partial);
            return Err(text);
        }
        Ok(goal)
    }

    fn contents(&self) -> Result<RunContents, String> {
        let ask = || self.say(DiskCommand::Contents { run: self.run.clone() });
        ask()?;
        loop {
            match self.hears.recv().map_err(|_nobody| GIVEN_UP.to_owned())? {
                Heard::Again => ask()?,
                Heard::News(news) => match *news {
                    DiskNews::Contents(contents) => return Ok(contents),
                    DiskNews::Refused { failure, .. } => return Err(failure.text),
                    DiskNews::Piece { .. } | DiskNews::Listed(_) => {}
                },
            }
        }
    }

    /// Copies one file and sees to it that it came as it is there.
    fn file(&self, file: &RunFile, folder: &Path, (done, total): (&mut u64, u64)) -> Result<(), String> {
        let place = place_below(&file.name).ok_or_else(|| format!("`{}` is no file of a run", file.name))?;
        let path = folder.join(place);
        let unwritable = |error: std::io::Error| format!("A file could not be copied: {error}: {}", path.display());
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(unwritable)?;
        let mut output = File::create_new(&path).map_err(unwritable)?;
        let (mut written, mut asked) = (0, 0);
        let mut on_way: VecDeque<PieceRequest> = VecDeque::new();
        while written < file.bytes {
            while asked < file.bytes && on_way.len() < AT_ONCE {
                let most = PieceRequest::MOST.min(file.bytes - asked);
                let piece = PieceRequest { run: self.run.clone(), file: file.name.clone(), from: asked, most };
                asked += most;
                self.say(DiskCommand::Piece(piece.clone()))?;
                on_way.push_back(piece);
            }
            match self.hears.recv().map_err(|_nobody| GIVEN_UP.to_owned())? {
                Heard::Again => {
                    (asked, on_way) = (written, VecDeque::new());
                }
                Heard::News(news) => match *news {
                    // What was asked for before the line was cut may come twice.
                    DiskNews::Piece { of, bytes } if on_way.front() == Some(&of) => {
                        on_way.pop_front();
                        if bytes.len() as u64 != of.most {
                            return Err(format!("`{}` has changed while it was copied; try again", file.name));
                        }
                        output.write_all(&bytes).map_err(unwritable)?;
                        written += of.most;
                        *done += of.most;
                        *self.standing.lock() = FetchStanding::Going { done: *done, total };
                        (self.wake)();
                    }
                    DiskNews::Refused { failure, .. } => return Err(failure.text),
                    _ => {}
                },
            }
        }
        output.sync_all().map_err(unwritable)?;
        let sum = File::open(&path).and_then(sum_of_all).map_err(unwritable)?;
        if sum != file.sum {
            return Err(format!("`{}` did not come as it is there; nothing of the run was kept, try again", file.name));
        }
        Ok(())
    }

    fn say(&self, command: DiskCommand) -> Result<(), String> {
        self.ask.send(command).map_err(|_nobody| GIVEN_UP.to_owned())?;
        (self.wake)();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use fusionscope_engine::protocol::Failure;

    use super::*;

    /// The engine's machine, in a few files.
    struct There {
        files: Vec<(String, Vec<u8>)>,
    }

    impl There {
        fn new() -> Self {
            let long = (0..5 * PieceRequest::MOST + 7).map(|place| (place % 251) as u8).collect();
            let files = [("recipe.toml", b"a".to_vec()), ("checkpoints/step-1/model", long), ("empty", Vec::new())];
            Self { files: files.map(|(name, bytes)| (name.to_owned(), bytes)).into() }
        }

        fn answer(&self, asked: DiskCommand) -> DiskNews {
            match asked {
                DiskCommand::Contents { run } => {
                    let told = |(name, bytes): &(String, Vec<u8>)| RunFile {
                        name: name.clone(),
                        bytes: bytes.len() as u64,
                        sum: sum_of_all(&**bytes).unwrap(),
                    };
                    DiskNews::Contents(RunContents { run, files: self.files.iter().map(told).collect() })
                }
                DiskCommand::Piece(of) => {
                    let (_, bytes) = self.files.iter().find(|(name, _)| *name == of.file).unwrap();
                    let end = (of.from + of.most).min(bytes.len() as u64);
                    DiskNews::Piece { bytes: bytes[of.from as usize..end as usize].to_vec(), of }
                }
                asked @ DiskCommand::List { .. } => {
                    DiskNews::Refused { asked, failure: Failure::refused("nobody asked that") }
                }
            }
        }

        /// Answers until the copy has come to its end; `line` may change or drop what is said.
        fn serve(&self, copy: &Fetching, mut line: impl FnMut(DiskNews) -> Option<DiskNews>) -> FetchStanding {
            let begun = Instant::now();
            loop {
                let standing = copy.standing();
                if !matches!(standing, FetchStanding::Going { .. }) {
                    return standing;
                }
                assert!(begun.elapsed() < Duration::from_secs(20), "{standing:?}");
                for asked in copy.asks() {
                    match line(self.answer(asked)) {
                        Some(news) => copy.hear(&news),
                        None => copy.ask_again(),
                    }
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    fn begin(runs: &Path) -> Fetching {
        Fetching::begin("/there/runs/one".into(), runs.to_owned(), || {}).unwrap()
    }

    #[test]
    fn a_run_arrives_whole_also_over_a_line_that_is_cut() {
        let (runs, there) = (tempfile::tempdir().unwrap(), There::new());
        let mut said = 0;
        let standing = there.serve(&begin(runs.path()), |news| {
            said += 1;
            (said % 5 != 0).then_some(news)
        });
        assert_eq!(standing, FetchStanding::Done(runs.path().join("one")));
        for (name, bytes) in &there.files {
            assert_eq!(fs::read(runs.path().join("one").join(name)).unwrap(), *bytes, "{name}");
        }
        assert_eq!(fs::read_dir(runs.path()).unwrap().count(), 1, "nothing else is left");
        let again = there.serve(&begin(runs.path()), Some);
        assert!(matches!(again, FetchStanding::Failed(why) if why.contains("here already")));
    }

    #[test]
    fn nothing_is_left_of_a_run_that_came_otherwise_than_it_was() {
        let (runs, there) = (tempfile::tempdir().unwrap(), There::new());
        let damage = |news| match news {
            DiskNews::Piece { of, mut bytes } => {
                bytes[0] ^= u8::from(of.from > 0);
                Some(DiskNews::Piece { of, bytes })
            }
            news => Some(news),
        };
        let standing = there.serve(&begin(runs.path()), damage);
        assert!(matches!(standing, FetchStanding::Failed(why) if why.contains("nothing of the run was kept")));
        let outside = |news| match news {
            DiskNews::Contents(mut contents) => {
                contents.files[0].name = "../outside".to_owned();
                Some(DiskNews::Contents(contents))
            }
            news => Some(news),
        };
        let standing = there.serve(&begin(runs.path()), outside);
        assert!(matches!(standing, FetchStanding::Failed(why) if why.contains("no file of a run")));
        assert_eq!(fs::read_dir(runs.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_copy_that_nobody_wants_ends_without_a_trace() {
        let (runs, there) = (tempfile::tempdir().unwrap(), There::new());
        let copy = begin(runs.path());
        let standing = Arc::clone(&copy.standing);
        let begun = Instant::now();
        while !runs.path().join(".one.partial").is_dir() {
            assert!(begun.elapsed() < Duration::from_secs(20));
            for asked in copy.asks() {
                copy.hear(&there.answer(asked));
            }
        }
        drop(copy);
        while matches!(*standing.lock(), FetchStanding::Going { .. }) {
            assert!(begun.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(1));
        }
        // It may have been whole already.
        assert!(!runs.path().join(".one.partial").exists());
    }
}
