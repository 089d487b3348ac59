//! The letters of drawings: those of the window.

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider as _};
use vello_cpu::kurbo::{Affine, BezPath};

/// How strong letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// For reading.
    Regular,
    /// For heads.
    Semibold,
}

const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/Inter-Regular.ttf");
const SEMIBOLD: &[u8] = include_bytes!("../../../assets/fonts/Inter-SemiBold.ttf");

impl Weight {
    /// As numbers of SVG and CSS.
    pub(super) fn number(self) -> u32 {
        match self {
            Self::Regular => 400,
            Self::Semibold => 600,
        }
    }

    fn font(self) -> Option<FontRef<'static>> {
        let bytes = match self {
            Self::Regular => REGULAR,
            Self::Semibold => SEMIBOLD,
        };
        FontRef::new(bytes).ok()
    }

    /// How wide a text is in letters of that size.
    pub fn width(self, text: &str, size: f64) -> f64 {
        self.letters(text, size).map(|(_, advance)| advance).sum()
    }

    /// As much of a text as has room, with a mark of omission where that is not all.
    pub fn elided(self, text: &str, size: f64, room: f64) -> String {
        if self.width(text, size) <= room {
            return text.to_owned();
        }
        let mut kept = String::new();
        let mut used = self.width("…", size);
        for (letter, (_, advance)) in text.chars().zip(self.letters(text, size)) {
            used += advance;
            if used > room {
                break;
            }
            kept.push(letter);
        }
        format!("{}…", kept.trim_end())
    }

    /// A text in lines that have room, broken between words.
    pub fn lines(self, text: &str, size: f64, room: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), size) <= room => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(self.elided(word, size, room)),
            }
        }
        lines
    }

    /// Whether all of a text's letters are known; others are drawn as boxes.
    pub(super) fn knows(self, text: &str) -> bool {
        self.font().is_some_and(|font| text.chars().all(|letter| font.charmap().map(letter).is_some()))
    }

    /// The numbers of a text's letters, and where each begins in letters of that size.
    pub(super) fn placed(self, text: &str, size: f64) -> Vec<(u32, f64)> {
        let mut end = 0.0;
        let place = |(glyph, advance): (GlyphId, f64)| {
            let begin = end;
            end += advance;
            (glyph.to_u32(), begin)
        };
        self.letters(text, size).map(place).collect()
    }

    /// The outline of the letter of this number on a base line at 0, in letters of the size [`EM`]; empty for a space.
    pub(super) fn outline(self, number: u32) -> BezPath {
        let mut pen = Pen { path: BezPath::new() };
        let settings = DrawSettings::unhinted(Size::new(EM as f32), LocationRef::default());
        let outline = self.font().and_then(|font| font.outline_glyphs().get(GlyphId::new(number)));
        let _space = outline.map(|outline| outline.draw(settings, &mut pen));
        pen.path
    }

    /// The outlines of a text that begins at 0 on a base line at 0.
    pub(super) fn outlines(self, text: &str, size: f64) -> BezPath {
        let mut path = BezPath::new();
        for (number, begin) in self.placed(text, size) {
            path.extend(Affine::translate((begin, 0.0)) * Affine::scale(size / EM) * self.outline(number));
        }
        path
    }

    /// The glyph of each letter and how far the next one is.
    fn letters(self, text: &str, size: f64) -> impl Iterator<Item = (GlyphId, f64)> {
        let found: Vec<(GlyphId, f64)> = self.font().map_or_else(Vec::new, |font| {
            let (known, metrics) = (font.charmap(), font.glyph_metrics(Size::new(size as f32), LocationRef::default()));
            let of = |letter: char| {
                let glyph = known.map(letter).unwrap_or_default();
                (glyph, f64::from(metrics.advance_width(glyph).unwrap_or_default()))
            };
            text.chars().map(of).collect()
        });
        found.into_iter()
    }
}

/// The size of letters whose outlines are whole numbers, nearly: as the window's letters are made.
pub(super) const EM: f64 = 2048.0;

/// Follows outlines, whose y goes upwards.
struct Pen {
    path: BezPath,
}

fn place(x: f32, y: f32) -> (f64, f64) {
    (f64::from(x), -f64::from(y))
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(place(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(place(x, y));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.path.quad_to(place(cx, cy), place(x, y));
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.path.curve_to(place(cx0, cy0), place(cx1, cy1), place(x, y));
    }

    fn close(&mut self) {
        self.path.close_path();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_wide_as_its_letters_and_grows_with_their_size() {
        let width = |text: &str, size: f64| Weight::Regular.width(text, size);
        assert_eq!(width("", 12.0), 0.0);
        assert!((width("mIoU", 24.0) - 2.0 * width("mIoU", 12.0)).abs() < 0.1);
        assert!(width("WW", 12.0) > 1.9 * width("W", 12.0) && Weight::Semibold.width("a", 12.0) > 0.0);
        // What the tables print is there, and no box in its place.
        for letter in "±−–·×µ…".chars() {
            let font = Weight::Regular.font().unwrap();
            assert!(font.charmap().map(letter).is_some(), "{letter}");
        }
    }

    #[test]
    fn texts_are_cut_and_broken_to_their_room() {
        let weight = Weight::Regular;
        assert_eq!(weight.elided("short", 12.0, 200.0), "short");
        let cut = weight.elided("a name without an end", 12.0, 60.0);
        assert!(cut.ends_with('…') && cut.starts_with("a n") && weight.width(&cut, 12.0) <= 60.0, "{cut}");
        let lines = weight.lines("some words that are broken into lines", 12.0, 90.0);
        assert!(lines.len() > 2 && lines.iter().all(|line| weight.width(line, 12.0) <= 90.0), "{lines:?}");
        assert_eq!(lines.join(" "), "some words that are broken into lines");
    }
}
