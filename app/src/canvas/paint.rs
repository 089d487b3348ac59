//! From a frame's bytes to colours.

use egui::{Color32, ColorImage};
use fusionscope_engine::protocol::{Frame, Pixels};

use super::tone::IDENTITY;
use crate::look::{ClassColours, ScalarMap, Tokens};

/// How a frame is coloured.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ink {
    /// Class colours for label maps.
    pub colours: ClassColours,
    /// For each class id whether it is drawn; ids beyond it are.
    pub visible: Vec<bool>,
    /// What the words of a categorical map are drawn in, in their order.
    pub categories: Vec<Color32>,
    /// The map for scalars.
    pub map: ScalarMap,
    /// What each byte of a scalar map or a photograph is drawn as.
    pub tone: [u8; 256],
    /// Whether the dark tokens are in use.
    pub dark: bool,
}

impl Ink {
    /// The frame as an image. A frame whose byte count does not fit its size gives one empty pixel.
    pub fn image(&self, frame: &Frame, tokens: &Tokens) -> ColorImage {
        let size = [frame.width as usize, frame.height as usize];
        let count = size[0] * size[1];
        let blank = || ColorImage::filled([1, 1], tokens.picture);
        let coloured = |bytes: &[u8], table: &[Color32; 256]| {
            if bytes.len() != count || count == 0 {
                return blank();
            }
            ColorImage::new(size, bytes.iter().map(|&byte| table[usize::from(byte)]).collect())
        };
        match &frame.pixels {
            Pixels::Rgba(bytes) if bytes.len() == count * 4 && count > 0 && self.tone == IDENTITY => {
                ColorImage::from_rgba_premultiplied(size, bytes)
            }
            Pixels::Rgba(bytes) if bytes.len() == count * 4 && count > 0 => {
                let mut toned = bytes.clone();
                for pixel in toned.chunks_exact_mut(4) {
                    for byte in &mut pixel[..3] {
                        *byte = self.tone[usize::from(*byte)];
                    }
                }
                ColorImage::from_rgba_premultiplied(size, &toned)
            }
            Pixels::Rgba(_) => blank(),
            Pixels::Labels { ids, .. } => coloured(ids, &self.label_table()),
            Pixels::Scalar { values, has_holes: false, .. } => coloured(values, &self.toned(self.map.table())),
            Pixels::Scalar { values, has_holes: true, .. } => {
                coloured(values, &self.toned(&self.table_with_holes(tokens)))
            }
            Pixels::Categories { ids, .. } => {
                coloured(ids, &std::array::from_fn(|id| self.categories.get(id).copied().unwrap_or(tokens.hairline)))
            }
            Pixels::Errors(errors) => coloured(errors, &error_table(tokens)),
        }
    }

    fn toned(&self, table: &[Color32; 256]) -> [Color32; 256] {
        self.tone.map(|byte| table[usize::from(byte)])
    }

    /// The map from 1 on; what was not measured is neutral, so that it is not taken for the smallest value.
    fn table_with_holes(&self, tokens: &Tokens) -> [Color32; 256] {
        let map = self.map.table();
        std::array::from_fn(|byte| match byte {
            0 => tokens.no_value,
            byte => map[((byte - 1) * 255 + 127) / 254],
        })
    }

    /// What each id is drawn with; hidden, ignored and unknown ids are left out, so that what lies below is seen.
    fn label_table(&self) -> [Color32; 256] {
        std::array::from_fn(|id| {
            let drawn = self.visible.get(id).copied().unwrap_or(true);
            match self.colours.get(id as u8) {
                Some(colour) if drawn => colour,
                _ => Color32::TRANSPARENT,
            }
        })
    }
}

fn error_table(tokens: &Tokens) -> [Color32; 256] {
    std::array::from_fn(|state| match state {
        0 => tokens.raised,
        1 => tokens.error,
        _ => Color32::TRANSPARENT,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::{Theme, class_colours};

    fn ink() -> Ink {
        Ink {
            colours: class_colours(3, None),
            visible: vec![true, false, true],
            categories: Vec::new(),
            map: ScalarMap::Viridis,
            tone: IDENTITY,
            dark: true,
        }
    }

    #[test]
    fn hidden_and_ignored_classes_are_see_through() {
        let pixels = Pixels::Labels { ids: vec![0, 1, 2, 255], confidence: Vec::new() };
        let image = ink().image(&Frame { width: 2, height: 2, pixels }, Tokens::of(Theme::Dark));
        assert_eq!(image.pixels[1], Color32::TRANSPARENT);
        assert_eq!(image.pixels[3], Color32::TRANSPARENT);
        assert_eq!(image.pixels[2], class_colours(3, None).get(2).unwrap());
    }

    #[test]
    fn what_was_not_measured_is_neutral_and_the_rest_runs_through_the_whole_map() {
        let tokens = Tokens::of(Theme::Dark);
        let pixels =
            Pixels::Scalar { values: vec![0, 1, 128, 255], low: 0.0, high: 1.0, unit: String::new(), has_holes: true };
        let image = ink().image(&Frame { width: 2, height: 2, pixels }, tokens);
        let map = ScalarMap::Viridis.table();
        assert_eq!(image.pixels, [tokens.no_value, map[0], map[128], map[255]]);
    }

    #[test]
    fn a_tone_brightens_maps_and_photographs_and_neither_holes_nor_opacity() {
        let tokens = Tokens::of(Theme::Dark);
        let bright = Ink { tone: std::array::from_fn(|byte| if byte == 0 { 0 } else { 255 }), ..ink() };
        let pixels =
            Pixels::Scalar { values: vec![0, 1, 128, 255], low: 0.0, high: 1.0, unit: String::new(), has_holes: true };
        let image = bright.image(&Frame { width: 2, height: 2, pixels }, tokens);
        let end = ScalarMap::Viridis.table()[255];
        assert_eq!(image.pixels, [tokens.no_value, end, end, end]);
        let image = bright.image(&Frame { width: 1, height: 1, pixels: Pixels::Rgba(vec![0, 9, 255, 255]) }, tokens);
        assert_eq!(image.pixels[0].to_array(), [0, 255, 255, 255]);
    }

    #[test]
    fn a_frame_with_too_few_bytes_does_no_harm() {
        for pixels in [
            Pixels::Rgba(vec![1; 7]),
            Pixels::Errors(Vec::new()),
            Pixels::Labels { ids: vec![0; 3], confidence: Vec::new() },
        ] {
            let image = ink().image(&Frame { width: 2, height: 2, pixels }, Tokens::of(Theme::Light));
            assert_eq!(image.size, [1, 1]);
        }
    }
}
