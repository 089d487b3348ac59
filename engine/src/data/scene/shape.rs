//! The solids a scene is built of, and where a ray meets them. All in the local frame of their object.

use super::vector::{Vec3, v};

/// A half-space: points with `normal · p <= offset` are inside.
#[derive(Clone, Copy, Debug)]
pub struct Plane {
    normal: Vec3,
    offset: f32,
}

impl Plane {
    /// The half-space behind the plane through `point` that faces along `normal`.
    pub fn through(point: Vec3, normal: Vec3) -> Self {
        let normal = normal.unit();
        Self { normal, offset: normal.dot(point) }
    }
}

/// A solid.
#[derive(Clone, Debug)]
pub enum Shape {
    /// An axis-aligned box.
    Block { low: Vec3, high: Vec3 },
    /// The common part of half-spaces, with the corners of a box around it.
    Convex { planes: Vec<Plane>, low: Vec3, high: Vec3 },
    /// A stretched sphere.
    Ellipsoid { centre: Vec3, radii: Vec3 },
    /// A rod with round ends.
    Capsule { from: Vec3, to: Vec3, radius: f32 },
    /// An upright cone, cut off at the top.
    Frustum { base: Vec3, height: f32, radius_low: f32, radius_high: f32 },
    /// A wheel about the x axis; open within `inner`.
    Axle { centre: Vec3, half_width: f32, radius: f32, inner: f32 },
}

impl Shape {
    /// A convex side view (points of z and y) drawn out along x; `taper` leans both sides inwards.
    pub fn extruded(profile: &[(f32, f32)], half_width: f32, taper: f32) -> Self {
        let count = profile.len() as f32;
        let middle = profile.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0 / count, sum.1 + p.1 / count));
        let floor = profile.iter().fold(f32::MAX, |low, p| low.min(p.1));
        let mut planes = Vec::with_capacity(profile.len() + 2);
        for (index, &(z, y)) in profile.iter().enumerate() {
            let (next_z, next_y) = profile[(index + 1) % profile.len()];
            let mut normal = v(0.0, next_z - z, y - next_y);
            if normal.y * (y - middle.1) + normal.z * (z - middle.0) < 0.0 {
                normal = normal * -1.0;
            }
            planes.push(Plane::through(v(0.0, y, z), normal));
        }
        for side in [-1.0, 1.0] {
            planes.push(Plane::through(v(side * half_width, floor, 0.0), v(side, taper, 0.0)));
        }
        let (mut low, mut high) = (v(-half_width, f32::MAX, f32::MAX), v(half_width, f32::MIN, f32::MIN));
        for &(z, y) in profile {
            low = low.min(v(-half_width, y, z));
            high = high.max(v(half_width, y, z));
        }
        Self::Convex { planes, low, high }
    }

    /// Corners of an axis-aligned box around the solid.
    pub fn bounds(&self) -> (Vec3, Vec3) {
        match *self {
            Self::Block { low, high } | Self::Convex { low, high, .. } => (low, high),
            Self::Ellipsoid { centre, radii } => (centre - radii, centre + radii),
            Self::Capsule { from, to, radius } => (from.min(to) - Vec3::all(radius), from.max(to) + Vec3::all(radius)),
            Self::Frustum { base, height, radius_low, radius_high } => {
                let radius = radius_low.max(radius_high);
                (base - v(radius, 0.0, radius), base + v(radius, height, radius))
            }
            Self::Axle { centre, half_width, radius, .. } => {
                let reach = v(half_width, radius, radius);
                (centre - reach, centre + reach)
            }
        }
    }

    /// The first point where the ray `origin + t · direction` enters the solid, nearer than `limit`: t and the normal.
    pub fn hit(&self, origin: Vec3, direction: Vec3, limit: f32) -> Option<(f32, Vec3)> {
        let found = match self {
            Self::Block { low, high } => hit_block(*low, *high, origin, direction),
            Self::Convex { planes, .. } => hit_convex(planes, origin, direction),
            Self::Ellipsoid { centre, radii } => hit_ellipsoid(*centre, *radii, origin, direction),
            Self::Capsule { from, to, radius } => hit_capsule(*from, *to, *radius, origin, direction),
            Self::Frustum { base, height, radius_low, radius_high } => {
                hit_frustum(*height, *radius_low, *radius_high, origin - *base, direction)
            }
            Self::Axle { centre, half_width, radius, inner } => {
                hit_axle(*half_width, *radius, *inner, origin - *centre, direction)
            }
        };
        found.filter(|(t, _)| *t > 1e-3 && *t < limit)
    }
}

fn hit_block(low: Vec3, high: Vec3, origin: Vec3, direction: Vec3) -> Option<(f32, Vec3)> {
    let (mut enter, mut leave, mut normal) = (f32::MIN, f32::MAX, Vec3::default());
    let axes = [
        (origin.x, direction.x, low.x, high.x, v(1.0, 0.0, 0.0)),
        (origin.y, direction.y, low.y, high.y, v(0.0, 1.0, 0.0)),
        (origin.z, direction.z, low.z, high.z, v(0.0, 0.0, 1.0)),
    ];
    for (o, d, near, far, axis) in axes {
        if d.abs() < 1e-9 {
            if o < near || o > far {
                return None;
            }
            continue;
        }
        let inverse = 1.0 / d;
        let (first, second) = ((near - o) * inverse, (far - o) * inverse);
        let (first, second) = if first < second { (first, second) } else { (second, first) };
        if first > enter {
            enter = first;
            normal = if d > 0.0 { axis * -1.0 } else { axis };
        }
        leave = leave.min(second);
        if enter > leave {
            return None;
        }
    }
    Some((enter, normal))
}

fn hit_convex(planes: &[Plane], origin: Vec3, direction: Vec3) -> Option<(f32, Vec3)> {
    let (mut enter, mut leave, mut normal) = (f32::MIN, f32::MAX, Vec3::default());
    for plane in planes {
        let approach = plane.normal.dot(direction);
        let distance = plane.offset - plane.normal.dot(origin);
        if approach.abs() < 1e-9 {
            if distance < 0.0 {
                return None;
            }
            continue;
        }
        let t = distance / approach;
        if approach < 0.0 {
            if t > enter {
                enter = t;
                normal = plane.normal;
            }
        } else {
            leave = leave.min(t);
        }
        if enter > leave {
            return None;
        }
    }
    Some((enter, normal))
}

fn hit_ellipsoid(centre: Vec3, radii: Vec3, origin: Vec3, direction: Vec3) -> Option<(f32, Vec3)> {
    let inverse = v(1.0 / radii.x, 1.0 / radii.y, 1.0 / radii.z);
    let (o, d) = ((origin - centre).times(inverse), direction.times(inverse));
    let (a, b, c) = (d.dot(d), o.dot(d), o.dot(o) - 1.0);
    let discriminant = b * b - a * c;
    if discriminant < 0.0 {
        return None;
    }
    let t = (-b - discriminant.sqrt()) / a;
    Some((t, (o + d * t).times(inverse).unit()))
}

fn hit_capsule(from: Vec3, to: Vec3, radius: f32, origin: Vec3, direction: Vec3) -> Option<(f32, Vec3)> {
    let (rod, start) = (to - from, origin - from);
    let (rod_rod, rod_dir, rod_start) = (rod.dot(rod), rod.dot(direction), rod.dot(start));
    let (dir_start, start_start) = (direction.dot(start), start.dot(start));
    let a = rod_rod - rod_dir * rod_dir;
    let b = rod_rod * dir_start - rod_start * rod_dir;
    let c = rod_rod * start_start - rod_start * rod_start - radius * radius * rod_rod;
    let discriminant = b * b - a * c;
    if discriminant < 0.0 {
        return None;
    }
    if a > 1e-9 {
        let t = (-b - discriminant.sqrt()) / a;
        let along = rod_start + t * rod_dir;
        if along > 0.0 && along < rod_rod {
            return Some((t, (start + direction * t - rod * (along / rod_rod)).unit()));
        }
        let end = if along <= 0.0 { from } else { to };
        return hit_ellipsoid(end, Vec3::all(radius), origin, direction);
    }
    None
}

fn hit_frustum(height: f32, low: f32, high: f32, o: Vec3, d: Vec3) -> Option<(f32, Vec3)> {
    let slope = (high - low) / height;
    let edge = low + slope * o.y;
    let a = d.x * d.x + d.z * d.z - slope * slope * d.y * d.y;
    let b = o.x * d.x + o.z * d.z - edge * slope * d.y;
    let c = o.x * o.x + o.z * o.z - edge * edge;
    let mut best: Option<(f32, Vec3)> = None;
    let discriminant = b * b - a * c;
    if discriminant > 0.0 && a.abs() > 1e-9 {
        let t = (-b - discriminant.sqrt()) / a;
        let y = o.y + t * d.y;
        if t > 0.0 && (0.0..=height).contains(&y) {
            let (x, z) = (o.x + t * d.x, o.z + t * d.z);
            best = Some((t, v(x, -slope * (low + slope * y), z).unit()));
        }
    }
    if d.y.abs() > 1e-6 {
        for (level, radius, normal) in [(height, high, v(0.0, 1.0, 0.0)), (0.0, low, v(0.0, -1.0, 0.0))] {
            let t = (level - o.y) / d.y;
            let (x, z) = (o.x + t * d.x, o.z + t * d.z);
            if normal.y * d.y < 0.0 && t > 0.0 && x * x + z * z < radius * radius && best.is_none_or(|hit| t < hit.0) {
                best = Some((t, normal));
            }
        }
    }
    best
}

fn hit_axle(half_width: f32, radius: f32, inner: f32, o: Vec3, d: Vec3) -> Option<(f32, Vec3)> {
    if d.x.abs() > 1e-6 {
        let side = if d.x > 0.0 { -1.0 } else { 1.0 };
        let t = (side * half_width - o.x) / d.x;
        let (y, z) = (o.y + t * d.y, o.z + t * d.z);
        let square = y * y + z * z;
        if t > 0.0 && square <= radius * radius && square >= inner * inner {
            return Some((t, v(side, 0.0, 0.0)));
        }
    }
    let (a, b) = (d.y * d.y + d.z * d.z, o.y * d.y + o.z * d.z);
    let discriminant = b * b - a * (o.y * o.y + o.z * o.z - radius * radius);
    if discriminant < 0.0 || a < 1e-9 {
        return None;
    }
    let root = discriminant.sqrt();
    // The near wall from outside; with an open wheel also the far wall, seen through the opening.
    for t in [(-b - root) / a, (-b + root) / a] {
        if t > 0.0 && (o.x + t * d.x).abs() <= half_width {
            let normal = v(0.0, o.y + t * d.y, o.z + t * d.z).unit();
            return Some((t, if normal.dot(d) > 0.0 { normal * -1.0 } else { normal }));
        }
        if inner <= 0.0 {
            break;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(shape: &Shape, origin: Vec3, direction: Vec3) -> Option<f32> {
        shape.hit(origin, direction, 1e6).map(|(t, _)| t)
    }

    #[test]
    fn a_ray_along_z_meets_every_solid_where_it_should() {
        let ahead = v(0.0, 0.0, 1.0);
        let start = v(0.0, 0.5, -10.0);
        let near = |shape: Shape| distance(&shape, start, ahead).expect("a hit");
        assert!((near(Shape::Block { low: v(-1.0, 0.0, 2.0), high: v(1.0, 1.0, 3.0) }) - 12.0).abs() < 1e-4);
        assert!((near(Shape::Ellipsoid { centre: v(0.0, 0.5, 0.0), radii: v(1.0, 1.0, 2.0) }) - 8.0).abs() < 1e-4);
        let rod = Shape::Capsule { from: v(0.0, 0.0, 0.0), to: v(0.0, 1.0, 0.0), radius: 0.25 };
        assert!((near(rod) - 9.75).abs() < 1e-4);
        let cone = Shape::Frustum { base: Vec3::default(), height: 1.0, radius_low: 1.0, radius_high: 0.0 };
        assert!((near(cone) - 9.5).abs() < 1e-4);
        let wheel = Shape::Axle { centre: v(0.0, 0.5, 0.0), half_width: 0.1, radius: 0.4, inner: 0.3 };
        assert!((near(wheel) - 9.6).abs() < 1e-4);
        let profile = [(-2.0, 0.0), (2.0, 0.0), (2.0, 1.0), (-2.0, 1.0)];
        assert!((near(Shape::extruded(&profile, 1.0, 0.0)) - 8.0).abs() < 1e-4);
    }

    #[test]
    fn an_open_wheel_lets_the_view_through_its_middle() {
        let wheel = Shape::Axle { centre: Vec3::default(), half_width: 0.02, radius: 0.4, inner: 0.3 };
        let sideways = v(1.0, 0.0, 0.0);
        assert!(distance(&wheel, v(-5.0, 0.0, 0.0), sideways).is_none());
        assert!(distance(&wheel, v(-5.0, 0.35, 0.0), sideways).is_some());
        assert!(distance(&wheel, v(-5.0, 0.45, 0.0), sideways).is_none());
    }
}
