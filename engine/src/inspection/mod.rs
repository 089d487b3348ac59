//! Pictures of what the network sees.

mod asked;
mod beside;
mod classes;
mod confused;
mod difference;
mod differing;
mod error;
mod features;
mod layouts;
mod left_out;
mod picture;
mod pixels;
mod rank;
mod scene_view;
mod scored;
mod uncertainty;

pub use self::asked::Asked;
pub use self::beside::with_beside;
pub use self::confused::{confused_scenes, count_scenes};
pub use self::differing::{compare_counts, compare_split};
pub use self::error::InspectionError;
pub use self::features::{FeatureRequest, FeatureTable, gather, offered_features};
pub use self::layouts::judge_layout;
pub(crate) use self::picture::{labels as label_frame, sensor as sensor_frame};
pub use self::scene_view::scene_view;
pub use self::scored::score_scenes;
