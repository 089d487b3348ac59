//! The pinhole camera that all sensors share, so that their images are registered.

use super::vector::{Vec3, v};
use super::world::{Ray, World};

/// Pixels along one side of the tiles for which candidate objects are listed.
const TILE: usize = 10;

/// Where the camera is, where it looks and how it moves.
#[derive(Clone, Copy, Debug)]
pub struct Camera {
    /// The pinhole.
    pub origin: Vec3,
    /// Level viewing direction.
    pub forward: Vec3,
    /// Tangent of the upward tilt.
    pub pitch: f32,
    /// Metres a second along `forward`.
    pub speed: f32,
    /// Tangent of the turn to the right in one second.
    pub turn: f32,
}

/// A camera at one moment, for one image size.
#[derive(Clone, Copy, Debug)]
pub struct View {
    origin: Vec3,
    right: Vec3,
    up: Vec3,
    ahead: Vec3,
    width: usize,
    height: usize,
    /// Focal length in pixels.
    pub focal: f32,
    time: f32,
}

impl Camera {
    /// A camera at `origin`.
    pub fn new(origin: Vec3, forward: Vec3, pitch: f32, speed: f32, turn: f32) -> Self {
        Self { origin, forward, pitch, speed, turn }
    }

    /// The view `time` seconds after the exposure.
    pub fn view(&self, width: usize, height: usize, time: f32) -> View {
        let f = self.forward;
        let right = v(f.z, 0.0, -f.x);
        let level = (f + right * (self.turn * time)).unit();
        let ahead = (level + v(0.0, self.pitch, 0.0)).unit();
        let right = v(level.z, 0.0, -level.x);
        let up = ahead.cross(right);
        let focal = 0.80 * width as f32;
        View { origin: self.origin + f * (self.speed * time), right, up, ahead, width, height, focal, time }
    }
}

impl View {
    /// The ray through image position (x, y), in pixels from the upper left corner.
    pub fn ray(&self, x: f32, y: f32) -> Ray {
        let a = (x - self.width as f32 * 0.5) / self.focal;
        let b = (self.height as f32 * 0.5 - y) / self.focal;
        let direction = (self.ahead + self.right * a + self.up * b).unit();
        Ray { origin: self.origin, direction, time: self.time }
    }

    /// Image position and distance along the viewing direction of a point in front of the camera.
    pub fn project(&self, point: Vec3) -> Option<(f32, f32, f32)> {
        let away = point - self.origin;
        let depth = away.dot(self.ahead);
        if depth < 0.1 {
            return None;
        }
        let x = self.width as f32 * 0.5 + self.focal * away.dot(self.right) / depth;
        let y = self.height as f32 * 0.5 - self.focal * away.dot(self.up) / depth;
        Some((x, y, depth))
    }

    /// Distance along the viewing direction of a point `t` metres along `ray`.
    pub fn depth(&self, ray: Ray, t: f32) -> f32 {
        ray.direction.dot(self.ahead) * t
    }

    /// For each tile of the image the objects that may be seen in it.
    pub fn candidates(&self, world: &World) -> Candidates {
        let (columns, rows) = (self.width.div_ceil(TILE), self.height.div_ceil(TILE));
        let mut lists = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let middle = |index: usize| (index as f32 + 0.5) * TILE as f32;
                let axis = self.ray(middle(column), middle(row)).direction;
                // Half the tile's diagonal, generously, as the tangent of a cone around its middle.
                let tangent = 0.75 * TILE as f32 / self.focal;
                let widen = (1.0 + tangent * tangent).sqrt();
                let list = world.objects.iter().enumerate().filter(|(_, object)| {
                    let away = object.centre_at(self.time) - self.origin;
                    let along = away.dot(axis);
                    let beside = (away - axis * along).length();
                    beside <= tangent * along.max(0.0) + object.radius() * widen && along > -object.radius()
                });
                lists.push(list.map(|(index, _)| index as u16).collect());
            }
        }
        Candidates { columns, lists }
    }
}

/// Objects that may be seen, tile by tile.
pub struct Candidates {
    columns: usize,
    lists: Vec<Vec<u16>>,
}

impl Candidates {
    /// The objects that may be seen in a pixel.
    pub fn at(&self, x: usize, y: usize) -> &[u16] {
        &self.lists[(y / TILE) * self.columns + x / TILE]
    }
}
