//! One curve as it is drawn: its points, its words and its colour.

use egui::Color32;
use egui::ecolor::Hsva;
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
        }
    })
    .collect()
}

/// The mean IoU of every subset of the sensors, on one condition tag.
pub fn scores<'a>(curves: &'a Curves, tag: &str, sensors: &[ModalitySummary], tokens: &Tokens) -> Vec<Curve<'a>> {
    let all = curves.scores();
    let has_splits = all.iter().any(|score| score.split != all[0].split);
    let mut plain = 0;
    let own = all.iter().filter(|score| score.tag == tag);
    own.map(|score| {
        let colour = match score.sensors.as_slice() {
            [only] => tokens.sensor_named(only, sensors),
            _ if is_score_of_all(score, all) => Some(tokens.fused),
            _ => None,
        };
        let colour = colour.unwrap_or_else(|| {
            plain += 1;
            tokens.series(plain)
        });
        Curve {
            key: score.key(),
            label: score_label(score, has_splits),
            series: &score.series,
            colour,
            unit: Unit::PerCent,
            has_dots: true,
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

fn score_label(score: &Score, has_splits: bool) -> String {
    let mut label = score.sensors.join(" + ");
    let is_plain = score.head.is_empty() || score.head == "fused" || score.sensors == [score.head.as_str()];
    if !is_plain {
        label.push_str(&format!(", head {}", score.head));
    }
    if has_splits {
        label.push_str(&format!(" ({})", score.split));
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
