//! Class colours: a palette that colour-blind readers can tell apart, or the data set's own.

use std::collections::BTreeMap;

use egui::Color32;

/// The colours of a data set's classes, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClassColours(Vec<[u8; 3]>);

/// The first is a road or background grey; neighbours differ in lightness as well as hue, after the advice of Okabe,
/// Ito and Tol.
const SAFE: [u32; 20] = [
    0x5C_6068, 0xDD_CC77, 0xA9_9490, 0x2E_8B57, 0x88_CCEE, 0x1F_6FC5, 0xF2_5C4A, 0xB0_5CC6, 0xF5_E663, 0xF0_9A24,
    0x44_AA99, 0x3B_35A0, 0xCC_6677, 0x8A_8B2A, 0xE8_E8E8, 0x6B_3F1D, 0x9A_D8B0, 0xF4_B6C2, 0x0F_4C5C, 0xA8_A2D8,
];

impl ClassColours {
    /// The colour of a class; ids beyond the list have none and are shown like ignored pixels.
    pub fn get(&self, class: u8) -> Option<Color32> {
        self.0.get(usize::from(class)).map(|&[r, g, b]| Color32::from_rgb(r, g, b))
    }

    /// The same with some of them in other colours.
    pub fn with(mut self, own: &BTreeMap<u8, [u8; 3]>) -> Self {
        for (class, colour) in own {
            if let Some(place) = self.0.get_mut(usize::from(*class)) {
                *place = *colour;
            }
        }
        self
    }

    /// The same with so many more, which are safe ones.
    pub fn extended(mut self, by: usize) -> Self {
        let known = self.0.len();
        self.0.extend((known..known + by).map(safe_colour));
        self
    }

    /// The colours at these places, in their order.
    pub fn picked(&self, places: &[usize]) -> Self {
        Self(places.iter().filter_map(|&place| self.0.get(place).copied()).collect())
    }

    /// All of them, by class.
    pub fn all(&self) -> Vec<Color32> {
        self.0.iter().map(|&[r, g, b]| Color32::from_rgb(r, g, b)).collect()
    }

    /// How many classes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The colours of `count` classes: the data set's `own` ones if asked for and complete, else the safe palette.
pub fn class_colours(count: usize, own: Option<&[[u8; 3]]>) -> ClassColours {
    match own {
        Some(colours) if colours.len() >= count => ClassColours(colours[..count].to_vec()),
        _ => ClassColours((0..count).map(safe_colour).collect()),
    }
}

/// A colour at a share of its opacity.
pub fn with_alpha(colour: Color32, share: f32) -> Color32 {
    colour.gamma_multiply(share)
}

fn safe_colour(index: usize) -> [u8; 3] {
    if let Some(&hex) = SAFE.get(index) {
        return [(hex >> 16) as u8, (hex >> 8) as u8, hex as u8];
    }
    // Beyond the hand-picked ones: the golden angle in hue, three steps of lightness.
    let step = index - SAFE.len();
    let hue = (step as f32 * 0.381_966 + 0.07).fract();
    let value = [0.92, 0.62, 0.78][step % 3];
    let [r, g, b] = egui::ecolor::Hsva::new(hue, [0.55, 0.75, 0.4][step % 3], value, 1.0).to_srgb();
    [r, g, b]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn forty_classes_have_forty_colours() {
        let colours = class_colours(40, None);
        let different: BTreeSet<[u8; 3]> = colours.0.iter().copied().collect();
        assert_eq!(different.len(), 40);
        assert_eq!(colours.get(40), None);
    }

    #[test]
    fn the_data_sets_own_colours_are_used_only_when_complete() {
        let own = [[1, 2, 3], [4, 5, 6]];
        assert_eq!(class_colours(2, Some(&own)).get(1), Some(Color32::from_rgb(4, 5, 6)));
        assert_eq!(class_colours(3, Some(&own)), class_colours(3, None));
    }

    #[test]
    fn a_class_coloured_by_hand_leaves_the_others_as_they_are() {
        let before = class_colours(3, None);
        let after = before.clone().with(&BTreeMap::from([(1, [9, 8, 7]), (200, [1, 1, 1])]));
        assert_eq!(after.get(1), Some(Color32::from_rgb(9, 8, 7)));
        assert_eq!((after.get(0), after.get(2), after.len()), (before.get(0), before.get(2), 3));
    }
}
