//! Why a network answers as it does: where it looks, what it would say without a region, and which sensor it goes by.

mod explaining;
mod explanations;
mod grad_cam;
mod occlusion;
mod reliance;
mod target;

pub use self::explaining::Explaining;
pub use self::explanations::explanations;
