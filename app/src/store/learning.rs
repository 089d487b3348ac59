//! What the steps of lessons ask of the store: how things stand, whether a step is done, and its figures.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use fusionscope_engine::protocol::{EmbeddingStage, EvaluationReport, SessionState, value_words};

use super::lesson::Looks;
use super::{Store, metrics};
use crate::lesson::{Condition, Deed, Figure};

/// How long a changed setting may take to show in the pictures.
const NEW_PICTURES: Duration = Duration::from_secs(2);

impl Store {
    /// How things stand now.
    pub fn looks(&self) -> Looks {
        Looks {
            recipe: (*self.recipe).clone(),
            network: self.model.clone().or_else(|| self.run.clone()),
            scene: (self.scene.split.clone(), self.scene.index),
            what_if: self.scene.what_if.clone(),
            watched: self.scene.watched.clone(),
            difference: self.scene.difference,
        }
    }

    /// Whether the step in hand is done: its button has nothing left to do, and all that it asks for holds.
    pub fn lesson_step_is_done(&self) -> bool {
        let step = self.lesson.open().map(|(_, step)| step);
        let has_settled = self.lesson.did.as_ref().is_none_or(|(did, since)| self.has_settled(did, *since));
        self.lesson.doing.is_empty()
            && has_settled
            && step.is_some_and(|step| step.work.done.iter().all(|asked| self.holds(asked)))
    }

    /// Whether what a button did has come to its end, so that the next thing can follow.
    pub fn has_settled(&self, deed: &Deed, since: Instant) -> bool {
        match deed {
            Deed::Demo => self.holds(&Condition::Demo),
            Deed::Sample => self.shows_sample() && self.is_at_rest(),
            Deed::Recipe { name, .. } => self.recipe.name == *name,
            Deed::Stop => self.is_at_rest(),
            Deed::Pause => !matches!(self.state, SessionState::Training),
            // Either a run began, or one that was held goes on.
            Deed::Train => {
                let has_begun = self.run_since.is_some_and(|begun| begun > since);
                let goes_on = self.state == SessionState::Training && self.state_since > since;
                (has_begun || goes_on) && !matches!(self.state, SessionState::Preparing { .. })
            }
            Deed::Evaluate(split) => {
                let has_come = self.metrics.received().is_some_and(|received| received > since);
                let is_over = !matches!(self.state, SessionState::Evaluating { .. });
                has_come && is_over && self.holds(&Condition::Evaluated(split.clone()))
            }
            // A live setting shows in new pictures, if in any.
            Deed::Set(_) => {
                let has_come = self.scene.shown().is_none_or(|shown| shown.received > since);
                has_come || since.elapsed() > NEW_PICTURES
            }
            Deed::Drop(_)
            | Deed::AllSensors
            | Deed::Scene { .. }
            | Deed::Watch(_)
            | Deed::Difference(_)
            | Deed::Pane(_)
            | Deed::Layout => true,
            Deed::Embed { features, .. } => self.embedding.shown(0).is_some_and(|view| {
                view.request.features == *features
                    && view.stage == EmbeddingStage::Projected
                    && view.step == self.step()
            }),
        }
    }

    /// The step at which the network in view stands.
    fn step(&self) -> Option<u64> {
        self.scene.shown()?.view.step
    }

    /// Whether that holds now.
    pub fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Sample => self.shows_sample(),
            Condition::Demo => self.shows_demo() && self.shows_sample() && self.is_at_rest(),
            Condition::Trained { recipe, steps } => {
                let is_of = self.trained.as_ref() == Some(recipe);
                let taken = self.curves.progress().last().map_or(0, |last| last.step);
                is_of && self.run.is_some() && taken >= *steps
            }
            Condition::Setting([key, value]) => {
                let found = self.in_force.as_ref().and_then(|recipe| recipe.value(key));
                found.is_some_and(|found| value_words(found) == *value)
            }
            Condition::Without(sensors) => {
                let is_dropped = self.scene.what_if.dropped().iter().eq(sensors.iter().collect::<BTreeSet<_>>());
                is_dropped && !self.scene.is_outdated() && self.scene.shown().is_some()
            }
            Condition::Scene(id) => self.scene_id() == Some(id.as_str()),
            Condition::Shows(maps) => maps.iter().all(|map| self.scene.watched.contains(map)),
            Condition::Evaluated(split) => self.newest_report().is_some_and(|report| report.split == *split),
            Condition::Embedded(features) => self.embedding.shown(0).is_some_and(|view| {
                view.request.features == *features && view.stage == EmbeddingStage::Done && view.measures.is_some()
            }),
            Condition::AtRest => self.is_at_rest(),
        }
    }

    fn shows_sample(&self) -> bool {
        self.sample_data.is_some() && self.dataset.as_ref().map(|data| &data.path) == self.sample_data.as_ref()
    }

    /// The evaluation that came in last, if it is of the newest step of the network in hand.
    fn newest_report(&self) -> Option<&EvaluationReport> {
        let step = self.curves.progress().last().map(|last| last.step);
        self.metrics.latest().filter(|report| step.is_none_or(|step| report.step == step) && !report.of_teacher)
    }

    /// A figure in the unit in which it is shown; `None` while there is none.
    pub fn figure(&self, figure: &Figure) -> Option<f64> {
        let whole = |report: &EvaluationReport, sensors: &[String], tag: &str| {
            let count = if sensors.is_empty() { metrics::headline(report)?.sensors.len() } else { sensors.len() };
            let is_meant = |names: &[String]| names.len() == count && sensors.iter().all(|name| names.contains(name));
            report.subsets.iter().find(|scores| scores.tag == tag && is_meant(&scores.sensors)).cloned()
        };
        let of_scene = || self.scene.shown().filter(|_| !self.scene.is_outdated())?.view.effects.first();
        let curve = |name: &str| Some(f64::from(self.curves.term(name)?.last()?.value));
        let share = match figure {
            Figure::Miou { sensors, tag } => whole(self.newest_report()?, sensors, tag)?.miou?,
            Figure::MeanOfSubsets => self.newest_report()?.mean_of_subsets("")?.miou?,
            Figure::ClassIou { class, sensors, tag } => {
                let report = self.newest_report()?;
                let place = report.classes.iter().position(|name| name == class)?;
                whole(report, sensors, tag)?.classes.get(place)?.iou?
            }
            Figure::SceneBefore => of_scene()?.miou[0]?,
            Figure::SceneAfter => of_scene()?.miou[1]?,
            Figure::SceneChanged => of_scene()?.share(),
            Figure::Curve(name) => return curve(name),
            Figure::CurveShare(name) => curve(name)?,
            Figure::Neighbours => self.embedding.shown(0)?.measures?.class_purity,
        };
        Some(100.0 * share)
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{Event, StepReport};
    use fusionscope_engine::recipe::preset;

    use super::*;

    /// A run begins, and has come to this step.
    fn run(store: &mut Store, recipe: &str, step: u64) {
        for event in [
            Event::State(SessionState::Training),
            Event::Run { path: recipe.into(), checkpoint: None },
            Event::Recipe(preset(recipe).unwrap()),
            Event::Steps(vec![StepReport { step, ..StepReport::default() }]),
        ] {
            store.apply(event);
        }
    }

    #[test]
    fn steps_of_the_run_before_are_not_taken_for_those_of_the_recipe_that_trains_next() {
        let mut store = Store::default();
        let trained = Condition::Trained { recipe: "smmcl-demo".to_owned(), steps: 400 };
        run(&mut store, "any2seg-demo", 400);
        store.apply(Event::State(SessionState::Finished));
        store.apply(Event::Recipe(preset("smmcl-demo").unwrap()));
        assert!(!store.holds(&trained), "the recipe was taken, its run has not begun");
        let pressed = Instant::now();
        assert!(!store.has_settled(&Deed::Train, pressed), "nor has what the button did come to its end");
        run(&mut store, "smmcl-demo", 1);
        assert!(store.has_settled(&Deed::Train, pressed) && !store.holds(&trained));
        store.apply(Event::Steps(vec![StepReport { step: 400, ..StepReport::default() }]));
        assert!(store.holds(&trained));
        // A run that is held goes on by the same button.
        store.apply(Event::State(SessionState::Paused));
        let pressed = Instant::now();
        assert!(!store.has_settled(&Deed::Train, pressed));
        store.apply(Event::State(SessionState::Training));
        assert!(store.has_settled(&Deed::Train, pressed));
    }
}
