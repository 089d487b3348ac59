//! The colours that printed pictures share.

use super::shape::Ink;

/// Text.
pub const TEXT: Ink = [0x1b, 0x1f, 0x24];
/// Text that explains.
pub const WEAK: Ink = [0x5b, 0x63, 0x6e];
/// Lines of a grid.
pub const GRID: Ink = [0xe3, 0xe6, 0xea];
/// Every other row's ground.
pub const BAND: Ink = [0xf5, 0xf6, 0xf8];

/// What sensors of each kind are drawn in, as in the light theme of the window; a sensor mostly has the name of its kind.
const SENSORS: [(&str, Ink); 8] = [
    ("colour", [0x0e, 0x8a, 0x5f]),
    ("thermal", [0xcc, 0x54, 0x18]),
    ("depth", [0x6d, 0x50, 0xd0]),
    ("disparity", [0x94, 0x62, 0xc4]),
    ("near-infrared", [0xb5, 0x44, 0x87]),
    ("lidar", [0x0b, 0x82, 0x99]),
    ("event", [0x92, 0x7a, 0x00]),
    ("polarisation", [0x5c, 0x84, 0x10]),
];

/// The colour of the sensor of this name, the n-th of its data set: that of its kind where it is named by it, else one by its
/// place.
pub fn sensor_ink(name: &str, place: usize) -> Ink {
    let named = SENSORS.iter().find(|(kind, _)| *kind == name);
    named.map_or(SENSORS[place % SENSORS.len()].1, |(_, ink)| *ink)
}

/// A colour with so much white in it, 0 to 1.
pub fn paler(ink: Ink, white: f64) -> Ink {
    ink.map(|part| (f64::from(part) + (255.0 - f64::from(part)) * white.clamp(0.0, 1.0)).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sensors_are_told_by_kind_else_by_place_and_pale_to_white() {
        assert_eq!(sensor_ink("thermal", 0), sensor_ink("thermal", 5));
        assert_ne!(sensor_ink("left", 0), sensor_ink("right", 1));
        assert_eq!((paler([10, 20, 30], 0.0), paler([10, 20, 30], 1.0)), ([10, 20, 30], [255; 3]));
    }
}
