//! Pictures of what the network sees.

mod picture;
mod scene_view;
mod uncertainty;

pub use self::scene_view::{InspectionError, scene_view};
