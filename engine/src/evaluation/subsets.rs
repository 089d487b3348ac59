//! Which subsets of the sensors an evaluation scores: of n sensors there are 2ⁿ − 1, and each costs a pass over the
//! split.

use std::collections::BTreeSet;

use rand::Rng as _;

use super::error::EvaluationError;
use crate::random::Streams;
use crate::recipe::Recipe;
use crate::recipe::catalogue::{evaluation, teacher, training};

pub use crate::recipe::catalogue::evaluation::Subsets;

/// As many are scored without being asked for: all of six sensors.
const UNASKED: usize = 64;

/// The most that one evaluation scores: all of twelve sensors.
const MOST: usize = 4095;

/// The subsets that an evaluation scores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubsetPlan {
    /// Which sensors each keeps: all of them first, then smaller ones, in the sensors' order.
    pub(super) kept: Vec<Vec<bool>>,
    /// The word of the choice that was followed, as in `evaluation.subsets`; of `auto` the one that it came to, `all`
    /// or `few`.
    pub choice: &'static str,
    /// What is not scored, in a sentence; `None` where all subsets are.
    pub left_out: Option<String>,
}

impl SubsetPlan {
    /// What a recipe asks for, for a network of so many sensors. Fails where that is more than one evaluation scores.
    pub fn of(recipe: &Recipe, sensors: usize) -> Result<Self, EvaluationError> {
        let count = recipe.get(evaluation::SUBSET_COUNT);
        Self::new(sensors, recipe.get(evaluation::SUBSETS), count, recipe.get(training::SEED))
    }

    /// [`SubsetPlan::of`] for the network that a run on so many sensors makes: its student may not see all of them.
    pub fn of_run(recipe: &Recipe, sensors: usize) -> Result<Self, EvaluationError> {
        Self::of(recipe, sensors.saturating_sub(recipe.get(teacher::STUDENT).unseen()))
    }

    /// The subsets of so many sensors; `count` and `seed` are for [`Subsets::Sample`].
    fn new(sensors: usize, chosen: Subsets, count: usize, seed: u64) -> Result<Self, EvaluationError> {
        let all = 1_u128.checked_shl(sensors as u32).map_or(u128::MAX, |powers| powers - 1);
        let (kept, choice) = match chosen {
            Subsets::All if all > MOST as u128 => {
                return Err(EvaluationError::TooManySubsets { sensors, subsets: all, most: MOST });
            }
            Subsets::All => (every(sensors), Subsets::All.word()),
            Subsets::Auto if all <= UNASKED as u128 => (every(sensors), Subsets::All.word()),
            Subsets::Auto => (all_and(sensors, each_alone(sensors).chain(all_but_each(sensors))), "few"),
            Subsets::Singles => (all_and(sensors, each_alone(sensors)), Subsets::Singles.word()),
            Subsets::LeaveOneOut => (all_and(sensors, all_but_each(sensors)), Subsets::LeaveOneOut.word()),
            Subsets::Sample if all <= (count + sensors + 1) as u128 => (every(sensors), Subsets::All.word()),
            Subsets::Sample => {
                let others = each_alone(sensors).chain(drawn(sensors, count, seed));
                (all_and(sensors, others), Subsets::Sample.word())
            }
        };
        let left_out = (all > kept.len() as u128).then(|| {
            let what = match chosen {
                Subsets::Auto | Subsets::All => "all together, each alone and all but each".to_owned(),
                Subsets::Singles => "all together and each alone".to_owned(),
                Subsets::LeaveOneOut => "all together and all but each".to_owned(),
                Subsets::Sample => format!("all together, each alone and {count} drawn with seed {seed}"),
            };
            format!(
                "{sensors} sensors have {all} subsets; {} are scored: {what} (`evaluation.subsets` chooses others)",
                kept.len()
            )
        });
        Ok(Self { kept, choice, left_out })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.kept.len()
    }
}

/// Every non-empty subset of so many sensors, larger ones first; fails where they are too many.
pub(super) fn every_subset(sensors: usize) -> Result<Vec<Vec<bool>>, EvaluationError> {
    Ok(SubsetPlan::new(sensors, Subsets::All, 0, 0)?.kept)
}

fn ones(kept: &[bool]) -> usize {
    kept.iter().filter(|&&kept| kept).count()
}

/// All of them first, then smaller ones, in the sensors' order.
fn ordered(kept: impl IntoIterator<Item = Vec<bool>>) -> Vec<Vec<bool>> {
    let mut kept: Vec<Vec<bool>> = kept.into_iter().collect();
    let order = |kept: &Vec<bool>| {
        let places: Vec<usize> = (0..kept.len()).filter(|&sensor| kept[sensor]).collect();
        (kept.len() - ones(kept), places)
    };
    kept.sort_by_cached_key(order);
    kept.dedup();
    kept
}

/// Every non-empty subset.
fn every(sensors: usize) -> Vec<Vec<bool>> {
    ordered((1_u32..1 << sensors).map(|mask| (0..sensors).map(|sensor| mask >> sensor & 1 == 1).collect()))
}

/// All sensors together, and others.
fn all_and(sensors: usize, others: impl Iterator<Item = Vec<bool>>) -> Vec<Vec<bool>> {
    ordered(std::iter::once(vec![true; sensors]).chain(others))
}

fn each_alone(sensors: usize) -> impl Iterator<Item = Vec<bool>> {
    (0..sensors).map(move |one| (0..sensors).map(|sensor| sensor == one).collect())
}

/// None of a single sensor, without which nothing is left.
fn all_but_each(sensors: usize) -> impl Iterator<Item = Vec<bool>> {
    let each = (0..sensors).map(move |one| (0..sensors).map(|sensor| sensor != one).collect::<Vec<bool>>());
    each.filter(|kept| ones(kept) > 0)
}

/// So many with more than one sensor and not all; there must be as many.
fn drawn(sensors: usize, count: usize, seed: u64) -> BTreeSet<Vec<bool>> {
    let mut random = Streams::new(seed).stream("subsets", 0);
    let mut others = BTreeSet::new();
    while others.len() < count {
        let kept: Vec<bool> = (0..sensors).map(|_| random.next_u32() & 1 == 1).collect();
        if (2..sensors).contains(&ones(&kept)) {
            others.insert(kept);
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(sensors: usize, chosen: Subsets) -> SubsetPlan {
        SubsetPlan::new(sensors, chosen, 20, 7).unwrap()
    }

    #[test]
    fn all_sensors_come_first_and_every_subset_stands_once() {
        assert_eq!(plan(1, Subsets::Auto).kept, [[true]]);
        assert_eq!(plan(2, Subsets::Auto).kept, [[true, true], [true, false], [false, true]]);
        let three = plan(3, Subsets::All).kept;
        assert_eq!(three.len(), 7);
        assert_eq!(three[..2], [[true, true, true], [true, true, false]]);
        assert_eq!(three[6], [false, false, true]);
        for sensors in 1..=12 {
            let all = plan(sensors, Subsets::All);
            assert_eq!((all.count(), all.left_out), ((1 << sensors) - 1, None));
        }
    }

    #[test]
    fn beyond_six_sensors_few_subsets_are_taken_and_said_unless_all_are_asked_for() {
        assert_eq!(plan(6, Subsets::Auto).count(), 63);
        let twelve = plan(12, Subsets::Auto);
        assert_eq!((twelve.count(), twelve.choice), (25, "few"));
        let words = twelve.left_out.unwrap();
        assert!(words.contains("12 sensors have 4095 subsets; 25 are scored"), "{words}");
        assert!(words.contains("`evaluation.subsets`"), "{words}");
        let refused = SubsetPlan::new(13, Subsets::All, 20, 7).unwrap_err().to_string();
        assert!(refused.contains("8191 subsets") && refused.contains("4095"), "{refused}");
        // No number of sensors is too many to be counted, and none is left out in silence.
        for sensors in [16, 17, 64, 200] {
            let plan = plan(sensors, Subsets::Auto);
            assert_eq!(plan.count(), 2 * sensors + 1);
            for sensor in 0..sensors {
                assert!(plan.kept.iter().any(|kept| kept[sensor] && ones(kept) == 1), "{sensor} of {sensors}");
            }
        }
    }

    #[test]
    fn what_the_student_does_not_see_has_no_part_in_the_subsets() {
        let mut recipe = Recipe::defaults("student");
        assert_eq!(SubsetPlan::of_run(&recipe, 7).unwrap().count(), 15);
        recipe.set_text("teacher.student", "others").unwrap();
        let plan = SubsetPlan::of_run(&recipe, 7).unwrap();
        assert_eq!((plan.count(), plan.left_out), (63, None));
        recipe.set_text("evaluation.subsets", "all").unwrap();
        assert_eq!(SubsetPlan::of_run(&recipe, 13).unwrap().count(), 4095);
        // A data set with nothing but the teacher's sensor is refused elsewhere, in words.
        assert!(SubsetPlan::of_run(&recipe, 1).is_ok());
    }

    #[test]
    fn singles_and_leave_one_out_are_what_they_say() {
        for sensors in 1..20 {
            let singles = plan(sensors, Subsets::Singles).kept;
            assert!(singles[0] == vec![true; sensors] && singles[1..].iter().all(|kept| ones(kept) == 1));
            assert_eq!(singles.len(), if sensors == 1 { 1 } else { sensors + 1 });
            let but_one = plan(sensors, Subsets::LeaveOneOut).kept;
            assert!(but_one[1..].iter().all(|kept| ones(kept) + 1 == sensors));
            assert_eq!(but_one.len(), if sensors == 1 { 1 } else { sensors + 1 });
        }
    }

    #[test]
    fn a_sample_follows_from_its_seed_and_holds_different_subsets() {
        let first = plan(12, Subsets::Sample);
        assert_eq!(first.count(), 1 + 12 + 20);
        assert_eq!(first, plan(12, Subsets::Sample));
        assert_ne!(first.kept, SubsetPlan::new(12, Subsets::Sample, 20, 8).unwrap().kept);
        assert_eq!(first.kept.iter().collect::<BTreeSet<_>>().len(), first.count());
        assert!(first.left_out.unwrap().contains("20 drawn with seed 7"));
        // Where there are no more, all of them.
        assert_eq!((plan(4, Subsets::Sample).count(), plan(4, Subsets::Sample).choice), (15, "all"));
    }
}
