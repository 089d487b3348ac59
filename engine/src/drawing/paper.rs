//! What a drawing lies on, and what is written on it.

use super::ink::{GRID, TEXT, WEAK};
use super::shape::{Anchor, Drawing, Ink, Place, Shape};
use super::typeface::Weight;

/// The height of a title's letters.
const HEAD: f64 = 12.5;

/// The ground of a drawing and the inks that are read on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Behind everything.
    pub ground: Ink,
    /// Text.
    pub text: Ink,
    /// Text that explains.
    pub weak: Ink,
    /// Lines of a grid.
    pub grid: Ink,
}

impl Paper {
    /// White, as paper is.
    pub const WHITE: Self = Self { ground: [255; 3], text: TEXT, weak: WEAK, grid: GRID };
    /// Dark, for slides.
    pub const DARK: Self = Self {
        ground: [0x14, 0x16, 0x1a],
        text: [0xec, 0xee, 0xf1],
        weak: [0xa4, 0xab, 0xb5],
        grid: [0x33, 0x38, 0x40],
    };

    /// A colour with so much of the ground in it, 0 to 1.
    pub fn fading(&self, ink: Ink, share: f64) -> Ink {
        let share = share.clamp(0.0, 1.0);
        let mix = |(own, ground): (u8, u8)| f64::from(own) + (f64::from(ground) - f64::from(own)) * share;
        let mixed: Vec<u8> = ink.into_iter().zip(self.ground).map(|pair| mix(pair).round() as u8).collect();
        [mixed[0], mixed[1], mixed[2]]
    }

    /// Puts a title where there is so much room across; how far down it reaches.
    pub(super) fn put_title(&self, title: &str, [x, mut y]: Place, room: f64, shapes: &mut Vec<Shape>) -> f64 {
        for line in Weight::Semibold.lines(title, HEAD, room) {
            y += HEAD + 2.0;
            shapes.push(Shape::text([x, y], Anchor::Start, HEAD, Weight::Semibold, self.text, &line));
        }
        y
    }

    /// Whether it is white, which every drawing lies on by itself.
    fn is_white(&self) -> bool {
        self.ground == [255; 3]
    }

    /// A sheet of this size, to be drawn on.
    pub(super) fn sheet(&self, width: f64, height: f64, title: String, mut shapes: Vec<Shape>) -> Drawing {
        if !self.is_white() {
            shapes.insert(0, Shape::Rect { from: [0.0; 2], size: [width, height], ink: self.ground });
        }
        Drawing { width, height, title, shapes }
    }
}

impl Drawing {
    /// What was drawn for white paper, on this one: greys and pale colours change places with their opposites in
    /// lightness, and the others stay what they are.
    pub fn on(mut self, paper: &Paper) -> Self {
        if paper.is_white() {
            return self;
        }
        for shape in &mut self.shapes {
            shape.recolour(|ink| opposite(ink, paper));
        }
        paper.sheet(self.width, self.height, self.title, self.shapes)
    }
}

/// A colour of white paper as it is read on another.
fn opposite(ink: Ink, paper: &Paper) -> Ink {
    let (low, high) = (ink.into_iter().min().unwrap_or(0), ink.into_iter().max().unwrap_or(0));
    if high - low < 32 {
        // Greys: black becomes the text's colour, white the ground's.
        let dark = 1.0 - f64::from(high) / 255.0;
        return paper.fading(paper.text, 1.0 - dark.sqrt());
    }
    // The white in a pale colour becomes ground.
    let white = f64::from(low) / 255.0;
    let pure = ink.map(|part| {
        let part = (f64::from(part) - 255.0 * white) / (1.0 - white);
        part.clamp(0.0, 255.0).round() as u8
    });
    // A full colour that is as dark as the ground would not be seen on it.
    let seen = if high < 0xa0 { lighter(pure) } else { pure };
    paper.fading(seen, 0.8 * white)
}

fn lighter(ink: Ink) -> Ink {
    ink.map(|part| (f64::from(part) + (255.0 - f64::from(part)) * 0.35).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_paper_changes_nothing_and_dark_paper_turns_black_to_white_and_keeps_hues() {
        let rect = |ink| Shape::Rect { from: [0.0; 2], size: [1.0; 2], ink };
        let shapes = vec![rect(TEXT), rect([255; 3]), rect([0xcc, 0x54, 0x18])];
        let drawing = Drawing { width: 4.0, height: 3.0, title: "t".to_owned(), shapes };
        assert_eq!(drawing.clone().on(&Paper::WHITE), drawing);
        let dark = drawing.on(&Paper::DARK);
        let inks: Vec<Ink> = dark
            .shapes
            .iter()
            .map(|shape| match shape {
                Shape::Rect { ink, .. } => *ink,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!((inks.len(), inks[0]), (4, Paper::DARK.ground), "the ground first");
        assert!(inks[1][0] > 200 && inks[2][0] < 0x30, "{inks:?}");
        assert!(inks[3][0] > inks[3][1] && inks[3][1] > inks[3][2], "orange stays orange: {inks:?}");
    }
}
