//! The words in which materials are described, and what they have in common.

use crate::data::scene::vector::Vec3;
use crate::data::scene::weather::Weather;

/// The look of a house wall.
#[derive(Clone, Copy, Debug)]
pub struct Facade {
    /// Linear colour of the wall.
    pub wall: Vec3,
    /// Linear colour of frames, ledges and the ground floor.
    pub trim: Vec3,
    /// Linear colour of the roof.
    pub roof: Vec3,
    /// Metres between windows.
    pub bay: f32,
    /// Metres between floors.
    pub storey: f32,
    /// Share of a bay and of a storey that glass takes.
    pub window: (f32, f32),
    /// Shops with large windows and coloured signs on the ground floor.
    pub shop: Option<Vec3>,
    /// Visible courses of brick.
    pub brick: bool,
    /// Share of windows lit at night.
    pub lit: f32,
    /// Where the roof begins.
    pub eaves: f32,
    /// Kelvin above the air: how well it is heated and how badly insulated.
    pub warmth: f32,
    /// Noise salt.
    pub salt: u32,
}

/// The size and state of a car.
#[derive(Clone, Copy, Debug)]
pub struct CarPaint {
    /// Linear colour.
    pub colour: Vec3,
    /// Half length, metres.
    pub half_length: f32,
    /// Half width, metres.
    pub half_width: f32,
    /// Height of the belt line.
    pub belt: f32,
    /// z of both axles.
    pub axles: (f32, f32),
    /// Wheel radius.
    pub wheel: f32,
    /// Whether the engine runs: hot bonnet and tyres, lamps lit at night.
    pub running: bool,
}

/// How a point looks to a camera.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Linear reflectance.
    pub albedo: Vec3,
    /// Light of its own.
    pub emission: Vec3,
    /// Mirror-like share at right angles.
    pub gloss: f32,
}

/// How a point looks to a thermal sensor.
#[derive(Clone, Copy, Debug)]
pub struct Heat {
    /// °C.
    pub celsius: f32,
    /// Emissivity; the rest is reflected surroundings.
    pub emissivity: f32,
    /// How strongly sunlight warms it.
    pub absorption: f32,
}

pub(super) fn matt(albedo: Vec3) -> Look {
    Look { albedo, emission: Vec3::default(), gloss: 0.0 }
}

/// The temperature of thin unheated things: that of the ground and walls around them.
pub(super) fn surroundings(weather: &Weather) -> f32 {
    weather.air + weather.ground * 0.6 + weather.solar * 0.3
}
