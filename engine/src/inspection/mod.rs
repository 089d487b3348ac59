//! Pictures of what the network sees.

mod features;
mod picture;
mod scene_view;
mod uncertainty;

pub use self::features::{FeatureRequest, FeatureTable, feature_names, gather};
pub use self::scene_view::{InspectionError, scene_view};
