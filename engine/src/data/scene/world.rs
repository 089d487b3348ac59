//! What stands in a scene, and what a ray meets first.

use super::arithmetic::noise3;
use super::class::Class;
use super::ground::Ground;
use super::material::Skin;
use super::shape::Shape;
use super::vector::{Vec3, v};
use super::weather::Weather;

/// A ray.
#[derive(Clone, Copy, Debug)]
pub struct Ray {
    /// Where it starts.
    pub origin: Vec3,
    /// Unit length.
    pub direction: Vec3,
    /// Seconds after the exposure: moving objects have moved on.
    pub time: f32,
}

/// What counts as solid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gaze {
    /// Light: passes through holes in foliage and between spokes.
    Light,
    /// An annotator, who outlines a tree crown or a wheel as a whole.
    Outline,
}

/// One solid with its class and what it is made of.
#[derive(Clone, Debug)]
pub struct Part {
    /// In the local frame of the object.
    pub shape: Shape,
    /// Decides colour and heat.
    pub skin: Skin,
    /// The label.
    pub class: Class,
}

/// Parts that stand and move together.
#[derive(Clone, Debug)]
pub struct Object {
    /// The local origin, in the world.
    pub origin: Vec3,
    /// The local z axis, in the world; level, unit length.
    pub forward: Vec3,
    /// Metres a second.
    pub velocity: Vec3,
    /// What it is made of.
    pub parts: Vec<Part>,
    centre: Vec3,
    radius: f32,
}

impl Object {
    /// An object of `parts` at `origin`, facing `forward`.
    pub fn new(origin: Vec3, forward: Vec3, velocity: Vec3, parts: Vec<Part>) -> Self {
        let (mut low, mut high) = (Vec3::all(f32::MAX), Vec3::all(f32::MIN));
        for part in &parts {
            let bounds = part.shape.bounds();
            low = low.min(bounds.0);
            high = high.max(bounds.1);
        }
        let mut object = Self { origin, forward, velocity, parts, centre: origin, radius: (high - low).length() * 0.5 };
        object.centre = origin + object.world_from_local((low + high) * 0.5);
        object
    }

    /// The centre of a sphere around the object at `time`.
    pub fn centre_at(&self, time: f32) -> Vec3 {
        self.centre + self.velocity * time
    }

    /// The radius of that sphere.
    pub fn radius(&self) -> f32 {
        self.radius
    }

    /// A direction, turned into the local frame.
    pub fn local_from_world(&self, direction: Vec3) -> Vec3 {
        let f = self.forward;
        v(direction.x * f.z - direction.z * f.x, direction.y, direction.x * f.x + direction.z * f.z)
    }

    /// A direction, turned into the world's frame.
    pub fn world_from_local(&self, direction: Vec3) -> Vec3 {
        let f = self.forward;
        v(direction.x * f.z + direction.z * f.x, direction.y, direction.z * f.z - direction.x * f.x)
    }
}

/// A light that shines at night.
#[derive(Clone, Copy, Debug)]
pub struct Lamp {
    /// Where it is.
    pub position: Vec3,
    /// Linear colour times strength at one metre.
    pub colour: Vec3,
    /// Headlights shine ahead; a street lamp shines down.
    pub beam: Option<Vec3>,
    /// Metres a second.
    pub velocity: Vec3,
    /// How strongly it dazzles the camera that looks into it.
    pub glare: f32,
}

/// A dark soft patch under something that stands close to the ground.
#[derive(Clone, Copy, Debug)]
pub struct Contact {
    /// The middle of the patch.
    pub position: Vec3,
    /// Metres a second.
    pub velocity: Vec3,
    /// Its long axis.
    pub forward: Vec3,
    /// Half of its width and length.
    pub half: (f32, f32),
    /// Share of the sky's light that it takes.
    pub shade: f32,
    /// Kelvin that it adds to the ground: the engine of a running car.
    pub heat: f32,
}

/// What a ray met.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// Distance along the ray, metres.
    pub t: f32,
    /// Unit normal in the world.
    pub normal: Vec3,
    /// The point in the object's frame; in the world's for the ground.
    pub local: Vec3,
    /// The normal in the object's frame.
    pub local_normal: Vec3,
    /// Object and part, `None` for the ground.
    pub part: Option<(u16, u16)>,
}

/// A whole scene.
#[derive(Clone, Debug)]
pub struct World {
    /// Road, pavement and lawns.
    pub ground: Ground,
    /// Everything that stands on it.
    pub objects: Vec<Object>,
    /// Lamps and headlights, lit at night.
    pub lamps: Vec<Lamp>,
    /// Contact shadows.
    pub contacts: Vec<Contact>,
    /// Light and warmth of the hour.
    pub weather: Weather,
}

impl World {
    /// The part of a hit.
    pub fn part(&self, (object, part): (u16, u16)) -> &Part {
        &self.objects[object as usize].parts[part as usize]
    }

    /// The first thing that `ray` meets among the ground and the objects named in `candidates`.
    pub fn closest(&self, ray: Ray, gaze: Gaze, candidates: &[u16]) -> Option<Hit> {
        let up = v(0.0, 1.0, 0.0);
        let mut best = None;
        let mut limit = 400.0;
        if ray.direction.y < -1e-5 {
            let t = -ray.origin.y / ray.direction.y;
            if t < limit {
                limit = t;
                let local = ray.origin + ray.direction * t;
                best = Some(Hit { t, normal: up, local, local_normal: up, part: None });
            }
        }
        for &index in candidates {
            let object = &self.objects[index as usize];
            let Some((origin, direction)) = enter(object, ray, limit) else { continue };
            for (number, part) in object.parts.iter().enumerate() {
                let Some((t, local_normal)) = part.shape.hit(origin, direction, limit) else { continue };
                let local = origin + direction * t;
                if gaze == Gaze::Light && is_hole(&part.skin, local) {
                    continue;
                }
                limit = t;
                best = Some(Hit { t, normal: local_normal, local, local_normal, part: Some((index, number as u16)) });
            }
        }
        if let Some(hit) = &mut best
            && let Some((object, _)) = hit.part
        {
            hit.normal = self.objects[object as usize].world_from_local(hit.local_normal);
        }
        best
    }

    /// Whether anything stands between the start of `ray` and the point `reach` metres along it.
    pub fn is_blocked(&self, ray: Ray, reach: f32) -> bool {
        self.objects.iter().any(|object| {
            enter(object, ray, reach).is_some_and(|(origin, direction)| {
                object.parts.iter().any(|part| {
                    part.skin.casts_shadow()
                        && part
                            .shape
                            .hit(origin, direction, reach)
                            .is_some_and(|(t, _)| !is_hole(&part.skin, origin + direction * t))
                })
            })
        })
    }

    /// Share of the sky's light left on the ground at `point`, and the warmth that engines add there.
    pub fn contact(&self, point: Vec3, time: f32) -> (f32, f32) {
        let (mut light, mut heat) = (1.0, 0.0);
        for contact in &self.contacts {
            let away = point - (contact.position + contact.velocity * time);
            let reach = contact.half.0.max(contact.half.1) + 0.8;
            if away.x.abs() > reach || away.z.abs() > reach {
                continue;
            }
            let f = contact.forward;
            let side = ((away.x * f.z - away.z * f.x).abs() - contact.half.0).max(0.0);
            let along = ((away.x * f.x + away.z * f.z).abs() - contact.half.1).max(0.0);
            let fade = (1.0 - (side * side + along * along) / 0.36).max(0.0);
            light *= 1.0 - contact.shade * fade * fade;
            heat += contact.heat * fade;
        }
        (light, heat)
    }
}

/// The ray in the object's frame, when it comes within the object's sphere before `limit`.
fn enter(object: &Object, ray: Ray, limit: f32) -> Option<(Vec3, Vec3)> {
    let shift = object.velocity * ray.time;
    let to_centre = object.centre + shift - ray.origin;
    let along = to_centre.dot(ray.direction);
    let square = to_centre.dot(to_centre);
    let radius_square = object.radius * object.radius;
    if square - along * along > radius_square || along < -object.radius || along - object.radius > limit {
        return None;
    }
    let origin = object.local_from_world(ray.origin - object.origin - shift);
    Some((origin, object.local_from_world(ray.direction)))
}

/// Whether foliage or spokes leave a gap at this point.
fn is_hole(skin: &Skin, p: Vec3) -> bool {
    match *skin {
        Skin::Leaves { gaps, salt, .. } => gaps > 0.0 && noise3(p.x * 3.1, p.y * 3.1, p.z * 3.1, salt) < gaps,
        Skin::Spokes => {
            // Spokes run along lines through the hub: close to one of eight directions.
            let (y, z) = (p.y - 0.34, p.z - if p.z > 0.0 { 0.52 } else { -0.52 });
            let near = |a: f32| a.abs() < 0.010;
            !(near(y) || near(z) || near((y - z) * 0.707) || near((y + z) * 0.707))
        }
        _ => false,
    }
}
