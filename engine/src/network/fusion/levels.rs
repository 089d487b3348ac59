//! Fusion inside the encoder: each of the four levels becomes one map, which a single decoder reads.

use burn::module::Module;
use burn::tensor::Tensor;

use super::fdam_global::FdamGlobal;
use super::gsu::Gates;
use crate::network::decoders::Decoder;
use crate::network::layers::{Conv, ConvShape, Init};
use crate::network::noise::Noise;
use crate::network::probes::Probes;
use crate::recipe::Recipe;

/// One unit a level that the decoder looks at, of the kind that `fusion.kind` names; of the other levels, the mean. A unit for two
/// maps takes a single one for both.
#[derive(Module, Debug)]
pub struct LevelFusion {
    /// `gsu`: the gated selection unit without a classifier.
    gates: Vec<Option<Gates>>,
    /// `concat`: a 1×1 convolution of both maps to the width of one (SMMCL §3.1).
    convolutions: Vec<Option<Conv>>,
    /// `fdam`: attention within and across the sensors (AMDANet §3.2.2).
    fdam: Option<FdamGlobal>,
}

impl LevelFusion {
    /// For levels of these widths.
    pub fn new(widths: [usize; 4], recipe: &Recipe, init: &Init<'_>) -> Self {
        let kind = recipe.text("fusion.kind");
        let read = Decoder::reads(recipe);
        let at = |level: usize| init.at(format_args!("level{}", level + 1));
        let convolution = |level: usize| {
            let width = widths[level];
            let shape = ConvShape::pointwise(2 * width, width).biased();
            Conv::with_deviation(shape, (2.0 * width as f64).recip().sqrt(), &at(level))
        };
        let gates = |level: usize| Gates::new(widths[level], &at(level));
        Self {
            gates: units(kind == "gsu", read, gates),
            convolutions: units(kind == "concat", read, convolution),
            fdam: (kind == "fdam").then(|| FdamGlobal::new(&widths, read, init)),
        }
    }

    /// `maps[branch][level]`, each `[batch, channels, h, w]`, to one map a level of the same shape.
    pub fn forward(&self, maps: &[&[Tensor<4>]], recipe: &Recipe, noise: Noise, probes: &mut Probes) -> Vec<Tensor<4>> {
        (0..maps[0].len()).map(|level| self.fuse(level, maps, recipe, noise, probes)).collect()
    }

    fn fuse(
        &self,
        level: usize,
        maps: &[&[Tensor<4>]],
        recipe: &Recipe,
        noise: Noise,
        probes: &mut Probes,
    ) -> Tensor<4> {
        let at = |branch: usize| maps[branch][level].clone();
        let pair = || [at(0), at(maps.len() - 1)];
        if let Some(Some(gates)) = self.gates.get(level) {
            return gates.forward(pair(), probes);
        }
        if let Some(Some(convolution)) = self.convolutions.get(level) {
            return convolution.forward(Tensor::cat(pair().into(), 1));
        }
        if let Some(fdam) = self.fdam.as_ref().filter(|fdam| fdam.has(level)) {
            return fdam.forward(level, pair(), recipe, noise, probes);
        }
        (1..maps.len()).fold(at(0), |sum, branch| sum + at(branch)) / maps.len() as f64
    }
}

/// A unit for each level that is read, where there are units of this kind at all.
fn units<T>(wanted: bool, read: [bool; 4], unit: impl Fn(usize) -> T) -> Vec<Option<T>> {
    let unit = |(level, read): (usize, bool)| read.then(|| unit(level));
    if wanted { read.into_iter().enumerate().map(unit).collect() } else { Vec::new() }
}
