//! What the sensors' encoders tell each other on the way.

mod between;
mod coefficients;
mod exchange;
mod fdam_local;
mod sci;

pub use self::between::{Between, Interactions, Met};
pub use self::coefficients::{Coefficients, LevelCoefficients, Used};
pub use self::exchange::{Exchange, Place, exchangeable, show_scales, sparsity};
pub use self::fdam_local::FdamLocal;
pub use self::sci::{Blended, Sci};
