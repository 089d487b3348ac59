//! What stands, drives and walks in a street: cars, people, bicycles, poles and signs, trees, cones.

mod bicycle;
mod car;
mod furniture;
mod person;
mod plant;

pub use self::bicycle::add_bicycle;
pub use self::car::add_car;
pub use self::furniture::{add_cone, add_sign, add_street_lamp, add_traffic_light};
pub use self::person::add_person;
pub use self::plant::{add_hedge, add_tree};
use super::class::Class;
use super::material::Skin;
use super::shape::Shape;
use super::vector::{Vec3, v};
use super::world::Part;

fn part(class: Class, skin: Skin, shape: Shape) -> Part {
    Part { shape, skin, class }
}

/// The level direction `heading` turned by the angle whose half has the tangent `half_tangent`.
pub fn turned(heading: Vec3, half_tangent: f32) -> Vec3 {
    let square = half_tangent * half_tangent;
    let (cosine, sine) = ((1.0 - square) / (1.0 + square), 2.0 * half_tangent / (1.0 + square));
    v(heading.x * cosine + heading.z * sine, 0.0, heading.z * cosine - heading.x * sine).unit()
}
