//! Events on their way to the app: merged while the app is slow, bounded, and never in the trainer's way.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError};

use super::options::Wake;
use crate::protocol::{Command, Event, Level, SessionState, StepReport, Subject};

/// Step reports kept while the app does not read; older ones are thinned beyond that. What is read of a run's history
/// fits.
const MAX_STEPS: usize = 1 << 15;
/// Other events kept while the app does not read; beyond that the least important go, and it is said how many of what.
const MAX_EVENTS: usize = 1024;
/// How long a leaving worker goes on offering events to an app that has let go of the session but kept its events.
const PATIENCE: Duration = Duration::from_millis(500);

/// The worker's end of the event channel.
pub(super) struct Outbox {
    events: Sender<Event>,
    wake: Option<Wake>,
    backlog: VecDeque<Event>,
    steps: usize,
    /// What had to be left out since the app last read, by what to call it.
    left_out: BTreeMap<&'static str, u64>,
}

impl Outbox {
    pub(super) fn new(events: Sender<Event>, wake: Option<Wake>) -> Self {
        Self { events, wake, backlog: VecDeque::new(), steps: 0, left_out: BTreeMap::new() }
    }

    /// Takes an event and sends as much as fits into the channel.
    pub(super) fn post(&mut self, event: Event) {
        self.merge(event);
        if self.steps > MAX_STEPS {
            self.thin();
        }
        if self.backlog.len() > MAX_EVENTS {
            self.leave_out();
        }
        self.flush();
    }

    /// Whether events wait for the app to read.
    pub(super) fn has_backlog(&self) -> bool {
        !self.backlog.is_empty()
    }

    /// Sends as much as fits, without waiting.
    pub(super) fn flush(&mut self) {
        let mut sent = false;
        if !self.left_out.is_empty() {
            match self.events.try_send(self.left_out_words()) {
                Ok(()) => sent = true,
                Err(TrySendError::Full(_)) => return,
                Err(TrySendError::Disconnected(_)) => {}
            }
            self.left_out.clear();
        }
        while let Some(event) = self.backlog.pop_front() {
            let steps = steps_of(&event);
            match self.events.try_send(event) {
                Ok(()) => {
                    self.steps -= steps;
                    sent = true;
                }
                Err(TrySendError::Full(event)) => {
                    self.backlog.push_front(event);
                    break;
                }
                Err(TrySendError::Disconnected(_)) => {
                    self.backlog.clear();
                    self.steps = 0;
                }
            }
        }
        if let Some(wake) = self.wake.as_ref().filter(|_| sent) {
            wake();
        }
    }

    /// Delivers everything, waiting for the app to read for as long as it holds the session.
    pub(super) fn deliver(&mut self, commands: &Receiver<Command>) {
        if !self.left_out.is_empty() {
            let words = self.left_out_words();
            self.left_out.clear();
            self.backlog.push_front(words);
        }
        loop {
            self.flush();
            let Some(event) = self.backlog.pop_front() else { return };
            let let_go = loop {
                match commands.try_recv() {
                    Ok(_) => {}
                    Err(TryRecvError::Empty) => break false,
                    Err(TryRecvError::Disconnected) => break true,
                }
            };
            match self.events.send_timeout(event, PATIENCE) {
                Ok(()) => {
                    if let Some(wake) = &self.wake {
                        wake();
                    }
                }
                Err(crossbeam_channel::SendTimeoutError::Timeout(event)) if !let_go => self.backlog.push_front(event),
                Err(_) => return,
            }
        }
    }

    /// Brings the waiting events down to half of what may wait: the oldest of the least important kind first.
    fn leave_out(&mut self) {
        self.bring_steps_together();
        let mut surplus = self.backlog.len().saturating_sub(MAX_EVENTS / 2);
        for worth in [Worth::Passing, Worth::Telling, Worth::Lasting] {
            let newest_state = self.backlog.iter().rposition(|event| matches!(event, Event::State(_)));
            let (mut place, left_out) = (0, &mut self.left_out);
            self.backlog.retain(|event| {
                let is_newest_state = newest_state == Some(place);
                place += 1;
                let (own, name) = worth_of(event);
                let goes = surplus > 0 && own == worth && !is_newest_state;
                if goes {
                    surplus -= 1;
                    *left_out.entry(name).or_default() += 1;
                }
                !goes
            });
        }
    }

    fn left_out_words(&self) -> Event {
        let counts: Vec<String> = self.left_out.iter().map(|(name, count)| format!("{name}: {count}")).collect();
        let text = format!(
            "The window did not read for a long time, so older messages were left out ({}); the run folder holds all steps and \
             evaluations",
            counts.join(", ")
        );
        Event::Notice { about: Subject::Session, level: Level::Warning, text }
    }

    fn merge(&mut self, event: Event) {
        self.steps += steps_of(&event);
        match (self.backlog.back_mut(), event) {
            (Some(Event::Steps(old)), Event::Steps(new)) => old.extend(new),
            (Some(Event::Recorded(old)), Event::Recorded(new)) => old.extend(new),
            (Some(Event::Changed(old)), Event::Changed(new)) => *old = new,
            (Some(Event::State(old)), Event::State(new)) if is_progress(old, &new) => *old = new,
            (_, Event::Album(new)) => {
                // Each tells all there is; that of a run before goes with it.
                self.backlog.retain(|event| !matches!(event, Event::Album(_)));
                self.backlog.push_back(Event::Album(new));
            }
            (_, Event::Times(new)) => {
                self.backlog.retain(|event| !matches!(event, Event::Times(_)));
                self.backlog.push_back(Event::Times(new));
            }
            (_, Event::ViewReady { view }) => {
                if !self.backlog.iter().any(|event| matches!(event, Event::ViewReady { view: old } if *old == view)) {
                    self.backlog.push_back(Event::ViewReady { view });
                }
            }
            (_, event) => self.backlog.push_back(event),
        }
    }

    /// Brings waiting step reports together and halves each lot.
    fn thin(&mut self) {
        self.bring_steps_together();
        for event in &mut self.backlog {
            if let Event::Steps(steps) = event {
                *steps = thinned(std::mem::take(steps));
            }
        }
        self.steps = self.backlog.iter().map(steps_of).sum();
    }

    /// One lot of step reports a run.
    fn bring_steps_together(&mut self) {
        let mut kept: VecDeque<Event> = VecDeque::with_capacity(self.backlog.len());
        let mut lot: Option<usize> = None;
        for event in self.backlog.drain(..) {
            match (event, lot) {
                (Event::Steps(steps), Some(place)) => {
                    if let Event::Steps(old) = &mut kept[place] {
                        old.extend(steps);
                    }
                }
                (Event::Steps(steps), None) => {
                    lot = Some(kept.len());
                    kept.push_back(Event::Steps(steps));
                }
                (event, _) => {
                    if matches!(event, Event::Run { .. } | Event::Model { .. }) {
                        lot = None;
                    }
                    kept.push_back(event);
                }
            }
        }
        self.backlog = kept;
    }
}

fn steps_of(event: &Event) -> usize {
    match event {
        Event::Steps(steps) => steps.len(),
        _ => 0,
    }
}

/// How much is lost with an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// A later one says all that matters, or it only told what went on.
    Passing,
    /// It told something that happened once.
    Telling,
    /// What comes later makes little sense without it.
    Lasting,
    /// It is bounded in another way, and never left out.
    Kept,
}

/// What an event is worth, and what to call events of its kind.
fn worth_of(event: &Event) -> (Worth, &'static str) {
    match event {
        Event::State(SessionState::Failed(_)) => (Worth::Telling, "failures"),
        Event::State(
            SessionState::Idle
            | SessionState::Preparing { .. }
            | SessionState::Training
            | SessionState::Paused
            | SessionState::Evaluating { .. }
            | SessionState::Finished
            | SessionState::Stopped { .. },
        ) => (Worth::Passing, "states"),
        Event::Times(_) => (Worth::Passing, "times"),
        Event::Album(_) => (Worth::Lasting, "albums"),
        Event::ViewReady { .. } => (Worth::Passing, "pictures"),
        Event::Recorded(_) => (Worth::Passing, "marks"),
        Event::Changed(_) => (Worth::Lasting, "changes"),
        Event::Checkpoint { .. } => (Worth::Passing, "checkpoints"),
        Event::Notice { level: Level::Info, .. } => (Worth::Passing, "notices"),
        Event::Notice { level: Level::Warning | Level::Error, .. } => (Worth::Telling, "warnings"),
        Event::Failure { .. } => (Worth::Telling, "failures"),
        Event::Evaluation(_) => (Worth::Telling, "evaluations"),
        Event::WhatIf(_) => (Worth::Telling, "what-ifs"),
        Event::Protocol(_) => (Worth::Telling, "protocols"),
        Event::Compared(_) | Event::Confused(_) | Event::SceneScores(_) => (Worth::Telling, "lists of scenes"),
        Event::Recipe(_) => (Worth::Lasting, "recipes"),
        Event::Beside(_) => (Worth::Lasting, "compared runs"),
        Event::Network(_) => (Worth::Lasting, "networks"),
        Event::Dataset(_) => (Worth::Lasting, "data sets"),
        Event::Run { .. } | Event::Model { .. } => (Worth::Lasting, "runs"),
        Event::DataGone { .. } | Event::Runs { .. } => (Worth::Telling, "questions"),
        Event::Shelf(_) => (Worth::Telling, "news of other runs"),
        Event::Gallery(_) => (Worth::Passing, "small pictures"),
        Event::Disk(_) => (Worth::Passing, "folders"),
        Event::Steps(_) => (Worth::Kept, "steps"),
        Event::Unsaved(_) => (Worth::Lasting, "unsaved runs"),
        Event::Ended => (Worth::Kept, "ends"),
    }
}

/// Whether `new` only moves the progress of `old` on.
fn is_progress(old: &SessionState, new: &SessionState) -> bool {
    match (old, new) {
        (SessionState::Preparing { what: old, .. }, SessionState::Preparing { what: new, .. }) => old == new,
        (SessionState::Evaluating { .. }, SessionState::Evaluating { .. }) => true,
        _ => false,
    }
}

/// At most about half of the reports: the first, the last, and of every bucket those in which some term is smallest or
/// largest.
fn thinned(steps: Vec<StepReport>) -> Vec<StepReport> {
    let terms = steps.iter().map(|step| step.terms.len()).max().unwrap_or(0).max(1);
    let bucket = 4 * terms;
    let mut keep = vec![false; steps.len()];
    for (number, lot) in steps.chunks(bucket).enumerate() {
        // The smallest and the largest value of each term, and where they stand.
        let mut extremes: BTreeMap<&str, [(f32, usize); 2]> = BTreeMap::new();
        for (place, step) in (number * bucket..).zip(lot) {
            for term in &step.terms {
                let [least, most] = extremes.entry(&term.name).or_insert([(term.value, place); 2]);
                if term.value.total_cmp(&least.0).is_lt() {
                    *least = (term.value, place);
                }
                if term.value.total_cmp(&most.0).is_gt() {
                    *most = (term.value, place);
                }
            }
        }
        for (_, place) in extremes.into_values().flatten() {
            keep[place] = true;
        }
    }
    if let Some(first) = keep.first_mut() {
        *first = true;
    }
    if let Some(last) = keep.last_mut() {
        *last = true;
    }
    steps.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(step, _)| step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{EvaluationReport, Figure, Quantity};
    use crate::recipe::Recipe;

    fn report(step: u64, total: f32) -> StepReport {
        StepReport {
            step,
            terms: [("total", total), ("contrast", -total)]
                .map(|(name, value)| Figure::new(name, Quantity::Loss, value))
                .into(),
            ..StepReport::default()
        }
    }

    #[test]
    fn a_slow_app_loses_no_spike_no_end_and_no_state() {
        let (sender, receiver) = crossbeam_channel::bounded(2);
        let mut outbox = Outbox::new(sender, None);
        outbox.post(Event::State(SessionState::Training));
        for step in 1..=50_000 {
            outbox.post(Event::Steps(vec![report(step, if step == 33_333 { 99.0 } else { (step % 7) as f32 })]));
            if step % 5_000 == 0 {
                outbox.post(Event::State(SessionState::Evaluating { done: step, total: 1 }));
                outbox.post(Event::State(SessionState::Training));
            }
        }
        outbox.post(Event::State(SessionState::Finished));
        assert!(outbox.steps <= MAX_STEPS, "{} reports wait", outbox.steps);
        let mut events = Vec::new();
        loop {
            outbox.flush();
            let before = events.len();
            events.extend(receiver.try_iter());
            if events.len() == before {
                break;
            }
        }
        let steps: Vec<&StepReport> = events
            .iter()
            .filter_map(|event| if let Event::Steps(steps) = event { Some(steps) } else { None })
            .flatten()
            .collect();
        assert_eq!(steps.first().unwrap().step, 1);
        assert_eq!(steps.last().unwrap().step, 50_000);
        assert!(steps.iter().any(|step| step.step == 33_333));
        assert!(steps.is_sorted_by_key(|step| step.step));
        let states = events.iter().filter(|event| matches!(event, Event::State(_))).count();
        assert_eq!(states, 1 + 2 * 10 + 1);
        assert_eq!(events.last(), Some(&Event::State(SessionState::Finished)));
    }

    #[test]
    fn an_app_that_never_reads_costs_bounded_memory_and_is_told_what_it_missed() {
        let (sender, receiver) = crossbeam_channel::bounded(4);
        let mut outbox = Outbox::new(sender, None);
        let notice = |level, number: u64| {
            let text = format!("no room, {number}");
            Event::Notice { about: Subject::Record, level, text }
        };
        let mut posted = 0;
        for step in 1..=20_000 {
            outbox.post(Event::Steps(vec![report(step, 1.0)]));
            outbox.post(Event::State(SessionState::Evaluating { done: 0, total: 1 }));
            outbox.post(Event::Evaluation(EvaluationReport { step, ..EvaluationReport::default() }));
            outbox.post(Event::State(SessionState::Training));
            outbox.post(notice(Level::Warning, step));
            outbox.post(notice(Level::Info, step));
            outbox.post(Event::Recipe(Recipe::defaults("x")));
            posted += 6;
            assert!(outbox.backlog.len() <= MAX_EVENTS && outbox.steps <= MAX_STEPS, "{} wait", outbox.backlog.len());
        }
        outbox.post(Event::State(SessionState::Finished));
        posted += 1;
        let mut events = Vec::new();
        loop {
            outbox.flush();
            let before = events.len();
            events.extend(receiver.try_iter());
            if events.len() == before {
                break;
            }
        }
        assert_eq!(events.last(), Some(&Event::State(SessionState::Finished)));
        let is_loss = |text: &String| text.contains("left out");
        let losses: Vec<&String> = events
            .iter()
            .filter_map(|event| if let Event::Notice { text, .. } = event { Some(text) } else { None })
            .filter(|text| is_loss(text))
            .collect();
        let counted: u64 = losses
            .iter()
            .flat_map(|text| text.split(|letter: char| !letter.is_ascii_digit()))
            .filter_map(|digits| digits.parse::<u64>().ok())
            .sum();
        let lots = events.iter().filter(|event| matches!(event, Event::Steps(_))).count();
        let told = events.len() - losses.len() - lots;
        assert_eq!(told as u64 + counted, posted, "{losses:?}");
        let last =
            events.iter().rev().find_map(|event| if let Event::Steps(steps) = event { steps.last() } else { None });
        assert_eq!(last.unwrap().step, 20_000);
    }

    #[test]
    fn progress_and_ready_pictures_are_merged() {
        let (sender, receiver) = crossbeam_channel::bounded(1);
        let mut outbox = Outbox::new(sender, None);
        outbox.post(Event::Ended);
        for done in 0..100 {
            let what = "Indexing".to_owned();
            outbox.post(Event::State(SessionState::Preparing { what, done, total: 100 }));
        }
        for _ in 0..10 {
            outbox.post(Event::ViewReady { view: 3 });
            outbox.post(Event::ViewReady { view: 4 });
        }
        assert_eq!(outbox.backlog.len(), 3);
        drop(receiver);
        outbox.flush();
        assert!(!outbox.has_backlog());
    }
}
