//! What the files of a few scenes that follow each other hold, as it is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::data::{Census, ValueTally};
use crate::protocol::{Problem, Severity};

/// What some scenes hold, one after the other.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Block {
    /// Scenes so far.
    pub(super) scenes: usize,
    /// Label pixels by class id, and scenes that have any.
    pub(super) pixels: BTreeMap<u8, (u64, u64)>,
    /// By the sensor's place.
    pub(super) values: BTreeMap<usize, ValueTally>,
    /// A bit a class and scene, in whole words a scene.
    pub(super) presence: Vec<u64>,
    /// How much of each scene is of each class, in 65,535ths of its pixels that count.
    pub(super) shares: Vec<u16>,
    /// The worst that is wrong with each scene.
    pub(super) worst: Vec<Option<Severity>>,
    /// What is wrong, by the scene's place in the block.
    pub(super) problems: Vec<(usize, Problem)>,
}

impl Block {
    /// Adds the next scene, of a data set with so many classes.
    pub(super) fn add(&mut self, census: Census, classes: usize) {
        let Census { pixels, values, problems, sizes: _ } = census;
        let mut words = vec![0_u64; classes.div_ceil(64)];
        self.shares.extend(shares(&pixels, classes));
        for (id, (count, scenes)) in pixels {
            let sum = self.pixels.entry(id).or_default();
            *sum = (sum.0 + count, sum.1 + scenes);
            if let Some(word) = words.get_mut(usize::from(id) / 64).filter(|_| usize::from(id) < classes) {
                *word |= 1 << (id % 64);
            }
        }
        self.presence.extend(words);
        for (place, tally) in values {
            self.values.entry(place).or_default().join(&tally);
        }
        self.worst.push(problems.iter().map(|problem| problem.severity).min());
        self.problems.extend(problems.into_iter().map(|problem| (self.scenes, problem)));
        self.scenes += 1;
    }

    /// Whether it is of so many scenes and of a data set with so many classes.
    pub(super) fn fits(&self, scenes: usize, classes: usize) -> bool {
        self.scenes == scenes
            && self.worst.len() == scenes
            && self.presence.len() == scenes * classes.div_ceil(64)
            && self.shares.len() == scenes * classes
    }
}

/// The share of each class among the pixels that count, in 65,535ths, by class id; zeros without any.
fn shares(pixels: &BTreeMap<u8, (u64, u64)>, classes: usize) -> Vec<u16> {
    let own = |class: usize| u8::try_from(class).ok().and_then(|id| pixels.get(&id)).map_or(0, |(count, _)| *count);
    let all = (0..classes).map(own).sum::<u64>().max(1) as f64;
    (0..classes).map(|class| (own(class) as f64 / all * f64::from(u16::MAX)).round() as u16).collect()
}
