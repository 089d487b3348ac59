//! Shapes elsewhere, and in other colours.

use super::shape::{Ink, Place, Shape};

impl Shape {
    /// The same at places that are so much farther right and down.
    pub(super) fn moved(mut self, [x, y]: Place) -> Self {
        let by = |place: &mut Place| *place = [place[0] + x, place[1] + y];
        match &mut self {
            Self::Line { from, to, .. } => {
                by(from);
                by(to);
            }
            Self::Path { places, .. } | Self::Area { places, .. } => places.iter_mut().for_each(by),
            Self::Rect { from: at, .. }
            | Self::Edge { from: at, .. }
            | Self::Picture { from: at, .. }
            | Self::Dot { at, .. }
            | Self::Diamond { at, .. }
            | Self::Text { at, .. } => by(at),
        }
        self
    }

    /// The same in the colours that are made of its own.
    pub(super) fn recolour(&mut self, of: impl Fn(Ink) -> Ink) {
        match self {
            Self::Line { ink, .. }
            | Self::Path { ink, .. }
            | Self::Area { ink, .. }
            | Self::Rect { ink, .. }
            | Self::Edge { ink, .. }
            | Self::Dot { ink, .. }
            | Self::Diamond { ink, .. }
            | Self::Text { ink, .. } => *ink = of(*ink),
            // Its colours are what it is of.
            Self::Picture { .. } => {}
        }
    }
}
