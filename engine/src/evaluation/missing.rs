//! What a network is given in place of a sensor that is dropped.

use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor, TensorData};

use crate::data::Normalisation;
pub use crate::recipe::catalogue::evaluation::Missing;

/// A sensor's mean image over a split, in network input: `[3, height, width]`.
#[derive(Clone, Debug, PartialEq)]
pub struct MeanImage {
    /// Height in pixels.
    pub height: usize,
    /// Width in pixels.
    pub width: usize,
    /// Channel by channel, row by row.
    pub values: Vec<f32>,
}

/// Sums images of one or several sizes into a mean of the first one's size.
#[derive(Debug)]
pub(super) struct MeanImageSum {
    height: usize,
    width: usize,
    sums: Vec<f64>,
    count: u64,
}

impl MeanImageSum {
    pub(super) fn new(height: usize, width: usize) -> Self {
        Self { height, width, sums: vec![0.0; 3 * height * width], count: 0 }
    }

    /// Adds an image `[3, height, width]` of any size, sampled to ours by its nearest pixels.
    pub(super) fn add(&mut self, image: &[f32], height: usize, width: usize) {
        self.count += 1;
        for channel in 0..3 {
            for y in 0..self.height {
                let source = (channel * height + y * height / self.height) * width;
                let target = (channel * self.height + y) * self.width;
                for x in 0..self.width {
                    self.sums[target + x] += f64::from(image[source + x * width / self.width]);
                }
            }
        }
    }

    /// The mean; `None` of no image.
    pub(super) fn finish(self) -> Option<MeanImage> {
        let Self { height, width, sums, count } = self;
        (count > 0).then(|| MeanImage {
            height,
            width,
            values: sums.iter().map(|sum| (sum / count as f64) as f32).collect(),
        })
    }
}

/// Replaces dropped sensors' images.
#[derive(Clone, Debug)]
pub struct StandIns {
    missing: Missing,
    normalisations: Vec<Normalisation>,
    means: Vec<MeanImage>,
}

impl StandIns {
    /// Stand-ins for sensors with these normalisations.
    ///
    /// `means` holds one image a sensor for [`Missing::Mean`] and is not looked at otherwise; a sensor without one gets
    /// zeros after normalisation.
    pub fn new(missing: Missing, normalisations: Vec<Normalisation>, means: Vec<MeanImage>) -> Self {
        Self { missing, normalisations, means }
    }

    /// The inputs with only the `present` sensors real.
    ///
    /// `images` holds one `[batch, 3, height, width]` a sensor; the answer has the same order, `None` where a sensor is
    /// dropped without a replacement.
    pub fn fill(&self, images: &[Tensor<4>], present: &[bool]) -> Vec<Option<Tensor<4>>> {
        let absent: Vec<_> = present.iter().map(|&present| (!present).then_some(self.missing)).collect();
        self.fill_by(images, &absent)
    }

    /// [`StandIns::fill`] with a way for each sensor of its own; `None` where it is present.
    pub fn fill_by(&self, images: &[Tensor<4>], absent: &[Option<Missing>]) -> Vec<Option<Tensor<4>>> {
        let first_present = images.iter().zip(absent).find(|(_, absent)| absent.is_none()).map(|(image, _)| image);
        let stand_in = |(sensor, (image, absent)): (usize, (&Tensor<4>, &Option<Missing>))| match absent {
            None => Some(image.clone()),
            Some(Missing::Drop) => None,
            Some(Missing::Zeros) => Some(image.zeros_like()),
            Some(Missing::Black) => Some(self.black(sensor, image)),
            Some(Missing::Mean) => Some(self.mean(sensor, image)),
            Some(Missing::Copy) => first_present.cloned(),
        };
        images.iter().zip(absent).enumerate().map(stand_in).collect()
    }

    fn black(&self, sensor: usize, image: &Tensor<4>) -> Tensor<4> {
        let Some(normalisation) = self.normalisations.get(sensor) else {
            return image.zeros_like();
        };
        let (mean, std) = normalisation.mean_std();
        let values: Vec<f32> = mean.iter().zip(std).map(|(mean, std)| (0.0 - mean) / std).collect();
        let pixel = Tensor::<4>::from_data(TensorData::new(values, [1, 3, 1, 1]), &image.device());
        pixel.expand(image.dims())
    }

    fn mean(&self, sensor: usize, image: &Tensor<4>) -> Tensor<4> {
        let Some(mean) = self.means.get(sensor) else {
            return image.zeros_like();
        };
        let [batch, channels, height, width] = image.dims();
        tensor_of(mean, height, width, &image.device()).expand([batch, channels, height, width])
    }
}

/// `[1, 3, height, width]`, resized bilinearly.
fn tensor_of(mean: &MeanImage, height: usize, width: usize, device: &Device) -> Tensor<4> {
    let data = TensorData::new(mean.values.clone(), [1, 3, mean.height, mean.width]);
    let tensor = Tensor::<4>::from_data(data, device);
    if (mean.height, mean.width) == (height, width) {
        return tensor;
    }
    let options = InterpolateOptions::new(InterpolateMode::Bilinear).with_align_corners(false);
    interpolate(tensor, options.with_output_size([height, width]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(device: &Device) -> Vec<Tensor<4>> {
        vec![Tensor::ones([2, 3, 2, 2], device), Tensor::ones([2, 3, 2, 2], device) * 5.0]
    }

    fn stand_ins(missing: Missing) -> StandIns {
        let normalisations =
            vec![Normalisation::Imagenet, Normalisation::MeanStd { mean: [0.5, 0.25, 0.0], std: [0.5, 0.5, 1.0] }];
        let mean = MeanImage { height: 1, width: 1, values: vec![7.0, 8.0, 9.0] };
        StandIns::new(missing, normalisations, vec![mean.clone(), mean])
    }

    fn pixel(tensor: Option<&Tensor<4>>) -> Vec<f32> {
        let tensor = tensor.unwrap().clone();
        assert_eq!(tensor.dims(), [2, 3, 2, 2]);
        tensor.slice([1..2, 0..3, 1..2, 0..1]).into_data().try_to_vec().unwrap()
    }

    #[test]
    fn each_way_puts_its_own_image_in_place_and_leaves_the_present_one() {
        let images = images(&Device::flex());
        let thermal_dropped = |missing| {
            let filled = stand_ins(missing).fill(&images, &[true, false]);
            assert_eq!(pixel(filled[0].as_ref()), [1.0; 3]);
            filled[1].clone()
        };
        assert!(thermal_dropped(Missing::Drop).is_none());
        assert_eq!(pixel(thermal_dropped(Missing::Zeros).as_ref()), [0.0; 3]);
        assert_eq!(pixel(thermal_dropped(Missing::Black).as_ref()), [-1.0, -0.5, 0.0]);
        assert_eq!(pixel(thermal_dropped(Missing::Mean).as_ref()), [7.0, 8.0, 9.0]);
        assert_eq!(pixel(thermal_dropped(Missing::Copy).as_ref()), [1.0; 3]);
    }

    #[test]
    fn each_sensor_can_be_replaced_in_a_way_of_its_own() {
        let images = [images(&Device::flex()), vec![Tensor::ones([2, 3, 2, 2], &Device::flex()) * 3.0]].concat();
        let filled = stand_ins(Missing::Drop).fill_by(&images, &[Some(Missing::Zeros), Some(Missing::Copy), None]);
        let pixels: Vec<_> = filled.iter().map(|image| pixel(image.as_ref())[0]).collect();
        assert_eq!(pixels, [0.0, 3.0, 3.0], "what is copied is the first present one's");
        assert!(stand_ins(Missing::Black).fill_by(&images, &[Some(Missing::Drop), None, None])[0].is_none());
    }

    #[test]
    fn with_all_sensors_present_nothing_is_replaced() {
        let images = images(&Device::flex());
        for missing in Missing::ALL {
            let filled = stand_ins(missing).fill(&images, &[true, true]);
            assert_eq!(
                (pixel(filled[0].as_ref()), pixel(filled[1].as_ref())),
                (vec![1.0; 3], vec![5.0; 3]),
                "{}",
                missing.word()
            );
        }
    }

    #[test]
    fn a_mean_image_is_the_mean_pixel_by_pixel_whatever_the_sizes() {
        let mut sum = MeanImageSum::new(1, 2);
        sum.add(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], 1, 2);
        // Twice as large, each pixel doubled.
        sum.add(&[2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0, 6.0, 6.0, 7.0, 7.0], 1, 4);
        assert_eq!(sum.finish().unwrap().values, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(MeanImageSum::new(1, 1).finish(), None);
    }
}
