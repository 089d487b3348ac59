//! What to train: the component catalogue, the settings of one run, and the presets.
//!
//! Nothing in here knows burn: a recipe can be read, checked and compared without a device.

pub mod catalogue;
mod choice;
mod component;
mod error;
mod formerly;
mod key;
mod presets;
mod reading;
mod setting;
mod settings;
mod store;
mod value;

pub use self::catalogue::{catalogue, component, component_of, setting};
pub use self::component::{CUSTOM, Component, Remark, Variant};
pub use self::error::RecipeError;
pub use self::key::{Choice, Key, Readable, Whole};
pub use self::presets::{FIRST_RECIPE, Preset, preset, presets};
pub(crate) use self::reading::{flatten, toml_from_value};
pub use self::setting::{Change, Kind, Option_, Setting};
pub use self::store::{Difference, Recipe};
pub use self::value::Value;
