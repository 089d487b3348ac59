//! Colour maps for scalar pictures, as tables of 256 colours.

use std::sync::LazyLock;

use egui::Color32;

/// How a scalar becomes a colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ScalarMap {
    /// Dark violet over green to yellow: the default.
    #[default]
    Viridis,
    /// Black over red to white heat: thermal images.
    Inferno,
    /// Blue over white to red, for values around zero.
    Diverging,
    /// Black to white.
    Grey,
}

const VIRIDIS: [u32; 10] =
    [0x44_0154, 0x48_2878, 0x3E_4A89, 0x31_688E, 0x26_828E, 0x1F_9E89, 0x35_B779, 0x6D_CD59, 0xB4_DE2C, 0xFD_E725];
const INFERNO: [u32; 10] =
    [0x00_0004, 0x1B_0C42, 0x4B_0C6B, 0x78_1C6D, 0xA5_2C60, 0xCF_4446, 0xED_6925, 0xFB_9A06, 0xF7_D03C, 0xFC_FFA4];
const DIVERGING: [u32; 9] =
    [0x21_66AC, 0x43_93C3, 0x92_C5DE, 0xD1_E5F0, 0xF7_F7F7, 0xFD_DBC7, 0xF4_A582, 0xD6_604D, 0xB2_182B];
const GREY: [u32; 2] = [0x00_0000, 0xFF_FFFF];

static TABLES: LazyLock<[[Color32; 256]; 4]> =
    LazyLock::new(|| [table_of(&VIRIDIS), table_of(&INFERNO), table_of(&DIVERGING), table_of(&GREY)]);

impl ScalarMap {
    /// The 256 colours, low to high.
    pub fn table(self) -> &'static [Color32; 256] {
        &TABLES[match self {
            Self::Viridis => 0,
            Self::Inferno => 1,
            Self::Diverging => 2,
            Self::Grey => 3,
        }]
    }
}

/// The map that suits a sensor, by its kind, or a probe whose values run from `low` to `high`.
pub fn map_for(kind: &str, low: f32, high: f32) -> ScalarMap {
    match kind {
        "thermal" => ScalarMap::Inferno,
        "near-infrared" | "colour" => ScalarMap::Grey,
        _ if low < 0.0 && high > 0.0 => ScalarMap::Diverging,
        _ => ScalarMap::Viridis,
    }
}

fn table_of(anchors: &[u32]) -> [Color32; 256] {
    let channel = |hex: u32, shift: u32| f32::from((hex >> shift) as u8);
    std::array::from_fn(|index| {
        let place = index as f32 / 255.0 * (anchors.len() - 1) as f32;
        let left = (place as usize).min(anchors.len() - 2);
        let share = place - left as f32;
        let mix = |shift| {
            let (from, to) = (channel(anchors[left], shift), channel(anchors[left + 1], shift));
            (from + (to - from) * share).round() as u8
        };
        Color32::from_rgb(mix(16), mix(8), mix(0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lightness(colour: Color32) -> f32 {
        let linear = egui::Rgba::from(colour);
        0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
    }

    #[test]
    fn sequential_maps_grow_lighter_all_the_way() {
        for map in [ScalarMap::Viridis, ScalarMap::Inferno, ScalarMap::Grey] {
            let table = map.table();
            for pair in table.windows(2) {
                assert!(lightness(pair[1]) >= lightness(pair[0]) - 0.002, "{map:?}");
            }
        }
    }

    #[test]
    fn signed_values_diverge_around_zero() {
        assert_eq!(map_for("event", -1.0, 1.0), ScalarMap::Diverging);
        assert_eq!(map_for("depth", 0.5, 80.0), ScalarMap::Viridis);
        let middle = ScalarMap::Diverging.table()[128];
        assert!(middle.r() > 235 && middle.b() > 235, "{middle:?}");
    }
}
