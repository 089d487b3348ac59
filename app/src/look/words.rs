//! Numbers for people, with sensible digits, and names for people.

use egui::Color32;
pub use fusionscope_engine::protocol::{counted, percent, share, significant, whole as count};
use fusionscope_engine::recipe::catalogue;

use super::tokens::Tokens;

/// A duration as `1:58` or `2:03:10`.
pub fn clock(secs: f64) -> String {
    let secs = if secs.is_finite() { secs.max(0.0).round() as u64 } else { 0 };
    let (hours, minutes, seconds) = (secs / 3600, secs / 60 % 60, secs % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// By how many points a share in per cent has grown, `+1.2`, and in what it is written.
pub fn points(tokens: &Tokens, points: f64) -> (String, Color32) {
    let (sign, ink) = match points {
        0.05.. => ("+", tokens.good),
        ..=-0.05 => ("−", tokens.error),
        _ => ("±", tokens.weak),
    };
    (format!("{sign}{:.1}", points.abs()), ink)
}

/// A duration as people guess it: `40 seconds`, `2 minutes`, `1.5 hours`.
pub fn roughly(secs: f64) -> String {
    let secs = if secs.is_finite() { secs.max(0.0) } else { 0.0 };
    if secs < 50.0 {
        counted((secs / 10.0).ceil().max(1.0) as u64 * 10, "second")
    } else if secs < 5400.0 {
        counted((secs / 60.0).round().max(1.0) as u64, "minute")
    } else {
        format!("{:.1} hours", secs / 3600.0)
    }
}

/// Parts that the papers, too, call by letters alone.
const ABBREVIATIONS: [&str; 6] = ["fdam", "mff", "mfml", "mml", "psl", "sci"];

/// What a probe's map shows: `exchange.spatial.mask` is the `spatial exchange mask`, `gsu.gate.first` the `gate colour`
/// of a network whose first sensor is the colour camera.
pub fn probe_words(probe: &str, sensors: &[String]) -> String {
    if let Some(gate) = probe.strip_prefix("gsu.gate.") {
        let sensor = match gate {
            "first" => sensors.first(),
            "second" => sensors.get(1),
            _ => None,
        };
        return format!("gate {}", sensor.map_or(gate, String::as_str));
    }
    if let Some((kind, of)) = probe.strip_prefix("explain.").map(|rest| rest.split_once('.').unwrap_or((rest, ""))) {
        let words = match kind {
            "gradcam" => "Grad-CAM",
            "region" => "loss without the region in",
            "answer" => "answer without the region in",
            "drop" => "loss without",
            "share" => "share of",
            other => other,
        };
        return format!("{words} {of}").trim().to_owned();
    }
    if let Some((part, rest)) = probe.split_once('.').filter(|(part, _)| ABBREVIATIONS.contains(part)) {
        return format!("{} {}", part.to_uppercase(), rest.trim_end_matches(".*").replace(['.', '_', '-'], " "));
    }
    let component = catalogue().iter().find(|component| component.offers(probe));
    let (title, rest) = match component {
        Some(component) if probe.starts_with(component.id) => {
            (component.title.to_lowercase(), &probe[component.id.len()..])
        }
        _ => (String::new(), probe),
    };
    format!("{title}{}", rest.trim_end_matches(".*").replace(['.', '_', '-'], " ")).trim().to_owned()
}

/// A short duration, `38 ms` or `1.2 s`.
pub fn milliseconds(millis: f32) -> String {
    if millis < 1000.0 { format!("{millis:.0} ms") } else { format!("{:.1} s", millis / 1000.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::Theme;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(clock(118.2), "1:58");
        assert_eq!(clock(7390.0), "2:03:10");
        assert_eq!(clock(f64::NAN), "0:00");
        assert_eq!(count(1_204), "1,204");
        assert_eq!(count(999), "999");
        assert_eq!(milliseconds(37.8), "38 ms");
        let guesses = [3.0, 44.0, 55.0, 114.0, 5400.0].map(roughly);
        assert_eq!(guesses, ["10 seconds", "50 seconds", "1 minute", "2 minutes", "1.5 hours"]);
    }

    #[test]
    fn a_change_that_rounds_to_nothing_is_neither_good_nor_bad() {
        let tokens = Tokens::of(Theme::Dark);
        assert_eq!(points(tokens, 1.24), ("+1.2".to_owned(), tokens.good));
        assert_eq!(points(tokens, -0.06), ("−0.1".to_owned(), tokens.error));
        assert_eq!(points(tokens, -0.04), ("±0.0".to_owned(), tokens.weak));
        assert_eq!(points(tokens, f64::NAN).1, tokens.weak);
    }

    #[test]
    fn probes_are_called_by_their_component_and_sensor() {
        let sensors = ["colour".to_owned(), "thermal".to_owned()];
        assert_eq!(probe_words("exchange.spatial.mask", &sensors), "spatial exchange mask");
        assert_eq!(probe_words("gsu.gate.second", &sensors), "gate thermal");
        assert_eq!(probe_words("gsu.gate.sum", &sensors), "gate sum");
        assert_eq!(probe_words("mml.mask.intra.thermal", &sensors), "MML mask intra thermal");
        assert_eq!(probe_words("mff.similarity.colour", &sensors), "MFF similarity colour");
        assert_eq!(probe_words("explain.gradcam.fused", &sensors), "Grad-CAM fused");
        assert_eq!(probe_words("explain.drop.thermal", &sensors), "loss without thermal");
        assert_eq!(probe_words("another.map_of", &[]), "another map of");
    }
}
