//! Feature distillation: the student's optical maps stay near the teacher's.

use burn::tensor::Tensor;

/// How the maps' errors are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean (DisOptNet's code).
    Mean,
    /// Their sum (OGP-Net Eq. 3).
    Sum,
}

/// L_D2: mean-square errors between pairs of maps, joined: `[1]` (OGP-Net Eq. 3).
///
/// # Shapes
/// - each pair: student and teacher of one shape `[batch, channels, h, w]`, whatever it is; the teacher gets no gradient
///
/// `None` without pairs.
pub fn feature(pairs: &[(&Tensor<4>, &Tensor<4>)], reduction: Reduction) -> Option<Tensor<1>> {
    let errors = pairs.iter().map(|&(student, teacher)| (student.clone() - teacher.clone().inner()).square().mean());
    let sum = errors.reduce(|sum, error| sum + error)?;
    Some(match reduction {
        Reduction::Mean => sum / pairs.len() as f32,
        Reduction::Sum => sum,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check::{close, differentiates, gradient, scalar, wave_tensor};

    fn maps(phase: f64) -> [Tensor<4>; 3] {
        [
            wave_tensor([2, 3, 2, 2], phase),
            wave_tensor([2, 5, 1, 2], phase + 0.5),
            wave_tensor([2, 2, 4, 3], phase + 1.0),
        ]
    }

    fn of(student: &[Tensor<4>; 3], teacher: &[Tensor<4>; 3], reduction: Reduction) -> Tensor<1> {
        let pairs: Vec<_> = student.iter().zip(teacher).collect();
        feature(&pairs, reduction).unwrap()
    }

    #[test]
    fn equals_the_reference() {
        // reference/losses.py: feature
        close(scalar(&of(&maps(0.3), &maps(2.1), Reduction::Mean)), 4.890_889, 1e-5);
        close(scalar(&of(&maps(0.3), &maps(2.1), Reduction::Sum)), 14.672_668, 1e-5);
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences_and_spares_the_teacher() {
        let [_, second, third] = maps(0.3);
        let teacher = maps(2.1);
        let loss = |first| of(&[first, second.clone(), third.clone()], &teacher, Reduction::Mean);
        differentiates(loss, maps(0.3)[0].clone());
        let (_, slope) =
            gradient(|taught| feature(&[(&second, &taught)], Reduction::Sum).unwrap(), maps(2.1)[1].clone());
        assert!(slope.iter().all(|&slope| slope == 0.0));
    }

    #[test]
    fn equal_maps_cost_nothing_and_no_maps_are_no_term() {
        assert_eq!(scalar(&of(&maps(0.3), &maps(0.3), Reduction::Mean)), 0.0);
        assert!(feature(&[], Reduction::Mean).is_none());
    }
}
