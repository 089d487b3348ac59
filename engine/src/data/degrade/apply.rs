//! Which file carries out which degradation.

use super::image::Image;
use super::{beams, dead_lines, defocus, depth_holes, depth_quantisation, elements, event_noise, exposure, fog, glare};
use super::{blackout, low_resolution, misregistration, motion_blur, noise, occlusion, rain};
use super::{thermal_crossover, thermal_drift};
use crate::protocol::Degradation;
use crate::random::Streams;

/// Draws of one degradation of one sensor: the same at every severity.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    pub(super) streams: Streams,
    pub(super) sensor: String,
    /// A number of the scene's own.
    pub(super) scene: u64,
}

/// Whether distances decide what becomes of a pixel.
pub(super) fn needs_distances(kind: Degradation) -> bool {
    matches!(kind, Degradation::Fog | Degradation::Parallax)
}

/// Whether it is the sensor's own fault, and the same in every scene of the same streams. In training each scene has
/// streams of its own, and with them another faulty sensor.
fn is_of_the_sensor(kind: Degradation) -> bool {
    matches!(kind, Degradation::DeadLines | Degradation::ThermalDrift)
}

/// The image under a degradation of more than none. `distances` has a value a pixel, 0 near to 1 far, where
/// [`needs_distances`] says so.
pub(super) fn apply(image: &mut Image, kind: Degradation, severity: f32, draws: &Draws, distances: &[f32]) {
    let index = if is_of_the_sensor(kind) { 0 } else { draws.scene };
    let stream = |part: &str| draws.streams.stream(&format!("degrade.{}{part}.{}", kind.word(), draws.sensor), index);
    let random = &mut stream("");
    match kind {
        Degradation::OverExposure => exposure::over(image, severity),
        Degradation::UnderExposure => exposure::under(image, severity),
        Degradation::Noise => noise::noise(image, severity, random),
        Degradation::MotionBlur => motion_blur::motion_blur(image, severity, random),
        Degradation::Defocus => defocus::defocus(image, severity),
        Degradation::Fog => fog::fog(image, severity, distances),
        Degradation::Rain => rain::rain(image, severity, random),
        Degradation::Glare => glare::glare(image, severity, random),
        Degradation::LowResolution => low_resolution::low_resolution(image, severity),
        Degradation::DeadLines => dead_lines::dead_lines(image, severity, random),
        Degradation::ThermalDrift => thermal_drift::thermal_drift(image, severity, random),
        Degradation::ThermalCrossover => thermal_crossover::thermal_crossover(image, severity, random),
        Degradation::DepthHoles => depth_holes::depth_holes(image, severity, random),
        Degradation::DepthQuantisation => depth_quantisation::depth_quantisation(image, severity),
        Degradation::BeamLoss => beams::beam_loss(image, severity, random),
        Degradation::LidarJitter => beams::lidar_jitter(image, severity, random),
        Degradation::EventNoise => event_noise::event_noise(image, severity, random),
        Degradation::Shift => misregistration::shift(image, severity, random),
        Degradation::Scale => misregistration::scale(image, severity, random),
        Degradation::Rotation => misregistration::rotation(image, severity, random),
        Degradation::Parallax => misregistration::parallax(image, severity, distances, random),
        // Another scene's image, which whoever has the data set has put in place.
        Degradation::FrozenFrame => {}
        Degradation::Occlusion => occlusion::occlusion(image, severity, random),
        Degradation::ElementLoss => elements::element_loss(image, severity, random),
        Degradation::SaltAndPepper => elements::noisy(image, severity, random, &mut stream(".gauss")),
        Degradation::Blackout => blackout::blackout(image, severity),
    }
}
