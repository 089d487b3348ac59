//! Modality-agnostic feature fusion (Any2Seg §3.3): re-weighting, selection, residual, on the maps of any number of
//! sensors.
//!
//! Nothing in here has parameters, so every part can be switched between two steps.

use burn::tensor::{Int, Tensor};

use super::average::mean;
use crate::recipe::Recipe;
use crate::recipe::catalogue::mff::{self, Added, Anchor, Balance};

/// Squared norms below this count as no direction at all: the cosine is 0 there and has no gradient.
const NO_DIRECTION: f64 = 1e-24;

/// What the unit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mff {
    /// Whether maps are weighted by their correlation with the anchor.
    pub reweights: bool,
    /// Whether each place takes the sensor that is most similar to the balanced map.
    pub selects: bool,
    /// Whether both are added.
    pub adds: bool,
    /// How weighted maps are joined.
    pub balance: Balance,
    /// What is added to the selected map.
    pub added: Added,
    /// What maps are compared with.
    pub anchor: Anchor,
    /// How often the unit runs in one pass, each time from what it gave before; at least 1.
    pub iterations: usize,
}

/// What the unit makes of the sensors' maps.
#[derive(Clone, Debug)]
pub struct Fused {
    /// f_ma, `[batch, channels, h, w]`.
    pub agnostic: Tensor<4>,
    /// f_mb, of the same shape.
    pub balanced: Tensor<4>,
    /// f_ms, of the same shape; `None` where nothing is selected.
    pub selected: Option<Tensor<4>>,
    /// The cosine of each sensor's map to the anchor, `[batch, sensors]`, −1 to 1.
    pub correlations: Tensor<2>,
}

impl Mff {
    /// As a recipe asks.
    pub fn of(recipe: &Recipe) -> Self {
        Self {
            reweights: recipe.get(mff::REWEIGHT),
            selects: recipe.get(mff::SELECTION),
            adds: recipe.get(mff::RESIDUAL),
            balance: recipe.get(mff::BALANCE),
            added: recipe.get(mff::ADDED),
            anchor: recipe.get(mff::ANCHOR),
            iterations: recipe.get(mff::INNER_ITERATIONS),
        }
    }

    /// Whether the next step looks at what this one gives.
    pub fn carries(&self) -> bool {
        self.anchor != Anchor::Mean
    }

    /// The maps of the present sensors, one or more, each `[batch, channels, h, w]`, to one of the same shape; `None`
    /// without any.
    ///
    /// `previous` is f_ma of the step before. It stems from other images and is taken without its graph; where its
    /// shape differs it is left out. With everything off the result is the plain mean; with one sensor and everything
    /// on it is twice its map.
    pub fn fuse(&self, maps: &[Tensor<4>], previous: Option<&Tensor<4>>) -> Option<Fused> {
        let mean = mean(maps)?;
        let carried = previous.filter(|map| map.dims() == mean.dims()).map(|map| map.clone().inner());
        let mut fused = self.once(maps, &mean, carried.as_ref());
        if self.carries() {
            for _ in 1..self.iterations {
                fused = self.once(maps, &mean, Some(&fused.agnostic));
            }
        }
        Some(fused)
    }

    fn once(&self, maps: &[Tensor<4>], mean: &Tensor<4>, previous: Option<&Tensor<4>>) -> Fused {
        let anchor = match (self.anchor, previous) {
            (Anchor::Mean, _) | (_, None) => mean.clone(),
            (Anchor::Previous, Some(previous)) => previous.clone(),
            (Anchor::Averaged, Some(previous)) => (mean.clone() + previous.clone()) / 2.0,
        };
        let correlations = correlations(maps, &anchor);
        let balanced = if self.reweights {
            let weigh = |(sensor, map): (usize, &Tensor<4>)| {
                let weight = correlations.clone().narrow(1, sensor, 1);
                map.clone() * weight.reshape([map.dims()[0], 1, 1, 1])
            };
            let weighted = maps.iter().enumerate().map(weigh).reduce(|sum, map| sum + map);
            match (weighted, self.balance) {
                (Some(sum), Balance::Average) => sum / maps.len() as f64,
                (Some(sum), Balance::Sum) => sum,
                (None, _) => mean.clone(),
            }
        } else {
            mean.clone()
        };
        let selected = self.selects.then(|| take(maps, &selection(&similarities(maps, &balanced))));
        let agnostic = match (&selected, self.adds, self.added) {
            (None, false, _) => balanced.clone(),
            (None, true, _) => balanced.clone() + mean.clone(),
            (Some(selected), false, _) => selected.clone(),
            (Some(selected), true, Added::Balanced) => balanced.clone() + selected.clone(),
            (Some(selected), true, Added::Mean) => selected.clone() + mean.clone(),
        };
        Fused { agnostic, balanced, selected, correlations }
    }
}

/// The cosine of each map, flattened scene by scene, to another of the same shape (Eq. 2): `[batch, sensors]`.
pub fn correlations(maps: &[Tensor<4>], anchor: &Tensor<4>) -> Tensor<2> {
    let rows = |map: &Tensor<4>| -> Tensor<2> {
        let [batch, channels, height, width] = map.dims();
        map.clone().reshape([batch, channels * height * width])
    };
    let (towards, length) = directed(rows(anchor), 1);
    let cosine = |map: &Tensor<4>| {
        let (row, own) = directed(rows(map), 1);
        (row * towards.clone()).sum_dim(1) / (own * length.clone())
    };
    Tensor::cat(maps.iter().map(cosine).collect(), 1)
}

/// C_S: the cosine over channels of each map to another, place by place: `[batch, sensors, h, w]`, without a graph.
pub fn similarities(maps: &[Tensor<4>], balanced: &Tensor<4>) -> Tensor<4> {
    let (towards, length) = directed(balanced.clone().inner(), 1);
    let cosine = |map: &Tensor<4>| {
        let (map, own) = directed(map.clone().inner(), 1);
        (map * towards.clone()).sum_dim(1) / (own * length.clone())
    };
    Tensor::cat(maps.iter().map(cosine).collect(), 1)
}

/// M_I: the most similar sensor of each place, `[batch, 1, h, w]`.
pub fn selection(similarities: &Tensor<4>) -> Tensor<4, Int> {
    similarities.clone().argmax(1)
}

/// f_ms: each place's channels from the sensor that M_I names.
fn take(maps: &[Tensor<4>], selection: &Tensor<4, Int>) -> Tensor<4> {
    let (first, rest) = (&maps[0], &maps[1..]);
    let mut taken = first.clone();
    for (index, map) in rest.iter().enumerate() {
        let here = selection.clone().equal_elem(index as i64 + 1);
        taken = taken.mask_where(here.expand(map.dims()), map.clone());
    }
    taken
}

/// The tensor and its norm along a dimension, where a vector of no direction is zero, with norm 1 and without a
/// gradient.
fn directed<const D: usize>(tensor: Tensor<D>, dim: usize) -> (Tensor<D>, Tensor<D>) {
    let squares = tensor.clone().square().sum_dim(dim);
    let none = squares.clone().inner().lower_elem(NO_DIRECTION);
    let norm = squares.mask_fill(none.clone(), 1.0).sqrt();
    let shape = tensor.dims();
    (tensor.mask_fill(none.expand(shape), 0.0), norm)
}

#[cfg(test)]
mod tests;
