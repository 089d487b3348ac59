//! Pictures of what the network sees.

mod beside;
mod classes;
mod difference;
mod features;
mod layouts;
mod picture;
mod pixels;
mod rank;
mod scene_view;
mod uncertainty;

pub use self::beside::with_beside;
pub use self::features::{FeatureRequest, FeatureTable, gather, offered_features};
pub use self::layouts::judge_layout;
pub use self::scene_view::{InspectionError, scene_view};
