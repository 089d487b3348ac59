//! Pictures of what the network sees.

mod album;
mod asked;
#[cfg(test)]
mod bench;
mod beside;
mod classes;
mod confused;
mod differing;
mod effect;
mod error;
mod explain;
mod features;
mod layouts;
mod left_out;
mod memory;
mod over_split;
mod picture;
mod pixels;
mod rank;
mod readable;
mod scene_view;
mod scored;
mod uncertainty;
#[cfg(test)]
mod what_if_tests;

pub use self::album::{at_step, page_of, since_step};
pub use self::asked::Asked;
pub use self::beside::with_beside;
pub use self::confused::{confused_scenes, count_scenes};
pub use self::differing::{compare_counts, compare_split};
pub use self::error::InspectionError;
pub use self::explain::{Explaining, explanations};
pub use self::features::{FeatureRequest, FeatureTable, gather, offered_features};
pub use self::layouts::judge_layout;
pub use self::memory::SceneMemory;
pub use self::over_split::{ViewRow, ViewTable, over_split};
pub(crate) use self::picture::labels as label_frame;
pub use self::picture::sensor as sensor_frame;
pub use self::scene_view::{scene_view, scene_view_from, scene_view_watched, takes_means};
pub use self::scored::score_scenes;
