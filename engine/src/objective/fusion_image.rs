//! The image-fusion loss: L_fus = L_si + L_co.

use burn::tensor::{Tensor, TensorData};

use crate::data::Window;
use crate::kernels::{self, Geometry};
pub use crate::recipe::catalogue::objective::fusion_image::{GradientTarget, Valid};

/// Red, green and blue in luminance (ITU-R BT.601).
const LUMINANCE: [f32; 3] = [0.299, 0.587, 0.114];
/// Chrominance is the distance from the luminance, times these: Cr of red, Cb of blue.
const CHROMINANCE: [f32; 2] = [0.713, 0.564];
/// Sobel's kernels as AMDANet's code has them: to the right, and from below upwards. Their signs matter, for the larger
/// of two gradients is taken with its sign.
const SOBEL: [[f32; 9]; 2] =
    [[-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0], [1.0, 2.0, 1.0, 0.0, 0.0, 0.0, -1.0, -2.0, -1.0]];

/// The settings of L_fus; the defaults of AMDANet's code in brackets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FusionLoss {
    /// Weight of the intensity's error in L_si (0.5; 0 in the paper).
    pub intensity: f64,
    /// Weight of the gradient's error in L_si (1), the mean of both directions.
    pub gradient: f64,
    /// What that gradient is compared with (the larger one).
    pub target: GradientTarget,
    /// Exponent of the visible image (0.8): below 1 brightens.
    pub gamma: f64,
    /// Contrast of the other image around its mean grey (1: unchanged).
    pub contrast: f64,
    /// Where the image counts (everywhere but in the padding).
    pub valid: Valid,
}

/// The images that a fused one is made of, as the loss compares with them. They carry no gradient.
#[derive(Clone, Debug)]
pub struct Sources {
    visible: Tensor<4>,
    brightened: Tensor<4>,
    other: Tensor<4>,
    /// `[batch, 1, height, width]`: 0 where the image does not count.
    valid: Tensor<4>,
}

impl Sources {
    /// Of images `[batch, 3, height, width]` between 0 and 1, the visible one first; of several others the brightest
    /// pixel counts, and without any the visible image stands alone. `windows` are what of each scene is no padding,
    /// all of it where there are none.
    pub fn new(images: &[Tensor<4>], windows: &[Window], settings: FusionLoss) -> Option<Self> {
        let plain = |image: &Tensor<4>| image.clone().inner();
        let (first, others) = images.split_first()?;
        let visible = plain(first);
        let other = others.iter().map(plain).reduce(Tensor::max_pair).unwrap_or_else(|| visible.clone());
        let valid = match settings.valid {
            Valid::Crop => inside(windows, &visible),
            Valid::Sources => visible.clone().max_pair(other.clone()).max_dim(1).greater_scalar(0.0).float(),
        };
        // What changes colours may have lit the padding.
        let (visible, other) = (visible * valid.clone(), other * valid.clone());
        let other = with_contrast(other, settings.contrast) * valid.clone();
        Some(Self { brightened: power(visible.clone(), settings.gamma), visible, other, valid })
    }
}

/// `[batch, 1, height, width]`: 1 in each image's window, 0 in the padding around it; without windows 1 everywhere.
fn inside(windows: &[Window], images: &Tensor<4>) -> Tensor<4> {
    let [batch, _, height, width] = images.dims();
    if windows.is_empty() {
        return Tensor::ones([batch, 1, height, width], &images.device());
    }
    let mut values = vec![0.0_f32; batch * height * width];
    for (image, window) in values.chunks_mut(height * width).zip(windows) {
        for row in window.rows.clone() {
            image[row * width..][window.columns.clone()].fill(1.0);
        }
    }
    Tensor::from_data(TensorData::new(values, [batch, 1, height, width]), &images.device())
}

/// L_si: how far the fused image is from what stands out in its sources: `[1]` (AMDANet Eq. 15).
///
/// - paper: mean |∇F − ∇max(vi, in)|
/// - code: 0.5 · mean |F − max(viᵞ, in)| + mean |∇F − max(∇viᵞ, ∇in)|
///
/// # Shapes
/// - image: `[batch, 3, height, width]`, 0 to 1; the padding of crops is masked out of it
/// - sources: the same
pub fn salient(image: &Tensor<4>, sources: &Sources, settings: FusionLoss) -> Tensor<1> {
    let fused = image.clone() * sources.valid.clone();
    let mut loss = Tensor::zeros([1], &image.device());
    if settings.intensity != 0.0 {
        let target = sources.brightened.clone().max_pair(sources.other.clone());
        loss = loss + mean_distance(fused.clone(), target) * settings.intensity;
    }
    if settings.gradient != 0.0 {
        for kernel in SOBEL {
            let target = match settings.target {
                GradientTarget::Maximum => sobel(sources.visible.clone().max_pair(sources.other.clone()), kernel),
                GradientTarget::Largest => {
                    sobel(sources.brightened.clone(), kernel).max_pair(sobel(sources.other.clone(), kernel))
                }
            };
            loss = loss + mean_distance(sobel(fused.clone(), kernel), target) * (0.5 * settings.gradient);
        }
    }
    loss
}

/// L_co: how far the fused image's chrominance is from the brightened visible image's: mean |Cr − Cr′| + mean |Cb −
/// Cb′|, `[1]` (AMDANet Eq. 15).
///
/// # Shapes
/// As for [`salient`].
pub fn colour(image: &Tensor<4>, sources: &Sources) -> Tensor<1> {
    let fused = chrominance(image.clone() * sources.valid.clone());
    let target = chrominance(sources.brightened.clone());
    fused
        .into_iter()
        .zip(target)
        .fold(Tensor::zeros([1], &image.device()), |loss, (fused, target)| loss + mean_distance(fused, target))
}

fn mean_distance(first: Tensor<4>, second: Tensor<4>) -> Tensor<1> {
    (first - second).abs().mean()
}

/// Luminance `[batch, 1, height, width]` of red, green and blue.
fn luminance(image: &Tensor<4>) -> Tensor<4> {
    let channel = |channel: usize| image.clone().narrow(1, channel, 1) * LUMINANCE[channel];
    channel(0) + channel(1) + channel(2)
}

/// Cr and Cb without their offset of one half, which differences do not see.
fn chrominance(image: Tensor<4>) -> [Tensor<4>; 2] {
    let grey = luminance(&image);
    [0, 1].map(|index| (image.clone().narrow(1, 2 * index, 1) - grey.clone()) * CHROMINANCE[index])
}

/// Every channel's derivative in one direction, zeros beyond the border.
fn sobel(image: Tensor<4>, kernel: [f32; 9]) -> Tensor<4> {
    let [batch, channels, height, width] = image.dims();
    let weight = TensorData::new(kernel.repeat(channels), [channels, 1, 3, 3]);
    let weight = Tensor::from_data(weight, &image.device());
    let geometry = Geometry {
        batch,
        input: channels,
        output: channels,
        size: [height, width],
        kernel: [3; 2],
        stride: 1,
        dilation: 1,
        padding: [(1, 1); 2],
    };
    kernels::convolve(image, weight, geometry)
}

fn power(image: Tensor<4>, gamma: f64) -> Tensor<4> {
    if gamma == 1.0 { image } else { image.clamp(0.0, 1.0).powf_scalar(gamma) }
}

/// Contrast around each image's mean grey, as torchvision's `adjust_contrast`.
fn with_contrast(image: Tensor<4>, contrast: f64) -> Tensor<4> {
    if contrast == 1.0 {
        return image;
    }
    let mean = luminance(&image).mean_dim(3).mean_dim(2);
    (image * contrast + mean * (1.0 - contrast)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check::{device, differentiates, drawn, equals_reference, gradient, scalar};

    /// Printed by `reference/fusion.py`.
    const REFERENCE: &str = include_str!("reference/fusion.txt");

    const CODE: FusionLoss = FusionLoss {
        intensity: 0.5,
        gradient: 1.0,
        target: GradientTarget::Largest,
        gamma: 0.8,
        contrast: 1.0,
        valid: Valid::Crop,
    };
    const PAPER: FusionLoss = FusionLoss { intensity: 0.0, target: GradientTarget::Maximum, ..CODE };

    /// A fused image, a visible and an infrared one with padding, as the script makes them, and what of each is none.
    fn images(case: usize) -> ([Tensor<4>; 3], [Window; 2]) {
        let shape = [2, 3, 4, 5 + case];
        let seed = |index: u64| 10 * case as u64 + index + 1;
        let windows = [Window { rows: 0..4, columns: 0..5 }, Window { rows: 0..3, columns: 0..5 + case }];
        let cut = |image: Tensor<4>| image.clone() * inside(&windows, &image);
        let infrared = drawn(shape, seed(2)).narrow(1, 0, 1).expand(shape);
        ([drawn(shape, seed(0)), cut(drawn(shape, seed(1))), cut(infrared)], windows)
    }

    #[test]
    fn values_and_gradients_equal_those_of_pytorch() {
        for case in 0..3 {
            let ([fused, visible, infrared], windows) = images(case);
            let sources = |settings| Sources::new(&[visible.clone(), infrared.clone()], &windows, settings).unwrap();
            for (name, settings) in
                [("paper", PAPER), ("code", CODE), ("contrast", FusionLoss { contrast: 1.7, ..CODE })]
            {
                let sources = sources(settings);
                let loss = |fused: Tensor<4>| salient(&fused, &sources, settings);
                equals_reference(REFERENCE, &format!("salient.{name}.{case}"), loss, fused.clone());
            }
            let sources = sources(CODE);
            equals_reference(REFERENCE, &format!("colour.{case}"), |fused| colour(&fused, &sources), fused);
        }
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        // The loss has a kink where a difference is zero; large values make it unlikely that a step meets one.
        let ([fused, visible, infrared], windows) = images(0);
        let sources = Sources::new(&[visible, infrared], &windows, CODE).unwrap();
        differentiates(|fused| colour(&fused, &sources), fused * 20.0);
    }

    #[test]
    fn padding_has_no_say() {
        let ([fused, visible, infrared], windows) = images(1);
        let sources = Sources::new(&[visible, infrared], &windows, CODE).unwrap();
        let elsewhere = sources.valid.clone().neg() + 1.0;
        assert!(scalar(&elsewhere.clone().sum()) > 0.0);
        let loss = |fused: Tensor<4>| salient(&fused, &sources, CODE) + colour(&fused, &sources);
        let (value, slopes) = gradient(loss, fused.clone());
        assert_eq!(scalar(&loss(fused.clone() + elsewhere.clone() * 0.7)), value);
        let there = elsewhere.expand(fused.dims()).into_data();
        for (slope, there) in slopes.iter().zip(there.as_slice::<f32>().unwrap()) {
            assert!(*there == 0.0 || *slope == 0.0);
        }
    }

    #[test]
    fn lit_padding_has_no_say_either() {
        let ([fused, visible, infrared], windows) = images(1);
        let settings = FusionLoss { contrast: 1.7, ..CODE };
        let padding = inside(&windows, &visible).neg() + 1.0;
        let loss = |light: f64| {
            let lit = [&visible, &infrared].map(|image| image.clone() + padding.clone() * light);
            let sources = Sources::new(&lit, &windows, settings).unwrap();
            scalar(&(salient(&fused, &sources, settings) + colour(&fused, &sources)))
        };
        assert_eq!(loss(0.6), loss(0.0));
    }

    #[test]
    fn black_pixels_within_an_image_count_and_padding_does_not() {
        let rows = [[0.0, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], [0.0, 0.2, 0.9, 0.0], [0.0_f32; 4]];
        let visible = Tensor::<4>::from_data(TensorData::new(rows.concat(), [1, 1, 4, 4]), &device().inner());
        let visible = visible.expand([1, 3, 4, 4]);
        let window = [Window { rows: 0..3, columns: 1..4 }];
        let sources = |windows: &[Window], valid| {
            Sources::new(std::slice::from_ref(&visible), windows, FusionLoss { valid, ..CODE }).unwrap()
        };
        let valid =
            |windows: &[Window], valid| sources(windows, valid).valid.into_data().iter::<f32>().collect::<Vec<_>>();
        let (within, outside) = ([0.0, 1.0, 1.0, 1.0], [0.0; 4]);
        assert_eq!(valid(&window, Valid::Crop), [within, within, within, outside].concat());
        assert_eq!(valid(&[], Valid::Crop), [1.0; 16], "black borders of a picture are of the picture");
        let (first, third) = ([0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0]);
        assert_eq!(valid(&window, Valid::Sources), [first, outside, third, outside].concat());
        // A picture is pressed down where the sources are black, unless those places do not count.
        let dark = Tensor::<4>::zeros([1, 3, 4, 4], &device().inner());
        let lit = visible.clone().equal_scalar(0.0).float().slice([0..1, 0..3, 1..2, 1..3]);
        let lit = dark.clone().slice_assign([0..1, 0..3, 1..2, 1..3], lit) * 0.5;
        let rises = |valid| {
            let sources = sources(&window, valid);
            scalar(&salient(&(visible.clone() + lit.clone()), &sources, CODE))
                > scalar(&salient(&visible, &sources, CODE))
        };
        assert!(rises(Valid::Crop) && !rises(Valid::Sources));
    }

    #[test]
    fn the_larger_gradient_is_taken_with_its_sign() {
        // Infrared falls to the right twice as steeply as visible rises: the larger by magnitude would be the infrared
        // one.
        let ramp = |values: [f32; 3]| {
            let row = Tensor::<1>::from_floats(values, &device().inner());
            row.reshape([1, 1, 1, 3]).expand([1, 3, 3, 3])
        };
        let (rising, falling) = (ramp([0.1, 0.2, 0.3]), ramp([0.9, 0.7, 0.5]));
        let settings = FusionLoss { intensity: 0.0, gamma: 1.0, ..CODE };
        let sources = Sources::new(&[rising.clone(), falling], &[], settings).unwrap();
        let middle = |map: Tensor<4>| map.slice([0..1, 0..1, 1..2, 1..2]).into_scalar::<f32>();
        let larger = sobel(sources.brightened.clone(), SOBEL[0]).max_pair(sobel(sources.other.clone(), SOBEL[0]));
        assert_eq!(middle(larger), middle(sobel(rising, SOBEL[0])));
    }

    #[test]
    fn one_image_alone_is_its_own_target_and_none_is_no_term() {
        let ([_, visible, _], windows) = images(0);
        let settings = FusionLoss { gamma: 1.0, ..CODE };
        let sources = Sources::new(std::slice::from_ref(&visible), &windows, settings).unwrap();
        assert_eq!(scalar(&salient(&visible, &sources, settings)), 0.0);
        assert_eq!(scalar(&colour(&visible, &sources)), 0.0);
        assert!(Sources::new(&[], &windows, settings).is_none());
    }
}
