//! The ten classes of the sample data set.

/// What a pixel shows; the number is the label id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    Road,
    Sidewalk,
    Building,
    Vegetation,
    Sky,
    Car,
    Person,
    Bicycle,
    Pole,
    Cone,
}

/// Names in the order of their ids.
pub const NAMES: [&str; 10] =
    ["road", "sidewalk", "building", "vegetation", "sky", "car", "person", "bicycle", "pole/sign", "cone"];

/// Colours in the order of the ids: hues and brightnesses that stay apart for colour-blind readers.
pub const COLOURS: [[u8; 3]; 10] = [
    [88, 88, 100],
    [189, 170, 145],
    [134, 84, 62],
    [17, 119, 51],
    [136, 204, 238],
    [0, 90, 200],
    [238, 51, 119],
    [240, 228, 66],
    [235, 235, 235],
    [238, 127, 30],
];
