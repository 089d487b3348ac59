//! Drawings of a few plain shapes, as SVG, PNG and PDF: for what is printed. Lengths are pixels of 1/96 inch, y
//! downwards.

mod base64;
mod ink;
mod pdf;
mod png;
mod print;
mod shape;
mod surface;
mod svg;
mod typeface;

pub use self::ink::{BAND, GRID, TEXT, WEAK, paler, sensor_ink};
pub use self::print::{INCH, Print, check_ending, drawing_file};
pub use self::shape::{Anchor, Direction, Drawing, Ink, Place, Shape};
pub use self::typeface::Weight;
