//! Whether things can be told from what they stand on, by the measure of the Web Content Accessibility Guidelines.

use egui::{Color32, CornerRadius, Painter, Rect, Rgba, Stroke, StrokeKind};

use super::tokens::Tokens;

/// What a coloured square or bar needs beside its ground to be seen without a line around it.
const GRAPHIC: f32 = 2.0;

/// How much lighter the lighter of two opaque colours is, 1 to 21.
pub(super) fn contrast(one: Color32, other: Color32) -> f32 {
    let luminance = |colour: Color32| {
        let linear = Rgba::from(colour);
        0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// A square or bar in the colour of a class or curve, with a line around it where the theme's ground would swallow it.
pub fn fill_outlined(painter: &Painter, tokens: &Tokens, rect: Rect, radius: impl Into<CornerRadius>, colour: Color32) {
    let radius = radius.into();
    painter.rect_filled(rect, radius, colour);
    if contrast(colour, tokens.surface) < GRAPHIC {
        painter.rect_stroke(rect, radius, Stroke::new(1.0, tokens.weak), StrokeKind::Inside);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::Theme;
    use super::*;

    /// What text is asked to have: level AA.
    const TEXT: f32 = 4.5;
    /// What is asked of marks that carry meaning: level AA for graphics.
    const MARK: f32 = 3.0;

    fn both() -> [&'static Tokens; 2] {
        [Tokens::of(Theme::Dark), Tokens::of(Theme::Light)]
    }

    /// Surfaces that any text can stand on, by name.
    fn surfaces(tokens: &Tokens) -> [(&'static str, Color32); 9] {
        [
            ("surface", tokens.surface),
            ("strip", tokens.strip),
            ("raised", tokens.raised),
            ("hovered", tokens.hovered),
            ("field", tokens.field),
            ("overlay", tokens.overlay),
            ("picture", tokens.picture),
            ("accent_weak", tokens.accent_weak),
            ("warning_weak", tokens.warning_weak),
        ]
    }

    /// Every ink that words are written in. The faint one is also that of what cannot be pressed, which the guidelines
    /// exempt, and which is held to the same here; egui's own disabled controls are faded below it, and are exempt.
    fn inks(tokens: &Tokens) -> [(&'static str, Color32); 6] {
        [
            ("text", tokens.text),
            ("weak", tokens.weak),
            ("faint", tokens.faint),
            ("good", tokens.good),
            ("warning", tokens.warning),
            ("error", tokens.error),
        ]
    }

    #[test]
    fn every_ink_is_legible_on_every_surface_that_it_can_stand_on() {
        let mut found = Vec::new();
        for tokens in both() {
            let mut check = |ink: (&str, Color32), ground: (&str, Color32), wanted: f32| {
                let measured = contrast(ink.1, ground.1);
                if measured < wanted {
                    found.push(format!("{:?}: {} on {} has {measured:.2}", tokens.theme, ink.0, ground.0));
                }
            };
            for ink in inks(tokens) {
                for ground in surfaces(tokens) {
                    check(ink, ground, TEXT);
                }
            }
            // What is held down or chosen is written in these two alone, an error on its own ground in three.
            for ink in [("text", tokens.text), ("weak", tokens.weak)] {
                check(ink, ("pressed", tokens.pressed), TEXT);
                check(ink, ("error_weak", tokens.error_weak), TEXT);
            }
            check(("error", tokens.error), ("error_weak", tokens.error_weak), TEXT);
            for (name, ground) in [("surface", tokens.surface), ("strip", tokens.strip), ("overlay", tokens.overlay)] {
                check(("accent_ink", tokens.accent_ink), (name, ground), TEXT);
            }
            for (name, ground) in [("accent", tokens.accent), ("accent_hovered", tokens.accent_hovered)] {
                check(("on_accent", tokens.on_accent), (name, ground), TEXT);
            }
        }
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn words_on_pictures_are_legible_over_the_lightest_and_the_darkest_of_them() {
        for tokens in both() {
            for picture in [Color32::WHITE, Color32::BLACK] {
                let ground = picture.blend(tokens.scrim);
                assert!(contrast(tokens.on_picture, ground) >= TEXT, "{:?} on {picture:?}", tokens.theme);
            }
        }
    }

    #[test]
    fn the_ring_of_the_keys_is_seen_on_every_surface() {
        for tokens in both() {
            for (name, ground) in surfaces(tokens).into_iter().chain([("ground", tokens.ground)]) {
                assert!(contrast(tokens.accent_ink, ground) >= MARK, "{:?} on {name}", tokens.theme);
            }
        }
    }

    #[test]
    fn sensors_curves_and_the_accent_stand_out_from_panes() {
        for tokens in both() {
            let kinds =
                ["colour", "thermal", "depth", "disparity", "near-infrared", "lidar", "event", "polarisation", ""];
            let marks = kinds.iter().map(|kind| tokens.sensor(kind)).chain((0..8).map(|place| tokens.series(place)));
            for mark in marks.chain([tokens.accent]) {
                for ground in [tokens.surface, tokens.strip, tokens.field] {
                    assert!(contrast(mark, ground) >= MARK, "{:?}: {mark:?} on {ground:?}", tokens.theme);
                }
            }
        }
    }

    #[test]
    fn the_line_around_pale_colours_is_itself_seen() {
        for tokens in both() {
            assert!(contrast(tokens.weak, tokens.surface) >= MARK);
        }
        assert!(contrast(Color32::from_rgb(0xE8, 0xE8, 0xE8), Tokens::of(Theme::Light).surface) < GRAPHIC);
        assert!(contrast(Color32::from_rgb(0xE8, 0xE8, 0xE8), Tokens::of(Theme::Dark).surface) > GRAPHIC);
    }

    #[test]
    fn contrast_is_measured_as_the_guidelines_say() {
        assert!((contrast(Color32::WHITE, Color32::BLACK) - 21.0).abs() < 0.01);
        assert!((contrast(Color32::from_gray(0x77), Color32::WHITE) - 4.48).abs() < 0.01);
    }
}
