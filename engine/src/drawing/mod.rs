//! Drawings of a few plain shapes, as SVG, PNG and PDF: for what is printed. Lengths are pixels of 1/96 inch, y
//! downwards.

mod base64;
mod change;
mod chart;
mod flatten;
mod ink;
mod matrix;
mod paper;
mod pdf;
mod png;
mod print;
mod shape;
mod sheet;
#[cfg(test)]
pub(crate) mod stored;
mod surface;
mod svg;
mod typeface;

pub use self::chart::{Bars, Chart, Line, Ruler, Stroke, Tick};
pub use self::ink::{BAND, GRID, TEXT, WEAK, paler, sensor_ink};
pub use self::matrix::Matrix;
pub use self::paper::Paper;
pub use self::print::{INCH, Print, check_ending, drawing_file};
pub use self::shape::{Anchor, Direction, Drawing, Ink, Place, Shape};
pub use self::sheet::{PictureSheet, Ramp, Titled};
pub use self::typeface::Weight;
