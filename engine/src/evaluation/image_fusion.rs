//! How much a fused image holds of its sources: EN, SD, SF and SCD, on 8-bit grey images.
//!
//! As CDDFuse's evaluator computes them, with one choice: the spatial frequency is a mean over the differences that
//! there are.

use burn::tensor::Tensor;

use super::error::EvaluationError;
use crate::files::csv;
use crate::protocol::{CountedScene, FusionImageFigures, FusionImageScores, Spread};

/// Red, green and blue in luminance (ITU-R BT.601).
const LUMINANCE: [f32; 3] = [0.299, 0.587, 0.114];

/// An 8-bit grey image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grey {
    /// Row by row.
    pub values: Vec<u8>,
    /// Pixels of a row.
    pub width: usize,
}

impl Grey {
    /// The luminance of an image `[1, 3, height, width]` between 0 and 1, in 256 steps.
    fn of(image: &Tensor<4>) -> Result<Self, EvaluationError> {
        let [_, channels, height, width] = image.dims();
        let data = image.clone().into_data();
        let values =
            data.as_slice::<f32>().map_err(|error| EvaluationError::ReadBack { reason: format!("{error:?}") })?;
        let area = height * width;
        let grey = |place: usize| {
            let parts = (0..channels).zip(LUMINANCE).map(|(channel, weight)| weight * values[channel * area + place]);
            (parts.sum::<f32>() * 255.0).round().clamp(0.0, 255.0) as u8
        };
        Ok(Self { values: (0..area).map(grey).collect(), width })
    }

    fn mean(&self) -> f64 {
        self.values.iter().map(|&value| f64::from(value)).sum::<f64>() / self.values.len().max(1) as f64
    }
}

/// EN: the entropy of the grey values in bits, −Σ p log₂ p over 256 bins; 0 to 8.
pub fn entropy(image: &Grey) -> f64 {
    let mut bins = [0_u64; 256];
    for &value in &image.values {
        bins[usize::from(value)] += 1;
    }
    let total = image.values.len() as f64;
    let shares = bins.into_iter().filter(|&count| count > 0).map(|count| count as f64 / total);
    // An image of one value has exactly no entropy, not minus nothing.
    shares.map(|share| -share * share.log2()).sum::<f64>().max(0.0)
}

/// SD: the standard deviation of the grey values, in grey levels.
pub fn deviation(image: &Grey) -> f64 {
    let mean = image.mean();
    let squares: f64 = image.values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum();
    (squares / image.values.len().max(1) as f64).sqrt()
}

/// SF: the root of the mean square difference of neighbours in a row plus that of neighbours in a column, in grey
/// levels.
pub fn spatial_frequency(image: &Grey) -> f64 {
    let Grey { values, width } = image;
    let mean_square = |pairs: &mut dyn Iterator<Item = (u8, u8)>| {
        let (sum, count) = pairs.fold((0.0, 0_u64), |(sum, count), (first, second)| {
            (sum + (f64::from(second) - f64::from(first)).powi(2), count + 1)
        });
        sum / count.max(1) as f64
    };
    let mut across = values.chunks(*width).flat_map(|row| row.windows(2).map(|pair| (pair[0], pair[1])));
    let mut down = values.iter().copied().zip(values.iter().copied().skip(*width));
    (mean_square(&mut across) + mean_square(&mut down)).sqrt()
}

/// SCD: what the fused image has beyond one source must look like the other one: corr(A, F − B) + corr(B, F − A), −2
/// to 2.
///
/// `None` where one of the four has a single value everywhere: it correlates with nothing.
pub fn correlations_of_differences(fused: &Grey, first: &Grey, second: &Grey) -> Option<f64> {
    Some(correlation(first, fused, second)? + correlation(second, fused, first)?)
}

/// Pearson's correlation over the pixels between `image` and `fused − other`.
fn correlation(image: &Grey, fused: &Grey, other: &Grey) -> Option<f64> {
    let difference = |place: usize| f64::from(fused.values[place]) - f64::from(other.values[place]);
    let count = image.values.len();
    let means = (image.mean(), (0..count).map(difference).sum::<f64>() / count.max(1) as f64);
    let [mut both, mut own, mut theirs] = [0.0; 3];
    for place in 0..count {
        let (x, y) = (f64::from(image.values[place]) - means.0, difference(place) - means.1);
        both += x * y;
        own += x * x;
        theirs += y * y;
    }
    (own > 0.0 && theirs > 0.0).then(|| both / (own.sqrt() * theirs.sqrt()))
}

/// The figures of the scenes so far.
#[derive(Clone, Debug, Default)]
pub(super) struct FusionImages {
    scenes: u64,
    /// EN, SD, SF and SCD: 32 bytes a scene, since quartiles take all of them.
    figures: [Vec<f64>; 4],
}

impl FusionImages {
    /// Measures the fused image of one scene, all images `[1, 3, height, width]` between 0 and 1: the first source is
    /// the visible one, and of several others the first counts. `None` where there are fewer than two sources.
    pub(super) fn add(
        &mut self,
        image: &Tensor<4>,
        sources: &[Tensor<4>],
    ) -> Result<Option<FusionImageFigures>, EvaluationError> {
        let [visible, infrared, ..] = sources else { return Ok(None) };
        let (fused, infrared, visible) = (Grey::of(image)?, Grey::of(infrared)?, Grey::of(visible)?);
        let found = FusionImageFigures {
            entropy: entropy(&fused),
            deviation: deviation(&fused),
            spatial_frequency: spatial_frequency(&fused),
            correlations_of_differences: correlations_of_differences(&fused, &infrared, &visible),
        };
        let [entropies, deviations, frequencies, correlations] = &mut self.figures;
        entropies.push(found.entropy);
        deviations.push(found.deviation);
        frequencies.push(found.spatial_frequency);
        correlations.extend(found.correlations_of_differences);
        self.scenes += 1;
        Ok(Some(found))
    }

    /// Mean and spread over the scenes; `None` without any.
    pub(super) fn finish(self) -> Option<FusionImageScores> {
        let [entropy, deviation, spatial_frequency, correlations_of_differences] = self.figures.map(spread);
        (self.scenes > 0).then_some(FusionImageScores {
            scenes: self.scenes,
            entropy,
            deviation,
            spatial_frequency,
            correlations_of_differences,
        })
    }
}

/// The figures of each scene's fusion image as a table; `None` where no scene has any.
///
/// A scene without SCD has an empty cell: one of its images has a single value everywhere.
pub fn fusion_image_csv(scenes: &[CountedScene]) -> Option<String> {
    let figures = |scene: &CountedScene| {
        let found = scene.fusion_image?;
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.6}"));
        let FusionImageFigures { entropy, deviation, spatial_frequency, correlations_of_differences } = found;
        let [en, sd, sf] = [entropy, deviation, spatial_frequency].map(Some).map(number);
        Some(csv::line([&scene.id, &scene.tags.join("+"), &en, &sd, &sf, &number(correlations_of_differences)]))
    };
    let rows: String = scenes.iter().filter_map(figures).collect();
    (!rows.is_empty()).then(|| csv::line(["scene", "tags", "EN", "SD", "SF", "SCD"]) + &rows)
}

/// Mean, deviation and five-number summary of some figures; quantiles lie on straight lines between neighbours.
fn spread(mut figures: Vec<f64>) -> Spread {
    if figures.is_empty() {
        return Spread::default();
    }
    figures.sort_by(f64::total_cmp);
    let count = figures.len() as f64;
    let mean = figures.iter().sum::<f64>() / count;
    let deviation = (figures.iter().map(|figure| (figure - mean).powi(2)).sum::<f64>() / count).sqrt();
    let quantile = |share: f64| {
        let place = share * (count - 1.0);
        let (below, above) = (figures[place.floor() as usize], figures[place.ceil() as usize]);
        below + (above - below) * place.fract()
    };
    Spread { mean, deviation, quartiles: [0.0, 0.25, 0.5, 0.75, 1.0].map(quantile) }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    /// Printed by `reference/image_fusion.py`.
    const REFERENCE: &str = include_str!("reference/image_fusion.txt");

    /// Grey values by a linear congruential generator, as the script draws them.
    fn drawn(seed: u64, height: usize, width: usize, levels: u64) -> Grey {
        let mut state = seed;
        let mut next = || {
            state = (state * 1_103_515_245 + 12345) % (1 << 31);
            (state * levels / (1 << 31)) as u8
        };
        Grey { values: (0..height * width).map(|_| next()).collect(), width }
    }

    #[test]
    fn figures_equal_those_of_an_independent_computation() {
        let cases = [(7, 5, 256), (12, 9, 40), (3, 20, 200)];
        for (line, (case, (height, width, levels))) in REFERENCE.lines().zip((0..).zip(cases)) {
            let [fused, first, second] = [1, 2, 3].map(|index| drawn(10 * case + index, height, width, levels));
            let expected: Vec<f64> = line.split_whitespace().map(|word| word.parse().unwrap()).collect();
            let found = [
                entropy(&fused),
                deviation(&fused),
                spatial_frequency(&fused),
                correlations_of_differences(&fused, &first, &second).unwrap(),
            ];
            assert_eq!(expected.len(), 4);
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
                    "found {found}, expected {expected}"
                );
            }
        }
        assert_eq!(REFERENCE.lines().count(), cases.len());
    }

    #[test]
    fn a_flat_image_has_no_entropy_no_contrast_and_correlates_with_nothing() {
        let flat = Grey { values: vec![7; 12], width: 4 };
        assert_eq!([entropy(&flat), deviation(&flat), spatial_frequency(&flat)], [0.0; 3]);
        assert_eq!(correlations_of_differences(&flat, &drawn(1, 3, 4, 256), &flat), None);
        let pixel = Grey { values: vec![200], width: 1 };
        assert_eq!([entropy(&pixel), deviation(&pixel), spatial_frequency(&pixel)], [0.0; 3]);
    }

    #[test]
    fn a_sum_of_both_sources_keeps_all_of_each() {
        let (first, second) = (drawn(1, 6, 5, 100), drawn(2, 6, 5, 100));
        let values = first.values.iter().zip(&second.values).map(|(a, b)| a + b).collect();
        let found = correlations_of_differences(&Grey { values, width: 5 }, &first, &second).unwrap();
        assert!((found - 2.0).abs() < 1e-12, "{found}");
    }

    #[test]
    fn grey_is_luminance_in_256_steps() {
        let data = TensorData::new(vec![1.0_f32, 0.0, 0.5, 0.0, 0.0, 0.5, 0.0, 1.0, 0.5], [1, 3, 1, 3]);
        let grey = Grey::of(&Tensor::from_data(data, &Device::flex())).unwrap();
        assert_eq!(grey, Grey { values: vec![76, 29, 128], width: 3 });
    }

    #[test]
    fn every_scene_has_a_row_of_its_fusion_images_figures() {
        let figures = FusionImageFigures {
            entropy: 6.5,
            deviation: 30.25,
            spatial_frequency: 11.0,
            correlations_of_differences: None,
        };
        let scene =
            |id: &str, fusion_image| CountedScene { id: id.to_owned(), tags: vec!["night".to_owned()], fusion_image };
        assert_eq!(fusion_image_csv(&[scene("a", None)]), None);
        let scd = Some(FusionImageFigures { correlations_of_differences: Some(1.5), ..figures });
        let text = fusion_image_csv(&[scene("a", scd), scene("b", None), scene("c", Some(figures))]).unwrap();
        let rows = ["a,night,6.500000,30.250000,11.000000,1.500000", "c,night,6.500000,30.250000,11.000000,"];
        assert_eq!(text, format!("scene,tags,EN,SD,SF,SCD\n{}\n", rows.join("\n")));
    }

    #[test]
    fn a_spread_has_mean_deviation_and_quartiles() {
        let Spread { mean, deviation, quartiles } = spread(vec![4.0, 1.0, 3.0, 2.0]);
        assert_eq!((mean, quartiles), (2.5, [1.0, 1.75, 2.5, 3.25, 4.0]));
        assert!((deviation - 1.25_f64.sqrt()).abs() < 1e-12);
    }
}
