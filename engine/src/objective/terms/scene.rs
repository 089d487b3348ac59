//! What a term may look at.

use crate::network::{Carried, Inputs, Output};
use crate::objective::labels::Labels;
use crate::protocol::Phase;

/// One batch and what the networks said to it: everything that a term may look at.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The phase of training.
    pub phase: Phase,
    /// What went in: images, the pass's noise, and what the step before left behind.
    pub inputs: &'a Inputs,
    /// What came out; its first sensor is the guiding one.
    pub output: &'a Output,
    /// The frozen teacher's output on the same batch; without it the distillation terms are left out.
    pub teacher: Option<&'a Output>,
    /// `[batch, height, width]` at the heads' size.
    pub labels: &'a Labels,
    /// The samples' ids.
    pub ids: &'a [String],
    /// The samples' condition tags.
    pub tags: &'a [Vec<String>],
    /// Class names by id.
    pub classes: &'a [String],
    /// What a vision-language model says to the samples and classes; without it those terms are left out.
    pub vectors: Option<&'a LanguageVectors>,
}

/// A scene that is looked at, and what the networks said to it, whether it has a label or not.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// What training carried from step to step.
    pub carried: &'a Carried,
    /// What came out.
    pub output: &'a Output,
    /// Class names by id.
    pub classes: &'a [String],
    /// Its label, where it has one of these classes.
    pub labels: Option<&'a Labels>,
    /// What the frozen teacher says to it, or why it says nothing; `None` where nothing distils.
    pub teacher: Option<&'a dyn Fn() -> Result<Output, String>>,
}

/// What a vision-language model says to a batch and to the classes, as cosines.
#[derive(Clone, Debug, Default)]
pub struct LanguageVectors {
    /// Of each sample's images to its caption, in the order of the network's sensors; `None` for samples without
    /// vectors.
    pub correlations: Vec<Option<Vec<f64>>>,
    /// Between class names, `[classes, classes]` row by row; `None` where some class has no vector.
    pub likeness: Option<Vec<f64>>,
}
