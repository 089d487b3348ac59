//! Which step of the run is looked at: the network as it stands, or a page of the album; and what it is compared with.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use fusionscope_engine::protocol::{Album, AlbumWish};

/// Playing goes through all pages in about this time …
const WHOLE: Duration = Duration::from_secs(8);
/// … one after the other within these.
const BETWEEN: (Duration, Duration) = (Duration::from_millis(80), Duration::from_millis(400));

/// The time of the scene in view. The slider and the curves' cross-hair are this one.
#[derive(Debug, Default)]
pub struct Time {
    /// The step whose page is shown.
    at: Option<u64>,
    /// The step with which that is compared.
    since: Option<u64>,
    /// When the page in view came while they are played.
    played: Option<Instant>,
    /// All pages of the run in view.
    pub album: Album,
    /// The steps of those of the scene in view.
    steps: Vec<u64>,
}

impl Time {
    /// The step whose page is shown; `None` for the network as it stands.
    pub fn at(&self) -> Option<u64> {
        self.at
    }

    /// The step with which that is compared.
    pub fn since(&self) -> Option<u64> {
        self.since
    }

    /// The steps of which the scene in view has pages.
    pub fn steps(&self) -> &[u64] {
        &self.steps
    }

    /// The step of the page nearest to a step; `None` where the scene in view has none.
    pub fn nearest(&self, step: u64) -> Option<u64> {
        self.steps.iter().copied().min_by_key(|known| known.abs_diff(step))
    }

    /// Shows the page nearest to a step, or the network as it stands.
    pub fn go(&mut self, step: Option<u64>) {
        self.at = step.and_then(|step| self.nearest(step));
    }

    /// The step before the one in view, or after it; behind the last page stands the network as it is.
    pub fn neighbour(&self, later: bool) -> Option<u64> {
        let place = match self.at {
            Some(at) => self.steps.partition_point(|step| *step < at),
            None => self.steps.len(),
        };
        if later { self.steps.get(place + 1).copied() } else { self.steps.get(place.saturating_sub(1)).copied() }
    }

    /// Compares with the step in view, the newest page where that is none; or with none any more.
    pub fn mark(&mut self) {
        let here = self.at.or(self.steps.last().copied());
        self.since = if self.since.is_some() { None } else { here };
    }

    /// Whether pages are played.
    pub fn plays(&self) -> bool {
        self.played.is_some()
    }

    /// Begins to play, from the first page where there is none to come, or stops.
    pub fn toggle_play(&mut self, now: Instant) {
        if self.played.take().is_none() {
            if self.at.is_none() || self.at == self.steps.last().copied() {
                self.at = self.steps.first().copied();
            }
            self.played = Some(now);
        }
    }

    /// Goes on to the next page where it is time for that; returns how long to wait, while there is something to come.
    pub fn play_on(&mut self, now: Instant) -> Option<Duration> {
        let came = self.played?;
        let between = (WHOLE / self.steps.len().max(1) as u32).clamp(BETWEEN.0, BETWEEN.1);
        let waited = now.saturating_duration_since(came);
        if waited < between {
            return Some(between.saturating_sub(waited));
        }
        let next = self.neighbour(true);
        self.played = next.map(|_| now);
        if next.is_some() {
            self.at = next;
        }
        next.map(|_| between)
    }

    /// Stops playing.
    pub fn stop(&mut self) {
        self.played = None;
    }

    /// Goes back to the network as it stands, compared with nothing.
    pub fn leave(&mut self) {
        (self.at, self.since, self.played) = (None, None, None);
    }

    /// Takes over which pages the scene in view has; steps that have none any more give way to their neighbours.
    pub(super) fn settle(&mut self, steps: Vec<u64>) {
        if steps == self.steps {
            return;
        }
        self.steps = steps;
        if self.steps.is_empty() {
            self.leave();
        }
        self.at = self.at.and_then(|step| self.nearest(step));
        self.since = self.since.and_then(|step| self.nearest(step));
    }
}

/// What runs shall keep of the open data set: the scenes by split and id, and the bound.
#[derive(Clone, Debug)]
pub struct Pins {
    /// Split and id of each scene.
    pub scenes: BTreeSet<(String, String)>,
    /// Mebibytes that the pages of a run take at most.
    pub most_mib: u32,
}

impl Default for Pins {
    fn default() -> Self {
        Self { scenes: BTreeSet::new(), most_mib: AlbumWish::MOST_MIB }
    }
}
