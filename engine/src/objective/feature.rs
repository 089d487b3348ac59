//! Feature distillation: the student's optical maps stay near the teacher's.

use burn::tensor::Tensor;

use super::labels::Targets;
pub use crate::recipe::catalogue::objective::feature::Reduction;

/// L_D2: mean-square errors between pairs of maps over the places that count, joined: `[1]` (OGP-Net Eq. 3).
///
/// # Shapes
/// - each pair: student and teacher of one shape `[batch, channels, h, w]`, whatever it is; the teacher gets no
///   gradient
/// - targets: of any size, resized to each map's by nearest neighbour
///
/// Neither the paper nor DisOptNet's code says what ignored pixels do; here a place whose label is ignored has no say,
/// as in all other terms. A map without a place that counts adds 0; `None` where no map has one, or without pairs.
pub fn feature(pairs: &[(&Tensor<4>, &Tensor<4>)], targets: &Targets, reduction: Reduction) -> Option<Tensor<1>> {
    let errors = pairs.iter().filter_map(|&(student, teacher)| error(student, teacher, targets));
    let sum = errors.reduce(|sum, error| sum + error)?;
    Some(match reduction {
        Reduction::Mean => sum / pairs.len() as f32,
        Reduction::Sum => sum,
    })
}

/// The mean-square error of one pair.
fn error(student: &Tensor<4>, teacher: &Tensor<4>, targets: &Targets) -> Option<Tensor<1>> {
    let [batch, channels, height, width] = student.dims();
    let difference = student.clone() - teacher.clone().inner();
    let places = Targets::new(targets.labels().nearest(height, width), targets.classes(), &student.device());
    match places.counted() {
        0 => None,
        all if all == batch * height * width => Some(difference.square().mean()),
        counted => Some((difference * places.valid()).square().sum() / (counted * channels) as f32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::IGNORE;
    use crate::objective::Labels;
    use crate::objective::check::{close, differentiates, gradient, scalar, targets_of, wave_tensor};

    fn maps(phase: f64) -> [Tensor<4>; 3] {
        [
            wave_tensor([2, 3, 2, 2], phase),
            wave_tensor([2, 5, 1, 2], phase + 0.5),
            wave_tensor([2, 2, 4, 3], phase + 1.0),
        ]
    }

    /// Every place of every map counts.
    fn everywhere() -> Targets {
        targets_of(Labels { ids: vec![0; 2 * 4 * 4], batch: 2, height: 4, width: 4 }, 3)
    }

    /// The first scene's upper half and two more pixels are ignored; class 1 of 3 is absent.
    fn in_part() -> Targets {
        let ids = (0..2 * 4 * 4)
            .map(|place| if place < 8 || place == 13 || place == 27 { IGNORE } else { 2 * (place % 2) as u8 });
        targets_of(Labels { ids: ids.collect(), batch: 2, height: 4, width: 4 }, 3)
    }

    fn of(student: &[Tensor<4>; 3], teacher: &[Tensor<4>; 3], targets: &Targets, reduction: Reduction) -> Tensor<1> {
        let pairs: Vec<_> = student.iter().zip(teacher).collect();
        feature(&pairs, targets, reduction).unwrap()
    }

    #[test]
    fn equals_the_reference() {
        // reference/losses.py: feature
        for (targets, mean, sum) in [(everywhere(), 4.890_889, 14.672_668), (in_part(), 5.050_069, 15.150_207)] {
            close(scalar(&of(&maps(0.3), &maps(2.1), &targets, Reduction::Mean)), mean, 1e-5);
            close(scalar(&of(&maps(0.3), &maps(2.1), &targets, Reduction::Sum)), sum, 1e-5);
        }
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences_and_spares_the_teacher() {
        let [_, second, third] = maps(0.3);
        let teacher = maps(2.1);
        for targets in [everywhere(), in_part()] {
            let loss = |first| of(&[first, second.clone(), third.clone()], &teacher, &targets, Reduction::Mean);
            differentiates(loss, maps(0.3)[0].clone());
            let distil = |taught| feature(&[(&second, &taught)], &targets, Reduction::Sum).unwrap();
            let (_, slope) = gradient(distil, maps(2.1)[1].clone());
            assert!(slope.iter().all(|&slope| slope == 0.0));
        }
    }

    #[test]
    fn ignored_places_have_no_say() {
        let targets = in_part();
        let teacher = wave_tensor([2, 2, 4, 4], 2.1);
        let distil = |student| feature(&[(&student, &teacher)], &targets, Reduction::Sum).unwrap();
        let (value, slope) = gradient(distil, wave_tensor([2, 2, 4, 4], 0.3));
        let valid = targets.valid();
        let elsewhere = (valid.clone().neg() + 1.0) * wave_tensor([2, 2, 4, 4], 7.0) * 3.0;
        close(scalar(&distil(wave_tensor([2, 2, 4, 4], 0.3) + elsewhere)), value, 1e-6);
        let valid = valid.expand([2, 2, 4, 4]).into_data();
        for (slope, valid) in slope.iter().zip(valid.as_slice::<f32>().unwrap()) {
            assert_eq!(*slope != 0.0, *valid == 1.0);
        }
    }

    #[test]
    fn equal_maps_cost_nothing_and_without_maps_or_labels_there_is_no_term() {
        assert_eq!(scalar(&of(&maps(0.3), &maps(0.3), &everywhere(), Reduction::Mean)), 0.0);
        assert!(feature(&[], &everywhere(), Reduction::Mean).is_none());
        let ignored = targets_of(Labels { ids: vec![IGNORE; 32], batch: 2, height: 4, width: 4 }, 3);
        let (student, teacher) = (maps(0.3), maps(2.1));
        assert!(feature(&[(&student[0], &teacher[0])], &ignored, Reduction::Mean).is_none());
    }

    #[test]
    fn one_pixel_is_enough() {
        let (student, teacher) = (wave_tensor([1, 3, 1, 1], 0.3), wave_tensor([1, 3, 1, 1], 2.1));
        let of = |id| {
            let targets = targets_of(Labels { ids: vec![id], batch: 1, height: 1, width: 1 }, 3);
            feature(&[(&student, &teacher)], &targets, Reduction::Mean).map(|term| scalar(&term))
        };
        let expected = scalar(&(student.clone() - teacher.clone()).square().mean());
        close(of(1).unwrap(), expected, 1e-6);
        assert_eq!(of(IGNORE), None);
    }
}
