//! One request for explanations, and all that they are made of.

use burn::tensor::Tensor;

use super::target::Target;
use crate::network::{Model, Probes, probabilities};
use crate::protocol::Explained;

/// A scene as a network is given it, and what is to be explained.
pub struct Explaining<'a> {
    /// The network.
    pub model: &'a Model,
    /// What it is given, one `[1, 3, h, w]` a sensor, `None` where it is dropped.
    pub inputs: &'a [Option<Tensor<4>>],
    /// Which sensors are real, and not stood in for.
    pub present: &'a [bool],
    /// What it is given where one sensor more is missing.
    pub without: &'a dyn Fn(usize) -> Vec<Option<Tensor<4>>>,
    /// Which answer, and where to look.
    pub explained: &'a Explained,
    /// The row and column of a picked pixel as shares of the scene, for what is told of one.
    pub picked: Option<[f32; 2]>,
}

/// What an explanation comes to: a map, or why there is none.
pub(super) type Found<T> = Result<T, String>;

impl Explaining<'_> {
    /// The place and name of every sensor that is real.
    pub(super) fn sensors(&self) -> impl Iterator<Item = (usize, &str)> {
        let sensors = self.model.sensors.iter().enumerate().zip(self.present);
        sensors.filter(|&(_, &present)| present).map(|((place, sensor), _)| (place, sensor.name.as_str()))
    }

    /// The id of the class that is asked about.
    pub(super) fn class(&self) -> Found<Option<usize>> {
        let Some(name) = &self.explained.class else { return Ok(None) };
        let place = self.model.classes.iter().position(|class| class == name);
        place.map(Some).ok_or_else(|| {
            format!("the network knows no class `{name}`; choose one of {}", self.model.classes.join(", "))
        })
    }

    /// What the head that is asked about says, of what all heads say.
    pub(super) fn head<'h>(&self, heads: &'h [(String, Tensor<4>)]) -> Found<&'h Tensor<4>> {
        let found = match &self.explained.head {
            Some(name) => heads.iter().find(|(head, _)| head == name),
            None => heads.first(),
        };
        found.map(|(_, scores)| scores).ok_or_else(|| {
            let known: Vec<&str> = heads.iter().map(|(head, _)| head.as_str()).collect();
            match &self.explained.head {
                Some(name) if !known.is_empty() => {
                    format!("no head `{name}` answers here; choose one of {}", known.join(", "))
                }
                _ => "no head answers".to_owned(),
            }
        })
    }

    /// Which scores are explained.
    pub(super) fn target(&self, scores: &Tensor<4>) -> Found<Target> {
        Target::of(scores, self.class()?, self.picked)
    }

    /// The probabilities that it answers to these inputs.
    pub(super) fn answer(&self, inputs: &[Option<Tensor<4>>]) -> Found<Tensor<4>> {
        let heads = probabilities(&self.model.run(inputs, &mut Probes::off()));
        self.head(&heads).cloned()
    }
}
