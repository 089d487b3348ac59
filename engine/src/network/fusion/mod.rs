//! Fusion: how the sensors' features, decoder maps or class scores become one.

mod agnostic;
mod concat;
mod fdam_global;
mod gsu;
mod levels;
mod mff;

pub use self::agnostic::{Agnostic, Pass, SELECTION};
pub use self::concat::Concat;
pub use self::fdam_global::FdamGlobal;
pub use self::gsu::{Gates, Gsu};
pub use self::levels::LevelFusion;
pub use self::mff::{Added, Anchor, Balance, Fused, Mff, correlations, selection, similarities};

/// Whether a kind of fusion, by the recipe's word, joins exactly two sensors.
pub fn joins_two(kind: &str) -> bool {
    !matches!(kind, "average" | "mff")
}
