//! The factor that keeps gradients of 16-bit floats from vanishing (dynamic loss scaling).

use serde::{Deserialize, Serialize};

/// Steps after which it doubles, as in PyTorch's `GradScaler`.
const PATIENCE: u64 = 2000;

/// What a loss is multiplied by before its gradients are made in 16 bits, and these divided by afterwards (Micikevicius et
/// al., ICLR 2018, §3.2). Gradients that overflow halve it; it doubles after a while without. It begins where PyTorch's
/// does, and is a power of two, by which nothing is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LossScale {
    factor: f64,
    /// Steps since it changed.
    steps: u64,
}

impl Default for LossScale {
    fn default() -> Self {
        Self { factor: 65536.0, steps: 0 }
    }
}

impl LossScale {
    /// One that begins at this factor.
    #[cfg(test)]
    pub(super) fn starting_at(factor: f64) -> Self {
        Self { factor, steps: 0 }
    }

    /// The factor.
    pub fn factor(self) -> f64 {
        self.factor
    }

    /// A step was taken with it.
    pub(super) fn taken(&mut self) {
        self.steps += 1;
        if self.steps == PATIENCE {
            *self = Self { factor: self.factor * 2.0, steps: 0 };
        }
    }

    /// Gradients were not finite. Whether a smaller factor may help: at 1 it is not to blame.
    pub(super) fn lowered(&mut self) -> bool {
        let can_fall = self.factor > 1.0;
        if can_fall {
            *self = Self { factor: self.factor / 2.0, steps: 0 };
        }
        can_fall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_halves_down_to_one_and_doubles_after_two_thousand_steps() {
        let mut scale = LossScale::default();
        assert_eq!((0..20).filter(|_| scale.lowered()).count(), 16);
        assert_eq!(scale.factor(), 1.0);
        (0..1999).for_each(|_| scale.taken());
        assert_eq!(scale.factor(), 1.0);
        scale.taken();
        assert_eq!(scale.factor(), 2.0);
        (0..1999).for_each(|_| scale.taken());
        assert!(scale.lowered(), "and counts anew after that");
        (0..1999).for_each(|_| scale.taken());
        assert_eq!(scale.factor(), 1.0);
    }
}
