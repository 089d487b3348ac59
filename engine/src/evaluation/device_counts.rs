//! Confusion matrices made on the device that predicts, so that a few numbers of a scene are read in place of its pixels.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::confusion::ConfusionMatrix;
use super::error::EvaluationError;
use crate::readback::{floats, read_all};

/// Single precision counts so far without leaving a number out.
const MOST_PIXELS: usize = 1 << 24;

/// The truth of one scene on the device, beside which the answers of all subsets of the sensors are counted.
#[derive(Clone, Debug)]
pub(super) struct DeviceTruth {
    /// `[height, classes, width]`: 1 at a pixel's class, 0 elsewhere and wherever it has none.
    one_hot: Tensor<3>,
}

impl DeviceTruth {
    /// From one class id a pixel, row by row. Ids beyond the classes, such as that of ignored pixels, count nowhere.
    ///
    /// `None` of a scene with more pixels than are counted exactly.
    pub(super) fn new(ids: &[u8], [height, width]: [usize; 2], classes: usize, device: &Device) -> Option<Self> {
        if ids.len() != height * width || ids.len() > MOST_PIXELS {
            return None;
        }
        let ids: Vec<i32> = ids.iter().map(|&id| i32::from(id)).collect();
        let ids = Tensor::<3, Int>::from_data(TensorData::new(ids, [height, 1, width]), &device.clone().inner());
        Some(Self { one_hot: one_hot(ids, classes) })
    }

    /// Pixels by truth and most probable class, `[1, classes, classes]`, of probabilities `[1, classes, height, width]`.
    pub(super) fn counts(&self, probabilities: Tensor<4>) -> Tensor<3> {
        let [height, classes, width] = self.one_hot.dims();
        let found = one_hot(probabilities.argmax(1).reshape([height, 1, width]), classes);
        // A product for each row of pixels: a card's units share them, where one product would keep a single unit busy.
        self.one_hot.clone().matmul(found.swap_dims(1, 2)).sum_dim(0)
    }
}

/// The matrices of what [`DeviceTruth::counts`] gave, all read in one wait.
pub(super) fn matrices_from(counts: Vec<Tensor<3>>, classes: usize) -> Result<Vec<ConfusionMatrix>, EvaluationError> {
    let matrix = |counts: Vec<f32>| {
        let found = counts.len();
        let counts = counts.into_iter().map(|count| count.round() as u64).collect();
        ConfusionMatrix::from_counts(classes, counts).ok_or_else(|| EvaluationError::ReadBack {
            reason: format!("expected {} counts, found {found}", classes * classes),
        })
    };
    read_all(counts).into_iter().map(|data| matrix(floats(data))).collect()
}

/// `[height, classes, width]` of class ids `[height, 1, width]`: 1 at the pixel's class, 0 elsewhere.
fn one_hot(ids: Tensor<3, Int>, classes: usize) -> Tensor<3> {
    let [height, _, width] = ids.dims();
    let shape = [height, classes, width];
    let own = Tensor::<1, Int>::arange(0..classes as i64, &ids.device()).reshape([1, classes, 1]);
    ids.expand(shape).equal(own.expand(shape)).float()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::IGNORE;
    use crate::evaluation::prediction::ids_of;
    use crate::random::{Streams, unit};
    use crate::readback::counted;

    #[test]
    fn the_device_counts_what_the_host_counts_and_is_waited_for_once() {
        let device = Device::flex();
        let mut random = Streams::new(4).stream("counts", 0);
        for (classes, height, width) in [(1, 1, 7), (1, 5, 4), (2, 1, 1), (3, 17, 31), (9, 40, 24), (40, 6, 50)] {
            // The last ids are of no class, and the very last that of ignored pixels.
            let truth: Vec<u8> = (0..height * width)
                .map(|_| {
                    let id = (unit(&mut random) * (classes + 3) as f32) as usize;
                    if id < classes + 2 { id as u8 } else { IGNORE }
                })
                .collect();
            let mut answer = || {
                // In steps, so that some classes are as probable as others.
                let number = |_: usize| (unit(&mut random) * 8.0).floor();
                let numbers: Vec<f32> = (0..classes * height * width).map(number).collect();
                Tensor::<4>::from_data(TensorData::new(numbers, [1, classes, height, width]), &device)
            };
            let answers = [answer(), answer(), answer()];
            let on_the_host = answers.clone().map(|answer| {
                let mut matrix = ConfusionMatrix::new(classes);
                matrix.add(&truth, &ids_of(answer, false).unwrap().0);
                matrix
            });
            let on_the_device = || {
                let truth = DeviceTruth::new(&truth, [height, width], classes, &device).unwrap();
                matrices_from(Vec::from(answers.clone().map(|answer| truth.counts(answer))), classes).unwrap()
            };
            let (found, waits) = counted(on_the_device);
            assert_eq!((found.as_slice(), waits), (on_the_host.as_slice(), 1), "{classes} classes, {height}×{width}");
        }
    }

    #[test]
    fn what_single_precision_could_not_count_is_left_to_the_host() {
        let new = |pixels: usize, shape| DeviceTruth::new(&vec![0; pixels], shape, 2, &Device::flex());
        assert!(new(MOST_PIXELS + 1, [1, MOST_PIXELS + 1]).is_none());
        assert!(new(5, [2, 3]).is_none() && new(6, [2, 3]).is_some());
    }

    #[test]
    fn nothing_to_count_is_no_wait() {
        assert_eq!(counted(|| matrices_from(Vec::new(), 3).unwrap()), (Vec::new(), 0));
    }
}
