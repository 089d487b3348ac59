//! Pictures on screen: a camera that all tiles share, frames as textures, their range and brightness, outlines, and
//! what lies under the pointer.

mod camera;
mod cloud;
mod outline;
mod paint;
mod picture;
mod probe;
mod textures;
mod tone;

pub use self::camera::Camera;
pub use self::cloud::{CloudPainting, Discs, install};
pub use self::outline::{Mask, class_mask, mask_of_both, mask_where};
pub use self::paint::Ink;
pub use self::picture::{picture, printed};
pub use self::probe::{Reading, class_counts, read};
pub use self::textures::{Arrival, Fading, Key, Textures};
pub use self::tone::{IDENTITY, Span, Tone, Window, declared, extent, value_of};
