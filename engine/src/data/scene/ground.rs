//! The ground: a gently bending street with pavements, lawns, crossings, markings and perhaps a side street.

use super::arithmetic::{lattice, mix, noise2, smooth};
use super::class::Class;
use super::vector::{Vec3, v};

/// What lies beyond the pavement on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verge {
    /// Pavement up to the house walls.
    Paved,
    /// Front gardens or a park.
    Grass,
}

/// The street plan. `u` is the distance to the street's middle line, positive to the right.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The middle line is at x = bend · z².
    pub bend: f32,
    /// Half of the road's width.
    pub half_road: f32,
    /// Width of each pavement.
    pub pavement: f32,
    /// Left and right of the pavements.
    pub verges: [Verge; 2],
    /// Middle and half width of a side street, in z.
    pub side_street: Option<(f32, f32)>,
    /// Where zebra crossings begin, in z; each is 3 m deep.
    pub zebras: Vec<f32>,
    /// Dashed middle line, solid edge lines.
    pub lines: (bool, bool),
    /// Depth of the strip of parking bays on each side; 0 for none.
    pub bays: f32,
    /// Linear colours of asphalt, slabs and grass.
    pub paints: [Vec3; 3],
    /// Size of a paving slab, metres.
    pub slab: f32,
    /// Noise salt.
    pub salt: u32,
}

impl Ground {
    /// Distance to the middle line.
    pub fn across(&self, x: f32, z: f32) -> f32 {
        x - self.bend * z * z
    }

    /// The point `u` metres beside the middle line at `z`.
    pub fn point(&self, u: f32, z: f32) -> Vec3 {
        v(u + self.bend * z * z, 0.0, z)
    }

    /// The direction of the street at `z`.
    pub fn heading(&self, z: f32) -> Vec3 {
        v(2.0 * self.bend * z, 0.0, 1.0).unit()
    }

    /// Whether the side street (with its pavements) passes here.
    pub fn is_open(&self, z: f32, margin: f32) -> bool {
        self.side_street.is_some_and(|(middle, half)| (z - middle).abs() < half + self.pavement + margin)
    }

    /// Signed distances beyond the kerb and beyond the pavement's far edge: negative means inside.
    fn distances(&self, x: f32, z: f32) -> (f32, f32, f32) {
        let u = self.across(x, z);
        let mut road = u.abs() - self.half_road;
        let mut paved = road - self.pavement;
        if let Some((middle, half)) = self.side_street {
            let beside = (z - middle).abs() - half;
            road = road.min(beside);
            paved = paved.min(beside - self.pavement);
        }
        (u, road, paved)
    }

    /// The label of the ground at a point.
    pub fn class(&self, x: f32, z: f32) -> Class {
        let (u, road, paved) = self.distances(x, z);
        if road < 0.0 {
            Class::Road
        } else if paved < 0.0 || self.verges[usize::from(u > 0.0)] == Verge::Paved {
            Class::Sidewalk
        } else {
            Class::Vegetation
        }
    }

    /// Linear colour of the ground at a point that one pixel covers `blur` metres of.
    pub fn albedo(&self, x: f32, z: f32, blur: f32) -> Vec3 {
        let (u, road, paved) = self.distances(x, z);
        let [asphalt, slabs, grass] = self.paints;
        let detail = 1.0 / (1.0 + blur * blur * 60.0);
        let stains = noise2(x * 0.35, z * 0.35, self.salt);
        if road < 0.0 {
            return self.road_albedo(x, z, u, road, asphalt, stains, detail);
        }
        if paved < 0.0 || self.verges[usize::from(u > 0.0)] == Verge::Paved {
            if road < 0.16 {
                return slabs * 1.25;
            }
            let (i, j) = ((x / self.slab).floor(), (z / self.slab).floor());
            let (a, b) = (x / self.slab - i, z / self.slab - j);
            let gap = if a < 0.06 || b < 0.06 { 0.25 * detail } else { 0.0 };
            let tone = 0.22 * (lattice(i as i32, j as i32, 3, self.salt) - 0.5) * detail;
            return slabs * (0.92 + 0.16 * stains + tone - gap);
        }
        let tufts = noise2(x * 2.3, z * 2.3, self.salt ^ 5) - 0.5;
        let blades = (lattice((x * 9.0).floor() as i32, (z * 9.0).floor() as i32, 4, self.salt) - 0.5) * detail;
        let dry = smooth(0.55, 0.9, stains);
        grass.mix(v(0.20, 0.19, 0.07), dry * 0.5) * (1.0 + 0.5 * tufts + 0.4 * blades)
    }

    #[allow(clippy::too_many_arguments, reason = "one private step of `albedo`, split off for its length")]
    fn road_albedo(&self, x: f32, z: f32, u: f32, road: f32, asphalt: Vec3, stains: f32, detail: f32) -> Vec3 {
        let paint = v(0.62, 0.62, 0.58);
        let on_side_street = self.side_street.is_some_and(|(middle, half)| (z - middle).abs() < half);
        let worn = 0.75 + 0.25 * noise2(x * 3.0, z * 3.0, self.salt ^ 9);
        if !on_side_street {
            for &start in &self.zebras {
                let bar = (u + 60.0) % 1.0;
                if z > start && z < start + 3.0 && bar < 0.5 && road < -0.35 {
                    return paint * worn;
                }
                if z > start - 1.3 && z < start - 0.9 && u > 0.2 && road < -0.2 {
                    return paint * worn;
                }
            }
            let at_zebra = self.zebras.iter().any(|&start| z > start - 2.0 && z < start + 4.0);
            let lane_edge = self.half_road - self.bays;
            if !at_zebra {
                if self.lines.0 && u.abs() < 0.08 && (z + 600.0) % 6.0 < 3.2 {
                    return paint * worn;
                }
                if self.lines.1 && (u.abs() - lane_edge + 0.25).abs() < 0.06 {
                    return paint * worn;
                }
                if self.bays > 0.0 && u.abs() > lane_edge {
                    let slot = (z + 600.0) % 5.6;
                    if slot < 0.12 || (u.abs() - lane_edge).abs() < 0.06 {
                        return paint * worn;
                    }
                    return asphalt * (1.18 + 0.1 * stains);
                }
            }
        }
        let patch = lattice((x / 2.6).floor() as i32, (z / 4.1).floor() as i32, 2, self.salt);
        let repaired = if patch > 0.9 { -0.2 } else { 0.0 };
        let seam = noise2(x * 0.8, z * 0.8, self.salt ^ 3);
        let crack = if (seam - 0.5).abs() < 0.012 { -0.25 * detail } else { 0.0 };
        let grain = (lattice((x * 22.0).floor() as i32, (z * 22.0).floor() as i32, 1, self.salt) - 0.5) * 0.3 * detail;
        let tracks = 0.10 * smooth(0.5, 0.0, ((u.abs() - self.half_road * 0.5).abs() - 0.75).abs());
        let (cx, cz) = ((u + 1.1 + 30.0) % 7.0 - 3.5, (z + 5.0) % 13.0 - 6.5);
        let cover = if cx * cx + cz * cz < 0.1 { -0.4 } else { 0.0 };
        asphalt * (mix(0.82, 1.14, stains) + repaired + crack + grain - tracks + cover)
    }
}
