//! Ground truth on the host, where masks and samples are drawn from it, and on the device, where losses need it.

use std::cell::OnceCell;
use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

use crate::data::IGNORE;
use crate::kernels::Truth;

/// Class ids `[batch, height, width]`, [`IGNORE`] where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// The ids.
    pub ids: Vec<u8>,
    /// Scenes.
    pub batch: usize,
    /// Height in pixels.
    pub height: usize,
    /// Width in pixels.
    pub width: usize,
}

impl Labels {
    /// Nearest-neighbour resize, sampled as PyTorch's `interpolate(mode = "nearest")` does: source = floor(target ·
    /// scale).
    pub fn nearest(&self, height: usize, width: usize) -> Self {
        let mut ids = Vec::with_capacity(self.batch * height * width);
        for scene in 0..self.batch {
            for y in 0..height {
                let row = (scene * self.height + y * self.height / height) * self.width;
                ids.extend((0..width).map(|x| self.ids[row + x * self.width / width]));
            }
        }
        Self { ids, batch: self.batch, height, width }
    }

    /// Those of some of the scenes.
    pub fn of_scenes(&self, scenes: Range<usize>) -> Self {
        let area = self.height * self.width;
        Self { ids: self.ids[scenes.start * area..scenes.end * area].to_vec(), batch: scenes.len(), ..*self }
    }

    /// How many pixels have a class.
    pub fn counted(&self) -> usize {
        self.ids.iter().filter(|&&id| id != IGNORE).count()
    }

    /// Pixels of each class. Ids from `classes` on count nowhere, like [`IGNORE`].
    pub fn pixels(&self, classes: usize) -> Vec<usize> {
        let mut by_id = [0_usize; 256];
        for &id in &self.ids {
            by_id[usize::from(id)] += 1;
        }
        by_id[..classes.min(usize::from(IGNORE))].to_vec()
    }
}

/// Labels as losses use them: counted once and moved to the device at most once, however many heads share them.
#[derive(Debug)]
pub struct Targets {
    labels: Labels,
    pixels: Vec<usize>,
    device: Device,
    one_hot: OnceCell<Tensor<4>>,
    valid: OnceCell<Tensor<4>>,
}

impl Targets {
    /// The labels for logits of `classes` channels on `device`.
    pub fn new(labels: Labels, classes: usize, device: &Device) -> Self {
        let pixels = labels.pixels(classes);
        let device = device.clone().inner();
        Self { labels, pixels, device, one_hot: OnceCell::new(), valid: OnceCell::new() }
    }

    /// The labels for these logits `[batch, classes, h, w]`, resized to theirs where the sizes differ.
    pub fn for_logits(labels: &Labels, logits: &Tensor<4>) -> Self {
        let [_, classes, height, width] = logits.dims();
        let fits = (labels.height, labels.width) == (height, width);
        let labels = if fits { labels.clone() } else { labels.nearest(height, width) };
        Self::new(labels, classes, &logits.device())
    }

    /// The labels on the host.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The labels as kernels take them.
    pub(super) fn truth(&self) -> Truth<'_> {
        let Labels { ids, height, width, .. } = &self.labels;
        Truth { ids, area: height * width, pixels: &self.pixels }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.pixels.len()
    }

    /// Pixels of each class over the whole batch.
    pub fn pixels(&self) -> &[usize] {
        &self.pixels
    }

    /// Pixels that count at all.
    pub fn counted(&self) -> usize {
        self.pixels.iter().sum()
    }

    /// The class of each pixel `[batch · height · width]`, `None` where it does not count.
    pub fn class_of(&self, pixel: usize) -> Option<usize> {
        let id = usize::from(self.labels.ids[pixel]);
        (id < self.classes()).then_some(id)
    }

    /// `[batch, classes, height, width]`: 1 at the pixel's class, 0 elsewhere and wherever it does not count.
    pub fn one_hot(&self) -> Tensor<4> {
        let make = || {
            let Labels { batch, height, width, .. } = self.labels;
            let (classes, area) = (self.classes(), height * width);
            let mut values = vec![0.0_f32; batch * classes * area];
            for pixel in 0..batch * area {
                if let Some(class) = self.class_of(pixel) {
                    values[(pixel / area * classes + class) * area + pixel % area] = 1.0;
                }
            }
            Tensor::from_data(TensorData::new(values, [batch, classes, height, width]), &self.device)
        };
        self.one_hot.get_or_init(make).clone()
    }

    /// `[batch, 1, height, width]`: 1 where the pixel counts, else 0.
    pub fn valid(&self) -> Tensor<4> {
        let make = || {
            let Labels { batch, height, width, .. } = self.labels;
            let values: Vec<f32> =
                (0..batch * height * width).map(|pixel| f32::from(u8::from(self.class_of(pixel).is_some()))).collect();
            Tensor::from_data(TensorData::new(values, [batch, 1, height, width]), &self.device)
        };
        self.valid.get_or_init(make).clone()
    }

    /// `[1, classes, 1, 1]`: 1 for classes that occur in the batch, else 0.
    pub fn present(&self) -> Tensor<4> {
        let values: Vec<f32> = self.pixels.iter().map(|&pixels| f32::from(u8::from(pixels > 0))).collect();
        Tensor::from_data(TensorData::new(values, [1, self.classes(), 1, 1]), &self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Labels {
        Labels { ids: vec![0, 1, 2, IGNORE, 1, 7], batch: 1, height: 2, width: 3 }
    }

    #[test]
    fn nearest_takes_the_pixel_at_the_floor_of_the_scaled_place() {
        // torch.nn.functional.interpolate(torch.arange(12.).reshape(1, 1, 3, 4), size=(2, 3)) = [[0, 1, 2], [4, 5, 6]]
        let labels = Labels { ids: (0..12).collect(), batch: 1, height: 3, width: 4 };
        assert_eq!(labels.nearest(2, 3).ids, [0, 1, 2, 4, 5, 6]);
        assert_eq!(labels.nearest(1, 1).ids, [0]);
        let two = Labels { ids: vec![3, 4], batch: 2, height: 1, width: 1 };
        assert_eq!(two.nearest(2, 1).ids, [3, 3, 4, 4]);
    }

    #[test]
    fn ignored_pixels_and_ids_beyond_the_classes_count_nowhere() {
        let targets = Targets::new(labels(), 3, &Device::flex());
        assert_eq!(targets.pixels(), [1, 2, 1]);
        assert_eq!(targets.counted(), 4);
        assert_eq!(targets.valid().into_data().as_slice::<f32>().unwrap(), [1.0, 1.0, 1.0, 0.0, 1.0, 0.0]);
        let one_hot = targets.one_hot();
        assert_eq!(one_hot.clone().sum_dim(1).into_data(), targets.valid().into_data());
        assert_eq!(one_hot.sum_dims(&[2, 3]).into_data().as_slice::<f32>().unwrap(), [1.0, 2.0, 1.0]);
    }

    #[test]
    fn presence_follows_the_whole_batch() {
        let targets = Targets::new(labels(), 5, &Device::flex());
        assert_eq!(targets.present().into_data().as_slice::<f32>().unwrap(), [1.0, 1.0, 1.0, 0.0, 0.0]);
    }
}
