//! At which sizes a network is asked, and whether of the mirrored image too.

use burn::tensor::Tensor;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};

use super::conventions::Convention;
use crate::network::{Kept, Model, Output, Probes, probabilities};
use crate::recipe::Recipe;
use crate::recipe::catalogue::evaluation;

/// What a picture is as it is, in per cent.
const WHOLE: usize = 100;

/// Multi-scale and flipped testing (as in CMX, MRFS and DELIVER): the mean of the class probabilities over several
/// looks at one scene.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Sizes in per cent of the image's.
    scales: Vec<usize>,
    flip: bool,
}

impl Sight {
    /// As a recipe asks for.
    pub fn of(recipe: &Recipe) -> Self {
        let scales = recipe.get(evaluation::SCALES);
        Self { scales: if scales.is_empty() { vec![WHOLE] } else { scales }, flip: recipe.get(evaluation::FLIP) }
    }

    /// How many times a scene is looked at.
    pub fn looks(&self) -> usize {
        self.scales.len() * if self.flip { 2 } else { 1 }
    }

    /// A convention under this sight, as reports name it: `nanmean`, or `nanmean, scales 0.75 1 1.25, flipped`.
    pub(super) fn convention_words(&self, convention: Convention) -> String {
        let mut words = convention.word().to_owned();
        if self.scales != [WHOLE] {
            let scales: Vec<String> = self.scales.iter().map(|&scale| (scale as f64 / 100.0).to_string()).collect();
            words.push_str(&format!(", scales {}", scales.join(" ")));
        }
        if self.flip {
            words.push_str(", flipped");
        }
        words
    }

    /// Class probabilities by head, `[1, classes, height, width]`, of images `[1, 3, h, w]`, one a sensor.
    pub(super) fn ask(
        &self,
        model: &Model,
        images: &[Option<Tensor<4>>],
        height: usize,
        width: usize,
    ) -> Vec<(String, Tensor<4>)> {
        self.ask_on(model, images, None, &mut [], height, width)
    }

    /// [`Sight::ask`], where the plain look was taken before. `kept` has one entry a look where branches are kept from one
    /// subset of the sensors to the next, else none.
    pub(super) fn ask_on(
        &self,
        model: &Model,
        images: &[Option<Tensor<4>>],
        plain: Option<&Output>,
        kept: &mut [Kept],
        height: usize,
        width: usize,
    ) -> Vec<(String, Tensor<4>)> {
        let mut sums: Vec<(String, Tensor<4>)> = Vec::new();
        let mut kept = kept.iter_mut();
        let flips = if self.flip { &[false, true][..] } else { &[false] };
        for &scale in &self.scales {
            for &flip in flips {
                let kept = kept.next();
                let answers = if let Some(output) = plain.filter(|_| scale == WHOLE && !flip) {
                    probabilities(output)
                } else {
                    let seen: Vec<_> = images.iter().map(|image| Some(seen(image.as_ref()?, scale, flip))).collect();
                    let output = kept
                        .map_or_else(|| model.run(&seen, &mut Probes::off()), |kept| model.run_keeping(&seen, kept));
                    probabilities(&output)
                };
                let found = answers.into_iter().map(|(head, map)| (head, at_size(mirrored(map, flip), height, width)));
                if sums.is_empty() {
                    sums = found.collect();
                } else {
                    for ((_, sum), (_, map)) in sums.iter_mut().zip(found) {
                        *sum = sum.clone() + map;
                    }
                }
            }
        }
        let looks = self.looks();
        if looks > 1 {
            for (_, sum) in &mut sums {
                *sum = sum.clone() / looks as f64;
            }
        }
        sums
    }
}

/// An image at a scale in per cent, mirrored or not.
fn seen(image: &Tensor<4>, scale: usize, flip: bool) -> Tensor<4> {
    let [_, _, height, width] = image.dims();
    let scaled = |pixels: usize| ((pixels * scale + WHOLE / 2) / WHOLE).max(1);
    mirrored(at_size(image.clone(), scaled(height), scaled(width)), flip)
}

fn mirrored(map: Tensor<4>, flip: bool) -> Tensor<4> {
    if flip { map.flip([3]) } else { map }
}

/// Bilinear, half-pixel centres.
pub(super) fn at_size(image: Tensor<4>, height: usize, width: usize) -> Tensor<4> {
    let [_, _, from_height, from_width] = image.dims();
    if (from_height, from_width) == (height, width) {
        return image;
    }
    let options = InterpolateOptions::new(InterpolateMode::Bilinear).with_align_corners(false);
    interpolate(image, options.with_output_size([height, width]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(scales: &str, flip: &str) -> Sight {
        let mut recipe = Recipe::defaults("sight");
        recipe.set_text("evaluation.scales", scales).unwrap();
        recipe.set_text("evaluation.flip", flip).unwrap();
        Sight::of(&recipe)
    }

    #[test]
    fn reports_name_what_is_not_plain() {
        assert_eq!(sight("100", "off").convention_words(Convention::Mfnet), "mfnet");
        let both = sight("75,100,125", "on");
        assert_eq!(both.convention_words(Convention::NanMean), "nanmean, scales 0.75 1 1.25, flipped");
        assert_eq!((both.looks(), sight("100", "on").looks()), (6, 2));
        assert_eq!(Convention::of_words("nanmean, scales 0.75 1 1.25, flipped"), Some(Convention::NanMean));
        assert_eq!(Convention::of_words("later, flipped"), None);
    }
}
