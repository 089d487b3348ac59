//! How large the user wants everything to be drawn.

use serde::{Deserialize, Serialize};

/// The size of text, and of all that stands around it, in per cent of the designed one: 80 to 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u16", into = "u16")]
pub struct TextSize(u16);

/// A change of the size of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextStep {
    /// The next larger size.
    #[default]
    Larger,
    /// The next smaller size.
    Smaller,
    /// As designed.
    Usual,
}

impl TextStep {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Larger, Self::Smaller, Self::Usual];
}

impl TextSize {
    /// The sizes to choose from, in per cent.
    const STEPS: [u16; 9] = [80, 90, 100, 110, 125, 140, 160, 180, 200];

    /// In per cent of the designed size.
    pub fn per_cent(self) -> u16 {
        self.0
    }

    /// As a factor.
    pub fn scale(self) -> f32 {
        f32::from(self.0) / 100.0
    }

    /// The size after this change; the same where there is none beyond it.
    #[must_use]
    pub fn stepped(self, step: TextStep) -> Self {
        let next = match step {
            TextStep::Larger => Self::STEPS.into_iter().find(|size| *size > self.0),
            TextStep::Smaller => Self::STEPS.into_iter().rev().find(|size| *size < self.0),
            TextStep::Usual => return Self::default(),
        };
        next.map_or(self, Self)
    }
}

impl Default for TextSize {
    fn default() -> Self {
        Self(100)
    }
}

impl From<u16> for TextSize {
    fn from(per_cent: u16) -> Self {
        Self(per_cent.clamp(80, 200))
    }
}

impl From<TextSize> for u16 {
    fn from(TextSize(per_cent): TextSize) -> Self {
        per_cent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_grows_to_twice_and_shrinks_to_four_fifths_and_no_further() {
        let after = |step: TextStep, times: usize| (0..times).fold(TextSize::default(), |size, _| size.stepped(step));
        assert_eq!(after(TextStep::Larger, 1).per_cent(), 110);
        assert_eq!(after(TextStep::Larger, 50).per_cent(), 200);
        assert_eq!(after(TextStep::Smaller, 50).per_cent(), 80);
        assert_eq!(after(TextStep::Larger, 3).stepped(TextStep::Usual), TextSize::default());
    }

    #[test]
    fn a_kept_size_out_of_range_is_the_nearest_one() {
        assert_eq!(serde_json::from_str::<TextSize>("5000").unwrap().per_cent(), 200);
        assert_eq!(serde_json::from_str::<TextSize>("1").unwrap().per_cent(), 80);
    }
}
