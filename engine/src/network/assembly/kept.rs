//! What branches make of one scene that do not look at each other: made once, for all subsets of its sensors.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use crate::network::interaction::Met;

/// What each branch made of its sensor's image, kept from one subset of a scene's sensors to the next.
///
/// It belongs to one network, one recipe and one set of images: another scene needs another. Networks whose branches meet
/// on their way keep nothing, and so does a pass in which one sensor's image goes through another's branch.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    branches: BTreeMap<usize, Walked>,
    decoded: BTreeMap<usize, [Tensor<4>; 2]>,
}

/// One branch's way through the encoder.
#[derive(Clone, Debug)]
struct Walked {
    stages: Vec<Tensor<4>>,
    met: [Vec<Tensor<4>>; 3],
}

impl Kept {
    /// The branches of these that are not kept, as positions.
    pub(super) fn missing(&self, branches: &[usize]) -> Vec<usize> {
        (0..branches.len()).filter(|&at| !self.branches.contains_key(&branches[at])).collect()
    }

    /// Keeps how branches walked: `stages[branch][stage]`, and the levels on their way.
    pub(super) fn keep(&mut self, branches: &[usize], stages: Vec<Vec<Tensor<4>>>, met: Met) {
        let mut met = [met.own, met.raw, met.unaligned].map(Vec::into_iter);
        for (&branch, stages) in branches.iter().zip(stages) {
            let met = met.each_mut().map(|levels| levels.next().unwrap_or_default());
            self.branches.insert(branch, Walked { stages, met });
        }
    }

    /// How these branches walked; those that are not kept are left out.
    pub(super) fn walked(&self, branches: &[usize]) -> (Vec<Vec<Tensor<4>>>, Met) {
        let walked = || branches.iter().filter_map(|branch| self.branches.get(branch));
        // What was not asked for is empty for all.
        let levels =
            |which: usize| walked().map(|one| one.met[which].clone()).filter(|maps| !maps.is_empty()).collect();
        let stages = walked().map(|one| one.stages.clone()).collect();
        (stages, Met::of_apart([0, 1, 2].map(levels)))
    }

    /// The decoder map and the class scores of a branch; made where they are not kept.
    pub(super) fn decoded(&mut self, branch: usize, make: impl FnOnce() -> [Tensor<4>; 2]) -> [Tensor<4>; 2] {
        self.decoded.entry(branch).or_insert_with(make).clone()
    }
}
