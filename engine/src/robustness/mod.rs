//! What protocols tell of a network that loses its sensors, as tables and printed pictures: which sensors it can do without,
//! how fast it falls as one degrades, and which one it leans on.
//!
//! Nothing is worked out here that `protocol::robustness` does not give; no figure of a degraded image stands where one of
//! clean images is expected, without saying so.

mod curves;
mod grid;
mod grid_picture;
mod losses;
mod losses_picture;
mod method;
#[cfg(test)]
mod sample;
mod severity_picture;

pub use self::curves::curves_csv;
pub use self::grid::{Grid, GridRow};
pub use self::grid_picture::grid_picture;
pub use self::losses::{Harm, Loss, Losses};
pub use self::losses_picture::losses_picture;
pub use self::method::{Course, Kept, Lean, Method};
pub use self::severity_picture::severity_picture;
