//! What a drawing is made of.

use std::sync::Arc;

use image::RgbImage;

use super::typeface::Weight;

/// A colour: red, green, blue.
pub type Ink = [u8; 3];

/// What is drawn, from the back to the front, on white.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// Of the whole.
    pub width: f64,
    /// Of the whole.
    pub height: f64,
    /// What it is of, for those who cannot see it.
    pub title: String,
    /// From the back to the front.
    pub shapes: Vec<Shape>,
}

/// A place: x, y.
pub type Place = [f64; 2];

/// One shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A straight line with flat ends.
    Line {
        /// One end.
        from: Place,
        /// The other.
        to: Place,
        /// How wide it is.
        width: f64,
        /// Its colour.
        ink: Ink,
    },
    /// A line through places, with round corners.
    Path {
        /// The places, one after the other.
        places: Vec<Place>,
        /// How wide it is.
        width: f64,
        /// Its colour.
        ink: Ink,
    },
    /// The filled area that a line around it encloses.
    Area {
        /// Its corners, one after the other.
        places: Vec<Place>,
        /// Its colour.
        ink: Ink,
    },
    /// A filled rectangle.
    Rect {
        /// Its upper left corner.
        from: Place,
        /// Its width and height.
        size: Place,
        /// Its colour.
        ink: Ink,
    },
    /// The edge of a rectangle.
    Edge {
        /// Its upper left corner.
        from: Place,
        /// Its width and height.
        size: Place,
        /// How wide the line is, half of it on either side.
        width: f64,
        /// Its colour.
        ink: Ink,
    },
    /// A picture of pixels, whose own stay to be seen where they are drawn larger.
    Picture {
        /// Its upper left corner.
        from: Place,
        /// Its width and height.
        size: Place,
        /// The pixels.
        pixels: Arc<RgbImage>,
    },
    /// A filled circle.
    Dot {
        /// Its centre.
        at: Place,
        /// Its radius.
        radius: f64,
        /// Its colour.
        ink: Ink,
    },
    /// A square on its corner, white with an edge.
    Diamond {
        /// Its centre.
        at: Place,
        /// From the centre to a corner.
        radius: f64,
        /// How wide its edge is.
        width: f64,
        /// The edge's colour.
        ink: Ink,
    },
    /// A line of text.
    Text {
        /// Where it begins, ends or has its middle; the y of its base line.
        at: Place,
        /// Which of these.
        anchor: Anchor,
        /// Where it goes from there.
        direction: Direction,
        /// The size of its letters.
        size: f64,
        /// How strong they are.
        weight: Weight,
        /// Their colour.
        ink: Ink,
        /// What it says.
        text: String,
    },
}

impl Shape {
    /// A line of text.
    pub fn text(at: Place, anchor: Anchor, size: f64, weight: Weight, ink: Ink, text: &str) -> Self {
        Self::Text { at, anchor, direction: Direction::Across, size, weight, ink, text: text.to_owned() }
    }

    /// A line of text that is read from below, beside an axis.
    pub fn upwards(at: Place, anchor: Anchor, size: f64, weight: Weight, ink: Ink, text: &str) -> Self {
        Self::Text { at, anchor, direction: Direction::Upwards, size, weight, ink, text: text.to_owned() }
    }
}

/// Where a line of text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the right.
    Across,
    /// From below, its letters turned to the left.
    Upwards,
}

/// What of a text lies at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

impl Anchor {
    /// How far left of its place a text of that width begins.
    pub(super) fn before(self, width: f64) -> f64 {
        match self {
            Self::Start => 0.0,
            Self::Middle => width / 2.0,
            Self::End => width,
        }
    }
}
