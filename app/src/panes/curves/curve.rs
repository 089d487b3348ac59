//! One curve as it is drawn: its points, its words and its colour.

use egui::Color32;
use egui::ecolor::Hsva;
pub use fusionscope_engine::drawing::Stroke;
use fusionscope_engine::protocol::{ModalitySummary, Quantity};

use super::unit::Unit;
use crate::look::Tokens;
use crate::store::curves::{Curves, Score, Series, Term, is_score_of_all};

/// A curve on a plot.
#[derive(Clone)]
pub struct Curve<'a> {
    /// Unique among all curves; what the legend remembers it by.
    pub key: String,
    /// The words for people.
    pub label: String,
    /// Its points.
    pub series: &'a Series,
    /// Its colour, unless the user has chosen another.
    pub colour: Color32,
    /// In what its values are written.
    pub unit: Unit,
    /// Few points, each shown as a dot.
    pub has_dots: bool,
    /// How its line is drawn, which tells splits apart: in one piece what trains, and the validation split.
    pub stroke: Stroke,
    /// Around the mean of several runs: places, and its lower and upper border.
    pub band: Option<&'a [Vec<f64>; 3]>,
}

/// How the scores of a split are drawn.
fn stroke_of_split(split: &str) -> Stroke {
    match split {
        "val" => Stroke::Solid,
        "test" => Stroke::Dashed,
        _ => Stroke::Dotted,
    }
}

/// The word for it.
fn word_of(stroke: Stroke) -> &'static str {
    match stroke {
        Stroke::Solid => "solid",
        Stroke::Dashed => "dashed",
        Stroke::Dotted => "dotted",
    }
}

/// The terms that measure one thing.
pub fn terms<'a>(
    curves: &'a Curves,
    quantity: Quantity,
    sensors: &[ModalitySummary],
    tokens: &Tokens,
) -> Vec<Curve<'a>> {
    let has_term = |sensor: &&ModalitySummary| {
        curves.terms().iter().any(|term| term.name.rsplit('.').next() == Some(sensor.name.as_str()))
    };
    let taken: Vec<Color32> =
        sensors.iter().filter(has_term).filter_map(|sensor| tokens.sensor_named(&sensor.name, sensors)).collect();
    let mut plain = 0;
    let own = curves.terms().iter().filter(|term| term.quantity == quantity);
    own.map(|term| {
        let colour = sensor_colour(&term.name, sensors, tokens).unwrap_or_else(|| {
            let colour = unlike(&taken, tokens, plain);
            plain = colour.1;
            colour.0
        });
        Curve {
            key: term.name.clone(),
            label: term_label(term),
            series: &term.series,
            colour,
            unit: Unit::Of(quantity),
            has_dots: false,
            stroke: Stroke::Solid,
            band: None,
        }
    })
    .collect()
}

/// The mean IoU of every subset of the sensors, on one condition tag.
pub fn scores<'a>(curves: &'a Curves, tag: &str, sensors: &[ModalitySummary], tokens: &Tokens) -> Vec<Curve<'a>> {
    let all = curves.scores();
    let mut plain = 0;
    // One colour for a subset of the sensors whatever the split, which the stroke tells.
    let mut taken: Vec<(&[String], &str, Color32)> = Vec::new();
    let own = all.iter().filter(|score| score.tag == tag);
    own.map(|score| {
        let colour = match score.sensors.as_slice() {
            [only] => tokens.sensor_named(only, sensors),
            _ if is_score_of_all(score, all) => Some(tokens.fused),
            _ => None,
        };
        let known = taken.iter().find(|(sensors, head, _)| *sensors == score.sensors && *head == score.head);
        let colour = colour.or(known.map(|(.., colour)| *colour)).unwrap_or_else(|| {
            plain += 1;
            tokens.series(plain)
        });
        taken.push((&score.sensors, &score.head, colour));
        Curve {
            key: score.key(),
            label: score_label(score, all),
            series: &score.series,
            colour,
            unit: Unit::PerCent,
            has_dots: true,
            stroke: stroke_of_split(&score.split),
            band: None,
        }
    })
    .collect()
}

/// A colour for a line that belongs to no sensor, from place `from` on, that is not mistaken for a sensor's. Returns
/// the next place, too.
fn unlike(taken: &[Color32], tokens: &Tokens, from: usize) -> (Color32, usize) {
    // Lines are thin: the eye tells them apart by hue, and a pale hue from a strong one, but not two tones of one hue.
    let is_like = |one: Color32, other: Color32| {
        let (one, other) = (Hsva::from(one), Hsva::from(other));
        let turn = (one.h - other.h).abs();
        turn.min(1.0 - turn) < 14.0 / 360.0 && (one.s - other.s).abs() < 0.35
    };
    let place = (from..from + 8)
        .find(|place| taken.iter().all(|colour| !is_like(*colour, tokens.series(*place))))
        .unwrap_or(from);
    (tokens.series(place), place + 1)
}

/// The hue of a term that belongs to one sensor, or to the fused head.
fn sensor_colour(name: &str, sensors: &[ModalitySummary], tokens: &Tokens) -> Option<Color32> {
    let last = name.rsplit('.').next()?;
    if last == "fused" {
        return Some(tokens.fused);
    }
    tokens.sensor_named(last, sensors)
}

fn term_label(term: &Term) -> String {
    let words = term.name.replace(['_', '.'], " ");
    match words.split_once(' ') {
        Some(("segmentation", head)) => format!("seg. {head}"),
        Some(("exchange", rest)) => rest.to_owned(),
        Some(("step", "secs")) => "step time".to_owned(),
        _ => words,
    }
}

/// What the lines of scores are of: `val solid, test dashed`.
pub fn splits_caption(curves: &Curves) -> String {
    let mut splits: Vec<&str> = Vec::new();
    for score in curves.scores() {
        if !splits.contains(&score.split.as_str()) {
            splits.push(&score.split);
        }
    }
    match splits.as_slice() {
        [only] => (*only).to_owned(),
        several => {
            let words = several.iter().map(|split| format!("{split} {}", word_of(stroke_of_split(split))));
            words.collect::<Vec<_>>().join(", ")
        }
    }
}

fn score_label(score: &Score, all: &[Score]) -> String {
    let whose = if score.of_teacher { "teacher: " } else { "" };
    let mut label = format!("{whose}{}", score.sensors.join(" + "));
    let is_plain = score.head.is_empty() || score.head == "fused" || score.sensors == [score.head.as_str()];
    if !is_plain {
        label.push_str(&format!(", head {}", score.head));
    }
    // What all have in common need not be said of each.
    let own = [&score.split, &score.missing, &score.dataset, &score.convention];
    let differs = |place: usize| {
        let of = |other: &Score| [&other.split, &other.missing, &other.dataset, &other.convention][place] != own[place];
        all.iter().any(of)
    };
    let words: Vec<&str> = (0..own.len()).filter(|&place| differs(place)).map(|place| own[place].as_str()).collect();
    if !words.is_empty() {
        label.push_str(&format!(" ({})", words.join(", ")));
    }
    label
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{Figure, StepReport};

    use super::*;
    use crate::look::Theme;

    #[test]
    fn terms_are_drawn_by_what_they_measure_whatever_they_are_called() {
        let terms = [
            ("total", Quantity::Loss),
            ("multimodal_contrast.cross", Quantity::Loss),
            ("multimodal_contrast.entries", Quantity::Count),
            ("inter_modal.student.thermal", Quantity::Correlation),
            ("exchange.channel.share", Quantity::Share),
            ("gradient_norm", Quantity::Norm),
        ];
        let terms = terms.map(|(name, quantity)| Figure::new(name, quantity, 0.5)).into();
        let mut curves = Curves::default();
        curves.push_steps(&[StepReport { step: 1, terms, ..StepReport::default() }]);
        let drawn = |quantity| -> Vec<String> {
            let curves = super::terms(&curves, quantity, &[], Tokens::of(Theme::Dark));
            assert!(curves.iter().all(|curve| curve.unit == Unit::Of(quantity)));
            curves.into_iter().map(|curve| curve.key).collect()
        };
        assert_eq!(drawn(Quantity::Loss), ["total", "multimodal_contrast.cross"]);
        assert_eq!(drawn(Quantity::Count), ["multimodal_contrast.entries"]);
        assert_eq!(drawn(Quantity::Correlation), ["inter_modal.student.thermal"]);
        assert_eq!(drawn(Quantity::Share), ["exchange.channel.share"]);
        assert_eq!(drawn(Quantity::Norm), ["gradient_norm"]);
        assert_eq!(drawn(Quantity::Rate), ["learning_rate"]);
        assert_eq!(drawn(Quantity::Time), ["step_secs"]);
    }

    #[test]
    fn splits_are_told_apart_by_stroke_and_caption_and_share_their_colours() {
        use fusionscope_engine::protocol::{EvaluationReport, SubsetScores};

        let evaluation = |split: &str, missing: &str| EvaluationReport {
            step: 10,
            split: split.to_owned(),
            missing: missing.to_owned(),
            subsets: [vec!["a", "b", "c"], vec!["a", "b"]]
                .map(|sensors| SubsetScores {
                    sensors: sensors.into_iter().map(str::to_owned).collect(),
                    head: "fused".to_owned(),
                    miou: Some(0.5),
                    ..SubsetScores::default()
                })
                .into(),
            ..EvaluationReport::default()
        };
        let mut curves = Curves::default();
        curves.push_evaluation(&evaluation("val", "drop"));
        assert_eq!(splits_caption(&curves), "val");
        curves.push_evaluation(&evaluation("test", "drop"));
        assert_eq!(splits_caption(&curves), "val solid, test dashed");
        let drawn = scores(&curves, "", &[], Tokens::of(Theme::Dark));
        let [val, val_two, test, test_two] = drawn.as_slice() else { panic!("{} curves", drawn.len()) };
        assert_eq!((val.stroke, test.stroke), (Stroke::Solid, Stroke::Dashed));
        assert_eq!((val.label.as_str(), test.label.as_str()), ("a + b + c (val)", "a + b + c (test)"));
        assert_eq!((val.colour, val_two.colour), (test.colour, test_two.colour));
        assert_ne!(val.colour, val_two.colour);
        curves.push_evaluation(&evaluation("test", "zeros"));
        let drawn = scores(&curves, "", &[], Tokens::of(Theme::Dark));
        assert_eq!(drawn[4].label, "a + b + c (test, zeros)");
        curves.push_evaluation(&EvaluationReport { of_teacher: true, ..evaluation("val", "drop") });
        let drawn = scores(&curves, "", &[], Tokens::of(Theme::Dark));
        assert_eq!(drawn[6].label, "teacher: a + b + c (val, drop)");
    }

    #[test]
    fn no_plain_line_wears_the_hue_of_a_sensor() {
        for theme in [Theme::Dark, Theme::Light] {
            let tokens = Tokens::of(theme);
            let taken = [tokens.sensor("colour"), tokens.sensor("thermal")];
            let mut place = 0;
            let mut given = Vec::new();
            for _ in 0..6 {
                let (colour, next) = unlike(&taken, tokens, place);
                place = next;
                given.push(colour);
            }
            assert!(given.iter().all(|colour| !taken.contains(colour)), "{theme:?}");
            assert!(given.windows(2).all(|pair| pair[0] != pair[1]), "{theme:?}");
        }
        for theme in [Theme::Dark, Theme::Light] {
            let tokens = Tokens::of(theme);
            let other = unlike(&[tokens.sensor("colour")], tokens, 2).0;
            assert_ne!(other, tokens.series(2), "{theme:?}: both are the same green to the eye");
        }
    }
}
