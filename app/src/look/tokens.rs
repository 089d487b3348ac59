//! Design tokens: every colour and distance, for both themes.

use egui::Color32;
use fusionscope_engine::protocol::{DISAGREEMENT, ModalitySummary, OUTCOME};
use serde::{Deserialize, Serialize};

/// Dark for work beside pictures, light for projectors and papers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// Neutral greys that leave pictures alone.
    #[default]
    Dark,
    /// The same on white.
    Light,
}

impl Theme {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
        }
    }
}

/// Distances in points, on a grid of 4.
pub mod space {
    /// Between things that belong together.
    pub const XS: f32 = 4.0;
    /// Between controls.
    pub const S: f32 = 8.0;
    /// Inside panes.
    pub const M: f32 = 12.0;
    /// Between groups.
    pub const L: f32 = 16.0;
    /// The height of a row and of a button.
    pub const ROW: f32 = 24.0;
    /// The height of the bar at the top.
    pub const BAR: f32 = 44.0;
    /// The radius of corners.
    pub const RADIUS: u8 = 4;
}

/// The three text sizes in points.
pub mod size {
    /// Captions, stamps, axes.
    pub const SMALL: f32 = 11.0;
    /// Everything else.
    pub const BODY: f32 = 12.5;
    /// The name of a thing that stands alone.
    pub const TITLE: f32 = 16.0;
}

/// The colours of one theme.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    /// Which theme these are.
    pub theme: Theme,
    /// Behind panes: the gaps between them.
    pub ground: Color32,
    /// Panes and the bar.
    pub surface: Color32,
    /// Strips within a pane: tab bars, table heads, the legend.
    pub strip: Color32,
    /// Buttons and chips at rest.
    pub raised: Color32,
    /// Buttons and chips under the pointer.
    pub hovered: Color32,
    /// Buttons and chips held down.
    pub pressed: Color32,
    /// Text fields and plot areas.
    pub field: Color32,
    /// Menus, cards and dialogs.
    pub overlay: Color32,
    /// Behind pictures: exactly neutral.
    pub picture: Color32,
    /// Places of a picture where nothing was measured: neutral, and unlike the ends of every colour map.
    pub no_value: Color32,
    /// Thin lines between things.
    pub hairline: Color32,
    /// Thin lines that must be seen: outlines of fields and focus.
    pub outline: Color32,
    /// Text.
    pub text: Color32,
    /// Text that explains.
    pub weak: Color32,
    /// Text that may be overlooked, and disabled things.
    pub faint: Color32,
    /// The one accent: the main button, focus, what is chosen.
    pub accent: Color32,
    /// The accent under the pointer.
    pub accent_hovered: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// A breath of the accent behind what is chosen.
    pub accent_weak: Color32,
    /// The accent in words, and the ring around what has the keys.
    pub accent_ink: Color32,
    /// All is well.
    pub good: Color32,
    /// Something was left out.
    pub warning: Color32,
    /// Behind a warning.
    pub warning_weak: Color32,
    /// Something failed.
    pub error: Color32,
    /// Behind an error.
    pub error_weak: Color32,
    /// Fused results, which belong to no sensor.
    pub fused: Color32,
    /// The dark line around marks that lie on pictures.
    pub on_picture_dark: Color32,
    /// The light line of marks that lie on pictures.
    pub on_picture: Color32,
    /// Behind text that lies on pictures.
    pub scrim: Color32,
    /// The shadow of menus and cards.
    pub shadow: Color32,
    sensors: [Color32; 9],
}

const fn grey(level: u8) -> Color32 {
    Color32::from_gray(level)
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

impl Tokens {
    /// The tokens of a theme.
    pub const fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }

    /// The hue of a sensor, by the kind in its manifest. `fused` and the empty kind are neutral.
    pub fn sensor(&self, kind: &str) -> Color32 {
        let place = match kind {
            "colour" => 0,
            "thermal" => 1,
            "depth" => 2,
            "disparity" => 3,
            "near-infrared" => 4,
            "lidar" => 5,
            "event" => 6,
            "polarisation" => 7,
            "" | "fused" => return self.fused,
            _ => 8,
        };
        self.sensors[place]
    }

    /// The hue of the sensor of this name among these: that of its kind. Where several are of one kind, the first of
    /// their names wears it, the others lighter or darker tones of it, so that no order of theirs matters. A name that
    /// is none of theirs and is a kind's has that kind's hue.
    pub fn sensor_named(&self, name: &str, sensors: &[ModalitySummary]) -> Option<Color32> {
        let Some(own) = sensors.iter().find(|sensor| sensor.name == name) else {
            let is_kind = self.sensor(name) != self.fused && self.sensor(name) != self.sensor("other");
            return is_kind.then(|| self.sensor(name));
        };
        let before = sensors.iter().filter(|other| other.kind == own.kind && other.name < own.name).count();
        // Away from the ground, so that it stands out more and not less.
        let away = match self.theme {
            Theme::Dark => Color32::WHITE,
            Theme::Light => Color32::BLACK,
        };
        Some(self.sensor(&own.kind).lerp_to_gamma(away, (0.3 * before as f32).min(0.6)))
    }

    /// What the words of a legend are drawn in: the hue of a sensor where one of these is called so.
    pub fn categories(&self, legend: &[String], sensors: &[ModalitySummary]) -> Vec<Color32> {
        if legend == DISAGREEMENT {
            return vec![self.picture, self.good, self.warning, self.error, self.faint];
        }
        if legend == OUTCOME {
            return vec![self.picture, self.good, self.error, self.warning, self.faint];
        }
        let colour =
            |(place, word): (usize, &String)| self.sensor_named(word, sensors).unwrap_or_else(|| self.series(place));
        legend.iter().enumerate().map(colour).collect()
    }

    /// A colour for the n-th of several lines that belong to no sensor, such as loss terms. Repeats after eight.
    pub fn series(&self, index: usize) -> Color32 {
        let series: [u32; 8] = match self.theme {
            Theme::Dark => [0x8F_B7FF, 0xF0_B35E, 0x7A_D3B0, 0xE8_8FA6, 0xB9_A6F5, 0xD9_D06B, 0x6F_CBDD, 0xC9_A284],
            Theme::Light => [0x2B_5FC4, 0xB0_6A00, 0x0F_7F5C, 0xB3_3A5B, 0x6A_4FC0, 0x80_7600, 0x0B_7A8F, 0x86_593A],
        };
        rgb(series[index % series.len()])
    }
}

static DARK: Tokens = Tokens {
    theme: Theme::Dark,
    ground: grey(13),
    surface: grey(24),
    strip: grey(30),
    raised: grey(40),
    hovered: grey(48),
    pressed: grey(60),
    field: grey(17),
    overlay: grey(34),
    picture: grey(17),
    no_value: grey(58),
    hairline: grey(44),
    outline: grey(72),
    text: grey(228),
    weak: grey(178),
    faint: grey(156),
    accent: rgb(0x29_65E6),
    accent_hovered: rgb(0x35_6EEB),
    on_accent: grey(255),
    accent_weak: rgb(0x1B_2E4C),
    accent_ink: rgb(0x5A_98FA),
    good: rgb(0x4F_C08D),
    warning: rgb(0xE8_B44C),
    warning_weak: rgb(0x3A_2F17),
    error: rgb(0xF4_8080),
    error_weak: rgb(0x42_2020),
    fused: grey(214),
    on_picture_dark: Color32::from_black_alpha(150),
    on_picture: grey(245),
    scrim: Color32::from_black_alpha(170),
    shadow: Color32::from_black_alpha(120),
    sensors: [
        rgb(0x3F_B98C),
        rgb(0xF0_7F45),
        rgb(0xA3_8CF4),
        rgb(0xC3_A8F0),
        rgb(0xE0_82B8),
        rgb(0x45_C6DA),
        rgb(0xE2_C544),
        rgb(0xA9_CE5B),
        rgb(0xB4_A89A),
    ],
};

static LIGHT: Tokens = Tokens {
    theme: Theme::Light,
    ground: grey(222),
    surface: grey(252),
    strip: grey(245),
    raised: grey(236),
    hovered: grey(227),
    pressed: grey(214),
    field: grey(255),
    overlay: grey(255),
    picture: grey(238),
    no_value: grey(206),
    hairline: grey(222),
    outline: grey(176),
    text: grey(26),
    weak: grey(78),
    faint: grey(98),
    accent: rgb(0x1F_63D6),
    accent_hovered: rgb(0x2A_6FE6),
    on_accent: grey(255),
    accent_weak: rgb(0xDC_E8FC),
    accent_ink: rgb(0x1F_63D6),
    good: rgb(0x0A_6B45),
    warning: rgb(0x86_5400),
    warning_weak: rgb(0xFB_F0D6),
    error: rgb(0xB0_2626),
    error_weak: rgb(0xFB_E4E4),
    fused: grey(60),
    on_picture_dark: Color32::from_black_alpha(150),
    on_picture: grey(250),
    scrim: Color32::from_black_alpha(150),
    shadow: Color32::from_black_alpha(40),
    sensors: [
        rgb(0x0E_8A5F),
        rgb(0xCC_5418),
        rgb(0x6D_50D0),
        rgb(0x94_62C4),
        rgb(0xB5_4487),
        rgb(0x0B_8299),
        rgb(0x92_7A00),
        rgb(0x5C_8410),
        rgb(0x77_6A5C),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::contrast::contrast;

    #[test]
    fn what_lies_behind_pictures_is_neutral() {
        for theme in [Theme::Dark, Theme::Light] {
            let tokens = Tokens::of(theme);
            for colour in [tokens.ground, tokens.surface, tokens.picture, tokens.strip] {
                assert_eq!((colour.r(), colour.g()), (colour.g(), colour.b()), "{theme:?}");
            }
        }
    }

    #[test]
    fn a_sensor_keeps_its_colour_from_data_set_to_data_set_whatever_their_order() {
        let sensor = |(name, kind): (&str, &str)| ModalitySummary {
            name: name.to_owned(),
            kind: kind.to_owned(),
            ..Default::default()
        };
        let two = [("left", "colour"), ("right", "colour"), ("heat", "thermal")].map(sensor);
        let turned = [("heat", "thermal"), ("right", "colour"), ("left", "colour")].map(sensor);
        for theme in [Theme::Dark, Theme::Light] {
            let tokens = Tokens::of(theme);
            for name in ["left", "right", "heat"] {
                assert_eq!(tokens.sensor_named(name, &two), tokens.sensor_named(name, &turned), "{name}");
            }
            assert_ne!(tokens.sensor_named("left", &two), tokens.sensor_named("right", &two));
            assert_eq!(tokens.sensor_named("heat", &two), Some(tokens.sensor("thermal")));
            assert_eq!(tokens.sensor_named("thermal", &[]), Some(tokens.sensor("thermal")), "a run of other data");
            assert_eq!(tokens.sensor_named("gate", &two), None);
            let right = tokens.sensor_named("right", &two).unwrap();
            assert!(contrast(right, tokens.surface) > 3.0, "{theme:?}");
        }
    }

    #[test]
    fn each_kind_of_sensor_has_a_hue_of_its_own() {
        for theme in [Theme::Dark, Theme::Light] {
            let tokens = Tokens::of(theme);
            let kinds =
                ["colour", "thermal", "depth", "disparity", "near-infrared", "lidar", "event", "polarisation", "radar"];
            for (place, kind) in kinds.iter().enumerate() {
                for other in &kinds[place + 1..] {
                    assert_ne!(tokens.sensor(kind), tokens.sensor(other), "{kind} and {other}");
                }
            }
        }
    }
}
