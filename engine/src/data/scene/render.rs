//! One scene through all sensors.

use rayon::prelude::*;

use super::arithmetic::Dice;
use super::camera::{Camera, Candidates, View};
use super::class::Class;
use super::light::{own_headlights, radiance};
use super::settings::{SceneSettings, is_night, scene_id};
use super::street::compose;
use super::vector::Vec3;
use super::weather::Weather;
use super::world::{Gaze, World};
use super::{colour, depth, event, lidar, thermal};
use crate::random::Streams;

/// The images of one scene, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// For example `0007-night`.
    pub id: String,
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Red, green, blue, interleaved.
    pub colour: Vec<u8>,
    /// °C = value / 4 − 20.
    pub thermal: Vec<u8>,
    /// What the thermal sensor would see of a day scene in some night: what a perfect translation of images from day to
    /// night would make of [`Scene::thermal`]. Empty for a night.
    pub thermal_night: Vec<u8>,
    /// Metres = value / 256; 0 is a hole.
    pub depth: Vec<u16>,
    /// Metres = value / 256; 0 is no return.
    pub lidar: Vec<u16>,
    /// 128 is no event, 42 a step.
    pub event: Vec<u8>,
    /// Class ids.
    pub label: Vec<u8>,
}

/// Renders scene `index` of a split: the same bytes on every machine.
pub fn render(settings: &SceneSettings, split: &str, index: usize) -> Scene {
    let streams = Streams::new(settings.seed);
    let night = is_night(index);
    let mut dice = Dice::new(streams.stream(&format!("scene {split}"), index as u64));
    let (mut world, camera) = compose(night, &mut dice);
    if night {
        let velocity = camera.forward * camera.speed;
        world.lamps.extend(own_headlights(camera.origin, camera.forward, velocity));
    }
    let (width, height) = (settings.width, settings.height);
    let sensor = |name: &str| Dice::new(streams.stream(&format!("{name} {split}"), index as u64));

    let view = camera.view(width, height, 0.0);
    let candidates = view.candidates(&world);
    let light = picture(&world, &view, &candidates, width, height);
    let centre = centre_samples(&world, &view, &candidates, width, height);
    let brightness = |picture: &[Vec3]| picture.iter().map(|c| c.luminance()).collect::<Vec<f32>>();
    let thermal_night = if night {
        Vec::new()
    } else {
        let weather = Weather::throw(true, &mut sensor("weather by night"));
        let hours_later = World { weather, ..world.clone() };
        let temperatures = centre_samples(&hours_later, &view, &candidates, width, height).temperatures;
        thermal::develop(&temperatures, width, &mut sensor("thermal by night"))
    };
    let texture = texture_of(&brightness(&light), width, if night { 0.012 } else { 0.05 });

    Scene {
        id: scene_id(index),
        width,
        height,
        colour: colour::develop(&world, &view, &light, width, &mut sensor("colour")),
        thermal: thermal::develop(&centre.temperatures, width, &mut sensor("thermal")),
        thermal_night,
        depth: depth::develop(&centre.distances, &texture, width, view.focal, &mut sensor("depth")),
        lidar: lidar::scan(&world, &camera, width, height, &mut sensor("lidar")),
        event: events(&world, &camera, &brightness(&light), width, height, night, &mut sensor("event")),
        label: centre.labels,
    }
}

/// Linear radiance, four samples a pixel.
fn picture(world: &World, view: &View, candidates: &Candidates, width: usize, height: usize) -> Vec<Vec3> {
    let samples = [(0.375, 0.125), (0.875, 0.375), (0.125, 0.625), (0.625, 0.875)];
    let pixel = |index: usize| {
        let (x, y) = (index % width, index / width);
        let near = candidates.at(x, y);
        samples.iter().fold(Vec3::default(), |sum, (dx, dy)| {
            let light = radiance(world, view.ray(x as f32 + dx, y as f32 + dy), near, view.focal);
            sum + light * 0.25
        })
    };
    (0..width * height).into_par_iter().with_min_len(width).map(pixel).collect()
}

/// What the ray through each pixel's middle finds.
struct CentreSamples {
    labels: Vec<u8>,
    distances: Vec<f32>,
    temperatures: Vec<f32>,
}

fn centre_samples(world: &World, view: &View, candidates: &Candidates, width: usize, height: usize) -> CentreSamples {
    let pixel = |index: usize| {
        let (x, y) = (index % width, index / width);
        let near = candidates.at(x, y);
        let ray = view.ray(x as f32 + 0.5, y as f32 + 0.5);
        let outline = world.closest(ray, Gaze::Outline, near);
        let label = outline.map_or(Class::Sky, |hit| {
            if let Some(address) = hit.part {
                return world.part(address).class;
            }
            let point = ray.origin + ray.direction * hit.t;
            world.ground.class(point.x, point.z)
        });
        let hit = world.closest(ray, Gaze::Light, near);
        let distance = hit.map_or(0.0, |hit| view.depth(ray, hit.t));
        (label as u8, distance, thermal::apparent(world, ray, hit.as_ref()))
    };
    let found: Vec<(u8, f32, f32)> = (0..width * height).into_par_iter().with_min_len(width).map(pixel).collect();
    CentreSamples {
        labels: found.iter().map(|f| f.0).collect(),
        distances: found.iter().map(|f| f.1).collect(),
        temperatures: found.iter().map(|f| f.2).collect(),
    }
}

/// How well stereo matching works at each pixel: local contrast against the sensor's noise, 0 to 1.
fn texture_of(brightness: &[f32], width: usize, noise: f32) -> Vec<f32> {
    let height = brightness.len() / width;
    let at = |x: usize, y: usize| brightness[y.min(height - 1) * width + x.min(width - 1)];
    let contrast = |index: usize| {
        let (x, y) = (index % width, index / width);
        let mut spread = 0.0_f32;
        for (dx, dy) in [(1, 0), (0, 1), (2, 0), (0, 2), (1, 1)] {
            let before = at(x.saturating_sub(dx), y.saturating_sub(dy));
            spread = spread.max((at(x + dx, y + dy) - before).abs());
        }
        (spread / noise).min(1.0)
    };
    (0..brightness.len()).map(contrast).collect()
}

fn events(
    world: &World,
    camera: &Camera,
    before: &[f32],
    width: usize,
    height: usize,
    night: bool,
    dice: &mut Dice,
) -> Vec<u8> {
    let view = camera.view(width, height, event::INTERVAL_SECS);
    let candidates = view.candidates(world);
    let after = picture(world, &view, &candidates, width, height);
    let after: Vec<f32> = after.iter().map(|c| c.luminance()).collect();
    event::develop(before, &after, night, dice)
}
