//! Three numbers: a point, a direction or a linear colour. Only arithmetic that IEEE 754 rounds exactly is used.

use std::ops::{Add, Mul, Sub};

/// A point (metres), a direction or a linear colour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vec3 {
    pub x: f32,
    pub y: f32,
    pub z: f32,
}

/// Shorthand for a [`Vec3`].
pub const fn v(x: f32, y: f32, z: f32) -> Vec3 {
    Vec3 { x, y, z }
}

impl Vec3 {
    /// The same number three times.
    pub const fn all(value: f32) -> Self {
        v(value, value, value)
    }

    /// Scalar product.
    pub fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    /// Vector product.
    pub fn cross(self, other: Self) -> Self {
        v(self.y * other.z - self.z * other.y, self.z * other.x - self.x * other.z, self.x * other.y - self.y * other.x)
    }

    /// Euclidean length.
    pub fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    /// The direction of this vector.
    pub fn unit(self) -> Self {
        self * (1.0 / self.length())
    }

    /// Component by component product, as for light on paint.
    pub fn times(self, other: Self) -> Self {
        v(self.x * other.x, self.y * other.y, self.z * other.z)
    }

    /// Component by component minimum.
    pub fn min(self, other: Self) -> Self {
        v(self.x.min(other.x), self.y.min(other.y), self.z.min(other.z))
    }

    /// Component by component maximum.
    pub fn max(self, other: Self) -> Self {
        v(self.x.max(other.x), self.y.max(other.y), self.z.max(other.z))
    }

    /// From `self` (share 0) to `other` (share 1).
    pub fn mix(self, other: Self, share: f32) -> Self {
        self * (1.0 - share) + other * share
    }

    /// Brightness of a linear colour (Rec. 709 weights).
    pub fn luminance(self) -> f32 {
        0.2126 * self.x + 0.7152 * self.y + 0.0722 * self.z
    }
}

impl Add for Vec3 {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        v(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

impl Sub for Vec3 {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        v(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl Mul<f32> for Vec3 {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        v(self.x * factor, self.y * factor, self.z * factor)
    }
}
