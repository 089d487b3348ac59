//! Sensors that training scenes miss.

use std::ops::Range;

use super::setup::Setup;
use crate::data::{Batch, Normalisation};
use crate::random::{Streams, unit};
use crate::recipe::Recipe;
use crate::recipe::catalogue::data::drop::{self, StandIn};

/// A step's images of these sensors, `[batch, 3, height, width]` each, with what stands in where a scene misses one;
/// `None` where the recipe drops nothing. What is dropped follows from the seed and the step alone.
pub(super) fn without_dropped(
    batch: &Batch,
    sensors: Range<usize>,
    setup: &Setup,
    recipe: &Recipe,
    [step, phase_step]: [u64; 2],
) -> Option<Vec<Vec<f32>>> {
    let rules = recipe.get(drop::RULES);
    if rules.is_empty() {
        return None;
    }
    let rising = recipe.get(drop::STEPS);
    let risen = if rising == 0 { 1.0 } else { (phase_step as f64 / rising as f64).min(1.0) as f32 };
    let share = |name: &str| {
        let known = rules.iter().filter_map(|rule| drop::parse(rule).ok()).find(|(sensor, _)| *sensor == name);
        known.map_or(0.0, |(_, share)| risen * share)
    };
    let shares: Vec<f32> = setup.sensors[sensors.clone()].iter().map(|sensor| share(&sensor.name)).collect();
    let scenes = present(&shares, batch.ids.len(), setup.streams, step);
    let mut images = batch.images[sensors.clone()].to_vec();
    fill(&mut images, &scenes, recipe.get(drop::STAND_IN), &setup.normalisations[sensors]);
    Some(images)
}

/// Which sensors each scene has; at least one.
fn present(shares: &[f32], scenes: usize, streams: Streams, step: u64) -> Vec<Vec<bool>> {
    let mut random = streams.stream("drop", step);
    let mut scene = || {
        let mut present: Vec<bool> = shares.iter().map(|&share| unit(&mut random) >= share).collect();
        let stays = (unit(&mut random) * shares.len() as f32) as usize;
        if !present.contains(&true)
            && let Some(stays) = present.get_mut(stays)
        {
            *stays = true;
        }
        present
    };
    (0..scenes).map(|_| scene()).collect()
}

fn fill(images: &mut [Vec<f32>], scenes: &[Vec<bool>], stand_in: StandIn, normalisations: &[Normalisation]) {
    for (scene, present) in scenes.iter().enumerate() {
        for sensor in (0..present.len()).filter(|&sensor| !present[sensor]) {
            let length = images[sensor].len() / scenes.len();
            let own = scene * length..(scene + 1) * length;
            match stand_in {
                StandIn::Copy => {
                    if let Some(other) = present.iter().position(|&present| present) {
                        let copied = images[other][own.clone()].to_vec();
                        images[sensor][own].copy_from_slice(&copied);
                    }
                }
                StandIn::Black => {
                    let (means, stds) = normalisations[sensor].mean_std();
                    for (channel, values) in images[sensor][own].chunks_mut((length / 3).max(1)).enumerate() {
                        values.fill((0.0 - means[channel.min(2)]) / stds[channel.min(2)]);
                    }
                }
                StandIn::Zeros => images[sensor][own].fill(0.0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Phase;
    use crate::recipe::preset;
    use crate::training::combination_tests::{data, shrunk, trainer};

    /// The phase and the total of each step.
    fn steps(preset_name: &str, rules: &str) -> Vec<(Phase, Option<u32>)> {
        let (_folder, dataset) = data();
        let mut recipe = shrunk(preset(preset_name).unwrap());
        recipe.set_text("data.drop", rules).unwrap();
        let mut trainer = trainer(&recipe, &dataset).unwrap();
        let mut steps = Vec::new();
        while !trainer.is_done() {
            let report = trainer.step().unwrap();
            steps.push((report.phase, report.term("total").map(f32::to_bits)));
        }
        steps
    }

    #[test]
    fn a_student_trains_without_what_the_teacher_never_misses() {
        let (whole, without) = (steps("ogp-net-demo", ""), steps("ogp-net-demo", "colour@1"));
        assert_eq!(whole.len(), without.len());
        for (whole, without) in whole.iter().zip(&without) {
            assert_eq!(whole == without, whole.0 == Phase::Teacher, "{whole:?}, {without:?}");
        }
        assert!(whole[0].0 == Phase::Teacher && whole[1].0 == Phase::Student, "{whole:?}");
    }

    #[test]
    fn a_probability_of_0_changes_no_bit() {
        assert_eq!(steps("baseline-demo", "colour@0,thermal@0"), steps("baseline-demo", ""));
        assert_ne!(steps("baseline-demo", "thermal@0.9"), steps("baseline-demo", ""));
    }

    #[test]
    fn each_scene_draws_for_itself_by_seed_and_step_and_keeps_one_sensor() {
        let streams = Streams::new(7);
        let shares = [0.0, 0.3, 1.0];
        let scenes = present(&shares, 4000, streams, 5);
        assert_eq!(scenes, present(&shares, 4000, streams, 5));
        assert_ne!(scenes, present(&shares, 4000, streams, 6));
        let lost = |sensor: usize| scenes.iter().filter(|scene| !scene[sensor]).count();
        assert_eq!((lost(0), lost(2)), (0, 4000));
        assert!((1100..1300).contains(&lost(1)), "{}", lost(1));
        // Where all are to go, one stays, any of them.
        let scenes = present(&[1.0, 1.0], 1000, streams, 0);
        assert!(scenes.iter().all(|scene| scene.iter().filter(|&&present| present).count() == 1));
        let first = scenes.iter().filter(|scene| scene[0]).count();
        assert!((400..600).contains(&first), "{first}");
    }

    #[test]
    fn what_stands_in_is_of_that_scene_alone() {
        // Two scenes of one pixel, two sensors.
        let images = || vec![vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], vec![7.0, 8.0, 9.0, 10.0, 11.0, 12.0]];
        let scenes = [vec![true, true], vec![true, false]];
        let normalisations =
            [Normalisation::Unit, Normalisation::MeanStd { mean: [0.5, 0.25, 0.0], std: [0.5, 0.5, 1.0] }];
        for (stand_in, expected) in
            [(StandIn::Zeros, [0.0, 0.0, 0.0]), (StandIn::Black, [-1.0, -0.5, 0.0]), (StandIn::Copy, [4.0, 5.0, 6.0])]
        {
            let mut found = images();
            fill(&mut found, &scenes, stand_in, &normalisations);
            assert_eq!(found[0], images()[0], "{}", stand_in.word());
            assert_eq!(found[1][..3], images()[1][..3], "{}", stand_in.word());
            assert_eq!(found[1][3..], expected, "{}", stand_in.word());
        }
    }
}
