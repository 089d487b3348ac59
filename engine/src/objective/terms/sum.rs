//! What every method's terms are added to.

use burn::tensor::{Device, Tensor};

use crate::network::{Carried, FUSED, LateFigures, Output};
use crate::protocol::Figure;

/// The terms so far and their weighted sum.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) total: Option<Tensor<1>>,
    pub(super) terms: Vec<(String, Tensor<1>)>,
    pub(super) figures: Vec<Figure>,
    pub(super) late: Vec<LateFigures>,
    pub(super) carried: Carried,
}

impl Sum {
    /// Adds a term, which is not even computed where its weight is 0. `None` counts as 0.
    pub(super) fn add(&mut self, name: &str, weight: f64, term: impl FnOnce() -> Option<Tensor<1>>) {
        if weight == 0.0 {
            return;
        }
        let Some(term) = term() else {
            self.terms.push((name.to_owned(), Tensor::zeros([1], &Device::flex())));
            return;
        };
        self.terms.push((name.to_owned(), term.clone().inner()));
        // Multiplying by 1 is exact, but not free.
        let weighted = if weight == 1.0 { term } else { term * weight };
        self.total = Some(match self.total.take() {
            Some(total) => total + weighted,
            None => weighted,
        });
    }
}

/// The heads of single sensors, in the sensors' order.
pub(super) fn sensor_heads(output: &Output) -> &[(String, Tensor<4>)] {
    match output.heads.split_first() {
        Some(((name, _), sensors)) if name == FUSED => sensors,
        _ => &output.heads,
    }
}
