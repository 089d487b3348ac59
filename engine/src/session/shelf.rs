//! The thread that looks at runs which are not in hand. It waits for nobody and nobody waits for it: a disk that sleeps
//! holds up neither the training nor the window.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::aside::{Aside, Ended, Teller};
use super::options::Wake;
use crate::failure::Failure;
use crate::protocol::{Event, RunCard, RunsWatch, ShelfCommand, ShelfNews, Subject};
use crate::training::{Finder, KnownRun, RunError, RunFolder};

/// The shortest pause between two looks. A slow disk is looked at less often.
const PAUSE: Duration = Duration::from_secs(2);
/// No slow look, such as the first, keeps the next one waiting for longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The share of its time that looking may take.
const SHARE: u32 = 10;
/// Runs that are read before the first of them are told.
const BATCH: usize = 64;
/// The most remarks that are told at once.
const MOST_REMARKS: usize = 20;
/// Runs that are read at once, where many are new.
const READERS: usize = 4;

/// The app's end of the thread.
pub(super) fn shelf(wake: Option<Wake>) -> Aside<ShelfCommand> {
    Aside::new("fusionscope-runs", wake, |commands, teller| Looker::new(commands, teller).run())
}

struct Looker {
    commands: Receiver<ShelfCommand>,
    teller: Teller,
    watch: Option<RunsWatch>,
    finder: Finder,
    known: BTreeMap<PathBuf, KnownRun>,
    /// Runs of which all was told before, so that what is new is enough.
    traced: BTreeSet<PathBuf>,
    remarks: Vec<String>,
    /// The app was told how things stand, at least once since it last asked.
    has_told: bool,
    /// All that is known is to be told with the next look.
    tells_all: bool,
}

impl Looker {
    fn new(commands: Receiver<ShelfCommand>, teller: Teller) -> Self {
        Self {
            commands,
            teller,
            watch: None,
            finder: Finder::default(),
            known: BTreeMap::new(),
            traced: BTreeSet::new(),
            remarks: Vec::new(),
            has_told: false,
            tells_all: false,
        }
    }

    /// Obeys and looks until the app has gone.
    fn run(mut self) {
        let mut pause = Duration::ZERO;
        loop {
            let command = if self.watch.is_some() {
                self.commands.recv_timeout(pause)
            } else {
                self.commands.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            let outcome = match command {
                Ok(command) => {
                    pause = Duration::ZERO;
                    self.obey(command)
                }
                Err(RecvTimeoutError::Timeout) => {
                    let begun = Instant::now();
                    let looked = self.look();
                    pause = (SHARE * begun.elapsed()).clamp(PAUSE, LONGEST_PAUSE);
                    looked
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if outcome.is_err() {
                return;
            }
        }
    }

    fn obey(&mut self, command: ShelfCommand) -> Result<(), Ended> {
        match command {
            ShelfCommand::Watch(watch) => {
                self.has_told &= watch.is_some();
                let traced: BTreeSet<&PathBuf> = watch.iter().flat_map(|watch| &watch.traced).collect();
                self.traced.retain(|run| traced.contains(run));
                self.watch = watch;
                Ok(())
            }
            ShelfCommand::TellAnew => {
                self.traced.clear();
                (self.has_told, self.tells_all) = (false, true);
                Ok(())
            }
            ShelfCommand::Note { run, notes } => self.tell_outcome(&run, RunFolder::note(&run, &notes), |()| None),
            ShelfCommand::Bin { run } => {
                let put = RunFolder::put_away(&run);
                self.tell_outcome(&run, put, |now| Some(ShelfNews::Binned { run: run.clone(), now }))
            }
        }
    }

    /// Tells what has come of a command, and how the run stands since.
    fn tell_outcome<T>(
        &mut self,
        run: &Path,
        outcome: Result<T, RunError>,
        news: impl FnOnce(T) -> Option<ShelfNews>,
    ) -> Result<(), Ended> {
        match outcome {
            Ok(done) => {
                if let Some(news) = news(done) {
                    self.tell(Event::Shelf(news))?;
                }
            }
            Err(error) => {
                if let Some(failure) = Failure::of(&error) {
                    self.tell(Event::Failure { about: Subject::Shelf, failure })?;
                }
            }
        }
        let Some(known) = self.known.get_mut(run).and_then(|known| known.look().then_some(known)) else {
            return Ok(());
        };
        let (cards, gone) = if known.is_there() {
            (vec![known.card().clone()], Vec::new())
        } else {
            self.known.remove(run);
            (Vec::new(), vec![run.to_owned()])
        };
        self.tell_cards(cards, gone, 0)
    }

    fn tell(&self, event: Event) -> Result<(), Ended> {
        self.teller.tell(event)
    }

    fn tell_cards(&mut self, cards: Vec<RunCard>, gone: Vec<PathBuf>, waiting: usize) -> Result<(), Ended> {
        self.has_told = true;
        let of_runs = self.known.values().flat_map(KnownRun::faults);
        let remarks = self.remarks.iter().cloned().chain(of_runs).take(MOST_REMARKS).collect();
        let waiting = waiting as u64;
        self.tell(Event::Shelf(ShelfNews::Cards { cards, gone, waiting, remarks }))
    }

    /// Whether somebody wants something else meanwhile.
    fn is_wanted(&self) -> bool {
        !self.commands.is_empty()
    }

    /// Looks at every run once and tells what has changed: first what a list needs, then what costs a reading of all
    /// steps. Breaks off where a command has come; the next look goes on.
    fn look(&mut self) -> Result<(), Ended> {
        let Some(RunsWatch { folders, traced }) = self.watch.clone() else { return Ok(()) };
        let mut found = self.finder.find(&folders);
        let is_news = found.remarks != self.remarks;
        self.remarks = std::mem::take(&mut found.remarks);
        let gone: Vec<PathBuf> = self.known.keys().filter(|run| !found.runs.contains(*run)).cloned().collect();
        for run in &gone {
            self.known.remove(run);
            self.traced.remove(run);
        }
        // The newest come first: folders are called by the time of their beginning.
        let fresh: Vec<PathBuf> =
            found.runs.iter().rev().filter(|run| !self.known.contains_key(*run)).cloned().collect();
        if !gone.is_empty() || is_news || !self.has_told {
            self.tell_cards(Vec::new(), gone, fresh.len())?;
        }
        let mut waiting = fresh.len();
        if std::mem::take(&mut self.tells_all) && !self.known.is_empty() {
            let known: Vec<RunCard> = self.known.values().map(|known| known.card().clone()).collect();
            for cards in known.chunks(BATCH) {
                self.tell_cards(cards.to_vec(), Vec::new(), waiting)?;
            }
        }
        for runs in fresh.chunks(BATCH) {
            if self.is_wanted() {
                return Ok(());
            }
            let read = read_at_once(runs);
            waiting -= runs.len();
            let cards = read.iter().map(|known| known.card().clone()).collect();
            self.known.extend(read.into_iter().map(|known| (known.card().path.clone(), known)));
            self.tell_cards(cards, Vec::new(), waiting)?;
        }
        let changed: Vec<_> =
            self.known.values_mut().filter_map(|known| known.look().then(|| known.card().clone())).collect();
        if !changed.is_empty() {
            self.tell_cards(changed, Vec::new(), 0)?;
        }
        for run in traced {
            if let Some(known) = self.known.get_mut(&run)
                && let Some(trace) = known.trace(!self.traced.contains(&run))
            {
                self.traced.insert(run);
                self.tell(Event::Shelf(ShelfNews::Trace(trace)))?;
            }
            if self.is_wanted() {
                return Ok(());
            }
        }
        self.sum_up()
    }

    /// Sums up the times of runs whose steps have changed.
    fn sum_up(&mut self) -> Result<(), Ended> {
        let (mut summed, mut since) = (Vec::new(), Instant::now());
        let runs: Vec<PathBuf> = self.known.keys().rev().cloned().collect();
        for run in runs {
            if self.is_wanted() {
                break;
            }
            if let Some(known) = self.known.get_mut(&run).and_then(|known| known.sum_up().then_some(known)) {
                summed.push(known.card().clone());
            }
            if since.elapsed() > Duration::from_millis(300) && !summed.is_empty() {
                self.tell_cards(std::mem::take(&mut summed), Vec::new(), 0)?;
                since = Instant::now();
            }
        }
        if summed.is_empty() { Ok(()) } else { self.tell_cards(summed, Vec::new(), 0) }
    }
}

/// Reads runs of which nothing is known, on several threads: a disk answers several questions as fast as one.
fn read_at_once(runs: &[PathBuf]) -> Vec<KnownRun> {
    let read = |runs: &[PathBuf]| -> Vec<KnownRun> {
        let known = runs.iter().map(|run| {
            let mut known = KnownRun::new(run.clone());
            known.look();
            known
        });
        known.collect()
    };
    std::thread::scope(|scope| {
        let parts = runs.chunks(runs.len().div_ceil(READERS).max(1));
        let readers: Vec<_> = parts.map(|part| scope.spawn(move || read(part))).collect();
        readers.into_iter().flat_map(|reader| reader.join().unwrap_or_default()).collect()
    })
}

#[cfg(test)]
mod tests;
