//! Values of options, from words as people type them.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use fusionscope_engine::protocol::{Degradation, Layer, Protocol, Region};
use fusionscope_engine::recipe::Choice as _;
use fusionscope_engine::recipe::catalogue::evaluation::{SCALES, SUBSET_COUNT, SUBSETS, Subsets};

/// Which subsets of the sensors are scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubsetChoice {
    /// By a rule.
    Ruled(Subsets),
    /// All sensors together, each alone, and so many others.
    Drawn(usize),
}

impl SubsetChoice {
    /// The same as settings of a recipe.
    pub fn settings(self) -> Vec<String> {
        match self {
            Self::Ruled(rule) => vec![format!("{}={}", SUBSETS.id(), rule.word())],
            Self::Drawn(count) => {
                vec![format!("{}={}", SUBSETS.id(), Subsets::Sample.word()), format!("{}={count}", SUBSET_COUNT.id())]
            }
        }
    }
}

/// A rule's word, or a number.
pub(super) fn subsets_from_words(words: &str) -> Result<SubsetChoice, String> {
    let rules = Subsets::ALL.into_iter().filter(|&rule| rule != Subsets::Sample);
    let ruled = rules.clone().find(|rule| rule.word() == words).map(SubsetChoice::Ruled);
    ruled.or_else(|| words.parse().ok().map(SubsetChoice::Drawn)).ok_or_else(|| {
        let known: Vec<&str> = rules.map(Subsets::word).collect();
        format!("expected one of {}, or how many to draw, such as 20", known.join(", "))
    })
}

/// The kinds of degradations, each with what it is.
pub(super) fn degradations() -> impl TypedValueParser<Value = Degradation> {
    let words = Degradation::OPTIONS.iter().map(|option| PossibleValue::new(option.id).help(option.summary));
    PossibleValuesParser::new(words).try_map(|word| Degradation::of(&word).ok_or("no degradation"))
}

/// The robustness protocols, each with what it asks.
pub(super) fn protocols() -> impl TypedValueParser<Value = Protocol> {
    let words = Protocol::OPTIONS.iter().map(|option| PossibleValue::new(option.id).help(option.summary));
    PossibleValuesParser::new(words).try_map(|word| Protocol::of(&word).ok_or("no protocol"))
}

/// Sizes of the image to ask at, as a setting of a recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scales(String);

impl Scales {
    /// The same as a setting of a recipe.
    pub fn setting(&self) -> String {
        format!("{}={}", SCALES.id(), self.0)
    }
}

/// `0.75,1,1.25`, to two digits.
pub(super) fn scales_from_words(words: &str) -> Result<Scales, String> {
    let percents: Option<Vec<String>> = words
        .split(',')
        .map(|word| {
            let percent = word.trim().parse::<f64>().ok()? * 100.0;
            let is_whole = (percent - percent.round()).abs() < 1e-6;
            (is_whole && (25.0..=400.0).contains(&percent)).then(|| percent.round().to_string())
        })
        .collect();
    percents
        .map(|percents| Scales(percents.join(",")))
        .ok_or_else(|| "expected numbers from 0.25 to 4 with two digits at most, such as 0.75,1,1.25".to_owned())
}

/// `0.5,0.25`: across and down, each 0 to 1.
pub(super) fn place_from_words(text: &str) -> Result<[f32; 2], String> {
    let place: Option<Vec<f32>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    place
        .and_then(|place| <[f32; 2]>::try_from(place).ok())
        .filter(|place| place.iter().all(|share| (0.0..=1.0).contains(share)))
        .ok_or_else(|| "expected two numbers from 0 to 1, across and down, such as 0.5,0.25".to_owned())
}

/// `0.1,0.2,0.5,0.6`: the left, upper, right and lower side, each 0 to 1.
pub(super) fn region_from_words(text: &str) -> Result<Region, String> {
    let sides: Option<Vec<f32>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    let sides = sides.and_then(|sides| <[f32; 4]>::try_from(sides).ok());
    let sides = sides.filter(|sides| sides.iter().all(|share| (0.0..=1.0).contains(share)));
    let [left, top, right, bottom] = sides
        .filter(|[left, top, right, bottom]| left < right && top < bottom)
        .ok_or("expected four numbers from 0 to 1, left, upper, right and lower side, such as 0.1,0.2,0.5,0.6")?
        .map(|share| (share * f32::from(u16::MAX)) as u16);
    Ok(Region { left, top, right, bottom })
}

/// `classifier`, or `stage1` to `stage5`.
pub(super) fn layer_from_words(text: &str) -> Result<Layer, String> {
    Layer::from_word(text).ok_or_else(|| {
        let known: Vec<String> = Layer::ALL.into_iter().map(Layer::word).collect();
        format!("expected one of {}", known.join(", "))
    })
}

/// Width and height in pixels from words like `160x120`.
pub(super) fn size_from_words(words: &str) -> Result<(u32, u32), String> {
    let parsed = words.split_once(['x', 'X', '×']).and_then(|(width, height)| {
        let side = |text: &str| text.trim().parse::<u32>().ok().filter(|side| (1..=16_384).contains(side));
        Some((side(width)?, side(height)?))
    });
    parsed.ok_or_else(|| "expected width x height in pixels, each from 1 to 16384, such as 160x120".to_owned())
}

/// A number within these bounds.
pub(super) fn number_from_words(words: &str, least: f64, most: f64) -> Result<f64, String> {
    let number = words.trim().parse::<f64>().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("expected a number from {least} to {most}"))
}

/// A number from 0 to 1.
pub(super) fn share_from_words(words: &str) -> Result<f64, String> {
    let share = words.trim().parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "expected a number from 0 to 1, such as 0.9".to_owned())
}

/// More than 0 seconds, less than a lifetime.
pub(super) fn seconds_from_words(words: &str) -> Result<f64, String> {
    let seconds = words.trim().parse::<f64>().ok().filter(|&seconds| seconds > 0.0 && seconds < 1e9);
    seconds.ok_or_else(|| "expected more than 0 seconds, such as 120".to_owned())
}

/// Three numbers from words like `200,40,40`.
pub(super) fn counts_from_words(words: &str) -> Result<[usize; 3], String> {
    let counts: Option<Vec<usize>> = words.split(',').map(|word| word.trim().parse().ok()).collect();
    let counts = counts.and_then(|counts| <[usize; 3]>::try_from(counts).ok());
    counts.ok_or_else(|| {
        "expected three whole numbers, scenes to train, choose and test with, such as 200,40,40".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_with_any_cross() {
        assert_eq!(size_from_words("160x120"), Ok((160, 120)));
        assert_eq!(size_from_words("1280 × 720"), Ok((1280, 720)));
        for wrong in ["160", "0x1", "ax2", "99999x1", "-1x5"] {
            assert!(size_from_words(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn scales_are_whole_per_cents() {
        assert_eq!(scales_from_words("0.75, 1,1.25").unwrap().setting(), "evaluation.scales=75,100,125");
        for wrong in ["", "0.755", "0.1", "5", "a", "1,,2"] {
            assert!(scales_from_words(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_region_has_its_sides_in_order_and_within_the_scene() {
        let region = region_from_words("0, 0.5, 1, 1").unwrap();
        assert_eq!((region.left, region.top, region.right), (0, 32_767, 65_535));
        for wrong in ["0,0,1", "0,0,1,2", "0.5,0,0.5,1", "0,1,1,0", "a,b,c,d", ""] {
            assert!(region_from_words(wrong).unwrap_err().contains("0.1,0.2,0.5,0.6"), "{wrong}");
        }
        assert_eq!(layer_from_words("stage4"), Ok(Layer::Stage(4)));
        assert!(layer_from_words("stage9").unwrap_err().contains("classifier, stage5"));
    }

    #[test]
    fn subsets_are_chosen_by_a_word_or_a_number() {
        assert_eq!(subsets_from_words("singles").unwrap().settings(), ["evaluation.subsets=singles"]);
        assert_eq!(
            subsets_from_words("20").unwrap().settings(),
            ["evaluation.subsets=sample", "evaluation.subset_count=20"]
        );
        for wrong in ["sample", "-1", "few", "1.5", ""] {
            let refused = subsets_from_words(wrong).unwrap_err();
            assert!(refused.contains("all, singles, leave-one-out"), "{wrong}: {refused}");
        }
    }
}
