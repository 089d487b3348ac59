//! Pictures of what the network sees.

mod difference;
mod features;
mod layouts;
mod picture;
mod pixels;
mod scene_view;
mod uncertainty;

pub use self::features::{FeatureRequest, FeatureTable, gather, offered_features};
pub use self::layouts::judge_layout;
pub use self::scene_view::{InspectionError, scene_view};
