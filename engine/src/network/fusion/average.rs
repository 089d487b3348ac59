//! The plain mean: no fusion parameters at all.

use burn::module::Module;
use burn::tensor::Tensor;

use super::way::{Beside, Classifier, Fuse, Needs, Pass, Place};
use crate::network::layers::Init;
use crate::network::probes::Probes;

/// The mean of the sensors' class scores, or of their levels.
#[derive(Module, Debug)]
pub struct Average {}

impl Fuse for Average {
    const NEEDS: Needs = Needs { name: "average", two_sensors: false, learns: false, classifier: Classifier::Before };

    fn new(_place: Place, _init: &Init<'_>) -> Self {
        Self {}
    }

    fn fuse(&self, maps: &[Tensor<4>], _: Pass<'_>, _: &mut Probes, _: &mut Beside) -> Option<Tensor<4>> {
        mean(maps)
    }
}

/// The mean of maps of one shape; `None` without any.
pub(super) fn mean(maps: &[Tensor<4>]) -> Option<Tensor<4>> {
    let (first, rest) = maps.split_first()?;
    if rest.is_empty() {
        return Some(first.clone());
    }
    let sum = rest.iter().fold(first.clone(), |sum, map| sum + map.clone());
    Some(sum / maps.len() as f64)
}
