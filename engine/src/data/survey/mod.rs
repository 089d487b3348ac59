//! What the files of a data set hold: values by sensor, classes, and sentences on what is off.

mod look;
mod tally;
#[cfg(test)]
mod tests;
mod values;

pub(crate) use self::look::mask_of_one_class;
pub(crate) use self::tally::ValueTally;
pub use self::values::{SensorValues, values_table};
