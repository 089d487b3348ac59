//! Drawings of a few plain shapes, as SVG and as PNG: for what is printed. Lengths are pixels of 1/96 inch, y downwards.

mod file;
mod ink;
mod png;
mod shape;
mod svg;
mod typeface;

pub use self::file::drawing_file;
pub use self::ink::{BAND, GRID, TEXT, WEAK, paler, sensor_ink};
pub use self::shape::{Anchor, Drawing, Ink, Place, Shape};
pub use self::typeface::Weight;
