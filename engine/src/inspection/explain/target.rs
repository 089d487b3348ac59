//! Which scores an explanation is about.

use burn::tensor::{Int, Tensor, TensorData};

/// The scores of a class, or of every pixel's own, at some of the pixels.
#[derive(Clone, Debug)]
pub(super) struct Target {
    class: Option<usize>,
    /// The first choice of each pixel, `[1, 1, h, w]`.
    ids: Tensor<4, Int>,
    /// 1 for pixels that count, `[1, 1, h, w]`.
    pixels: Tensor<4>,
    counted: f32,
}

impl Target {
    /// For scores `[1, classes, h, w]` of a head. The pixels are the one that was picked (its row and column as shares),
    /// else those that are predicted as the class, else all. Fails where there are none.
    pub(super) fn of(scores: &Tensor<4>, class: Option<usize>, picked: Option<[f32; 2]>) -> Result<Self, String> {
        let ids = scores.clone().argmax(1);
        let [_, _, height, width] = scores.dims();
        let pixels = match (picked, class) {
            (Some([down, across]), _) => {
                let at = |share: f32, count: usize| ((share * count as f32) as usize).min(count.saturating_sub(1));
                let mut one = vec![0.0_f32; height * width];
                one[at(down, height) * width + at(across, width)] = 1.0;
                Tensor::from_data(TensorData::new(one, [1, 1, height, width]), &scores.device())
            }
            (None, Some(class)) => ids.clone().equal_elem(class as i64).float(),
            (None, None) => ids.zeros_like().float() + 1.0,
        };
        let counted = pixels.clone().inner().sum().into_scalar::<f32>();
        if counted == 0.0 {
            return Err("no pixel of this scene is predicted as that class".to_owned());
        }
        Ok(Self { class, ids, pixels, counted })
    }

    /// The explained one of each pixel's scores: `[1, classes, h, w]` to `[1, 1, h, w]`.
    pub(super) fn scores(&self, of: &Tensor<4>) -> Tensor<4> {
        match self.class {
            Some(class) => of.clone().narrow(1, class, 1),
            None => of.clone().gather(1, self.ids.clone()),
        }
    }

    /// The sum of a map `[1, 1, h, w]` over the pixels that count: `[1]`.
    pub(super) fn sum(&self, map: Tensor<4>) -> Tensor<1> {
        (map * self.pixels.clone()).sum()
    }

    /// The mean of a map `[1, 1, h, w]` over the pixels that count.
    pub(super) fn mean(&self, map: Tensor<4>) -> f32 {
        self.sum(map).into_scalar::<f32>() / self.counted
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    fn scores() -> Tensor<4> {
        // Two classes, three pixels: the second wins at the last.
        Tensor::from_data(TensorData::new(vec![3.0_f32, 2.0, 0.0, 1.0, 1.0, 5.0], [1, 2, 1, 3]), &Device::flex())
    }

    #[test]
    fn the_pixels_are_those_of_the_class_or_all_or_the_one_that_was_picked() {
        let scores = scores();
        let mean = |class, picked| {
            let target = Target::of(&scores, class, picked).unwrap();
            target.mean(target.scores(&scores))
        };
        assert_eq!(mean(Some(0), None), 2.5);
        assert_eq!(mean(Some(1), None), 5.0);
        assert!((mean(None, None) - 10.0 / 3.0).abs() < 1e-6, "of each its own");
        assert_eq!(mean(None, Some([0.5, 0.5])), 2.0);
        assert_eq!(mean(Some(1), Some([0.5, 0.5])), 1.0, "of a class that is not predicted there, too");
    }

    #[test]
    fn a_class_without_pixels_has_none_to_explain() {
        let scores = scores().narrow(3, 0, 2);
        assert!(Target::of(&scores, Some(1), None).unwrap_err().contains("no pixel"));
        assert!(Target::of(&scores, Some(1), Some([0.0, 0.0])).is_ok());
    }
}
