//! Fusion: how the sensors' features, decoder maps or class scores become one.

mod agnostic;
mod average;
mod choice;
mod concat;
mod fdam_global;
mod gsu;
mod mff;
mod site;
mod way;
mod weighted;

pub use self::agnostic::{Agnostic, SELECTION};
pub use self::average::Average;
pub use self::choice::Fusion;
pub use self::concat::Concat;
pub use self::fdam_global::FdamGlobal;
pub use self::gsu::Gates;
pub use self::mff::{Fused, Mff, correlations, selection, similarities};
pub use self::site::{Plan, Site, Sited};
pub use self::way::{Beside, Classifier, Fuse, Needs, Pass, Place};
pub use self::weighted::Weighted;
