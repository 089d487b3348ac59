//! The figures by which papers show what methods see: a row a scene, a column a sensor, the label, and what each method
//! makes of it. Of pictures that were taken already; computes nothing but a scene's scores.

mod assembly;
mod caption;
mod cell;
mod column;
mod crops;
mod foot;
mod heading;
mod legend;
mod method;
mod numbers;
mod range;
#[cfg(test)]
mod sample;
mod sheet;
mod wanted;

pub use self::assembly::{Plate, plate};
pub use self::method::Method;
pub use self::wanted::{Crop, Painting, Wanted, WantedView};
