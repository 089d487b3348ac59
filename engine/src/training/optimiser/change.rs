//! The rules by which gradients become changes: as tensor operations, and in the numbers of the CPU's kernel.

use burn::tensor::Tensor;

use crate::kernels;

/// As in PyTorch: keeps AdamW's quotient finite.
const EPSILON: f64 = 1e-8;
/// AdamW's β₂.
const SECOND_DECAY: f64 = 0.999;

/// How gradients become changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rule {
    Sgd { momentum: f64, nesterov: bool },
    AdamW { first_decay: f64 },
}

impl Rule {
    /// What the moments are called in a saved state.
    pub(super) fn moments(self) -> &'static [&'static str] {
        match self {
            Self::Sgd { momentum: 0.0, .. } => &[],
            Self::Sgd { .. } => &["momentum"],
            Self::AdamW { .. } => &["first", "second"],
        }
    }
}

/// One group's update, the same in the kernel and as tensor operations.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) rule: Rule,
    /// What the gradient is multiplied by: what clipping leaves of it, by the scale of its loss.
    pub(super) scale: f64,
    pub(super) rate: f64,
    pub(super) decay: f64,
    /// Updates including this one.
    pub(super) steps: u64,
}

impl Change {
    /// AdamW's corrections of moments that began at zero: the rate by the first, the root of the second.
    fn corrections(self, first_decay: f64) -> (f64, f64) {
        let steps = self.steps as f64;
        (self.rate / (1.0 - first_decay.powf(steps)), (1.0 - SECOND_DECAY.powf(steps)).sqrt())
    }

    /// By tensor operations. SGD's first buffer is the gradient itself, which is what a buffer of zeros gives.
    pub(super) fn apply(
        self,
        value: Tensor<1>,
        gradient: Tensor<1>,
        moments: Vec<Tensor<1>>,
    ) -> (Tensor<1>, Vec<Tensor<1>>) {
        let Self { rule, scale, rate, decay, .. } = self;
        let gradient = if scale < 1.0 { gradient * scale } else { gradient };
        let mut moments = moments.into_iter();
        match (rule, moments.next(), moments.next()) {
            (Rule::AdamW { first_decay }, Some(first), Some(second)) => {
                let (rate, root) = self.corrections(first_decay);
                let value = if decay == 0.0 { value } else { value * (1.0 - self.rate * decay) };
                let first = first * first_decay + gradient.clone() * (1.0 - first_decay);
                let second = second * SECOND_DECAY + gradient.square() * (1.0 - SECOND_DECAY);
                let value = value - first.clone() / (second.clone().sqrt() / root + EPSILON) * rate;
                (value, vec![first, second])
            }
            (rule, buffer, _) => {
                let gradient = if decay == 0.0 { gradient } else { gradient + value.clone() * decay };
                let (Rule::Sgd { momentum, nesterov }, Some(buffer)) = (rule, buffer) else {
                    return (value - gradient * rate, Vec::new());
                };
                let buffer = buffer * momentum + gradient.clone();
                let direction = if nesterov { gradient + buffer.clone() * momentum } else { buffer.clone() };
                (value - direction * rate, vec![buffer])
            }
        }
    }

    /// The same in the kernel's numbers.
    pub(super) fn rule(self) -> kernels::Rule {
        let (scale, share) = (self.scale as f32, |share: f64| [share as f32, (1.0 - share) as f32]);
        match self.rule {
            Rule::AdamW { first_decay } => {
                let (rate, root) = self.corrections(first_decay);
                kernels::Rule::AdamW {
                    scale,
                    kept: (1.0 - self.rate * self.decay) as f32,
                    rate: rate as f32,
                    inverse_root: root.recip() as f32,
                    first: share(first_decay),
                    second: share(SECOND_DECAY),
                    epsilon: EPSILON as f32,
                }
            }
            Rule::Sgd { momentum, nesterov } => kernels::Rule::Sgd {
                scale,
                decay: self.decay as f32,
                rate: self.rate as f32,
                momentum: momentum as f32,
                nesterov,
            },
        }
    }
}
