//! What a window must hear that comes to a session later than others: all that still holds, in the order in which it was
//! said.

use crate::protocol::{Event, StepReport};
use crate::training::RunFolder;

/// Steps that are kept here; those before them are read from the run's folder.
const MOST_STEPS: usize = 1 << 14;
/// Messages of a kind that are kept.
const MOST_OF_A_KIND: usize = 500;

/// What a session has told, without what later news has made void.
#[derive(Debug, Default)]
pub struct Retold {
    events: Vec<Event>,
}

impl Retold {
    /// Takes in what was told.
    pub fn hear(&mut self, event: &Event) {
        match event {
            // What was asked for about a moment, by a window that has had its answer.
            Event::Runs { .. } | Event::Shelf(_) | Event::Gallery(_) | Event::Disk(_) | Event::ViewReady { .. } => {}
            Event::Steps(steps) => self.add_steps(steps),
            Event::Recorded(entries) => match self.last(|kept| matches!(kept, Event::Recorded(_))) {
                Some(Event::Recorded(kept)) => kept.extend(entries.iter().cloned()),
                _ => self.events.push(event.clone()),
            },
            event => {
                self.events.retain(|kept| !is_void(kept, event));
                self.events.push(event.clone());
                self.leave_out(event);
            }
        }
    }

    /// All of it. Steps that are not kept here are read from the folder of the run.
    pub fn tell(&self) -> Vec<Event> {
        let mut events = self.events.clone();
        let run =
            events.iter().rev().find_map(|event| if let Event::Run { path, .. } = event { Some(path) } else { None });
        let history = run.and_then(|run| RunFolder::open(run).ok()?.history().ok());
        let Some(history) = history.filter(|history| !history.steps.is_empty()) else { return events };
        let kept = events.iter_mut().find_map(|event| if let Event::Steps(steps) = event { Some(steps) } else { None });
        let Some(kept) = kept else { return events };
        let first = kept.first().map_or(u64::MAX, |step| step.step);
        let mut steps: Vec<StepReport> = history.steps.into_iter().take_while(|step| step.step < first).collect();
        steps.append(kept);
        *kept = steps;
        events
    }

    fn last(&mut self, is_it: impl Fn(&Event) -> bool) -> Option<&mut Event> {
        self.events.iter_mut().rev().find(|event| is_it(event))
    }

    fn add_steps(&mut self, new: &[StepReport]) {
        let Some(Event::Steps(steps)) = self.last(|kept| matches!(kept, Event::Steps(_))) else {
            self.events.push(Event::Steps(new.to_vec()));
            return;
        };
        steps.extend(new.iter().cloned());
        if steps.len() > 2 * MOST_STEPS {
            steps.drain(..steps.len() - MOST_STEPS);
        }
    }

    /// Keeps no more of what may be said without end: the oldest go.
    fn leave_out(&mut self, newest: &Event) {
        let is_alike = |event: &Event| std::mem::discriminant(event) == std::mem::discriminant(newest);
        if self.events.iter().filter(|event| is_alike(event)).count() > MOST_OF_A_KIND {
            let oldest = self.events.iter().position(is_alike);
            oldest.map(|oldest| self.events.remove(oldest));
        }
    }
}

/// Whether something that was told holds no more since `news`.
fn is_void(kept: &Event, news: &Event) -> bool {
    let is_alike = std::mem::discriminant(kept) == std::mem::discriminant(news);
    match news {
        Event::State(_)
        | Event::Recipe(_)
        | Event::Network(_)
        | Event::Times(_)
        | Event::Changed(_)
        | Event::Album(_)
        | Event::Unsaved(_)
        | Event::Beside(_)
        | Event::Compared(_)
        | Event::Confused(_)
        | Event::SceneScores(_) => is_alike,
        Event::Dataset(_) => is_alike || is_of_scenes(kept) || matches!(kept, Event::DataGone { .. }),
        // Whichever of the two, it begins anew with its past.
        Event::Run { .. } | Event::Model { .. } => is_of_the_run(kept) || is_of_scenes(kept),
        _ => false,
    }
}

/// Whether it is about single scenes, of one network and one data set.
fn is_of_scenes(event: &Event) -> bool {
    matches!(event, Event::Compared(_) | Event::Confused(_) | Event::SceneScores(_))
}

fn is_of_the_run(event: &Event) -> bool {
    matches!(
        event,
        Event::Run { .. }
            | Event::Model { .. }
            | Event::DataGone { .. }
            | Event::Steps(_)
            | Event::Times(_)
            | Event::Recorded(_)
            | Event::Changed(_)
            | Event::Evaluation(_)
            | Event::WhatIf(_)
            | Event::Album(_)
            | Event::Protocol(_)
            | Event::Checkpoint { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{DatasetSummary, EvaluationReport, Level, SessionState, Subject};
    use crate::recipe::Recipe;
    use crate::training::Environment;

    fn report(step: u64) -> StepReport {
        StepReport { step, ..StepReport::default() }
    }

    fn steps_in(events: &[Event]) -> Vec<u64> {
        let steps = events.iter().filter_map(|event| if let Event::Steps(steps) = event { Some(steps) } else { None });
        steps.flatten().map(|step| step.step).collect()
    }

    #[test]
    fn a_newcomer_hears_what_holds_in_order_and_nothing_else() {
        let data = |name: &str| Event::Dataset(DatasetSummary { name: name.to_owned(), ..DatasetSummary::default() });
        let recipe = |name: &str| Event::Recipe(Recipe::defaults(name));
        let run = |name: &str| Event::Run { path: name.into(), checkpoint: None };
        let score = |step| Event::Evaluation(EvaluationReport { step, ..EvaluationReport::default() });
        let notice = |text: &str| Event::Notice { about: Subject::Data, level: Level::Warning, text: text.to_owned() };
        let mut retold = Retold::default();
        let told = [
            Event::State(SessionState::Idle),
            data("first"),
            notice("odd"),
            recipe("one"),
            run("/nowhere/one"),
            Event::Steps(vec![report(1), report(2)]),
            score(2),
            Event::ViewReady { view: 0 },
            Event::State(SessionState::Training),
            data("second"),
            recipe("two"),
            run("/nowhere/two"),
            Event::Steps(vec![report(1)]),
            Event::State(SessionState::Training),
            Event::Steps(vec![report(2), report(3)]),
            score(3),
        ];
        for event in &told {
            retold.hear(event);
        }
        let expected = vec![
            notice("odd"),
            data("second"),
            recipe("two"),
            run("/nowhere/two"),
            Event::Steps(vec![report(1), report(2), report(3)]),
            Event::State(SessionState::Training),
            score(3),
        ];
        assert_eq!(retold.tell(), expected);
    }

    #[test]
    fn curves_are_complete_however_long_the_run_is() {
        let runs = tempfile::tempdir().unwrap();
        let run = RunFolder::create(runs.path(), &Recipe::defaults("a"), &Environment::default()).unwrap();
        let total = 3 * MOST_STEPS as u64;
        let lines: Vec<String> = (1..=9).map(|step| serde_json::to_string(&report(step)).unwrap()).collect();
        std::fs::write(run.path().join("metrics.jsonl"), lines.join("\n") + "\n").unwrap();
        let mut retold = Retold::default();
        retold.hear(&Event::Run { path: run.path().to_owned(), checkpoint: None });
        for step in 1..=total {
            retold.hear(&Event::Steps(vec![report(step)]));
        }
        let steps = steps_in(&retold.tell());
        assert_eq!(steps[..9], [1, 2, 3, 4, 5, 6, 7, 8, 9], "from the folder");
        assert_eq!(steps.last(), Some(&total));
        assert!(steps.is_sorted() && steps.len() >= MOST_STEPS && steps.len() < 2 * MOST_STEPS + 10);
    }

    #[test]
    fn what_is_said_without_end_takes_no_memory_without_end() {
        let mut retold = Retold::default();
        for number in 0..3 * MOST_OF_A_KIND {
            let text = number.to_string();
            retold.hear(&Event::Notice { about: Subject::Record, level: Level::Info, text });
        }
        let told = retold.tell();
        assert_eq!(told.len(), MOST_OF_A_KIND);
        assert!(
            matches!(told.last(), Some(Event::Notice { text, .. }) if *text == (3 * MOST_OF_A_KIND - 1).to_string())
        );
    }
}
