//! What to train: the component catalogue, the settings of one run, and the presets.
//!
//! Nothing in here knows burn: a recipe can be read, checked and compared without a device.

mod adaptation;
mod catalogue;
mod error;
mod presets;
mod reading;
mod store;
mod value;

pub use self::catalogue::{
    CUSTOM, Change, Component, Kind, Option_, Setting, Variant, catalogue, component, component_of, setting,
};
pub use self::error::RecipeError;
pub use self::presets::{FIRST_RECIPE, Preset, preset, presets};
pub use self::store::{Difference, Recipe};
pub use self::value::Value;
