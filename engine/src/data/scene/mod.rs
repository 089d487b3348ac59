//! The sample data set: street scenes by day and by night, ray cast into registered colour, thermal, depth, LiDAR and
//! event images with labels.
//!
//! One seed decides every byte. Only arithmetic that IEEE 754 rounds exactly is used, so all machines agree.

mod actors;
mod arithmetic;
mod camera;
mod class;
mod colour;
mod complementarity;
mod depth;
mod error;
mod event;
mod ground;
mod lidar;
mod light;
mod material;
mod png;
mod readme;
mod render;
mod settings;
mod shape;
mod street;
mod thermal;
mod vector;
mod weather;
mod world;
mod write;

pub use self::complementarity::describe;
pub use self::error::SceneError;
pub use self::render::{Scene, render};
pub use self::settings::SceneSettings;
pub use self::write::{SAMPLE_NAME, dataset_manifest, write_dataset};

#[cfg(test)]
mod tests;
